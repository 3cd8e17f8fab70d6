//! A password or API key that does not print.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};

/// A password or an API key. Odoo takes a key wherever it takes a password (measured on 14 to 19).
///
/// # Example
///
/// ```
/// use odoo_rpc::client::Secret;
///
/// let secret = Secret::from("correct horse");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The secret in the environment variable `name`.
    ///
    /// # Errors
    ///
    /// The variable is not set, is empty or is no text.
    pub fn from_env(name: &str) -> Result<Self> {
        match std::env::var(name) {
            Ok(secret) if !secret.is_empty() => Ok(Self(secret.into())),
            _ => {
                Err(Error::config(format!("set the environment variable {name} to the password or API key")))
            }
        }
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(secret.into())
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let error = Secret::from_env("ODOO_RPC_TEST_NO_SUCH_VARIABLE").unwrap_err();
        assert!(error.to_string().contains("ODOO_RPC_TEST_NO_SUCH_VARIABLE"));
    }
}
