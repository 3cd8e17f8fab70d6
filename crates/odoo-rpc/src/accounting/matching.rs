//! Payments matched with their bills: who paid what, to the last digit, in few calls.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use rust_decimal::Decimal;

use crate::accounting::answer::{amount, id, links};
use crate::accounting::books::PAGE;
use crate::accounting::check::{Hindrance, Obstacle};
use crate::accounting::earlier::Earlier;
use crate::accounting::error::LedgerError;
use crate::accounting::ground::Ground;
use crate::accounting::journals::replaced;
use crate::accounting::rows::double;
use crate::accounting::setup::Setup;
use crate::accounting::steady::{Step, carry_out};
use crate::client::record::link;
use crate::client::{Client, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::patience::repeat;
use crate::wire::{Struct, Value};

/// A payment and the bill that it is for, as moves of the server.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) bill: i64,
    pub(crate) payment: i64,
    pub(crate) amount: Decimal,
}

/// The journal item of a move that is the patient's debt, or what was paid of it.
#[derive(Clone, Debug)]
struct Item {
    id: i64,
    account: Option<i64>,
    residual: Decimal,
    /// The matchings that it has.
    matchings: Vec<i64>,
    /// Nothing is left of it, and it is in a group of items that even out.
    whole: Option<i64>,
}

/// Matches each payment with its bill.
///
/// The server's own way, `account.move.line.reconcile`, takes one bill a call, since it would match the payments of one bill with
/// another. It makes rows of two models, and these can be made in lists, for 300 bills in two calls, with the same states,
/// residuals and marks (measured on 14 and 19). What it makes besides, entries for rates of exchange and for taxes on payment,
/// is not needed for bills in the company's own currency.
pub(crate) async fn match_all(
    client: &Client,
    setup: &Setup,
    ground: &Ground,
    pairs: &[Pair],
    earlier: &mut Earlier,
) -> Result<(), LedgerError> {
    let mut by_bill: HashMap<i64, Vec<&Pair>> = HashMap::new();
    for pair in pairs {
        by_bill.entry(pair.bill).or_default().push(pair);
    }
    let mut groups: Vec<_> = by_bill.into_iter().collect();
    groups.sort_unstable_by_key(|(bill, _)| *bill);
    // A bill and its payments stay together.
    for groups in groups.chunks(GROUPS) {
        Matcher { client, setup, ground }.some(groups, earlier).await?;
    }
    Ok(())
}

/// How many bills are matched in one call: about 5 s of a small server's time.
const GROUPS: usize = 300;

struct Matcher<'a> {
    client: &'a Client,
    setup: &'a Setup,
    ground: &'a Ground,
}

type Groups<'a> = [(i64, Vec<&'a Pair>)];

impl Matcher<'_> {
    async fn some(&self, groups: &Groups<'_>, earlier: &mut Earlier) -> Result<(), LedgerError> {
        let items = self.items(groups).await?;
        let mut rows = partials(groups, &items)?;
        let is_left = !rows.is_empty() || !wholes(groups, &items).is_empty();
        // The server takes a matching twice, and counts it twice.
        if is_left && earlier.wait(self.setup.patience().settle).await {
            rows = partials(groups, &self.items(groups).await?)?;
        }
        if !rows.is_empty() {
            let mut making = Partials { client: self.client, rows };
            carry_out(&mut making, self.setup.patience()).await?;
        }
        // Read again: the server has worked out what is left.
        let items = self.items(groups).await?;
        let rows = wholes(groups, &items);
        if !rows.is_empty() {
            let mut making = Wholes { client: self.client, rows };
            carry_out(&mut making, self.setup.patience()).await?;
        }
        Ok(())
    }

    /// The items of the groups' moves, by move.
    async fn items(&self, groups: &Groups<'_>) -> Result<HashMap<i64, Item>> {
        let mut moves: Vec<i64> = groups.iter().map(|(bill, _)| *bill).collect();
        moves.extend(groups.iter().flat_map(|(_, pairs)| pairs.iter().map(|pair| pair.payment)));
        let mut items = HashMap::with_capacity(moves.len());
        for moves in moves.chunks(PAGE) {
            let of = Domain::field("move_id").is_in(moves.to_vec()).and(self.ground.receivable());
            let model = "account.move.line";
            for record in
                repeat(|| self.client.search_read(model, of.clone(), &WANTED, SearchOptions::new())).await?
            {
                let belongs = link(&record, "move_id");
                let item = self.item(&record)?;
                if belongs.is_none_or(|to| items.insert(to, item).is_some()) {
                    let what = "an entry has more than one item on the patients' account";
                    return Err(Error::protocol("account.move.line.search_read", what));
                }
            }
        }
        Ok(items)
    }

    fn item(&self, record: &Struct) -> Result<Item> {
        let residual = amount(record, "amount_residual", self.ground.currency.digits);
        let residual = residual.ok_or_else(|| {
            Error::protocol("account.move.line.search_read", "what is left of an item is not a number")
        })?;
        let mut matchings = links(record, "matched_debit_ids");
        matchings.extend(links(record, "matched_credit_ids"));
        let (id, account, whole) =
            (id(record)?, link(record, "account_id"), link(record, "full_reconcile_id"));
        Ok(Item { id, account, residual, matchings, whole })
    }
}

