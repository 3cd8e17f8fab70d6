//! Where records go: the reader and writer traits.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::identity::{Identity, SourceId};
use crate::name::{FieldName, ModelName};
use crate::receipt::{DestinationId, Intent, Outcome, Receipt, Row, SchemaIntent, SchemaReceipt};
use crate::record::Fields;
use crate::schema::{ModelSchema, Needs, SchemaPlan};
use crate::value::Value;

/// A place whose records can be looked at.
///
/// # Contract
///
/// - Nothing is changed.
/// - Records that are hidden or archived count as there.
/// - Answers come in the order of what was asked, one for each.
/// - Any number of keys, values or ids may be asked for at once; how many go in one call is the implementation's business.
#[async_trait]
pub trait DestinationReader: fmt::Debug + Send + Sync {
    /// The address of the place: the same for the same place, different for another. A journal is bound to it.
    fn address(&self) -> String;

    /// A model as it is, or `None` where there is no such model.
    ///
    /// # Errors
    ///
    /// The place does not answer, or may not be asked.
    async fn describe(&self, model: &ModelName) -> Result<Option<ModelSchema>>;

    /// How many records of a model carry an identity of that source. None where the model, or its identity field, is not there.
    ///
    /// # Errors
    ///
    /// The place does not answer, or may not be asked.
    async fn count(&self, model: &ModelName, source: &SourceId) -> Result<u64>;

    /// The records with those identities.
    ///
    /// # Errors
    ///
    /// The place does not answer, or may not be asked; or two records carry one identity.
    async fn find(&self, model: &ModelName, identities: &[Identity]) -> Result<Vec<Option<DestinationId>>>;

    /// For each value, the records whose field `by` equals it.
    ///
    /// # Errors
    ///
    /// The place does not answer, may not be asked, or has no such field.
    async fn look_up(&self, query: &LookupQuery, values: &[Value]) -> Result<Vec<Vec<DestinationId>>>;

    /// Fields of records. `None` where there is no such record.
    ///
    /// A value read is what [`revert`](DestinationWriter::revert) would write to have it again. Of a file it is a handle without its bytes
    /// ([`NotKept`](crate::value::FileContent::NotKept)), or nothing where the place cannot tell which it is: a file is not put back, and
    /// `revert` says so of one that has changed.
    ///
    /// # Errors
    ///
    /// The place does not answer, may not be asked, or has no such field.
    async fn read(
        &self,
        model: &ModelName,
        ids: &[DestinationId],
        fields: &[FieldName],
    ) -> Result<Vec<Option<Fields>>>;
}

/// A place that records are written to.
///
/// # Contract
///
/// - `plan` changes nothing. `apply` of a plan, and `plan` again, gives an empty plan. `apply` twice does no more than once.
/// - `recover_schema` answers `None` only for a part that can no longer come from what was intended.
/// - `prepare` does no IO: it checks and encodes, so that it can run while the place works on something else.
/// - `write` answers one [`Outcome`] a row, in the order of the rows, and stores each row's identity with the record.
/// - A row that is refused takes no other row with it.
/// - An outcome other than `Unknown` is certain.
/// - `recover` answers `None` only when the write it was asked about can no longer happen.
/// - `revert` of what is already gone succeeds. Created records are deleted, changed ones get their former values, matched
///   ones are left alone.
/// - Nobody is disturbed: no mail, no notice leaves the place because of a write.
///
/// The suite in [`conformance::destination`](crate::conformance::destination()) checks each clause but the last.
#[async_trait]
pub trait DestinationWriter: DestinationReader {
    /// Holds what is needed against what is there. The identity's own field, where one is needed, is part of the plan.
    ///
    /// # Errors
    ///
    /// The place does not answer, or may not be asked. What stands in the way is no error: it is in the plan.
    async fn plan(&self, needs: &Needs) -> Result<SchemaPlan>;

