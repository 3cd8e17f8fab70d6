//! Values as the cells of Odoo's `load`, which takes text alone.

use crate::client::{Call, Client, EncodedCall};
use crate::destination::model::{Field, Ttype};
use crate::error::Result;
use crate::wire::Value as Wire;

/// The name of a field's column. A link is given by database id.
pub(crate) fn column(name: &str, field: &Field) -> String {
    match field.ttype {
        Ttype::Many2one(_) | Ttype::X2many(_) => format!("{name}/.id"),
        _ => name.to_owned(),
    }
}

/// A value of a field, as it would be sent to `create`, as a cell that stores the same; `None` where there is none (measured on 14
/// and 19).
///
/// - An empty cell empties the field, so an empty text cannot be given: it would be stored as none.
/// - Dates and times are read in the time zone of the context.
/// - A choice is found by its value or its label, whichever comes first, on 17 and later whatever the case.
pub(crate) fn cell(field: &Field, value: &Wire) -> Option<String> {
    Some(match (&field.ttype, value) {
        (Ttype::Boolean, Wire::Bool(truth)) => if *truth { "1" } else { "0" }.to_owned(),
        (Ttype::Binary | Ttype::Other(_), _) => return None,
        (_, value) if value.is_unset() => String::new(),
        (Ttype::Selection(choices), Wire::Text(text)) => {
            let folded = text.to_lowercase();
            let is = |(value, label): &&(String, String)| {
                value.to_lowercase() == folded || label.to_lowercase() == folded
            };
            let found = choices.iter().find(is)?;
            (found.0 == *text).then(|| text.clone())?
        }
        (_, Wire::Text(text)) => (!text.is_empty()).then(|| text.clone())?,
        (_, Wire::Int(number)) => number.to_string(),
        (_, Wire::Double(number)) => number.to_string(),
        (Ttype::X2many(_), Wire::Array(commands)) => {
            let [Wire::Array(command)] = commands.as_slice() else { return None };
            let ids: Option<Vec<String>> =
                command.get(2)?.as_array()?.iter().map(|id| id.as_int().map(|id| id.to_string())).collect();
            ids?.join(",")
        }
        _ => return None,
    })
}

/// A call of `load`.
///
/// # Errors
///
/// A cell cannot be encoded.
pub(crate) fn load(
    client: &Client,
    model: &str,
    columns: &[String],
    rows: &[Vec<String>],
) -> Result<EncodedCall> {
    let texts = |texts: &[String]| Wire::Array(texts.iter().map(|text| text.as_str().into()).collect());
    let rows = Wire::Array(rows.iter().map(|row| texts(row)).collect());
    client.encode(Call::new(model, "load").arg("fields", texts(columns)).arg("data", rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::destination::model::Model;
    use crate::wire::Struct;

    fn field(ttype: &str) -> Field {
        let about = Struct::new().with("type", ttype).with("relation", "res.users");
        let choice = |value: &str, label: &str| Wire::Array(vec![value.into(), label.into()]);
        let about = about.with("selection", vec![choice("a", "B"), choice("b", "C")]);
        Model::parse(&Struct::new().with("f", about)).fields.pop_first().unwrap().1
    }

    #[test]
    fn a_value_becomes_a_cell_that_stores_the_same() {
        let links = vec![Wire::Array(vec![6.into(), 0.into(), vec![Wire::Int(3), Wire::Int(4)].into()])];
        for (ttype, value, expected) in [
            ("char", Wire::from("50 % of 'it'"), Some("50 % of 'it'")),
            ("char", Wire::Bool(false), Some("")),
            ("char", "".into(), None),
            ("boolean", true.into(), Some("1")),
            ("boolean", false.into(), Some("0")),
            ("integer", (-7).into(), Some("-7")),
            ("float", Wire::Double(0.1), Some("0.1")),
            ("float", Wire::Double(12.0), Some("12")),
            ("selection", "a".into(), Some("a")),
            // It would be taken for the label of the first.
            ("selection", "b".into(), None),
            ("many2one", 3.into(), Some("3")),
            ("many2one", Wire::Bool(false), Some("")),
            ("many2many", links.into(), Some("3,4")),
            ("binary", "eA==".into(), None),
        ] {
            assert_eq!(cell(&field(ttype), &value).as_deref(), expected, "{ttype} {value:?}");
        }
        assert_eq!(column("user_id", &field("many2one")), "user_id/.id");
    }
}
