//! Where a bridge is: its URL, checked.

use std::net::IpAddr;

use mapping_core::error::{Error, Result};
use url::{Host, Url};

/// A bridge's URL, to which paths can be added. There is never a user or a password in it, so it may be shown.
#[derive(Clone, Debug)]
pub(super) struct Address(Url);

impl Address {
    /// Reads a URL such as `https://bridge.example.org/pulse/v1`.
    pub(super) fn parse(url: &str, plain_http: bool) -> Result<Self> {
        let no_url = || {
            Error::config("the bridge's address must be a URL such as https://bridge.example.org/pulse/v1")
        };
        let mut url = Url::parse(url.trim()).map_err(|_| no_url())?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(no_url());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::config(
                "the bridge's address must hold no user and no password: give a token",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::config("the bridge's address must end before '?' and '#'"));
        }
        url.path_segments_mut().map_err(|()| no_url())?.pop_if_empty();
        let address = Self(url);
        if address.0.scheme() == "http" && !plain_http && !address.is_loopback() {
            let message = "http:// would send the token and patients' data unencrypted: use https://, or allow plain http where the \
                           network itself is trusted";
            return Err(Error::config(message).at("server", address.place()));
        }
        Ok(address)
    }

    /// The URL of something under it: each part is one step, whatever characters it holds.
    pub(super) fn under<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.0.clone();
        // A URL with a host has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(parts);
        }
        url
    }

    /// The whole address.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Host and port.
    pub(super) fn place(&self) -> String {
        let port = self.0.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.0.host_str().unwrap_or_default())
    }

    /// Whether it is this machine itself.
    pub(super) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_stand_in_it_and_a_slash_behind_it() {
        for url in ["https://Bridge.example.org:443/pulse/v1", " https://bridge.example.org/pulse/v1/ "] {
            let address = Address::parse(url, false).unwrap();
            assert_eq!(address.as_str(), "https://bridge.example.org/pulse/v1");
            assert_eq!(address.place(), "bridge.example.org:443");
            assert_eq!(
                address.under(["files", "a b/c?.pdf"]).as_str(),
                "https://bridge.example.org/pulse/v1/files/a%20b%2Fc%3F.pdf"
            );
        }
        assert_eq!(
            Address::parse("https://bridge.example.org", false).unwrap().under(["tables"]).path(),
            "/tables"
        );
    }

    #[test]
    fn without_tls_only_this_machine_is_spoken_to_unless_it_is_allowed() {
        for url in ["http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:1", "http://a.localhost"] {
            assert!(Address::parse(url, false).unwrap().is_loopback(), "{url}");
        }
        let error = Address::parse("http://bridge.example.org/v1", false).unwrap_err();
        assert_eq!(error.place("server"), Some("bridge.example.org:80"), "{error}");
        assert!(Address::parse("http://bridge.example.org/v1", true).is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for url in [
            "",
            "bridge",
            "ftp://canary.example.org",
            "mailto:canary@example.org",
            "https://me:canary@example.org/",
            "https://canary@example.org",
            "https://example.org/?key=canary",
            "https://example.org/#canary",
        ] {
            let error = Address::parse(url, true).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error}");
        }
    }
}
