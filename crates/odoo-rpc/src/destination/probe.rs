//! Whether a server still takes records after its schema was changed.

use mapping_core::error::{Error as CoreError, Result};

use crate::destination::error::core;
use crate::destination::writer::OdooWriter;
use crate::error::{Error, Retry};
use crate::wire::{Struct, Value as Wire};

/// How often a server that answers strangely is asked.
const ATTEMPTS: u32 = 3;

impl OdooWriter {
    /// One contact with a tag that does not exist: Odoo goes all the way and then refuses it, so nothing is ever written (measured on
    /// 14 and 19). Fields made while other calls run can leave a server of 14 or 16 so that it takes no record at all until it is
    /// started anew (measured); such a server fails on the way.
    pub(crate) async fn probe(&self) -> Result<()> {
        let mut attempt = 0;
        loop {
            let none: Vec<Wire> = vec![i64::from(i32::MAX).into()];
            let tags = vec![Wire::Array(vec![6.into(), 0.into(), none.into()])];
            let contact = Struct::new().with("name", "migration probe").with("category_id", tags);
            let error = match self.client.create("res.partner", vec![contact]).await {
                // A server that does not mind: then it goes again.
                Ok(ids) => return self.client.unlink("res.partner", &ids).await.map_err(core),
                Err(Error::Refused { .. } | Error::Rights { .. }) => return Ok(()),
                Err(error) => error,
            };
            attempt += 1;
            let strange = matches!(error, Error::Server { .. } | Error::Busy { .. });
            if attempt >= ATTEMPTS && strange {
                let message = "the server takes no records since its schema was changed: restart the Odoo server, then run again";
                return Err(CoreError::config(message).because(error));
            }
            if attempt >= self.patience.attempts || (error.retry() == Retry::Never && !strange) {
                return Err(core(error));
            }
            self.patience.pause(attempt - 1, &error).await;
        }
    }
}
