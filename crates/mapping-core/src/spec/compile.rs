//! From a mapping as data to a mapper that runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::draft::{DraftValue, Missing};
use crate::error::{Error, Result};
use crate::mapper::RecordMapper;
use crate::name::{EntityName, FieldName, ModelName};
use crate::schema::{IfAbsent, Needs};
use crate::spec::check;
use crate::spec::draft::{Becomes, DraftSpec, FieldRule, FieldRules, IfBlank};
use crate::spec::mapper::{DraftPlan, FieldPlan, Keeper, Make, Mapper, Plan, Reads};
use crate::spec::mapping::MappingSpec;
use crate::spec::read::Read;
use crate::spec::rule::Rule;
use crate::spec::rules::boolean::Boolean;
use crate::spec::rules::call::Call;
use crate::spec::rules::choice::Map;
use crate::spec::rules::condition::Test;
use crate::spec::rules::fields::{Constant, Copy};
use crate::spec::rules::file::File;
use crate::spec::rules::flatten::Flatten;
use crate::spec::rules::lines::Lines;
use crate::spec::rules::number::Number;
use crate::spec::rules::pointer::{Link, Lookup};
use crate::spec::rules::several::{FirstOf, If, List};
use crate::spec::rules::split::{Join, Split};
use crate::spec::rules::template::Template;
use crate::spec::rules::time::{Day, Instant};
use crate::spec::site::{Function, Site};
use crate::spec::step::Step;
use crate::value::Value;

impl MappingSpec {
    /// Makes a mapper of it.
    ///
    /// # Errors
    ///
    /// It cannot work, whatever the records: the error's place `rule` says where, such as `draft[2].fields.user_id`. Drafts, and rules
    /// in lists, are counted from 1.
    pub fn compile(&self) -> Result<Mapper> {
        self.compiler().compile()
    }

    /// Makes a mapper of it and of code.
    #[must_use]
    pub fn compiler(&self) -> Compiler<'_> {
        Compiler { spec: self, functions: BTreeMap::new(), entities: BTreeMap::new() }
    }
}

/// Makes a [`Mapper`] of a mapping and of what it leaves to code: functions that rules call, and whole entities.
///
/// # Example
///
/// ```
/// use mapping_core::error::Error;
/// use mapping_core::mapper::{Mapped, RecordMapper, mapper_fn};
/// use mapping_core::record::Record;
/// use mapping_core::schema::Needs;
/// use mapping_core::spec::mapping::MappingSpec;
/// use mapping_core::value::Value;
///
/// let spec = MappingSpec::from_toml(r#"
/// version = 1
///
/// [[draft]]
/// entity = "patient"
/// model = "res.partner"
///
/// [draft.fields]
/// x_minor = { call = "is_minor", from = ["age"] }
/// "#)?;
/// let mapper = spec
///     .compiler()
///     .function("is_minor", |values| match values {
///         [Value::Integer(age)] => Ok(Value::from(*age < 18)),
///         _ => Err(Error::invalid("not an age")),
///     })
///     .entity("bill", mapper_fn(Needs::new(), |_: &Record| Ok(Mapped::default())))
///     .compile()?;
/// let mapped = mapper.map(&Record::new("patient", "P-1").with("age", 12_i64))?;
/// assert_eq!(mapped.drafts[0].fields()[0].1, Value::from(true).into());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Compiler<'a> {
    spec: &'a MappingSpec,
    functions: BTreeMap<String, Function>,
    entities: BTreeMap<EntityName, Arc<dyn RecordMapper>>,
}

