//! A whole clinic in Odoo, held against its files by a reading that knows neither the reader, nor the mapping, nor the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use mapping_core::value::FileHandle;
use odoo_rpc::client::{Client, Context, Domain};
use odoo_rpc::wire::{Struct, Value as Wire};
use source_pulse::fixtures::Clinic;

use crate::support::servers::{Server, fresh};
use crate::support::{json, migration};

pub(crate) type Row = BTreeMap<String, String>;

/// How many things were looked at.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) records: usize,
    pub(crate) facts: usize,
}

/// The files of a clinic without dirt, and the Odoo that it was moved into.
pub(crate) struct Everything<'a> {
    export: &'a Path,
    client: Client,
    clinic: &'a str,
    is_19: bool,
    /// The contacts by their patient's id.
    contacts: BTreeMap<String, Struct>,
    seen: Seen,
}

impl<'a> Everything<'a> {
    pub(crate) async fn of(export: &'a Path, client: &Client, clinic: &'a str, is_19: bool) -> Self {
        let client = client.with_context(Context::new().with("active_test", false));
        let mut all =
            Self { export, client, clinic, is_19, contacts: BTreeMap::new(), seen: Seen::default() };
        let fields = [
            "name",
            "email",
            "phone",
            "x_studio_patient_id",
            "x_studio_date_of_birth",
            "x_studio_gender",
            "user_id",
            "x_studio_doctor",
            "x_studio_medical_history",
            "x_studio_blood_group",
            "x_studio_chief_complaint",
            "x_studio_diagnosis",
            "x_studio_treatment_plan",
            "is_company",
        ];
        let contacts = all.fetch("res.partner", &fields).await;
        all.contacts = contacts.into_iter().map(|row| (text(&row, "x_studio_patient_id"), row)).collect();
        all
    }

    pub(crate) fn seen(self) -> Seen {
        self.seen
    }

    pub(crate) async fn patients(&mut self) {
        let rows = self.rows("Patients.csv");
        self.holds(rows.len(), self.contacts.len(), "contacts");
        let eight = ["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"];
        for row in &rows {
            let contact = self.contacts[&row["Patient ID"]].clone();
            for (field, column) in [
                ("name", "Patient Name"),
                ("email", "Email"),
                ("phone", "Mobile Number"),
                ("x_studio_gender", "Gender"),
                ("x_studio_medical_history", "Medical History"),
                ("x_studio_doctor", "Doctor"),
            ] {
                self.holds(&row[column], &text(&contact, field), field);
            }
            let born = &row["Date of Birth"];
            let born = if born.is_empty() { String::new() } else { day(born).to_string() };
            self.holds(born, text(&contact, "x_studio_date_of_birth"), "birth date");
            if eight.contains(&row["Blood Group"].as_str()) {
                self.holds(&row["Blood Group"], &text(&contact, "x_studio_blood_group"), "blood group");
            }
            self.holds(Some(&Wire::Bool(false)), contact.get("is_company"), "is a person");
            let owned = link(&contact, "user_id").is_some();
            self.holds(!row["Doctor"].is_empty(), owned, "owner");
        }
    }

    pub(crate) async fn appointments(&mut self) {
        let rows = self.rows("Appointments.csv");
        let mut fields = vec![
            "res_id",
            "date_deadline",
            "x_studio_appointment_id",
            "x_studio_appointment_time",
            "x_studio_appointment_status",
            "x_studio_appointment_type",
            "x_studio_appointment_stage_id",
            "note",
        ];
        // Odoo 14 has no closed activities.
        fields.extend(self.is_19.then_some("active"));
        let found = self.fetch("mail.activity", &fields).await;
        let found = by(found, "x_studio_appointment_id");
        self.holds(rows.len(), found.len(), "appointments");
        for row in &rows {
            let activity = &found[&row["Appointment ID"]];
            self.holds(self.contact(row), number(activity, "res_id"), "whose appointment");
            self.holds(day(&row["Date"]).to_string(), text(activity, "date_deadline"), "day");
            let time = utc(day(&row["Date"]), clock(&row["Time"]));
            self.holds(time, text(activity, "x_studio_appointment_time"), "time");
            self.holds(&row["Status"], &text(activity, "x_studio_appointment_status"), "status");
            self.holds(&row["Type"], &text(activity, "x_studio_appointment_type"), "type");
            let stage = activity.get("x_studio_appointment_stage_id").and_then(Wire::as_array);
            let stage = stage.and_then(|pair| pair[1].as_text()).unwrap_or_default().to_owned();
            self.holds(&row["Status"], &stage, "stage");
            let done = ["Completed", "Cancelled", "No-Show"].contains(&row["Status"].as_str());
            if self.is_19 {
                self.holds(Some(&Wire::Bool(!done)), activity.get("active"), "closed");
            }
            self.holds(true, shown(&text(activity, "note")) == row["Notes"], "notes");
        }
    }

