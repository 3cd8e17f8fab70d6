//! Text as a file, under a name that every system takes.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::record::Record;
use crate::spec::rule::Rule;
use crate::spec::site::Site;
use crate::spec::step::{Given, Input, Step, Turn};
use crate::spec::words::{verbatim, words};
use crate::value::{FileContent, FileHandle, Value};

/// How many bytes a name has at most before its ending: systems take 255, and an index or a copy of it needs some too.
const STEM: usize = 200;
/// What is longer than this is no ending, but a name with a dot in it.
const ENDING: usize = 10;
/// Names that are devices on Windows, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

#[derive(Debug)]
pub(crate) struct File {
    of: Input,
    name: Input,
}

impl File {
    pub(crate) fn new(of: &Rule, name: &Rule, site: &mut Site<'_>) -> Result<Self> {
        Ok(Self { of: site.input("file", of)?, name: site.input("name", name)? })
    }
}

impl Step for File {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let Some(content) = self.of.value(turn)? else { return Ok(Given::BLANK) };
        let wanted = self.name.value(turn)?;
        let wanted = wanted.as_deref().map(words).unwrap_or_default();
        let file = match &*content {
            Value::File(file) if matches!(file.content, FileContent::NotKept) => {
                return Err(
                    Error::invalid("of the file it is only known what it was").at("field", &self.of.field)
                );
            }
            Value::File(file) => {
                let name = named(&wanted, ending(&file.name), turn.record);
                FileHandle { name, ..file.clone() }
            }
            text => FileHandle::text(named(&wanted, Some("txt"), turn.record), verbatim(text)),
        };
        Ok(Given::owned(file))
    }
}

/// A name with that ending, of what was wanted; of the record where that comes to nothing.
fn named(wanted: &str, ending: Option<&str>, record: &Record) -> String {
    let stem = match ending {
        Some(ending) => without(wanted, ending),
        None => wanted,
    };
    let mut name = [safe(stem), safe(&format!("{} {}", record.key().entity(), record.key().id()))]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "file".to_owned());
    if let Some(ending) = ending {
        name.push('.');
        name.push_str(ending);
    }
    name
}

/// The name without that ending, in whichever case it stands there.
fn without<'a>(name: &'a str, ending: &str) -> &'a str {
    let name = name.trim_end();
    let of_ending = name.rsplit_once('.').filter(|(_, there)| there.eq_ignore_ascii_case(ending));
    of_ending.map_or(name, |(stem, _)| stem)
}

/// What stands behind the last dot of a name, where that is an ending.
fn ending(name: &str) -> Option<&str> {
    let (_, ending) = name.rsplit_once('.')?;
    let is_one =
        (1..=ENDING).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_one.then_some(ending)
}

/// A name, or a part of one, as every system takes it. Empty where nothing of it can stand in a name.
fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len().min(STEM));
    for c in name.chars() {
        let c = match c {
            c if c.is_whitespace() => ' ',
            c if is_unsafe(c) => '_',
            c => c,
        };
        // One space, however many there were; none at the beginning, and no dot there, which would hide it.
        if (c == ' ' && safe.ends_with(' ')) || (safe.is_empty() && matches!(c, ' ' | '.')) {
            continue;
        }
        if safe.len() + c.len_utf8() > STEM {
            break;
        }
        safe.push(c);
    }
    // Windows drops them.
    safe.truncate(safe.trim_end_matches([' ', '.']).len());
    if safe.chars().all(|c| matches!(c, '_' | ' ' | '.')) {
        return String::new();
    }
    if is_device(&safe) {
        safe.insert(0, '_');
    }
    safe
}

/// Control characters, what separates folders, what Windows keeps for itself, and what turns the direction of writing, so that a
/// name would show as another one.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

