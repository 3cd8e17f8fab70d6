//! What a field that shows other records asks of them.

use crate::name::{FieldName, ModelName};
use crate::schema::{FieldKind, FieldNeed};

impl FieldNeed {
    /// Why it could not show what it is to show, given the kinds of the fields that are there or are to be made too; `None` where it
    /// could, and for a field that holds its values itself.
    ///
    /// # Example
    ///
    /// ```
    /// use mapping_core::schema::{FieldKind, FieldNeed};
    ///
    /// let visits = FieldKind::linked_from("x_visit", "x_patient_id");
    /// let need = FieldNeed::new("res.partner", "x_visit_ids", visits, "Visits");
    /// assert_eq!(need.obstacle(|_, _| Some(FieldKind::Link("res.partner".into()))), None);
    /// let reason = need.obstacle(|_, _| None).unwrap_or_default();
    /// assert_eq!(reason, "x_visit has no field x_patient_id that links to res.partner: let the mapping make it too");
    /// ```
    #[must_use]
    pub fn obstacle(
        &self,
        mut kind_of: impl FnMut(&ModelName, &FieldName) -> Option<FieldKind>,
    ) -> Option<String> {
        match &self.kind {
            FieldKind::LinkedFrom { model, by } => match kind_of(model, by) {
                Some(FieldKind::Link(to)) if to == self.model => None,
                Some(kind) => Some(format!(
                    "{by} of {model} is of kind '{kind}', and only a link to {} can lead here",
                    self.model
                )),
                None => Some(format!(
                    "{model} has no field {by} that links to {}: let the mapping make it too",
                    self.model
                )),
            },
            FieldKind::Related { path, kind, .. } => self.dead_end(path, kind, kind_of),
            _ => None,
        }
    }

    /// Why a path does not lead to a field of that kind.
    fn dead_end(
        &self,
        path: &FieldName,
        kind: &FieldKind,
        mut kind_of: impl FnMut(&ModelName, &FieldName) -> Option<FieldKind>,
    ) -> Option<String> {
        let Some((links, last)) = path.as_str().rsplit_once('.') else {
            return Some(format!(
                "{path} leads to no other record: a path goes over links, as x_patient_id.phone"
            ));
        };
        let unknown = |name: &str, model: &ModelName| {
            Some(format!("its path needs {name}, which {model} does not have"))
        };
        let itself = |name: &str, model: &ModelName| *model == self.model && name == self.name.as_str();
        let circle = || Some(format!("{path} leads back to {} itself", self.name));
        let mut model = self.model.clone();
        for name in links.split('.') {
            if itself(name, &model) {
                return circle();
            }
            let Some(found) = kind_of(&model, &name.into()) else { return unknown(name, &model) };
            let FieldKind::Link(to) = found.shown() else {
                return Some(format!(
                    "its path goes over {name} of {model}, which is of kind '{found}' and no link"
                ));
            };
            model = to.clone();
        }
        if itself(last, &model) {
            return circle();
        }
        let Some(found) = kind_of(&model, &last.into()) else { return unknown(last, &model) };
        let fits = kind.is_served_by(found.shown());
        (!fits).then(|| format!("{last} of {model} is of kind '{}' and not '{kind}'", found.shown()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(model: &ModelName, field: &FieldName) -> Option<FieldKind> {
        Some(match (model.as_str(), field.as_str()) {
            ("x_visit", "x_patient_id") => FieldKind::Link("res.partner".into()),
            ("x_visit", "x_phone") => FieldKind::related("x_patient_id.phone", FieldKind::Line),
            ("x_visit", "x_country_id") => {
                FieldKind::related("x_patient_id.country_id", FieldKind::Link("res.country".into()))
            }
            ("res.partner", "x_visit_id") => FieldKind::Link("x_visit".into()),
            ("res.partner", "country_id") => FieldKind::Link("res.country".into()),
            ("res.partner", "phone") | ("res.country", "code") => FieldKind::Line,
            _ => return None,
        })
    }

    fn obstacle(kind: FieldKind) -> Option<String> {
        FieldNeed::new("x_visit", "x_shown", kind, "Shown").obstacle(kind_of)
    }

    #[test]
    fn a_path_leads_over_links_to_a_field_of_its_kind() {
        for path in ["x_patient_id.phone", "x_patient_id.country_id.code", "x_country_id.code"] {
            assert_eq!(obstacle(FieldKind::related(path, FieldKind::Line)), None, "{path}");
        }
        for (path, told) in [
            ("x_phone", "leads to no other record"),
            ("x_shown.phone", "leads back to x_shown itself"),
            ("x_patient_id.x_visit_id.x_shown", "leads back to x_shown itself"),
            ("x_phone.code", "x_phone of x_visit, which is of kind 'line of x_patient_id.phone' and no link"),
            ("x_patient_id.fax", "needs fax, which res.partner does not have"),
            ("x_doctor_id.phone", "needs x_doctor_id, which x_visit does not have"),
            (
                "x_patient_id.country_id",
                "country_id of res.partner is of kind 'link to res.country' and not 'line'",
            ),
            ("x_patient_id..code", "needs , which"),
            ("", "leads to no other record"),
        ] {
            let reason = obstacle(FieldKind::related(path, FieldKind::Line)).unwrap();
            assert!(reason.contains(told), "{path}: {reason}");
        }
    }

    #[test]
    fn records_are_shown_where_their_link_leads() {
        let shown = |model: &str, by| {
            let kind = FieldKind::linked_from("x_visit", by);
            FieldNeed::new(model, "x_visit_ids", kind, "Visits").obstacle(kind_of)
        };
        assert_eq!(shown("res.partner", "x_patient_id"), None);
        for (model, by, told) in [
            (
                "res.country",
                "x_patient_id",
                "is of kind 'link to res.partner', and only a link to res.country",
            ),
            ("res.partner", "x_phone", "is of kind 'line of x_patient_id.phone'"),
            ("res.partner", "x_gone", "no field x_gone that links to res.partner"),
        ] {
            let reason = shown(model, by).unwrap();
            assert!(reason.contains(told), "{reason}");
        }
    }
}
