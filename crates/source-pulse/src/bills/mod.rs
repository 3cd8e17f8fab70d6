//! The rows of `Bills.csv` and `Payments.csv` as records: one a bill, with its lines and what was paid of it.

mod balance;
mod charge;
mod payment;
mod read;

use std::collections::HashMap;

use jiff::civil::Date;
use mapping_core::error::Result;
use mapping_core::source::Reading;
use mapping_core::table::{Arranged, Arranging, Row, RowKind};

use crate::bills::balance::Balances;
use crate::bills::read::read;
use crate::cells::Cells;
use crate::dates::Written;
use crate::ids::fingerprint::Fingerprint;
use crate::ids::name::{Name, Sketch};
use crate::ids::{Groups, PatientIds, Seen};
use crate::practice::Practice;
use crate::readings::{groups, notes};
use crate::sheet::Sheet;

/// The number of payments whose bill is not known.
const STRAY: u32 = u32::MAX;

/// The clinic's bills.
pub(crate) struct Bills {
    pub(crate) sheet: Sheet,
    /// By their bill, in the order of the first row of each.
    rows: Arranged<u32>,
    payments: Option<Payments>,
    balances: Balances,
}

/// What was paid.
struct Payments {
    sheet: Sheet,
    /// By their bill.
    rows: Arranged<u32>,
}

impl Bills {
    /// Brings the rows of each bill together, and the payments with their bills; works out what each patient owes.
    pub(crate) fn new(sheet: Sheet, payments: Option<Sheet>, practice: &Practice) -> Result<Self> {
        let mut numbers = Numbers::default();
        let mut arranging = Arranging::new()?;
        for row in sheet.rows()? {
            let row = row?;
            arranging.add(numbers.of_row(&sheet, &row, &practice.patients), &row)?;
        }
        let rows = arranging.finish()?;
        let payments =
            payments.map(|sheet| Payments::new(sheet, &numbers, &practice.patients)).transpose()?;
        let mut bills = Self { sheet, rows, payments, balances: Balances::default() };
        bills.balances = bills.billed(practice)?;
        Ok(bills)
    }

    /// What each patient was billed.
    fn billed(&self, practice: &Practice) -> Result<Balances> {
        let (mut balances, mut seen) = (Balances::default(), Seen::default());
        let mut paid = self.payments.as_ref().map(Paid::new);
        for group in groups(&self.rows) {
            let (number, rows) = group?;
            let payments = paid.as_mut().map(|paid| paid.of(number)).transpose()?.unwrap_or_default();
            let (_, billed) = read(practice, (&self.sheet, rows), payments, &mut seen);
            billed.into_iter().for_each(|bill| balances.add(bill));
        }
        Ok(balances)
    }

    /// The tables it is read from.
    pub(crate) fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        [Some(&self.sheet), self.payments.as_ref().map(|payments| &payments.sheet)].into_iter().flatten()
    }

    pub(crate) fn readings<'a>(
        &'a self,
        practice: &'a Practice,
    ) -> impl Iterator<Item = Result<Reading>> + Send + 'a {
        let mut seen = Seen::default();
        let mut paid = self.payments.as_ref().map(Paid::new);
        let bill = move |group: Result<(u32, Vec<Row>)>| {
            let (number, rows) = match group {
                Ok(group) => group,
                Err(error) => return vec![Err(error)],
            };
            let payments = match paid.as_mut().map(|paid| paid.of(number)).transpose() {
                Ok(payments) => payments.unwrap_or_default(),
                Err(error) => return vec![Err(error)],
            };
            read(practice, (&self.sheet, rows), payments, &mut seen).0.into_iter().map(Ok).collect()
        };
        let strays =
            self.payments.iter().flat_map(|payments| notes(&payments.sheet).chain(payments.strays()));
        notes(&self.sheet).chain(groups(&self.rows).flat_map(bill)).chain(strays)
    }

    /// Sets on a patient's record what was billed.
    pub(crate) fn put_balance(&self, id: &str, patient: &mut Cells<'_>) {
        self.balances.put(id, patient);
    }
}

impl Payments {
    fn new(sheet: Sheet, numbers: &Numbers, patients: &PatientIds) -> Result<Self> {
        let mut arranging = Arranging::new()?;
        for row in sheet.rows()? {
            let row = row?;
            arranging.add(numbers.of_payment(&sheet, &row, patients).unwrap_or(STRAY), &row)?;
        }
        Ok(Self { sheet, rows: arranging.finish()? })
    }

    /// Rows that are no payment, and payments of bills that are not there.
    fn strays(&self) -> impl Iterator<Item = Result<Reading>> + Send + '_ {
        let strays = self.rows.rows().filter(|row| !matches!(row, Ok((number, _)) if *number != STRAY));
        strays.map(|row| {
            let (_, row) = row?;
            if row.kind != RowKind::Data {
                return Ok(Reading::Flag(self.sheet.skipped(row.kind, row.line)));
            }
            let cells = Cells::new(&self.sheet, row);
            let number = cells.said("bill_no").map(str::to_owned);
            let reason = match number {
                Some(_) => {
                    "the payment is of no bill that is there, or of one of several; mend it at the source"
                }
                None => "the payment names no bill; name one at the source",
            };
            Ok(cells.refuse(number.as_deref(), "bill_no", reason))
        })
    }
}

