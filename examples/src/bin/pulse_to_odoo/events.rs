//! What is shown while it runs, and what is put by for the report.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mapping_core::journal::Counts;
use mapping_core::migration::observer::{Event, Observer};

use crate::spool::Spool;

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// Shows progress on standard error, and keeps refusals and flags.
pub(crate) struct Watch {
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

struct State {
    refused: Spool,
    flags: Spool,
    broken: Option<std::io::Error>,
    told: Instant,
}

impl Watch {
    pub(crate) fn new() -> std::io::Result<Self> {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix:20} {msg} {elapsed}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        let state =
            State { refused: Spool::new()?, flags: Spool::new()?, broken: None, told: Instant::now() };
        Ok(Self { bar, state: Mutex::new(state) })
    }

    /// What was put by: refusals and flags.
    pub(crate) fn finish(self) -> std::io::Result<(Spool, Spool)> {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.broken {
            Some(error) => Err(error),
            None => Ok((state.refused, state.flags)),
        }
    }

    fn line(&self, entity: &str, text: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_prefix(entity.to_owned());
                bar.set_message(text.to_owned());
                bar.tick();
            }
            // Nobody may be reading any more: that is no reason to stop.
            None => drop(writeln!(std::io::stderr(), "{entity}: {text}")),
        }
    }
}

impl Observer for Watch {
    fn notice(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = match event {
            Event::Refused(refusal) => state.refused.push(refusal),
            Event::Flagged(flag) => state.flags.push(flag),
            Event::Recovering { rows } => {
                self.line("looking for", &format!("{rows} rows that an earlier run left in doubt"));
                Ok(())
            }
            Event::SchemaApplied { made } => {
                self.line("schema", &format!("{made} models, fields and pages made"));
                Ok(())
            }
            Event::Progress { entity, counts } => {
                if self.bar.is_some() || state.told.elapsed() > EVERY {
                    self.line(entity.as_str(), &told(*counts));
                    state.told = Instant::now();
                }
                Ok(())
            }
            Event::PhaseEnded { entity, counts } => {
                if self.bar.is_none() {
                    self.line(entity.as_str(), &told(*counts));
                }
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(error) = kept {
            state.broken.get_or_insert(error);
        }
    }
}

fn told(counts: Counts) -> String {
    let Counts { read, written, updated, unchanged, refused, .. } = counts;
    format!("{read} read, {written} written, {updated} updated, {unchanged} unchanged, {refused} refused")
}
