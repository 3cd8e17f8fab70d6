//! What a server's accounting is like: company, currency, closed days, fields. Only reads.

use jiff::civil::Date;

use crate::accounting::answer::day;
use crate::accounting::check::{Hindrance, Obstacle};
use crate::accounting::error::LedgerError;
use crate::accounting::setup::Setup;
use crate::client::record::{link, text};
use crate::client::{Client, Domain, SearchOptions};
use crate::error::{Error, Result};
use crate::patience::repeat;
use crate::reason::Reason;
use crate::wire::{Struct, Value};

/// What is asked of the server before the first bill.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) company: i64,
    pub(crate) currency: Currency,
    pub(crate) locks: Vec<Lock>,
    pub(crate) price_digits: u32,
    pub(crate) quantity_digits: u32,
    /// Taxes are posted when they are paid.
    pub(crate) cash_basis: bool,
    /// The field of a payment's memo: `memo`, and `ref` before 18.
    pub(crate) memo: &'static str,
    /// Accounts have a type of their own; before 16 it hangs on a model of types.
    pub(crate) account_type: bool,
    /// Electronic invoices hang on moves (`account_edi`).
    pub(crate) edi: bool,
    /// Whether the field of the keys is on `account.move`, and on `account.payment`.
    pub(crate) keyed: [bool; 2],
}

#[derive(Clone, Debug)]
pub(crate) struct Currency {
    pub(crate) id: i64,
    pub(crate) code: String,
    pub(crate) digits: u32,
}

/// A day until which the books are closed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lock {
    pub(crate) field: String,
    pub(crate) until: Date,
}

/// The company's closing days, of all versions: what 14 calls period, 19 calls sale, purchase and hard.
const LOCKS: [&str; 5] =
    ["fiscalyear_lock_date", "period_lock_date", "tax_lock_date", "sale_lock_date", "hard_lock_date"];

impl Lock {
    fn kind(&self) -> &str {
        self.field.strip_prefix("user_").unwrap_or(&self.field)
    }

    /// Whether it keeps bills out. The one for taxes keeps those with taxes out, as told by its caller.
    pub(crate) fn holds_bills(&self) -> bool {
        self.kind() != "tax_lock_date"
    }

    pub(crate) fn holds_payments(&self) -> bool {
        !matches!(self.kind(), "tax_lock_date" | "sale_lock_date")
    }
}

impl Ground {
    /// Why nothing may be posted on that day.
    pub(crate) fn locked(&self, on: Date, holds: fn(&Lock) -> bool, taxed: bool) -> Option<Hindrance> {
        let counts = |lock: &&Lock| on <= lock.until && (holds(lock) || taxed);
        let lock = self.locks.iter().filter(counts).max_by_key(|lock| lock.until)?;
        Some(Hindrance::Locked { lock: lock.field.clone(), until: lock.until })
    }

    /// Asks the server: about eight calls.
    pub(crate) async fn read(client: &Client, setup: &Setup) -> Result<Self, LedgerError> {
        let keys = setup.key_field.as_str();
        let moves = fields(client, "account.move", &[keys, "edi_document_ids"]).await;
        let moves = moves.map_err(not_installed)?;
        let payments = fields(client, "account.payment", &[keys, "memo"]).await?;
        may_create(client).await?;

        let company = match setup.company {
            Some(id) => id,
            None => own_company(client).await?,
        };
        let (record, locks) = company_record(client, company).await?;
        let currency = currency(client, link(&record, "currency_id")).await?;
        let [price_digits, quantity_digits] = accuracy(client).await?;
        let ground = Self {
            company,
            currency,
            locks,
            price_digits,
            quantity_digits,
            cash_basis: record.get("tax_exigibility").and_then(Value::as_bool).unwrap_or(false),
            memo: if payments.contains(&"memo".to_owned()) { "memo" } else { "ref" },
            account_type: client.version().at_least(16, 0),
            edi: moves.contains(&"edi_document_ids".to_owned()),
            keyed: [moves, payments].map(|known| known.iter().any(|field| field == keys)),
        };
        Ok(ground)
    }

    /// The condition on journal items that they are a patient's debt.
    pub(crate) fn receivable(&self) -> Domain {
        match self.account_type {
            true => Domain::field("account_id.account_type").eq("asset_receivable"),
            false => Domain::field("account_id.user_type_id.type").eq("receivable"),
        }
    }
}

/// Which of these fields a model has.
pub(crate) async fn fields(client: &Client, model: &str, wanted: &[&str]) -> Result<Vec<String>> {
    let known = repeat(|| client.fields_named(model, wanted, &["type"])).await?;
    Ok(known.iter().map(|(name, _)| name.to_owned()).collect())
}

