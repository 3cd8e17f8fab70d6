//! Journals and the field for keys: found, made where the migration needs its own, and removed again.

use std::collections::BTreeSet;

use crate::accounting::answer::id;
use crate::accounting::books::{Kind, PAGE};
use crate::accounting::check::{Hindrance, Obstacle};
use crate::accounting::error::LedgerError;
use crate::accounting::ground::{Ground, fields};
use crate::accounting::setup::{Journal, Setup};
use crate::accounting::steady::{Step, carry_out};
use crate::client::record::{link, text};
use crate::client::{Client, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::mirrors::Mirrors;
use crate::patience::repeat;
use crate::wire::{Struct, Value};

/// The label of a key field that this module made: by it, it is known again.
const LABEL: &str = "Key of a moved bill";

/// The journals as they were found.
#[derive(Clone, Debug)]
pub(crate) struct Journals {
    pub(crate) bills: Found,
    pub(crate) payments: Found,
}

/// A journal that is there, or one that is yet to be made.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    There { id: i64, own: bool },
    ToMake { code: String, name: String },
}

impl Found {
    pub(crate) fn id(&self) -> Option<i64> {
        match self {
            Self::There { id, .. } => Some(*id),
            Self::ToMake { .. } => None,
        }
    }

    fn own(&self) -> Option<i64> {
        match self {
            Self::There { id, own: true } => Some(*id),
            _ => None,
        }
    }
}

/// Finds the journals of a set-up: one call.
pub(crate) async fn find(client: &Client, setup: &Setup, company: i64) -> Result<Journals, LedgerError> {
    let ours = Domain::field("company_id").eq(company);
    let wanted = ["code", "name", "type", "restrict_mode_hash_table"];
    let order = || SearchOptions::new().order("sequence, id");
    let all = repeat(|| client.search_read("account.journal", ours.clone(), &wanted, order())).await?;
    let bills = choose(&all, &setup.bills, &["sale"])?;
    let payments = choose(&all, &setup.payments, &["bank", "cash"])?;
    Ok(Journals { bills, payments })
}

fn choose(all: &[Struct], wanted: &Journal, kinds: &[&str]) -> Result<Found, LedgerError> {
    let (code, name) = match wanted {
        Journal::First => (None, None),
        Journal::Code(code) => (Some(code), None),
        Journal::Own { code, name } => (Some(code), Some(name)),
    };
    // Bank before cash.
    let right = |journal: &&Struct| match code {
        Some(code) => text(journal, "code") == code,
        None => kinds.contains(&text(journal, "type")),
    };
    let place = |journal: &&Struct| kinds.iter().position(|kind| *kind == text(journal, "type"));
    let Some(journal) = all.iter().filter(right).min_by_key(place) else {
        return match (code, name) {
            (Some(code), Some(name)) if code.chars().count() <= 5 && !code.is_empty() => {
                Ok(Found::ToMake { code: code.clone(), name: name.clone() })
            }
            (Some(_), Some(_)) => {
                Err(Error::config("the code of a journal has one to five characters").into())
            }
            _ => Err(LedgerError::Obstacles(vec![Obstacle::server("account.journal", Hindrance::Missing)])),
        };
    };
    if name.is_some_and(|name| name != text(journal, "name")) || !kinds.contains(&text(journal, "type")) {
        let reason = "there is another journal with that code, or one of another kind: choose another code";
        return Err(Error::config(reason).into());
    }
    if journal.get("restrict_mode_hash_table").and_then(Value::as_bool) == Some(true) {
        let obstacle = Obstacle::server("account.journal.restrict_mode_hash_table", Hindrance::Hashed);
        return Err(LedgerError::Obstacles(vec![obstacle]));
    }
    Ok(Found::There { id: id(journal)?, own: name.is_some() })
}

/// Makes what is missing of journals and fields, and says so in `ground` and `journals`.
pub(crate) async fn make(
    client: &Client,
    setup: &Setup,
    ground: &mut Ground,
    journals: &mut Journals,
) -> Result<()> {
    for (place, model) in ["account.move", "account.payment"].into_iter().enumerate() {
        // On 14 a payment shows the field of its move.
        let there = ground.keyed[place]
            || place == 1 && fields(client, model, &[&setup.key_field]).await?.contains(&setup.key_field);
        if !there {
            make_field(client, setup, model).await?;
        }
        ground.keyed[place] = true;
    }
    if let Found::ToMake { code, name } = &journals.bills {
        let row = Struct::new().with("default_account_id", income(client, ground).await?);
        let row = without_edi(client, row).await?;
        journals.bills = make_journal(client, setup, ground, row, [code, name, "sale"]).await?;
    }
    if let Found::ToMake { code, name } = &journals.payments {
        journals.payments = make_journal(client, setup, ground, Struct::new(), [code, name, "bank"]).await?;
    }
    Ok(())
}

