//! What texts come to, in 128 bits: enough to compare them, and nothing to read.

/// An id made of what a record says: the same for the same, for another another.
pub(crate) fn derived(parts: &[&str]) -> String {
    let Fingerprint([a, b, ..]) = Fingerprint::of(parts);
    format!("derived-{a:08x}{b:08x}")
}

/// 128 bits of BLAKE3, of 32 bits each so that an entry of a map has no gaps.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u32; 4]);

impl Fingerprint {
    pub(crate) fn of(parts: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self::of_hash(&hasher.finalize())
    }

    /// The same of bytes that need be no text.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_hash(&blake3::hash(bytes))
    }

    fn of_hash(hash: &blake3::Hash) -> Self {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(hash.as_bytes().chunks_exact(4)) {
            *word = bytes.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte));
        }
        Self(words)
    }

    /// Half of it, where 64 bits are enough.
    pub(crate) fn short(&self) -> u64 {
        let Self([a, b, ..]) = self;
        (u64::from(*a) << 32) | u64::from(*b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
        assert_eq!(derived(&["ab", "c"]), derived(&["ab", "c"]));
    }
}