    /// Makes what the plan says is missing. Usable at once after.
    ///
    /// # Errors
    ///
    /// The place does not answer or refuses; what was made until then is made, and a new plan will not name it again.
    async fn apply(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>>;

    /// Tells where the parts are whose making was intended and never answered. Waits as long as they may still be under way.
    ///
    /// # Errors
    ///
    /// The place does not answer, or may not be asked.
    async fn recover_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>>;

    /// Takes back what `apply` made.
    ///
    /// # Errors
    ///
    /// The place does not answer or refuses.
    async fn revert_schema(&self, receipts: &[SchemaReceipt]) -> Result<()>;

    /// Checks and encodes rows, to be written later.
    fn prepare(&self, rows: Vec<Row>) -> Prepared {
        Prepared::new(rows)
    }

    /// Writes rows, of any models.
    async fn write(&self, rows: Prepared) -> Vec<Outcome>;

    /// Tells where the rows are whose writes were intended and never answered. Waits as long as they may still be under way.
    ///
    /// # Errors
    ///
    /// The place does not answer, or may not be asked.
    async fn recover(&self, intents: &[Intent]) -> Result<Vec<Option<DestinationId>>>;

    /// Whether a new record of that model is made in several steps. Then one that [`recover`](Self::recover) finds may be there in part: the
    /// journal has it, so that it can be undone, and the next row of its draft is an update, which makes it whole.
    fn is_made_in_steps(&self, model: &ModelName) -> bool {
        let _ = model;
        false
    }

    /// Undoes writes, in the order given; one answer a receipt.
    async fn revert(&self, receipts: &[Receipt]) -> Vec<Result<()>>;
}

const _: fn(&dyn DestinationWriter) -> &dyn DestinationReader = |writer| writer;

/// How records are searched for by a value of theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupQuery {
    /// The model searched in.
    pub model: ModelName,
    /// The field that must be equal.
    pub by: FieldName,
    /// Further fields that must be equal.
    pub within: Vec<(FieldName, Value)>,
    /// Whether texts that are the same [when folded](Self::folded) count as equal.
    pub fold: bool,
}

impl LookupQuery {
    /// A text without what folded look-ups do not mind: in small letters, with one space between words and none around.
    #[must_use]
    pub fn folded(text: &str) -> String {
        let mut folded = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.extend(word.chars().flat_map(char::to_lowercase));
        }
        folded
    }
}

/// Rows that are ready to be written.
pub struct Prepared {
    /// The rows.
    pub rows: Vec<Row>,
    encoded: Option<Box<dyn Any + Send + Sync>>,
}

impl Prepared {
    /// Rows with nothing done to them yet.
    #[must_use]
    pub fn new(rows: Vec<Row>) -> Self {
        Self { rows, encoded: None }
    }

    /// The same, with what the writer made of them for itself.
    #[must_use]
    pub fn with(mut self, encoded: impl Any + Send + Sync) -> Self {
        self.encoded = Some(Box::new(encoded));
        self
    }

    /// What the writer made of them, where it was this writer and is of that type; and the rows.
    #[must_use]
    pub fn into_parts<T: Any>(self) -> (Vec<Row>, Option<T>) {
        let encoded = self.encoded.and_then(|encoded| encoded.downcast().ok()).map(|encoded| *encoded);
        (self.rows, encoded)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} rows)", self.rows.len())
    }
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<D: DestinationReader + ?Sized> DestinationReader for $type {
            fn address(&self) -> String {
                (**self).address()
            }
            async fn describe(&self, model: &ModelName) -> Result<Option<ModelSchema>> {
                (**self).describe(model).await
            }
            async fn count(&self, model: &ModelName, source: &SourceId) -> Result<u64> {
                (**self).count(model, source).await
            }
            async fn find(&self, model: &ModelName, identities: &[Identity]) -> Result<Vec<Option<DestinationId>>> {
                (**self).find(model, identities).await
            }
            async fn look_up(&self, query: &LookupQuery, values: &[Value]) -> Result<Vec<Vec<DestinationId>>> {
                (**self).look_up(query, values).await
            }
            async fn read(&self, model: &ModelName, ids: &[DestinationId], fields: &[FieldName]) -> Result<Vec<Option<Fields>>> {
                (**self).read(model, ids, fields).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<D: DestinationWriter + ?Sized> DestinationWriter for $type {
            async fn plan(&self, needs: &Needs) -> Result<SchemaPlan> {
                (**self).plan(needs).await
            }
            async fn apply(&self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
                (**self).apply(plan).await
            }
            async fn recover_schema(&self, intent: &SchemaIntent) -> Result<Vec<Option<DestinationId>>> {
                (**self).recover_schema(intent).await
            }
            async fn revert_schema(&self, receipts: &[SchemaReceipt]) -> Result<()> {
                (**self).revert_schema(receipts).await
            }
            fn prepare(&self, rows: Vec<Row>) -> Prepared {
                (**self).prepare(rows)
            }
            async fn write(&self, rows: Prepared) -> Vec<Outcome> {
                (**self).write(rows).await
            }
            async fn recover(&self, intents: &[Intent]) -> Result<Vec<Option<DestinationId>>> {
                (**self).recover(intents).await
            }
            fn is_made_in_steps(&self, model: &ModelName) -> bool {
                (**self).is_made_in_steps(model)
            }
            async fn revert(&self, receipts: &[Receipt]) -> Vec<Result<()>> {
                (**self).revert(receipts).await
            }
        }
    )*};
}

forward!(&D, Box<D>, std::sync::Arc<D>);
