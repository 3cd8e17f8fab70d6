//! A window of files: looked at, sent, read back.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use crate::client::{Context, Domain, SearchOptions};
use crate::error::Error;
use crate::files::Attachments;
use crate::files::attachment::Attachment;
use crate::files::cut::{Batch, Item, cut};
use crate::files::look::{Looked, look};
use crate::files::outcome::{Outcome, Refusal, Stored};
use crate::files::sending::{Answer, send};
use crate::files::there::{check, find};
use crate::patience::repeat;

/// After so many refusals of the server one by one the rest is left alone: most often all are refused for one reason.
const REFUSALS: usize = 20;

/// Files that are taken through together.
pub(crate) struct Window<'a> {
    to: &'a Attachments,
    attachments: &'a [Attachment],
    /// Those that are still to be stored.
    files: Vec<Option<(&'a Attachment, Looked)>>,
    /// Those that were stored and are to be read back.
    made: Vec<(usize, i64, Looked)>,
    outcomes: Vec<Option<Outcome>>,
    refusals: usize,
    stopped: Option<Error>,
}

impl<'a> Window<'a> {
    pub(crate) fn new(to: &'a Attachments, attachments: &'a [Attachment]) -> Self {
        let count = attachments.len();
        let (files, outcomes) = (vec![None; count], vec![None; count]);
        Self { to, attachments, files, made: Vec::new(), outcomes, refusals: 0, stopped: None }
    }

