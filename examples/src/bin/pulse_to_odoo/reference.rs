//! Tells what is not moved and is rebuilt by hand, as a checklist and as JSON.

use std::io::{self, Write};
use std::path::Path;

use mapping_core::error::{Error, Result};
use reconcile::reference::Checklist;

use crate::args::Args;
use crate::report::{make_folder, private};
use crate::run::{export, heard};

/// Writes the reference document, into a folder where one is named.
pub(crate) fn write(args: &Args, out: Option<&Path>) -> Result<u8> {
    let (_, pulse) = export(args)?;
    let reference = pulse.reference()?;
    let json = serde_json::to_string_pretty(&reference)
        .map_err(|error| Error::config("the reference document cannot be written").because(error))?;
    let checklist = Checklist::new(&reference).to_string();
    let Some(dir) = out else {
        let text = if args.json { json + "\n" } else { checklist };
        heard(io::stdout().write_all(text.as_bytes()))
            .map_err(|error| Error::config("cannot write to standard output").because(error))?;
        return Ok(0);
    };
    let save = |name: &str, text: &str| {
        let mut file = private(&dir.join(name))?;
        file.write_all(text.as_bytes())?;
        file.flush()
    };
    make_folder(dir)
        .and_then(|()| save("reference.md", &checklist))
        .and_then(|()| save("reference.json", &(json + "\n")))
        .map_err(|error| {
            let message =
                "the folder for the reference document cannot be written to; mend its rights, or name another one";
            Error::config(message).at("folder", dir.display()).because(error)
        })?;
    Ok(0)
}
