//! The other answer a server can give: a fault.

use std::fmt;

/// A `<fault>` as it was sent.
///
/// Odoo's text can hold a whole traceback with a patient's values in it, so `Debug` shows its length alone and there is no
/// `Display`: what may be told a person is made from the parts that are known to be safe.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    /// `faultCode`. Odoo: 1 anything else, 2 refused data, 3 login, 4 rights.
    pub code: i64,
    /// `faultString`, as sent.
    pub text: String,
}

impl Fault {
    /// A fault of that code and text.
    #[must_use]
    pub fn new(code: i64, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({}, {} bytes)", self.code, self.text.len())
    }
}
