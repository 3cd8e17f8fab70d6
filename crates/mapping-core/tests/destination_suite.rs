//! The suite of destinations: what is right passes, and each thing that can be wrong does not.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use async_trait::async_trait;
use futures::executor::block_on;
use mapping_core::conformance::{FileGround, Ground, destination};
use mapping_core::destination::{DestinationReader, DestinationWriter, LookupQuery, Prepared};
use mapping_core::error::Result;
use mapping_core::identity::{Identity, SourceId};
use mapping_core::memory::destination::MemoryDestination;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::{
    Action, DestinationId, How, Intent, Outcome, Receipt, Row, SchemaIntent, SchemaReceipt,
};
use mapping_core::record::Fields;
use mapping_core::schema::{FieldKind, FieldNeed, ModelNeed, ModelSchema, Needs, SchemaPlan};
use mapping_core::value::{FileHandle, Value};

fn ground() -> Ground {
    let link = FieldKind::Link("res.partner".into());
    let visits = FieldKind::linked_from("x_visit", "x_patient_id");
    let name = FieldKind::related("x_patient_id.name", FieldKind::Line);
    let needs = Needs::new()
        .uses("res.partner", "name")
        .field(FieldNeed::new("res.partner", "x_blood_group", FieldKind::Line, "Blood group"))
        .model(ModelNeed::new("x_visit", "Visit"))
        .field(FieldNeed::new("res.partner", "x_visit_ids", visits, "Visits"))
        .field(FieldNeed::new("x_visit", "x_patient_id", link, "Patient"))
        .field(FieldNeed::new("x_visit", "x_patient_name", name, "Patient's name"));
    Ground {
        needs,
        model: "res.partner".into(),
        field: "name".into(),
        refused: ("x_blood_group".into(), Value::from("C+")),
        source: SourceId::new("suite", "main").unwrap(),
        file: Some(FileGround {
            model: "ir.attachment".into(),
            field: "datas".into(),
            others: Fields::default().with("name", "Page one"),
        }),
    }
}

fn memory() -> MemoryDestination {
    MemoryDestination::new()
        .model("res.partner", [("name", FieldKind::Line)])
        .model("ir.attachment", [("name", FieldKind::Line), ("datas", FieldKind::Binary)])
        .refusing(|row| row.fields.value("x_blood_group").as_text() == Some("C+"))
}

#[test]
fn the_destination_in_memory_keeps_the_contract() {
    block_on(destination(&memory(), &ground()));
}

