//! What a field is made from: rules, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::draft::Missing;
use crate::name::{EntityName, FieldName, ModelName};
use crate::spec::constant;
use crate::spec::template::Template;
use crate::spec::when::When;
use crate::value::Value;

/// How one value is made from a record. In TOML a rule is a table with one of the words below as its key, or, to copy, the
/// field's name alone. The TOML form of each stands at its variant.
///
/// Where a rule says `of`, `from` or the like, a field's name may stand, or another rule: `{ date = { split = "visit" } }`.
/// Names that begin with `@` are about the record itself: `@id`, `@entity`, `@file`, `@line`.
///
/// A blank input (null, or text without a visible character) makes a blank value, and no flag, in every rule.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// The field as it is. `"name"`, or `{ copy = "name" }`.
    Copy(FieldName),
    /// The same for every record. `{ constant = true }`.
    Constant(Value),
    /// Several texts in one, blank ones left out. `{ join = ["first", "last"] }`, `separator = ", "` (a space where not given).
    Join {
        /// The parts.
        of: Vec<Rule>,
        /// What stands between two parts.
        separator: String,
    },
    /// A piece of a text. `{ split = "name", take = "first" }`, `separator = ","` (white space where not given).
    Split {
        /// The text.
        of: Box<Rule>,
        /// What stands between two pieces; white space of any length where not given.
        separator: Option<String>,
        /// Which piece.
        take: Take,
    },
    /// One value for another. `{ map = "status", values = { done = "Completed" } }`.
    Map(MapRule),
    /// A day. `{ date = "born", formats = ["%d/%m/%Y"] }`.
    Date(TimeRule),
    /// A point in time. `{ instant = "when", formats = ["%d/%m/%Y %H:%M"], zone = "Asia/Kolkata" }`.
    Instant(TimeRule),
    /// A number with a fraction. `{ number = "amount" }`.
    Number(NumberRule),
    /// A whole number. `{ integer = "visits" }`; a fraction is unknown to it.
    Integer(NumberRule),
    /// True or false by words. `{ boolean = "active" }`.
    Boolean(BooleanRule),
    /// What another record of the source became. `{ link = "patient", from = "patient_id" }`.
    Link(LinkRule),
    /// What the destination has already. `{ lookup = "res.users", by = "login", from = "physician_email" }`.
    Lookup(LookupRule),
    /// A text with fields in it. `{ template = "{name}[ ({born})]" }`: `{name}` is a field; what stands in `[` and `]` is left out
    /// when a field in it is blank; a doubled brace or bracket stands for one. Without any field filled it is blank.
    Template {
        /// The text.
        text: String,
        /// Names that stand for rules instead of fields. `parts = { born = { date = "dob" } }`.
        parts: BTreeMap<String, Rule>,
    },
    /// A line for each value that is not blank. `{ lines = [{ label = "Diagnosis", value = "diagnosis" }, "notes"] }`.
    Lines(Vec<Line>),
    /// Text that is JSON, and lists and maps, as lines a person reads; other text as it is. `{ flatten = "allergy_notes" }`.
    Flatten(Box<Rule>),
    /// A file for a field that takes one: text as a file of text, a file of the source as it is, under another name. `{ file = { lines =
    /// ["drug", "dose"] }, name = { template = "{day} {physician}" } }`, or, where some have a file already, `{ file = { first_of =
    /// ["pdf", { lines = ["drug", "dose"] }] }, name = "number" }`. Without any text there is no file.
    ///
    /// Names are made safe on every system: what no name may have becomes `_`, long ones are cut to 200 bytes before the ending, and all
    /// other letters stay, in whatever script. A text's name ends in `.txt`, a file's in what it ended in. A blank name becomes the
    /// record's entity and id. [A whole draft](crate::spec#a-text-as-a-file).
    File {
        /// The text, or the file.
        of: Box<Rule>,
        /// What it is to be called.
        name: Box<Rule>,
    },
    /// All values that are not blank, as a list. `{ list = ["phone", "mobile"] }`.
    List(Vec<Rule>),
    /// The first value that is not blank. `{ first_of = ["mobile", "phone"] }`.
    FirstOf(Vec<Rule>),
    /// What a function in code makes of values. `{ call = "age_group", from = ["born"] }`, given to the
    /// [`Compiler`](crate::spec::compile::Compiler) under that name.
    Call {
        /// The function's name.
        function: String,
        /// What it is given.
        from: Vec<Rule>,
    },
    /// A rule for some records. `when = { present = "email" }` beside any other rule. Elsewhere its value is blank; where it is the
    /// whole rule of a field, the field is left out of the draft.
    If {
        /// For which.
        when: When,
        /// The rule.
        then: Box<Rule>,
    },
}

