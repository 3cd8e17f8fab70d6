//! A real Odoo with accounting, its database beside it, and bills for it.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::print_stdout, reason = "a test that has no server says so")]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use odoo_rpc::accounting::{Bill, Line, Payment};
use odoo_rpc::client::{Client, Context, Domain, SearchOptions};
use odoo_rpc::wire::{Struct, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

/// A server of one version.
pub(crate) struct Real {
    pub(crate) client: Client,
    pub(crate) version: u32,
    postgres: String,
}

impl Real {
    /// The one that `ODOO19_ACCOUNT_URL`, `_DB` and `_POSTGRES` name, or the same for 14.
    pub(crate) async fn connect(version: u32) -> Option<Self> {
        let variable = |what| std::env::var(format!("ODOO{version}_ACCOUNT_{what}")).ok();
        let Some(((url, database), postgres)) = variable("URL").zip(variable("DB")).zip(variable("POSTGRES"))
        else {
            println!("no Odoo {version} with accounting: set ODOO{version}_ACCOUNT_URL, _DB and _POSTGRES");
            return None;
        };
        let client =
            Client::builder(url, database, "admin", "admin").gap(Duration::ZERO).connect().await.unwrap();
        Some(Self { client, version, postgres })
    }

    /// How many rows each table has.
    pub(crate) fn rows(&self) -> BTreeMap<String, u64> {
        let tables = self.sql(
            "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
        );
        let count = |table: &str| format!("select '{table}', count(*) from \"{table}\"");
        let all = tables.lines().map(count).collect::<Vec<_>>().join(" union all ");
        let answer = self.sql(&all);
        answer
            .lines()
            .map(|line| {
                let (table, count) = line.split_once('|').unwrap();
                (table.to_owned(), count.parse().unwrap())
            })
            .collect()
    }

    fn sql(&self, statement: &str) -> String {
        let mut psql: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|versions| versions.flatten().map(|version| version.path().join("bin/psql")).collect())
            .unwrap_or_default();
        psql.sort();
        let psql = psql.pop().unwrap_or_else(|| "psql".into());
        let out = Command::new(psql).args(["-qAtX", &self.postgres, "-c", statement]).output().unwrap();
        assert!(out.status.success(), "psql: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    pub(crate) async fn patients(&self, count: usize) -> Vec<i64> {
        let row = |number| Struct::new().with("name", format!("Patient {number}"));
        let quiet = self.client.with_context(Context::new().with("tracking_disable", true));
        quiet.create("res.partner", (0..count).map(row).collect()).await.unwrap()
    }

    /// The id and the account of the company's first journal of that type.
    pub(crate) async fn journal(&self, kind: &str) -> (i64, i64) {
        let of = Domain::field("type").eq(kind);
        let options = SearchOptions::new().order("sequence, id").limit(1);
        let found = self.client.search_read("account.journal", of, &["default_account_id"], options).await;
        let found = found.unwrap();
        (found[0].get("id").and_then(Value::as_int).unwrap(), link(&found[0], "default_account_id"))
    }

    /// A sale tax of that many percent.
    pub(crate) async fn tax(&self, percent: f64) -> i64 {
        let of = Domain::field("type_tax_use").eq("sale").and(Domain::field("amount").eq(percent));
        self.client.search("account.tax", of, SearchOptions::new()).await.unwrap()[0]
    }

    /// One field of a record.
    pub(crate) async fn value(&self, model: &str, id: i64, field: &str) -> Value {
        let found = self.client.read(model, &[id], &[field]).await.unwrap();
        found[0].get(field).unwrap().clone()
    }

    pub(crate) async fn text(&self, model: &str, id: i64, field: &str) -> String {
        self.value(model, id, field).await.as_text().unwrap_or_default().to_owned()
    }

    /// Posts, or another thing without an answer.
    pub(crate) async fn act(&self, model: &str, method: &str, ids: &[i64]) {
        self.client.call_method(model, method, ids, Struct::new()).await.unwrap();
    }

    /// Removes a posted bill that a test made by hand.
    pub(crate) async fn remove(&self, bills: &[i64]) {
        self.act("account.move", "button_draft", bills).await;
        let forced = self.client.with_context(Context::new().with("force_delete", true));
        forced.unlink("account.move", bills).await.unwrap();
    }

    /// Sets a field of the company.
    pub(crate) async fn company(&self, field: &str, value: impl Into<Value>) {
        self.client.write("res.company", &[1], Struct::new().with(field, value)).await.unwrap();
    }
}

pub(crate) fn link(record: &Struct, field: &str) -> i64 {
    record.get(field).and_then(Value::as_array).and_then(|pair| pair[0].as_int()).unwrap()
}

pub(crate) fn amount(record: &Struct, field: &str) -> Decimal {
    let Some(Value::Double(number)) = record.get(field) else { panic!("{field} is no number") };
    Decimal::from_f64(*number).unwrap().round_dp(2)
}

/// What was made of a bill, in words.
pub(crate) const STATES: [&str; 3] = ["paid", "partial", "not_paid"];

/// Bills over two years, some paid at once, some in parts, some in part, some never; with discounts, odd quantities, bills of
/// nothing and, where there is a tax, taxes. With each what its payment state must be, and what must be left of it.
pub(crate) fn bills(count: usize, patients: &[i64], tax: Option<i64>) -> Vec<(Bill, &'static str, Decimal)> {
    (0..count).map(|number| bill(number, count, patients[number % patients.len()], tax)).collect()
}

fn bill(number: usize, count: usize, patient: i64, tax: Option<i64>) -> (Bill, &'static str, Decimal) {
    let whole = |number: usize| Decimal::from(number);
    let on: Date = date(2024, 1, 3).checked_add((number as i64 * 725 / count as i64).days()).unwrap();
    let later = |days: i64| on.checked_add(days.days()).unwrap();
    let cents = Decimal::new((number * 37 % 100) as i64, 2);
    let mut bill = Bill::new(format!("bill-{number}"), patient, on).number(format!("OPD/{number:05}"));
    bill = bill.due(later((number % 3) as i64 * 15));
    bill = bill.line(Line::new("Consultation", whole(300 + number % 7) + cents));
    let mut total = whole(300 + number % 7) + cents;
    if number.is_multiple_of(4) {
        // 1.5 times 33.33 is 49.995: 50.00.
        bill = bill.line(Line::new("Dressing", Decimal::new(3333, 2)).quantity(Decimal::new(15, 1)));
        bill = bill.line(Line::new("Discount", Decimal::new(-1250, 2)));
        total += Decimal::new(3750, 2);
    }
    if let Some(tax) = tax.filter(|_| number % 10 == 3) {
        bill = bill.line(Line::new("Cream", whole(100)).taxes([tax]));
        total += whole(115);
        bill = bill.stated(total);
    }
    if number % 50 == 7 {
        bill = Bill::new(bill.key, patient, on).line(Line::new("Free of charge", Decimal::ZERO));
        return (bill, STATES[0], Decimal::ZERO);
    }
    let mut paid = Decimal::ZERO;
    let mut pay = |bill: Bill, part: usize, days: i64, amount: Decimal| {
        paid += amount;
        let key = format!("receipt-{number}-{part}");
        bill.payment(Payment::new(key, later(days), amount).memo(format!("R{number}")))
    };
    bill = match number % 5 {
        0 => pay(bill, 1, 0, total),
        1 => {
            let bill = pay(bill, 1, 40, whole(100));
            // After the bill's own day, and before it.
            pay(bill, 2, -3, total - whole(100))
        }
        2 => pay(bill, 1, 9, Decimal::new(1, 2)),
        3 if number % 10 == 3 => {
            let bill = pay(bill, 1, 2, whole(50));
            pay(bill, 2, 30, Decimal::new(7599, 2))
        }
        3 => pay(bill, 1, 30, Decimal::new(7599, 2)),
        _ => bill,
    };
    let state = match number % 5 {
        0 | 1 => STATES[0],
        2 | 3 => STATES[1],
        _ => STATES[2],
    };
    (bill, state, total - paid)
}
