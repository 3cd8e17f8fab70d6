//! Which Odoo a sandbox behaves like.

/// The version whose behaviour is followed. Both were measured on the real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Like {
    /// Odoo 14.0 Community.
    Odoo14,
    /// Odoo 19.0 Community.
    Odoo19,
}

impl Like {
    /// Whether it behaves like Odoo 19.
    pub(crate) fn is_19(self) -> bool {
        self == Self::Odoo19
    }

    /// What `common.version` calls it.
    #[must_use]
    pub fn server_version(self) -> &'static str {
        match self {
            Self::Odoo14 => "14.0",
            Self::Odoo19 => "19.0",
        }
    }

    /// The main version number.
    #[must_use]
    pub fn major(self) -> i64 {
        match self {
            Self::Odoo14 => 14,
            Self::Odoo19 => 19,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Like;

    #[test]
    fn the_server_version_begins_with_the_main_number() {
        for like in [Like::Odoo14, Like::Odoo19] {
            assert!(like.server_version().starts_with(&like.major().to_string()));
        }
    }
}