    pub(crate) async fn touches(&mut self) {
        let rows = self.rows("Campaigns.csv");
        let fields = [
            "res_id",
            "x_studio_campaign_touch_id",
            "x_studio_campaign_name",
            "x_studio_campaign_time",
            "date_deadline",
        ];
        let found = by(self.fetch("mail.activity", &fields).await, "x_studio_campaign_touch_id");
        self.holds(rows.len(), found.len(), "touches");
        for row in &rows {
            let activity = &found[&row["Touch ID"]];
            self.holds(self.contact(row), number(activity, "res_id"), "whose touch");
            self.holds(&row["Campaign Name"], &text(activity, "x_studio_campaign_name"), "campaign");
            let time = utc(day(&row["Date"]), clock(&row["Time"]));
            self.holds(time, text(activity, "x_studio_campaign_time"), "time of the touch");
        }
    }

    pub(crate) async fn notes(&mut self) {
        let rows = self.rows("ClinicalNotes.csv");
        let messages = self.fetch("mail.message", &["id", "model", "res_id", "date", "body"]).await;
        self.holds(rows.len(), messages.len(), "notes");
        let mut in_order: Vec<(i64, i64, String)> = messages
            .iter()
            .map(|row| (number(row, "res_id"), number(row, "id"), text(row, "date")))
            .collect();
        in_order.sort();
        for pair in in_order.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            self.holds(true, pair[0].2 <= pair[1].2, "the chatter's order");
        }
        let found: BTreeMap<String, &Struct> =
            messages.iter().map(|row| (labelled(&shown(&text(row, "body")), "Note ID"), row)).collect();
        let scans = by_label(self.fetch("ir.attachment", &DOCUMENT).await, "Note ID");
        let mut latest: BTreeMap<(String, &str), (String, String)> = BTreeMap::new();
        for row in &rows {
            let message = found[&row["Note ID"]];
            self.holds("res.partner".to_owned(), text(message, "model"), "model");
            self.holds(self.contact(row), number(message, "res_id"), "whose note");
            let time = utc(day(&row["Date"]), clock(&row["Time"]));
            self.holds(time.clone(), text(message, "date"), "time of the note");
            let body = shown(&text(message, "body"));
            for column in ["Chief Complaint", "Diagnosis", "Treatment Plan", "Notes", "Doctor"] {
                self.holds(true, body.contains(&row[column]), column);
                let known = latest.entry((row["Patient ID"].clone(), column)).or_default();
                if !row[column].is_empty() && (time.as_str(),) >= (known.0.as_str(),) {
                    *known = (time.clone(), row[column].clone());
                }
            }
            if !row["File Name"].is_empty() {
                self.is_file(&scans[&row["Note ID"]], row);
            }
        }
        let named = rows.iter().filter(|row| !row["File Name"].is_empty()).count();
        self.holds(named, scans.len(), "scans");
        for (patient, contact) in &self.contacts.clone() {
            for (field, column) in [
                ("x_studio_chief_complaint", "Chief Complaint"),
                ("x_studio_diagnosis", "Diagnosis"),
                ("x_studio_treatment_plan", "Treatment Plan"),
            ] {
                let wanted =
                    latest.get(&(patient.clone(), column)).map(|(_, text)| text.clone()).unwrap_or_default();
                self.holds(wanted, text(contact, field), field);
            }
        }
    }

    pub(crate) async fn prescriptions(&mut self) {
        let rows = self.rows("Prescriptions.csv");
        let found = by_label(self.fetch("ir.attachment", &DOCUMENT).await, "Prescription ID");
        let ids: BTreeSet<&String> = rows.iter().map(|row| &row["Prescription ID"]).collect();
        self.holds(ids.len(), found.len(), "prescriptions");
        for row in &rows {
            let document = &found[&row["Prescription ID"]];
            let about = text(document, "description");
            for column in ["Drug", "Dosage", "Duration", "Refills"] {
                self.holds(true, about.contains(&row[column]), column);
            }
            let name = text(document, "name");
            let day = day(&row["Date"]).to_string();
            self.holds(true, name.starts_with("Prescription ") && name.contains(&day), "the day in the name");
            self.holds(true, name.contains(&row["Doctor"]), "the doctor in the name");
            match row["File Name"].as_str() {
                "" => {
                    self.holds(self.contact(row), number(document, "res_id"), "whose prescription");
                    self.holds("text/plain".to_owned(), text(document, "mimetype"), "type of the text");
                }
                _ => self.is_file(document, row),
            }
        }
    }

    pub(crate) async fn chats(&mut self) {
        let files: Vec<PathBuf> = std::fs::read_dir(self.export.join("Messages"))
            .map(|all| all.map(|file| file.unwrap().path()).collect())
            .unwrap_or_default();
        let chats = self.fetch("ir.attachment", &DOCUMENT).await;
        let chats: BTreeMap<String, Struct> = chats
            .into_iter()
            .filter(|row| text(row, "name").starts_with("Chat "))
            .map(|row| (text(&row, "name")["Chat ".len()..].to_owned(), row))
            .collect();
        self.holds(files.len(), chats.len(), "chats");
        for path in files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let chat = &chats[&name];
            let patient = Row::from([("Patient ID".to_owned(), name.trim_end_matches(".txt").to_owned())]);
            self.holds(self.contact(&patient), number(chat, "res_id"), "whose chat");
            self.holds(sha1(&path), text(chat, "checksum"), "the chat itself");
        }
    }

    /// Bills as sums on the contact, and as texts.
    pub(crate) async fn sums(&mut self) {
        let fields = [
            "x_studio_patient_id",
            "x_studio_last_bill_date",
            "x_studio_last_bill_amount",
            "x_studio_outstanding_balance",
            "x_studio_billing_status",
        ];
        let contacts = by(self.fetch("res.partner", &fields).await, "x_studio_patient_id");
        let bills = self.bills();
        let texts = self.fetch("ir.attachment", &DOCUMENT).await;
        let texts = texts.iter().filter(|row| text(row, "name").starts_with("Bill ")).count();
        self.holds(bills.len(), texts, "texts of bills");
        let mut owed: BTreeMap<&String, i64> = BTreeMap::new();
        let mut last: BTreeMap<&String, (Date, i64, &String)> = BTreeMap::new();
        for bill in bills.values().filter(|bill| bill["Status"] != "Cancelled") {
            let patient = &bill["Patient ID"];
            *owed.entry(patient).or_default() += hundredths(&bill["Balance"]);
            let here = (day(&bill["Date"]), hundredths(&bill["Total"]), &bill["Status"]);
            let known = last.entry(patient).or_insert(here);
            if here.0 >= known.0 {
                *known = here;
            }
        }
        for (patient, contact) in &contacts {
            let money = |field: &str| amount(contact, field);
            self.holds(
                owed.get(patient).copied().unwrap_or_default(),
                money("x_studio_outstanding_balance"),
                "owed",
            );
            let Some((date, total, status)) = last.get(patient) else { continue };
            self.holds(date.to_string(), text(contact, "x_studio_last_bill_date"), "day of the last bill");
            self.holds(*total, money("x_studio_last_bill_amount"), "last bill");
            self.holds(*status, &text(contact, "x_studio_billing_status"), "status of the last bill");
        }
    }

    /// Bills as invoices with payments; answers what they come to and what is still to be paid, in hundredths.
    pub(crate) async fn invoices(&mut self) -> (i64, i64) {
        let fields = [
            "ref",
            "partner_id",
            "invoice_date",
            "state",
            "move_type",
            "amount_total",
            "amount_residual",
            "payment_state",
            "invoice_line_ids",
            "x_studio_bill_status",
        ];
        // On Odoo 14 a payment is a move too.
        let mut moves = self.fetch("account.move", &fields).await;
        moves.retain(|row| text(row, "move_type") == "out_invoice");
        let moves = by(moves, "ref");
        let payments = self.fetch("account.payment", &["amount"]).await;
        let bills = self.bills();
        let mut lines: BTreeMap<&String, usize> = BTreeMap::new();
        let rows = self.rows("Bills.csv");
        for row in &rows {
            let more = usize::from(!row["Discount"].is_empty()) + usize::from(!row["Tax Percent"].is_empty());
            *lines.entry(&row["Bill No"]).or_default() += 1 + more;
        }
        let posted = bills.values().filter(|bill| bill["Status"] != "Cancelled").count();
        self.holds(posted, moves.len(), "invoices");
        self.holds(self.rows("Payments.csv").len(), payments.len(), "payments");
        let (mut total, mut left) = (0, 0);
        for (number, bill) in bills.iter().filter(|(_, bill)| bill["Status"] != "Cancelled") {
            let invoice = &moves[number];
            let (billed, owed) = (hundredths(&bill["Total"]), hundredths(&bill["Balance"]));
            self.holds(billed, amount(invoice, "amount_total"), "total");
            self.holds(owed, amount(invoice, "amount_residual"), "to be paid");
            self.holds("posted".to_owned(), text(invoice, "state"), "state");
            self.holds("out_invoice".to_owned(), text(invoice, "move_type"), "kind");
            let state = text(invoice, "payment_state");
            let paid = match owed {
                0 => ["paid", "in_payment"].contains(&state.as_str()),
                owed if owed == billed => state == "not_paid",
                _ => state == "partial",
            };
            self.holds(true, paid, "payment state");
            self.holds(Some(self.contact(bill)), link(invoice, "partner_id"), "whose bill");
            self.holds(day(&bill["Date"]).to_string(), text(invoice, "invoice_date"), "day of the bill");
            self.holds(&bill["Status"], &text(invoice, "x_studio_bill_status"), "status as written");
            let there = invoice.get("invoice_line_ids").and_then(Wire::as_array).map_or(0, <[Wire]>::len);
            self.holds(lines[number], there, "lines");
            (total, left) = (total + billed, left + owed);
        }
        (total, left)
    }

    /// The first row of each bill.
    fn bills(&self) -> BTreeMap<String, Row> {
        let mut bills = BTreeMap::new();
        for row in self.rows("Bills.csv") {
            bills.entry(row["Bill No"].clone()).or_insert(row);
        }
        bills
    }

    fn rows(&self, file: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_path(self.export.join(file)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    }

    fn contact(&self, row: &Row) -> i64 {
        number(&self.contacts[&row["Patient ID"]], "id")
    }

    fn is_file(&mut self, document: &Struct, row: &Row) {
        self.holds(self.contact(row), number(document, "res_id"), "whose file");
        let path = self.export.join("files").join(&row["File Name"]);
        self.holds(sha1(&path), text(document, "checksum"), "the file itself");
        self.holds("application/pdf".to_owned(), text(document, "mimetype"), "type of the file");
    }

    fn holds<T: PartialEq + std::fmt::Debug>(&mut self, wanted: T, found: T, what: &str) {
        assert_eq!(wanted, found, "{what}");
        self.seen.facts += 1;
    }

    /// All records of the clinic, whatever made them.
    async fn fetch(&mut self, model: &str, fields: &[&str]) -> Vec<Struct> {
        let own = Domain::field("x_migration_key").compared("=like", format!("pulse:{}:%", self.clinic));
        let mut pages = self.client.pages(model, own, fields, 2000);
        let mut all = Vec::new();
        while let Some(page) = pages.next().await.unwrap() {
            all.extend(page);
        }
        self.seen.records += all.len();
        all
    }
}

