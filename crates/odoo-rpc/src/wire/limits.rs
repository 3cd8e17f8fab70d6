//! How much of a foreign document is read before it is refused.

/// What a document may cost to read. Whoever wrote it, reading it never takes more than this.
///
/// The defaults leave room above anything Odoo was measured to send: a thousand partners of eighteen fields are 1.8 MB and
/// 20,000 values, four levels deep.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::{DecodeErrorKind, Limits, decode_response};
///
/// let small = Limits::default().with_bytes(10);
/// let error = decode_response(b"<methodResponse/>", &small).unwrap_err();
/// assert_eq!(error.kind(), DecodeErrorKind::TooLarge);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many arrays and structs may lie inside of each other: 64. Never more than [`Limits::DEEPEST`] whatever stands here.
    pub depth: usize,
    /// How long a document may be: 256 MiB, enough for some 190 MB of attachments.
    pub bytes: usize,
    /// How many values a document may hold, arrays and structs among them: ten million.
    pub elements: usize,
}

impl Limits {
    /// The deepest nesting that is ever read. A value no deeper can be dropped, cloned and compared on any thread's stack.
    pub const DEEPEST: usize = 512;

    /// The same with another depth.
    #[must_use]
    pub fn with_depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// The same with another length.
    #[must_use]
    pub fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// The same with another number of values.
    #[must_use]
    pub fn with_elements(mut self, elements: usize) -> Self {
        self.elements = elements;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, bytes: 256 * 1024 * 1024, elements: 10_000_000 }
    }
}
