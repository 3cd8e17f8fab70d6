//! Writing lists of rows, whatever becomes of the calls.

use mapping_core::error::{Error as CoreError, Retry as CoreRetry};
use mapping_core::receipt::{Action, DestinationId, Outcome, Row};

use crate::client::EncodedCall;
use crate::destination::call::{Encoded, Kind, List, call_of};
use crate::destination::error::{core, is_about_rows};
use crate::destination::isolate::{Answer, Fate, Isolation};
use crate::destination::writer::OdooWriter;
use crate::error::{Error, Retry};
use crate::wire::Value as Wire;

/// A row and its number.
type Numbered<'a> = (usize, &'a Row);

impl OdooWriter {
    /// Writes encoded rows; one outcome a row, in the order of `rows`.
    pub(crate) async fn write_encoded(&self, rows: &[Row], encoded: Encoded) -> Vec<Outcome> {
        let unanswered = || CoreError::unavailable("the row was not sent", CoreRetry::Safe);
        let mut outcomes: Vec<Outcome> = rows.iter().map(|_| Outcome::Unwritten(unanswered())).collect();
        for (at, error) in encoded.refused {
            outcomes[at] = Outcome::Refused(error);
        }
        let mut stopped = None;
        for list in encoded.lists {
            let part: Vec<Numbered<'_>> = list.rows.iter().map(|at| (*at, &rows[*at])).collect();
            let fates = match &stopped {
                None => self.write_list(list, &part).await,
                Some(error) => {
                    part.iter().map(|_| Fate::Stopped(Stop::Unwritten(CoreError::clone(error)))).collect()
                }
            };
            for ((at, _), fate) in part.into_iter().zip(fates) {
                outcomes[at] = match fate {
                    Fate::Written(id) => Outcome::Written(id),
                    Fate::Refused(Stop::Unwritten(error) | Stop::Unknown(error)) => Outcome::Refused(error),
                    Fate::Stopped(Stop::Unwritten(error)) => {
                        stopped.get_or_insert_with(|| error.clone());
                        Outcome::Unwritten(error)
                    }
                    Fate::Stopped(Stop::Unknown(error)) => {
                        stopped.get_or_insert_with(|| error.clone());
                        Outcome::Unknown(error)
                    }
                };
            }
        }
        outcomes
    }

