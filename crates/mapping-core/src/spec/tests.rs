//! The mapping as a whole: its text, its checks, its work.

mod properties;
mod text;

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use crate::conformance;
use crate::draft::{DraftValue, Lookup, Missing, Purpose};
use crate::error::Error;
use crate::key::Origin;
use crate::mapper::{Mapped, RecordMapper, mapper_fn};
use crate::record::Record;
use crate::schema::{IfAbsent, Needs};
use crate::source::Entity;
use crate::spec::draft::{Becomes, DraftSpec, FieldRule};
use crate::spec::mapping::MappingSpec;
use crate::spec::rule::{Rule, TimeRule, Unknown};
use crate::spec::when::When;
use crate::value::{Value, ValueKind};

/// A mapping in which every word stands at least once.
const ALL: &str = include_str!("tests/all.toml");

fn all() -> MappingSpec {
    MappingSpec::from_toml(ALL).unwrap()
}

fn one(fields: &str) -> String {
    format!("version = 1\n[[draft]]\nentity = \"patient\"\nmodel = \"m\"\n[draft.fields]\n{fields}\n")
}

fn field<'a>(mapped: &'a Mapped, name: &str) -> Option<&'a DraftValue> {
    let mut fields = mapped.drafts.iter().flat_map(|draft| draft.fields());
    fields.find(|(known, _)| known.as_str() == name).map(|(_, value)| value)
}

#[test]
fn what_cannot_work_is_said_before_the_run() {
    let says = |text: &str| {
        let error = MappingSpec::from_toml(text).unwrap().compile().unwrap_err();
        (error.place("rule").unwrap().to_owned(), error.message().to_owned())
    };
    let choice = "version = 1\n[[needs.field]]\nmodel = \"m\"\nname = \"x_g\"\nlabel = \"G\"\nkind = \"choice\"\nchoices = [\"A\"]\n";
    let draft = "[[draft]]\nentity = \"patient\"\nmodel = \"m\"\n[draft.fields]\n";
    let shown = |kind: &str| {
        format!("version = 1\n[[needs.field]]\nmodel = \"m\"\nname = \"x_s\"\nlabel = \"S\"\nkind = {kind}\n")
    };
    let visits = shown("\"linked-from\"\nfrom = \"x_visit\"\nby = \"x_patient_id\"");
    let phone = shown("\"line\"\nrelated = \"parent_id.phone\"");
    for (text, rule, why) in [
        (
            format!("{visits}{draft}x_s = \"g\""),
            "draft[1].fields.x_s",
            "this field shows the records of x_visit that link here and takes no values: set their x_patient_id",
        ),
        (
            format!("{phone}{draft}x_s = \"g\""),
            "draft[1].fields.x_s",
            "shows parent_id.phone and takes no values",
        ),
        (
            format!("{phone}{draft}y = {{ date = \"d\", unknown = {{ keep_in = \"x_s\" }} }}"),
            "draft[1]",
            "is of kind line of parent_id.phone",
        ),
        (phone.replace("parent_id.phone", "phone"), "needs.field[1]", "no path over a link"),
        (phone.replace("\"line\"", "\"money\""), "needs.field[1]", "kind `money` cannot be related"),
        (phone.clone() + "indexed = true", "needs.field[1]", "leave `indexed` out"),
        (visits.clone() + "not_copied = true", "needs.field[1]", "leave `not_copied` out"),
        (
            format!("{choice}{draft}x_g = {{ map = \"g\", values = {{ a = \"B\" }} }}"),
            "draft[1].fields.x_g",
            "`B` is not a choice",
        ),
        (
            format!("{choice}{draft}x_g = {{ first_of = [\"a\", {{ constant = \"B\" }}] }}"),
            "draft[1].fields.x_g",
            "`B` is not a choice",
        ),
        (
            format!("{choice}{draft}y = {{ date = \"d\", unknown = {{ keep_in = \"x_g\" }} }}"),
            "draft[1]",
            "is of kind choice of 1",
        ),
        (
            one("a = { date = \"d\", unknown = { keep_in = \"b\" } }\nb = \"c\""),
            "draft[1]",
            "has a rule of its own",
        ),
        (
            one("a = { constant = 1, required = true }"),
            "draft[1].fields.a",
            "`required` is for rules that read",
        ),
        (one("a = { copy = \"b\", required = true, if_blank = \"omit\" }"), "draft[1].fields.a", "exclude"),
        (one("a = \"@name\""), "draft[1].fields.a", "there is no `@name`"),
        (
            one("a = { copy = \"b\", when = { all = [] } }"),
            "draft[1].fields.a.when",
            "at least one condition",
        ),
        (
            one("a = { lines = [\"b\", { value = { join = [] } }] }"),
            "draft[1].fields.a.lines[2]",
            "at least one",
        ),
        (one(""), "draft[1]", "at least one field"),
        (
            one("a = \"b\"") + "[[draft]]\nentity = \"patient\"\nmodel = \"n\"\nfields.a = \"b\"",
            "draft[2]",
            "give one another `part`",
        ),
        (
            "version = 1\n[[needs.model]]\nname = \"stage\"\nlabel = \"S\"".to_owned(),
            "needs.model[1]",
            "begins with `x_`",
        ),
        (choice.replace("x_g", "g"), "needs.field[1]", "begins with `x_`"),
        (choice.replace("[\"A\"]", "[\"A\", \"A\"]"), "needs.field[1]", "twice"),
    ] {
        let (at, message) = says(&text);
        assert_eq!(at, rule, "{text}: {message}");
        assert!(message.contains(why), "{text}: {message}");
    }
}