const WANTED: [&str; 6] = [
    "move_id",
    "account_id",
    "amount_residual",
    "matched_debit_ids",
    "matched_credit_ids",
    "full_reconcile_id",
];

/// A row for each payment that is not matched. Never more than is left of the bill.
fn partials(groups: &Groups<'_>, items: &HashMap<i64, Item>) -> Result<Vec<Row>, LedgerError> {
    let mut rows = Vec::new();
    let mut obstacles = Vec::new();
    for (bill, pairs) in groups {
        let mut left = items.get(bill).map(|item| item.residual).unwrap_or_default();
        for pair in pairs {
            let (Some(debit), Some(credit)) = (items.get(bill), items.get(&pair.payment)) else {
                obstacles.push(Obstacle::of(&pair.key, "move_id", Hindrance::Missing));
                continue;
            };
            if !credit.matchings.is_empty() {
                continue;
            }
            if debit.account != credit.account {
                obstacles.push(Obstacle::of(&pair.key, "account_id", Hindrance::Account));
                continue;
            }
            left = left.saturating_sub(pair.amount);
            if left.is_sign_negative() && !left.is_zero() || credit.residual != -pair.amount {
                obstacles.push(Obstacle::of(&pair.key, "amount", Hindrance::Elsewhere));
                continue;
            }
            rows.push(Row { debit: debit.id, credit: credit.id, amount: pair.amount });
        }
    }
    if obstacles.is_empty() { Ok(rows) } else { Err(LedgerError::Unmatched(obstacles)) }
}

/// A row for each bill that is paid and whose items are not marked as evened out.
fn wholes(groups: &Groups<'_>, items: &HashMap<i64, Item>) -> Vec<Whole> {
    let mut rows = Vec::new();
    for (bill, pairs) in groups {
        let Some(debit) = items.get(bill) else { continue };
        let credits: Vec<&Item> = pairs.iter().filter_map(|pair| items.get(&pair.payment)).collect();
        let even = debit.residual.is_zero() && credits.iter().all(|credit| credit.residual.is_zero());
        if !even || debit.whole.is_some() || debit.matchings.is_empty() {
            continue;
        }
        let lines = credits.iter().map(|credit| credit.id).chain([debit.id]).collect();
        rows.push(Whole { debit: debit.id, partials: debit.matchings.clone(), lines });
    }
    rows
}

/// A matching of two items.
#[derive(Clone, Debug)]
struct Row {
    debit: i64,
    credit: i64,
    amount: Decimal,
}

struct Partials<'a> {
    client: &'a Client,
    rows: Vec<Row>,
}

const PARTIAL: &str = "account.partial.reconcile";

