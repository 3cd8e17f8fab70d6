//! Which files go together in one call.

use std::collections::HashMap;

use crate::files::look::Looked;

/// About how many bytes a row has besides its file and its names.
const ROW: u64 = 800;
/// A content that several records share gets a call of its own, in which it travels once, where that saves so many bytes.
const WORTH_A_CALL: u64 = 1 << 20;
/// How many bytes one call may let the server store of one content: it decodes them once a row, 150 MB a second (measured on 14
/// and 19).
const STORED: u64 = 400 << 20;

/// The rows of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    /// Each with its own file.
    Each(Vec<usize>),
    /// All with the same content, which is sent once.
    Shared(Vec<usize>),
}

impl Batch {
    pub(crate) fn rows(&self) -> &[usize] {
        match self {
            Self::Each(rows) | Self::Shared(rows) => rows,
        }
    }

    /// The same kind of batch, of other rows.
    pub(crate) fn of(&self, rows: Vec<usize>) -> Self {
        match self {
            Self::Each(_) => Self::Each(rows),
            Self::Shared(_) => Self::Shared(rows),
        }
    }
}

/// A file, as far as it matters for cutting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// Its row.
    pub(crate) row: usize,
    pub(crate) looked: Looked,
    /// How many bytes of names its row has.
    pub(crate) names: usize,
    /// Whether its content may be sent beside its row.
    pub(crate) may_share: bool,
}

impl Item {
    fn encoded(&self) -> u64 {
        self.looked.size.div_ceil(3) * 4
    }

    fn weight(&self) -> u64 {
        self.encoded() + ROW + self.names as u64
    }
}

/// Cuts the files into calls of at most about `bytes` bytes; a larger file goes alone.
pub(crate) fn cut(items: &[Item], bytes: u64) -> Vec<Batch> {
    let mut shared: HashMap<Looked, Vec<Item>> = HashMap::new();
    for item in items.iter().filter(|item| item.may_share) {
        shared.entry(item.looked).or_default().push(*item);
    }
    shared.retain(|_, items| {
        items.first().is_some_and(|item| item.encoded() * (items.len() as u64 - 1) >= WORTH_A_CALL)
    });
    let mut batches = Vec::new();
    let (mut open, mut filled) = (Vec::new(), 0);
    for item in items {
        if item.may_share && shared.contains_key(&item.looked) {
            // At the place of the first one, all of them.
            if let Some(alike) = shared.get_mut(&item.looked).filter(|alike| !alike.is_empty()) {
                let most = usize::try_from(STORED / item.looked.size.max(1)).unwrap_or(usize::MAX).max(1);
                let rows: Vec<usize> = alike.drain(..).map(|item| item.row).collect();
                batches.extend(rows.chunks(most).map(|rows| Batch::Shared(rows.to_vec())));
            }
        } else if item.weight() > bytes {
            batches.push(Batch::Each(vec![item.row]));
        } else {
            if filled + item.weight() > bytes {
                batches.push(Batch::Each(std::mem::take(&mut open)));
                filled = 0;
            }
            open.push(item.row);
            filled += item.weight();
        }
    }
    if !open.is_empty() {
        batches.push(Batch::Each(open));
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(row: usize, size: u64, content: u8) -> Item {
        Item { row, looked: Looked { size, sha1: [content; 20] }, names: 20, may_share: true }
    }

    #[test]
    fn calls_are_bounded_by_bytes_and_a_large_file_goes_alone() {
        let sizes = [400, 300, 90_000, 400, 10];
        let items: Vec<Item> =
            sizes.iter().enumerate().map(|(row, size)| item(row, size * 100, row as u8)).collect();
        let batches = cut(&items, 130_000);
        assert_eq!(batches, [Batch::Each(vec![2]), Batch::Each(vec![0, 1]), Batch::Each(vec![3, 4])]);
    }

    #[test]
    fn what_many_records_share_travels_once() {
        let mut items: Vec<Item> = (0..4).map(|row| item(row, 500_000, 7)).collect();
        items.push(item(4, 500_000, 8));
        let batches = cut(&items, 25_000_000);
        assert_eq!(batches, [Batch::Shared(vec![0, 1, 2, 3]), Batch::Each(vec![4])]);
        // Two small ones are not worth a call.
        let small: Vec<Item> = (0..4).map(|row| item(row, 5_000, 7)).collect();
        assert_eq!(cut(&small, 25_000_000), [Batch::Each(vec![0, 1, 2, 3])]);
        // The server is not asked for too much at once.
        let large: Vec<Item> = (0..7).map(|row| item(row, 90_000_000, 7)).collect();
        let batches = cut(&large, 25_000_000);
        assert_eq!(batches, [Batch::Shared(vec![0, 1, 2, 3]), Batch::Shared(vec![4, 5, 6])]);
    }

    #[test]
    fn what_must_not_share_is_sent_each_for_itself() {
        let items: Vec<Item> =
            (0..3).map(|row| Item { may_share: false, ..item(row, 1_000_000, 7) }).collect();
        assert_eq!(cut(&items, 25_000_000), [Batch::Each(vec![0, 1, 2])]);
    }
}
