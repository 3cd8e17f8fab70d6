//! The order in which entities have their turn.

use crate::error::{Error, Result};
use crate::name::EntityName;
use crate::source::{Entity, in_order};

/// Every entity after those it refers to; otherwise as the source lists them.
///
/// # Errors
///
/// Entities refer to each other in a circle. An entity that refers to itself is no circle: its links to records further down
/// are set in a second pass.
pub(super) fn order(entities: &[Entity]) -> Result<Vec<EntityName>> {
    let (ordered, circle) = in_order(entities);
    if circle.is_empty() {
        return Ok(ordered.into_iter().map(|entity| entity.name().clone()).collect());
    }
    let circle: Vec<_> = circle.iter().map(|entity| entity.name().as_str()).collect();
    let message = format!("entities refer to each other in a circle: {}", circle.join(", "));
    Err(Error::config(format!("{message}; name the phases and their order")))
}

/// The entities a user named, checked against the source's.
///
/// # Errors
///
/// One of them is not the source's.
pub(super) fn named(wanted: &[EntityName], entities: &[Entity]) -> Result<Vec<EntityName>> {
    match wanted.iter().find(|name| !entities.iter().any(|entity| entity.name() == *name)) {
        Some(stranger) => Err(Error::config(format!("the source has no entity '{stranger}'"))),
        None => Ok(wanted.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(entities: &[Entity]) -> Vec<String> {
        order(entities).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn parents_come_before_children_and_the_rest_as_listed() {
        let visit = Entity::new("visit").link("patient", "patient").link("doctor", "staff");
        let patient = Entity::new("patient").link("doctor", "staff").link("referred_by", "patient");
        let all = [visit, patient, Entity::new("staff"), Entity::new("stage")];
        assert_eq!(names(&all), ["staff", "patient", "visit", "stage"]);
    }

    #[test]
    fn a_circle_is_named() {
        let circle = [Entity::new("a").link("b", "b"), Entity::new("b").link("a", "a")];
        let error = order(&circle).unwrap_err();
        assert!(error.to_string().contains("a, b"), "{error}");
    }
}
