//! The suite of [`DestinationWriter`], and of the [`DestinationReader`](crate::destination::DestinationReader) under it.

use jiff::Timestamp;

use crate::conformance::files::files;
use crate::destination::{DestinationWriter, LookupQuery, Prepared};
use crate::identity::SourceId;
use crate::key::{DraftKey, RecordKey};
use crate::name::{FieldName, ModelName};
use crate::receipt::{Action, DestinationId, How, Intent, Made, Outcome, Receipt, Row, SchemaIntent};
use crate::record::Fields;
use crate::schema::{Needs, SchemaPlan};
use crate::value::Value;

/// What a suite needs to know of the destination it is run against.
#[derive(Clone, Debug)]
pub struct Ground {
    /// What must be made first. May be there already.
    pub needs: Needs,
    /// A model that rows can be created in.
    pub model: ModelName,
    /// A field of it that takes any line of text and must not be empty.
    pub field: FieldName,
    /// A field of it that takes a choice, with a value that it does not take.
    pub refused: (FieldName, Value),
    /// The source whose identities are used. A fresh clinic for each run of the suite.
    pub source: SourceId,
    /// Where files go; nothing where the destination takes none.
    pub file: Option<FileGround>,
}

/// Where a destination takes files.
#[derive(Clone, Debug)]
pub struct FileGround {
    /// A model whose records have a file.
    pub model: ModelName,
    /// The field of it that takes the file.
    pub field: FieldName,
    /// What else such a record must have.
    pub others: Fields,
}

/// Runs every check of the contract, and leaves nothing behind but the schema.
///
/// # Panics
///
/// At the first clause that does not hold, with its name.
pub async fn destination(writer: &dyn DestinationWriter, ground: &Ground) {
    let suite = Suite { writer, ground };
    suite.a_plan_applied_is_an_empty_plan().await;
    suite.what_was_made_is_described_as_it_was_needed().await;
    suite.a_draft_that_sets_what_only_shows_others_is_a_conflict().await;
    suite.an_unknown_model_is_described_as_none().await;
    let receipts = suite.every_row_is_answered_in_its_order().await;
    suite.what_was_written_is_found_by_its_identity(&receipts).await;
    suite.what_was_written_is_read_back(&receipts).await;
    suite.what_was_written_is_counted_for_its_source_alone(&receipts).await;
    suite.a_value_is_looked_up_in_either_case().await;
    let mut receipts = suite.a_refused_row_takes_no_other_with_it(receipts).await;
    suite.what_is_there_is_recovered_and_what_is_not_is_not(&receipts).await;
    let updates = suite.an_update_changes_its_record_alone(&receipts).await;
    suite.an_update_is_undone_to_what_was_there(&updates).await;
    suite.a_matched_record_is_left_alone_by_revert(&receipts).await;
    suite.no_rows_are_no_outcomes().await;
    if let Some(file) = &ground.file {
        files(writer, &ground.source, file).await;
    }
    receipts.reverse();
    suite.what_was_created_is_gone_after_revert(&receipts).await;
    suite.revert_of_what_is_gone_succeeds(&receipts).await;
}

struct Suite<'a> {
    writer: &'a dyn DestinationWriter,
    ground: &'a Ground,
}

