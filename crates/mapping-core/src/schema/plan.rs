//! The difference between what a mapping needs and what a destination has.

use std::collections::BTreeMap;
use std::fmt;

use crate::name::{FieldName, ModelName};
use crate::receipt::Made;
use crate::schema::{Choice, FieldKind, FieldNeed, FieldUse, ModelNeed};

/// What must be made at a destination, what is there, and what stands in the way.
///
/// `Display` is the whole of it, for the person whose destination it is.
///
/// # Example
///
/// ```
/// use mapping_core::schema::{FieldKind, FieldNeed, SchemaPlan};
///
/// let notes = FieldNeed::new("res.partner", "x_notes", FieldKind::Text, "Notes");
/// let plan = SchemaPlan { fields: vec![notes], calls: 4, ..SchemaPlan::default() };
/// assert_eq!(
///     plan.to_string(),
///     "1 thing to make, in about 4 calls:\n  + field x_notes of res.partner: Notes (text)\n\
///      0 things are there already\n"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SchemaPlan {
    /// Models to make.
    pub models: Vec<ModelNeed>,
    /// Fields to make.
    pub fields: Vec<FieldNeed>,
    /// Choices to add to fields that are there and lack them.
    pub choices: Vec<MoreChoices>,
    /// Fields to show on pages of forms.
    pub pages: Vec<FieldNeed>,
    /// Fields that are used and not there, and may be left out of the drafts.
    pub dropped: Vec<FieldUse>,
    /// What a person must settle first.
    pub conflicts: Vec<Conflict>,
    /// What is needed and there as it should be.
    pub there: Vec<Made>,
    /// How many calls it takes to make what is missing, about.
    pub calls: usize,
}

impl SchemaPlan {
    /// Whether nothing is to be made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty() && self.fields.is_empty() && self.choices.is_empty() && self.pages.is_empty()
    }

    /// All that is to be made, one by one. The pages of a model's form are one thing.
    #[must_use]
    pub fn parts(&self) -> Vec<Made> {
        let models = self.models.iter().map(|need| Made::Model(need.name.clone()));
        let fields = self.fields.iter().map(|need| Made::Field(need.model.clone(), need.name.clone()));
        let choices = self.choices.iter().flat_map(MoreChoices::parts);
        let mut pages: BTreeMap<&ModelName, Vec<FieldName>> = BTreeMap::new();
        for need in &self.pages {
            pages.entry(&need.model).or_default().push(need.name.clone());
        }
        let views = pages.into_iter().map(|(model, fields)| Made::View(model.clone(), fields));
        models.chain(fields).chain(choices).chain(views).collect()
    }
}

impl fmt::Display for SchemaPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts().len();
        match parts {
            0 => writeln!(f, "nothing to make")?,
            _ => writeln!(f, "{} to make, in about {} calls:", things(parts), self.calls)?,
        }
        for need in &self.models {
            writeln!(f, "  + model {}: {}", need.name, need.label)?;
        }
        for need in &self.fields {
            let page = need.page.as_ref().map(|page| format!(", on page \"{page}\"")).unwrap_or_default();
            writeln!(f, "  + field {} of {}: {} ({}{page})", need.name, need.model, need.label, need.kind)?;
        }
        for more in &self.choices {
            let labels: Vec<_> = more.choices.iter().map(|choice| choice.label.as_str()).collect();
            writeln!(f, "  + choices of {} of {}: {}", more.field, more.model, labels.join(", "))?;
        }
        for part in self.parts().iter().filter(|part| matches!(part, Made::View(..))) {
            writeln!(f, "  + {part}")?;
        }
        writeln!(
            f,
            "{} there already",
            if self.there.len() == 1 {
                "1 thing is".into()
            } else {
                format!("{} things are", self.there.len())
            }
        )?;
        for part in &self.there {
            writeln!(f, "  = {part}")?;
        }
        for used in &self.dropped {
            writeln!(f, "left out, since there is no such field: {} of {}", used.field, used.model)?;
        }
        if !self.conflicts.is_empty() {
            writeln!(f, "{} in the way, to be settled first:", things(self.conflicts.len()))?;
        }
        for conflict in &self.conflicts {
            writeln!(f, "  ! {conflict}")?;
        }
        Ok(())
    }
}

