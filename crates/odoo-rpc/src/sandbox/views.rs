//! Form views: enough to tell a page that fits from one that does not.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, refused};
use crate::sandbox::orm::Vals;
use crate::sandbox::registry::Model;
use crate::wire::Value;

const VIEW: &str = "ir.ui.view";
const FIELDS: &str = "ir.model.fields";

/// An element of a view, and what it names.
struct Element {
    tag: String,
    name: Option<String>,
    expr: Option<String>,
}

impl Env<'_> {
    pub(super) fn view_vals(&mut self, mut vals: Vals, known: Option<i64>) -> Outcome<Vals> {
        let given = |vals: &Vals, field: &str| vals.get(field).cloned();
        let parent = given(&vals, "inherit_id").and_then(|value| value.as_int());
        let parent = parent.or_else(|| known.and_then(|id| self.int(VIEW, id, "inherit_id")));
        if known.is_none() {
            let mode = if parent.is_some() { "extension" } else { "primary" };
            vals.entry("mode".to_owned()).or_insert(Value::from(mode));
            let kind = parent.and_then(|parent| self.text(VIEW, parent, "type")).unwrap_or("form");
            vals.entry("type".to_owned()).or_insert(Value::from(kind));
        }
        let Some(arch) = vals.remove("arch").or_else(|| vals.get("arch_db").cloned()) else {
            return Ok(vals);
        };
        let text = arch.as_text().unwrap_or_default().to_owned();
        let model = vals.get("model").and_then(Value::as_text).map(str::to_owned);
        let model = model.or_else(|| known.and_then(|id| self.text(VIEW, id, "model")).map(str::to_owned));
        if let Some(model) = model {
            let model = self.model(&model)?;
            self.check_arch(&model, parent, &text)?;
        }
        vals.insert("arch_db".to_owned(), Value::Text(text));
        Ok(vals)
    }

    fn check_arch(&self, model: &Model, parent: Option<i64>, arch: &str) -> Outcome<()> {
        let Some(elements) = read(arch) else {
            return Err(refused("Error while parsing or validating view:\n\nInvalid view definition"));
        };
        let above =
            parent.and_then(|parent| self.text(VIEW, parent, "arch_db")).and_then(read).unwrap_or_default();
        for element in &elements {
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
        found.push(Element { tag, name: attribute("name"), expr: attribute("expr") });
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_view_that_is_not_well_formed_is_none() {
        assert!(read("<page><field name=\"ref\"/></page>").is_some_and(|found| found.len() == 2));
        assert!(read("<page>").is_none());
        assert!(read("<xpath expr=\"//notebook").is_none());
    }
}
