//! Any bytes as a table: every row follows the one before it, and no line of the file is told twice.
#![no_main]

use std::fs;

use mapping_core::table::{Column, Table, TableOptions};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("People.csv");
    fs::write(&path, bytes).expect("a file");
    let columns = [Column::new("id", ["ID"]).required(), Column::new("name", ["Name"])];
    let Ok(table) = Table::open(&path, &TableOptions::default(), &columns) else { return };
    let mut next = 1;
    for row in table.rows().expect("the same file") {
        let Ok(row) = row else { return };
        assert!(row.line >= next, "line {} again", row.line);
        next = row.line + row.lines;
    }
});
