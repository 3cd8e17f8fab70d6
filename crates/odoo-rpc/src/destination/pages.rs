//! Pages of forms, on which fields are shown.

use std::fmt::Write as _;

use mapping_core::error::{Error, Result};
use mapping_core::name::ModelName;
use mapping_core::schema::FieldNeed;

use crate::client::{Domain, SearchOptions};
use crate::destination::error::core;
use crate::destination::look::id;
use crate::destination::writer::OdooWriter;

/// The pages that are added to a model's form, as one view.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) model: ModelName,
    /// The fields shown, each with the page it is on.
    pub(crate) fields: Vec<&'a FieldNeed>,
}

impl<'a> Page<'a> {
    /// The pages of a model, with no fields on them.
    pub(crate) fn of(model: &ModelName) -> Self {
        Self { model: model.clone(), fields: Vec::new() }
    }

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

    /// The name by which the view is found again.
    pub(crate) fn view_name(&self) -> String {
        format!("migration pages of {}", self.model)
    }
}

impl OdooWriter {
    /// The view that shows the pages, if it is there.
    pub(crate) async fn find_view(&self, page: &Page<'_>) -> Result<Option<i64>> {
        let named =
            || Domain::field("name").eq(page.view_name()).and(Domain::field("model").eq(page.model.as_str()));
        Ok(self.records(&"ir.ui.view".into(), named, &["id"]).await?.first().and_then(id))
    }

    /// The form that pages are added to: the one Odoo itself would open.
    pub(crate) async fn primary_form(&self, model: &ModelName) -> Result<i64> {
        let ask = || async {
            let forms = Domain::field("model").eq(model.as_str()).and(Domain::field("type").eq("form"));
            let primary =
                forms.and(Domain::field("inherit_id").eq(false)).and(Domain::field("active").eq(true));
            let first = SearchOptions::new().order("priority, id").limit(1);
            self.client.search("ir.ui.view", primary, first).await
        };
        let found = self.patience.repeat(ask).await.map_err(core)?;
        let none = || Error::config("there is no form to show fields on").at("model", model);
        found.first().copied().ok_or_else(none)
    }
}

/// The view: pages with their fields, in the order the fields were named. The same on Odoo 14 and 19.
pub(crate) fn arch(page: &Page<'_>) -> String {
    let mut titles: Vec<&str> = Vec::new();
    for title in page.fields.iter().filter_map(|field| field.page.as_deref()) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    let mut arch = String::from("<xpath expr=\"//notebook\" position=\"inside\">");
    for (number, title) in titles.into_iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(arch, "<page string=\"{}\" name=\"x_migration_{number}\"><group>", escaped(title));
        for field in page.fields.iter().filter(|field| field.page.as_deref() == Some(title)) {
            let _ = write!(arch, "<field name=\"{}\"/>", escaped(field.name.as_str()));
        }
        arch.push_str("</group></page>");
    }
    arch.push_str("</xpath>");
    arch
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
        let arch = arch(&pages[0]);
        assert!(arch.contains("<page string=\"One &amp; two\" name=\"x_migration_0\"><group><field name=\"x_a\"/><field name=\"x_c\"/>"));
    }
}