/// The account on which the company's own bills are earned: a sale journal without one can post nothing (14 and 19).
async fn income(client: &Client, ground: &Ground) -> Result<Value> {
    let sale = Domain::field("type").eq("sale").and(Domain::field("company_id").eq(ground.company));
    let sale = sale.and(Domain::field("default_account_id").is_set());
    let options = || SearchOptions::new().order("sequence, id").limit(1);
    let ask = || client.search_read("account.journal", sale.clone(), &["default_account_id"], options());
    let found = repeat(ask).await?;
    let account = found.first().and_then(|journal| link(journal, "default_account_id"));
    account.map(Value::from).ok_or_else(|| {
        Error::config("the company has no sale journal with an account: set up its chart of accounts first")
    })
}

/// Old bills are sent to nobody: on 14 each would get a file that stays behind when the bill is removed.
async fn without_edi(client: &Client, row: Struct) -> Result<Struct> {
    let known = fields(client, "account.journal", &["edi_format_ids"]).await?;
    Ok(if known.is_empty() { row } else { row.with("edi_format_ids", vec![replaced(&[])]) })
}

/// The command that replaces all links by these.
pub(crate) fn replaced(ids: &[i64]) -> Value {
    let ids: Vec<Value> = ids.iter().map(|&id| id.into()).collect();
    vec![Value::from(6), Value::from(0), ids.into()].into()
}

async fn make_field(client: &Client, setup: &Setup, model: &str) -> Result<()> {
    let of = Domain::field("model").eq(model);
    let models = repeat(|| client.search("ir.model", of.clone(), SearchOptions::new())).await?;
    let model_id = models.first().copied().ok_or_else(|| Error::config("no right to read ir.model"))?;
    let row = Struct::new()
        .with("name", setup.key_field.as_str())
        .with("model_id", model_id)
        .with("ttype", "char")
        .with("field_description", LABEL)
        .with("copied", false)
        .with("index", true);
    let known = Domain::field("model").eq(model).and(Domain::field("name").eq(setup.key_field.as_str()));
    let mut making = Making { client, model: "ir.model.fields", row, known, id: None };
    carry_out(&mut making, setup.patience()).await
}

async fn make_journal(
    client: &Client,
    setup: &Setup,
    ground: &Ground,
    row: Struct,
    [code, name, kind]: [&str; 3],
) -> Result<Found> {
    let row = row.with("code", code).with("name", name).with("type", kind).with("company_id", ground.company);
    let known = Domain::field("code").eq(code).and(Domain::field("company_id").eq(ground.company));
    let mut making = Making { client, model: "account.journal", row, known, id: None };
    carry_out(&mut making, setup.patience()).await?;
    let id =
        making.id.ok_or_else(|| Error::protocol("account.journal.create", "the journal is not there"))?;
    Ok(Found::There { id, own: true })
}

/// Makes one record, once.
struct Making<'a> {
    client: &'a Client,
    model: &'static str,
    row: Struct,
    known: Domain,
    id: Option<i64>,
}

#[async_trait::async_trait]
impl Step for Making<'_> {
    async fn send(&mut self) -> Result<()> {
        self.id = self.client.create(self.model, vec![self.row.clone()]).await?.first().copied();
        Ok(())
    }

    async fn is_done(&mut self) -> Result<bool> {
        let found = self.client.search(self.model, self.known.clone(), SearchOptions::new()).await?;
        self.id = found.first().copied();
        Ok(self.id.is_some())
    }
}

/// Removes the migration's own journals, the accounts Odoo made with them, and the field for keys where this module made it.
pub(crate) async fn remove(
    client: &Client,
    setup: &Setup,
    ground: &mut Ground,
    journals: &mut Journals,
) -> Result<()> {
    remove_journals(client, setup, journals).await?;
    remove_field(client, setup, ground).await
}