#[async_trait]
impl Step for Partials<'_> {
    async fn send(&mut self) -> Result<()> {
        let row = |row: &Row| {
            let amount = double(row.amount);
            Struct::new()
                .with("debit_move_id", row.debit)
                .with("credit_move_id", row.credit)
                .with("amount", amount.clone())
                .with("debit_amount_currency", amount.clone())
                .with("credit_amount_currency", amount)
        };
        self.client.create(PARTIAL, self.rows.iter().map(row).collect()).await.map(|_| ())
    }

    async fn is_done(&mut self) -> Result<bool> {
        // A payment is for one bill: an item that is matched at all is matched with it.
        let credits: Vec<i64> = self.rows.iter().map(|row| row.credit).collect();
        let of = Domain::field("credit_move_id").is_in(credits);
        let found = self.client.search_read(PARTIAL, of, &["credit_move_id"], SearchOptions::new()).await?;
        let there: HashSet<i64> = found.iter().filter_map(|record| link(record, "credit_move_id")).collect();
        self.rows.retain(|row| !there.contains(&row.credit));
        Ok(self.rows.is_empty())
    }
}

/// Items that even out.
#[derive(Clone, Debug)]
struct Whole {
    debit: i64,
    partials: Vec<i64>,
    lines: Vec<i64>,
}

struct Wholes<'a> {
    client: &'a Client,
    rows: Vec<Whole>,
}

#[async_trait]
impl Step for Wholes<'_> {
    async fn send(&mut self) -> Result<()> {
        let row = |row: &Whole| {
            Struct::new()
                .with("partial_reconcile_ids", vec![replaced(&row.partials)])
                .with("reconciled_line_ids", vec![replaced(&row.lines)])
        };
        self.client.create("account.full.reconcile", self.rows.iter().map(row).collect()).await.map(|_| ())
    }

    async fn is_done(&mut self) -> Result<bool> {
        let debits: Vec<Value> = self.rows.iter().map(|row| row.debit.into()).collect();
        let of = Domain::field("id").is_in(debits).and(Domain::field("full_reconcile_id").is_set());
        let there = self.client.search("account.move.line", of, SearchOptions::new()).await?;
        let there: HashSet<i64> = there.into_iter().collect();
        self.rows.retain(|row| !there.contains(&row.debit));
        Ok(self.rows.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: i64, residual: i64, matchings: &[i64]) -> Item {
        let residual = Decimal::from(residual);
        Item { id, account: Some(1), residual, matchings: matchings.to_vec(), whole: None }
    }

    fn pair(payment: i64, amount: i64) -> Pair {
        Pair { key: format!("p{payment}"), bill: 1, payment, amount: Decimal::from(amount) }
    }

    #[test]
    fn a_payment_is_matched_once() {
        let (first, second) = (pair(2, 30), pair(3, 20));
        let groups = [(1, vec![&first, &second])];
        let items = HashMap::from([(1, item(10, 70, &[5])), (2, item(20, 0, &[5])), (3, item(30, -20, &[]))]);
        let rows = partials(&groups, &items).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].debit, rows[0].credit, rows[0].amount), (10, 30, Decimal::from(20)));
    }

    #[test]
    fn nothing_is_matched_beyond_what_is_left_of_the_bill() {
        let (first, second) = (pair(2, 30), pair(3, 20));
        let groups = [(1, vec![&first, &second])];
        // Somebody else matched a part of the bill meanwhile.
        let items =
            HashMap::from([(1, item(10, 40, &[9])), (2, item(20, -30, &[])), (3, item(30, -20, &[]))]);
        let error = partials(&groups, &items).unwrap_err();
        assert!(!error.to_string().contains("nothing was written"), "{error}");
        let LedgerError::Unmatched(found) = error else { panic!("{error}") };
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key.as_deref(), Some("p3"));
    }

    #[test]
    fn only_a_bill_with_nothing_left_is_marked_as_even() {
        let (first, second) = (pair(2, 30), pair(3, 20));
        let groups = [(1, vec![&first, &second])];
        let mut items =
            HashMap::from([(1, item(10, 0, &[5, 6])), (2, item(20, 0, &[5])), (3, item(30, 0, &[6]))]);
        let rows = wholes(&groups, &items);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].partials.as_slice(), rows[0].lines.as_slice()), (&[5, 6][..], &[20, 30, 10][..]));
        items.insert(1, item(10, 1, &[5, 6]));
        assert!(wholes(&groups, &items).is_empty());
    }
}
