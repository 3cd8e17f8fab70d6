//! How many rows a call may have, by what they become on the way.

use crate::destination::call::Kind;
use crate::wire::{Struct, Value as Wire};

/// How many rows go into a call: at most `most`, and at most so many bytes where it is not one alone.
pub(crate) fn cut<'a>(
    kind: Kind,
    values: impl Iterator<Item = &'a Struct>,
    most: usize,
    bytes: usize,
) -> usize {
    let most = if kind == Kind::Write { 1 } else { most };
    let mut filled = 0;
    let fits = |values: &&Struct| {
        filled += weight(values);
        filled <= bytes
    };
    values.take(most).take_while(fits).count().max(1)
}

/// About how many bytes a row becomes.
pub(crate) fn weight(values: &Struct) -> usize {
    const TAGS: usize = 75;
    let size = |value: &Wire| match value {
        Wire::Text(text) => text.len(),
        // What lies in memory counts like any text.
        Wire::File(file) if file.bytes().is_some() => usize::try_from(file.size()).unwrap_or(usize::MAX / 2),
        // A third: what is only decoded and stored costs less than fields do, so a call of files may have three times the bytes.
        Wire::File(file) => usize::try_from(file.encoded_len() / 3).unwrap_or(usize::MAX / 2),
        _ => 8,
    };
    let one = |(name, value): (&str, &Wire)| name.len() + TAGS + size(value);
    values.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::File;

    #[test]
    fn a_file_weighs_what_it_becomes() {
        let row = |size| Struct::new().with("datas", File::new("scan.pdf", size));
        assert_eq!(weight(&row(9_000_000)) - weight(&row(0)), 4_000_000);
    }

    #[test]
    fn a_text_file_weighs_what_it_holds() {
        let row = |size| Struct::new().with("datas", File::in_memory(vec![b'x'; size]));
        assert_eq!(weight(&row(9_000)) - weight(&row(0)), 9_000);
        let rows: Vec<_> = (0..10).map(|_| row(9_000)).collect();
        assert_eq!(cut(Kind::Create, rows.iter(), 100, 30_000), 3);
    }

    #[test]
    fn a_row_over_the_limit_travels_alone() {
        let rows: Vec<_> = ["a", "b", &"c".repeat(1000), "d"]
            .into_iter()
            .map(|text| Struct::new().with("name", text))
            .collect();
        let sizes = [0, 2, 3].map(|from| cut(Kind::Create, rows[from..].iter(), 100, 400));
        assert_eq!(sizes, [2, 1, 1]);
    }
}
