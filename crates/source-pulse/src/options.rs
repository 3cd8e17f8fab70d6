//! What a person tells the reader about an export.

use std::collections::BTreeMap;

use mapping_core::table::TableOptions;
use serde::{Deserialize, Serialize};

use crate::dates::DateOrder;
use crate::decisions::IdDecisions;

/// How an export is to be read. Everything has a default; all of it can stand in a file.
///
/// # Example
///
/// ```
/// use source_pulse::options::PulseOptions;
///
/// let options: PulseOptions = toml::from_str(
///     r#"
///     clinic = "north-street"
///     zone = "America/New_York"
///
///     [columns.patient]
///     patient_id = "Reg. No"
///     mobile = ["Handphone", "Mobile"]
///
///     [appointments]
///     encoding = "windows-1252"
///     "#,
/// )?;
/// assert_eq!(options.clinic, "north-street");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PulseOptions {
    /// The clinic the export is of: small letters, digits and `-`. Part of every identity. `main` where it is not set.
    pub clinic: String,
    /// The IANA name of the zone that the export's times are of. `Asia/Kolkata` where it is not set.
    pub zone: String,
    /// The order of dates like `05/12/1990` in a column that has no day above 12. Where it is not set, the day is first, and a
    /// flag says so.
    pub date_order: Option<DateOrder>,
    /// Years of two digits from this on lie in the 20th century, those below in the 21st. 30 where it is not set: `29` is 2029.
    pub two_digit_pivot: u8,
    /// The calling code, without `+`, to put in front of phone numbers of ten digits that have none. They stay as written where
    /// it is not set.
    pub calling_code: Option<String>,
    /// Whether the account's clinics are records too, of the entity `clinic`: those of `Clinics.csv`, and every other that a table names.
    /// Patients and appointments then link to theirs in `clinic_id`. A mapping has to make something of them: see
    /// [`Clinics`](crate::mapping::Clinics). Where it is not set, a clinic is text alone.
    pub clinic_records: bool,
    /// Names of columns, where they are other than the usual ones.
    pub columns: Columns,
    /// Whose rows are, where no file tells and a person has decided.
    pub ids: IdDecisions,
    /// How `Patients.csv` is written.
    pub patients: TableOptions,
    /// How `Appointments.csv` is written.
    pub appointments: TableOptions,
    /// How `Staff.csv` is written.
    pub staff: TableOptions,
    /// How `Clinics.csv` is written.
    pub clinics: TableOptions,
    /// How `Campaigns.csv` is written.
    pub campaigns: TableOptions,
    /// How `Prescriptions.csv` is written.
    pub prescriptions: TableOptions,
    /// How `ClinicalNotes.csv` is written.
    pub clinical_notes: TableOptions,
    /// How `Bills.csv` is written.
    pub bills: TableOptions,
    /// How `Payments.csv` is written.
    pub payments: TableOptions,
}

impl Default for PulseOptions {
    fn default() -> Self {
        Self {
            clinic: "main".into(),
            zone: "Asia/Kolkata".into(),
            date_order: None,
            two_digit_pivot: 30,
            calling_code: None,
            clinic_records: false,
            columns: Columns::default(),
            ids: IdDecisions::default(),
            patients: TableOptions::default(),
            appointments: TableOptions::default(),
            staff: TableOptions::default(),
            clinics: TableOptions::default(),
            campaigns: TableOptions::default(),
            prescriptions: TableOptions::default(),
            clinical_notes: TableOptions::default(),
            bills: TableOptions::default(),
            payments: TableOptions::default(),
        }
    }
}

impl PulseOptions {
    /// The same, of that clinic.
    #[must_use]
    pub fn clinic(mut self, clinic: impl Into<String>) -> Self {
        self.clinic = clinic.into();
        self
    }

    /// The same, with times of that zone.
    #[must_use]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = zone.into();
        self
    }

    /// The same, with that order of dates where a column does not tell.
    #[must_use]
    pub fn date_order(mut self, order: DateOrder) -> Self {
        self.date_order = Some(order);
        self
    }

    /// The same, with that calling code for numbers that have none.
    #[must_use]
    pub fn calling_code(mut self, code: impl Into<String>) -> Self {
        self.calling_code = Some(code.into());
        self
    }

    /// The same, with what a person decided about ids.
    #[must_use]
    pub fn ids(mut self, ids: IdDecisions) -> Self {
        self.ids = ids;
        self
    }

    /// The same, with the account's clinics as records, or not.
    #[must_use]
    pub fn clinic_records(mut self, records: bool) -> Self {
        self.clinic_records = records;
        self
    }

    /// The same, with the field of an entity in the column of that name.
    #[must_use]
    pub fn column(
        mut self,
        entity: impl Into<String>,
        field: impl Into<String>,
        header: impl Into<String>,
    ) -> Self {
        self.columns.0.entry(entity.into()).or_default().insert(field.into(), Headers::One(header.into()));
        self
    }
}

/// The names of columns: for an entity, for a field, the header, or several of which the first that is there is taken.
///
/// Case, spaces and signs do not matter. A field that is named here must be there.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Columns(pub(crate) BTreeMap<String, BTreeMap<String, Headers>>);

/// One header, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Headers {
    One(String),
    Several(Vec<String>),
}

impl Headers {
    pub(crate) fn all(&self) -> &[String] {
        match self {
            Self::One(header) => std::slice::from_ref(header),
            Self::Several(headers) => headers,
        }
    }
}
