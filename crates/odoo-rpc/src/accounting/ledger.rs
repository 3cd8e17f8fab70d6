//! Bills into Odoo's accounting, and out of it again.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::accounting::bill::Bill;
use crate::accounting::books::{Entries, Kind, PAGE, Shelf, are_posted, moves_of};
use crate::accounting::check::{self, Hindrance, Obstacle};
use crate::accounting::earlier::Earlier;
use crate::accounting::error::LedgerError;
use crate::accounting::ground::Ground;
use crate::accounting::journals::{self, Journals};
use crate::accounting::matching::{self, Pair};
use crate::accounting::rows;
use crate::accounting::setup::Setup;
use crate::accounting::verify::{self, Difference};
use crate::client::record::text;
use crate::client::{Client, Context, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::patience::repeat;
use crate::wire::Struct;

/// A company's books, opened for the bills of a migration. Made by [`open`](Self::open).
///
/// All of it can be called again after an error, a lost connection or the end of the process: what is there is found by its key,
/// and only what is missing is written. See the [module](crate::accounting) for an example.
///
/// A process that ends in the middle of a call leaves that to the server, which may carry it out later: what is not there then may
/// be on its way. So a ledger that is opened where another one may have been at work (the field of the keys is there) and finds
/// something to do waits once, before its first change, until [`settle`](Setup::settle) after it was opened is over. One that
/// makes the field itself, finds everything done, or goes on after calls of its own that were answered, does not wait.
/// [`Setup::no_earlier_calls`] says that there is nothing to wait for.
#[must_use]
pub struct Ledger {
    pub(super) client: Client,
    pub(super) setup: Setup,
    pub(super) ground: Ground,
    pub(super) journals: Journals,
    pub(super) earlier: Earlier,
}

impl Ledger {
    /// Asks the server what its accounting is like. About ten calls; nothing is written.
    ///
    /// # Errors
    ///
    /// A call failed, accounting is not installed, the user may not post bills, a journal is not there, or locks its entries by hash.
    pub async fn open(client: &Client, setup: Setup) -> Result<Self, LedgerError> {
        let quiet = Context::new()
            .with("tracking_disable", true)
            .with("mail_create_nolog", true)
            .with("mail_create_nosubscribe", true)
            .with("mail_notrack", true);
        let client = client.with_context(quiet);
        let ground = Ground::read(&client, &setup).await?;
        let journals = journals::find(&client, &setup, ground.company).await?;
        // A call has a key in it: where the field is not there it would be refused.
        let earlier = Earlier::new(setup.earlier_calls && ground.keyed[0]);
        Ok(Self { client, setup, ground, journals, earlier })
    }

    /// What stands in the way of these bills: days that are closed, amounts that would be rounded, numbers that are taken, and more
    /// (see [`Hindrance`]). One call a thousand contacts, numbers, accounts and taxes; nothing is written.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub async fn check(&self, bills: &[Bill]) -> Result<Vec<Obstacle>, LedgerError> {
        let mut found = check::bills(bills, &self.ground);
        let each = |pick: fn(&Bill) -> Vec<i64>| -> HashSet<i64> { bills.iter().flat_map(pick).collect() };
        let partners = self.missing("res.partner", each(|bill| vec![bill.partner])).await?;
        let lines = |bill: &Bill| bill.lines.iter().filter_map(|line| line.account).collect();
        let accounts = self.missing("account.account", each(lines)).await?;
        let taxes = |bill: &Bill| bill.lines.iter().flat_map(|line| line.taxes.clone()).collect();
        let taxes = self.missing("account.tax", each(taxes)).await?;
        let taken = self.taken(bills).await?;
        for bill in bills {
            let mut add = |field: &str, what| found.push(Obstacle::of(&bill.key, field, what));
            if partners.contains(&bill.partner) {
                add("partner", Hindrance::Missing);
            }
            if bill.lines.iter().any(|line| line.account.is_some_and(|account| accounts.contains(&account))) {
                add("account", Hindrance::Missing);
            }
            if bill.lines.iter().any(|line| line.taxes.iter().any(|tax| taxes.contains(tax))) {
                add("taxes", Hindrance::Missing);
            }
            if taken.contains(&bill.key) {
                add("number", Hindrance::Taken);
            }
        }
        Ok(found)
    }

    /// Puts bills in, posts them, and matches their payments; reads everything back at the end.
    ///
    /// Checks first, and writes nothing where something stands in the way. Makes the journals and the field for keys where they
    /// are missing: let nothing else call the server meanwhile. 1,000 bills with 1,080 payments took 61 calls on 14 and 66 to 73 on
    /// 19. May wait for an earlier run's last call, once, as told [above](Self).
    ///
    /// # Errors
    ///
    /// [`LedgerError::Obstacles`] before anything is written; [`LedgerError::Unmatched`] where somebody else works on the same bills;
    /// [`LedgerError::Differs`] where the books do not say what the source says; [`LedgerError::Call`] where a call failed.
    pub async fn post(&mut self, bills: &[Bill]) -> Result<Posted, LedgerError> {
        let obstacles = self.check(bills).await?;
        if !obstacles.is_empty() {
            return Err(LedgerError::Obstacles(obstacles));
        }
        self.post_checked(bills).await
    }

    /// The same, of bills that were checked and have nothing in their way.
    ///
    /// # Errors
    ///
    /// As [`post`](Self::post), but for what a check finds.
    pub(crate) async fn post_checked(&mut self, bills: &[Bill]) -> Result<Posted, LedgerError> {
        self.earlier.begin();
        let posted = self.put_in(bills).await;
        self.earlier.end(posted.as_ref().err());
        posted
    }

    async fn put_in(&mut self, bills: &[Bill]) -> Result<Posted, LedgerError> {
        let (mut posted, mut paid) = self.there(bills).await?;
        let is_whole = are_posted(bill_keys(bills), &posted) && are_posted(payment_keys(bills), &paid);
        if !is_whole && self.wait_for_earlier().await? {
            (posted, paid) = self.there(bills).await?;
        }
        journals::make(&self.client, &self.setup, &mut self.ground, &mut self.journals).await?;

        let new = self.bill_rows(bills, &posted)?;
        self.shelf(Kind::Bill).create(new, &mut posted).await?;
        self.shelf(Kind::Bill).post(&mut posted).await?;

        let new = self.payment_rows(bills, &paid)?;
        self.shelf(Kind::Payment).create(new, &mut paid).await?;
        self.shelf(Kind::Payment).post(&mut paid).await?;

        let pairs = self.pairs(bills, &posted, &paid).await?;
        matching::match_all(&self.client, &self.setup, &self.ground, &pairs, &mut self.earlier).await?;
        self.read_back(bills, &posted, &paid).await
    }

    /// Waits for what an earlier run may have under way. True where it may have been so: what was asked before is to be asked again.
    pub(super) async fn wait_for_earlier(&mut self) -> Result<bool, LedgerError> {
        if !self.earlier.wait(self.setup.patience().settle).await {
            return Ok(false);
        }
        self.ground = Ground::read(&self.client, &self.setup).await?;
        self.journals = journals::find(&self.client, &self.setup, self.ground.company).await?;
        Ok(true)
    }

    /// The bills that are there, and the payments.
    async fn there(&self, bills: &[Bill]) -> Result<(Entries, Entries)> {
        let posted = self.find(Kind::Bill, &bill_keys(bills)).await?;
        Ok((posted, self.find(Kind::Payment, &payment_keys(bills)).await?))
    }

    /// How bills that were posted differ from their source now. Four calls a thousand; nothing is written.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub async fn differences(&self, bills: &[Bill]) -> Result<Vec<Difference>, LedgerError> {
        let (posted, paid) = self.there(bills).await?;
        match self.read_back(bills, &posted, &paid).await {
            Ok(_) => Ok(Vec::new()),
            Err(LedgerError::Differs(differences)) => Ok(differences),
            Err(error) => Err(error),
        }
    }

    /// Removes the migration's own journals and the field for keys, where this module made them. Only after everything was reverted.
    ///
    /// # Errors
    ///
    /// A call failed. The server refuses where there are entries in the journals.
    pub async fn close(mut self) -> Result<(), LedgerError> {
        journals::remove(&self.client, &self.setup, &mut self.ground, &mut self.journals).await?;
        Ok(())
    }

    /// Another process may have been at work until now, whatever the set-up says.
    pub(crate) fn follow_others(&mut self) {
        self.earlier = Earlier::new(self.ground.keyed[0]);
    }

    pub(super) fn shelf(&self, kind: Kind) -> Shelf<'_> {
        Shelf { client: &self.client, setup: &self.setup, kind }
    }

    /// Whether there is a field of keys. Without it there is nothing to be found.
    pub(super) fn is_keyed(&self, kind: Kind) -> bool {
        self.ground.keyed[usize::from(matches!(kind, Kind::Payment))]
    }

    async fn find(&self, kind: Kind, keys: &[&str]) -> Result<Entries> {
        if self.is_keyed(kind) { self.shelf(kind).find(keys).await } else { Ok(Entries::new()) }
    }

    fn bill_rows(&self, bills: &[Bill], there: &Entries) -> Result<Vec<(String, Struct)>> {
        let journal = self.journals.bills.id().ok_or_else(no_journal)?;
        let missing = bills.iter().filter(|bill| !there.contains_key(&bill.key));
        let row = |bill: &Bill| rows::of_bill(bill, &self.setup.key_field, &self.ground, journal);
        Ok(missing.map(|bill| (bill.key.clone(), row(bill))).collect())
    }

    fn payment_rows(&self, bills: &[Bill], there: &Entries) -> Result<Vec<(String, Struct)>> {
        let journal = self.journals.payments.id().ok_or_else(no_journal)?;
        let field = self.setup.key_field.as_str();
        let all = bills.iter().flat_map(|bill| bill.payments.iter().map(move |payment| (bill, payment)));
        let missing = all.filter(|(_, payment)| !there.contains_key(&payment.key));
        let row = |(bill, payment)| rows::of_payment(bill, payment, field, &self.ground, journal);
        Ok(missing.map(|pair| (pair.1.key.clone(), row(pair))).collect())
    }

    async fn pairs(&self, bills: &[Bill], posted: &Entries, paid: &Entries) -> Result<Vec<Pair>> {
        let ids: Vec<i64> = paid.values().map(|entry| entry.id).collect();
        let moves = moves_of(&self.client, &ids).await?;
        let mut pairs = Vec::with_capacity(ids.len());
        for bill in bills {
            for payment in &bill.payments {
                let own = posted.get(&bill.key).map(|entry| entry.id);
                let of = paid.get(&payment.key).and_then(|entry| moves.get(&entry.id));
                let (Some(own), Some(&of)) = (own, of) else {
                    let what = "a payment that was posted has no entry in the journal";
                    return Err(Error::protocol("account.payment.read", what));
                };
                pairs.push(Pair { key: payment.key.clone(), bill: own, payment: of, amount: payment.amount });
            }
        }
        Ok(pairs)
    }

    async fn read_back(
        &self,
        bills: &[Bill],
        posted: &Entries,
        paid: &Entries,
    ) -> Result<Posted, LedgerError> {
        let (mut differences, mut names) = verify::bills(&self.client, &self.ground, bills, posted).await?;
        differences.extend(verify::payments(&self.client, &self.ground, bills, paid).await?);
        if !differences.is_empty() {
            return Err(LedgerError::Differs(differences));
        }
        let bill = |bill: &Bill| {
            let id = posted.get(&bill.key)?.id;
            Some(PostedBill { key: bill.key.clone(), id, name: names.remove(&id)? })
        };
        Ok(Posted { bills: bills.iter().filter_map(bill).collect(), payments: paid.len() })
    }

    /// Which of these records are not there.
    async fn missing(&self, model: &str, ids: HashSet<i64>) -> Result<HashSet<i64>> {
        let archived_too = self.client.with_context(Context::new().with("active_test", false));
        let mut missing = ids.clone();
        let ids: Vec<i64> = ids.into_iter().collect();
        for ids in ids.chunks(PAGE) {
            let there = Domain::field("id").is_in(ids.to_vec());
            for id in repeat(|| archived_too.search(model, there.clone(), SearchOptions::new())).await? {
                missing.remove(&id);
            }
        }
        Ok(missing)
    }

    /// The keys of bills whose number another bill of the journal has: one without a key, or of the same origin, which is what its key begins
    /// with, up to the last colon. Another clinic may have given the number too.
    async fn taken(&self, bills: &[Bill]) -> Result<HashSet<String>> {
        let Some(journal) = self.journals.bills.id() else { return Ok(HashSet::new()) };
        let numbered: Vec<(&str, &str)> =
            bills.iter().filter_map(|bill| Some((bill.number.as_deref()?, bill.key.as_str()))).collect();
        let field = self.setup.key_field.as_str();
        let wanted = if self.ground.keyed[0] { vec!["ref", field] } else { vec!["ref"] };
        let mut taken = HashSet::new();
        for numbered in numbered.chunks(PAGE) {
            let of = Domain::field("ref").is_in(numbered.iter().map(|(number, _)| *number));
            let of = of.and(Domain::field("journal_id").eq(journal));
            let of = of.and(Domain::field("move_type").eq("out_invoice"));
            let ask = || self.client.search_read("account.move", of.clone(), &wanted, SearchOptions::new());
            let found = repeat(ask).await?;
            let mut there: HashMap<&str, Vec<&str>> = HashMap::new();
            for record in &found {
                there.entry(text(record, "ref")).or_default().push(text(record, field));
            }
            let is_taken = |(number, key): &&(&str, &str)| {
                let others = there.get(number).map_or(&[][..], Vec::as_slice);
                let clashes = |other: &&str| other.is_empty() || origin(other) == origin(key);
                !others.contains(key) && others.iter().any(clashes)
            };
            taken.extend(numbered.iter().filter(is_taken).map(|(_, key)| (*key).to_owned()));
        }
        Ok(taken)
    }
}

/// Where a key is from: all of it but what stands behind its last colon.
fn origin(key: &str) -> &str {
    key.rsplit_once(':').map_or("", |(origin, _)| origin)
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger(company {}, {:?})", self.ground.company, self.journals)
    }
}

/// What was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// The bills, in the order they were given.
    pub bills: Vec<PostedBill>,
    /// How many payments.
    pub payments: usize,
}

/// A bill as it is in Odoo.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostedBill {
    /// Its key.
    pub key: String,
    /// Its id.
    pub id: i64,
    /// The number that Odoo gave it.
    pub name: String,
}

pub(super) fn bill_keys(bills: &[Bill]) -> Vec<&str> {
    bills.iter().map(|bill| bill.key.as_str()).collect()
}

pub(super) fn payment_keys(bills: &[Bill]) -> Vec<&str> {
    bills.iter().flat_map(|bill| bill.payments.iter().map(|payment| payment.key.as_str())).collect()
}

fn no_journal() -> Error {
    Error::protocol("account.journal.create", "a journal that was made is not there")
}
