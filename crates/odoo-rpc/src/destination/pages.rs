//! Pages of forms, on which fields are shown.

use std::fmt::Write as _;
use std::sync::Arc;

use mapping_core::error::Result;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::schema::FieldNeed;

use crate::client::record::{link, text};
use crate::client::{Domain, SearchOptions};
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::quiet::IDENTITY;
use crate::destination::writer::OdooWriter;
use crate::wire::{Struct, Value as Wire};

/// The pages that are added to a model's form, as one view.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) model: ModelName,
    /// The fields shown, each with the page it is on.
    pub(crate) fields: Vec<&'a FieldNeed>,
}

impl<'a> Page<'a> {
    /// One for each model that has a field to show.
    pub(crate) fn all(fields: &'a [FieldNeed]) -> Vec<Self> {
        let mut pages: Vec<Self> = Vec::new();
        for field in fields.iter().filter(|field| field.page.is_some()) {
            match pages.iter_mut().find(|page| page.model == field.model) {
                Some(page) => page.fields.push(field),
                None => pages.push(Self { model: field.model.clone(), fields: vec![field] }),
            }
        }
        pages
    }
}

/// The name by which such views are found again. A model's form may have several: each mapping adds what it misses.
fn view_name(model: &ModelName) -> String {
    format!("migration pages of {model}")
}

/// A view of ours, or a form that Odoo opens.
#[derive(Debug)]
pub(crate) struct View {
    id: i64,
    arch: String,
    is_ours: bool,
    is_form: bool,
}

impl OdooWriter {
    /// The view of ours that shows those fields, if it is there: asked anew, since an id that came back proves nothing.
    pub(crate) async fn find_view(&self, model: &ModelName, fields: &[FieldName]) -> Result<Option<i64>> {
        self.known.forget_views(model);
        let views = self.views(model).await?;
        let shows = |arch: &str| fields.iter().all(|field| is_shown(field, arch));
        Ok(views.iter().filter(|view| view.is_ours && shows(&view.arch)).map(|view| view.id).min())
    }

    /// Those of a page's fields that no view of ours shows.
    pub(crate) async fn not_shown<'a>(&self, page: &Page<'a>) -> Result<Vec<&'a FieldNeed>> {
        let views = self.views(&page.model).await?;
        let shown =
            |need: &FieldNeed| views.iter().any(|view| view.is_ours && is_shown(&need.name, &view.arch));
        Ok(page.fields.iter().copied().filter(|need| !shown(need)).collect())
    }

    /// A model's views of ours and its forms, these in the order in which Odoo prefers them: one call the first time.
    async fn views(&self, model: &ModelName) -> Result<Arc<[View]>> {
        if let Some(known) = self.known.views(model) {
            return Ok(known);
        }
        let ask = || async {
            let ours = Domain::field("name").eq(view_name(model));
            let forms = Domain::field("type").eq("form").and(Domain::field("inherit_id").eq(false));
            let wanted = Domain::field("model").eq(model.as_str()).and(ours.or(forms));
            let order = SearchOptions::new().order("priority, id");
            let fields = ["name", "type", "inherit_id", "active", "arch_db"];
            self.client.search_read("ir.ui.view", wanted, &fields, order).await
        };
        let found = self.patience.repeat(ask).await.map_err(core)?;
        let view = |row: &Struct| {
            let active = row.get("active").and_then(Wire::as_bool).unwrap_or_default();
            Some(View {
                id: id(row)?,
                arch: text(row, "arch_db").to_owned(),
                is_ours: text(row, "name") == view_name(model),
                is_form: active && text(row, "type") == "form" && link(row, "inherit_id").is_none(),
            })
        };
        let views: Arc<[View]> = found.iter().filter_map(view).collect();
        self.known.learn_views(model, views.clone());
        Ok(views)
    }

    /// What `create` of a view takes: an addition to the form that Odoo itself would open, or, where the model has none, as a new
    /// model has not, a form of its own.
    pub(crate) async fn view_of(&self, page: &Page<'_>) -> Result<Struct> {
        let view = Struct::new().with("name", view_name(&page.model)).with("model", page.model.as_str());
        Ok(match self.primary_form(&page.model).await? {
            Some((form, place)) => view.with("inherit_id", form).with("arch", addition(page, place)),
            None => {
                let known = self.model(&page.model).await?;
                let names = known.iter().flat_map(|model| model.fields.keys()).map(FieldName::as_str);
                let own = names.filter(|name| name.starts_with("x_") && *name != IDENTITY);
                let own: Vec<&str> = own
                    .filter(|name| !page.fields.iter().any(|field| field.name.as_str() == *name))
                    .collect();
                view.with("type", "form").with("arch", form(page, &own))
            }
        })
    }

    /// The form that pages are added to, and where: the first with pages already, or else the first.
    async fn primary_form(&self, model: &ModelName) -> Result<Option<(i64, Place)>> {
        let views = self.views(model).await?;
        let forms = views.iter().filter(|view| view.is_form);
        let forms = forms.map(|view| (view.id, Place::in_form(&view.arch)));
        // The first of the best: the order is kept.
        Ok(forms.min_by_key(|(_, place)| *place != Place::Notebook))
    }
}

