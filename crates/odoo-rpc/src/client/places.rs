//! The names of arguments that are given by their place.

/// What a method is called on, and the names of its arguments in order.
struct Method {
    name: &'static str,
    /// Whether its first place is that of the records.
    on_records: bool,
    names: &'static [&'static str],
}

const fn on_model(name: &'static str, names: &'static [&'static str]) -> Method {
    Method { name, on_records: false, names }
}

const fn on_records(name: &'static str, names: &'static [&'static str]) -> Method {
    Method { name, on_records: true, names }
}

/// The methods that every model has, with the names Odoo 19 gives their arguments (read from its own description, `/doc-bearer`).
const METHODS: &[Method] = &[
    on_model("create", &["vals_list"]),
    on_records("write", &["vals"]),
    on_records("unlink", &[]),
    on_records("read", &["fields", "load"]),
    on_model("search", &["domain", "offset", "limit", "order"]),
    on_model("search_read", &["domain", "fields", "offset", "limit", "order"]),
    on_model("search_count", &["domain", "limit"]),
    on_model("fields_get", &["allfields", "attributes"]),
    on_model("default_get", &["fields"]),
    on_model("load", &["fields", "data"]),
    on_model("name_search", &["name", "domain", "operator", "limit"]),
    on_model("name_create", &["name"]),
    on_model(
        "formatted_read_group",
        &["domain", "groupby", "aggregates", "having", "offset", "limit", "order"],
    ),
    on_model("web_search_read", &["domain", "specification", "offset", "limit", "order", "count_limit"]),
    on_model("get_views", &["views", "options"]),
    on_records("web_read", &["specification"]),
    on_records("web_save", &["vals", "specification", "next_id"]),
    on_records("web_save_multi", &["vals_list", "specification"]),
    on_records("has_access", &["operation"]),
    on_records("copy", &["default"]),
    on_records("export_data", &["fields_to_export"]),
    on_records("action_archive", &[]),
    on_records("action_unarchive", &[]),
];

/// The names of a method's places, `ids` first where it is called on records.
pub(crate) fn names(method: &str) -> Option<impl Iterator<Item = &'static str>> {
    let known = METHODS.iter().find(|known| known.name == method)?;
    Some(known.on_records.then_some("ids").into_iter().chain(known.names.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_first_place() {
        assert_eq!(names("write").unwrap().collect::<Vec<_>>(), ["ids", "vals"]);
        assert_eq!(names("create").unwrap().collect::<Vec<_>>(), ["vals_list"]);
        assert!(names("action_set_lost").is_none());
    }
}
