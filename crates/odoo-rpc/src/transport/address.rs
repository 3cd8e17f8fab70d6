//! Where a server is: its URL, checked and brought into one form.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// A server's address: scheme, host and port, and nothing else.
///
/// Two ways of writing the same address become equal, so that it can name the lock that all programs share. There is never
/// a user or a password in it, so it may be shown.
///
/// # Example
///
/// ```
/// use odoo_rpc::transport::Address;
///
/// let address = Address::parse("HTTPS://Clinic.Example.org:443/", false)?;
/// assert_eq!(address.to_string(), "https://clinic.example.org");
/// assert!(Address::parse("http://clinic.example.org", false).is_err());
/// # Ok::<(), odoo_rpc::transport::AddressError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    origin: String,
    place: String,
    loopback: bool,
}

impl Address {
    /// Reads a URL such as `https://clinic.odoo.com`.
    ///
    /// Without TLS everybody on the way can read passwords and patients, so `http://` is taken only for this machine itself, or
    /// with `allow_plain_http`.
    ///
    /// # Errors
    ///
    /// It is no URL of that form, holds a user, a path or a query, or lacks TLS. The message repeats no part of it but the host.
    pub fn parse(url: &str, allow_plain_http: bool) -> Result<Self, AddressError> {
        let url = Url::parse(url.trim()).map_err(|_| AddressError::Form)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Form);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(AddressError::Form);
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Path);
        }
        let loopback = is_loopback(&host);
        if url.scheme() == "http" && !loopback && !allow_plain_http {
            return Err(AddressError::PlainHttp { host: host.to_string() });
        }
        Ok(Self { origin: url.origin().ascii_serialization(), place: format!("{host}:{port}"), loopback })
    }

    /// Scheme, host and port, the port only where it is not the scheme's own: `https://clinic.odoo.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port: `clinic.odoo.com:443`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether it is this machine itself.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

/// An address that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not an http or https URL.
    #[error("the server's address must be a URL such as https://clinic.odoo.com")]
    Form,
    /// It holds a user or a password.
    #[error(
        "the server's address must not hold a user or password (https://user:password@...): give the login and the secret on their own"
    )]
    Credentials,
    /// It holds more than the server.
    #[error(
        "the server's address must end after the host and port: leave out path, query and fragment (such as /web)"
    )]
    Path,
    /// It is not encrypted.
    #[error(
        "http://{host} would send passwords and patients' data unencrypted: use https://, or allow plain http where the network itself is trusted"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form() {
        for (written, origin, place) in [
            ("https://Clinic.Example.org", "https://clinic.example.org", "clinic.example.org:443"),
            (
                " https://clinic.example.org:8443/ ",
                "https://clinic.example.org:8443",
                "clinic.example.org:8443",
            ),
            ("http://127.0.0.1:8069", "http://127.0.0.1:8069", "127.0.0.1:8069"),
            ("http://[::1]:8069/", "http://[::1]:8069", "[::1]:8069"),
            ("http://localhost", "http://localhost", "localhost:80"),
        ] {
            let address = Address::parse(written, false).unwrap();
            assert_eq!((address.origin(), address.place()), (origin, place));
        }
    }

    #[test]
    fn plain_http_needs_a_word_except_at_home() {
        let refused = Address::parse("http://10.0.0.7:8069", false).unwrap_err();
        assert!(refused.to_string().contains("10.0.0.7"), "{refused}");
        assert!(!Address::parse("http://10.0.0.7:8069", true).unwrap().is_loopback());
        assert!(Address::parse("http://localhost:8069", false).unwrap().is_loopback());
        assert!(Address::parse("http://localhost.example.org", false).is_err());
    }

    #[test]
    fn a_refused_address_is_not_repeated() {
        for (url, error) in [
            ("https://ops:canary-7@clinic.example.org", AddressError::Credentials),
            ("https://canary-7@clinic.example.org", AddressError::Credentials),
            ("https://clinic.example.org/web?db=canary-7", AddressError::Path),
            ("clinic.example.org", AddressError::Form),
            ("clinic.example.org:8069", AddressError::Form),
            ("ftp://canary-7", AddressError::Form),
            ("", AddressError::Form),
        ] {
            let got = Address::parse(url, true).unwrap_err();
            assert_eq!(got, error, "{url}");
            assert!(!format!("{got} {got:?}").contains("canary-7"));
        }
    }
}
