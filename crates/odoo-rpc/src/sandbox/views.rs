//! Form views: enough to tell a page that fits from one that does not.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, refused, value_error};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::version::Like;
use crate::wire::Value;

const VIEW: &str = "ir.ui.view";
const FIELDS: &str = "ir.model.fields";

/// An element of a view, and what it names.
struct Element {
    tag: String,
    name: Option<String>,
    expr: Option<String>,
    /// Whether it has `attrs` or `states`.
    dated: bool,
    /// The values of `invisible`, `readonly` and `required`.
    modifiers: Vec<String>,
}

impl Env<'_> {
    pub(super) fn view_vals(&mut self, mut vals: Vals, known: Option<i64>) -> Outcome<Vals> {
        let given = |vals: &Vals, field: &str| vals.get(field).cloned();
        let parent = given(&vals, "inherit_id").and_then(|value| value.as_int());
        let parent = parent.or_else(|| known.and_then(|id| self.int(VIEW, id, "inherit_id")));
        if known.is_none() {
            let mode = if parent.is_some() { "extension" } else { "primary" };
            vals.entry("mode".to_owned()).or_insert(Value::from(mode));
            let above = parent.and_then(|parent| self.text(VIEW, parent, "type")).map(str::to_owned);
            if !vals.get("type").is_some_and(python::truth) {
                let kind = above.map_or_else(|| self.kind_of_root(&vals), Ok)?;
                vals.insert("type".to_owned(), Value::Text(kind));
            }
        }
        let Some(arch) = vals.remove("arch").or_else(|| vals.get("arch_db").cloned()) else {
            return Ok(vals);
        };
        let text = arch.as_text().unwrap_or_default().to_owned();
        let model = vals.get("model").and_then(Value::as_text).map(str::to_owned);
        let model = model.or_else(|| known.and_then(|id| self.text(VIEW, id, "model")).map(str::to_owned));
        if let Some(model) = model {
            let model = self.model(&model)?;
            let name = vals.get("name").and_then(Value::as_text);
            let name = name.or_else(|| known.and_then(|id| self.text(VIEW, id, "name"))).unwrap_or_default();
            self.check_arch(&model, parent, name, &text)?;
        }
        vals.insert("arch_db".to_owned(), Value::Text(text));
        Ok(vals)
    }

    /// The kind that a view of its own has by its root. Up to 17 one that does not exist is found out as it is stored.
    fn kind_of_root(&self, vals: &Vals) -> Outcome<String> {
        let arch = ["arch", "arch_db"].iter().find_map(|field| vals.get(*field)?.as_text());
        let root = arch.and_then(read).and_then(|elements| elements.into_iter().next());
        let Some(root) = root else { return Ok("form".to_owned()) };
        let choices = self.model(VIEW)?.field("type").map(|field| field.choices.clone()).unwrap_or_default();
        let known: Vec<&str> = choices.iter().map(|(value, _)| value.as_str()).collect();
        if self.is_19() && !known.contains(&root.tag.as_str()) {
            let (tag, known) = (&root.tag, known.join(", "));
            return Err(refused(format!(
                "Invalid view type: '{tag}'.\nYou might have used an invalid starting tag in the architecture.\nAllowed types are: {known}"
            )));
        }
        Ok(root.tag)
    }

    /// What became of an element's attributes with the versions.
    fn check_attributes(&self, view: &str, element: &Element) -> Outcome<()> {
        if self.at_least(17) {
            return match element.dated {
                true => Err(refused(format!(
                    "Since 17.0, the \"attrs\" and \"states\" attributes are no longer used.\nView: {view} in False"
                ))),
                false => Ok(()),
            };
        }
        // Before 17 these are Python, and no field is known to it.
        let Some((text, name)) = element.modifiers.iter().find_map(|text| Some((text, free_name(text)?)))
        else {
            return Ok(());
        };
        let why = format!("<class 'NameError'>: \"name '{name}' is not defined\" while evaluating\n'{text}'");
        Err(match self.like() {
            Like::Odoo14 => refused(format!("Error while validating view:\n\n{why}")),
            _ => value_error(why),
        })
    }

    fn check_arch(&self, model: &Model, parent: Option<i64>, view: &str, arch: &str) -> Outcome<()> {
        let Some(elements) = read(arch) else {
            return Err(refused("Error while parsing or validating view:\n\nInvalid view definition"));
        };
        let above =
            parent.and_then(|parent| self.text(VIEW, parent, "arch_db")).and_then(read).unwrap_or_default();
        for element in &elements {
            self.check_attributes(view, element)?;
            if let Some(expr) = element.expr.as_ref().filter(|_| element.tag == "xpath") {
                let last = expr.rsplit('/').next().unwrap_or_default();
                let tag = last.split('[').next().unwrap_or_default();
                if parent.is_some() && !above.iter().any(|known| known.tag == tag) {
                    return Err(refused(format!(
                        "Error while parsing or validating view:\n\nElement '<xpath expr=\"{expr}\">' cannot be located in parent view"
                    )));
                }
            }
            if let Some(name) = element.name.as_ref().filter(|_| element.tag == "field")
                && model.field(name).is_none()
            {
                return Err(refused(format!(
                    "Error while validating view near:\n\n{}\n\nField \"{name}\" does not exist in model \"{}\"",
                    "<form>",
                    model.name.as_str()
                )));
            }
        }
        Ok(())
    }

    /// A field that a view shows can be neither renamed nor deleted.
    pub(super) fn check_views(&self, field: i64) -> Outcome<()> {
        let (Some(model), Some(name)) = (self.text(FIELDS, field, "model"), self.text(FIELDS, field, "name"))
        else {
            return Ok(());
        };
        for (_, row) in self.db.store.rows_from(VIEW, 0) {
            let text = |field: &str| row.get(field).and_then(Value::as_text);
            if text("model") != Some(model) {
                continue;
            }
            let elements = text("arch_db").and_then(read).unwrap_or_default();
            if elements.iter().any(|element| element.tag == "field" && element.name.as_deref() == Some(name))
            {
                let view = text("name").unwrap_or_default();
                return Err(refused(format!(
                    "Cannot rename/delete fields that are still present in views:\nFields: {model}.{name}\nView: {view}"
                )));
            }
        }
        Ok(())
    }
}

