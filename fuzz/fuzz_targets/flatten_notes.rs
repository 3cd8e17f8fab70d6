//! Any text as allergy notes: JSON becomes lines, other text stays as it is, and nothing takes long.
#![no_main]

use mapping_core::mapper::RecordMapper;
use mapping_core::record::Record;
use mapping_core::spec::mapper::Mapper;
use mapping_core::spec::mapping::MappingSpec;

const MAPPING: &str = r#"
version = 1
[[draft]]
entity = "patient"
model = "res.partner"
[draft.fields]
comment = { flatten = "notes" }
"#;

thread_local! {
    static MAPPER: Mapper = MappingSpec::from_toml(MAPPING).and_then(|spec| spec.compile()).expect("a mapping");
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let record = Record::new("patient", "P-1").with("notes", text);
    let mapped = MAPPER.with(|mapper| mapper.map(&record)).expect("notes are never refused");
    let kept = mapped.drafts.iter().flat_map(|draft| draft.fields()).count();
    assert!(text.trim().is_empty() || kept == 1 || text.chars().all(|c| !c.is_alphanumeric()), "lost");
});