fn not_installed(error: Error) -> LedgerError {
    match error {
        Error::Refused { reason: Reason::UnknownModel, .. } => LedgerError::Call(Error::config(
            "Odoo's accounting is not installed: install the app Invoicing (module account)",
        )),
        error => error.into(),
    }
}

/// Whoever may create payments may create all that bills need (measured on 14 and 19: the group Billing).
async fn may_create(client: &Client) -> Result<()> {
    let model = "account.payment";
    let answer = match client.version().at_least(18, 0) {
        true => {
            repeat(|| client.call_method(model, "has_access", &[], Struct::new().with("operation", "create")))
                .await?
        }
        false => {
            let args = || vec![Value::from("create"), Value::from(false)];
            repeat(|| client.execute_kw(model, "check_access_rights", args(), Struct::new())).await?
        }
    };
    match answer.as_bool() {
        Some(true) => Ok(()),
        _ => Err(Error::Rights { model: model.to_owned(), operation: "create".to_owned() }),
    }
}

pub(crate) async fn own_company(client: &Client) -> Result<i64> {
    let user = [client.uid()];
    let user = repeat(|| client.read("res.users", &user, &["company_id"])).await?;
    let company = user.first().and_then(|user| link(user, "company_id"));
    company.ok_or_else(|| Error::protocol("res.users.read", "the user has no company"))
}

/// The company, and until when which of its books are closed for this user.
async fn company_record(client: &Client, id: i64) -> Result<(Struct, Vec<Lock>), LedgerError> {
    // From 18 on the fields with `user_` count the parent companies' days and the user's exceptions in.
    let known = fields(client, "res.company", &lock_fields()).await?;
    let effective = |lock: &str| {
        let user = format!("user_{lock}");
        if known.contains(&user) { Some(user) } else { known.iter().find(|name| *name == lock).cloned() }
    };
    let locks: Vec<String> = LOCKS.iter().filter_map(|lock| effective(lock)).collect();
    let mut wanted = vec!["currency_id"];
    wanted.extend(known.iter().map(String::as_str).filter(|name| *name == "tax_exigibility"));
    wanted.extend(locks.iter().map(String::as_str));
    let ids = [id];
    let record = repeat(|| client.read("res.company", &ids, &wanted)).await?.into_iter().next();
    let record = record
        .ok_or_else(|| LedgerError::Obstacles(vec![Obstacle::server("res.company", Hindrance::Missing)]))?;
    let lock = |field: &String| Some(Lock { field: field.clone(), until: day(&record, field)? });
    let locks = locks.iter().filter_map(lock).collect();
    Ok((record, locks))
}

fn lock_fields() -> Vec<&'static str> {
    let users =
        ["user_fiscalyear_lock_date", "user_tax_lock_date", "user_sale_lock_date", "user_hard_lock_date"];
    LOCKS.into_iter().chain(users).chain(["tax_exigibility"]).collect()
}

async fn currency(client: &Client, id: Option<i64>) -> Result<Currency> {
    let unknown = || Error::protocol("res.company.read", "the company has no currency");
    let id = id.ok_or_else(unknown)?;
    let ids = [id];
    let found = repeat(|| client.read("res.currency", &ids, &["name", "decimal_places"])).await?;
    let record = found.first().ok_or_else(unknown)?;
    let digits = record.get("decimal_places").and_then(Value::as_int);
    let digits = digits.and_then(|digits| u32::try_from(digits).ok()).ok_or_else(unknown)?;
    Ok(Currency { id, code: text(record, "name").to_owned(), digits })
}

/// How many digits Odoo keeps of prices and of quantities.
async fn accuracy(client: &Client) -> Result<[u32; 2]> {
    let options = SearchOptions::new;
    let ask =
        || client.search_read("decimal.precision", Domain::everything(), &["name", "digits"], options());
    let found = repeat(ask).await?;
    // The usage for quantities lost a part of its name in 19.
    let digits = |names: &[&str]| {
        let record = found.iter().find(|record| names.contains(&text(record, "name")))?;
        u32::try_from(record.get("digits").and_then(Value::as_int)?).ok()
    };
    let quantity = digits(&["Product Unit", "Product Unit of Measure"]);
    Ok([digits(&["Product Price"]).unwrap_or(2), quantity.unwrap_or(2)])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_lock_keeps_out_what_the_server_would_move_or_refuse() {
        let lock = |field: &str| Lock { field: field.to_owned(), until: date(2024, 12, 31) };
        for (field, bills, payments) in [
            ("fiscalyear_lock_date", true, true),
            ("user_hard_lock_date", true, true),
            ("user_sale_lock_date", true, false),
            ("period_lock_date", true, true),
            ("tax_lock_date", false, false),
        ] {
            let lock = lock(field);
            assert_eq!((lock.holds_bills(), lock.holds_payments()), (bills, payments), "{field}");
        }
    }
}