/// The payments, bill by bill, in the order of the bills.
struct Paid<'a> {
    payments: &'a Payments,
    place: usize,
}

impl<'a> Paid<'a> {
    fn new(payments: &'a Payments) -> Self {
        Self { payments, place: 0 }
    }

    /// Those of a bill. It is asked for in the order of the bills' numbers.
    fn of(&mut self, number: u32) -> Result<Vec<Cells<'a>>> {
        let Payments { sheet, rows } = self.payments;
        let mut found = Vec::new();
        while let Some(key) = rows.key(self.place).filter(|key| *key <= number) {
            if key == number {
                found.extend(rows.row(self.place)?.map(|row| Cells::new(sheet, row)));
            }
            self.place += 1;
        }
        Ok(found)
    }
}

/// Whether a row of bills goes on with the bill that had its number last: it tells neither whose it is nor of when.
pub(crate) fn goes_on(sheet: &Sheet, row: &Row) -> bool {
    ["patient_id", "patient_phone", "date"].iter().all(|field| sheet.said(row, field).is_none())
}

fn name(sheet: &Sheet, row: &Row) -> Option<Sketch> {
    sheet.said(row, "patient_name").and_then(Name::of).map(|name| name.sketch)
}

fn may_be(one: Option<Sketch>, other: Option<Sketch>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.may_be(&other),
        _ => true,
    }
}

/// The bill that had a number last, and what its row says.
struct Last {
    group: u32,
    name: Option<Sketch>,
    patient: Fingerprint,
    date: Date,
}

/// Which rows are of one bill. Numbers of bills may begin anew, each year or in each branch: only with patient and day they tell.
#[derive(Default)]
struct Numbers {
    groups: Groups,
    /// The bill that had a number last.
    last: HashMap<Fingerprint, Last>,
    /// The bill of a number whose first row does not say whose it is, or when it was.
    unknown: HashMap<Fingerprint, u32>,
    /// The bill of a number, and of a number and a patient; none where there are several.
    only: HashMap<Fingerprint, Option<u32>>,
}

impl Numbers {
    fn of_row(&mut self, sheet: &Sheet, row: &Row, patients: &PatientIds) -> u32 {
        if row.kind != RowKind::Data {
            return self.groups.alone();
        }
        let number = sheet.said(row, "bill_no");
        let said = sheet.whose(row);
        let patient = patients.whose(said).patient.or_else(|| said.id.map(str::to_owned));
        let moment = sheet.said(row, "date").and_then(|day| match sheet.dates("date").read(day) {
            Written::Day { date, time, .. } => Some((date, time)),
            Written::Placeholder | Written::Unreadable => None,
        });
        match (number, patient, moment) {
            (None, Some(patient), Some((date, time))) => {
                let time = time.map(|time| time.to_string()).unwrap_or_default();
                self.groups.of(&["day", &patient, &date.to_string(), &time])
            }
            (None, ..) => self.groups.alone(),
            (Some(number), patient, moment) => {
                let stranger = patient.is_none() && sheet.said(row, "patient_phone").is_some();
                self.of_number(number, patient, moment.map(|(date, _)| date), (name(sheet, row), stranger))
            }
        }
    }

    /// The bill with that number. A row that leaves out whose it is or when it was, and says nothing else, goes on with the bill that had the
    /// number before; where none had, the rows after it are of the same bill, which nobody can take without knowing whose it is.
    fn of_number(
        &mut self,
        number: &str,
        patient: Option<String>,
        date: Option<Date>,
        (name, stranger): (Option<Sketch>, bool),
    ) -> u32 {
        let key = Fingerprint::of(&[number]);
        if let Some(unknown) = self.unknown.get(&key) {
            return *unknown;
        }
        let (Some(patient), Some(date)) = (&patient, date) else {
            if let Some(last) = self.last.get(&key) {
                let same = patient.is_none_or(|patient| last.patient == Fingerprint::of(&[&patient]))
                    && date.is_none_or(|date| last.date == date)
                    && may_be(last.name, name)
                    && !stranger;
                return if same { last.group } else { self.groups.alone() };
            }
            let alone = self.groups.alone();
            self.unknown.insert(key, alone);
            return alone;
        };
        let group = self.groups.of(&["number", number, patient, &date.to_string()]);
        self.last.insert(key, Last { group, name, patient: Fingerprint::of(&[patient]), date });
        for key in [key, Fingerprint::of(&[number, patient])] {
            let one = self.only.entry(key).or_insert(Some(group));
            if *one != Some(group) {
                *one = None;
            }
        }
        group
    }

    fn of_payment(&self, sheet: &Sheet, row: &Row, patients: &PatientIds) -> Option<u32> {
        let number = sheet.said(row, "bill_no").filter(|_| row.kind == RowKind::Data)?;
        match self.only.get(&Fingerprint::of(&[number]))? {
            Some(group) => Some(*group),
            None => {
                let patient = patients.whose(sheet.whose(row)).patient?;
                *self.only.get(&Fingerprint::of(&[number, &patient]))?
            }
        }
    }
}