/// Removes the migration's own journals where there is nothing in them, neither entry nor payment: two calls where there are any.
pub(crate) async fn remove_empty(client: &Client, setup: &Setup, journals: &mut Journals) -> Result<()> {
    let own: Vec<i64> = [&journals.bills, &journals.payments].into_iter().filter_map(Found::own).collect();
    if own.is_empty() {
        return Ok(());
    }
    for model in [Kind::Bill, Kind::Payment].map(Kind::model) {
        let of = || Domain::field("journal_id").is_in(own.clone());
        if repeat(|| client.search_count(model, of())).await? > 0 {
            return Ok(());
        }
    }
    remove_journals(client, setup, journals).await
}

async fn remove_journals(client: &Client, setup: &Setup, journals: &mut Journals) -> Result<()> {
    for (found, wanted) in [(&mut journals.bills, &setup.bills), (&mut journals.payments, &setup.payments)] {
        let (Some(journal), Journal::Own { code, name }) = (found.own(), wanted) else { continue };
        let accounts = own_accounts(client, journal).await?;
        unlink(client, setup, "account.journal", vec![journal]).await?;
        unlink(client, setup, "account.account", accounts).await?;
        *found = Found::ToMake { code: code.clone(), name: name.clone() };
    }
    Ok(())
}

/// The field for keys, and what Odoo 14 leaves behind of it.
async fn remove_field(client: &Client, setup: &Setup, ground: &mut Ground) -> Result<()> {
    let made = Domain::field("name").eq(setup.key_field.as_str());
    let made =
        made.and(Domain::field("field_description").eq(LABEL)).and(Domain::field("state").eq("manual"));
    let made = made.and(Domain::field("model").is_in(["account.move", "account.payment"]));
    let made = repeat(|| client.search("ir.model.fields", made.clone(), SearchOptions::new())).await?;
    if !made.is_empty() {
        unlink(client, setup, "ir.model.fields", made).await?;
        ground.keyed = [false, false];
    }
    // Where the field is gone already too: the process may have ended in between.
    let mirrors = Mirrors::of(client, setup.patience(), &BTreeSet::from([setup.key_field.as_str()])).await?;
    mirrors.remove_dead(client, setup.patience()).await
}

/// The accounts that Odoo made for a bank journal: those that no other journal names.
async fn own_accounts(client: &Client, journal: i64) -> Result<Vec<i64>> {
    let names = ["default_account_id", "payment_debit_account_id", "payment_credit_account_id"];
    let known = fields(client, "account.journal", &names).await?;
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let everything = || (Domain::everything(), SearchOptions::new());
    let all = repeat(|| {
        let (domain, options) = everything();
        client.search_read("account.journal", domain, &known, options)
    });
    let (own, others): (Vec<_>, Vec<_>) =
        all.await?.into_iter().partition(|one| id(one).ok() == Some(journal));
    let of = |journals: &[Struct]| -> Vec<i64> {
        journals.iter().flat_map(|one| known.iter().filter_map(|name| link(one, name))).collect()
    };
    let taken = of(&others);
    Ok(of(&own).into_iter().filter(|account| !taken.contains(account)).collect())
}

/// Deletes records, once.
pub(crate) async fn unlink(client: &Client, setup: &Setup, model: &'static str, ids: Vec<i64>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    carry_out(&mut Unlinking { client, model, ids }, setup.patience()).await
}

struct Unlinking<'a> {
    client: &'a Client,
    model: &'static str,
    ids: Vec<i64>,
}

#[async_trait::async_trait]
impl Step for Unlinking<'_> {
    async fn send(&mut self) -> Result<()> {
        self.client.unlink(self.model, &self.ids).await
    }

    async fn is_done(&mut self) -> Result<bool> {
        let there = Domain::field("id").is_in(self.ids.clone());
        self.ids = self.client.search(self.model, there, SearchOptions::new()).await?;
        Ok(self.ids.is_empty())
    }
}

/// The ids of electronic invoices' files.
pub(crate) async fn edi_files(client: &Client, moves: &[i64]) -> Result<Vec<i64>> {
    let (model, wanted) = ("account.edi.document", ["attachment_id"]);
    let mut files = Vec::new();
    for moves in moves.chunks(PAGE) {
        let of = Domain::field("move_id").is_in(moves.to_vec()).and(Domain::field("attachment_id").is_set());
        let ask = || client.search_read(model, of.clone(), &wanted, SearchOptions::new());
        files.extend(repeat(ask).await?.iter().filter_map(|document| link(document, "attachment_id")));
    }
    Ok(files)
}
