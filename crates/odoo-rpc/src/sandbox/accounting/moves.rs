//! Journal entries: bills made, posted, numbered, drawn back, deleted.

use jiff::civil::Date;

use crate::sandbox::accounting::{ITEM, JOURNAL, MOVE, PARTIAL};
use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, refused};
use crate::sandbox::orm::Vals;
use crate::sandbox::version::Like;
use crate::wire::Value;

const HELD: &str = "You cannot add/modify entries prior to and inclusive of the lock date ";

/// What cannot be changed of a posted entry of 19.
const FIXED: &[&str] = &[
    "invoice_line_ids",
    "line_ids",
    "invoice_date",
    "date",
    "partner_id",
    "invoice_payment_term_id",
    "currency_id",
];

impl Env<'_> {
    pub(super) fn move_vals(&mut self, mut vals: Vals) -> Outcome<Vals> {
        let has = |vals: &Vals, field: &str| vals.get(field).is_some_and(|value| !value.is_unset());
        let bill = vals.get("move_type").and_then(Value::as_text) == Some("out_invoice");
        if !has(&vals, "journal_id") {
            let journal = self.first_journal(if bill { "sale" } else { "general" });
            vals.insert("journal_id".to_owned(), journal.map_or(Value::Bool(false), Value::Int));
        }
        if !has(&vals, "currency_id") {
            let currency = self.int("res.company", 1, "currency_id");
            vals.insert("currency_id".to_owned(), currency.map_or(Value::Bool(false), Value::Int));
        }
        // On 19 a bill's day is its invoice date, whatever else is said.
        if bill && has(&vals, "invoice_date") && (self.is_19() || !has(&vals, "date")) {
            let day = vals.get("invoice_date").cloned().unwrap_or_default();
            vals.insert("date".to_owned(), day);
        }
        let today = Value::from(self.today());
        if !has(&vals, "date") {
            vals.insert("date".to_owned(), today.clone());
        }
        if bill && !has(&vals, "invoice_date_due") {
            // From 16 on a bill of the past is due today.
            let day = if self.at_least(16) { today } else { vals.get("date").cloned().unwrap_or_default() };
            vals.insert("invoice_date_due".to_owned(), day);
        }
        if !self.is_19() && !has(&vals, "name") {
            vals.insert("name".to_owned(), Value::from("/"));
        }
        Ok(vals)
    }

    fn first_journal(&self, kind: &str) -> Option<i64> {
        let mut rows = self.db.store.rows_from(JOURNAL, 0);
        rows.find(|(_, row)| row.get("type").and_then(Value::as_text) == Some(kind)).map(|(id, _)| id)
    }

    pub(super) fn move_made(&mut self, id: i64) -> Outcome<()> {
        if !self.is_19() {
            self.hold(id)?;
        }
        if self.text(MOVE, id, "move_type") == Some("out_invoice") {
            self.complete_bill(id);
            self.name_first_draft(id);
        }
        Ok(())
    }

    /// On 16 and 17 the first bill of a journal has its number before it is posted.
    fn name_first_draft(&mut self, id: i64) {
        let journal = self.int(MOVE, id, "journal_id").unwrap_or_default();
        let first = self.lines(MOVE, "journal_id", journal) == [id];
        if first && matches!(self.like(), Like::Odoo16 | Like::Odoo17) {
            let name = self.number(id);
            self.db.store.set(MOVE, id, "name", Some(Value::Text(name)));
        }
    }

    /// Until when the books are closed for an entry.
    fn closed_until(&self, id: i64) -> Option<Date> {
        let journal = self.int(MOVE, id, "journal_id");
        let sale = journal.and_then(|journal| self.text(JOURNAL, journal, "type")) == Some("sale");
        let taxed = self.lines(ITEM, "move_id", id);
        let taxed = taxed.iter().any(|&item| !self.many(ITEM, item, "tax_ids").is_empty());
        let locks = [
            ("fiscalyear_lock_date", true),
            ("hard_lock_date", true),
            ("sale_lock_date", sale),
            ("tax_lock_date", taxed),
        ];
        let counts = locks.iter().filter(|(_, counts)| *counts);
        counts.filter_map(|(lock, _)| self.text("res.company", 1, lock)?.parse().ok()).max()
    }

    fn is_closed(&self, id: i64) -> Option<Date> {
        let day: Date = self.text(MOVE, id, "date")?.parse().ok()?;
        self.closed_until(id).filter(|until| day <= *until)
    }

    /// Odoo 14 refuses to touch a closed day.
    fn hold(&self, id: i64) -> Outcome<()> {
        let until: Option<Date> =
            self.text("res.company", 1, "fiscalyear_lock_date").and_then(|day| day.parse().ok());
        let day: Option<Date> = self.text(MOVE, id, "date").and_then(|day| day.parse().ok());
        match until.filter(|until| day.is_some_and(|day| day <= *until)) {
            Some(until) => Err(refused(format!("{HELD}{}.", until.strftime("%m/%d/%Y")))),
            None => Ok(()),
        }
    }

    pub(super) fn post_moves(&mut self, ids: &[i64]) -> Outcome {
        for &id in ids {
            if self.text(MOVE, id, "state") == Some("draft") {
                self.post_move(id)?;
            } else if self.at_least(16) {
                let name = self.text(MOVE, id, "name").unwrap_or_default();
                let why = if self.at_least(17) { "must be in draft" } else { "is already posted" };
                return Err(refused(format!("The entry {name} (id {id}) {why}.")));
            }
        }
        Ok(if self.at_least(16) { Value::Bool(false) } else { Value::Nil })
    }

    /// On 19 much of a posted entry stays as it is.
    pub(super) fn move_changes(&self, ids: &[i64], vals: Vals) -> Outcome<Vals> {
        let posted = |id: &i64| self.text(MOVE, *id, "state") == Some("posted");
        let fixed: Vec<&str> =
            vals.keys().map(String::as_str).filter(|field| FIXED.contains(field)).collect();
        if self.is_19() && !fixed.is_empty() && !self.wants("skip_readonly_check") && ids.iter().any(posted) {
            let fields = fixed.join(", ");
            return Err(refused(format!(
                "You cannot modify the following readonly fields on a posted move: {fields}"
            )));
        }
        Ok(vals)
    }

    pub(super) fn post_move(&mut self, id: i64) -> Outcome<()> {
        if self.lines(ITEM, "move_id", id).is_empty() {
            return Err(refused("You need to add a line before posting."));
        }
        if self.text(MOVE, id, "move_type") == Some("out_invoice") {
            self.check_bill(id)?;
        }
        if let Some(until) = self.is_closed(id) {
            self.move_day(id, until)?;
        }
        let name = self.number(id);
        let values = vec![
            ("name", Some(Value::Text(name))),
            ("state", Some(Value::from("posted"))),
            ("posted_before", Some(Value::Bool(true))),
        ];
        self.db.store.set_all(MOVE, id, values);
        self.settle_bill(id);
        Ok(())
    }

    fn check_bill(&self, id: i64) -> Outcome<()> {
        if self.int(MOVE, id, "partner_id").is_none() {
            return Err(refused(if self.is_19() {
                "The 'Customer' field is required to validate the invoice.\nYou probably don't want to explain to your auditor that you invoiced an invisible man :)"
            } else {
                "The field 'Customer' is required, please complete it to validate the Customer Invoice."
            }));
        }
        if self.money(MOVE, id, "amount_total") < 0.0 {
            return Err(refused("You cannot validate an invoice with a negative total amount."));
        }
        Ok(())
    }

    /// What is before a closing day goes to the first open month, without a word; on 14 only what has taxes does.
    fn move_day(&mut self, id: i64, until: Date) -> Outcome<()> {
        let first = until.tomorrow().unwrap_or(until);
        let today: Date = self.today().parse().unwrap_or(first);
        let day = match self.is_19() {
            true => first.last_of_month().min(today),
            false => {
                self.hold(id)?;
                first
            }
        };
        self.db.store.set(MOVE, id, "date", Some(Value::Text(day.to_string())));
        Ok(())
    }

    /// The next number of its journal and year (14: month): one more than the last one, however that was made.
    fn number(&self, id: i64) -> String {
        let own = self.text(MOVE, id, "name").filter(|name| *name != "/" && !name.is_empty());
        if let Some(own) = own {
            return own.to_owned();
        }
        let journal = self.int(MOVE, id, "journal_id").unwrap_or_default();
        let day = self.text(MOVE, id, "date").unwrap_or_default();
        let period = if self.is_19() { 4 } else { 7 };
        let period = day.get(..period).unwrap_or(day);
        let last = self.lines(MOVE, "journal_id", journal).into_iter().filter(|&other| other != id);
        let last =
            last.filter(|&other| self.text(MOVE, other, "date").is_some_and(|day| day.starts_with(period)));
        let last = last.filter_map(|other| split(self.text(MOVE, other, "name")?));
        if let Some((prefix, number, width)) = last.max_by_key(|(_, number, _)| *number) {
            return format!("{prefix}{:0width$}", number + 1);
        }
        let code = self.text(JOURNAL, journal, "code").unwrap_or_default();
        let code = match (self.is_19(), self.text(JOURNAL, journal, "type")) {
            (true, Some("bank" | "cash")) => format!("P{code}"),
            _ => code.to_owned(),
        };
        match self.is_19() {
            true => format!("{code}/{period}/00001"),
            false => format!("{code}/{}/0001", period.replace('-', "/")),
        }
    }

    pub(super) fn draft_moves(&mut self, ids: &[i64]) -> Outcome {
        for &id in ids {
            if self.is_19() && self.text(MOVE, id, "state") == Some("draft") {
                return Err(refused("Only posted/cancelled journal entries can be reset to draft."));
            }
            let journal = self.int(MOVE, id, "journal_id").unwrap_or_default();
            if self.flag(JOURNAL, journal, "restrict_mode_hash_table") {
                return Err(refused(
                    "You cannot modify a posted entry of this journal because it is in strict mode.",
                ));
            }
            if !self.is_19() {
                self.hold(id)?;
            }
            self.db.store.set(MOVE, id, "state", Some(Value::from("draft")));
        }
        Ok(Value::Nil)
    }

    pub(super) fn moves_go(&mut self, ids: &[i64]) -> Outcome<()> {
        for &id in ids {
            if self.text(MOVE, id, "state") == Some("posted") {
                return Err(refused("You cannot delete an item linked to a posted entry."));
            }
            if !self.is_19() && self.flag(MOVE, id, "posted_before") && !self.wants("force_delete") {
                return Err(refused("You cannot delete an entry which has been posted once."));
            }
            for item in self.lines(ITEM, "move_id", id) {
                let mut partials = self.lines(PARTIAL, "debit_move_id", item);
                partials.extend(self.lines(PARTIAL, "credit_move_id", item));
                if !partials.is_empty() && !self.is_19() {
                    return Err(refused("You cannot do this modification on a reconciled journal entry."));
                }
                self.unlink_as_server(PARTIAL, &partials)?;
            }
        }
        Ok(())
    }
}

/// A number's beginning, its last digits, and how many those are.
fn split(name: &str) -> Option<(&str, u64, usize)> {
    let digits = name.len() - name.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let (prefix, number) = name.split_at_checked(name.len() - digits)?;
    Some((prefix, number.parse().ok()?, digits))
}
