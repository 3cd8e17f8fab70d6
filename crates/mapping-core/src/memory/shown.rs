//! What fields of records in memory show of other records.

use crate::memory::destination::State;
use crate::name::{FieldName, ModelName};
use crate::schema::FieldKind;
use crate::value::Value;

/// How many fields that show others are gone through in turn, before they are taken for a circle.
const DEEPEST: usize = 16;

impl State {
    /// The value of a record's field: its own, or what it shows.
    pub(super) fn shown(&self, model: &ModelName, id: i64, field: &FieldName) -> Value {
        self.value(model, id, field, DEEPEST)
    }

    fn value(&self, model: &ModelName, id: i64, field: &FieldName, deep: usize) -> Value {
        match self.kind(model, field) {
            Some(FieldKind::LinkedFrom { model: from, by }) => {
                let records = self.models.get(from).map(|from| from.records.iter());
                let here = records
                    .into_iter()
                    .flatten()
                    .filter(|(_, (_, fields))| fields.value(by.as_str()).as_integer() == Some(id));
                Value::List(here.map(|(id, _)| Value::Integer(*id)).collect())
            }
            Some(FieldKind::Related { path, .. }) if deep > 0 => {
                self.followed(model, id, path.as_str(), deep - 1)
            }
            Some(FieldKind::Related { .. }) => Value::Null,
            _ => {
                let record = self.models.get(model).and_then(|model| model.records.get(&id));
                record.map(|(_, fields)| fields.value(field.as_str()).clone()).unwrap_or_default()
            }
        }
    }

    fn followed(&self, model: &ModelName, id: i64, path: &str, deep: usize) -> Value {
        let Some((link, rest)) = path.split_once('.') else {
            return self.value(model, id, &path.into(), deep);
        };
        let link = FieldName::from(link);
        let kind = self.kind(model, &link).map(FieldKind::shown);
        match (kind, self.value(model, id, &link, deep).as_integer()) {
            (Some(FieldKind::Link(to)), Some(id)) => self.followed(to, id, rest, deep),
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use crate::destination::{DestinationReader, LookupQuery};
    use crate::memory::destination::MemoryDestination;
    use crate::record::Fields;

    use super::*;

    #[test]
    fn lines_and_values_of_other_records_are_read_where_they_are_shown() {
        let crm = MemoryDestination::new()
            .model(
                "res.partner",
                [
                    ("name", FieldKind::Line),
                    ("x_visit_ids", FieldKind::linked_from("x_visit", "x_patient_id")),
                ],
            )
            .model(
                "x_visit",
                [
                    ("x_patient_id", FieldKind::Link("res.partner".into())),
                    ("x_patient_name", FieldKind::related("x_patient_id.name", FieldKind::Line)),
                    ("x_circle", FieldKind::related("x_patient_id.x_circle", FieldKind::Line)),
                ],
            )
            .model("res.partner", [("x_circle", FieldKind::related("x_self_id.x_circle", FieldKind::Line))])
            .model("res.partner", [("x_self_id", FieldKind::Link("res.partner".into()))])
            .record("res.partner", Fields::default().with("name", "Asha Rao").with("x_self_id", 1))
            .record("x_visit", Fields::default().with("x_patient_id", 1))
            .record("x_visit", Fields::default().with("x_patient_id", 7));
        let read = |model: &str, id: i64, field: &str| {
            let read = block_on(crm.read(&model.into(), &[id.into()], &[field.into()])).unwrap();
            read[0].as_ref().unwrap().value(field).clone()
        };
        assert_eq!(read("res.partner", 1, "x_visit_ids"), Value::List(vec![2.into()]));
        assert_eq!(read("x_visit", 2, "x_patient_name"), Value::from("Asha Rao"));
        assert_eq!(read("x_visit", 3, "x_patient_name"), Value::Null, "its link leads nowhere");
        assert_eq!(read("x_visit", 2, "x_circle"), Value::Null);

        let query = LookupQuery {
            model: "x_visit".into(),
            by: "x_patient_name".into(),
            within: Vec::new(),
            fold: false,
        };
        let found = block_on(crm.look_up(&query, &["Asha Rao".into()])).unwrap();
        assert_eq!(found, [vec![2.into()]], "a record is found by what it shows");
        let described = block_on(crm.describe(&"x_visit".into())).unwrap().unwrap();
        assert!(described.fields["x_patient_name"].readonly && !described.fields["x_patient_id"].readonly);
    }
}