impl Rule {
    /// A field as it is.
    pub fn copy(field: impl Into<FieldName>) -> Self {
        Self::Copy(field.into())
    }

    /// The same value for every record.
    pub fn constant(value: impl Into<Value>) -> Self {
        Self::Constant(value.into())
    }

    /// This rule for some records alone.
    #[must_use]
    pub fn when(self, when: When) -> Self {
        Self::If { when, then: Box::new(self) }
    }

    /// Every field that it reads, as often as it does. What begins with `@` is about the record itself.
    #[must_use]
    pub fn reads(&self) -> Vec<FieldName> {
        let mut fields = Vec::new();
        self.visit(&mut |rule| match rule {
            Self::Copy(field) => fields.push(field.clone()),
            Self::If { when, .. } => fields.extend(when.reads().into_iter().cloned()),
            Self::Template { text, parts } => {
                let template = Template::parse(text);
                let names = template.iter().flat_map(Template::names);
                fields.extend(names.filter(|name| !parts.contains_key(name.as_str())).cloned());
            }
            _ => {}
        });
        fields
    }

    /// The look-up, if it is one.
    pub(crate) fn as_lookup(&self) -> Option<&LookupRule> {
        match self {
            Self::Lookup(lookup) => Some(lookup),
            _ => None,
        }
    }

    /// Shows it, and every rule in it, to `see`.
    pub(crate) fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Copy(_) | Self::Constant(_) => {}
            Self::Join { of, .. } | Self::List(of) | Self::FirstOf(of) | Self::Call { from: of, .. } => {
                of.iter().for_each(|rule| rule.visit(see));
            }
            Self::Split { of, .. } | Self::Flatten(of) | Self::If { then: of, .. } => of.visit(see),
            Self::Map(MapRule { of, .. })
            | Self::Date(TimeRule { of, .. })
            | Self::Instant(TimeRule { of, .. })
            | Self::Number(NumberRule { of, .. })
            | Self::Integer(NumberRule { of, .. })
            | Self::Boolean(BooleanRule { of, .. })
            | Self::Link(LinkRule { of, .. })
            | Self::Lookup(LookupRule { of, .. }) => of.visit(see),
            Self::Template { parts, .. } => parts.values().for_each(|rule| rule.visit(see)),
            Self::File { of, name } => {
                of.visit(see);
                name.visit(see);
            }
            Self::Lines(lines) => lines.iter().for_each(|line| line.value.visit(see)),
        }
    }
}

impl From<&str> for Rule {
    fn from(field: &str) -> Self {
        Self::copy(field)
    }
}

/// Which piece of a text that is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "TakeWord", into = "TakeWord")]
#[non_exhaustive]
pub enum Take {
    /// `"first"`.
    #[default]
    First,
    /// `"last"`.
    Last,
    /// `"rest"`: all that stands after the first, as it was written.
    Rest,
    /// `"all"`: every piece, as a list.
    All,
    /// A number: the piece of that number, counted from 1.
    Nth(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "`take` is \"first\", \"last\", \"rest\", \"all\", or a number from 1")]
enum TakeWord {
    Nth(u32),
    Word(std::borrow::Cow<'static, str>),
}

impl TryFrom<TakeWord> for Take {
    type Error = &'static str;

    fn try_from(word: TakeWord) -> Result<Self, Self::Error> {
        match word {
            TakeWord::Nth(number) if number > 0 => Ok(Self::Nth(number)),
            TakeWord::Nth(_) => Err("pieces are counted from 1"),
            TakeWord::Word(word) => match &*word {
                "first" => Ok(Self::First),
                "last" => Ok(Self::Last),
                "rest" => Ok(Self::Rest),
                "all" => Ok(Self::All),
                _ => Err("`take` is \"first\", \"last\", \"rest\", \"all\", or a number from 1"),
            },
        }
    }
}

impl From<Take> for TakeWord {
    fn from(take: Take) -> Self {
        match take {
            Take::First => Self::Word("first".into()),
            Take::Last => Self::Word("last".into()),
            Take::Rest => Self::Word("rest".into()),
            Take::All => Self::Word("all".into()),
            Take::Nth(number) => Self::Nth(number),
        }
    }
}

/// What becomes of a value that a rule does not know or cannot read.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unknown {
    /// `"refuse"`: the record is refused, with the field's name.
    #[default]
    Refuse,
    /// `"leave"`: the value is left empty, and the record flagged.
    Leave,
    /// `"as_is"`: the value is taken as it stands, without a flag. For `map` alone.
    AsIs,
    /// `{ default = "Other" }`: another value, and the record is flagged.
    Default(#[serde(with = "constant")] Value),
    /// `{ keep_in = "x_studio_status_text" }`: the value is left empty, the original text goes into another field of the same
    /// draft, and the record is flagged. Several rules may keep in one field: each then has a line of its own there.
    KeepIn(FieldName),
}

/// One value for another.
///
/// ```toml
/// { map = "type", values = { Consultation = "Call", "Follow-up" = "Meeting" }, fold = true, unknown = { default = "To-Do" } }
/// { map = "blood_group", spellings = { "A+" = ["A positive", "A +ve"], "A-" = [] }, unknown = { keep_in = "x_blood_text" } }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MapRule {
    /// What is looked at. Of a list, every value.
    pub of: Box<Rule>,
    /// `values`: what stands at the source, and what is to stand at the destination.
    pub values: BTreeMap<String, Value>,
    /// `spellings`: what is to stand at the destination, and how else it is written at the source.
    pub spellings: BTreeMap<String, Vec<String>>,
    /// `fold`: whether capital and small letters, and white space at the ends and repeated, count as the same.
    pub fold: bool,
    /// What becomes of all others.
    pub unknown: Unknown,
}

