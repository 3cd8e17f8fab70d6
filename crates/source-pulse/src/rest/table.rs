//! A table, page by page.

use std::sync::Arc;

use jiff::Timestamp;
use mapping_core::error::{Error, Result};

use crate::rest::answer::{self, Page};
use crate::rest::caller::Caller;
use crate::rest::cells::Lines;
use crate::rest::cycle::Cycle;
use crate::rest::disk::{Part, apart};
use crate::rest::state::{State, TableState};
use crate::rest::store::Store;

/// After so many empty pages in a row a table is taken for one without end.
const EMPTY_PAGES: u32 = 1000;

/// What a page came to.
struct Taken {
    part: Part,
    rows: u64,
    next: Option<String>,
}

/// Fetches the table at that place of the state, from where it was.
pub(super) async fn fetch(
    caller: &mut Caller,
    store: &Store,
    state: &mut State,
    at: usize,
    since: Option<Timestamp>,
    most_bytes: u64,
) -> Result<()> {
    let Some(table) = state.tables.get(at) else { return Ok(()) };
    let name = table.name.clone();
    let fetch = Fetch { caller, store, state, at, since, most_bytes };
    fetch.run().await.map_err(|error| error.at("table", name))
}

struct Fetch<'a> {
    caller: &'a mut Caller,
    store: &'a Store,
    state: &'a mut State,
    at: usize,
    since: Option<Timestamp>,
    most_bytes: u64,
}

impl Fetch<'_> {
    async fn run(mut self) -> Result<()> {
        let path = self.store.place(self.table()?.file());
        if self.table()?.whole {
            let is_there = std::fs::metadata(&path).is_ok_and(|file| file.len() == self.state_bytes());
            if is_there {
                return Ok(());
            }
            self.table()?.reset();
        }
        let mut part = self.part().await?;
        let mut cycle = Cycle::after(self.table()?.cursor.as_deref());
        let (mut empty, mut restarted) = (0, false);
        loop {
            let (name, cursor) = (self.table()?.name.clone(), self.table()?.cursor.clone());
            let question = self.caller.page(&["tables", &name], cursor.as_deref(), self.since);
            let Some(body) = self.caller.body(&question).await? else {
                if cursor.is_none() || restarted {
                    let message = "the bridge does not know its own cursor; it must be mended";
                    return Err(Error::invalid(message));
                }
                restarted = true;
                self.table()?.reset();
                part = self.part().await?;
                cycle = Cycle::after(None);
                continue;
            };
            let columns = self.table()?.columns.clone();
            let first = self.table()?.rows;
            let taken = apart(move || take(part, &body, &columns, first)).await?;
            part = taken.part;
            let table = self.table()?;
            (table.rows, table.bytes) = (first + taken.rows, part.bytes);
            if self.state.bytes() > self.most_bytes {
                return Err(too_much());
            }
            let Some(next) = taken.next else { break };
            empty = if taken.rows == 0 { empty + 1 } else { 0 };
            if empty > EMPTY_PAGES || cycle.comes_round(&next) {
                self.give_up()?;
                let message = "the pages of the table have no end: a cursor comes round, or nothing but empty pages come; the bridge \
                               must be mended";
                return Err(Error::invalid(message));
            }
            self.table()?.cursor = Some(next);
            self.store.save(self.state)?;
        }
        let (rows, told) = (self.table()?.rows, self.table()?.told);
        if rows < told {
            self.give_up()?;
            let message = format!(
                "the bridge told of {told} rows and gave {rows}: rows are missing, or were deleted meanwhile; fetch again, and mend the \
                 bridge if it stays so"
            );
            return Err(Error::invalid(message));
        }
        apart(move || part.finish(&path)).await?;
        self.table()?.whole = true;
        self.store.save(self.state)
    }

    /// What is there of the table, with its header; from its beginning where nothing is.
    async fn part(&mut self) -> Result<Part> {
        let (path, lock) = (self.store.part(&self.table()?.name), Arc::clone(&self.store.lock));
        if self.table()?.cursor.is_some() {
            let (path, lock, bytes) = (path.clone(), Arc::clone(&lock), self.table()?.bytes);
            if let Some(part) = apart(move || Part::go_on(path, bytes, lock)).await? {
                return Ok(part);
            }
        }
        self.table()?.reset();
        let columns = self.table()?.columns.clone();
        let header = move || {
            let mut part = Part::begin(path, lock)?;
            part.append(&Lines::header(&columns)?)?;
            Ok(part)
        };
        apart(header).await
    }

    /// Begins the table again with the next fetch: what was fetched of it is worth nothing.
    fn give_up(&mut self) -> Result<()> {
        self.table()?.reset();
        self.store.save(self.state)
    }

    fn table(&mut self) -> Result<&mut TableState> {
        self.state.tables.get_mut(self.at).ok_or_else(|| Error::config("there is no such table"))
    }

    fn state_bytes(&self) -> u64 {
        self.state.tables.get(self.at).map_or(0, |table| table.bytes)
    }
}

/// Adds a page's rows; all of them or, where one cannot be taken, none.
fn take(mut part: Part, body: &[u8], columns: &[String], before: u64) -> Result<Taken> {
    let page: Page<'_> = answer::read(body)?;
    if page.columns != columns {
        let message = "the columns of a page are others than the table's: the table has changed meanwhile; fetch again, into an empty \
                       folder";
        return Err(Error::invalid(message));
    }
    let mut lines = Lines::new();
    for (row, number) in page.rows.iter().zip(before + 1..) {
        lines.row(row).map_err(|error| error.at("row", number))?;
    }
    part.append(&lines.into_bytes()?)?;
    part.keep()?;
    Ok(Taken { part, rows: page.rows.len() as u64, next: page.next })
}

pub(super) fn too_much() -> Error {
    Error::config("the bridge gives more than the limits allow; raise them, or mend the bridge")
}