fn things(count: usize) -> String {
    if count == 1 { "1 thing".into() } else { format!("{count} things") }
}

/// Choices to add to a field that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreChoices {
    /// The model.
    pub model: ModelName,
    /// The field.
    pub field: FieldName,
    /// What it lacks.
    pub choices: Vec<Choice>,
}

impl MoreChoices {
    /// Whether they are of that field.
    #[must_use]
    pub fn is_of(&self, used: &FieldUse) -> bool {
        self.model == used.model && self.field == used.field
    }

    /// Those of them that a field of that kind lacks.
    #[must_use]
    pub fn lacking_in(&self, found: &FieldKind) -> Vec<Choice> {
        FieldKind::Choice(self.choices.clone()).lacking_in(found)
    }

    fn parts(&self) -> impl Iterator<Item = Made> {
        let part =
            |choice: &Choice| Made::Choice(self.model.clone(), self.field.clone(), choice.value.clone());
        self.choices.iter().map(part)
    }
}

/// Something that stands in the way of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The model.
    pub model: ModelName,
    /// The field, if it is about one.
    pub field: Option<FieldName>,
    /// What, and what to do.
    pub reason: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}.{field}: {}", self.model, self.reason),
            None => write!(f, "{}: {}", self.model, self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_is_made_what_is_there_and_what_is_in_the_way() {
        let need =
            |name: &str| FieldNeed::new("res.partner", name, FieldKind::Line, "Notes").on_page("Clinic");
        let choice = Choice { value: "bombay".into(), label: "Bombay".into() };
        let plan = SchemaPlan {
            models: vec![ModelNeed::new("x_stage", "Stage")],
            fields: vec![need("x_a"), need("x_b")],
            choices: vec![MoreChoices {
                model: "res.partner".into(),
                field: "x_blood".into(),
                choices: vec![choice],
            }],
            pages: vec![need("x_a"), need("x_b")],
            there: vec![Made::Field("res.partner".into(), "name".into())],
            conflicts: vec![Conflict {
                model: "crm.lead".into(),
                field: None,
                reason: "there is no such model".into(),
            }],
            calls: 9,
            ..SchemaPlan::default()
        };
        assert_eq!(plan.parts().len(), 5, "the pages of one form are one thing");
        assert_eq!(
            plan.to_string(),
            "5 things to make, in about 9 calls:
  + model x_stage: Stage
  + field x_a of res.partner: Notes (line, on page \"Clinic\")
  + field x_b of res.partner: Notes (line, on page \"Clinic\")
  + choices of x_blood of res.partner: Bombay
  + pages of res.partner with x_a, x_b
1 thing is there already
  = field name of res.partner
1 thing in the way, to be settled first:
  ! crm.lead: there is no such model
"
        );
    }

    #[test]
    fn a_plan_says_what_fields_show() {
        let visits = FieldKind::linked_from("x_visit", "x_patient_id");
        let phone = FieldKind::related("x_patient_id.phone", FieldKind::Line);
        let group = FieldKind::Choice(Vec::new());
        let group =
            FieldKind::Related { path: "x_patient_id.x_group".into(), kind: Box::new(group), stored: true };
        let plan = SchemaPlan {
            fields: vec![
                FieldNeed::new("res.partner", "x_visit_ids", visits, "Visits").on_page("Visits"),
                FieldNeed::new("x_visit", "x_phone", phone, "Phone"),
                FieldNeed::new("x_visit", "x_group", group, "Group"),
            ],
            calls: 4,
            ..SchemaPlan::default()
        };
        assert_eq!(
            plan.to_string(),
            "3 things to make, in about 4 calls:
  + field x_visit_ids of res.partner: Visits (linked from x_visit by x_patient_id, on page \"Visits\")
  + field x_phone of x_visit: Phone (line of x_patient_id.phone)
  + field x_group of x_visit: Group (choice of x_patient_id.x_group, kept)
0 things are there already
"
        );
    }
}
