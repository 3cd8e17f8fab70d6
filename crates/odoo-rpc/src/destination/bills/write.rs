//! Bills put in: what is there is left as it is, what cannot arrive as it was is refused, all others are posted together.

use std::collections::HashMap;

use mapping_core::error::Error;
use mapping_core::receipt::{Action, DestinationId, Outcome, Row};
use mapping_core::record::Fields;

use crate::accounting::{Bill, Difference, Keys, Ledger, LedgerError, Obstacle};
use crate::destination::bills::{BillRow, MODEL, PAYMENTS, is_doubtful, is_plain, stopped};
use crate::destination::call::encode_those;
use crate::destination::error::{core, is_about_rows};
use crate::destination::isolate::{Answer, Fate, Isolation, Step};
use crate::destination::states::States;
use crate::destination::writer::OdooWriter;
use crate::error::Error as CallError;

/// Why a bill that is there is not changed.
const POSTED: &str = "a posted bill is not rewritten, and Odoo has it otherwise: undo it and move it again, or mend it in Odoo";
/// What may differ of a bill, or a payment, that is there in part.
const IN_PART: [&str; 4] = ["state", "payment_state", "amount_residual", "name"];

impl OdooWriter {
    /// Writes bills; after a stop none.
    pub(crate) async fn write_bills(
        &self,
        rows: &[Row],
        bills: Vec<BillRow>,
        stop: Option<Error>,
    ) -> Vec<(usize, Outcome)> {
        if bills.is_empty() {
            return Vec::new();
        }
        let unwritten =
            |error: Error| bills.iter().map(|bill| (bill.at, Outcome::Unwritten(error.clone()))).collect();
        if let Some(error) = stop {
            return unwritten(error);
        }
        let mut slot = self.books.lock().await;
        let ledger = match slot.take() {
            Some(ledger) => ledger,
            None => match Ledger::open(&self.plain, self.setup()).await {
                Ok(ledger) => ledger,
                Err(error) => return unwritten(stopped(error)),
            },
        };
        let mut desk = Desk::new(self, rows, ledger, bills);
        desk.work().await;
        // Where a call may be under way still, the next ledger begins after it.
        if !desk.doubtful {
            *slot = Some(desk.ledger);
        }
        drop(slot);
        let mut outcomes: Vec<(usize, Outcome)> =
            desk.bills.iter().zip(desk.outcomes).filter_map(|(bill, end)| Some((bill.at, end?))).collect();
        self.write_plain(rows, &mut outcomes).await;
        outcomes
    }

    /// Writes what is the own affair of bills that were there.
    async fn write_plain(&self, rows: &[Row], outcomes: &mut [(usize, Outcome)]) {
        let plain = |row: &Row| -> Fields {
            let plain = row.fields.iter().filter(|(field, _)| is_plain(field.as_str()));
            plain.map(|(field, value)| (field.clone(), value.clone())).collect()
        };
        let (mut places, mut changed) = (Vec::new(), Vec::new());
        for (place, (at, outcome)) in outcomes.iter().enumerate() {
            let row = &rows[*at];
            if matches!(outcome, Outcome::Written(_)) && row.action != Action::Create {
                let fields = plain(row);
                if fields.iter().next().is_some() {
                    places.push(place);
                    changed.push(Row { fields, ..row.clone() });
                }
            }
        }
        if changed.is_empty() {
            return;
        }
        let encoded = encode_those(self, &changed, Some(&States::default()), |_| true).unwrap_or_default();
        let written = Box::pin(self.write_encoded(&changed, encoded)).await;
        for (place, outcome) in places.into_iter().zip(written) {
            outcomes[place].1 = outcome;
        }
    }
}

/// Bills on their way into the books.
struct Desk<'a> {
    writer: &'a OdooWriter,
    rows: &'a [Row],
    ledger: Ledger,
    bills: Vec<BillRow>,
    outcomes: Vec<Option<Outcome>>,
    /// By the key of a bill, and of a payment: the bill's place.
    places: HashMap<String, usize>,
    /// Of bills that are there: the payments that were not.
    added: HashMap<usize, Vec<String>>,
    /// Whether a call may be under way still.
    doubtful: bool,
}

impl<'a> Desk<'a> {
    fn new(writer: &'a OdooWriter, rows: &'a [Row], ledger: Ledger, bills: Vec<BillRow>) -> Self {
        let mut places = HashMap::new();
        for (place, row) in bills.iter().enumerate() {
            let payments = row.bill.payments.iter().map(|payment| payment.key.clone());
            places.extend(payments.chain([row.bill.key.clone()]).map(|key| (key, place)));
        }
        let outcomes = bills.iter().map(|_| None).collect();
        Self { writer, rows, ledger, bills, outcomes, places, added: HashMap::new(), doubtful: false }
    }