#[test]
fn a_field_that_the_source_lacks_is_named_with_those_it_has() {
    let check = |text: &str, entities: &[Entity]| {
        MappingSpec::from_toml(text)
            .unwrap()
            .compile()
            .unwrap()
            .check(entities)
            .map_err(|error| error.to_string())
    };
    let patient = Entity::new("patient").field("name", ValueKind::Text).field("dob", ValueKind::Date);
    let entities = [patient, Entity::new("visit").link("patient_id", "patient")];
    assert_eq!(check(&one("a = { template = \"{name} {@id}\" }"), &entities), Ok(()));
    for (rule, why) in [
        ("{ template = \"{nmae}\" }", "patient has no field `nmae`; it has name, dob"),
        ("{ copy = \"name\", when = { present = \"email\" } }", "no field `email`"),
        ("{ link = \"doctor\", from = \"name\" }", "no entity `doctor`; it has patient, visit"),
    ] {
        let error = check(&one(&format!("a = {rule}")), &entities).unwrap_err();
        assert!(error.contains(why) && error.contains("(rule draft[1].fields.a)"), "{error}");
    }
    assert!(check(&one("a = \"name\""), &entities[1..]).unwrap_err().contains("no entity `patient`"));
}

#[test]
fn needs_cover_every_field_that_drafts_set() {
    let mapper = all().compiler().function("twice", |values| Ok(values[0].clone())).compile().unwrap();
    let needs = mapper.needs();
    let absent =
        |field: &str| needs.uses.iter().find(|used| used.field.as_str() == field).map(|used| used.if_absent);
    assert_eq!(absent("mobile"), Some(IfAbsent::Drop));
    assert_eq!(absent("name"), Some(IfAbsent::Stop));
    assert_eq!(absent("x_blood_text"), Some(IfAbsent::Stop));
    assert_eq!(needs.models.len(), 1);
    assert_eq!(needs.fields.len(), 4);
}

#[test]
fn one_record_becomes_several_drafts() {
    let text = one("name = \"name\"")
        + "[[draft]]\nentity = \"patient\"\npart = \"note\"\nmodel = \"n\"\nwhen = { present = \"notes\" }\nfields.body = \"notes\"\n";
    let mapper = MappingSpec::from_toml(&text).unwrap().compile().unwrap();
    let record = Record::new("patient", "P-1").with("name", "Asha").with("notes", "x");
    let keys: Vec<_> =
        mapper.map(&record).unwrap().drafts.iter().map(|draft| draft.key().to_string()).collect();
    assert_eq!(keys, ["patient/P-1", "patient/P-1#note"]);
    assert_eq!(mapper.map(&Record::new("patient", "P-2")).unwrap().drafts.len(), 1);
    assert_eq!(mapper.map(&Record::new("bill", "B-1")).unwrap(), Mapped::default());
}

#[test]
fn a_draft_may_stand_for_what_is_there_already() {
    let text = "version = 1\n[[draft]]\nentity = \"physician\"\nmatch = { model = \"res.users\", by = \"login\", from = \"email\", fold = true, missing = \"fallback\" }";
    let spec = MappingSpec::from_toml(text).unwrap();
    let mapper = spec.compile().unwrap();
    let purpose = |mapped: Mapped| mapped.drafts[0].purpose().clone();
    let doctor = Record::new("physician", "D-1").with("email", " Asha@example.org");
    let lookup = |value: Value| Lookup::new("res.users", "login", value).folded().or(Missing::Fallback);
    assert_eq!(purpose(mapper.map(&doctor).unwrap()), Purpose::Match(lookup("Asha@example.org".into())));
    assert_eq!(
        purpose(mapper.map(&Record::new("physician", "D-2")).unwrap()),
        Purpose::Match(lookup(Value::Null))
    );
    let refusing =
        MappingSpec::from_toml(&text.replace(", missing = \"fallback\"", "")).unwrap().compile().unwrap();
    let error = refusing.map(&Record::new("physician", "D-2")).unwrap_err();
    assert_eq!(error.place("field"), Some("email"));
}

#[test]
fn a_blank_value_is_set_left_out_or_refused() {
    let text =
        one("a = \"a\"\nb = { copy = \"b\", if_blank = \"omit\" }\nc = { copy = \"c\", required = true }");
    let mapper = MappingSpec::from_toml(&text).unwrap().compile().unwrap();
    let mapped = mapper.map(&Record::new("patient", "P-1").with("a", "  ").with("c", "x")).unwrap();
    assert_eq!(field(&mapped, "a"), Some(&Value::Null.into()));
    assert_eq!(field(&mapped, "b"), None);
    let error = mapper.map(&Record::new("patient", "P-1").with("c", " ")).unwrap_err();
    assert_eq!(error.to_string(), "blank, and m.c needs a value (field c)");
}

