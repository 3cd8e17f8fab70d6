//! Rows with files in them, told to a sandbox.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use std::fs;
use std::path::Path;

use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, Outcome, Row};
use mapping_core::record::Fields;
use mapping_core::schema::Needs;
use mapping_core::value::{FileHandle, Value};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox};
use sandboxed::{BOTH, calls, ids, migrated, sorts, source, text, write, writer_over};
use tempfile::TempDir;

async fn ready(like: Like) -> (Sandbox, OdooWriter) {
    let sandbox = Sandbox::new(like);
    let writer = writer_over(sandbox.clone()).await;
    let needs = Needs::new().uses("ir.attachment", "datas");
    writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();
    writer.describe(&"ir.attachment".into()).await.unwrap();
    (sandbox, writer)
}

fn looked_at(folder: &Path, number: usize) -> FileHandle {
    let path = folder.join(format!("{number}.txt"));
    fs::write(&path, format!("Page {number}")).unwrap();
    FileHandle::look(path, format!("Page {number}.txt")).unwrap()
}

fn document(number: usize, file: Option<FileHandle>) -> Row {
    let key = RecordKey::new("document", format!("D-{number}")).into();
    let fields = Fields::default().with("name", format!("Page {number}.txt")).with("datas", file);
    let (identity, model) = (source().identity(&key), "ir.attachment".into());
    Row { identity, key, model, action: Action::Create, fields }
}

fn documents(folder: &TempDir, count: usize) -> Vec<Row> {
    (0..count).map(|number| document(number, Some(looked_at(folder.path(), number)))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_file_is_another_one_by_now_is_refused_and_the_others_go_together() {
    for like in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let (sandbox, writer) = ready(like).await;
        let mut rows = documents(&folder, 20);
        rows.push(document(20, None));
        // As long as before.
        fs::write(folder.path().join("7.txt"), "Page X").unwrap();
        fs::remove_file(folder.path().join("11.txt")).unwrap();
        let before = sandbox.log().len();
        let outcomes = write(&writer, &rows).await;
        for (number, outcome) in outcomes.iter().enumerate() {
            let refused = matches!(outcome, Outcome::Refused(_));
            assert_eq!(refused, [7, 11].contains(&number), "{like:?} {number}: {outcome:?}");
            let said = format!("{outcome:?}");
            assert!(!said.contains(".txt"), "{said}");
        }
        assert_eq!(migrated(&sandbox, "ir.attachment").len(), 19);
        // Calls that broke off never came; nothing else was asked.
        assert_eq!(sandbox.log().len() - before, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_there_is_not_changed_and_stops_nothing() {
    for like in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let (sandbox, writer) = ready(like).await;
        let mut rows = documents(&folder, 3);
        let ids = ids(&write(&writer, &rows).await);
        for (row, id) in rows.iter_mut().zip(&ids) {
            row.action = Action::Update(id.clone());
            row.fields.set("name", "Renamed.txt");
        }
        // Another page; the same one no longer exported; a name alone.
        rows[0].fields.set("datas", looked_at(folder.path(), 9));
        rows[1].fields.set("datas", Value::Null);
        rows[2].fields = Fields::default().with("name", "Renamed.txt");
        let fields = ["name".into(), "datas".into()];
        let before = writer.read(&"ir.attachment".into(), &ids, &fields).await.unwrap();
        let names = |fields: &Option<Fields>| fields.as_ref().unwrap().value("name").clone();
        assert_eq!(names(&before[1]), Value::from("Page 1.txt"));
        assert!(before.iter().flatten().all(|fields| fields.find("datas").is_none()), "no file is read");

        let outcomes = write(&writer, &rows).await;
        assert_eq!(sorts(&outcomes), [2, 1, 0, 0], "{like:?}: {outcomes:?}");
        let Outcome::Refused(error) = &outcomes[0] else { panic!("{:?}", outcomes[0]) };
        assert!(error.to_string().contains("datas"), "{error}");
        let stored = migrated(&sandbox, "ir.attachment");
        assert!(stored.iter().all(|row| text(row, "datas").len() == 8), "each file is as it was");
        let renamed = stored.iter().filter(|row| text(row, "name") == "Renamed.txt").count();
        assert_eq!(renamed, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_read_for_its_file_alone_is_not_read_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, writer) = ready(Like::Odoo19).await;
    let ids = ids(&write(&writer, &documents(&folder, 2)).await);
    let before = sandbox.log().len();
    let read = writer.read(&"ir.attachment".into(), &ids, &["datas".into()]).await.unwrap();
    assert_eq!(read, [Some(Fields::default()), Some(Fields::default())]);
    assert_eq!(calls(&sandbox, "read", before).len(), 1);
}