/// Where in a form pages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Beside the pages that are there.
    Notebook,
    /// Below all else that is on its sheet.
    Sheet,
    /// At its end.
    Form,
}

impl Place {
    fn in_form(arch: &str) -> Self {
        match arch {
            arch if arch.contains("<notebook") => Self::Notebook,
            arch if arch.contains("<sheet") => Self::Sheet,
            _ => Self::Form,
        }
    }
}

/// Pages as an addition to a form. The same on Odoo 14 and 19.
fn addition(page: &Page<'_>, place: Place) -> String {
    let pages = pages(page);
    let (path, pages) = match place {
        Place::Notebook => ("//notebook", pages),
        Place::Sheet => ("//sheet", format!("<notebook>{pages}</notebook>")),
        Place::Form => ("/form", format!("<notebook>{pages}</notebook>")),
    };
    format!("<xpath expr=\"{path}\" position=\"inside\">{pages}</xpath>")
}

/// A form with those fields at its top, and the pages below.
fn form(page: &Page<'_>, top: &[&str]) -> String {
    let mut form = String::from("<form><sheet><group>");
    top.iter().for_each(|name| show(name, &mut form));
    form + "</group><notebook>" + &pages(page) + "</notebook></sheet></form>"
}

/// Pages with their fields, in the order the fields were named.
fn pages(page: &Page<'_>) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for title in page.fields.iter().filter_map(|field| field.page.as_deref()) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    let mut arch = String::new();
    for title in titles {
        let fields = || page.fields.iter().filter(|field| field.page.as_deref() == Some(title));
        // No two pages of a form may have one name.
        let name = fields().next().map(|field| field.name.as_str()).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ =
            write!(arch, "<page string=\"{}\" name=\"migration_{}\"><group>", escaped(title), escaped(name));
        for field in fields() {
            show(field.name.as_str(), &mut arch);
        }
        arch.push_str("</group></page>");
    }
    arch
}

fn show(field: &str, arch: &mut String) {
    let _ = write!(arch, "<field name=\"{}\"/>", escaped(field));
}

fn is_shown(field: &FieldName, arch: &str) -> bool {
    arch.contains(&format!("<field name=\"{}\"", escaped(field.as_str())))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use mapping_core::schema::FieldKind;

    use super::*;

    #[test]
    fn fields_stand_on_their_pages() {
        let need =
            |name: &str, page: &str| FieldNeed::new("res.partner", name, FieldKind::Line, name).on_page(page);
        let fields = [need("x_a", "One & two"), need("x_b", "Three"), need("x_c", "One & two")];
        let pages = Page::all(&fields);
        assert_eq!(pages.len(), 1);
        let arch = addition(&pages[0], Place::in_form("<form><notebook/></form>"));
        assert!(arch.starts_with("<xpath expr=\"//notebook\" position=\"inside\"><page "));
        assert!(arch.contains("<page string=\"One &amp; two\" name=\"migration_x_a\"><group><field name=\"x_a\"/><field name=\"x_c\"/>"));
    }

    #[test]
    fn a_form_without_pages_gets_a_place_for_them() {
        let need = FieldNeed::new("x_stage", "x_a", FieldKind::Line, "A").on_page("One");
        let fields = [need];
        let page = &Page::all(&fields)[0];
        for (arch, path) in [("<form><sheet/></form>", "//sheet"), ("<form/>", "/form")] {
            let addition = addition(page, Place::in_form(arch));
            assert!(addition.contains(&format!("expr=\"{path}\"")), "{addition}");
            assert!(addition.contains("<notebook><page "), "{addition}");
        }
        let own = form(page, &["x_name"]);
        assert!(own.contains("<group><field name=\"x_name\"/></group><notebook><page "), "{own}");
    }
}