/// Moves a clinic into the server, and looks at everything there.
pub(crate) async fn arrives(server: &Server, accounting: bool, otherwise: u32) {
    let folder = tempfile::tempdir().unwrap();
    let (export, journal) = (folder.path().join("export"), folder.path().join("journal"));
    let patients = std::env::var("ODOO_PATIENTS").map_or(otherwise, |count| count.parse().unwrap());
    let truth = Clinic::new(patients).everything().seed(11).write_to(&export).unwrap();
    let clinic = fresh("everything");
    let mut command = migration(server, &server.url, &export, &clinic);
    command.args(["--calls-per-second", "0", "--bills", if accounting { "accounting" } else { "summary" }]);
    command.arg("--journal").arg(&journal);
    let began = Instant::now();
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let took = began.elapsed().as_secs_f64();
    let report = json(&output);
    let (mut rows, calls) = (0, report["calls"].as_u64().unwrap());
    for (entity, made) in truth.entities.iter().filter(|(entity, _)| *entity != "staff") {
        assert_eq!(report["entities"][entity.to_string()]["written"].as_u64(), Some(made.rows), "{entity}");
        rows += made.rows;
    }

    let client = server.client().await;
    let mut all = Everything::of(&export, &client, &clinic, server.version >= 19).await;
    all.patients().await;
    all.appointments().await;
    all.touches().await;
    all.notes().await;
    all.prescriptions().await;
    all.chats().await;
    let money = truth.money.unwrap();
    let mut said = String::new();
    if accounting {
        let (total, left) = all.invoices().await;
        assert_eq!((total as u64, (total - left) as u64), (money.billed, money.paid), "to the hundredth");
        said = format!(
            ", {}.{:02} billed, {}.{:02} to be paid",
            total / 100,
            total % 100,
            left / 100,
            left % 100
        );
    } else {
        all.sums().await;
        assert!(calls <= rows / 500 + 150, "{calls} calls for {rows} rows");
    }
    let seen = all.seen();
    println!(
        "Odoo {}, {}{}: {rows} records in {calls} calls and {took:.0} s; {} facts of {} records held against the files{said}",
        server.version,
        server.protocol,
        if accounting { " with Accounting" } else { "" },
        seen.facts,
        seen.records,
    );
}

