//! What can be done with records.

mod commands;
pub(super) mod copy;
mod create;
mod describe;
mod read;
mod unlink;
mod write;

use std::collections::BTreeMap;

use crate::wire::{Struct, Value};

/// Members by name, the last of a name winning.
pub(super) type Vals = BTreeMap<String, Value>;

pub(super) fn vals_of(members: &Struct) -> Vals {
    members.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// Fields that the server fills itself: what a caller gives is left out in silence.
fn is_automatic(field: &str) -> bool {
    matches!(
        field,
        "id" | "create_uid"
            | "create_date"
            | "write_uid"
            | "write_date"
            | "display_name"
            | "__last_update"
            | "parent_path"
    )
}
