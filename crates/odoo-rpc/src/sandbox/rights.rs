//! What was last found out about who may use which model.

use std::collections::{HashMap, HashSet};

use crate::sandbox::faults::Right;
use crate::wire::Name;

/// The custom models each user may use, as last looked up. Shipped models are decided by their managers.
#[derive(Clone, Debug, Default)]
pub(super) struct Rights {
    pub(super) allowed: HashMap<(i64, Right), HashSet<Name>>,
}

impl Rights {
    pub(super) fn forget(&mut self) {
        self.allowed.clear();
    }
}
