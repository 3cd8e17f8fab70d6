//! Whether a mapping with bills fits the server.

use mapping_core::error::Result;
use mapping_core::name::ModelName;
use mapping_core::schema::{Conflict, FieldKind, FieldNeed, FieldUse, Needs, SchemaPlan};

use crate::destination::bills::{MODEL, PAYMENT, is_bill, is_plain, row};
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;

/// What stands in the way of bills altogether.
const NO_ACCOUNTING: &str = "there is no accounting for the user's company: install the app Invoicing or Accounting and set up its chart \
                             of accounts, or take the mapping without bills, which keeps sums on the patient";

/// What is to be said of a bill's field that drafts set; `None` where it is to be looked at like that of any other model.
pub(crate) fn planned(used: &FieldUse, model_is_there: bool) -> Option<Option<Conflict>> {
    if !is_bill(&used.model) {
        return None;
    }
    if !row::is_known(used.field.as_str()) {
        return Some(Some(Conflict {
            model: used.model.clone(),
            field: Some(used.field.clone()),
            reason: "a bill takes no such field: leave it out of the mapping".into(),
        }));
    }
    // Of a model that is not there it is told once, below.
    (!model_is_there || !is_plain(used.field.as_str())).then_some(None)
}

impl OdooWriter {
    /// The field of a payment's key, where a mapping has bills. Before 18 a payment has the fields of its move (measured on 14).
    pub(crate) fn keys_of_payments(&self, needs: &Needs) -> Option<FieldNeed> {
        let apart = self.client.version().at_least(18, 0);
        (apart && has_bills(needs))
            .then(|| FieldNeed::new(PAYMENT, IDENTITY, FieldKind::Line, "Migration key"))
    }

    /// What stands in the way of bills: two calls, where there are any.
    pub(crate) async fn plan_bills(&self, needs: &Needs, plan: &mut SchemaPlan) -> Result<()> {
        if !has_bills(needs) {
            return Ok(());
        }
        // What it knows of the server, such as closed days, may be of long ago.
        *self.books.lock().await = None;
        if self.has_accounting().await? {
            return Ok(());
        }
        let of_accounting = |model: &ModelName| is_bill(model) || model.as_str() == PAYMENT;
        plan.conflicts.retain(|conflict| !of_accounting(&conflict.model));
        plan.conflicts.push(Conflict { model: MODEL.into(), field: None, reason: NO_ACCOUNTING.into() });
        Ok(())
    }
}

fn has_bills(needs: &Needs) -> bool {
    needs.models_written().any(is_bill)
}
