//! Writing lists of rows, whatever becomes of the calls.

use std::collections::VecDeque;
use std::time::Duration;

use futures::future::join_all;
use mapping_core::error::{Error as CoreError, ErrorKind, Retry as CoreRetry};
use mapping_core::name::ModelName;
use mapping_core::receipt::{Action, DestinationId, Outcome, Row};

use crate::client::{EncodedCall, calls};
use crate::destination::attached;
use crate::destination::call::{Batch, Encoded, Kind, call_of, cut_of, kept, weight_of};
use crate::destination::diagnose::{Question, Said};
use crate::destination::error::{core, is_about_rows};
use crate::destination::isolate::{Answer, Fate, Isolation, Named, Seen, Step};
use crate::destination::lanes::share;
use crate::destination::writer::OdooWriter;
use crate::error::{Error, Retry};
use crate::wire::Value as Wire;

/// How long asking which rows are bad is to take at most, where calls are not to take longer.
const LOOK: Duration = Duration::from_secs(30);
/// How often a list is cut in two because calls broke off.
const CUTS: u32 = 3;

/// What the calls for one list have met so far.
struct Met {
    /// How often it may still be cut in two.
    cuts: u32,
    /// Whether a call that changes records got no answer: it may have changed them, whatever becomes of those after it.
    doubt: bool,
}

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
        for batch in encoded.batches {
            let batch = if stopped.is_none() { self.recognized(rows, batch).await } else { batch };
            let lanes = self.lanes(rows, batch);
            let written = lanes.into_iter().map(|lane| self.write_batch(rows, lane, stopped.clone()));
            for (lane, stop) in join_all(written).await {
                lane.into_iter().for_each(|(at, outcome)| outcomes[at] = outcome);
                stopped = stopped.or(stop);
            }
        }
        for (at, outcome) in self.write_bills(rows, encoded.bills, stopped).await {
            outcomes[at] = outcome;
        }
        outcomes
    }

    /// The batch as it is to be written: where records get the same values and one of them does not carry its identity, each gets its
    /// own as well.
    async fn recognized(&self, rows: &[Row], mut batch: Batch) -> Batch {
        if batch.kind != Kind::Same {
            return batch;
        }
        let identities: Vec<_> = batch.rows.iter().map(|at| rows[*at].identity.clone()).collect();
        let found = self.identified(&batch.model, &identities).await.unwrap_or_default();
        let is = |(at, found): (&usize, &Option<DestinationId>)| match (&rows[*at].action, found) {
            (Action::Update(id), Some(found)) => id == found,
            _ => false,
        };
        if found.len() != batch.rows.len() || !batch.rows.iter().zip(&found).all(is) {
            batch.kind = Kind::LoadMany;
            batch.lists.clear();
        }
        batch
    }

    /// The batch, shared out among as many calls as may be under way at a time.
    fn lanes(&self, rows: &[Row], batch: Batch) -> Vec<Batch> {
        let known = self.known_model(&batch.model).flatten();
        let Some(known) = known.filter(|_| self.parallel > 1) else { return vec![batch] };
        let Batch { kind, model, rows: numbers, .. } = batch;
        let numbered: Vec<Numbered<'_>> = numbers.into_iter().map(|at| (at, &rows[at])).collect();
        let lane = |rows| Batch { kind, model: model.clone(), rows, lists: VecDeque::new() };
        share(&known, &numbered, self.parallel).into_iter().map(lane).collect()
    }

    /// Writes the rows of a batch, call by call; after a stop none is sent. Gives what became of them, and why it stopped.
    async fn write_batch(
        &self,
        rows: &[Row],
        batch: Batch,
        mut stopped: Option<CoreError>,
    ) -> (Vec<(usize, Outcome)>, Option<CoreError>) {
        let Batch { kind, model, rows: numbers, mut lists } = batch;
        let all: Vec<Numbered<'_>> = numbers.into_iter().map(|at| (at, &rows[at])).collect();
        let mut outcomes = Vec::with_capacity(all.len());
        let mut left = all.as_slice();
        while !left.is_empty() {
            if let Some(error) = &stopped {
                outcomes.extend(left.iter().map(|(at, _)| (*at, Outcome::Unwritten(error.clone()))));
                break;
            }
            let (count, call) = self.next_list(kind, &model, left, &mut lists);
            let (part, after) = left.split_at(count);
            left = after;
            for ((at, _), fate) in part.iter().zip(self.write_list(kind, call, part).await) {
                let outcome = match fate {
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
                outcomes.push((*at, outcome));
            }
        }
        (outcomes, stopped)
    }

    /// How many of the rows the next call has, and that call where it is encoded already. What was prepared is as long as calls were to
    /// be then: where they are to be much longer or shorter now, it is cut anew.
    fn next_list(
        &self,
        kind: Kind,
        model: &ModelName,
        left: &[Numbered<'_>],
        lists: &mut VecDeque<(usize, Option<EncodedCall>)>,
    ) -> (usize, Option<EncodedCall>) {
        let suits =
            |count| kind == Kind::Write || self.with_pace(kind, model, |pace| pace.suits(count, left.len()));
        if let Some((count, call)) =
            lists.pop_front().filter(|(count, _)| *count <= left.len() && suits(*count))
            && call.as_ref().is_none_or(|call| count == 1 || call.bytes() <= self.bytes().saturating_mul(2))
        {
            return (count, call);
        }
        lists.clear();
        let most = self.with_pace(kind, model, |pace| pace.next(left.len()));
        let rows: Vec<&Row> = left.iter().take(most).map(|(_, row)| *row).collect();
        let known = self.known_model(model).flatten();
        let count = known.map_or(1, |known| cut_of(kind, &known, &rows, most, self.bytes()));
        (count.min(left.len()), None)
    }

    async fn write_list(
        &self,
        kind: Kind,
        mut call: Option<EncodedCall>,
        rows: &[Numbered<'_>],
    ) -> Vec<Fate<DestinationId, Stop>> {
        let mut isolation = Isolation::new(rows.len(), self.refusals);
        let mut met = Met { cuts: CUTS, doubt: false };
        while let Some(step) = isolation.next() {
            match step {
                Step::Attempt(part) => {
                    let part: Vec<Numbered<'_>> = part.iter().map(|at| rows[*at]).collect();
                    // The first attempt is of the whole list, which may be encoded already.
                    let encoded = match call.take() {
                        Some(call) => Ok(call),
                        None => self.encode_part(kind, &part),
                    };
                    isolation.answer(match encoded {
                        Ok(call) => self.send_list(kind, &call, &part, &mut met).await,
                        Err(error) if error.kind() == ErrorKind::Refused => {
                            Answer::Refused(Stop::Unwritten(error.at("model", &rows[0].1.model)))
                        }
                        Err(error) => stop(Stop::Unwritten(error)),
                    });
                }
                Step::Look(part) => {
                    let part: Vec<&Row> = part.iter().map(|at| rows[*at].1).collect();
                    match self.look_at(kind, &part).await {
                        Some(Said::Wrote) => {
                            let error = Error::protocol("load", "it wrote rows that it was only asked about");
                            isolation.answer(stop(Stop::Unknown(core(error))));
                        }
                        Some(Said::Seen(seen)) => isolation.saw(Some(unwritten(seen))),
                        None => isolation.saw(None),
                    }
                }
            }
        }
        let exhausted = isolation.is_exhausted();
        let ended = |fate| match fate {
            Fate::Stopped(Stop::Unwritten(error)) => {
                let error = if exhausted { self.enough(&error) } else { error };
                // What was there before must not be forgotten while it is not certain that it still is.
                Fate::Stopped(if met.doubt { Stop::Unknown(error) } else { Stop::Unwritten(error) })
            }
            fate => fate,
        };
        isolation.fates().into_iter().map(ended).collect()
    }

    /// Asks which of some rows the server does not take; `None` where it does not tell.
    async fn look_at(&self, kind: Kind, rows: &[&Row]) -> Option<Said> {
        let name = &rows.first()?.model;
        let model = self.known_model(name).flatten()?;
        // One by one, a row takes as long as among others, and some 15 ms besides (measured on 14 and 19).
        let row = self.with_pace(kind, name, |pace| pace.row()).unwrap_or_default();
        let row = row.mul_f32(1.5) + Duration::from_millis(20);
        let most = usize::try_from(LOOK.max(self.target).as_micros() / row.as_micros().max(1)).unwrap_or(1);
        let question = Question::new(&self.client, &model, rows, most.clamp(10, 500))?;
        let call = question.call(&self.client).ok()?;
        // It writes nothing, so that it may be asked again.
        match self.patience.repeat(|| self.client.send(&call)).await {
            Ok(answer) => question.read(&answer, self.client.version().at_least(19, 0)),
            Err(error) => {
                tracing::debug!(target: "odoo_rpc", rows = rows.len(), %error, "which rows are bad is not told");
                None
            }
        }
    }

    /// Why a run stops at which row after row is refused.
    pub(crate) fn enough(&self, last: &CoreError) -> CoreError {
        CoreError::config(format!(
            "the server refused {} rows of one call, and no more were sent: mend what they have in common, or raise \
             refusals_per_call; the last: {last}",
            self.refusals
        ))
    }

    fn encode_part(&self, kind: Kind, part: &[Numbered<'_>]) -> Result<EncodedCall, CoreError> {
        let rows: Vec<&Row> = part.iter().map(|(_, row)| *row).collect();
        let model = rows.first().and_then(|row| self.known_model(&row.model));
        let model = model.flatten().ok_or_else(|| CoreError::config("the model's fields are not known"))?;
        call_of(&self.client, kind, &model, &rows)
    }

    /// Sends a call until it is known what became of it.
    async fn send_list(
        &self,
        kind: Kind,
        call: &EncodedCall,
        part: &[Numbered<'_>],
        met: &mut Met,
    ) -> Answer<DestinationId, Stop> {
        let model = part.first().map(|(_, row)| row.model.clone()).unwrap_or_else(|| "".into());
        let mut attempt = 0;
        loop {
            let sending = (kind == Kind::Create).then(|| self.sending());
            let (answer, time) = self.client.send_timed(call).await;
            drop(sending);
            let answer = answer.and_then(|answer| kept(kind, &model, &answer).map(|()| answer));
            let error = match answer {
                Ok(answer) => match (ids(kind, &answer, part), kind) {
                    (Some(ids), _) => {
                        self.with_pace(kind, &model, |pace| pace.took(part.len(), time));
                        return Answer::Written(ids);
                    }
                    // Not what a create answers: whether it was carried out is to be seen.
                    (None, Kind::Create) => Error::protocol("create", "as many ids as rows were expected"),
                    (None, _) => {
                        return stop(Stop::Unknown(core(Error::protocol("write", "a list was expected"))));
                    }
                },
                Err(error) => error,
            };
            tracing::debug!(target: "odoo_rpc", attempt, rows = part.len(), %error, "not written");
            match error.retry() {
                Retry::Never if is_about_rows(&error) => {
                    if matches!(error, Error::TooLarge { .. }) && part.len() > 1 {
                        let rows: Vec<&Row> = part.iter().map(|(_, row)| *row).collect();
                        if let Some(known) = self.known_model(&model).flatten() {
                            self.was_too_large(weight_of(&known, &rows));
                        }
                        self.with_pace(kind, &model, |pace| pace.was_too_much(part.len()));
                        return Answer::TooMany;
                    }
                    if let Error::File { file, .. } = &error
                        && let Some(at) = with_file(part, *file)
                    {
                        return Answer::RefusedOne(at, Stop::Unwritten(core(error).at("model", &model)));
                    }
                    return refused(error);
                }
                Retry::Never => return stop(Stop::Unwritten(core(error))),
                Retry::Safe => {}
                // To write the same values again does no harm; the identity stays as it is.
                Retry::AfterLookup if kind != Kind::Create => met.doubt = true,
                Retry::AfterLookup => match self.look_for(part).await {
                    Ok(Some(ids)) => return Answer::Written(ids),
                    Ok(None) => {}
                    Err(error) => return stop(Stop::Unknown(error)),
                },
            }
            attempt += 1;
            if error.retry() == Retry::AfterLookup {
                self.with_pace(kind, &model, |pace| pace.was_too_much(part.len()));
                if part.len() > 1 && met.cuts > 0 {
                    // It may have taken longer than somebody on the way has patience for.
                    met.cuts -= 1;
                    self.patience.pause(0, &error).await;
                    return Answer::TooMany;
                }
            }
            if attempt >= self.patience.attempts {
                // A `create` that got no answer was looked for until it could not come any more.
                return stop(Stop::Unwritten(core(error)));
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

/// The place of the row that has the file of that number, counted over the whole call.
fn with_file(part: &[Numbered<'_>], file: usize) -> Option<usize> {
    let files = |row: &Row| row.fields.iter().filter(|(_, value)| attached::leaves(row, value)).count();
    let mut before = 0;
    part.iter().position(|(_, row)| {
        before += files(row);
        before > file
    })
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

fn unwritten(seen: Seen<CoreError>) -> Seen<Stop> {
    let Seen { rows, named, held } = seen;
    let stop = |Named { at, error, sure }| Named { at, error: Stop::Unwritten(error), sure };
    Seen { rows, named: named.into_iter().map(stop).collect(), held }
}

/// The ids of the rows, by a call's answer.
fn ids(kind: Kind, answer: &Wire, part: &[Numbered<'_>]) -> Option<Vec<DestinationId>> {
    match kind {
        Kind::Create => {
            let ids = calls::ids(answer).filter(|ids| ids.len() == part.len())?;
            Some(ids.into_iter().map(DestinationId::from).collect())
        }
        Kind::SaveMany | Kind::LoadMany | Kind::Write | Kind::Same => {
            let id = |(_, row): &Numbered<'_>| match &row.action {
                Action::Update(id) => Some(id.clone()),
                Action::Create => None,
            };
            part.iter().map(id).collect()
        }
    }
}
