//! Bytes looked at eight at a time: most names and values are short, too short for wide registers.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// Whether the rule is not zero for any of the bytes. It is told eight at once, some of them twice, and for fewer than eight a `@`
/// in place of those that are not there.
#[inline]
pub(crate) fn any(bytes: &[u8], rule: impl Fn(u64) -> u64) -> bool {
    let Some(last) = bytes.last_chunk() else { return rule(few(bytes)) != 0 };
    let (words, _) = bytes.as_chunks();
    // The last eight may overlap with those before them.
    words.iter().chain([last]).fold(0, |any, word| any | rule(u64::from_le_bytes(*word))) != 0
}

/// Fewer than eight bytes as a word.
#[inline]
fn few(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    bytes.iter().fold(ONES * u64::from(b'@'), |word, &byte| word << 8 | u64::from(byte))
}

/// Not zero where any byte is below another, which is at most 0x80: taking that one off borrows there.
#[inline]
pub(crate) fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(byte)) & !word & HIGH
}

/// Not zero where any byte equals another: what is left of both is below one.
#[inline]
pub(crate) fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_at_every_place_of_every_length() {
        for length in 0..40 {
            for byte in 0..=u8::MAX {
                let mut bytes = vec![b'@'; length];
                assert!(!any(&bytes, |word| below(word, 0x20) | equal(word, b'<')));
                for at in 0..length {
                    bytes[at] = byte;
                    assert_eq!(
                        any(&bytes, |word| below(word, 0x20)),
                        byte < 0x20,
                        "{byte} at {at} of {length}"
                    );
                    assert_eq!(
                        any(&bytes, |word| equal(word, b'<')),
                        byte == b'<',
                        "{byte} at {at} of {length}"
                    );
                    bytes[at] = b'@';
                }
            }
        }
    }
}
