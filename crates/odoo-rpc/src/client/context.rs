//! The call context: how a server should carry calls out.

use std::fmt;

use crate::wire::{Name, Struct, Value};

/// Odoo's call context.
///
/// # Example
///
/// ```
/// use odoo_rpc::client::Context;
///
/// let quiet = Context::new().with("tracking_disable", true).with("active_test", false);
/// assert_eq!(format!("{quiet:?}"), "Context(tracking_disable, active_test)");
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Context(Vec<(Name, Value)>);

impl Context {
    /// Nothing special.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more key, or another value for a known one.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(Name::from(key), value.into());
        self
    }

    /// The same with the keys of `other`, whose values win.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (name, value) in &other.0 {
            self.set(name.clone(), value.clone());
        }
        self
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn set(&mut self, name: Name, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }
}

impl From<&Context> for Value {
    fn from(context: &Context) -> Self {
        let mut members = Struct::with_capacity(context.0.len());
        for (name, value) in &context.0 {
            members.push(name.clone(), value.clone());
        }
        Self::Struct(members)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "Context({})", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_value_wins() {
        let base = Context::new().with("lang", "en_US").with("tz", "UTC");
        let both = base.and(&Context::new().with("lang", "en_IN"));
        let Value::Struct(members) = Value::from(&both) else { panic!("a context is a struct") };
        assert_eq!(members.len(), 2);
        assert_eq!(members.get("lang").and_then(Value::as_text), Some("en_IN"));
    }
}
