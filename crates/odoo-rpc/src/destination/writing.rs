//! What the writer promises to the ground, and which part keeps it.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use mapping_core::destination::{DestinationWriter, Prepared};
use mapping_core::error::{Error, Result};
use mapping_core::name::ModelName;
use mapping_core::receipt::{
    Action, DestinationId, Intent, Outcome, Receipt, Row, SchemaIntent, SchemaReceipt,
};
use mapping_core::schema::{Needs, SchemaPlan};

use crate::destination::bills;
use crate::destination::call::{Encoded, encode};
use crate::destination::care;
use crate::destination::states::States;
use crate::destination::writer::OdooWriter;
use crate::patience::is_long_ago;

#[async_trait]
impl DestinationWriter for OdooWriter {
    async fn plan(&self, needs: &Needs) -> Result<SchemaPlan> {
        self.plan_schema(needs).await
    }

    async fn apply(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        // Fields that are made while records are written can leave a server broken (measured on 14 and 16).
        let _alone = self.turn.write().await;
        self.apply_schema(plan).await
    }

    async fn recover_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>> {
        self.recovered_schema(intent).await
    }

    async fn revert_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        let _alone = self.turn.write().await;
        self.undo_schema(receipts).await
    }

    fn prepare(&self, rows: Vec<Row>) -> Prepared {
        let encoded = encode(self, &rows, None);
        match encoded {
            Some(encoded) => Prepared::new(rows).with(encoded),
            // A model, or states, that were not looked at yet: that takes a call, and is for `write`.
            None => Prepared::new(rows),
        }
    }

    async fn write(&self, prepared: Prepared) -> Vec<Outcome> {
        let (rows, encoded) = prepared.into_parts::<Encoded>();
        if rows.is_empty() {
            return Vec::new();
        }
        let _shared = self.turn.read().await;
        // What was known when they were prepared may be forgotten by now: a part of the schema was taken back meanwhile.
        let models: BTreeSet<&ModelName> = rows.iter().map(|row| &row.model).collect();
        for model in models {
            if let Err(error) = self.model(model).await {
                return rows.iter().map(|_| Outcome::Unwritten(error.clone())).collect();
            }
        }
        let mut encoded = match encoded {
            Some(encoded) => encoded,
            None => {
                self.learn_states(&rows).await;
                encode(self, &rows, Some(&States::default())).unwrap_or_default()
            }
        };
        match self.must_not_be_sent(&rows).await {
            Ok(refused) => encoded.refuse(refused),
            Err(error) => return rows.iter().map(|_| Outcome::Unwritten(error.clone())).collect(),
        }
        self.write_encoded(&rows, encoded).await
    }

    async fn recover(&self, intents: &[Intent]) -> Result<Vec<Option<DestinationId>>> {
        let newest =
            intents.iter().filter(|intent| intent.action == Action::Create).map(|intent| intent.at).max();
        let over = newest.filter(|at| !is_long_ago(*at)).map_or(Duration::ZERO, |_| self.unsettled());
        // A bill that is there may be there in part, and the next step of it under way.
        let bills = intents.iter().filter(|intent| bills::is_bill(&intent.model));
        let over = match bills.map(|intent| intent.at).max().filter(|at| !is_long_ago(*at)) {
            Some(_) => {
                tokio::time::sleep(self.unsettled()).await;
                Duration::ZERO
            }
            None => over,
        };
        let wanted: Vec<_> =
            intents.iter().map(|intent| (intent.model.clone(), intent.identity.clone())).collect();
        self.await_identities(&wanted, over).await
    }

    fn is_made_in_steps(&self, model: &ModelName) -> bool {
        bills::is_bill(model)
    }

    async fn revert(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let _shared = self.turn.read().await;
        self.revert_all(receipts).await
    }
}

impl OdooWriter {
    /// The rows that are refused for what is stored already. Where that cannot be seen nothing is known of any.
    async fn must_not_be_sent(&self, rows: &[Row]) -> Result<Vec<(usize, Error)>> {
        let mut refused = care::look(self, rows).await?;
        refused.extend(self.changed_files(rows).await?);
        Ok(refused)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use mapping_core::digest::Digest;
    use mapping_core::identity::SourceId;
    use mapping_core::key::RecordKey;

    use super::*;
    use crate::client::{Client, Login};
    use crate::destination::quiet::IDENTITY;
    use crate::sandbox::{Like, Sandbox};
    use crate::wire::{Struct, Value};

    fn ask(odoo: &Sandbox, model: &str, method: &str, args: Vec<Value>) -> Value {
        odoo.execute("sandbox", 2, "admin", model, method, args, Struct::new()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_left_long_after_its_intent_is_waited_for() {
        let odoo = Sandbox::new(Like::Odoo19);
        let contacts = Value::from(vec!["model".into(), "=".into(), "res.partner".into()]);
        let contacts = ask(&odoo, "ir.model", "search", vec![Value::from(vec![contacts])]);
        let contacts = contacts.as_array().unwrap()[0].clone();
        let field = Struct::new().with("name", IDENTITY).with("ttype", "char").with("model_id", contacts);
        ask(&odoo, "ir.model.fields", "create", vec![field.into()]);

        let source = SourceId::new("pulse", "main").unwrap();
        let key = RecordKey::new("patient", "P-1").into();
        let intent = |hours| Intent {
            identity: source.identity(&key),
            key: key.clone(),
            model: "res.partner".into(),
            action: Action::Create,
            digest: Digest::builder().finish(),
            before: None,
            at: Timestamp::now() - SignedDuration::from_hours(hours),
        };
        // The server is still at work on it, for a program that is gone.
        let (server, identity) = (odoo.clone(), source.identity(&key).as_str().to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            let values = Struct::new().with("name", "Asha Rao").with(IDENTITY, identity);
            ask(&server, "res.partner", "create", vec![values.into()]);
        });
        let client = Client::over(odoo, Login::new("sandbox", "admin", "admin")).connect().await.unwrap();
        let writer = OdooWriter::new(client).settle(Duration::from_secs(180));
        assert_eq!(
            writer.recover(&[intent(24)]).await.unwrap(),
            [None],
            "what is long over is not waited for"
        );
        assert!(writer.recover(&[intent(1)]).await.unwrap()[0].is_some(), "it was given up too early");
    }
}
