//! Which Odoo a sandbox behaves like.

use crate::wire::Value;

/// The version whose behaviour is followed. 14 and 19 are held to real servers, answer by answer; 16 and 17 to what was
/// measured of them where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Like {
    /// Odoo 14.0 Community.
    Odoo14,
    /// Odoo 16.0 Community, as far as it was measured.
    Odoo16,
    /// Odoo 17.0 Community, as far as it was measured.
    Odoo17,
    /// Odoo 19.0 Community.
    Odoo19,
}

impl Like {
    /// Whether it behaves like Odoo 19.
    pub(crate) fn is_19(self) -> bool {
        self == Self::Odoo19
    }

    /// Whether it behaves like that main version, or a later one.
    pub(crate) fn at_least(self, major: i64) -> bool {
        self.major() >= major
    }

    /// What `common.version` calls it.
    #[must_use]
    pub fn server_version(self) -> &'static str {
        match self {
            Self::Odoo14 => "14.0",
            Self::Odoo16 => "16.0",
            Self::Odoo17 => "17.0",
            Self::Odoo19 => "19.0",
        }
    }

    /// What `common.version` takes it apart into.
    pub(crate) fn version_info(self) -> Vec<Value> {
        let [none, level] = [Value::Int(0), Value::from("final")];
        vec![Value::Int(self.major()), none.clone(), none.clone(), level, none, Value::from("")]
    }

    /// The main version number.
    #[must_use]
    pub fn major(self) -> i64 {
        match self {
            Self::Odoo14 => 14,
            Self::Odoo16 => 16,
            Self::Odoo17 => 17,
            Self::Odoo19 => 19,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Like;

    #[test]
    fn the_server_version_begins_with_the_main_number() {
        for like in [Like::Odoo14, Like::Odoo16, Like::Odoo17, Like::Odoo19] {
            assert!(like.server_version().starts_with(&like.major().to_string()));
        }
    }
}
