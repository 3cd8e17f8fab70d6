//! Refusals and flags on their way to the report: on disk, since their number is bounded by the data alone.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Result, Seek, SeekFrom, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Values, one JSON line each, in a file that nobody else sees.
#[derive(Debug)]
pub(crate) struct Spool(BufWriter<File>);

impl Spool {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(BufWriter::new(tempfile::tempfile()?)))
    }

    pub(crate) fn push(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.0, value)?;
        self.0.write_all(b"\n")
    }

    /// Every value, from the first.
    pub(crate) fn values<T: DeserializeOwned>(&mut self) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
        self.0.flush()?;
        let mut file = self.0.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::new(file).lines().map(|line| Ok(serde_json::from_str(&line?)?)))
    }
}
