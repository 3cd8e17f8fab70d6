//! What a run comes to.

use std::fmt;

use crate::journal::Counts;
use crate::name::EntityName;
use crate::schema::FieldUse;

/// What became of every entity in a run.
///
/// `Display` is a table. Single refusals and flags are in the [journal](crate::journal) and go to the run's
/// [observer](crate::migration::observer): their number is bounded by the data.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RunReport {
    /// The phases, in their order.
    pub phases: Vec<(EntityName, Counts)>,
    /// Fields that the mapping sets and this destination does not have.
    pub dropped: Vec<FieldUse>,
    /// Rows that an earlier run had left in doubt and that were found to be written.
    pub recovered: u64,
    /// Records that look-ups [made](crate::draft::Missing::Make) since they did not find them: tags, sources, stages.
    pub made: u64,
}

impl RunReport {
    /// What became of an entity's records; zeros for one that had no turn.
    #[must_use]
    pub fn counts(&self, entity: &str) -> Counts {
        self.phases
            .iter()
            .find(|(known, _)| known.as_str() == entity)
            .map(|(_, counts)| *counts)
            .unwrap_or_default()
    }

    /// How many records were refused, of all entities.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.phases.iter().map(|(_, counts)| counts.refused).sum()
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = self.phases.iter().map(|(entity, _)| entity.as_str().len()).max().unwrap_or(0).max(6);
        write!(
            f,
            "{:wide$}  {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "read", "written", "updated", "unchanged", "refused", "flags"
        )?;
        for (entity, counts) in &self.phases {
            let Counts { read, written, updated, unchanged, refused, flags } = counts;
            let name = entity.as_str();
            write!(
                f,
                "\n{name:wide$}  {read:>9} {written:>9} {updated:>9} {unchanged:>9} {refused:>9} {flags:>9}"
            )?;
        }
        if self.made > 0 {
            write!(f, "\nmade for look-ups that found nothing: {}", self.made)?;
        }
        for used in &self.dropped {
            write!(f, "\nleft out, since this destination has no such field: {}.{}", used.model, used.field)?;
        }
        Ok(())
    }
}
