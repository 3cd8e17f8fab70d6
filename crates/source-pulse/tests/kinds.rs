//! One clinic in every kind of export: a folder, archives, workbooks and a bridge give the same records.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod bridge;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bridge::{Bridge, Data};
use futures::StreamExt;
use futures::executor::block_on;
use jiff::civil::{Date, DateTime, Time};
use mapping_core::finding::Flag;
use mapping_core::source::{Query, Reading, SourceReader};
use mapping_core::value::Value;
use rust_xlsxwriter::{ExcelDateTime, Format};
use source_pulse::export::PulseExport;
use source_pulse::fixtures::Clinic;
use source_pulse::options::PulseOptions;
use source_pulse::rest::RestSource;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TABLES: [&str; 8] =
    ["Patients", "Appointments", "Staff", "Campaigns", "Prescriptions", "ClinicalNotes", "Bills", "Payments"];
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

#[test]
fn a_folder_archives_workbooks_and_a_bridge_of_one_clinic_give_the_same_records() {
    let data = Path::new(DATA);
    let all = every_kind_is_read_as_the_folder(&data.join("clinic"));
    assert_eq!(read(&data.join("clinic.xls")), all, "xls");
    // What a spreadsheet makes of its cells is told in all of them.
    for told in
        ["9876543210", "1990-12-31", "2024-05-31", "failed-formula", "unreadable-date", "id-normalised"]
    {
        assert!(all.iter().any(|reading| reading.contains(told)), "{told} in {all:#?}");
    }
}

#[test]
fn a_large_clinic_is_the_same_in_every_kind_too() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("export");
    fs::create_dir(&folder).unwrap();
    Clinic::new(150).everything().write_to(&folder).unwrap();
    let all = every_kind_is_read_as_the_folder(&folder);
    for told in [
        "bill/B-00001",
        "prescription/R-00002",
        "clinical-note/N-00004",
        "chat/P-0001.txt",
        "campaign-touch/C-00001",
    ] {
        assert!(all.iter().any(|reading| reading.starts_with(told)), "{told}");
    }
}

#[test]
fn what_an_archive_was_unpacked_to_stays_as_long_as_the_export() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clinic.zip");
    pack(&Path::new(DATA).join("clinic"), "", &path);
    let export = PulseExport::open(&path, options()).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(readings(&export), read(&Path::new(DATA).join("clinic")));
}

/// Reads a folder of CSV files, and the same in every other kind, and over HTTP; answers what is read.
fn every_kind_is_read_as_the_folder(folder: &Path) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    pack(folder, "", &at("flat.zip"));
    pack(folder, "Export of 31 May/", &at("deep.zip"));
    let tables: Vec<&str> =
        TABLES.into_iter().filter(|name| folder.join(format!("{name}.csv")).exists()).collect();
    let named: Vec<(&str, &str)> = tables.iter().map(|name| (*name, *name)).collect();
    xlsx(folder, &named, &at("clinic.xlsx"));
    ods(folder, &at("clinic.ods"));
    let (single, mixed) = (at("single"), at("mixed"));
    fs::create_dir(&single).unwrap();
    for name in &tables {
        xlsx(folder, &[(*name, "Sheet1")], &single.join(format!("{name}.xlsx")));
    }
    fs::create_dir(&mixed).unwrap();
    fs::copy(folder.join("Staff.csv"), mixed.join("staff.CSV")).unwrap();
    let upper: Vec<String> = tables.iter().map(|name| name.to_uppercase()).collect();
    let rest = tables.iter().zip(&upper).filter(|(name, _)| **name != "Staff");
    let rest: Vec<(&str, &str)> = rest.map(|(name, upper)| (*name, upper.as_str())).collect();
    xlsx(folder, &rest, &mixed.join("all.xlsx"));
    // Files lie beside the tables, whatever these are.
    for beside in [dir.path(), &single, &mixed] {
        for inside in ["files", "Messages"] {
            copy(&folder.join(inside), &beside.join(inside));
        }
    }

    pack(&single, "", &at("books.zip"));
    fetch(folder, &at("fetched"));

    let expected = read(folder);
    for kind in
        ["flat.zip", "deep.zip", "clinic.xlsx", "clinic.ods", "single", "books.zip", "mixed", "fetched"]
    {
        let found = read(&at(kind));
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{kind}");
        }
        assert_eq!(found.len(), expected.len(), "{kind}");
    }
    expected
}

fn read(path: &Path) -> Vec<String> {
    readings(&PulseExport::open(path, options()).unwrap())
}

fn options() -> PulseOptions {
    PulseOptions::default().calling_code("91")
}

/// All readings, without the file and line and what is said of encodings.
fn readings(export: &PulseExport) -> Vec<String> {
    let told = |flag: &Flag| format!("{} {:?} {}", flag.kind, flag.field, flag.message);
    let mut all = Vec::new();
    for entity in export.entities() {
        for reading in block_on(export.read(&Query::all(entity.name().clone())).collect::<Vec<_>>()) {
            match reading.unwrap() {
                Reading::Record(mut record) => {
                    // A file is the same wherever it lies.
                    if let Value::File(file) = record.value("file").clone() {
                        record.set("file", file.not_kept());
                    }
                    let fields = serde_json::to_string(record.fields()).unwrap();
                    let flags: Vec<String> = record.flags().iter().map(told).collect();
                    all.push(format!("{} {fields} {flags:?}", record.key()));
                }
                Reading::Refused(refusal) => all.push(format!("{:?} {}", refusal.key, refusal.reason)),
                Reading::Flag(flag) if flag.kind == "guessed-encoding" => {}
                Reading::Flag(flag) => all.push(told(&flag)),
            }
        }
    }
    all
}