const DOCUMENT: [&str; 7] =
    ["name", "res_model", "res_id", "mimetype", "checksum", "description", "file_size"];

fn text(row: &Struct, field: &str) -> String {
    row.get(field).and_then(Wire::as_text).unwrap_or_default().to_owned()
}

fn number(row: &Struct, field: &str) -> i64 {
    row.get(field).and_then(Wire::as_int).unwrap_or_else(|| panic!("{field} is no number"))
}

fn link(row: &Struct, field: &str) -> Option<i64> {
    row.get(field).and_then(Wire::as_array).and_then(|pair| pair[0].as_int())
}

/// An amount in hundredths, as it is to the hundredth.
fn amount(row: &Struct, field: &str) -> i64 {
    let amount = match row.get(field) {
        Some(Wire::Double(amount)) => *amount,
        Some(Wire::Int(whole)) => *whole as f64,
        other => panic!("{field}: {other:?}"),
    };
    let exact = (amount * 100.0).round();
    assert!((amount * 100.0 - exact).abs() < 1e-6, "{field} has more than two decimals");
    exact as i64
}

fn hundredths(cell: &str) -> i64 {
    cell.replace([',', '.'], "").parse().unwrap()
}

/// Those that have something in the field, by it.
fn by(rows: Vec<Struct>, field: &str) -> BTreeMap<String, Struct> {
    let named = rows.into_iter().map(|row| (text(&row, field), row)).filter(|(name, _)| !name.is_empty());
    let mut all = BTreeMap::new();
    for (name, row) in named {
        assert!(all.insert(name.clone(), row).is_none(), "{field} {name} is there twice");
    }
    all
}

