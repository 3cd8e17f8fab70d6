//! Rows with files in them, told to a sandbox.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test says what went wrong by stopping")]

mod sandboxed;

use std::fs;
use std::path::Path;

use mapping_core::destination::{DestinationReader, DestinationWriter};
use mapping_core::key::RecordKey;
use mapping_core::receipt::{Action, Outcome, Receipt, Row};
use mapping_core::record::Fields;
use mapping_core::schema::{FieldKind, FieldNeed, Needs};
use mapping_core::value::{FileContent, FileHandle, Value};
use odoo_rpc::destination::OdooWriter;
use odoo_rpc::sandbox::{Like, Sandbox, Trouble};
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
        let mut rows = documents(&folder, 4);
        let ids = ids(&write(&writer, &rows).await);
        for (row, id) in rows.iter_mut().zip(&ids) {
            row.action = Action::Update(id.clone());
            row.fields.set("name", "Renamed.txt");
        }
        // Another page; the same one no longer exported; a name alone; the same page again.
        rows[0].fields.set("datas", looked_at(folder.path(), 9));
        rows[1].fields.set("datas", Value::Null);
        rows[2].fields = Fields::default().with("name", "Renamed.txt");
        let fields = ["name".into(), "datas".into()];
        let before = writer.read(&"ir.attachment".into(), &ids, &fields).await.unwrap();
        let names = |fields: &Option<Fields>| fields.as_ref().unwrap().value("name").clone();
        assert_eq!(names(&before[1]), Value::from("Page 1.txt"));
        let file = |fields: &Option<Fields>| fields.as_ref().unwrap().value("datas").clone();
        assert_eq!(file(&before[3]), Value::from(looked_at(folder.path(), 3)), "which file it is");
        let Value::File(told) = file(&before[3]) else { panic!("{before:?}") };
        assert_eq!(told.content, FileContent::NotKept, "no file is read");

        let began = sandbox.log().len();
        let outcomes = write(&writer, &rows).await;
        assert_eq!(sorts(&outcomes), [3, 1, 0, 0], "{like:?}: {outcomes:?}");
        assert_eq!(calls(&sandbox, "read", began).len(), 1, "which files are the same is one question");
        let Outcome::Refused(error) = &outcomes[0] else { panic!("{:?}", outcomes[0]) };
        assert!(error.to_string().contains("datas"), "{error}");
        let stored = migrated(&sandbox, "ir.attachment");
        assert!(stored.iter().all(|row| text(row, "datas").len() == 8), "each file is as it was");
        let renamed = stored.iter().filter(|row| text(row, "name") == "Renamed.txt").count();
        assert_eq!(renamed, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_read_for_its_file_alone_is_not_read_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, writer) = ready(Like::Odoo19).await;
    let ids = ids(&write(&writer, &documents(&folder, 2)).await);
    let before = sandbox.log().len();
    let read = writer.read(&"ir.attachment".into(), &ids, &["datas".into()]).await.unwrap();
    let file = |number: usize| Some(Fields::default().with("datas", looked_at(folder.path(), number)));
    assert_eq!(read, [file(0), file(1)], "which files they are, and nothing else");
    assert_eq!(calls(&sandbox, "read", before).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_file_in_another_field_is_not_changed_and_the_reason_is_told() {
    for like in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new(like);
        let writer = writer_over(sandbox.clone()).await;
        let scan = FieldNeed::new("res.partner", "x_scan", FieldKind::Binary, "Scan");
        let needs = Needs::new().uses("res.partner", "name").field(scan);
        writer.apply(&writer.plan(&needs).await.unwrap()).await.unwrap();
        let mut patient = sandboxed::row(1);
        patient.fields =
            Fields::default().with("name", "Asha Rao").with("x_scan", looked_at(folder.path(), 1));
        let id = ids(&write(&writer, &[patient.clone()]).await).remove(0);
        patient.action = Action::Update(id);
        let outcomes = write(&writer, &[patient]).await;
        let Outcome::Refused(error) = &outcomes[0] else { panic!("{like:?}: {outcomes:?}") };
        assert!(
            error.to_string().contains("cannot be told") && error.place("field") == Some("x_scan"),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_of_files_that_is_too_large_is_halved_and_so_are_those_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (sandbox, writer) = ready(Like::Odoo19).await;
    let rows: Vec<Row> = (0..21)
        .map(|number| {
            let path = folder.path().join(format!("{number}.txt"));
            fs::write(&path, "x".repeat(30_000)).unwrap();
            document(number, Some(FileHandle::look(path, format!("Page {number}.txt")).unwrap()))
        })
        .collect();
    // Seven files go into a call, each of them 40,000 bytes long.
    let writer = writer.bytes_per_call(100_000);
    sandbox.trouble(Trouble::too_large(200_000));
    let before = sandbox.log().len();
    assert_eq!(ids(&write(&writer, &rows).await).len(), 21);
    let too_large = calls(&sandbox, "create", before).iter().filter(|call| call.bytes > 200_000).count();
    assert_eq!(too_large, 1);
}

fn chat(text: &str) -> FileHandle {
    FileHandle::text("बातचीत.txt", text)
}

#[tokio::test(start_paused = true)]
async fn a_changed_text_is_an_update_and_is_undone_with_its_record() {
    for like in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let (sandbox, writer) = ready(like).await;
        // The first has no name but its file's.
        let mut rows = vec![document(0, Some(chat("well"))), document(1, Some(looked_at(folder.path(), 1)))];
        rows[0].fields = Fields::default().with("datas", chat("well"));
        rows.push(document(2, Some(chat("same"))));
        let ids = ids(&write(&writer, &rows).await);
        let made: Vec<Receipt> =
            rows.iter().zip(&ids).map(|(row, id)| row.intent(None).receipt(id.clone())).collect();

        let fields = ["datas".into()];
        let before = writer.read(&"ir.attachment".into(), &ids, &fields).await.unwrap();
        let mut changes: Vec<Row> =
            rows.into_iter().zip(&ids).map(|(row, id)| row.updating(id.clone())).collect();
        changes[0].fields = Fields::default().with("datas", FileHandle::text("Chat.txt", "ill again"));
        assert_eq!(sorts(&write(&writer, &changes).await), [3, 0, 0, 0], "{like:?}");
        let stored = migrated(&sandbox, "ir.attachment");
        let shown = |at: usize| ["name", "datas", "mimetype"].map(|field| text(&stored[at], field));
        assert_eq!(shown(0), ["Chat.txt", "aWxsIGFnYWlu", "text/plain"]);
        assert_eq!([1, 2].map(|at| text(&stored[at], "datas")), ["UGFnZSAx", "c2FtZQ=="]);

        // What was there before is not kept, and that is said; the name is put back.
        let updates: Vec<Receipt> = changes
            .iter()
            .zip(before)
            .map(|(row, before)| {
                let (intent, Action::Update(id)) = (row.intent(before), &row.action) else {
                    panic!("{row:?}")
                };
                intent.receipt(id.clone())
            })
            .collect();
        let undone = writer.revert(&updates).await;
        assert_eq!(undone.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true], "{undone:?}");
        let error = undone[0].as_ref().unwrap_err().to_string();
        assert!(error.contains("not kept") && !error.contains("ill"), "{error}");
        assert_eq!(text(&migrated(&sandbox, "ir.attachment")[0], "name"), "बातचीत.txt");

        let all: Vec<Receipt> = updates.into_iter().chain(made).collect();
        assert!(writer.revert(&all).await.iter().all(Result::is_ok), "{like:?}");
        assert!(migrated(&sandbox, "ir.attachment").is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_does_not_take_the_place_of_a_file_that_is_no_text() {
    for like in BOTH {
        let folder = tempfile::tempdir().unwrap();
        let (sandbox, writer) = ready(like).await;
        let path = folder.path().join("scan");
        fs::write(&path, "%PDF-1.4").unwrap();
        let scan = FileHandle::look(path, "Scan.pdf").unwrap();
        let row = document(1, None);
        let row = Row { fields: Fields::default().with("datas", scan), ..row };
        let id = ids(&write(&writer, std::slice::from_ref(&row)).await).remove(0);
        let row = Row { fields: Fields::default().with("datas", chat("text")), ..row.updating(id) };
        let outcomes = write(&writer, &[row]).await;
        let Outcome::Refused(error) = &outcomes[0] else { panic!("{like:?}: {outcomes:?}") };
        assert!(error.to_string().contains("place of a file"), "{error}");
        assert_eq!(text(&migrated(&sandbox, "ir.attachment")[0], "name"), "Scan.pdf");
    }
}
