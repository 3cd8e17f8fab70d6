//! The rows of `Patients.csv` as records.

use mapping_core::source::Reading;
use mapping_core::table::Row;

use crate::cells::Cells;
use crate::dates::Written;
use crate::ids::Listed;
use crate::ids::name::Name;
use crate::phones::{self, Phones};
use crate::practice::Practice;
use crate::sheet::Sheet;
use crate::text;

/// The id of a row that is a record, whatever the rows before it are.
pub(crate) fn id<'r>(sheet: &Sheet, row: &'r Row) -> Option<&'r str> {
    let named = ["name", "first_name", "last_name"].iter().any(|field| sheet.said(row, field).is_some());
    sheet.said(row, "patient_id").filter(|_| named)
}

/// What a row says of who the patient is, whether or not it is a record.
pub(crate) fn listed<'r>(sheet: &Sheet, row: &'r Row) -> Listed<'r> {
    let said = |field| sheet.said(row, field);
    let parts =
        || [said("first_name"), said("last_name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = said("name").map_or_else(|| Name::of(&parts()), Name::of);
    let phones = ["mobile", "alternate_phone"].into_iter().filter_map(said).flat_map(phones::keys).collect();
    Listed { id: id(sheet, row), line: row.line, name, phones }
}

pub(crate) fn read(practice: &Practice, mut cells: Cells<'_>) -> Reading {
    let Some(id) = cells.said("patient_id").map(str::to_owned) else {
        return cells.refuse(None, "patient_id", "the patient has no id; give it one at the source");
    };
    let (name, first, last) = (cells.text("name"), cells.text("first_name"), cells.text("last_name"));
    let joined: Vec<&str> = [&first, &last].into_iter().flatten().map(String::as_str).collect();
    let joined = (!joined.is_empty()).then(|| joined.join(" "));
    let Some(name) = name.or(joined) else {
        return cells.refuse(Some(&id), "name", "the patient has no name; give one at the source");
    };
    if let Some(line) = practice.patients.first_line(&id).filter(|first| *first != cells.line()) {
        let reason = format!("another patient has this id, on line {line}; only that one was taken");
        return cells.refuse(Some(&id), "patient_id", reason);
    }
    if practice.patients.has_twin(&id) {
        let message = "another patient's id has the same number; see whether they are one patient";
        cells.flag("similar-id", message, "patient_id");
    }

    cells.put("patient_id", id.as_str());
    cells.put("name", name);
    cells.put("first_name", first);
    cells.put("last_name", last);
    put_phones(&mut cells, practice.calling_code.as_deref());
    put_email(&mut cells);
    cells.put_texts(&["gender", "age"]);
    if let Some(Written::Day { date, .. }) = cells.day("date_of_birth", "date_of_birth_text") {
        cells.put("date_of_birth", date);
    }
    put_blood(&mut cells);
    cells.put_texts(&["address", "city", "pincode", "referring_physician", "insurance_carrier"]);
    practice.put_clinic(&mut cells);
    for field in ["allergy_notes", "medical_history"] {
        let finding = cells.finding(field);
        cells.put(field, finding);
    }
    practice.put_doctor(&mut cells);
    cells.put_moment("registered_on", "registered_on_text", &practice.zone);
    cells.put_moment("last_modified", "last_modified_text", &practice.zone);
    cells.record(id)
}

fn put_phones(cells: &mut Cells<'_>, code: Option<&str>) {
    let mobile = cells.text("mobile");
    let alternate = cells.text("alternate_phone");
    let other = alternate.map(|text| one_number(cells, &text, "alternate_phone"));
    let Some(mobile) = mobile else {
        return cells.put("alternate_phone", other.map(|number| phones::with_code(&number, code)));
    };
    match phones::read(&mobile) {
        Phones::Several(first, others) if other.is_none() => {
            cells.flag("two-phones", "several numbers; the others are the alternate phone", "mobile");
            cells.put("mobile", phones::with_code(&first, code));
            cells.put("alternate_phone", phones::with_code(&others, code));
        }
        Phones::Several(..) => {
            cells.flag(
                "two-phones",
                "several numbers beside an alternate phone; all kept as written",
                "mobile",
            );
            cells.put("mobile", mobile);
            cells.put("alternate_phone", other.map(|number| phones::with_code(&number, code)));
        }
        _ => {
            let number = one_number(cells, &mobile, "mobile");
            cells.put("mobile", phones::with_code(&number, code));
            cells.put("alternate_phone", other.map(|number| phones::with_code(&number, code)));
        }
    }
}

fn one_number(cells: &mut Cells<'_>, text: &str, field: &'static str) -> String {
    match phones::read(text) {
        Phones::Damaged(number) => {
            cells.flag(
                "damaged-number",
                "a spreadsheet cut the number; its last digits are gone; ask for it",
                field,
            );
            number
        }
        Phones::Repaired(number) => {
            cells.flag("repaired-number", "a spreadsheet put .0 behind the number; taken off", field);
            number
        }
        Phones::TooShort(number) => {
            cells.flag(
                "short-number",
                "too few digits for a phone number; kept as written; ask for it",
                field,
            );
            number
        }
        Phones::One(_) | Phones::Several(..) => text.to_owned(),
    }
}

fn put_email(cells: &mut Cells<'_>) {
    let Some(email) = cells.text("email") else { return };
    if !text::is_email(&email) {
        cells.flag("malformed-email", "no address of e-mail; kept as text", "email");
    }
    cells.put("email", email);
}

fn put_blood(cells: &mut Cells<'_>) {
    let Some(group) = cells.text("blood_group") else { return };
    match text::blood_type(&group) {
        Some(known) => cells.put("blood_type", known),
        None => {
            cells.flag("unknown-blood-group", "none of the eight blood groups; kept as text", "blood_group")
        }
    }
    cells.put("blood_group", group);
}