impl Compiler<'_> {
    /// The same, with a function that rules call by this name. It is given the values of the rule's `from`, blank ones as
    /// [`Value::Null`].
    ///
    /// It must be pure, and its errors must hold no value. An error refuses the record, and names the first field of `from` unless it
    /// names one itself.
    #[must_use]
    pub fn function<F, V>(mut self, name: impl Into<String>, function: F) -> Self
    where
        F: Fn(&[Value]) -> Result<V> + Send + Sync + 'static,
        V: Into<DraftValue>,
    {
        let function = move |values: &[Value]| function(values).map(Into::into);
        self.functions.insert(name.into(), Function(Arc::new(function)));
        self
    }

    /// The same, with a mapper for every record of an entity, of which the mapping then says nothing.
    #[must_use]
    pub fn entity(mut self, entity: impl Into<EntityName>, mapper: impl RecordMapper + 'static) -> Self {
        self.entities.insert(entity.into(), Arc::new(mapper));
        self
    }

    /// Makes the mapper.
    ///
    /// # Errors
    ///
    /// The mapping cannot work; see [`MappingSpec::compile`].
    pub fn compile(self) -> Result<Mapper> {
        let Self { spec, functions, entities } = self;
        check::needs(&spec.needs)?;
        let mut needs = Needs { models: spec.needs.models.clone(), ..Needs::new() };
        for field in &spec.needs.fields {
            needs = needs.field(field.clone());
        }
        let mut plans: BTreeMap<EntityName, Plan> = BTreeMap::new();
        let mut reads = Vec::new();
        let mut parts = BTreeSet::new();
        for (at, draft) in (1..).zip(&spec.drafts) {
            let mut site = Site::new(&functions, build, format!("draft[{at}]"));
            if entities.contains_key(&draft.entity) {
                return Err(
                    site.fail(format!("entity `{}` is mapped by code and by the mapping", draft.entity))
                );
            }
            if !parts.insert((&draft.entity, draft.part.as_str())) {
                return Err(site.fail(format!(
                    "two drafts of entity `{}` have the part name \"{}\"; give one another `part`",
                    draft.entity, draft.part
                )));
            }
            let plan = draft_plan(draft, spec, &mut site)?;
            if let Make::Write { model, fields, keepers } = &plan.make {
                for field in fields {
                    needs = match field.if_absent {
                        IfAbsent::Drop => needs.uses_if_there(model.clone(), field.name.clone()),
                        IfAbsent::Stop => needs.uses(model.clone(), field.name.clone()),
                    };
                }
                for keeper in keepers {
                    needs = needs.uses(model.clone(), keeper.field.clone());
                }
            }
            for lookup in draft.lookups().into_iter().filter(|lookup| lookup.missing == Missing::Make) {
                needs = needs.makes(lookup.model.clone(), lookup.by.clone());
                for field in lookup.within.keys() {
                    needs = needs.makes(lookup.model.clone(), field.as_str());
                }
            }
            reads.extend(draft_reads(draft, site.path()));
            match plans.entry(draft.entity.clone()).or_insert_with(|| Plan::Drafts(Vec::new())) {
                Plan::Drafts(drafts) => drafts.push(plan),
                Plan::Code(_) => {}
            }
        }
        for (entity, mapper) in entities {
            needs = joined(needs, mapper.needs());
            plans.insert(entity, Plan::Code(mapper));
        }
        Ok(Mapper { needs, plans, reads })
    }
}

fn draft_plan(draft: &DraftSpec, spec: &MappingSpec, site: &mut Site<'_>) -> Result<DraftPlan> {
    if draft.entity.as_str().is_empty() {
        return Err(site.fail("a draft without an entity"));
    }
    let when = draft.when.as_ref();
    let when = when.map(|when| site.inside("when", |site| Test::new(when, site))).transpose()?;
    let make = match &draft.becomes {
        Becomes::Matched(lookup) => Make::Match(site.inside("match", |site| {
            check::lookup(lookup, site)?;
            Lookup::new(lookup, site)
        })?),
        Becomes::Written(model, fields) => {
            if model.as_str().is_empty() || fields.is_empty() {
                return Err(site.fail("a draft needs a model and at least one field"));
            }
            written(model, fields, spec, site)?
        }
    };
    Ok(DraftPlan { part: draft.part.as_str().into(), when, make })
}

fn written(model: &ModelName, fields: &FieldRules, spec: &MappingSpec, site: &mut Site<'_>) -> Result<Make> {
    let mut plans = Vec::with_capacity(fields.len());
    for (name, rule) in fields.iter() {
        plans.push(site.inside(format_args!("fields.{name}"), |site| {
            if name.as_str().is_empty() {
                return Err(site.fail("a field without a name"));
            }
            check::field(rule, spec.needs.field(model, name), site)?;
            field_plan(model, name, rule, site)
        })?);
    }
    // Equal mappings make equal drafts, in whatever order their fields were written.
    plans.sort_by(|one, other| one.name.cmp(&other.name));
    let keepers = std::mem::take(&mut site.keepers);
    for (keeper, _) in &keepers {
        if fields.find(keeper.as_str()).is_some() {
            return Err(
                site.fail(format!("`{keeper}` has a rule of its own and is to keep unknown values too"))
            );
        }
        check::keeper(keeper, spec.needs.field(model, keeper), site)?;
    }
    let keepers = keepers.into_iter().map(|(field, rules)| Keeper { field, labelled: rules > 1 }).collect();
    Ok(Make::Write { model: model.clone(), fields: plans, keepers })
}

