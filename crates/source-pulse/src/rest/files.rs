//! The files beside the tables: the list page by page, each file streamed to disk.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mapping_core::error::{Error, Result};
use mapping_core::unpack::{UnpackLimits, path_inside};
use sha1::{Digest, Sha1};

use crate::rest::answer::{self, FileTold, FilesPage};
use crate::rest::caller::Caller;
use crate::rest::cycle::Cycle;
use crate::rest::disk::{self, Part, apart, no_room};
use crate::rest::state::State;
use crate::rest::store::{OWN, Store};
use crate::rest::table::too_much;

/// Fetches the files, from where they were.
pub(super) async fn fetch(
    caller: &mut Caller,
    store: &Store,
    state: &mut State,
    limits: &UnpackLimits,
) -> Result<()> {
    if state.files.whole {
        return Ok(());
    }
    let mut cycle = Cycle::after(state.files.cursor.as_deref());
    let mut restarted = false;
    while state.files.told > 0 {
        let question = caller.page(&["files"], state.files.cursor.as_deref(), None);
        let Some(body) = caller.body(&question).await? else {
            if state.files.cursor.is_none() || restarted {
                return Err(Error::invalid("the bridge does not know its own cursor; it must be mended"));
            }
            // What is there already is not fetched once more.
            state.files.reset();
            restarted = true;
            cycle = Cycle::after(None);
            continue;
        };
        let page: FilesPage = apart(move || answer::read(&body)).await?;
        for file in page.files {
            let number = state.files.count + 1;
            let left = limits.bytes.saturating_sub(state.bytes());
            if number > limits.files as u64 || file.size > left {
                return Err(too_much().at("file", number));
            }
            one(caller, store, &file).await.map_err(|error| error.at("file", number))?;
            state.files.count = number;
            state.files.bytes += file.size;
        }
        let Some(next) = page.next else { break };
        if cycle.comes_round(&next) {
            let message = "the list of files has no end: a cursor comes round; the bridge must be mended";
            return Err(Error::invalid(message));
        }
        state.files.cursor = Some(next);
        store.save(state)?;
    }
    let (count, told) = (state.files.count, state.files.told);
    if count < told {
        state.files.reset();
        store.save(state)?;
        let message = format!(
            "the bridge told of {told} files and listed {count}; fetch again, and mend the bridge if it stays so"
        );
        return Err(Error::invalid(message));
    }
    state.files.whole = true;
    store.save(state)
}

/// Fetches a file, unless it is there. Its name may be a patient's: it is told by its number alone.
async fn one(caller: &mut Caller, store: &Store, told: &FileTold) -> Result<()> {
    let path = place(&told.path)?;
    let target = store.place(&path);
    let marks = Marks { size: told.size, sha1: told.sha1.as_deref().map(str::to_ascii_lowercase) };
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let question = caller.file(parts.iter().map(String::as_str));

    let (looked, marks, _lock) = {
        let (target, lock) = (target.clone(), Arc::clone(&store.lock));
        apart(move || Ok((look(&target, &marks)?, marks, lock))).await?
    };
    if looked {
        return Ok(());
    }
    let (path, lock) = (store.part("file"), Arc::clone(&store.lock));
    let mut part = apart(move || Part::begin(path, lock)).await?;
    let mut attempts = caller.attempts();
    'again: loop {
        let Some(mut answer) = caller.answer(&question, &mut attempts).await? else {
            return Err(Error::invalid("the file is gone; fetch again"));
        };
        let mut hash = Sha1::new();
        part.clear()?;
        loop {
            match answer.chunk().await {
                Ok(Some(piece)) if part.bytes + piece.len() as u64 > marks.size => return Err(other()),
                Ok(Some(piece)) => {
                    hash.update(&piece);
                    part.append(&piece)?;
                }
                Ok(None) => break,
                Err(error) => {
                    attempts.again(caller.broken(&error), None).await?;
                    continue 'again;
                }
            }
        }
        if part.bytes != marks.size || marks.sha1.is_some_and(|sha1| sha1 != hex(&hash.finalize())) {
            return Err(other());
        }
        return apart(move || {
            if let Some(parent) = target.parent() {
                disk::make_folder(parent).map_err(in_the_way)?;
            }
            part.finish(&target)
        })
        .await;
    }
}

/// What a file is known by.
struct Marks {
    size: u64,
    sha1: Option<String>,
}

/// Where a file lies in the folder: nowhere else, not among what is not whole yet, and not in a table's place.
fn place(path: &str) -> Result<PathBuf> {
    let place = path_inside(path).filter(|path| !path.as_os_str().is_empty()).ok_or_else(|| {
        Error::invalid("the path of a file leads out of the export; the bridge must be mended")
    })?;
    let first = place.iter().next().unwrap_or_default().to_string_lossy();
    let is_table = place.parent().is_none_or(|parent| parent.as_os_str().is_empty())
        && place.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if first.eq_ignore_ascii_case(OWN) || is_table {
        let message = "a file is in the place of a table; the bridge must give tables as tables, and files in a folder such as files/";
        return Err(Error::invalid(message));
    }
    Ok(place)
}

/// Whether the file is there already. Another in its place is an error, since one of the two would be lost.
fn look(path: &Path, marks: &Marks) -> Result<bool> {
    let known = match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        known => known.map_err(no_room)?,
    };
    let is_it = known.is_file()
        && known.len() == marks.size
        && match &marks.sha1 {
            Some(sha1) => *sha1 == sha1_of(path).map_err(no_room)?,
            None => true,
        };
    if is_it {
        return Ok(true);
    }
    let message = "another file is in its place: two files have one path, or it changed since the fetch began; fetch into an empty folder";
    Err(Error::invalid(message))
}

fn sha1_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha1::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn other() -> Error {
    Error::invalid(
        "the file is not the one of the list: its size or SHA-1 is another; fetch again, and mend the bridge if it stays so",
    )
}

fn in_the_way(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            Error::invalid("a file is where a folder must be; the bridge must be mended")
        }
        _ => no_room(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_beside_the_tables_and_nowhere_else() {
        for (path, place_of) in [
            ("files/a b.pdf", "files/a b.pdf"),
            ("files\\\u{930}\u{93e}.png", "files/\u{930}\u{93e}.png"),
            ("./files/list.csv", "files/list.csv"),
            ("Workflows.txt", "Workflows.txt"),
        ] {
            assert_eq!(place(path).unwrap(), Path::new(place_of), "{path}");
        }
        for path in [
            "",
            ".",
            "../x",
            "/etc/x",
            "a/../../x",
            "C:\\x",
            "a\u{0}b",
            ".fetch/state.json",
            ".FETCH/x",
            "Patients.csv",
            "patients.CSV",
        ] {
            let error = place(path).unwrap_err();
            assert!(!error.to_string().contains("state.json"), "{error}");
        }
    }
}
