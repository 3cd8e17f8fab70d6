//! One file of an export: its columns, and how its dates are read.

use mapping_core::error::Result;
use mapping_core::finding::Flag;
use mapping_core::key::Origin;
use mapping_core::table::{Dialect, EncodingFrom, Row, RowKind, Rows, Table};

use crate::dates::{DateColumn, DateOrder, OrderFrom, Tally};
use crate::ids::whose::Said;
use crate::options::PulseOptions;
use crate::tables::TableKind;
use crate::text;

/// A file, opened.
pub(crate) struct Sheet {
    kind: &'static TableKind,
    table: Table,
    places: Vec<(&'static str, usize)>,
    extra: Vec<(usize, String)>,
    dates: Vec<(&'static str, DateColumn)>,
    notes: Vec<Flag>,
}

impl Sheet {
    pub(crate) fn new(kind: &'static TableKind, table: Table) -> Self {
        let places = kind.columns.iter().filter_map(|(field, _)| Some((*field, table.position(field)?)));
        let places = places.collect();
        let extra = table.extra().map(|(at, header)| (at, header.to_owned())).collect();
        let mut sheet = Self { kind, table, places, extra, dates: Vec::new(), notes: Vec::new() };
        if let Some(text) = &sheet.dialect().text
            && text.encoding_from == EncodingFrom::Guessed
        {
            let message =
                format!("the encoding was guessed to be {}; set it if names look wrong", text.encoding);
            sheet.note("guessed-encoding", message, None);
        }
        sheet
    }

    /// Reads all rows once: decides the order of each date column, and shows every record to `each`.
    pub(crate) fn survey(&mut self, options: &PulseOptions, mut each: impl FnMut(&Self, &Row)) -> Result<()> {
        let mut tallies: Vec<_> =
            self.kind.dates.iter().map(|field| (*field, self.place(field), Tally::default())).collect();
        for row in self.table.rows()? {
            let row = row?;
            if row.kind == RowKind::Data {
                for (_, place, tally) in &mut tallies {
                    if let Some(place) = place {
                        tally.add(row.cell(*place).trim());
                    }
                }
                each(self, &row);
            }
        }
        for (field, _, tally) in tallies {
            let otherwise = options.date_order.unwrap_or(DateOrder::DayFirst);
            let (column, from) = tally.decide(otherwise, options.two_digit_pivot);
            self.dates.push((field, column));
            self.tell_dates(field, column, from, tally, options);
        }
        Ok(())
    }

    pub(crate) fn rows(&self) -> Result<Rows> {
        self.table.rows()
    }

    /// What is to be said of the file as a whole.
    pub(crate) fn notes(&self) -> &[Flag] {
        &self.notes
    }

    pub(crate) fn entity(&self) -> &'static str {
        self.kind.entity
    }

    pub(crate) fn file(&self) -> &str {
        self.table.file()
    }

    pub(crate) fn dialect(&self) -> &Dialect {
        self.table.dialect()
    }

    pub(crate) fn origin(&self, line: u64) -> Origin {
        Origin::new(self.table.file().clone(), line)
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.place(field).is_some()
    }

    pub(crate) fn place(&self, field: &str) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == field).map(|(_, place)| *place)
    }

    /// The field in a column; `extra` where it is none of the known ones.
    pub(crate) fn field_at(&self, column: usize) -> &'static str {
        self.places.iter().find(|(_, place)| *place == column).map_or("extra", |(field, _)| field)
    }

    /// The columns that are none of the known ones.
    pub(crate) fn extra(&self) -> &[(usize, String)] {
        &self.extra
    }

    /// What stands above a column.
    pub(crate) fn header(&self, column: usize) -> &str {
        self.table.headers().get(column).map_or("", String::as_str)
    }

    /// How many columns the header has.
    pub(crate) fn width(&self) -> usize {
        self.table.headers().len()
    }

    /// What is written for a field, if it says anything.
    pub(crate) fn said<'r>(&self, row: &'r Row, field: &str) -> Option<&'r str> {
        let cell = row.cell(self.place(field)?).trim();
        (!cell.is_empty() && !text::is_placeholder(cell)).then_some(cell)
    }

    /// The table's name, without an ending.
    pub(crate) fn table(&self) -> &'static str {
        self.kind.name
    }

    /// Whether each row is of a patient in another table.
    pub(crate) fn is_of_patients(&self) -> bool {
        self.kind.of_patients
    }

    /// What is written of whose a row is.
    pub(crate) fn whose<'r>(&self, row: &'r Row) -> Said<'r> {
        let said = |field| self.said(row, field);
        let (id, name, phone) = (said("patient_id"), said("patient_name"), said("patient_phone"));
        Said { table: self.kind.name, id, name, phone }
    }

    /// How the dates of a field are read.
    pub(crate) fn dates(&self, field: &str) -> DateColumn {
        let found = self.dates.iter().find(|(known, _)| *known == field).map(|(_, column)| *column);
        found.unwrap_or(DateColumn {
            order: DateOrder::DayFirst,
            pivot: 0,
            timed: false,
            stray_serials: false,
            stray_years: false,
        })
    }

    fn note(&mut self, kind: &'static str, message: String, field: Option<&'static str>) {
        let mut flag =
            Flag::new(kind, message).about(self.kind.entity).at(self.origin(self.dialect().header_line));
        flag.field = field.map(Into::into);
        self.notes.push(flag);
    }

    fn tell_dates(
        &mut self,
        field: &'static str,
        column: DateColumn,
        from: OrderFrom,
        tally: Tally,
        options: &PulseOptions,
    ) {
        let first = match column.order {
            DateOrder::DayFirst => "the day",
            DateOrder::MonthFirst => "the month",
        };
        match from {
            OrderFrom::Nothing if options.date_order.is_none() => self.note(
                "ambiguous-dates",
                format!(
                    "no date of the column tells its order; {first} was taken to come first; set the order"
                ),
                Some(field),
            ),
            OrderFrom::Majority(against) => self.note(
                "mixed-dates",
                format!("most dates of the column have {first} first, {against} cannot; look at its export"),
                Some(field),
            ),
            OrderFrom::Values | OrderFrom::Nothing => {}
        }
        if tally.short_years > 0 {
            let message = format!(
                "{} years of the column have two digits; those from {:02} on were taken for the 20th century",
                tally.short_years, options.two_digit_pivot
            );
            self.note("short-years", message, Some(field));
        }
        if tally.serials > 0 {
            let message = format!(
                "{} dates of the column are numbers of a spreadsheet, and were read as such",
                tally.serials
            );
            self.note("spreadsheet-dates", message, Some(field));
        }
    }

    pub(crate) fn skipped(&self, kind: RowKind, line: u64) -> Flag {
        let (kind, message) = match kind {
            RowKind::Blank => ("blank-row", "the row holds nothing; it was skipped"),
            RowKind::RepeatedHeader => ("repeated-header", "the header once more; it was skipped"),
            RowKind::Totals => ("totals-row", "a row of totals; it was skipped"),
            RowKind::Preamble => ("preamble-line", "a line above the header; it was skipped"),
            _ => ("skipped-row", "no record; it was skipped"),
        };
        Flag::new(kind, message).about(self.kind.entity).at(self.origin(line))
    }
}
