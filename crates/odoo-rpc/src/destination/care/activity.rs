//! Two activities of one user on one record do not share a call where Odoo refuses that.
//!
//! 16 and 17 refuse a `create` with two of them, "a partner cannot follow twice the same object", unless the user follows the record
//! already (measured; 14 and 19 take them; 15 and 18 were not measured and are spared it). The first activity makes the user a
//! follower. So the first of each user and record goes before all others: two calls in place of one, however many there are.

use std::collections::HashSet;

use mapping_core::receipt::Row;
use mapping_core::value::Value;

use crate::client::ServerVersion;

const MODEL: &str = "mail.activity";

/// Who was given an activity already.
#[derive(Debug)]
pub(crate) struct Turns {
    /// Whether the server is of a version that needs it.
    needed: bool,
    caller: i64,
    /// Model, record and user.
    seen: HashSet<(i64, i64, i64)>,
}

impl Turns {
    pub(crate) fn new(version: &ServerVersion, caller: i64) -> Self {
        let needed = version.at_least(15, 0) && !version.at_least(19, 0);
        Self { needed, caller, seen: HashSet::new() }
    }

    /// 0 for the first activity of its user on its record, 1 for all others.
    pub(crate) fn of(&mut self, row: &Row) -> u8 {
        if !self.needed || row.model.as_str() != MODEL {
            return 0;
        }
        let number = |field| row.fields.find(field).and_then(Value::as_integer);
        // Where no user is named it is the caller (measured on 14, 16 and 17).
        let user = number("user_id").unwrap_or(self.caller);
        let (Some(model), Some(record)) = (number("res_model_id"), number("res_id")) else { return 0 };
        u8::from(!self.seen.insert((model, record, user)))
    }
}
