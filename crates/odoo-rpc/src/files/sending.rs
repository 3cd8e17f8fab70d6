//! One call that makes attachments, until it is known what became of it.

use crate::client::calls::ids;
use crate::client::{Call, Context, EncodedCall};
use crate::error::{Error, Result, Retry};
use crate::files::attachment::Attachment;
use crate::files::cut::Batch;
use crate::files::look::Looked;
use crate::files::there::{There, find};
use crate::files::{Attachments, MODEL};
use crate::patience::{Waiting, is_clear, repeat};
use crate::wire::{File, Struct, Value};

/// How a call ended.
#[derive(Debug)]
pub(crate) enum Answer {
    /// All of its attachments are there, with these ids.
    Made(Vec<i64>),
    /// None is, because of one or more of them.
    Refused(Error),
    /// None is, because of the file of this row.
    Broken(usize, Error),
    /// None is, for a reason that has nothing to do with the files.
    Unsent(Error),
    /// It is not known whether they are.
    Unknown(Error),
}

/// Sends the batch, whose rows are indices of `files`.
pub(crate) async fn send(to: &Attachments, batch: &Batch, files: &[Option<(&Attachment, Looked)>]) -> Answer {
    let rows: Vec<(&Attachment, Looked)> = batch.rows().iter().filter_map(|row| files[*row]).collect();
    let call = match encode(to, batch, &rows) {
        Ok(call) => call,
        Err(error) => return Answer::Refused(error),
    };
    let mut attempt = 0;
    loop {
        let error = match to.client.send(&call).await {
            Ok(answer) => match ids(&answer).filter(|ids| ids.len() == rows.len()) {
                Some(ids) => return Answer::Made(ids),
                // Not what a create answers: whether it was carried out is to be seen.
                None => Error::protocol("ir.attachment.create", "as many ids as files were expected"),
            },
            Err(error) => error,
        };
        tracing::debug!(target: "odoo_rpc", attempt, files = rows.len(), %error, "not stored");
        match (error.retry(), &error) {
            // A shared content is the file of the first row, and the only one.
            (_, Error::File { file, .. }) => {
                return match batch.rows().get(*file) {
                    Some(row) => Answer::Broken(*row, error),
                    None => Answer::Refused(error),
                };
            }
            (Retry::Never, Error::Config { .. } | Error::Login { .. } | Error::NotOdoo { .. }) => {
                return Answer::Unsent(error);
            }
            (Retry::Never, _) => return Answer::Refused(error),
            (Retry::Safe, _) => {}
            (Retry::AfterLookup, _) => match await_all(to, &rows).await {
                Ok(found) if found.iter().all(Option::is_some) => {
                    return Answer::Made(found.into_iter().flatten().map(|there| there.id).collect());
                }
                Ok(found) if found.iter().all(Option::is_none) => {}
                Ok(_) => {
                    let reason = "some of the files of one call are there: somebody else sends them too";
                    return Answer::Unknown(Error::protocol("ir.attachment.create", reason));
                }
                Err(error) => return Answer::Unknown(error),
            },
        }
        attempt += 1;
        if attempt >= to.patience.attempts {
            // One that got no answer was looked for until it could not come any more.
            return Answer::Unsent(error);
        }
        to.patience.pause(attempt - 1, &error).await;
    }
}

/// The files of a call without an answer, asked for again until all are there or none can come any more; also where the server does not
/// answer for a while.
async fn await_all(to: &Attachments, rows: &[(&Attachment, Looked)]) -> Result<Vec<Option<There>>> {
    let mut waiting = Waiting::new(to.patience.settle);
    loop {
        let found = repeat(|| find(&to.client, to.keys.as_deref(), rows)).await;
        let all_are_there = |found: &Vec<Option<There>>| found.iter().all(Option::is_some);
        if is_clear(&found, all_are_there) || !waiting.again().await {
            return found;
        }
    }
}

fn encode(to: &Attachments, batch: &Batch, rows: &[(&Attachment, Looked)]) -> Result<EncodedCall> {
    let shared = match batch {
        Batch::Each(_) => None,
        Batch::Shared(_) => rows.first().map(|(attachment, looked)| content(attachment, *looked)),
    };
    let row = |(attachment, looked): &(&Attachment, Looked)| {
        let mut row = Struct::new()
            .with("name", attachment.name.as_str())
            .with("res_model", attachment.model.as_str())
            .with("res_id", attachment.record);
        if let Some(mimetype) = &attachment.mimetype {
            row = row.with("mimetype", mimetype.as_str());
        }
        if let (Some(field), Some(key)) = (&to.keys, &attachment.key) {
            row = row.with(field, key.as_str());
        }
        if shared.is_none() {
            row = row.with("datas", content(attachment, *looked));
        }
        Value::from(row)
    };
    let values: Vec<Value> = rows.iter().map(row).collect();
    let call = Call::new(MODEL, "create").arg("vals_list", values);
    match shared {
        None => to.client.encode(call),
        // A default fills the field of every row that does not give it: the content goes once (measured on 14 and 19).
        Some(content) => to.client.with_context(Context::new().with("default_datas", content)).encode(call),
    }
}

fn content(attachment: &Attachment, looked: Looked) -> File {
    File::at(attachment.place.clone(), looked.size).with_sha1(looked.sha1)
}
