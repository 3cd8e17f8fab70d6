//! What a patient's bills and payments look like from outside, and which items are matched with which.

use odoo_rpc::client::{Domain, SearchOptions};
use odoo_rpc::wire::{Struct, Value};

use super::Real;
use crate::books::amount;

/// What a person sees of a patient's bills and payments.
pub(crate) async fn picture(odoo: &Real, patient: i64) -> Vec<String> {
    let of = Domain::field("partner_id").eq(patient);
    let options = || SearchOptions::new().order("id");
    let moves = ["state", "payment_state", "amount_residual", "name", "date"];
    let bills = odoo.client.search_read("account.move", of.clone(), &moves, options()).await.unwrap();
    let payments = odoo
        .client
        .search_read("account.payment", of, &["state", "is_reconciled", "is_matched"], options())
        .await
        .unwrap();
    let mut seen: Vec<String> = bills
        .iter()
        .map(|bill| {
            format!(
                "{} {:?} {}",
                word(bill, "payment_state"),
                amount(bill, "amount_residual"),
                word(bill, "name")
            )
        })
        .collect();
    let flag = |record: &Struct, field| record.get(field).and_then(Value::as_bool);
    seen.extend(payments.iter().map(|payment| {
        format!(
            "{} {:?} {:?}",
            word(payment, "state"),
            flag(payment, "is_reconciled"),
            flag(payment, "is_matched")
        )
    }));
    for item in debts(odoo, patient).await {
        let mark = word(&item, "matching_number");
        // The numbers count on; that there is one, and whether it is a part's, stays.
        let mark = mark.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned();
        let whole = item.get("full_reconcile_id").is_some_and(|id| !id.is_unset());
        seen.push(format!(
            "{mark}# {whole} {:?} {:?}",
            flag(&item, "reconciled"),
            amount(&item, "amount_residual")
        ));
    }
    seen
}

/// The items of what a patient owes and paid.
pub(crate) async fn debts(odoo: &Real, patient: i64) -> Vec<Struct> {
    let kind = if odoo.server.version >= 16 {
        Domain::field("account_id.account_type").eq("asset_receivable")
    } else {
        Domain::field("account_id.user_type_id.type").eq("receivable")
    };
    let wanted = [
        "move_id",
        "matching_number",
        "full_reconcile_id",
        "reconciled",
        "amount_residual",
        "matched_debit_ids",
        "matched_credit_ids",
    ];
    let of = Domain::field("partner_id").eq(patient).and(kind);
    odoo.client.search_read("account.move.line", of, &wanted, SearchOptions::new().order("id")).await.unwrap()
}

/// The ids of an item of a bill and those that are matched with it.
pub(crate) async fn group(odoo: &Real, of_bill: &Struct, all: &[Struct]) -> Vec<i64> {
    let list = |item: &Struct, field| -> Vec<i64> {
        let values = item.get(field).and_then(Value::as_array).unwrap_or_default();
        values.iter().filter_map(Value::as_int).collect()
    };
    let partials = list(of_bill, "matched_credit_ids");
    assert!(!partials.is_empty(), "Odoo {}", odoo.server.version);
    let with =
        all.iter().filter(|item| list(item, "matched_debit_ids").iter().any(|id| partials.contains(id)));
    let ids = with.chain([of_bill]).map(|item| item.get("id").and_then(Value::as_int).unwrap());
    ids.collect()
}

fn word(record: &Struct, field: &str) -> String {
    record.get(field).and_then(Value::as_text).unwrap_or_default().to_owned()
}