fn field_plan(
    model: &ModelName,
    name: &FieldName,
    field: &FieldRule,
    site: &mut Site<'_>,
) -> Result<FieldPlan> {
    // The condition of a whole field leaves it out; that of a rule inside makes it blank.
    let (when, rule) = match &field.rule {
        Rule::If { when, then } => (Some(site.inside("when", |site| Test::new(when, site))?), &**then),
        rule => (None, rule),
    };
    let blank = match (field.required, rule.reads().first()) {
        (false, _) => None,
        (true, Some(read)) => {
            let message = format!("blank, and {model}.{name} needs a value");
            Some(Error::invalid(message).at("field", read))
        }
        (true, None) => return Err(site.fail("`required` is for rules that read a field")),
    };
    Ok(FieldPlan {
        name: name.clone(),
        when,
        step: build(rule, site)?,
        blank,
        omitted: field.if_blank == IfBlank::Omit,
        if_absent: field.if_absent,
    })
}

fn build(rule: &Rule, site: &mut Site<'_>) -> Result<Box<dyn Step>> {
    Ok(match rule {
        Rule::Copy(field) => Box::new(Copy(Read::new(field, site)?)),
        Rule::Constant(value) => Box::new(Constant(value.clone())),
        Rule::Join { of, separator } => Box::new(Join::new(of, separator, site)?),
        Rule::Split { of, separator, take } => Box::new(Split::new(of, separator.as_deref(), *take, site)?),
        Rule::Map(rule) => Box::new(Map::new(rule, site)?),
        Rule::Date(rule) => Box::new(Day::new(rule, site)?),
        Rule::Instant(rule) => Box::new(Instant::new(rule, site)?),
        Rule::Number(rule) => Box::new(Number::new(rule, false, site)?),
        Rule::Integer(rule) => Box::new(Number::new(rule, true, site)?),
        Rule::Boolean(rule) => Box::new(Boolean::new(rule, site)?),
        Rule::Link(rule) => {
            check::link(rule, site)?;
            Box::new(Link::new(rule, site)?)
        }
        Rule::Lookup(rule) => {
            check::lookup(rule, site)?;
            Box::new(Lookup::new(rule, site)?)
        }
        Rule::Template { text, parts } => Box::new(Template::new(text, parts, site)?),
        Rule::Lines(lines) => Box::new(Lines::new(lines, site)?),
        Rule::Flatten(of) => Box::new(Flatten::new(of, site)?),
        Rule::File { of, name } => Box::new(File::new(of, name, site)?),
        Rule::List(of) => Box::new(List::new(of, site)?),
        Rule::FirstOf(of) => Box::new(FirstOf::new(of, site)?),
        Rule::Call { function, from } => Box::new(Call::new(function, from, site)?),
        Rule::If { when, then } => Box::new(If::new(when, then, site)?),
    })
}

/// What a draft reads of the source, with the place of each.
fn draft_reads(draft: &DraftSpec, path: &str) -> Vec<Reads> {
    let mut reads = Vec::new();
    let mut put = |rule: String, fields: Vec<FieldName>, links: Vec<EntityName>| {
        reads.push(Reads { entity: draft.entity.clone(), rule, fields, links });
    };
    let when = draft.when.iter().flat_map(|when| when.reads()).cloned().collect();
    put(format!("{path}.when"), when, Vec::new());
    match &draft.becomes {
        Becomes::Matched(lookup) => put(format!("{path}.match"), lookup.of.reads(), links(&lookup.of)),
        Becomes::Written(_, fields) => {
            for (name, field) in fields.iter() {
                put(format!("{path}.fields.{name}"), field.rule.reads(), links(&field.rule));
            }
        }
    }
    reads
}

fn links(rule: &Rule) -> Vec<EntityName> {
    let mut links = Vec::new();
    rule.visit(&mut |rule| {
        if let Rule::Link(link) = rule {
            links.push(link.to.clone());
        }
    });
    links
}

fn joined(mut needs: Needs, more: &Needs) -> Needs {
    for model in &more.models {
        if !needs.models.contains(model) {
            needs.models.push(model.clone());
        }
    }
    for field in &more.fields {
        if !needs.fields.contains(field) {
            needs.fields.push(field.clone());
        }
    }
    for used in &more.uses {
        needs = match used.if_absent {
            IfAbsent::Drop => needs.uses_if_there(used.model.clone(), used.field.clone()),
            IfAbsent::Stop => needs.uses(used.model.clone(), used.field.clone()),
        };
    }
    needs
}