    async fn work(&mut self) {
        let done = match self.look_at_updates().await {
            Ok(()) => self.check().await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            let error = stopped(error);
            for outcome in self.outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
                *outcome = Some(Outcome::Unwritten(error.clone()));
            }
            return;
        }
        self.post().await;
    }

    fn is_new(&self, place: usize) -> bool {
        self.rows[self.bills[place].at].action == Action::Create
    }

    fn refuse(&mut self, place: usize, error: Error) {
        self.outcomes[place].get_or_insert(Outcome::Refused(error));
    }

    /// The bills at places that nothing was said of yet.
    fn left(&self) -> Vec<usize> {
        (0..self.bills.len()).filter(|place| self.outcomes[*place].is_none()).collect()
    }

    fn list(&self, places: &[usize]) -> Vec<Bill> {
        places.iter().map(|place| self.bills[*place].bill.clone()).collect()
    }

    /// Bills that are there: those that are as they should be need nothing, those that are there in part are made whole.
    async fn look_at_updates(&mut self) -> Result<(), LedgerError> {
        let updates: Vec<usize> = self.left().into_iter().filter(|place| !self.is_new(*place)).collect();
        if updates.is_empty() {
            return Ok(());
        }
        let mut differing: HashMap<usize, Vec<Difference>> = HashMap::new();
        for difference in self.ledger.differences(&self.list(&updates)).await? {
            if let Some(place) = self.places.get(&difference.key) {
                differing.entry(*place).or_default().push(difference);
            }
        }
        for place in updates {
            let Action::Update(id) = self.rows[self.bills[place].at].action.clone() else { continue };
            let Some(differences) = differing.remove(&place) else {
                self.outcomes[place] = Some(Outcome::Written(id));
                continue;
            };
            let own = &self.bills[place].bill.key;
            let absent = |one: &&Difference| one.field == "id" && one.key != *own;
            let is_other = |one: &&Difference| !absent(one) && !IN_PART.contains(&one.field);
            if let Some(other) = differences.iter().find(is_other) {
                let error = of_field(POSTED, &other.key, own, other.field);
                self.refuse(place, error);
                continue;
            }
            let absent = differences.iter().filter(absent).map(|one| one.key.clone()).collect();
            self.added.insert(place, absent);
        }
        Ok(())
    }

    /// Refuses what has something in its way.
    async fn check(&mut self) -> Result<(), LedgerError> {
        let left = self.left();
        if left.is_empty() {
            return Ok(());
        }
        let obstacles = self.ledger.check(&self.list(&left)).await?;
        let about_the_server =
            |one: &&Obstacle| one.key.as_ref().is_none_or(|key| !self.places.contains_key(key));
        let of_server: Vec<Obstacle> = obstacles.iter().filter(about_the_server).cloned().collect();
        if !of_server.is_empty() {
            return Err(LedgerError::Obstacles(of_server));
        }
        for obstacle in obstacles {
            self.obstructed(&obstacle).into_iter().for_each(|(place, error)| self.refuse(place, error));
        }
        Ok(())
    }

    /// The bill that an obstacle is about, and why it is refused.
    fn obstructed(&self, obstacle: &Obstacle) -> Option<(usize, Error)> {
        let key = obstacle.key.as_ref()?;
        let place = *self.places.get(key)?;
        let own = &self.bills[place].bill.key;
        Some((place, of_field(&obstacle.what.to_string(), key, own, &obstacle.field)))
    }

    /// Posts what is left. A bill that is refused takes no other with it.
    async fn post(&mut self) {
        let left = self.left();
        let _sending = self.writer.sending();
        let mut isolation: Isolation<i64, Error> = Isolation::new(left.len(), self.writer.refusals);
        // What the books said of bills that cannot be as their source has them, by place.
        let mut bad: HashMap<usize, Error> = HashMap::new();
        while let Some(step) = isolation.next() {
            let Step::Attempt(part) = step else {
                isolation.saw(None);
                continue;
            };
            let part: Vec<usize> = part.iter().map(|at| left[*at]).collect();
            let known = part.iter().enumerate().find_map(|(at, place)| Some((at, bad.get(place)?.clone())));
            isolation.answer(match known {
                Some((at, error)) => Answer::RefusedOne(at, error),
                None => self.attempt(&part, &mut bad).await,
            });
        }
        let exhausted = isolation.is_exhausted();
        let mut refused = Vec::new();
        for (place, fate) in left.into_iter().zip(isolation.fates()) {
            match fate {
                Fate::Written(id) => self.outcomes[place] = Some(Outcome::Written(self.id(place, id))),
                Fate::Refused(error) => refused.push((place, error)),
                // Some steps of it may have been carried out.
                Fate::Stopped(error) => {
                    let error = if exhausted { self.writer.enough(&error) } else { error };
                    self.outcomes[place] = Some(Outcome::Unknown(error));
                }
            }
        }
        self.take_back(refused).await;
    }

    /// A record that was there keeps its id, whichever carries its key.
    fn id(&self, place: usize, posted: i64) -> DestinationId {
        match &self.rows[self.bills[place].at].action {
            Action::Update(id) => id.clone(),
            Action::Create => posted.into(),
        }
    }

    async fn attempt(&mut self, part: &[usize], bad: &mut HashMap<usize, Error>) -> Answer<i64, Error> {
        let error = match self.ledger.post_checked(&self.list(part)).await {
            Ok(posted) if posted.bills.len() == part.len() => {
                return Answer::Written(posted.bills.iter().map(|bill| bill.id).collect());
            }
            Ok(_) => CallError::protocol("account.move.read", "as many bills as were posted").into(),
            Err(error) => error,
        };
        let found: Vec<(usize, Error)> = match &error {
            LedgerError::Unmatched(obstacles) => {
                obstacles.iter().filter_map(|one| self.obstructed(one)).collect()
            }
            LedgerError::Differs(differences) => {
                differences.iter().filter_map(|one| self.differing(one)).collect()
            }
            LedgerError::Call(error) if is_about_rows(error) => {
                return match error {
                    CallError::TooLarge { .. } if part.len() > 1 => Answer::TooMany,
                    error => Answer::Refused(core(error.clone()).at("model", MODEL)),
                };
            }
            _ => Vec::new(),
        };
        let before = bad.len();
        found.into_iter().filter(|(place, _)| part.contains(place)).for_each(|(place, error)| {
            bad.entry(place).or_insert(error);
        });
        let first = part.iter().enumerate().find_map(|(at, place)| Some((at, bad.get(place)?.clone())));
        match first {
            Some((at, error)) if bad.len() > before => Answer::RefusedOne(at, error),
            _ => {
                let error = stopped(error);
                self.doubtful |= is_doubtful(&error);
                Answer::Stopped(error)
            }
        }
    }

    /// The bill that is not in the books as its source has it.
    fn differing(&self, difference: &Difference) -> Option<(usize, Error)> {
        const OTHERWISE: &str = "Odoo made something else of it than the source says; it was taken out again";
        let place = *self.places.get(&difference.key)?;
        let own = &self.bills[place].bill.key;
        let why = if self.is_new(place) { OTHERWISE } else { POSTED };
        Some((place, of_field(why, &difference.key, own, difference.field)))
    }

    /// Takes out what was made of refused bills: of those that were there before, the payments that came now.
    async fn take_back(&mut self, refused: Vec<(usize, Error)>) {
        if refused.is_empty() {
            return;
        }
        let mut keys = Keys::default();
        for (place, _) in &refused {
            let bill = &self.bills[*place].bill;
            if self.is_new(*place) {
                keys.bills.push(bill.key.clone());
                keys.payments.extend(bill.payments.iter().map(|payment| payment.key.clone()));
            } else {
                keys.payments.extend(self.added.remove(place).unwrap_or_default());
            }
        }
        let gone = self.ledger.revert(&keys).await.err().map(stopped);
        self.doubtful |= gone.as_ref().is_some_and(is_doubtful);
        for (place, error) in refused {
            self.outcomes[place] = Some(match &gone {
                None => Outcome::Refused(error),
                Some(left) => Outcome::Unknown(left.clone()),
            });
        }
    }
}

/// A reason, at the row's field that it is about; `field` is Odoo's, or the ledger's word for it. Of a payment its key is told.
fn of_field(why: &str, key: &str, bill: &str, field: &str) -> Error {
    let error = Error::refused(why).at("model", MODEL);
    if key != bill {
        let own = key.strip_prefix(bill).and_then(|own| own.strip_prefix(':')).unwrap_or(key);
        return error.at("field", PAYMENTS).at("payment", own);
    }
    error.at(
        "field",
        match field {
            "partner" => "partner_id",
            "date" => "invoice_date",
            "due" => "invoice_date_due",
            "number" => "ref",
            "currency" => "currency_id",
            "stated" => "amount_total",
            "lines" | "price" | "quantity" | "account" | "taxes" => "invoice_line_ids",
            field => field,
        },
    )
}