    /// One outcome for each attachment, and the error after which nothing more should be sent.
    pub(crate) async fn send(mut self) -> (Vec<Outcome>, Option<Error>) {
        let alike = match self.prepare().await {
            Ok(alike) => alike,
            Err(error) => {
                self.stopped = Some(error);
                Vec::new()
            }
        };
        self.store().await;
        self.read_back().await;
        for (row, of) in alike {
            self.outcomes[row] = self.outcomes[of].clone().map(|outcome| match outcome {
                Outcome::Stored(stored) => Outcome::Stored(Stored { new: false, ..stored }),
                Outcome::Refused { refusal, .. } => self.refused(row, refusal),
                outcome => outcome,
            });
        }
        let unsent = || Error::config("the file was not sent");
        let error = self.stopped.clone();
        let left = || Outcome::Unsent(error.clone().unwrap_or_else(unsent));
        (self.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(left)).collect(), self.stopped)
    }

    /// Looks at everything that can be seen before a file leaves; gives the rows that are the same attachment as an earlier one.
    async fn prepare(&mut self) -> Result<Vec<(usize, usize)>, Error> {
        let places = self.attachments.iter().map(|attachment| attachment.place.clone()).collect();
        for (row, looked) in look(places, self.to.largest_file()).await?.into_iter().enumerate() {
            let attachment = &self.attachments[row];
            match looked {
                _ if attachment.name.trim().is_empty() => self.refuse(row, Refusal::NoName),
                Ok(looked) => self.files[row] = Some((attachment, looked)),
                Err(refusal) => self.refuse(row, refusal),
            }
        }
        let alike = self.set_aside_alike();
        self.refuse_without_record().await?;
        self.set_aside_there().await?;
        Ok(alike)
    }

    /// Rows that are the same attachment as an earlier one become part of it.
    fn set_aside_alike(&mut self) -> Vec<(usize, usize)> {
        let mut first: HashMap<Same<'_>, usize> = HashMap::new();
        let mut alike = Vec::new();
        for row in 0..self.files.len() {
            let Some((attachment, looked)) = self.files[row] else { continue };
            let same = match (&self.to.keys, &attachment.key) {
                (Some(_), Some(key)) => Same::Key(key),
                _ => Same::Content(&attachment.model, attachment.record, &attachment.name, looked),
            };
            let Some(&of) = first.get(&same) else {
                first.insert(same, row);
                continue;
            };
            let equal = self.files[of].is_some_and(|(other, content)| {
                (&other.model, other.record, &other.name, content)
                    == (&attachment.model, attachment.record, &attachment.name, looked)
            });
            if equal {
                self.files[row] = None;
                alike.push((row, of));
            } else {
                self.refuse(row, Refusal::SameKey);
            }
        }
        alike
    }

    async fn refuse_without_record(&mut self) -> Result<(), Error> {
        let mut wanted: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for (attachment, _) in self.files.iter().flatten() {
            wanted.entry(&attachment.model).or_default().insert(attachment.record);
        }
        // Archived records count as there.
        let client = self.to.client.with_context(Context::new().with("active_test", false));
        for (model, ids) in wanted {
            let known = || {
                let domain = Domain::field("id").is_in(ids.iter().copied());
                client.search(model, domain, SearchOptions::new().order("id"))
            };
            let (known, refusal): (HashSet<i64>, _) = match repeat(known).await {
                Ok(known) => (known.into_iter().collect(), Refusal::NoRecord),
                Err(error @ (Error::Refused { .. } | Error::Rights { .. })) => {
                    (HashSet::new(), Refusal::Server(error))
                }
                Err(error) => return Err(error),
            };
            for row in 0..self.files.len() {
                let lost = |(of, _): (&Attachment, _)| of.model == model && !known.contains(&of.record);
                if self.files[row].is_some_and(lost) {
                    self.refuse(row, refusal.clone());
                }
            }
        }
        Ok(())
    }

    async fn set_aside_there(&mut self) -> Result<(), Error> {
        let wanted: Vec<(&Attachment, Looked)> = self.files.iter().flatten().copied().collect();
        let found = repeat(|| find(&self.to.client, self.to.keys.as_deref(), &wanted)).await?;
        let rows: Vec<usize> = (0..self.files.len()).filter(|row| self.files[*row].is_some()).collect();
        for (row, there) in rows.into_iter().zip(found) {
            match (there, self.files[row]) {
                (Some(there), Some((_, looked))) if there.same => {
                    self.files[row] = None;
                    self.outcomes[row] = Some(stored(there.id, looked, false));
                }
                (Some(there), _) => self.refuse(row, Refusal::Different { id: there.id }),
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// Sends what is left, and parts what is refused until each refused file stands alone.
    async fn store(&mut self) {
        let mut todo = self.cut();
        while let Some(batch) = todo.pop() {
            if self.stopped.is_some() {
                return;
            }
            let rows = batch.rows();
            match send(self.to, &batch, &self.files).await {
                Answer::Made(ids) => {
                    for (row, id) in rows.iter().zip(ids) {
                        if let Some((_, looked)) = self.files[*row].take() {
                            self.made.push((*row, id, looked));
                        }
                    }
                }
                Answer::Refused(Error::TooLarge { bytes, .. })
                    if rows.len() > 1 && matches!(batch, Batch::Each(_)) =>
                {
                    self.to.was_too_large(bytes);
                    todo = self.cut();
                }
                Answer::Refused(error @ Error::TooLarge { bytes, .. }) if self.fills(rows, bytes) => {
                    let rows = rows.to_vec();
                    rows.into_iter().for_each(|row| self.refuse(row, Refusal::Server(error.clone())));
                }
                Answer::Refused(_) if rows.len() > 1 => {
                    let (first, second) = rows.split_at(rows.len() / 2);
                    todo.extend([batch.of(second.to_vec()), batch.of(first.to_vec())]);
                }
                Answer::Refused(error) => {
                    self.refusals += 1;
                    if self.refusals >= REFUSALS {
                        self.stopped = Some(error.clone());
                    }
                    if let [row] = rows {
                        self.refuse(*row, Refusal::Server(error));
                    }
                }
                Answer::Broken(row, error) => {
                    let left: Vec<usize> = rows.iter().copied().filter(|other| *other != row).collect();
                    if !left.is_empty() {
                        todo.push(batch.of(left));
                    }
                    let reason = match error {
                        Error::File { reason, .. } => reason,
                        error => error.to_string(),
                    };
                    self.refuse(row, Refusal::Changed(reason));
                }
                Answer::Unsent(error) => self.stopped = Some(error),
                Answer::Unknown(error) => {
                    for row in rows {
                        self.files[*row] = None;
                        self.outcomes[*row] = Some(Outcome::Unknown(error.clone()));
                    }
                    self.stopped = Some(error);
                }
            }
        }
    }

    /// Whether most of a body of `bytes` bytes is the content that these rows share.
    fn fills(&self, rows: &[usize], bytes: usize) -> bool {
        let content = rows.first().and_then(|row| self.files[*row]).map_or(0, |(_, looked)| looked.size);
        content / 3 * 4 > bytes as u64 / 2
    }

    /// The calls for what is left, the first last.
    fn cut(&self) -> Vec<Batch> {
        let item = |(row, file): (usize, &Option<(&Attachment, Looked)>)| {
            file.map(|(attachment, looked)| Item {
                row,
                looked,
                names: attachment.name.len() + attachment.key.as_ref().map_or(0, String::len),
                // Where the content stands beside the rows Odoo tells the media type by the name alone.
                may_share: attachment.mimetype.is_some() || Path::new(&attachment.name).extension().is_some(),
            })
        };
        let items: Vec<Item> = self.files.iter().enumerate().filter_map(item).collect();
        let mut batches = cut(&items, self.to.bytes());
        batches.reverse();
        batches
    }

    async fn read_back(&mut self) {
        if self.made.is_empty() {
            return;
        }
        let made: Vec<(i64, Looked)> = self.made.iter().map(|(_, id, looked)| (*id, *looked)).collect();
        let checked = repeat(|| check(&self.to.client, &made)).await;
        for (at, (row, id, looked)) in std::mem::take(&mut self.made).into_iter().enumerate() {
            self.outcomes[row] = Some(match &checked {
                Ok(checked) => match checked.get(at).copied().flatten() {
                    Some(true) => stored(id, looked, true),
                    Some(false) => self.refused(row, Refusal::Different { id }),
                    None => Outcome::Unknown(Error::protocol(
                        "ir.attachment.read",
                        format!("the attachment {id} was made and cannot be read back: somebody deleted it"),
                    )),
                },
                Err(error) => Outcome::Unknown(error.clone()),
            });
        }
        if let (Err(error), None) = (checked, &self.stopped) {
            self.stopped = Some(error);
        }
    }

    fn refuse(&mut self, row: usize, refusal: Refusal) {
        self.files[row] = None;
        self.outcomes[row] = Some(self.refused(row, refusal));
    }

    fn refused(&self, row: usize, refusal: Refusal) -> Outcome {
        Outcome::Refused { place: self.attachments[row].place(), refusal }
    }
}

/// What makes two rows one attachment.
#[derive(PartialEq, Eq, Hash)]
enum Same<'a> {
    Key(&'a str),
    Content(&'a str, i64, &'a str, Looked),
}

fn stored(id: i64, looked: Looked, new: bool) -> Outcome {
    Outcome::Stored(Stored { id, size: looked.size, checksum: looked.checksum(), new })
}
