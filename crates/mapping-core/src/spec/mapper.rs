//! A mapping that runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::key::DraftKey;
use crate::mapper::{Mapped, RecordMapper};
use crate::name::{EntityName, FieldName, ModelName};
use crate::record::Record;
use crate::schema::{IfAbsent, Needs};
use crate::source::Entity;
use crate::spec::read::is_field;
use crate::spec::rules::condition::Test;
use crate::spec::rules::pointer::Lookup;
use crate::spec::step::{Step, Turn};
use crate::value::Value;

/// A compiled [`MappingSpec`](crate::spec::mapping::MappingSpec): a [`RecordMapper`] that does no more for a record than its rules say.
#[derive(Debug)]
pub struct Mapper {
    pub(crate) needs: Needs,
    pub(crate) plans: BTreeMap<EntityName, Plan>,
    pub(crate) reads: Vec<Reads>,
}

/// What becomes of the records of an entity.
#[derive(Debug)]
pub(crate) enum Plan {
    Drafts(Vec<DraftPlan>),
    Code(Arc<dyn RecordMapper>),
}

/// What a rule reads of the source.
#[derive(Debug)]
pub(crate) struct Reads {
    pub(crate) entity: EntityName,
    /// Where it stands in the mapping.
    pub(crate) rule: String,
    pub(crate) fields: Vec<FieldName>,
    /// The entities it links to.
    pub(crate) links: Vec<EntityName>,
}

#[derive(Debug)]
pub(crate) struct DraftPlan {
    pub(crate) part: Arc<str>,
    pub(crate) when: Option<Test>,
    pub(crate) make: Make,
}

#[derive(Debug)]
pub(crate) enum Make {
    Write { model: ModelName, fields: Vec<FieldPlan>, keepers: Vec<Keeper> },
    Match(Lookup),
}

#[derive(Debug)]
pub(crate) struct FieldPlan {
    pub(crate) name: FieldName,
    pub(crate) when: Option<Test>,
    pub(crate) step: Box<dyn Step>,
    /// Why a blank value refuses the record, if it does.
    pub(crate) blank: Option<Error>,
    /// Whether a blank value is left out.
    pub(crate) omitted: bool,
    pub(crate) if_absent: IfAbsent,
}

/// A field into which unknown values are kept.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) field: FieldName,
    /// Whether each value is told with the field it comes from, because several rules keep theirs here.
    pub(crate) labelled: bool,
}

impl RecordMapper for Mapper {
    fn needs(&self) -> &Needs {
        &self.needs
    }

    fn check(&self, entities: &[Entity]) -> Result<()> {
        let find = |name: &EntityName, rule: &str| {
            entities.iter().find(|entity| entity.name() == name).ok_or_else(|| {
                let there = listed(entities.iter().map(|entity| entity.name().as_str()));
                Error::config(format!("the source has no entity `{name}`; it has {there}")).at("rule", rule)
            })
        };
        for Reads { entity, rule, fields, links } in &self.reads {
            let entity = find(entity, rule)?;
            for link in links {
                find(link, rule)?;
            }
            if let Some(field) = fields.iter().find(|field| is_field(field) && !entity.has(field.as_str())) {
                let there = listed(entity.fields().iter().map(|field| field.name.as_str()));
                let name = entity.name();
                return Err(Error::config(format!("{name} has no field `{field}`; it has {there}"))
                    .at("entity", name)
                    .at("field", field)
                    .at("rule", rule));
            }
        }
        for (name, plan) in &self.plans {
            if let Plan::Code(mapper) = plan {
                find(name, "code")?;
                mapper.check(entities)?;
            }
        }
        Ok(())
    }

    fn map(&self, record: &Record) -> Result<Mapped> {
        let drafts = match self.plans.get(record.key().entity()) {
            None => return Ok(Mapped::default()),
            Some(Plan::Code(mapper)) => return mapper.map(record),
            Some(Plan::Drafts(drafts)) => drafts,
        };
        let mut turn = Turn::new(record);
        let mut mapped = Mapped::default();
        for plan in drafts {
            if plan.when.as_ref().is_none_or(|when| when.holds(record)) {
                mapped.drafts.push(plan.draft(&mut turn)?);
            }
        }
        let flags = turn.flags.into_iter();
        mapped.flags = flags.map(|flag| flag.of(record.key(), record.origin())).collect();
        Ok(mapped)
    }
}

impl DraftPlan {
    fn draft<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Draft> {
        let key = DraftKey::from(turn.record.key().clone()).part(self.part.clone());
        let (model, fields, keepers) = match &self.make {
            Make::Match(lookup) => return Ok(Draft::matching(lookup.search(turn)?, key)),
            Make::Write { model, fields, keepers } => (model, fields, keepers),
        };
        let mut draft = Draft::new(model.clone(), key);
        turn.kept.clear();
        let mut given = Vec::with_capacity(fields.len());
        for field in fields {
            if field.when.as_ref().is_some_and(|when| !when.holds(turn.record)) {
                continue;
            }
            let value = field.step.give(turn)?;
            match &field.blank {
                Some(blank) if value.is_blank() => return Err(blank.clone()),
                _ if value.is_blank() && field.omitted => {}
                // Text without a visible character is nothing.
                _ if value.is_blank() => given.push((&field.name, Value::Null.into())),
                _ => given.push((&field.name, value.into_draft_value())),
            }
        }
        for (number, keeper) in keepers.iter().enumerate() {
            draft.set(keeper.field.clone(), keeper.text(number, turn));
        }
        for (name, value) in given {
            draft.set(name.clone(), value);
        }
        Ok(draft)
    }
}

impl Keeper {
    fn text(&self, number: usize, turn: &Turn<'_>) -> Value {
        let mut all = String::new();
        for (_, field, text) in turn.kept.iter().filter(|(keeper, ..)| *keeper == number) {
            if !all.is_empty() {
                all.push('\n');
            }
            if self.labelled {
                all.push_str(field.as_str());
                all.push_str(": ");
            }
            all.push_str(text);
        }
        if all.is_empty() { Value::Null } else { all.into() }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