/// A cell as a spreadsheet program understands what was typed.
enum Cell<'a> {
    Text(&'a str),
    Number(&'a str),
    Day(Date),
    Moment(DateTime),
    Clock(Time),
}

impl<'a> Cell<'a> {
    fn of(text: &'a str) -> Self {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && (1..=15).contains(&text.len()) && !text.starts_with('0') {
            Self::Number(text)
        } else if let Ok(day) = Date::strptime("%d/%m/%Y", text) {
            Self::Day(day)
        } else if let Ok(moment) = DateTime::strptime("%d/%m/%Y %H:%M", text) {
            Self::Moment(moment)
        } else if let Ok(time) = Time::strptime("%H:%M", text) {
            Self::Clock(time)
        } else {
            Self::Text(text)
        }
    }
}

fn rows(folder: &Path, table: &str) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path(folder.join(format!("{table}.csv"))).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A folder with all in it, where there is one.
fn copy(folder: &Path, to: &Path) {
    for file in within(folder) {
        let target = to.join(file.strip_prefix(folder).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}

/// All files below a folder.
fn within(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { within(&path) } else { vec![path] }).collect()
}

/// The files of a folder as an archive.
fn pack(folder: &Path, inside: &str, path: &Path) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for file in within(folder) {
        let name = file.strip_prefix(folder).unwrap().to_str().unwrap();
        zip.start_file(format!("{inside}{name}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(&file).unwrap()).unwrap();
    }
    zip.finish().unwrap();
}

/// All tables of a folder, served by a bridge and fetched from there in many pages.
fn fetch(folder: &Path, into: &Path) {
    let mut data = Data::of_folder(folder);
    for inside in ["files", "Messages"] {
        let name = |file: &PathBuf| file.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        data.files
            .extend(within(&folder.join(inside)).iter().map(|file| (name(file), fs::read(file).unwrap())));
    }
    let bridge = Bridge::serve(data);
    let source = RestSource::new(&bridge.url).unwrap().page_size(3);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(source.fetch(into)).unwrap();
}

/// Tables of a folder as sheets of those names.
fn xlsx(folder: &Path, sheets: &[(&str, &str)], path: &Path) {
    let shown = |format: &str| Format::new().set_num_format(format);
    let (day, moment, clock) = (shown("dd/mm/yyyy"), shown("dd/mm/yyyy hh:mm"), shown("hh:mm"));
    let date_of =
        |day: Date| ExcelDateTime::from_ymd(day.year() as u16, day.month() as u8, day.day() as u8).unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (table, name) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in (0..).zip(rows(folder, table)) {
            for (column, text) in (0..).zip(&cells).filter(|(_, text)| !text.is_empty()) {
                match Cell::of(text) {
                    Cell::Text(text) => sheet.write(row, column, text),
                    Cell::Number(number) => sheet.write(row, column, number.parse::<f64>().unwrap()),
                    Cell::Day(date) => sheet.write_with_format(row, column, date_of(date), &day),
                    Cell::Moment(time) => {
                        let value = date_of(time.date()).and_hms(time.hour() as u16, time.minute() as u8, 0);
                        sheet.write_with_format(row, column, value.unwrap(), &moment)
                    }
                    Cell::Clock(time) => {
                        let value = ExcelDateTime::from_hms(time.hour() as u16, time.minute() as u8, 0);
                        sheet.write_with_format(row, column, value.unwrap(), &clock)
                    }
                }
                .unwrap();
            }
        }
    }
    book.save(path).unwrap();
}

/// All tables of a folder as sheets of an open document.
fn ods(folder: &Path, path: &Path) {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let mut content = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\"><office:body><office:spreadsheet>",
    );
    for table in TABLES.into_iter().filter(|table| folder.join(format!("{table}.csv")).exists()) {
        write!(content, "<table:table table:name=\"{table}\">").unwrap();
        for cells in rows(folder, table) {
            content.push_str("<table:table-row>");
            for text in &cells {
                let (kind, shown) = match Cell::of(text) {
                    Cell::Text("") => (String::new(), String::new()),
                    Cell::Text(text) => ("string\"".to_owned(), escaped(text)),
                    Cell::Number(number) => (format!("float\" office:value=\"{number}\""), text.clone()),
                    Cell::Day(date) => (format!("date\" office:date-value=\"{date}\""), text.clone()),
                    Cell::Moment(time) => (format!("date\" office:date-value=\"{time}\""), text.clone()),
                    Cell::Clock(time) => {
                        let value = format!("PT{:02}H{:02}M00S", time.hour(), time.minute());
                        (format!("time\" office:time-value=\"{value}\""), text.clone())
                    }
                };
                match shown.as_str() {
                    "" => content.push_str("<table:table-cell/>"),
                    shown => {
                        let lines = shown.replace('\n', "</text:p><text:p>");
                        write!(
                            content,
                            "<table:table-cell office:value-type=\"{kind}><text:p>{lines}</text:p></table:table-cell>"
                        )
                        .unwrap();
                    }
                }
            }
            content.push_str("<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>");
        }
        content.push_str("<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell/></table:table-row></table:table>");
    }
    content.push_str("</office:spreadsheet></office:body></office:document-content>");
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\">\
         <manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{kind}\"/></manifest:manifest>"
    );
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, text) in [("mimetype", kind), ("content.xml", &content), ("META-INF/manifest.xml", &manifest)]
    {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}
