//! What an external id names, as `ir.model.data` tells it.

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, value_error};
use crate::sandbox::method::Arguments;
use crate::sandbox::python;
use crate::sandbox::search::Page;
use crate::wire::{Fault, Value};

impl Env<'_> {
    /// The model and the id that an external id names, where the caller finds that record.
    pub(super) fn check_reference(&mut self, args: &Arguments) -> Outcome {
        let name = format!("{}.{}", python::text(&args.get("module")), python::text(&args.get("xml_id")));
        let Some((_, model, id)) = self.external(&name) else { return Err(unknown(&name)) };
        let known = self.model(&model)?;
        let domain = Value::Array(vec![Value::Array(vec!["id".into(), "=".into(), id.into()])]);
        if !self.search(&known, &domain, &Page::default())?.is_empty() {
            return Ok(Value::Array(vec![model.into(), id.into()]));
        }
        if !python::truth(&args.get("raise_on_access_error")) {
            return Ok(Value::Array(vec![model.into(), false.into()]));
        }
        let named = if self.is_19() { format!(" \"{name}\"") } else { format!(": {name}") };
        Err(Fault::new(4, format!("Not enough access rights on the external ID{named}")))
    }

    /// The same of Odoo 14's older method, which asks for no rights.
    pub(super) fn reference_of(&mut self, args: &Arguments) -> Outcome {
        let name = python::text(&args.get("xmlid"));
        match self.external(&name) {
            Some((_, model, id)) => Ok(Value::Array(vec![model.into(), id.into()])),
            None if python::truth(&args.get("raise_if_not_found")) => Err(unknown(&name)),
            None => Ok(Value::Array(vec![false.into(), false.into()])),
        }
    }
}

fn unknown(name: &str) -> Fault {
    value_error(format!("External ID not found in the system: {name}"))
}
