//! Any text, any mapping, any record: nothing panics.

use super::*;

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<(i64, u32)>().prop_map(|(number, scale)| rust_decimal::Decimal::new(number, scale % 28).into()),
        ".*".prop_map(Value::from),
        "[₹$(]?[-+0-9,.%/: ]{0,20}[)]?".prop_map(Value::from),
        "[\\[{\"a:,\\]}1]{0,30}".prop_map(Value::from),
        (1_i16..9999, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| date(y, m, d).into()),
        (-9999_i16..9999).prop_map(|y| date(y, 1, 1).at(1, 30, 0, 0).into()),
        (-377_705_023_201_i64..253_402_207_200).prop_map(|s| jiff::Timestamp::from_second(s).ok().into()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,4}", inner, 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".*") {
        let _ = MappingSpec::from_toml(&text);
    }

    #[test]
    fn no_format_makes_it_panic(
        format in "(%[-_0^#]?[0-9]{0,2}:?[a-zA-Z%]|[-/ :a]){0,8}",
        first_year in proptest::option::of(any::<i16>()),
        text in "[-/ :0-9]{0,20}",
    ) {
        let of = Box::new(Rule::copy("a"));
        let rule = TimeRule { of, formats: vec![format], zone: None, first_year, unknown: Unknown::Leave };
        for rule in [Rule::Date(rule.clone()), Rule::Instant(TimeRule { zone: Some("Asia/Kolkata".into()), ..rule })] {
            let spec = MappingSpec::new().draft(DraftSpec::new("patient", "m").field("x", rule));
            if let Ok(mapper) = spec.compile() {
                prop_assert!(mapper.map(&Record::new("patient", "1").with("a", text.as_str())).is_ok());
            }
        }
    }

    #[test]
    fn no_broken_mapping_makes_it_panic(at in 0..ALL.len(), cut in 0_usize..40, put in "[ -~\n]{0,6}") {
        let mut text: Vec<char> = ALL.chars().collect();
        let at = at.min(text.len());
        let end = (at + cut).min(text.len());
        text.splice(at..end, put.chars());
        if let Ok(spec) = MappingSpec::from_toml(&text.into_iter().collect::<String>()) {
            let written = spec.to_toml().unwrap();
            prop_assert_eq!(MappingSpec::from_toml(&written).unwrap(), spec.clone());
            let _ = spec.compile();
        }
    }

    #[test]
    fn no_record_makes_the_mapper_panic(
        fields in proptest::collection::btree_map(
            prop::sample::select(vec![
                "name", "first", "last", "blood", "dob", "due", "visits", "active", "allergies", "tags", "owner", "email",
                "phone", "share", "state", "patient_id", "day", "clock", "status",
            ]),
            values(),
            0..19,
        ),
        entity in prop::sample::select(vec!["patient", "visit", "physician"]),
    ) {
        let mapper = all().compiler().function("twice", |values| Ok::<Value, Error>(values[0].clone())).compile().unwrap();
        let fields: BTreeMap<&str, Value> = fields;
        let record = fields.into_iter().fold(Record::new(entity, "1"), |record, (name, value)| record.with(name, value));
        if let Err(error) = mapper.map(&record) {
            prop_assert!(error.place("field").is_some(), "{}", error);
        }
    }
}
