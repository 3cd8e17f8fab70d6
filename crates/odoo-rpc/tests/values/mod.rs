//! Made up values, the same ones in every run.

use std::collections::BTreeSet;

use odoo_rpc::wire::{Struct, Value};

/// What texts are made of: letters of several scripts, combining marks, emoji, markup, white space, line ends.
const PIECES: [&str; 40] = [
    "Asha",
    "Ravi",
    "O'Brien",
    "José",
    "e\u{301}",
    "आशा",
    "ெ",
    "李",
    "🙂",
    "👩\u{200d}⚕\u{fe0f}",
    "👍🏽",
    "\u{202e}abc",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "]]>",
    "<![CDATA[",
    "-->",
    "&amp;",
    "&#13;",
    "<value>",
    "</string>",
    "<?x?>",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\n\r",
    "\u{a0}",
    "\u{2028}",
    "\u{85}",
    "\u{7f}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "0",
];

const DOUBLES: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.1,
    1e16,
    1e15,
    123_456_789.123,
    5e-324,
    f64::MAX,
    f64::MIN_POSITIVE,
    1e-5,
    0.000_1,
    9_007_199_254_740_993.0,
];

/// Makes values one after another.
pub(crate) struct Values {
    state: u64,
}

impl Values {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn value(&mut self) -> Value {
        self.nested(4)
    }

    fn nested(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 9 } else { 14 }) {
            0 => Value::Nil,
            1 => Value::Bool(self.below(2) == 1),
            2 => Value::Int(self.short_int()),
            // One in eight: documents with a longer one are compared in one direction alone.
            3 if self.below(8) == 0 => Value::Int(self.next() as i64),
            3 => Value::Int([0, -1, i32::MAX.into(), i32::MIN.into()][self.below(4)]),
            4 => Value::Double(self.double()),
            5 => Value::DateTime(format!(
                "{}{:02}{:02}T10:20:30",
                1900 + self.below(200),
                1 + self.below(12),
                1 + self.below(28)
            )),
            6 => Value::Base64((0..self.below(100)).map(|_| self.next() as u8).collect()),
            7 | 8 => Value::Text(self.text()),
            9..12 => Value::Array((0..self.below(6)).map(|_| self.nested(depth - 1)).collect()),
            _ => {
                let names: BTreeSet<String> = (0..self.below(6)).map(|_| self.name()).collect();
                Value::Struct(
                    names.iter().map(|name| (name.as_str(), self.nested(depth - 1))).collect::<Struct>(),
                )
            }
        }
    }

    pub(crate) fn short_int(&mut self) -> i64 {
        i64::from(self.next() as i32)
    }

    fn double(&mut self) -> f64 {
        if self.below(2) == 0 {
            return DOUBLES[self.below(DOUBLES.len())];
        }
        let any = f64::from_bits(self.next());
        if any.is_finite() { any } else { 0.5 }
    }

    pub(crate) fn text(&mut self) -> String {
        (0..self.below(8)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    /// Without carriage returns, which would make two names one.
    fn name(&mut self) -> String {
        let text = self.text().replace('\r', "");
        if text.trim().is_empty() { format!("x_{}", self.below(100)) } else { text }
    }
}
