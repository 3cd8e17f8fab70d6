//! From a record to drafts: the mapper trait.

use std::fmt::Debug;

use crate::draft::Draft;
use crate::error::Result;
use crate::finding::Flag;
use crate::record::Record;
use crate::schema::Needs;
use crate::source::Entity;

/// Turns a record into what is wanted of it at the destination.
///
/// # Contract
///
/// - `map` is a pure function: equal records give equal answers, and nothing is read, written or remembered.
/// - A draft is of the record it was made from, and no two drafts of one answer have the same key.
/// - A draft holds only fields that `needs` names for its model.
/// - An `Err` refuses this one record; its place `field` names the record's field.
/// - No value of the record stands in a flag or an error.
///
/// The suite in [`conformance::mapper`](crate::conformance::mapper()) checks each clause.
pub trait RecordMapper: Debug + Send + Sync {
    /// What the drafts ask of the destination: models, fields, and which of them must be made.
    fn needs(&self) -> &Needs;

    /// Holds the mapping against what a source offers, before anything is read.
    ///
    /// # Errors
    ///
    /// The mapping reads a field or an entity that the source does not have; the message names it.
    fn check(&self, entities: &[Entity]) -> Result<()>;

    /// Maps a record. An entity that the mapping does not name gives nothing.
    ///
    /// # Errors
    ///
    /// The record cannot be mapped.
    fn map(&self, record: &Record) -> Result<Mapped>;
}

const _: fn(&dyn RecordMapper) = |_| {};

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Mapped {
    /// What is to be written.
    pub drafts: Vec<Draft>,
    /// What a person should look at.
    pub flags: Vec<Flag>,
}

impl From<Draft> for Mapped {
    fn from(draft: Draft) -> Self {
        Self { drafts: vec![draft], flags: Vec::new() }
    }
}

/// A mapper from a closure, for migrations that are easier said in code.
///
/// # Example
///
/// ```
/// use mapping_core::draft::Draft;
/// use mapping_core::mapper::{RecordMapper, mapper_fn};
/// use mapping_core::record::Record;
/// use mapping_core::schema::Needs;
///
/// let mapper = mapper_fn(Needs::new().uses("res.partner", "name"), |record: &Record| {
///     Ok(Draft::new("res.partner", record.key().clone()).with("name", record.value("name").clone()).into())
/// });
/// let mapped = mapper.map(&Record::new("patient", "P-1").with("name", "Asha Rao"))?;
/// assert_eq!(mapped.drafts.len(), 1);
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
pub fn mapper_fn<F>(needs: Needs, map: F) -> MapperFn<F>
where
    F: Fn(&Record) -> Result<Mapped> + Send + Sync,
{
    MapperFn { needs, map }
}

/// What [`mapper_fn`] makes.
pub struct MapperFn<F> {
    needs: Needs,
    map: F,
}

impl<F> Debug for MapperFn<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MapperFn")
    }
}

impl<F> RecordMapper for MapperFn<F>
where
    F: Fn(&Record) -> Result<Mapped> + Send + Sync,
{
    fn needs(&self) -> &Needs {
        &self.needs
    }

    /// A closure does not tell what it reads: nothing to check.
    fn check(&self, _: &[Entity]) -> Result<()> {
        Ok(())
    }

    fn map(&self, record: &Record) -> Result<Mapped> {
        (self.map)(record)
    }
}

macro_rules! forward {
    ($($type:ty),*) => {$(
        #[deny(clippy::missing_trait_methods)]
        impl<M: RecordMapper + ?Sized> RecordMapper for $type {
            fn needs(&self) -> &Needs {
                (**self).needs()
            }
            fn check(&self, entities: &[Entity]) -> Result<()> {
                (**self).check(entities)
            }
            fn map(&self, record: &Record) -> Result<Mapped> {
                (**self).map(record)
            }
        }
    )*};
}

forward!(&M, Box<M>, std::sync::Arc<M>);
