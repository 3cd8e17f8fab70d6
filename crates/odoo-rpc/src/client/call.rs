//! A call of a model's method, before it is known over which protocol it goes.

use std::fmt;

use crate::wire::{Name, Struct, Value};

/// A call of a model's method: on which records, and with which arguments.
///
/// XML-RPC passes an argument by its place or by its name, and some methods take it one way only: `create` faults where its rows come
/// by name (measured on 14 and 19). JSON-2 knows names alone. So an argument that has a place is given with [`arg`](Self::arg), in
/// order and with its name; the others with [`option`](Self::option).
///
/// `Debug` tells names and sizes, never a value.
///
/// # Example
///
/// ```
/// use odoo_rpc::client::Call;
/// use odoo_rpc::wire::{Struct, Value};
///
/// let values = Struct::new().with("email", "asha@example.org");
/// let call = Call::new("res.partner", "write").on([7, 8]).arg("vals", values);
/// assert_eq!(format!("{call:?}"), "Call(res.partner.write on 2 records, vals)");
///
/// let found = Call::new("res.partner", "search").arg("domain", Vec::<Value>::new()).option("limit", 10);
/// assert_eq!(format!("{found:?}"), "Call(res.partner.search, domain, limit)");
/// ```
#[derive(Clone, PartialEq)]
#[must_use]
pub struct Call {
    pub(crate) model: String,
    pub(crate) method: String,
    pub(crate) ids: Option<Vec<i64>>,
    pub(crate) args: Vec<(Name, Value)>,
    pub(crate) options: Struct,
}

impl Call {
    /// A call of a method of the model itself, without arguments.
    pub fn new(model: impl Into<String>, method: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            method: method.into(),
            ids: None,
            args: Vec::new(),
            options: Struct::new(),
        }
    }

    /// The same, on these records.
    pub fn on(mut self, ids: impl Into<Vec<i64>>) -> Self {
        self.ids = Some(ids.into());
        self
    }

    /// The same, with the argument of the next place, which has that name.
    pub fn arg(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.push((name.into(), value.into()));
        self
    }

    /// The same, with an argument that is passed by name.
    pub fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.options.push(name.into(), value.into());
        self
    }

    /// How many rows it writes or reads: its records, or the length of its first argument if that is a list.
    pub(crate) fn rows(&self) -> usize {
        match &self.ids {
            Some(ids) => ids.len(),
            None => self.args.first().and_then(|(_, value)| value.as_array()).map_or(0, <[_]>::len),
        }
    }

    /// The names of the fields that it sends: those of its first row, which stands for all of them.
    pub(crate) fn fields(&self) -> Vec<String> {
        let row = self.args.iter().find_map(|(_, value)| match value {
            Value::Struct(row) => Some(row),
            Value::Array(values) => values.first().and_then(Value::as_struct),
            _ => None,
        });
        row.map(|row| row.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({}.{}", self.model, self.method)?;
        if let Some(ids) = &self.ids {
            write!(f, " on {} records", ids.len())?;
        }
        for name in
            self.args.iter().map(|(name, _)| name.as_str()).chain(self.options.iter().map(|(name, _)| name))
        {
            write!(f, ", {name}")?;
        }
        f.write_str(")")
    }
}
