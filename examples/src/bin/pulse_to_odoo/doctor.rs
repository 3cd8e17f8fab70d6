//! Looks whether a server is fit for the migration.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use mapping_core::error::{Error, Result};
use mapping_core::mapper::RecordMapper;
use odoo_rpc::doctor::{Checkup, Doctor, Severity};

use crate::args::Args;
use crate::odoo::{sandbox, server};
use crate::run::heard;

/// Examines the server, says what it found, and gives the exit status.
pub(crate) async fn examine(args: &Args) -> Result<u8> {
    let checkup = checkup(args)?;
    let client = match &args.odoo {
        Some(url) => server(args, url).await,
        None => Ok(sandbox(args).await?),
    };
    let diagnosis = match client {
        Ok(client) => Doctor::examine(&client, &checkup).await,
        Err(error) => Err(error),
    };
    let diagnosis = diagnosis.unwrap_or_else(|error| Doctor::unconnected(&error));
    let text = match args.json {
        true => serde_json::to_string_pretty(&diagnosis)
            .map_err(|error| Error::config("the diagnosis cannot be written").because(error))?,
        false => diagnosis.to_string(),
    };
    heard(writeln!(io::stdout(), "{text}"))
        .map_err(|error| Error::config("cannot write to standard output").because(error))?;
    Ok(match diagnosis.worst() {
        Severity::Note => 0,
        Severity::Warning => 3,
        Severity::Problem => 1,
    })
}

/// What the shipped mapping is going to do.
fn checkup(args: &Args) -> Result<Checkup> {
    let zone =
        TimeZone::get(&args.zone).map_err(|error| Error::config("there is no such zone").because(error))?;
    let mapper = source_pulse::mapping::odoo_mapper_of(args.choices(), &zone)?;
    let needs = mapper.needs();
    // Users, countries and states are looked up; whatever is written has a field for its identity, which is made.
    let mut checkup =
        Checkup::new().reads("res.users").reads("res.country").reads("res.country.state").makes_fields();
    for model in needs.models_written() {
        checkup = checkup.writes(model.as_str());
    }
    for model in &needs.models {
        checkup = checkup.makes_model(model.name.as_str());
    }
    if let Some(address) = args.address().map_err(|error| Error::config(error.to_string()))? {
        checkup = checkup.address(address);
    }
    Ok(checkup)
}