impl Suite<'_> {
    async fn a_plan_applied_is_an_empty_plan(&self) {
        let plan = self.writer.plan(&self.ground.needs).await.unwrap_or_else(|e| panic!("plan: {e:?}"));
        assert_eq!(plan.conflicts, [], "plan: the ground conflicts with the destination");
        self.writer.apply(&plan).await.unwrap_or_else(|e| panic!("apply: {e:?}"));
        let again =
            self.writer.plan(&self.ground.needs).await.unwrap_or_else(|e| panic!("plan after apply: {e:?}"));
        assert!(again.is_empty(), "a plan applied is an empty plan: {again:?}");
        let made = self.writer.apply(&plan).await.unwrap_or_else(|e| panic!("apply twice: {e:?}"));
        assert_eq!(made, [], "apply twice does no more than once");
        self.a_schema_is_recovered(&plan).await;
    }

    async fn a_schema_is_recovered(&self, plan: &SchemaPlan) {
        // Long ago: nothing of it can still be under way.
        let at = Timestamp::now() - jiff::SignedDuration::from_hours(24);
        let never = Made::Field(self.ground.model.clone(), "x_no_such_field".into());
        let parts: Vec<_> = [never].into_iter().chain(plan.parts()).collect();
        let intent = SchemaIntent { parts, at };
        let found = self.writer.recover_schema(&intent).await;
        let found = found.unwrap_or_else(|e| panic!("recover_schema: {e:?}"));
        assert_eq!(found.len(), intent.parts.len(), "every part of a schema is answered");
        assert_eq!(found[0], None, "what was never made of a schema is not recovered");
        assert!(found[1..].iter().all(Option::is_some), "what was made of a schema is recovered: {found:?}");
    }

    async fn what_was_made_is_described_as_it_was_needed(&self) {
        for need in &self.ground.needs.fields {
            let schema =
                self.writer.describe(&need.model).await.unwrap_or_else(|e| panic!("describe: {e:?}"));
            let found = schema.as_ref().and_then(|schema| schema.fields.get(&need.name));
            let Some(found) = found else {
                panic!("what was made is described: {} of {}", need.name, need.model)
            };
            assert!(
                need.kind.is_served_by(&found.kind),
                "what was made is described as it was needed: {} of {} is a {}",
                need.name,
                need.model,
                found.kind
            );
            assert!(
                found.readonly || !need.kind.shows_others(),
                "a field that shows other records is described as one that cannot be written"
            );
        }
    }

    async fn a_draft_that_sets_what_only_shows_others_is_a_conflict(&self) {
        for need in self.ground.needs.fields.iter().filter(|need| need.kind.shows_others()) {
            let needs = self.ground.needs.clone().uses(need.model.clone(), need.name.clone());
            let plan = self.writer.plan(&needs).await.unwrap_or_else(|e| panic!("plan: {e:?}"));
            let told = plan.conflicts.iter().any(|other| other.field.as_ref() == Some(&need.name));
            assert!(told, "a draft that sets what only shows other records is a conflict: {plan}");
        }
    }

    async fn an_unknown_model_is_described_as_none(&self) {
        let schema = self
            .writer
            .describe(&"x_no.such_model".into())
            .await
            .unwrap_or_else(|e| panic!("describe: {e:?}"));
        assert_eq!(schema, None, "an unknown model is described as none");
    }

    async fn every_row_is_answered_in_its_order(&self) -> Vec<Receipt> {
        let rows: Vec<Row> =
            (0..7).map(|n| self.row(&format!("row-{n}"), &format!("Row {n} & <co>"))).collect();
        let outcomes = self.writer.write(self.writer.prepare(rows.clone())).await;
        assert_eq!(outcomes.len(), rows.len(), "every row is answered");
        rows.iter()
            .zip(outcomes)
            .map(|(row, outcome)| receipt(row, outcome, "every row is written"))
            .collect()
    }

    async fn what_was_written_is_found_by_its_identity(&self, receipts: &[Receipt]) {
        let known = receipts.iter().map(|receipt| self.ground.source.identity(&receipt.key));
        let stranger = self.ground.source.identity(&key("stranger"));
        let asked: Vec<_> = known.chain([stranger]).collect();
        let found =
            self.writer.find(&self.ground.model, &asked).await.unwrap_or_else(|e| panic!("find: {e:?}"));
        let wanted: Vec<_> = receipts.iter().map(|receipt| Some(receipt.id.clone())).chain([None]).collect();
        assert_eq!(found, wanted, "what was written is found by its identity, in the order asked");
    }

    async fn what_was_written_is_read_back(&self, receipts: &[Receipt]) {
        let texts = self.read(&ids(receipts)).await;
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(*text, Some(Value::from(format!("Row {n} & <co>"))), "what was written is read back");
        }
        let never = self
            .writer
            .read(&self.ground.model, &[i64::from(i32::MAX).into()], std::slice::from_ref(&self.ground.field))
            .await;
        assert_eq!(
            never.unwrap_or_else(|e| panic!("read: {e:?}")),
            [None],
            "a record that is not there is read as none"
        );
    }

    async fn what_was_written_is_counted_for_its_source_alone(&self, receipts: &[Receipt]) {
        let count = async |source: &SourceId| {
            self.writer.count(&self.ground.model, source).await.unwrap_or_else(|e| panic!("count: {e:?}"))
        };
        assert_eq!(count(&self.ground.source).await, receipts.len() as u64, "what was written is counted");
        let Ok(other) = SourceId::new(self.ground.source.system(), "no-such-clinic") else { return };
        assert_eq!(count(&other).await, 0, "another clinic's records are not counted");
    }

    async fn a_value_is_looked_up_in_either_case(&self) {
        let look_up = async |fold: bool, text: &str| {
            let (model, by) = (self.ground.model.clone(), self.ground.field.clone());
            let query = LookupQuery { model, by, within: Vec::new(), fold };
            let answers =
                self.writer.look_up(&query, &[Value::from("no such text"), Value::from(text)]).await;
            let answers = answers.unwrap_or_else(|e| panic!("look_up: {e:?}"));
            assert_eq!(answers.len(), 2, "every value looked up is answered");
            assert_eq!(answers[0], [], "what is not there is not found");
            answers[1].len()
        };
        assert_eq!(look_up(false, "Row 3 & <co>").await, 1, "a value is looked up");
        assert_eq!(look_up(false, "ROW 3 & <CO>").await, 0, "a look-up to the letter minds the case");
        assert_eq!(look_up(true, "ROW 3 & <CO>").await, 1, "a folded look-up does not mind the case");
        assert_eq!(look_up(true, "Row _ & <co>").await, 0, "a look-up knows no wildcards");
        assert_eq!(look_up(true, " row  3 &\t<co> ").await, 1, "a folded look-up does not mind white space");
        assert_eq!(look_up(false, " Row 3 & <co>").await, 0, "a look-up to the letter minds white space");
    }

    async fn a_refused_row_takes_no_other_with_it(&self, mut receipts: Vec<Receipt>) -> Vec<Receipt> {
        let (field, value) = self.ground.refused.clone();
        let mut rows: Vec<Row> =
            (0..5).map(|n| self.row(&format!("mixed-{n}"), &format!("Mixed {n}"))).collect();
        rows[2].fields.set(field, value);
        let outcomes = self.writer.write(self.writer.prepare(rows.clone())).await;
        assert_eq!(outcomes.len(), rows.len(), "every row is answered, refused ones too");
        for (n, (row, outcome)) in rows.iter().zip(outcomes).enumerate() {
            match outcome {
                Outcome::Refused(error) => {
                    assert_eq!(n, 2, "a refused row takes no other row with it: {error:?}");
                    let said = format!("{error} {error:?}");
                    assert!(!said.contains("Mixed 2"), "a refusal does not tell the row's values");
                }
                outcome => {
                    assert_ne!(n, 2, "a row with a value that is not allowed is refused: {outcome:?}");
                    receipts.push(receipt(row, outcome, "the good rows beside a refused one are written"));
                }
            }
        }
        let refused = [self.ground.source.identity(&key("mixed-2"))];
        let found =
            self.writer.find(&self.ground.model, &refused).await.unwrap_or_else(|e| panic!("find: {e:?}"));
        assert_eq!(found, [None], "nothing of a refused row is there");
        receipts
    }

    async fn what_is_there_is_recovered_and_what_is_not_is_not(&self, receipts: &[Receipt]) {
        // Long ago: nothing of it can still be under way.
        let at = Timestamp::now() - jiff::SignedDuration::from_hours(24);
        let intent = |key: &DraftKey| Intent {
            key: key.clone(),
            model: self.ground.model.clone(),
            identity: self.ground.source.identity(key),
            action: Action::Create,
            digest: self.row("any", "any").digest(),
            before: None,
            at,
        };
        let asked = [intent(&key("never-sent")), intent(&receipts[0].key)];
        let found = self.writer.recover(&asked).await.unwrap_or_else(|e| panic!("recover: {e:?}"));
        assert_eq!(
            found,
            [None, Some(receipts[0].id.clone())],
            "what is there is recovered, and what is not is not"
        );
    }

    async fn an_update_changes_its_record_alone(&self, receipts: &[Receipt]) -> Vec<Receipt> {
        let update = |n: usize| {
            let mut row = self.row(&format!("row-{n}"), &format!("Changed {n}"));
            row.action = Action::Update(receipts[n].id.clone());
            row
        };
        let rows = vec![update(1), update(4)];
        let before = self.read(&[receipts[1].id.clone(), receipts[4].id.clone()]).await;
        let outcomes = self.writer.write(self.writer.prepare(rows.clone())).await;
        let updates = rows.iter().zip(outcomes).zip(before).map(|((row, outcome), before)| {
            let mut receipt = receipt(row, outcome, "an update is written");
            receipt.how = How::Updated;
            receipt.before =
                Some(Fields::default().with(self.ground.field.clone(), before.unwrap_or_default()));
            receipt
        });
        let updates: Vec<_> = updates.collect();
        assert_eq!(
            ids(&updates),
            [receipts[1].id.clone(), receipts[4].id.clone()],
            "an update keeps the record's id"
        );
        let now = self.read(&ids(&receipts[..5])).await;
        let wanted = ["Row 0 & <co>", "Changed 1", "Row 2 & <co>", "Row 3 & <co>", "Changed 4"];
        assert_eq!(now, wanted.map(|text| Some(Value::from(text))), "an update changes its record alone");
        updates
    }

    async fn an_update_is_undone_to_what_was_there(&self, updates: &[Receipt]) {
        self.revert(updates).await;
        let now = self.read(&ids(updates)).await;
        let wanted = ["Row 1 & <co>", "Row 4 & <co>"].map(|text| Some(Value::from(text)));
        assert_eq!(now, wanted, "an update is undone to what was there");
    }

    async fn a_matched_record_is_left_alone_by_revert(&self, receipts: &[Receipt]) {
        let matched = Receipt { how: How::Matched, ..receipts[0].clone() };
        self.revert(&[matched]).await;
        let now = self.read(&[receipts[0].id.clone()]).await;
        assert!(now[0].is_some(), "a matched record is left alone by revert");
    }

    async fn no_rows_are_no_outcomes(&self) {
        assert!(self.writer.write(Prepared::new(Vec::new())).await.is_empty(), "no rows are no outcomes");
    }

    async fn what_was_created_is_gone_after_revert(&self, receipts: &[Receipt]) {
        self.revert(receipts).await;
        let now = self.read(&ids(receipts)).await;
        assert!(now.iter().all(Option::is_none), "what was created is gone after revert");
        let left = self.writer.count(&self.ground.model, &self.ground.source).await;
        assert_eq!(left.unwrap_or_else(|e| panic!("count: {e:?}")), 0, "nothing is counted after revert");
    }

    async fn revert_of_what_is_gone_succeeds(&self, receipts: &[Receipt]) {
        self.revert(receipts).await;
    }

    fn row(&self, id: &str, text: &str) -> Row {
        let fields = Fields::default().with(self.ground.field.clone(), text);
        Row::create(&self.ground.source, key(id), self.ground.model.clone(), fields)
    }

    async fn read(&self, ids: &[DestinationId]) -> Vec<Option<Value>> {
        let fields = [self.ground.field.clone()];
        let read = self
            .writer
            .read(&self.ground.model, ids, &fields)
            .await
            .unwrap_or_else(|e| panic!("read: {e:?}"));
        assert_eq!(read.len(), ids.len(), "every id read is answered");
        read.into_iter().map(|fields| Some(fields?.value(self.ground.field.as_str()).clone())).collect()
    }

    async fn revert(&self, receipts: &[Receipt]) {
        let answers = self.writer.revert(receipts).await;
        assert_eq!(answers.len(), receipts.len(), "every receipt reverted is answered");
        for answer in answers {
            answer.unwrap_or_else(|e| panic!("revert: {e:?}"));
        }
    }
}

fn key(id: &str) -> DraftKey {
    RecordKey::new("conformance", id).into()
}

fn ids(receipts: &[Receipt]) -> Vec<DestinationId> {
    receipts.iter().map(|receipt| receipt.id.clone()).collect()
}

fn receipt(row: &Row, outcome: Outcome, clause: &str) -> Receipt {
    let Outcome::Written(id) = outcome else { panic!("{clause}: {outcome:?}") };
    row.intent(None).receipt(id)
}
