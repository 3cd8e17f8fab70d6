//! What travels: the values of XML-RPC.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::wire::file::File;

/// A value as XML-RPC knows it, with the two extensions Odoo's servers understand (`nil` and 64-bit integers).
///
/// `Debug` tells the kind and the size and never the content: values are patients.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::Value;
///
/// let name = Value::from("Asha");
/// assert_eq!(name.as_text(), Some("Asha"));
/// assert_eq!(format!("{name:?}"), "Text(4 bytes)");
/// ```
#[derive(Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Value {
    /// `<nil/>`: no value. Odoo reads it as NULL and never sends it.
    #[default]
    Nil,
    /// `<boolean>`. Odoo sends `false` for every empty field that is not a number.
    Bool(bool),
    /// `<int>`, `<i4>`, or `<i8>` where it does not fit into 32 bits.
    Int(i64),
    /// `<double>`.
    Double(f64),
    /// `<string>`.
    Text(String),
    /// `<dateTime.iso8601>`, its text as sent. Odoo itself sends dates as strings.
    DateTime(String),
    /// `<base64>`, decoded.
    Base64(Vec<u8>),
    /// `<array>`.
    Array(Vec<Value>),
    /// `<struct>`.
    Struct(Struct),
    /// The content of a file, which leaves as a `<string>` of base64. Only ever sent: it comes out of no document.
    File(File),
}

impl Value {
    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The members, if it is a struct.
    #[must_use]
    pub fn as_struct(&self) -> Option<&Struct> {
        match self {
            Self::Struct(members) => Some(members),
            _ => None,
        }
    }

    /// Whether Odoo would call the field empty: nothing, or `false`.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        matches!(self, Self::Nil | Self::Bool(false))
    }

    /// The name of its kind, as the specification writes it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "boolean",
            Self::Int(_) => "int",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::DateTime(_) => "dateTime.iso8601",
            Self::Base64(_) => "base64",
            Self::Array(_) => "array",
            Self::Struct(_) => "struct",
            Self::File(_) => "file",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("Nil"),
            Self::Bool(_) => f.write_str("Bool"),
            Self::Int(_) => f.write_str("Int"),
            Self::Double(_) => f.write_str("Double"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::DateTime(text) => write!(f, "DateTime({} bytes)", text.len()),
            Self::Base64(bytes) => write!(f, "Base64({} bytes)", bytes.len()),
            Self::Array(values) => write!(f, "Array({} values)", values.len()),
            Self::Struct(members) => members.fmt(f),
            Self::File(file) => file.fmt(f),
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! { bool => Bool, i32 => Int, u32 => Int, i64 => Int, f64 => Double, &str => Text, String => Text, Vec<Value> => Array, Struct => Struct, File => File }

/// The name of a member: shared, since a document of a thousand records repeats each name a thousand times.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name(Arc<str>);

impl Name {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether they are one text in memory, as in the records of one document, or equal.
    #[inline]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self == other
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Hands out one [`Name`] for each different text.
///
/// Records repeat their names in one order, so the name that followed last time is tried before the table is asked.
#[derive(Debug, Default)]
pub(crate) struct Names {
    places: HashMap<Name, usize>,
    /// Each with whether it holds neither `<` nor `&`.
    order: Vec<(Name, bool)>,
    next: usize,
}

impl Names {
    /// The name that followed last time, if XML writes it without a reference and it is found to follow again.
    #[inline]
    pub(crate) fn follow(&mut self, found: impl FnOnce(&str) -> bool) -> Option<Name> {
        let (name, _) = self.order.get(self.next).filter(|(name, plain)| *plain && found(name.as_str()))?;
        self.next += 1;
        Some(name.clone())
    }

    pub(crate) fn intern(&mut self, text: &str) -> Name {
        if let Some((name, _)) = self.order.get(self.next)
            && name.as_str() == text
        {
            self.next += 1;
            return name.clone();
        }
        if let Some((name, place)) = self.places.get_key_value(text) {
            self.next = place + 1;
            return name.clone();
        }
        let name = Name::from(text);
        self.places.insert(name.clone(), self.order.len());
        self.order.push((name.clone(), !text.contains(['<', '&'])));
        self.next = self.order.len();
        name
    }
}

/// The members of a struct, in the order they were sent or set.
///
/// # Example
///
/// ```
/// use odoo_rpc::wire::Struct;
///
/// let partner = Struct::new().with("name", "Asha").with("is_company", false);
/// assert_eq!(partner.get("name").and_then(|v| v.as_text()), Some("Asha"));
/// assert_eq!(partner.len(), 2);
/// ```
#[derive(Clone, PartialEq, Default)]
pub struct Struct(Vec<(Name, Value)>);

impl Struct {
    /// No members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for `members` of them.
    #[must_use]
    pub fn with_capacity(members: usize) -> Self {
        Self(Vec::with_capacity(members))
    }

    /// The same with one more member. A second one of the same name is kept; [`get`](Self::get) finds the last.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.push(Name::from(name), value.into());
        self
    }

    /// Adds a member.
    pub fn push(&mut self, name: Name, value: Value) {
        self.0.push((name, value));
    }

    /// The last member of that name, as CPython's decoder would keep it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
    }

    /// Every member, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn members(&self) -> &[(Name, Value)] {
        &self.0
    }

    /// Gives back room for members that did not come.
    pub(crate) fn fit(&mut self) {
        if self.0.capacity() > 2 * self.0.len() {
            self.0.shrink_to_fit();
        }
    }

    /// How many members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Struct {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> FromIterator<(&'a str, Value)> for Struct {
    fn from_iter<I: IntoIterator<Item = (&'a str, Value)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| (Name::from(name), value)).collect())
    }
}

impl fmt::Debug for Struct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Struct({} members)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_of_a_document_share_their_text() {
        let mut names = Names::default();
        let first: Vec<Name> = ["id", "name", "id", "email"].map(|text| names.intern(text)).into();
        for (text, name) in [
            ("id", &first[0]),
            ("name", &first[1]),
            ("email", &first[3]),
            ("name", &first[1]),
            ("id", &first[2]),
        ] {
            let again = names.intern(text);
            assert_eq!(again.as_str(), text);
            assert!(Arc::ptr_eq(&again.0, &name.0));
        }
    }

    #[test]
    fn debug_tells_kinds_and_sizes_alone() {
        let value = Value::from(vec![Value::from("Asha")]);
        assert_eq!(format!("{value:?}"), "Array(1 values)");
        assert_eq!(format!("{:?}", Struct::new().with("name", value)), "Struct(1 members)");
    }

    #[test]
    fn the_last_of_two_members_of_a_name_counts() {
        let members = Struct::new().with("a", 1).with("b", 2).with("a", 3);
        assert_eq!(members.get("a"), Some(&Value::Int(3)));
        assert_eq!(members.len(), 3);
    }
}