fn is_device(name: &str) -> bool {
    let stem: Cow<'_, str> =
        name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase().into();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
    };
    DEVICES.contains(&&*stem) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::spec::rules::testing::{complains, gives};

    const RULE: &str = r#"{ file = { lines = ["a", "b"] }, name = "n" }"#;

    fn name(wanted: &str) -> String {
        match gives(RULE, &[("a", "x".into()), ("n", wanted.into())]) {
            Value::File(file) => file.name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_becomes_a_file_and_nothing_becomes_none() {
        let fields = [("a", "Fever".into()), ("b", "Rest".into()), ("n", "Visit".into())];
        assert_eq!(gives(RULE, &fields), FileHandle::text("Visit.txt", "Fever\nRest").into());
        assert_eq!(gives(RULE, &[("n", "Visit".into())]), Value::Null);
        let kept = [("a", " two\nlines \n".into()), ("n", "v".into())];
        let rule = r#"{ file = "a", name = "n" }"#;
        assert_eq!(
            gives(rule, &kept),
            FileHandle::text("v.txt", " two\nlines \n").into(),
            "as it was written"
        );
    }

    #[test]
    fn a_file_that_is_there_goes_before_the_text_and_keeps_its_ending() {
        let rule = r#"{ file = { first_of = ["pdf", "a"] }, name = "n" }"#;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("17.pdf"), "%PDF").unwrap();
        let scan = FileHandle::look(folder.path().join("17.pdf"), "17.PDF").unwrap();
        let fields = [("pdf", scan.clone().into()), ("a", "x".into()), ("n", "Dr. Rao".into())];
        let Value::File(file) = gives(rule, &fields) else { panic!("no file") };
        assert_eq!((file.name.as_str(), &file.content, file.sha1), ("Dr. Rao.PDF", &scan.content, scan.sha1));
        assert_eq!(gives(rule, &fields[1..]), FileHandle::text("Dr. Rao.txt", "x").into());
    }

    #[test]
    fn names_are_safe_and_keep_their_script() {
        for (wanted, is) in [
            ("Chat.txt", "Chat.txt"),
            ("Chat.TXT ", "Chat.txt"),
            ("04/03/2024 Dr. राव", "04_03_2024 Dr. राव.txt"),
            ("a\\b:c*?\"<>|\u{202E}d", "a_b_c_______d.txt"),
            ("  ..two \t\n lines.. ", "two lines.txt"),
            ("", "patient P-1.txt"),
            (" ./.. ", "patient P-1.txt"),
            (".txt", "patient P-1.txt"),
            ("con", "_con.txt"),
            ("LPT1.pdf", "_LPT1.pdf.txt"),
            ("communication", "communication.txt"),
        ] {
            assert_eq!(name(wanted), is, "{wanted:?}");
        }
        let long = name(&"राव".repeat(200));
        assert!(long.ends_with(".txt") && (195..=204).contains(&long.len()), "{}", long.len());
    }

    #[test]
    fn what_cannot_work_is_said_before_the_run() {
        for (rule, why) in [
            (r#"{ file = { link = "patient", from = "a" }, name = "n" }"#, "x.file): a link"),
            (r#"{ file = "a", name = { lookup = "m", by = "b", from = "c" } }"#, "a link or a look-up"),
            (r#"{ file = { file = "a", name = "n" }, name = "n" }"#, "a file stands where"),
            (r#"{ join = ["a", { first_of = [{ file = "a", name = "n" }] }] }"#, "a file stands where"),
            (r#"{ list = [{ file = "a", name = "n" }] }"#, "no list of them"),
        ] {
            let told = complains(rule);
            let why = why.split("): ").last().unwrap_or_default();
            assert!(told.contains(why) && told.contains("(rule draft[1].fields.x"), "{rule}: {told}");
        }
    }

    #[test]
    fn a_field_that_takes_no_file_is_told_before_the_run() {
        let spec = |kind: &str| {
            let text = format!(
                "version = 1\n[[needs.field]]\nmodel = \"m\"\nname = \"x_a\"\nkind = \"{kind}\"\nlabel = \"A\"\n\
                 [[draft]]\nentity = \"patient\"\nmodel = \"m\"\n[draft.fields]\nx_a = {RULE}\n"
            );
            crate::spec::mapping::MappingSpec::from_toml(&text).unwrap().compile()
        };
        assert!(spec("binary").is_ok());
        assert!(spec("text").unwrap_err().to_string().contains("takes no file"));
    }

    proptest! {
        #[test]
        fn a_name_is_never_empty_nor_unsafe_nor_long(wanted in ".*", other in "[./\\\\: a\u{202E}\u{0}]{0,300}") {
            for wanted in [wanted, other] {
                let name = name(&wanted);
                let stem = name.strip_suffix(".txt").unwrap();
                prop_assert!(!stem.trim().is_empty() && name.len() <= STEM + 5, "{:?}", name);
                prop_assert!(!name.chars().any(is_unsafe) && !name.starts_with(['.', ' ']), "{:?}", name);
                prop_assert_eq!(&safe(stem), stem, "it is safe already");
            }
        }
    }
}
