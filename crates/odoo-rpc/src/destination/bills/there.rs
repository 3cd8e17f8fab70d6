//! Bills and payments that are there, by their keys.

use std::collections::{BTreeSet, HashMap};

use mapping_core::error::Result;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::DestinationId;
use mapping_core::record::Fields;
use mapping_core::value::Value;

use crate::client::Domain;
use crate::client::record::{link, text};
use crate::destination::bills::{CURRENCY, PAYMENT, PAYMENTS, is_bill};
use crate::destination::look::id;
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;

/// How many ids one question is about.
const PAGE: usize = 1000;

/// Restricts a search to bills, where it is for them: before 18 the entry of a payment has the payment's key.
pub(crate) fn alone(model: &ModelName, domain: Domain) -> Domain {
    if is_bill(model) { domain.and(Domain::field("move_type").eq("out_invoice")) } else { domain }
}

/// The fields that the model has; `None` where that is all of them.
pub(crate) fn without_own(fields: &[FieldName]) -> Option<Vec<FieldName>> {
    let is_own = |field: &&FieldName| matches!(field.as_str(), PAYMENTS | CURRENCY);
    let rest: Vec<FieldName> = fields.iter().filter(|field| !is_own(field)).cloned().collect();
    (rest.len() < fields.len()).then_some(rest)
}

/// A bill that is there.
#[derive(Debug)]
pub(super) struct There {
    pub(super) id: i64,
    /// Empty where somebody emptied it.
    pub(super) key: String,
    /// The keys of its payments.
    pub(super) payments: Vec<String>,
}

impl OdooWriter {
    /// Those of the bills that are there, with their payments: two calls a thousand.
    pub(super) async fn bills_there(&self, ids: &[i64]) -> Result<Vec<There>> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(PAGE) {
            let of = || Domain::field("id").is_in(ids.iter().copied());
            let bills = self.records(&super::MODEL.into(), of, &[IDENTITY, "partner_id"]).await?;
            // One condition a bill would be too much for a server: its contact has few payments.
            let contacts: BTreeSet<i64> = bills.iter().filter_map(|bill| link(bill, "partner_id")).collect();
            let of = || {
                let keyed = Domain::field(IDENTITY).is_set();
                Domain::field("partner_id").is_in(contacts.iter().copied()).and(keyed)
            };
            let mut payments: HashMap<String, Vec<String>> = HashMap::new();
            if !contacts.is_empty() {
                for payment in self.records(&PAYMENT.into(), of, &[IDENTITY]).await? {
                    let key = text(&payment, IDENTITY);
                    if let Some(bill) = bill_of(key) {
                        payments.entry(bill.to_owned()).or_default().push(key.to_owned());
                    }
                }
            }
            for bill in &bills {
                let Some(id) = id(bill) else { continue };
                let key = text(bill, IDENTITY).to_owned();
                let payments = payments.remove(&key).unwrap_or_default();
                found.push(There { id, key, payments });
            }
        }
        Ok(found)
    }

    /// What was read of bills, with what no model has.
    pub(crate) async fn with_payments(
        &self,
        ids: &[DestinationId],
        fields: &[FieldName],
        mut found: Vec<Option<Fields>>,
    ) -> Result<Vec<Option<Fields>>> {
        if !fields.iter().any(|field| field.as_str() == PAYMENTS) {
            return Ok(found);
        }
        let numbers: Vec<i64> = ids.iter().filter_map(DestinationId::number).collect();
        let there = self.bills_there(&numbers).await?;
        let there: HashMap<i64, Vec<String>> =
            there.into_iter().map(|bill| (bill.id, bill.payments)).collect();
        for (id, fields) in ids.iter().zip(&mut found) {
            let keys = id.number().and_then(|id| there.get(&id));
            if let (Some(fields), Some(keys)) = (fields, keys) {
                fields.set(PAYMENTS, Value::List(keys.iter().map(|key| key.as_str().into()).collect()));
            }
        }
        Ok(found)
    }
}

/// The key of the bill that a payment's key begins with: an identity has three colons, and none in its parts.
fn bill_of(payment: &str) -> Option<&str> {
    let (at, _) = payment.match_indices(':').nth(3)?;
    payment.get(..at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_s_key_tells_its_bill_whatever_else_it_holds() {
        assert_eq!(bill_of("paper:main:bill:B%3A1/7#x:R:1"), Some("paper:main:bill:B%3A1/7#x"));
        assert_eq!(bill_of("receipt-17"), None);
    }
}