/// The elements of a view, or nothing where it is not well-formed.
fn read(arch: &str) -> Option<Vec<Element>> {
    let mut reader = Reader::from_str(arch);
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    loop {
        let event = reader.read_event().ok()?;
        let start = match &event {
            Event::Eof => return (depth == 0).then_some(found),
            Event::Start(start) => {
                depth += 1;
                start
            }
            Event::Empty(start) => start,
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                continue;
            }
            _ => continue,
        };
        let attribute = |name: &str| {
            let value = start.try_get_attribute(name).ok()??;
            Some(value.value.into_owned())
        };
        let tag = start.name().as_ref().to_owned();
        found.push(Element {
            tag,
            name: attribute("name"),
            expr: attribute("expr"),
            dated: ["attrs", "states"].iter().any(|name| attribute(name).is_some()),
            modifiers: ["invisible", "readonly", "required"].into_iter().filter_map(attribute).collect(),
        });
    }
}

/// The first name of an expression that Python does not know. What asks the context is taken to be right.
fn free_name(text: &str) -> Option<&str> {
    if text.contains("context") {
        return None;
    }
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let known = ["", "and", "False", "in", "is", "None", "not", "or", "True"];
    words.into_iter().find(|word| !known.contains(word) && !word.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{free_name, read};

    #[test]
    fn a_field_in_an_expression_is_a_free_name() {
        assert_eq!(free_name("not name"), Some("name"));
        assert_eq!(free_name("1"), None);
        assert_eq!(free_name("not context.get('a')"), None);
        assert_eq!(free_name("True"), None);
    }

    #[test]
    fn a_view_that_is_not_well_formed_is_none() {
        assert!(read("<page><field name=\"ref\"/></page>").is_some_and(|found| found.len() == 2));
        assert!(read("<page>").is_none());
        assert!(read("<xpath expr=\"//notebook").is_none());
    }
}
