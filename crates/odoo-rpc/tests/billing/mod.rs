//! A made-up clinic whose bills travel through the pipeline.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;

use futures::TryStreamExt;
use jiff::civil::date;
use mapping_core::destination::DestinationWriter;
use mapping_core::error::Result;
use mapping_core::identity::SourceId;
use mapping_core::journal::{Entry, Journal, Refused};
use mapping_core::key::RecordKey;
use mapping_core::memory::journal::MemoryJournal;
use mapping_core::memory::source::MemorySource;
use mapping_core::migration::Migration;
use mapping_core::migration::report::RunReport;
use mapping_core::receipt::{Receipt, SchemaReceipt};
use mapping_core::record::Record;
use mapping_core::source::Entity;
use mapping_core::spec::mapping::MappingSpec;
use mapping_core::value::{Value, ValueKind};
use odoo_rpc::accounting::Bill;
use odoo_rpc::destination::OdooWriter;
use rust_decimal::Decimal;

use super::books::bills;

pub(crate) const MAPPING: &str = r#"
    version = 1

    [[needs.field]]
    model = "account.move"
    name = "x_studio_bill_status"
    kind = "line"
    label = "Bill Status"

    [[draft]]
    entity = "patient"
    model = "res.partner"

    [draft.fields]
    name = "name"

    [[draft]]
    entity = "bill"
    model = "account.move"

    [draft.fields]
    partner_id = { link = "patient", from = "patient_id", required = true }
    invoice_date = "date"
    invoice_date_due = "due"
    ref = "number"
    amount_total = "total"
    invoice_line_ids = "lines"
    payments = "payments"
    narration = "note"
    x_studio_bill_status = "status"
"#;

/// A bill, the payment state that it must come to, and what must be left of it.
pub(crate) type Expected = (Bill, &'static str, Decimal);

/// A clinic, and what its bills must come to.
pub(crate) struct Clinic {
    pub(crate) id: SourceId,
    pub(crate) patients: usize,
    pub(crate) bills: Vec<Expected>,
    /// Records of bills beside them.
    pub(crate) more: Vec<Record>,
    pub(crate) status: &'static str,
}

impl Clinic {
    pub(crate) fn new(name: &str, patients: usize, count: usize) -> Self {
        let numbers: Vec<i64> = (1..=patients as i64).collect();
        let bills = bills(count, &numbers, None);
        Self { id: SourceId::new("paper", name).unwrap(), patients, bills, more: Vec::new(), status: "open" }
    }

    pub(crate) fn identity(&self, bill: &Bill) -> String {
        self.id.identity(&RecordKey::new("bill", bill.key.as_str()).into()).as_str().to_owned()
    }

    pub(crate) fn payments(&self) -> usize {
        self.bills.iter().map(|(bill, ..)| bill.payments.len()).sum()
    }

    pub(crate) fn source(&self) -> MemorySource {
        let bill = Entity::new("bill").link("patient_id", "patient");
        let bill = bill.field("date", ValueKind::Date).field("due", ValueKind::Date);
        let bill = bill.field("number", ValueKind::Text).field("total", ValueKind::Decimal);
        let bill = bill.field("lines", ValueKind::List).field("payments", ValueKind::List);
        let bill = bill.field("note", ValueKind::Text).field("status", ValueKind::Text);
        let source = MemorySource::new(self.id.clone());
        let mut source = source.entity(Entity::new("patient").field("name", ValueKind::Text)).entity(bill);
        for number in 1..=self.patients {
            let name = format!("Patient {number}");
            source = source.record(Record::new("patient", number.to_string()).with("name", name));
        }
        for (bill, ..) in &self.bills {
            source = source.record(record(bill).with("status", self.status));
        }
        self.more.iter().fold(source, |source, record| source.record(record.clone()))
    }

    pub(crate) async fn run(&self, writer: &OdooWriter, journal: &MemoryJournal) -> Result<RunReport> {
        let mapper = MappingSpec::from_toml(MAPPING).unwrap().compile().unwrap();
        Migration::new(&self.source(), &mapper, writer, journal).run().await
    }
}

/// A bill as its source has it.
pub(crate) fn record(bill: &Bill) -> Record {
    let lines = bill.lines.iter().map(|line| {
        map([
            ("name", line.text.as_str().into()),
            ("quantity", line.quantity.into()),
            ("price_unit", line.price.into()),
        ])
    });
    let payments = bill.payments.iter().map(|payment| {
        map([
            ("key", payment.key.as_str().into()),
            ("date", payment.date.into()),
            ("amount", payment.amount.into()),
            ("memo", payment.memo.clone().into()),
        ])
    });
    Record::new("bill", bill.key.as_str())
        .with("patient_id", bill.partner.to_string())
        .with("date", bill.date)
        .with("due", bill.due)
        .with("number", bill.number.clone())
        .with("total", bill.total(2))
        .with("lines", lines.collect::<Vec<_>>())
        .with("payments", payments.collect::<Vec<_>>())
        .with("note", "Paid at the desk <cash>\nby hand")
}

/// A bill that was wholly paid on a day of 2019.
pub(crate) fn of_2019(key: &str) -> Record {
    let bill = Bill::new(key, 1, date(2019, 5, 6)).number(key);
    record(&bill.line(odoo_rpc::accounting::Line::new("Consultation", Decimal::from(250))))
}

pub(crate) fn map<const N: usize>(values: [(&str, Value); N]) -> Value {
    Value::Map(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>())
}

pub(crate) async fn entries(journal: &MemoryJournal) -> Vec<Entry> {
    journal.entries().try_collect().await.unwrap()
}

/// The records that were refused, each with its reason.
pub(crate) async fn refused(journal: &MemoryJournal) -> BTreeMap<String, String> {
    let refused = |entry| match entry {
        Entry::Refused(Refused { refusal, .. }) => {
            let field = refusal.field.map(|field| format!("{field}: ")).unwrap_or_default();
            Some((refusal.key.as_deref().unwrap_or_default().to_owned(), field + &refusal.reason))
        }
        _ => None,
    };
    entries(journal).await.into_iter().filter_map(refused).collect()
}

/// Undoes all that the journal has from its entry number `from` on, the last first.
pub(crate) async fn undo(writer: &OdooWriter, journal: &MemoryJournal, from: usize) {
    let entries = entries(journal).await.split_off(from);
    let receipts = |entry: &Entry| match entry {
        Entry::Receipt(receipt) => Some(receipt.clone()),
        _ => None,
    };
    let receipts: Vec<Receipt> = entries.iter().rev().filter_map(receipts).collect();
    for (receipt, answer) in receipts.iter().zip(writer.revert(&receipts).await) {
        answer.unwrap_or_else(|error| panic!("{}: {error}", receipt.key));
    }
    let made = entries.into_iter().filter_map(|entry| match entry {
        Entry::Schema(receipt) => Some(receipt),
        _ => None,
    });
    let made: Vec<SchemaReceipt> = made.collect();
    writer.revert_schema(&made).await.unwrap();
}