#[test]
fn every_broken_destination_fails() {
    for flaw in ALL {
        let broken = Broken { inner: memory(), flaw };
        let run = catch_unwind(AssertUnwindSafe(|| block_on(destination(&broken, &ground()))));
        assert!(run.is_err(), "{flaw:?} passes");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    AnswersBackwards,
    AnswersTooFew,
    RefusesNeighbours,
    WritesRefused,
    FindsNothing,
    FindsBackwards,
    CountsEverybody,
    MindsNoCase,
    MindsSpace,
    RecoversNoSchema,
    ReadsOthers,
    ForgetsUpdates,
    UpdatesAnew,
    RecoversNothing,
    RecoversAnything,
    KeepsCreated,
    KeepsUpdated,
    DeletesMatched,
    PlansForEver,
    PlansTheImpossible,
    DescribesAnything,
    DescribesLines,
    DescribesAllAsWritten,
    KeepsNoTexts,
    SaysThatFilesArePutBack,
}

use Flaw::*;

const ALL: [Flaw; 25] = [
    AnswersBackwards,
    AnswersTooFew,
    RefusesNeighbours,
    WritesRefused,
    FindsNothing,
    FindsBackwards,
    CountsEverybody,
    MindsNoCase,
    MindsSpace,
    RecoversNoSchema,
    ReadsOthers,
    ForgetsUpdates,
    UpdatesAnew,
    RecoversNothing,
    RecoversAnything,
    KeepsCreated,
    KeepsUpdated,
    DeletesMatched,
    PlansForEver,
    PlansTheImpossible,
    DescribesAnything,
    DescribesLines,
    DescribesAllAsWritten,
    KeepsNoTexts,
    SaysThatFilesArePutBack,
];

/// Right in everything but one.
#[derive(Debug)]
struct Broken {
    inner: MemoryDestination,
    flaw: Flaw,
}

#[async_trait]
impl DestinationReader for Broken {
    fn address(&self) -> String {
        self.inner.address()
    }

    async fn describe(&self, model: &ModelName) -> Result<Option<ModelSchema>> {
        let mut found = self.inner.describe(model).await?;
        for info in found.iter_mut().flat_map(|schema| schema.fields.values_mut()) {
            match self.flaw {
                DescribesLines => info.kind = FieldKind::Line,
                DescribesAllAsWritten => info.readonly = false,
                _ => {}
            }
        }
        Ok(if self.flaw == DescribesAnything { Some(found.unwrap_or_default()) } else { found })
    }

    async fn count(&self, model: &ModelName, source: &SourceId) -> Result<u64> {
        match self.flaw {
            CountsEverybody => Ok(self.inner.rows(model.as_str()).len() as u64),
            _ => self.inner.count(model, source).await,
        }
    }

    async fn find(&self, model: &ModelName, keys: &[Identity]) -> Result<Vec<Option<DestinationId>>> {
        let mut found = self.inner.find(model, keys).await?;
        match self.flaw {
            FindsNothing => found.fill(None),
            FindsBackwards => found.reverse(),
            _ => {}
        }
        Ok(found)
    }

    async fn look_up(&self, query: &LookupQuery, values: &[Value]) -> Result<Vec<Vec<DestinationId>>> {
        let fold = query.fold || self.flaw == MindsNoCase;
        let mut found = self.inner.look_up(&LookupQuery { fold, ..query.clone() }, values).await?;
        for (ids, value) in found.iter_mut().zip(values) {
            if self.flaw == MindsSpace && value.as_text().is_some_and(|text| text != text.trim()) {
                ids.clear();
            }
        }
        Ok(found)
    }

    async fn read(
        &self,
        model: &ModelName,
        ids: &[DestinationId],
        fields: &[FieldName],
    ) -> Result<Vec<Option<Fields>>> {
        let mut read = self.inner.read(model, ids, fields).await?;
        if self.flaw == ReadsOthers {
            read.reverse();
        }
        Ok(read)
    }
}

#[async_trait]
impl DestinationWriter for Broken {
    async fn plan(&self, needs: &Needs) -> Result<SchemaPlan> {
        let mut plan = self.inner.plan(needs).await?;
        if self.flaw == PlansForEver {
            plan.fields = needs.fields.clone();
        }
        if self.flaw == PlansTheImpossible {
            plan.conflicts.clear();
        }
        Ok(plan)
    }

    async fn apply(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        self.inner.apply(plan).await
    }

    async fn recover_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>> {
        let mut found = self.inner.recover_schema(intent).await?;
        if self.flaw == RecoversNoSchema {
            found.fill(None);
        }
        Ok(found)
    }

    async fn revert_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
        self.inner.revert_schema(receipts).await
    }

    async fn write(&self, rows: Prepared) -> Vec<Outcome> {
        let (mut rows, _) = rows.into_parts::<()>();
        let bad = |row: &Row| row.fields.value("x_blood_group").as_text() == Some("C+");
        let refused = rows.iter().any(bad);
        for row in &mut rows {
            match self.flaw {
                RefusesNeighbours if refused => row.fields.set("x_blood_group", "C+"),
                WritesRefused if bad(row) => row.fields.set("x_blood_group", "A+"),
                ForgetsUpdates if row.action != Action::Create => row.fields = Fields::default(),
                UpdatesAnew => row.action = Action::Create,
                KeepsNoTexts => no_texts(row),
                _ => {}
            }
        }
        let mut outcomes = self.inner.write(Prepared::new(rows)).await;
        match self.flaw {
            AnswersBackwards => outcomes.reverse(),
            AnswersTooFew => drop(outcomes.pop()),
            _ => {}
        }
        outcomes
    }

    async fn recover(&self, intents: &[Intent]) -> Result<Vec<Option<DestinationId>>> {
        let mut found = self.inner.recover(intents).await?;
        match self.flaw {
            RecoversNothing => found.fill(None),
            RecoversAnything => found.fill(Some(1.into())),
            _ => {}
        }
        Ok(found)
    }

    async fn revert(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
        let undone = |receipt: &Receipt| match (self.flaw, receipt.how) {
            (KeepsCreated, How::Created) | (KeepsUpdated, How::Updated) => {
                Receipt { how: How::Matched, ..receipt.clone() }
            }
            (DeletesMatched, How::Matched) => Receipt { how: How::Created, ..receipt.clone() },
            _ => receipt.clone(),
        };
        let mut answers = self.inner.revert(&receipts.iter().map(undone).collect::<Vec<_>>()).await;
        if self.flaw == SaysThatFilesArePutBack {
            answers.fill(Ok(()));
        }
        answers
    }
}

/// The row with every text emptied.
fn no_texts(row: &mut Row) {
    let texts = row.fields.iter().filter_map(|(field, value)| match value {
        Value::File(file) if file.held() > 0 => Some((field.clone(), FileHandle::text(&file.name, ""))),
        _ => None,
    });
    for (field, file) in texts.collect::<Vec<_>>() {
        row.fields.set(field, file);
    }
}
