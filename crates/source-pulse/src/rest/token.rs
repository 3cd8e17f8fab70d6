//! A token that does not print.

use std::fmt;

use mapping_core::error::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

/// What a bridge knows us by: the bearer token of each request.
///
/// # Example
///
/// ```
/// use source_pulse::rest::Token;
///
/// let token = Token::from("correct horse");
/// assert_eq!(format!("{token:?}"), "Token(..)");
/// ```
#[derive(Clone)]
pub struct Token(SecretString);

impl Token {
    /// The token in the environment variable `name`.
    ///
    /// # Errors
    ///
    /// The variable is not set, is empty or is no text.
    pub fn from_env(name: &str) -> Result<Self> {
        match std::env::var(name) {
            Ok(token) if !token.is_empty() => Ok(Self(token.into())),
            _ => Err(Error::config(format!("set the environment variable {name} to the bridge's token"))),
        }
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self(token.into())
    }
}

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self(token.into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let error = Token::from_env("SOURCE_PULSE_TEST_NO_SUCH_VARIABLE").unwrap_err();
        assert!(error.to_string().contains("SOURCE_PULSE_TEST_NO_SUCH_VARIABLE"));
    }
}
