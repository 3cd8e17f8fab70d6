//! A row on its way to a record.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use mapping_core::finding::{Flag, Refusal};
use mapping_core::record::{Fields, Record};
use mapping_core::source::Reading;
use mapping_core::table::{Problem, Row};
use mapping_core::value::Value;

use crate::dates::{Stray, Written};
use crate::ids::whose::Said;
use crate::sheet::Sheet;
use crate::text;

/// A row, and what has been read from it.
pub(crate) struct Cells<'a> {
    sheet: &'a Sheet,
    row: Row,
    fields: Fields,
    flags: Vec<Flag>,
    /// What other rows of the same record say in columns that are none of the known ones.
    more: BTreeMap<String, Value>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(sheet: &'a Sheet, row: Row) -> Self {
        Self { sheet, row, fields: Fields::default(), flags: Vec::new(), more: BTreeMap::new() }
    }

    pub(crate) fn sheet(&self) -> &'a Sheet {
        self.sheet
    }

    pub(crate) fn line(&self) -> u64 {
        self.row.line
    }

    /// What is written for a field, if it says anything. Nothing is flagged.
    pub(crate) fn said(&self, field: &str) -> Option<&str> {
        self.sheet.said(&self.row, field)
    }

    /// What is written for a field; none where it is blank, or says that it is.
    pub(crate) fn text(&mut self, field: &'static str) -> Option<String> {
        let cell = self.row.cell(self.sheet.place(field)?).trim();
        if cell.is_empty() {
            return None;
        }
        if text::is_placeholder(cell) {
            self.flag("placeholder-text", "the cell says that it is blank; taken as blank", field);
            return None;
        }
        let cell = cell.to_owned();
        if text::is_formula(&cell) {
            self.flag("formula-text", "a spreadsheet would compute this text; kept as text", field);
        }
        Some(cell)
    }

    /// The same, for a clinical finding: "none" is one, and is kept.
    pub(crate) fn finding(&mut self, field: &'static str) -> Option<String> {
        let cell = self.row.cell(self.sheet.place(field)?).trim();
        if !text::is_nothing(cell) {
            return self.text(field);
        }
        let cell = cell.to_owned();
        self.flag(
            "placeholder-text",
            "the cell says that there is nothing; kept, since that is a finding",
            field,
        );
        Some(cell)
    }

    /// What is written of whose the row is.
    pub(crate) fn whose(&self) -> Said<'_> {
        self.sheet.whose(&self.row)
    }

    /// Keeps what is written for a field among what stands in columns that are none of the known ones.
    pub(crate) fn keep_aside(&mut self, field: &'static str) {
        let Some(place) = self.sheet.place(field) else { return };
        let cell = self.row.cell(place).trim();
        if !cell.is_empty() {
            self.more.insert(self.sheet.header(place).to_owned(), Value::from(cell));
        }
    }

    /// Sets a field, unless there is nothing to set.
    pub(crate) fn put(&mut self, field: &'static str, value: impl Into<Value>) {
        let value = value.into();
        if value != Value::Null {
            self.fields.set(field, value);
        }
    }

    /// Sets each field to what is written for it.
    pub(crate) fn put_texts(&mut self, fields: &[&'static str]) {
        for field in fields {
            let text = self.text(field);
            self.put(field, text);
        }
    }

    pub(crate) fn flag(&mut self, kind: &'static str, message: &'static str, field: &'static str) {
        self.flags.push(Flag::new(kind, message).field(field));
    }

    /// The day written for a field. What is none is kept as text in `as_text`, and flagged.
    pub(crate) fn day(&mut self, field: &'static str, as_text: &'static str) -> Option<Written> {
        let text = self.text(field)?;
        let written = self.sheet.dates(field).read(&text);
        match written {
            Written::Day { .. } => {
                self.tell_stray(field, &text);
                return Some(written);
            }
            Written::Placeholder => {
                self.flag("placeholder-date", "the day stands for an unknown one; kept as text", field)
            }
            Written::Unreadable => {
                self.flag("unreadable-date", "no day in the order of its column; kept as text", field)
            }
        }
        self.put(as_text, text);
        Some(written)
    }

    /// Flags a date that was read, where it is written unlike most of its column.
    pub(crate) fn tell_stray(&mut self, field: &'static str, text: &str) {
        match self.sheet.dates(field).stray(text) {
            Some(Stray::Serial) => self.flag(
                "spreadsheet-date",
                "a number of a spreadsheet among dates; read as one; see whether it is the day that was meant",
                field,
            ),
            Some(Stray::ShortYear) => self.flag(
                "short-year",
                "a year of two digits among years of four; see whether it is the one that was meant",
                field,
            ),
            None => {}
        }
    }

    /// Sets a field to the day, or the point in time, that is written for it: whichever its column has.
    pub(crate) fn put_moment(&mut self, field: &'static str, as_text: &'static str, zone: &TimeZone) {
        if let Some(Written::Day { date, time, offset }) = self.day(field, as_text) {
            if self.sheet.dates(field).timed {
                let instant =
                    self.instant(date.to_datetime(time.unwrap_or(Time::midnight())), offset, zone, field);
                self.put(field, instant);
            } else {
                self.put(field, date);
            }
        }
    }

    /// The point in time that a clock in the zone showed so. Where it was put forward over that time, the later reading counts;
    /// where it was put back over it, the earlier; both are flagged.
    pub(crate) fn instant(
        &mut self,
        shown: DateTime,
        offset: Option<Offset>,
        zone: &TimeZone,
        field: &'static str,
    ) -> Option<Timestamp> {
        if let Some(offset) = offset {
            return offset.to_timestamp(shown).ok();
        }
        let ambiguous = zone.to_ambiguous_timestamp(shown);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {}
            AmbiguousOffset::Gap { .. } => {
                self.flag(
                    "gap-time",
                    "clocks were put forward over this time; the later reading was taken",
                    field,
                );
            }
            AmbiguousOffset::Fold { .. } => {
                self.flag("fold-time", "clocks showed this time twice; the earlier was taken", field);
            }
        }
        ambiguous.compatible().ok()
    }

    /// The record, with all that was put and flagged, and with what stands in columns that are none of the known ones.
    pub(crate) fn record(mut self, id: impl Into<std::sync::Arc<str>>) -> Reading {
        self.take_extra();
        self.tell_problems();
        let origin = self.sheet.origin(self.row.line);
        let mut record = Record::new(self.sheet.entity(), id).at(origin).with_fields(self.fields);
        self.flags.into_iter().for_each(|flag| record.flag(flag));
        record.into()
    }

    /// Takes over what another row of the same record says: its flags, what stands in columns that are none of the known ones, and what it
    /// says otherwise in the columns that all rows of a record share. The latter two are kept with the row's line.
    pub(crate) fn take_over(&mut self, mut other: Cells<'_>, shared: &[&'static str]) {
        let line = other.line();
        for field in shared {
            let (Some(said), Some(place)) = (other.said(field), other.sheet.place(field)) else { continue };
            if self.said(field) != Some(said) {
                let header = other.sheet.header(place);
                self.more.insert(format!("{header} (line {line})"), Value::from(said));
            }
        }
        other.take_extra();
        if let Some(Value::Map(extra)) = other.fields.find("extra") {
            let lined =
                |(header, value): (&String, &Value)| (format!("{header} (line {line})"), value.clone());
            self.more.extend(extra.iter().map(lined));
        }
        other.tell_problems();
        let origin = other.sheet.origin(line);
        self.flags.extend(other.flags.into_iter().map(|flag| flag.at(origin.clone())));
    }

    /// No record, because of a field.
    pub(crate) fn refuse(self, id: Option<&str>, field: &'static str, reason: impl Into<String>) -> Reading {
        let mut refusal =
            Refusal::new(self.sheet.entity(), reason).at(self.sheet.origin(self.row.line)).field(field);
        refusal.key = id.map(Into::into);
        Reading::Refused(refusal)
    }

    fn take_extra(&mut self) {
        let width = self.sheet.width();
        let named = self.sheet.extra().iter().map(|(at, header)| (*at, header.clone()));
        let beyond = (width..self.row.cells.len()).map(|at| (at, format!("column {}", at + 1)));
        let mut extra = std::mem::take(&mut self.more);
        for (at, mut header) in named.chain(beyond) {
            let cell = self.row.cell(at).trim();
            if cell.is_empty() {
                continue;
            }
            if extra.contains_key(&header) {
                header = format!("{header} ({})", at + 1);
            }
            extra.insert(header, Value::from(cell));
        }
        if !extra.is_empty() {
            self.fields.set("extra", Value::Map(extra));
        }
    }

    fn tell_problems(&mut self) {
        for problem in std::mem::take(&mut self.row.problems) {
            let flag = match problem {
                Problem::Short { .. } => {
                    Flag::new("short-row", "the row ends early; the missing cells are blank")
                }
                Problem::Long { .. } => {
                    Flag::new("long-row", "the row has more cells than the header; kept as extra")
                        .field("extra")
                }
                Problem::StrayQuote => {
                    Flag::new("stray-quote", "a quote stands where none may; kept as text")
                }
                Problem::SuspectedJoin => Flag::new(
                    "suspected-join",
                    "lines inside a quoted cell look like rows; see whether a quote is missing",
                ),
                Problem::Control { column } => {
                    Flag::new("control-character", "control characters were taken out")
                        .field(self.sheet.field_at(column))
                }
                Problem::FailedFormula { column } => Flag::new(
                    "failed-formula",
                    "a spreadsheet's formula failed; kept as shown; look at the original",
                )
                .field(self.sheet.field_at(column)),
                Problem::Undecodable { column } => Flag::new(
                    "undecodable-text",
                    "bytes that are no text in the file's encoding; look at the original",
                )
                .field(self.sheet.field_at(column)),
                _ => Flag::new("odd-row", "something is wrong with the row"),
            };
            self.flags.push(flag);
        }
    }
}
