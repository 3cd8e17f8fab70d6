//! What a run is going to do with a server, so that it can be asked whether it may.

use crate::transport::Address;

/// What a run is going to do with a server.
///
/// # Example
///
/// ```
/// use odoo_rpc::doctor::Checkup;
///
/// let checkup = Checkup::new().writes("res.partner").makes_model("x_appointment_stage").reads("res.country");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Checkup {
    pub(crate) written: Vec<String>,
    pub(crate) read: Vec<String>,
    pub(crate) made: Vec<String>,
    pub(crate) schema: bool,
    pub(crate) address: Option<Address>,
}

impl Checkup {
    /// A run that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// It creates and changes records of that model, and reads them; and deletes them, should it be taken back.
    pub fn writes(mut self, model: impl Into<String>) -> Self {
        add(&mut self.written, model.into());
        self
    }

    /// It reads records of that model.
    pub fn reads(mut self, model: impl Into<String>) -> Self {
        add(&mut self.read, model.into());
        self
    }

    /// It makes that model where it is missing, and then writes to it.
    pub fn makes_model(mut self, model: impl Into<String>) -> Self {
        let model = model.into();
        add(&mut self.made, model.clone());
        self.makes_fields().writes(model)
    }

    /// It makes fields, and shows them on pages.
    pub fn makes_fields(mut self) -> Self {
        self.schema = true;
        self
    }

    /// The server's address, so that it can be told whether the way to it is encrypted.
    pub fn address(mut self, address: Address) -> Self {
        self.address = Some(address);
        self
    }
}

fn add(models: &mut Vec<String>, model: String) {
    if !models.contains(&model) {
        models.push(model);
    }
}