/// A day or a point in time, read from text.
///
/// A value that is a day or a point in time already is taken as it is. A year is written with four digits, unless `first_year` says
/// how two are meant. A format without a time means midnight.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeRule {
    /// What is read.
    pub of: Box<Rule>,
    /// `formats`: tried in this order, in the words of `strptime`: `%d/%m/%Y`, `%Y-%m-%d %I:%M %p`. ISO 8601 where not given.
    pub formats: Vec<String>,
    /// `zone`: where a local time is, by its IANA name: `Asia/Kolkata`. A time the clock showed twice is the earlier one, one it
    /// skipped is that much later; both are flagged.
    pub zone: Option<String>,
    /// `first_year`: two digits mean a year of the hundred from this one on. Needed by formats with `%y`.
    pub first_year: Option<i16>,
    /// What becomes of text that is in none of the formats.
    pub unknown: Unknown,
}

/// A number, read from text: `₹ 1,23,456.50`, `$1,200`, `(12.50)` for less than zero, `500/-`.
///
/// Groups must be whole ones, so `1,5` is not read as 15. A value that is a number already is taken as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberRule {
    /// What is read.
    pub of: Box<Rule>,
    /// `grouping`: what stands between groups of digits; `,` where not given.
    pub grouping: char,
    /// `point`: what stands before the fraction; `.` where not given.
    pub point: char,
    /// `percent`: what a `%` at the end means; without it such text is not read.
    pub percent: Option<Percent>,
    /// What becomes of text that is not a number.
    pub unknown: Unknown,
}

/// What `18 %` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Percent {
    /// `"number"`: 18.
    Number,
    /// `"fraction"`: 0.18.
    Fraction,
}

/// True or false, read from words, whatever their case.
#[derive(Clone, Debug, PartialEq)]
pub struct BooleanRule {
    /// What is read.
    pub of: Box<Rule>,
    /// `yes`: words for true; `yes`, `y`, `true`, `t`, `1` where not given.
    pub yes: Vec<String>,
    /// `no`: words for false; `no`, `n`, `false`, `f`, `0` where not given.
    pub no: Vec<String>,
    /// What becomes of other words.
    pub unknown: Unknown,
}

/// A pointer to what another record of the source became. Of a list of ids, a pointer for each.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRule {
    /// `link`: the entity.
    pub to: EntityName,
    /// `from`: where its id stands.
    pub of: Box<Rule>,
    /// `part`: which of the record's drafts; the first where not given.
    pub part: String,
    /// `case`: in which letters the entity writes its ids, where this field may write them otherwise.
    pub case: Option<Case>,
    /// `missing`: what becomes of the record when that one is not there.
    pub missing: Missing,
}

/// Capital or small letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Case {
    /// `"upper"`: capital letters.
    Upper,
    /// `"lower"`: small letters.
    Lower,
}

/// A search for one record that the destination has already. Of a list of values, a search for each.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupRule {
    /// `lookup`, or `model` where a whole draft is matched: the model searched in.
    pub model: ModelName,
    /// `by`: the field that must be equal.
    pub by: FieldName,
    /// `from`, or `value` for a constant: what it must be equal to.
    pub of: Box<Rule>,
    /// `within`: further fields that must be equal. `{ "country_id.code" = "IN" }`.
    pub within: BTreeMap<String, Value>,
    /// `fold`: whether capital and small letters, and white space at the ends and repeated, count as the same.
    pub fold: bool,
    /// `missing`: what becomes of the record when there is none, or more than one. `"make"`: the record that is looked for is made,
    /// once for all that look for it, and goes when the migration is undone.
    pub missing: Missing,
}

/// One line of [`Rule::Lines`].
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What stands before it: `Label: value`.
    pub label: Option<String>,
    /// The value.
    pub value: Rule,
}
