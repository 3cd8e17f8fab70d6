//! The text of a mapping: what is read, what is refused, what is written again.

use super::*;

#[test]
fn a_fault_in_the_text_is_told_with_its_place() {
    let at = |text: &str| {
        let error = MappingSpec::from_toml(text).unwrap_err();
        let place = |what: &str| error.place(what).unwrap_or_default().to_owned();
        (place("line"), place("column"), place("key"), error.message().to_owned())
    };
    let (line, column, key, message) = at(
        "version = 1\n[[draft]]\nentity = \"a\"\nmodel = \"m\"\n[draft.fields]\nname = { kopie = \"name\" }\n",
    );
    assert_eq!((line.as_str(), column.as_str(), key.as_str()), ("6", "10", "draft[1].fields.name.kopie"));
    assert!(message.contains("unknown field `kopie`"), "{message}");

    let (line, column, key, message) = at(&one("ok = \"a\"\nname = { copy = \"name\", separator = \",\" }"));
    assert_eq!((line.as_str(), column.as_str(), key.as_str()), ("7", "8", "draft[1].fields.name"));
    assert!(message.ends_with("`separator` does not belong to this rule"), "{message}");

    let (line, column, _, _) = at("version = 1\n[[draft]\n");
    assert_eq!((line.as_str(), column.as_str()), ("2", "9"));

    let (line, _, key, message) = at("version = 2\n");
    assert_eq!((line.as_str(), key.as_str()), ("1", "version"));
    assert!(message.ends_with("this program reads version 1"), "{message}");

    let text = one("a = \"b\"") + "[[draft]]\nentity = \"b\"\nmodel = \"m\"\nextra = 1\n";
    let (line, column, key, _) = at(&text);
    assert_eq!((line.as_str(), column.as_str(), key.as_str()), ("10", "1", "draft[2].extra"));

    assert!(at("").3.contains("missing field `version`"));
}

#[test]
fn a_rule_that_is_no_rule_is_refused_when_it_is_read() {
    for (rule, why) in [
        ("{}", "a rule needs one of"),
        ("{ fold = true }", "a rule needs one of"),
        ("{ copy = \"a\", date = \"b\" }", "a rule is one thing"),
        ("{ link = \"patient\" }", "`link` needs `from`"),
        ("{ link = \"patient\", from = [\"a\"] }", "is one field or one rule"),
        ("{ lookup = \"m\", from = \"a\" }", "needs `by`"),
        ("{ lookup = \"m\", by = \"a\" }", "either `from` or `value`"),
        ("{ lookup = \"m\", by = \"a\", from = \"b\", value = 1 }", "either `from` or `value`"),
        ("{ call = \"f\" }", "`call` needs `from`"),
        ("{ split = \"a\", take = 0 }", "counted from 1"),
        ("{ split = \"a\", take = \"middle\" }", "`take` is"),
        ("{ join = [{ copy = \"a\", required = true }] }", "`required` does not belong"),
        ("{ map = \"a\", unknown = \"guess\" }", "unknown variant"),
        ("{ copy = \"a\", when = { present = \"b\", blank = \"c\" } }", "a condition is one of"),
        ("{ copy = \"a\", when = { field = \"b\" } }", "a condition is one of"),
        ("{ copy = \"a\", when = { present = \"b\", fold = true } }", "a condition is one of"),
        ("3", "a rule: a field's name, or a table"),
    ] {
        let error = MappingSpec::from_toml(&one(&format!("x = {rule}"))).unwrap_err();
        assert!(error.message().contains(why), "{rule}: {error}");
        assert_eq!(error.place("line"), Some("6"), "{rule}");
    }
}

#[test]
fn a_mapping_without_end_is_refused() {
    let deep = |open: &str| MappingSpec::from_toml(&one(&format!("x = {}", open.repeat(50_000))));
    assert!(deep("{ split = ").is_err());
    assert!(deep("{ join = [").is_err());
    assert!(deep("[").is_err());
}

#[test]
fn drafts_and_needs_that_are_none_are_refused_when_they_are_read() {
    for (text, why) in [
        ("[[draft]]\nentity = \"a\"", "either `model` and `fields`, or `match`"),
        (
            "[[draft]]\nentity = \"a\"\nmodel = \"m\"\nmatch = { model = \"m\", by = \"b\", from = \"c\" }",
            "either",
        ),
        (
            "[[draft]]\nentity = \"a\"\nmatch = { model = \"m\", by = \"b\", from = \"c\", part = \"d\" }",
            "unknown field `part`",
        ),
        (
            "[[needs.field]]\nmodel = \"m\"\nname = \"x_a\"\nlabel = \"A\"\nkind = \"choice\"",
            "needs `choices`",
        ),
        ("[[needs.field]]\nmodel = \"m\"\nname = \"x_a\"\nlabel = \"A\"\nkind = \"link\"", "need `to`"),
        (
            "[[needs.field]]\nmodel = \"m\"\nname = \"x_a\"\nlabel = \"A\"\nkind = \"line\"\nto = \"m\"",
            "takes neither",
        ),
        (
            "[[needs.field]]\nmodel = \"m\"\nname = \"x_a\"\nlabel = \"A\"\nkind = \"colour\"",
            "unknown kind `colour`",
        ),
        ("[[needs.model]]\nname = \"x_a\"", "missing field `label`"),
    ] {
        let error = MappingSpec::from_toml(&format!("version = 1\n{text}\n")).unwrap_err();
        assert!(error.message().contains(why), "{text}: {error}");
    }
}

#[test]
fn what_is_written_is_read_again_as_it_was() {
    let spec = all();
    let text = spec.to_toml().unwrap();
    assert_eq!(MappingSpec::from_toml(&text).unwrap(), spec, "{text}");
    assert!(text.contains("\nname = { first_of = "), "{text}");
    assert!(text.contains("\nx_blood.map = \"blood\"\n"), "{text}");
    assert_eq!(MappingSpec::from_toml(&MappingSpec::new().to_toml().unwrap()).unwrap(), MappingSpec::new());
}

#[test]
fn keys_that_must_be_quoted_are() {
    let draft = DraftSpec::new("patient", "m").field("two words \" \u{7f} \n é", "a").field("", "b");
    let spec = MappingSpec::new().draft(draft);
    assert_eq!(MappingSpec::from_toml(&spec.to_toml().unwrap()).unwrap(), spec);
}

#[test]
fn the_hash_is_of_what_is_said_and_not_of_how() {
    let hash = |text: &str| MappingSpec::from_toml(text).unwrap().hash().unwrap();
    let short = hash(&one("a = \"b\"\nc = { constant = 1.50 }"));
    assert_eq!(short, hash(&one("# a comment\nc = { constant = 1.5 }\n\n[draft.fields.a]\ncopy = \"b\"")));
    assert_ne!(short, hash(&one("a = \"b\"\nc = { constant = 1.51 }")));
    assert_ne!(short, hash(&one("a = \"b\"\nc = { constant = \"1.5\" }")));
    assert_eq!(all().hash().unwrap(), all().hash().unwrap());
}

#[test]
fn a_constant_that_toml_cannot_hold_is_an_error() {
    let spec = MappingSpec::new().draft(DraftSpec::new("a", "m").field("x", Rule::constant(Value::Null)));
    assert!(spec.to_toml().is_err());
    assert!(spec.hash().is_err());
}
