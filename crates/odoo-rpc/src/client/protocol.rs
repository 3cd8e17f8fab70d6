//! The two ways to call an Odoo from outside.

use std::fmt;

/// How calls travel. The same calls, with the same results and errors, go either way, so a run may begin on one and resume on the
/// other.
///
/// # Which one
///
/// Unless [set](crate::client::Connector::protocol), JSON-2 is taken where both can use it: the server is Odoo 19 or later, and
/// the secret has the form of an API key (40 hexadecimal digits, as Odoo makes them) and is accepted as one. JSON-2 knows no
/// passwords. Everything else goes over XML-RPC.
///
/// # How long XML-RPC will last
///
/// Odoo has announced, in the documentation of its external API, that the services `common` and `object` of XML-RPC will be
/// removed in Odoo 22 (fall 2028) and in Odoo Online 21.1 (winter 2027). From then on a key is needed. Odoo 14 to 18
/// have no JSON-2 (measured on 14, 16 and 17: 404).
///
/// # Where they differ
///
/// Over JSON-2 `create` of one row that is not in a list gives a list of one id; over XML-RPC the id. [`Client::create`](crate::Client::create)
/// always sends a list. Arguments travel by name over JSON-2, see [`Call`](crate::client::Call).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "Odoo has these two for programs from outside")]
pub enum Protocol {
    /// `POST /xmlrpc/2/object`: every version up to 21.
    XmlRpc,
    /// `POST /json/2/MODEL/METHOD` with an API key: Odoo 19 and later.
    Json2,
}

impl Protocol {
    /// What Odoo calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XmlRpc => "XML-RPC",
            Self::Json2 => "JSON-2",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