fn by_label(rows: Vec<Struct>, label: &str) -> BTreeMap<String, Struct> {
    let mut all = BTreeMap::new();
    for row in rows {
        let name = labelled(&text(&row, "description"), label);
        assert!(name.is_empty() || all.insert(name.clone(), row).is_none(), "{label} {name} is there twice");
    }
    all
}

/// What stands behind a label.
fn labelled(text: &str, label: &str) -> String {
    let start = format!("{label}: ");
    text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
}

/// Markup as the text that it shows.
fn shown(markup: &str) -> String {
    let text = markup.replace("<br>", "\n").replace("<br/>", "\n").replace("<p>", "").replace("</p>", "");
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
}

fn day(cell: &str) -> Date {
    Date::strptime("%d/%m/%Y", cell).unwrap()
}

fn clock(cell: &str) -> Time {
    Time::strptime("%I:%M %p", cell).or_else(|_| Time::strptime("%H:%M", cell)).unwrap()
}

/// What Odoo stores for a time in India.
fn utc(day: Date, time: Time) -> String {
    let there = day.to_datetime(time).to_zoned(TimeZone::get("Asia/Kolkata").unwrap()).unwrap();
    there.with_time_zone(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn sha1(path: &Path) -> String {
    let file = FileHandle::look(path, "file").unwrap();
    file.sha1.iter().map(|byte| format!("{byte:02x}")).collect()
}