    async fn write_list(&self, list: List, rows: &[Numbered<'_>]) -> Vec<Fate<DestinationId, Stop>> {
        let List { kind, mut call, .. } = list;
        let mut isolation = Isolation::new(rows.len(), self.refusals);
        while let Some(part) = isolation.next() {
            let part = &rows[part];
            // The first attempt is of the whole list, which is encoded already.
            let encoded = match call.take() {
                Some(call) => Ok(call),
                None => self.encode_part(kind, part),
            };
            isolation.answer(match encoded {
                Ok(call) => self.send_list(kind, &call, part).await,
                Err(error) => refused(error),
            });
        }
        if !isolation.is_exhausted() {
            return isolation.fates();
        }
        let enough = |fate| match fate {
            Fate::Stopped(Stop::Unwritten(error)) => Fate::Stopped(Stop::Unwritten(self.enough(&error))),
            fate => fate,
        };
        isolation.fates().into_iter().map(enough).collect()
    }

    /// Why a run stops at which row after row is refused.
    fn enough(&self, last: &CoreError) -> CoreError {
        CoreError::config(format!(
            "the server refused {} rows of one call one by one, and no more were sent: mend what they have in common, or raise \
             refusals_per_call; the last: {last}",
            self.refusals
        ))
    }

    fn encode_part(&self, kind: Kind, part: &[Numbered<'_>]) -> Result<EncodedCall, Error> {
        let rows: Vec<&Row> = part.iter().map(|(_, row)| *row).collect();
        let model = rows.first().and_then(|row| self.known_model(&row.model));
        let model = model.flatten().ok_or_else(|| Error::config("the model's fields are not known"))?;
        call_of(&self.client, kind, &model, &rows)
    }

    /// Sends a call until it is known what became of it.
    async fn send_list(
        &self,
        kind: Kind,
        call: &EncodedCall,
        part: &[Numbered<'_>],
    ) -> Answer<DestinationId, Stop> {
        let mut attempt = 0;
        loop {
            let sending = (kind == Kind::Create).then(|| self.sending());
            let answer = self.client.send(call).await;
            drop(sending);
            let error = match answer {
                Ok(answer) => match (ids(kind, &answer, part), kind) {
                    (Some(ids), _) => return Answer::Written(ids),
                    // Not what a create answers: whether it was carried out is to be seen.
                    (None, Kind::Create) => Error::protocol("create", "as many ids as rows were expected"),
                    (None, _) => {
                        return stop(Stop::Unwritten(core(Error::protocol("write", "a list was expected"))));
                    }
                },
                Err(error) => error,
            };
            tracing::debug!(target: "odoo_rpc", attempt, rows = part.len(), %error, "not written");
            match error.retry() {
                Retry::Never if is_about_rows(&error) => {
                    if let (Error::TooLarge { bytes, .. }, 2..) = (&error, part.len()) {
                        self.was_too_large(*bytes);
                    }
                    return refused(error);
                }
                Retry::Never => return stop(Stop::Unwritten(core(error))),
                Retry::Safe => {}
                // To write the same values again does no harm; the identity stays as it is.
                Retry::AfterLookup if kind != Kind::Create => {}
                Retry::AfterLookup => match self.look_for(part).await {
                    Ok(Some(ids)) => return Answer::Written(ids),
                    Ok(None) => {}
                    Err(error) => return stop(Stop::Unknown(error)),
                },
            }
            attempt += 1;
            if attempt >= self.patience.attempts {
                return stop(match (error.retry(), kind) {
                    (Retry::AfterLookup, Kind::SaveMany | Kind::Write) => Stop::Unknown(core(error)),
                    _ => Stop::Unwritten(core(error)),
                });
            }
            self.patience.pause(attempt - 1, &error).await;
        }
    }

    /// Where the rows of a `create` without an answer are; `None` when it is certain that they are not and will not be.
    ///
    /// A `create` makes all of its rows or none.
    async fn look_for(&self, part: &[Numbered<'_>]) -> Result<Option<Vec<DestinationId>>, CoreError> {
        let wanted: Vec<_> = part.iter().map(|(_, row)| (row.model.clone(), row.identity.clone())).collect();
        let found = self.await_identities(&wanted, self.patience.settle).await?;
        let there = found.iter().flatten().count();
        if there > 0 && there < part.len() {
            let message = format!(
                "{there} of {} rows of one call are there: somebody else writes them too",
                part.len()
            );
            return Err(CoreError::unavailable(message, CoreRetry::AfterLookup));
        }
        Ok(found.into_iter().collect())
    }
}

/// Why rows were not written, and whether that is certain.
#[derive(Clone, Debug)]
enum Stop {
    Unwritten(CoreError),
    Unknown(CoreError),
}

fn refused<T>(error: Error) -> Answer<T, Stop> {
    Answer::Refused(Stop::Unwritten(core(error)))
}

fn stop<T>(stop: Stop) -> Answer<T, Stop> {
    Answer::Stopped(stop)
}

/// The ids of the rows, by a call's answer.
fn ids(kind: Kind, answer: &Wire, part: &[Numbered<'_>]) -> Option<Vec<DestinationId>> {
    match kind {
        Kind::Create => {
            let ids = answer.as_array()?;
            let ids: Vec<DestinationId> =
                ids.iter().map(|id| id.as_int().map(Into::into)).collect::<Option<_>>()?;
            (ids.len() == part.len()).then_some(ids)
        }
        Kind::SaveMany | Kind::Write => {
            let id = |(_, row): &Numbered<'_>| match &row.action {
                Action::Update(id) => Some(id.clone()),
                Action::Create => None,
            };
            part.iter().map(id).collect()
        }
    }
}
