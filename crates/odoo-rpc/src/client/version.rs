//! Which Odoo a server is.

use std::fmt;

use crate::wire::{Struct, Value};

/// A server's version, such as 19.0 or saas~17.4.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerVersion {
    /// The major version: 19.
    pub major: u32,
    /// The minor version: 0, or the monthly release of a hosted server.
    pub minor: u32,
    /// `final`, `beta`, `rc` and the like.
    pub level: String,
    /// Whether it is one of the releases that exist on Odoo's own hosting only.
    pub saas: bool,
    /// Whether it says of itself that it is Odoo Enterprise; one that does not may be so all the same.
    pub enterprise: bool,
}

impl ServerVersion {
    /// Reads the answer of `common.version`: `server_version_info`, or the text in `server_version`; or that of `/web/version`, where
    /// the same stands without `server_`.
    ///
    /// The first number is an integer, or a text such as `saas~17` on hosted servers.
    ///
    /// # Example
    ///
    /// ```
    /// use odoo_rpc::client::ServerVersion;
    /// use odoo_rpc::wire::{Struct, Value};
    ///
    /// let info = vec![Value::from(19), Value::from(0), Value::from(0), Value::from("final"), Value::from(0), Value::from("")];
    /// let version = ServerVersion::parse(&Struct::new().with("server_version_info", info)).unwrap();
    /// assert!(version.at_least(19, 0));
    /// assert_eq!(version.to_string(), "19.0");
    /// ```
    #[must_use]
    pub fn parse(answer: &Struct) -> Option<Self> {
        let info = answer.get("server_version_info").or_else(|| answer.get("version_info"));
        if let Some([major, minor, rest @ ..]) = info.and_then(Value::as_array) {
            let (major, saas) = number(major)?;
            let (minor, _) = number(minor)?;
            let level = rest.get(1).and_then(Value::as_text).unwrap_or("final");
            let enterprise = rest.last().and_then(Value::as_text) == Some("e");
            return Some(Self { major, minor, level: word(level), saas, enterprise });
        }
        let text = answer.get("server_version").or_else(|| answer.get("version")).and_then(Value::as_text)?;
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        let (major, saas) = from_text(major)?;
        let (minor, _) = from_text(minor.split(|c: char| !c.is_ascii_digit()).next()?)?;
        let enterprise = text.ends_with("+e");
        Some(Self { major, minor, level: "final".to_owned(), saas, enterprise })
    }

    /// Whether it is that version or a later one.
    #[must_use]
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        (self.major, self.minor) >= (major, minor)
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let saas = if self.saas { "saas~" } else { "" };
        write!(f, "{saas}{}.{}", self.major, self.minor)
    }
}

fn number(value: &Value) -> Option<(u32, bool)> {
    match value {
        Value::Int(number) => Some((u32::try_from(*number).ok()?, false)),
        Value::Text(text) => from_text(text),
        _ => None,
    }
}

fn from_text(text: &str) -> Option<(u32, bool)> {
    let digits = text.strip_prefix("saas~").or_else(|| text.strip_prefix("saas-"));
    Some((digits.unwrap_or(text).parse().ok()?, digits.is_some()))
}

/// A server may send anything; only a word is kept of it.
fn word(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(values: Vec<Value>) -> Option<ServerVersion> {
        ServerVersion::parse(&Struct::new().with("server_version_info", values))
    }

    #[test]
    fn numbers_come_as_integers_or_text() {
        let plain = info(vec![14.into(), 0.into(), 0.into(), "final".into(), 0.into(), "".into()]).unwrap();
        assert_eq!((plain.major, plain.minor, plain.saas, plain.level.as_str()), (14, 0, false, "final"));
        let hosted =
            info(vec!["saas~17".into(), 4.into(), 0.into(), "final".into(), 0.into(), "e".into()]).unwrap();
        assert_eq!((hosted.to_string().as_str(), hosted.at_least(17, 0)), ("saas~17.4", true));
        assert_eq!((plain.enterprise, hosted.enterprise), (false, true));
        assert_eq!(info(vec![Value::from(true), 0.into()]), None);
        assert_eq!(info(vec![(-1).into(), 0.into()]), None);
    }

    #[test]
    fn the_text_serves_where_there_is_no_list() {
        for (text, shown) in
            [("16.0", "16.0"), ("saas~18.2+e", "saas~18.2"), ("17.0-20240101", "17.0"), ("19", "19.0")]
        {
            let version = ServerVersion::parse(&Struct::new().with("server_version", text)).unwrap();
            assert_eq!(version.to_string(), shown);
        }
        assert_eq!(ServerVersion::parse(&Struct::new().with("server_version", "latest")), None);
        assert_eq!(ServerVersion::parse(&Struct::new()), None);
    }
}
