//! The programs that the README shows, run as it shows them.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn the_migration_moves_a_clinic_and_a_second_run_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_migrate"));
        command.arg(root().join("examples/data/pulse-small")).current_dir(folder.path());
        for name in ["ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_API_KEY"] {
            command.env_remove(name);
        }
        said(&command.output().unwrap())
    };
    let (first, second) = (run(), run());
    let [read, written, _, unchanged, refused, _] = counts(&first, "patient");
    assert!(written > 0 && refused > 0, "{first}");
    assert_eq!((read, unchanged), (written + refused, 0), "{first}");
    assert_eq!(first.matches("refused: patient/").count(), refused, "{first}");
    assert_eq!(counts(&second, "patient")[1..5], [0, 0, written, refused], "{second}");
    let [read, written, _, _, refused, _] = counts(&first, "appointment");
    assert_eq!(read, written + refused, "{first}");
    assert_eq!(counts(&second, "appointment")[1..5], [0, 0, written, refused], "{second}");
}

#[test]
fn the_own_source_keeps_the_contract() {
    let output = Command::new(env!("CARGO_BIN_EXE_own_source")).output().unwrap();
    assert_eq!(said(&output), "Roster keeps the contract of SourceReader\n");
}

#[test]
fn the_readme_shows_the_programs_as_they_are() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for program in ["migrate", "own_source"] {
        let text = fs::read_to_string(root().join(format!("examples/src/bin/{program}.rs"))).unwrap();
        assert!(
            readme.contains(&format!("```rust\n{text}```\n")),
            "README.md shows {program}.rs otherwise than it is: copy it there"
        );
    }
}

#[test]
fn what_the_documents_link_to_is_there() {
    let mut files = vec![root().join("README.md"), root().join("ARCHITECTURE.md")];
    files.extend(["CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name)));
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    let mut checked = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap().split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(file.parent().unwrap().join(target).exists(), "{}: {target}", file.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// An entity's line of the table: read, written, updated, unchanged, refused, flags.
fn counts(table: &str, entity: &str) -> [usize; 6] {
    let is = |line: &&str| line.split_whitespace().next() == Some(entity);
    let line = table.lines().find(is).unwrap_or_else(|| panic!("no {entity} in {table}"));
    let numbers: Vec<usize> = line.split_whitespace().skip(1).map(|word| word.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}
