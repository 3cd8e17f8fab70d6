//! Bills taken out again.

use std::collections::{BTreeSet, HashMap, HashSet};

use mapping_core::error::{Error, Result};
use mapping_core::receipt::Receipt;
use mapping_core::record::Fields;
use mapping_core::value::Value;

use crate::accounting::{Keys, Ledger, LedgerError};
use crate::destination::bills::there::There;
use crate::destination::bills::{MODEL, PAYMENTS, is_doubtful, is_plain, stopped};
use crate::destination::error::core;
use crate::destination::isolate::{Isolation, Step};
use crate::destination::revert::tell;
use crate::destination::writer::OdooWriter;
use crate::error::Result as CallResult;

/// A bill whose key is gone cannot be told from others any more.
const NO_KEY: &str = "the bill does not carry its key any more: delete it in Odoo, with its payments, or give it its key again";

/// What is to go: payments, and the bill with them or without.
struct Going {
    id: i64,
    keys: Keys,
}

impl OdooWriter {
    /// Takes out bills that were made, with all payments of theirs, and the journals where nothing is left in them.
    pub(crate) async fn take_out_bills(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let going = |there: &There, _: &Receipt| Keys::new(vec![there.key.clone()], there.payments.clone());
        self.take_out(receipts, true, going).await
    }

    /// Brings bills back to what they were before a change: takes out the payments that were added, and puts back what is a bill's own
    /// affair. Nothing else of a bill is ever changed.
    pub(crate) async fn restore_bills(&self, receipts: &[Receipt], goes: &BTreeSet<i64>) -> Vec<Result<()>> {
        let added = |there: &There, receipt: &Receipt| {
            let before = receipt.before.as_ref().map(|before| before.value(PAYMENTS));
            let Some(Value::List(before)) = before else { return Keys::default() };
            let before: HashSet<&str> = before.iter().filter_map(Value::as_text).collect();
            let added = there.payments.iter().filter(|key| !before.contains(key.as_str()));
            Keys::new(Vec::new(), added.cloned().collect())
        };
        let taken = self.take_out(receipts, false, added).await;
        let plain = |receipt: &Receipt| Receipt {
            before: receipt.before.as_ref().map(|before| {
                let plain = before.iter().filter(|(field, _)| is_plain(field.as_str()));
                plain.map(|(field, value)| (field.clone(), value.clone())).collect::<Fields>()
            }),
            ..receipt.clone()
        };
        let plain: Vec<Receipt> = receipts.iter().map(plain).collect();
        let restored = self.restore(&MODEL.into(), &plain, goes).await;
        taken.into_iter().zip(restored).map(|(taken, restored)| taken.and(restored)).collect()
    }

    /// Takes out what `going` says of each bill that is there, and, where it `closes`, journals in which nothing is left.
    async fn take_out(
        &self,
        receipts: &[Receipt],
        closes: bool,
        going: impl Fn(&There, &Receipt) -> Keys,
    ) -> Vec<Result<()>> {
        let all = |error: Error| receipts.iter().map(|_| Err(error.clone())).collect();
        match self.model(&MODEL.into()).await {
            Ok(Some(_)) => {}
            Ok(None) => return receipts.iter().map(|_| Ok(())).collect(),
            Err(error) => return all(error),
        }
        let ids: Vec<i64> = receipts.iter().filter_map(|receipt| receipt.id.number()).collect();
        let there: HashMap<i64, There> = match self.bills_there(&ids).await {
            Ok(there) => there.into_iter().map(|bill| (bill.id, bill)).collect(),
            Err(error) => return all(error),
        };
        let mut kept: HashMap<i64, Error> = HashMap::new();
        let mut list: Vec<Going> = Vec::with_capacity(there.len());
        // A bill that was changed more than once is there once.
        let mut told: HashSet<String> = HashSet::new();
        for receipt in receipts {
            let Some(bill) = receipt.id.number().and_then(|id| there.get(&id)) else { continue };
            if bill.key.is_empty() {
                kept.insert(bill.id, Error::refused(NO_KEY).at("model", MODEL));
                continue;
            }
            let mut keys = going(bill, receipt);
            keys.bills.retain(|key| told.insert(key.clone()));
            keys.payments.retain(|key| told.insert(key.clone()));
            if !keys.bills.is_empty() || !keys.payments.is_empty() {
                list.push(Going { id: bill.id, keys });
            }
        }
        let answers = |kept: HashMap<i64, Error>| -> Vec<Result<()>> {
            let kept = |receipt: &Receipt| kept.get(&receipt.id.number()?).cloned();
            receipts.iter().map(|receipt| kept(receipt).map_or(Ok(()), Err)).collect()
        };
        if list.is_empty() && !closes {
            return answers(kept);
        }
        let mut slot = self.books.lock().await;
        let mut ledger = match slot.take() {
            Some(ledger) => ledger,
            None => match Ledger::open(&self.plain, self.setup()).await {
                Ok(mut ledger) => {
                    ledger.follow_others();
                    ledger
                }
                Err(error) => return all(stopped(error)),
            },
        };
        kept.extend(self.taken_out(&mut ledger, &list).await);
        let mut answers = answers(kept);
        let closed = if closes { ledger.close_empty_journals().await } else { Ok(()) };
        if let (Err(error), Some(last)) = (closed, answers.last_mut())
            && last.is_ok()
        {
            *last = Err(core(error));
        }
        if !answers.iter().any(|answer| answer.as_ref().is_err_and(is_doubtful)) {
            *slot = Some(ledger);
        }
        answers
    }

    /// Takes them out; gives those that stay, and why. One that cannot go keeps no other.
    async fn taken_out(&self, ledger: &mut Ledger, list: &[Going]) -> HashMap<i64, Error> {
        let mut isolation = Isolation::new(list.len(), self.refusals);
        while let Some(step) = isolation.next() {
            match step {
                Step::Attempt(part) => {
                    let rows = part.len();
                    let keys = |of: fn(&Keys) -> &Vec<String>| -> Vec<String> {
                        part.iter().flat_map(|at| of(&list[*at].keys)).cloned().collect()
                    };
                    let keys = Keys::new(keys(|keys| &keys.bills), keys(|keys| &keys.payments));
                    let answer: CallResult<()> = match ledger.revert(&keys).await {
                        Ok(_) => Ok(()),
                        Err(LedgerError::Call(error)) => Err(error),
                        Err(error) => Err(crate::error::Error::config(error.to_string())),
                    };
                    tell(&mut isolation, answer, rows);
                }
                // Nothing tells beforehand which can go.
                Step::Look(_) => isolation.saw(None),
            }
        }
        let answers = list.iter().zip(self.ends(isolation));
        answers.filter_map(|(going, answer)| Some((going.id, answer.err()?.at("model", MODEL)))).collect()
    }
}