#[test]
fn several_rules_may_keep_in_one_field() {
    let keep = "unknown = { keep_in = \"odd\" }";
    let text = one(&format!("a = {{ date = \"a\", {keep} }}\nb = {{ integer = \"b\", {keep} }}"));
    let mapper = MappingSpec::from_toml(&text).unwrap().compile().unwrap();
    let mapped = mapper.map(&Record::new("patient", "P-1").with("a", "soon").with("b", "few")).unwrap();
    assert_eq!(field(&mapped, "odd"), Some(&"a: soon\nb: few".into()));
    assert_eq!(mapped.flags.len(), 2);
    let mapped = mapper.map(&Record::new("patient", "P-1").with("a", "1984-02-29")).unwrap();
    assert_eq!(field(&mapped, "odd"), Some(&Value::Null.into()));
}

#[test]
fn a_whole_entity_may_be_mapped_by_code() {
    let spec = MappingSpec::from_toml(&one("a = \"a\"")).unwrap();
    let code = || {
        let needs = Needs::new().uses("account.move", "ref").uses_if_there("m", "a");
        mapper_fn(needs, |record: &Record| {
            Ok(crate::draft::Draft::new("account.move", record.key().clone()).with("ref", "x").into())
        })
    };
    let mapper = spec.compiler().entity("bill", code()).compile().unwrap();
    assert_eq!(mapper.map(&Record::new("bill", "B-1")).unwrap().drafts[0].model().as_str(), "account.move");
    let uses: Vec<_> = mapper.needs().uses.iter().map(|used| (used.field.as_str(), used.if_absent)).collect();
    assert_eq!(uses, [("a", IfAbsent::Stop), ("ref", IfAbsent::Stop)]);
    assert!(mapper.check(&[Entity::new("patient").field("a", ValueKind::Text)]).is_err());
    assert!(spec.compiler().entity("patient", code()).compile().is_err());
}

#[test]
fn a_mapping_can_be_changed_in_code() {
    let mut spec = MappingSpec::from_toml(&one("a = \"a\"\nb = \"b\"")).unwrap();
    let Becomes::Written(_, fields) = &mut spec.draft_mut("patient", "").unwrap().becomes else { panic!() };
    fields.remove("b");
    fields.set("a", FieldRule::from(Rule::copy("c").when(When::Present("d".into()))).required());
    let expected = one("a = { copy = \"c\", when = { present = \"d\" }, required = true }");
    assert_eq!(spec, MappingSpec::from_toml(&expected).unwrap());
    assert!(spec.draft_mut("patient", "x").is_none());
}

#[test]
fn the_mapper_keeps_its_contract() {
    let mapper = all().compiler().function("twice", |values| Ok(values[0].clone())).compile().unwrap();
    let good = Record::new("patient", "P-1")
        .at(Origin::new("Patients.csv", 2))
        .with("name", "Asha Rao")
        .with("blood", "a pos")
        .with("dob", date(1984, 2, 29))
        .with("due", "₹ 1,200.50")
        .with("tags", "diabetic; senior");
    let odd =
        good.clone().with("blood", "Bombay 123456").with("dob", "31/02/1984").with("visits", "about 12345");
    let refused = Record::new("patient", "P-3").with("name", " ");
    let visit = Record::new("visit", "V-1").with("patient_id", "p-1").with("day", "05/01/2024 10:00");
    let bad_visit = Record::new("visit", "V-2").with("patient_id", "p-1").with("day", "05/01/2024 25:00");
    assert_eq!(mapper.map(&odd).unwrap().flags.len(), 3);
    assert!(mapper.map(&refused).is_err() && mapper.map(&bad_visit).is_err());
    conformance::mapper(&mapper, &[good, odd, refused, visit, bad_visit]);
}

#[test]
fn a_look_up_that_makes_what_is_missing_says_what_it_needs() {
    let mapping =
        |rule: &str| MappingSpec::from_toml(&one(&format!("x = {rule}"))).and_then(|spec| spec.compile());
    let mapper =
        mapping("{ lookup = \"crm.tag\", by = \"name\", from = \"tag\", fold = true, missing = \"make\" }")
            .unwrap();
    let written: Vec<_> = mapper.needs().models_written().map(|model| model.as_str().to_owned()).collect();
    assert_eq!(written, ["m", "crm.tag"]);
    for (rule, told) in [
        (
            "{ lookup = \"crm.tag\", by = \"team_id.name\", from = \"tag\", missing = \"make\" }",
            "team_id.name",
        ),
        ("{ link = \"patient\", from = \"id\", missing = \"make\" }", "a link cannot make"),
    ] {
        let error = mapping(rule).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}
