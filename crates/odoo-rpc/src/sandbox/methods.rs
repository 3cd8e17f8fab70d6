//! `execute_kw`: from a method's name and its arguments to what it does.

use std::sync::Arc;

use crate::sandbox::accounting;
use crate::sandbox::env::Env;
use crate::sandbox::faults::{self, Outcome, type_error, value_error};
use crate::sandbox::method::{Arguments, Method, bind, not_a_dict, on_model, on_records};
use crate::sandbox::orm::copy::name_and_email;
use crate::sandbox::orm::{Vals, vals_of};
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::spec::Kind;
use crate::sandbox::version::Like;
use crate::wire::{Struct, Value};

const METHODS: &[Method] = &[
    on_model("create", &["vals_list"], create),
    on_records("write", &["vals"], |env, model, args| env.write(model, &args.ids, args.vals("vals")?)),
    on_records("unlink", &[], |env, model, args| env.unlink(model, &args.ids)),
    on_records("read", &["fields=", "load="], read),
    on_model("search", &["args", "offset=", "limit=", "order=", "count="], search).until(16),
    on_model("search", &["domain", "offset=", "limit=", "order="], search).since(17),
    on_model("search_read", &["domain=", "fields=", "offset=", "limit=", "order=", "load="], search_read),
    on_model("search_count", &["args"], search_count).until(14),
    on_model("search_count", &["domain", "limit="], search_count).since(16),
    on_model("fields_get", &["allfields=", "attributes="], |env, model, args| {
        Ok(env.fields_get(model, &args.texts("allfields"), &args.texts("attributes")))
    }),
    on_model("default_get", &["fields_list"], |env, model, args| {
        Ok(env.default_get(model, &args.texts("fields_list")))
    }),
    on_model("name_search", &["name=", "args=", "operator=", "limit="], name_search).until(17),
    on_model("name_search", &["name=", "domain=", "operator=", "limit="], name_search).since(19),
    on_model("name_create", &["name"], |env, model, args| {
        let name = args.get("name");
        let mut vals = Vals::from([(model.rec_name.clone(), name.clone())]);
        if let ("res.partner", Some(text)) = (model.name.as_str(), name.as_text()) {
            let (name, email) = name_and_email(text);
            vals = Vals::from([("name".to_owned(), Value::Text(name))]);
            vals.extend(email.map(|email| ("email".to_owned(), Value::Text(email))));
        }
        let ids = env.create(model, vec![vals])?;
        let pair = env.names_of(model, &ids);
        Ok(pair.as_array().and_then(|pairs| pairs.first()).cloned().unwrap_or_default())
    }),
    on_records("copy", &["default="], |env, model, args| {
        let given = args.get("default");
        env.copy(model, &args.ids, given.as_struct().map(vals_of).unwrap_or_default())
    }),
    on_records("export_data", &["fields_to_export", "raw_data="], |env, model, args| {
        env.export_data(model, &args.ids, &args.texts("fields_to_export"))
    })
    .until(14),
    on_records("export_data", &["fields_to_export"], |env, model, args| {
        env.export_data(model, &args.ids, &args.texts("fields_to_export"))
    })
    .since(16),
    on_model(
        "read_group",
        &["domain", "fields", "groupby", "offset=", "limit=", "orderby=", "lazy="],
        |env, model, args| {
            let lazy = args.named.get("lazy").is_none_or(python::truth);
            env.read_group(model, &domain_of(args), &args.texts("fields"), &args.texts("groupby"), lazy)
        },
    ),
    on_model(
        "formatted_read_group",
        &["domain", "groupby=", "aggregates=", "having=", "offset=", "limit=", "order="],
        |env, model, args| {
            let (by, aggregates) = (args.texts("groupby"), args.texts("aggregates"));
            env.formatted_read_group(model, &domain_of(args), &by, &aggregates)
        },
    )
    .since(19),
    on_model(
        "web_search_read",
        &["domain=", "fields=", "offset=", "limit=", "order="],
        |env, model, args| {
            let fields = args.texts("fields");
            web_search_read(env, model, args, &fields)
        },
    )
    .until(16),
    on_model(
        "web_search_read",
        &["domain", "specification", "offset=", "limit=", "order=", "count_limit="],
        |env, model, args| {
            let fields = specified(args);
            web_search_read(env, model, args, &fields)
        },
    )
    .since(17),
    on_records("web_read", &["specification"], |env, model, args| {
        env.read(model, &args.ids, &specified(args), false)
    })
    .since(17),
    on_records("name_get", &[], |env, model, args| {
        let name = model.name.as_str();
        match args.ids.iter().find(|&&id| !env.db.store.contains(name, id)) {
            Some(&id) => Err(faults::missing(name, id, env.uid)),
            None => Ok(env.names_of(model, &args.ids)),
        }
    })
    .until(17),
    on_records("exists", &[], |env, model, args| {
        let ids = args.ids.iter().filter(|&&id| env.db.store.contains(model.name.as_str(), id));
        Ok(Value::Array(ids.copied().map(Value::Int).collect()))
    })
    .until(17),
    on_model("search_fetch", &["domain", "field_names", "offset=", "limit=", "order="], search)
        .since(17)
        .until(17),
    on_records("web_save", &["vals", "specification", "next_id="], web_save).since(17),
    on_records("web_save_multi", &["vals_list", "specification"], save_multi).since(19),
    on_model("check_access_rights", &["operation", "raise_exception="], |env, model, args| {
        let raise = args.named.get("raise_exception").is_none_or(python::truth);
        match env.check_right(model, right_of(&args.get("operation"))?) {
            Err(fault) if raise => Err(fault),
            // Odoo 19 answers nothing where it would have raised.
            Ok(()) if raise && env.is_19() => Ok(Value::Nil),
            outcome => Ok(Value::Bool(outcome.is_ok())),
        }
    }),
    on_records("has_access", &["operation"], |env, model, args| {
        let right = right_of(&args.get("operation"))?;
        Ok(Value::Bool(env.check_right(model, right).is_ok()))
    })
    .since(19),
    on_model("load", &["fields", "data"], |env, model, args| {
        env.load(model, &args.get("fields"), &args.get("data"))
    }),
    on_model("context_get", &[], |env, _, _| Ok(env.user_context().into()))
        .of(|model| model.name.as_str() == "res.users"),
    on_model("check_object_reference", &["module", "xml_id", "raise_on_access_error="], |env, _, args| {
        env.check_reference(args)
    })
    .of(|model| model.name.as_str() == "ir.model.data"),
    on_model("xmlid_to_res_model_res_id", &["xmlid", "raise_if_not_found="], |env, _, args| {
        env.reference_of(args)
    })
    .of(|model| model.name.as_str() == "ir.model.data")
    .until(14),
    on_records("action_archive", &[], |env, model, args| archive(env, model, args, false))
        .of(can_be_archived),
    on_records("action_unarchive", &[], |env, model, args| archive(env, model, args, true))
        .of(can_be_archived),
    on_records("action_set_lost", &["**"], |env, model, args| {
        env.leads_lost(model, &args.ids, vals_of(&args.named))
    })
    .of(|model| model.name.as_str() == "crm.lead"),
    on_records("action_set_won", &[], |env, model, args| env.leads_won(model, &args.ids))
        .of(|model| model.name.as_str() == "crm.lead"),
    on_records("action_feedback", &["feedback=", "attachment_ids="], |env, _, args| {
        env.activities_done(&args.ids, &args.get("feedback"))
    })
    .of(|model| model.name.as_str() == "mail.activity"),
    on_records(
        "activity_schedule",
        &["act_type_xmlid=", "date_deadline=", "summary=", "note=", "user_id=", "activity_type_id="],
        |env, model, args| env.schedule(model, args),
    )
    .of(|model| model.thread),
    on_records("message_post", &["**"], |env, model, args| env.post(model, &args.ids, &args.named))
        .of(|model| model.thread),
];

/// Whether a method's first argument is its records, and the names of the others in order.
pub(super) fn places(like: Like, method: &str) -> Option<(bool, &'static [&'static str])> {
    let known = method_of(like, method)?;
    Some((known.on_records, known.parameters))
}

/// The method that this version has under that name.
fn method_of(like: Like, name: &str) -> Option<&'static Method> {
    let major = like.major();
    let here = |known: &&Method| known.name == name && (known.versions.0..=known.versions.1).contains(&major);
    METHODS.iter().chain(accounting::METHODS).find(here)
}

impl Env<'_> {
    /// Calls a method.
    pub(super) fn call(
        &mut self,
        model: &str,
        method: &str,
        args: Vec<Value>,
        mut kwargs: Struct,
    ) -> Outcome {
        if let Some(Value::Struct(context)) = kwargs.get("context") {
            self.context = context.clone();
            kwargs = kwargs.into_iter().filter(|(name, _)| name.as_str() != "context").fold(
                Struct::new(),
                |all, (name, value)| {
                    let mut all = all;
                    all.push(name, value);
                    all
                },
            );
        }
        let known = self.model(model)?;
        if let Some(Value::Text(lang)) = self.context.get("lang").filter(|_| self.is_19())
            && lang != "en_US"
            && !lang.is_empty()
        {
            return Err(faults::refused(format!("Invalid language code: {lang}")));
        }
        let hidden = self.is_19() && matches!(method, "exists" | "search_fetch");
        if method.starts_with('_') || hidden {
            return Err(faults::private_method(self.like(), model, method));
        }
        let Some(found) = method_of(self.like(), method).filter(|found| (found.has)(&known)) else {
            return Err(faults::unknown_method(self.like(), model, method));
        };
        let arguments = bind(self.like(), &known, found, args, kwargs)?;
        (found.run)(self, &known, &arguments)
    }
}

fn create(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    match args.get("vals_list") {
        Value::Struct(members) => {
            let ids = env.create(model, vec![vals_of(&members)])?;
            Ok(ids.first().copied().map_or(Value::Bool(false), Value::Int))
        }
        Value::Array(values) => {
            let list: Outcome<Vec<Vals>> = values
                .iter()
                .map(|value| value.as_struct().map(vals_of).ok_or_else(|| not_a_dict(value)))
                .collect();
            let ids = env.create(model, list?)?;
            Ok(Value::Array(ids.into_iter().map(Value::Int).collect()))
        }
        // A text is a list of its letters, and a letter is no record.
        Value::Text(text) => Err(not_a_dict(&Value::Text(text))),
        other => {
            Err(type_error(format!("'{}' object is not iterable", crate::sandbox::values::type_name(&other))))
        }
    }
}

fn shows_names(args: &Arguments) -> bool {
    args.named.get("load").is_none_or(|load| load.as_text() == Some("_classic_read"))
}

fn read(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    env.read(model, &args.ids, &args.texts("fields"), shows_names(args))
}

fn domain_of(args: &Arguments) -> Value {
    let named = ["domain", "args"].iter().find_map(|name| args.named.get(name));
    named.cloned().unwrap_or(Value::Array(Vec::new()))
}

fn search(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    let domain = domain_of(args);
    if args.named.get("count").is_some_and(python::truth) {
        return search_count(env, model, args);
    }
    let page = env.page(&args.get("offset"), &args.get("limit"), &args.get("order"))?;
    let ids = env.search(model, &domain, &page)?;
    Ok(Value::Array(ids.into_iter().map(Value::Int).collect()))
}

fn search_read(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    let page = env.page(&args.get("offset"), &args.get("limit"), &args.get("order"))?;
    let ids = env.search(model, &domain_of(args), &page)?;
    env.read(model, &ids, &args.texts("fields"), shows_names(args))
}

fn search_count(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    let count = i64::try_from(env.count(model, &domain_of(args))?).unwrap_or(i64::MAX);
    let limit = args.get("limit").as_int().filter(|&limit| limit > 0);
    Ok(Value::Int(limit.map_or(count, |limit| count.min(limit))))
}

fn name_search(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    let name = args.get("name");
    let operator = args.get("operator");
    let limit = args.get("limit").as_int().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let name = name.as_text().unwrap_or_default();
    env.name_search(model, name, &domain_of(args), operator.as_text().unwrap_or("ilike"), limit)
}

/// Changes records, or makes one where none is named.
fn web_save(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    let vals = args.vals("vals")?;
    let saved = if args.ids.is_empty() {
        env.create(model, vec![vals])?
    } else {
        env.write(model, &args.ids, vals)?;
        args.ids.clone()
    };
    let shown = args.get("next_id").as_int().map_or(saved, |next| vec![next]);
    env.read(model, &shown, &specified(args), false)
}

fn save_multi(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments) -> Outcome {
    let list = args.get("vals_list");
    let list = list.as_array().unwrap_or_default();
    if list.len() != args.ids.len() {
        return Err(value_error("Each record must have a corresponding vals entry."));
    }
    for (&id, vals) in args.ids.iter().zip(list) {
        let vals = vals.as_struct().map(vals_of).ok_or_else(|| not_a_dict(vals))?;
        env.write(model, &[id], vals)?;
    }
    env.read(model, &args.ids, &specified(args), false)
}

/// The fields a specification names.
fn specified(args: &Arguments) -> Vec<String> {
    let members = args.named.get("specification").and_then(Value::as_struct);
    let fields: Vec<String> =
        members.map(|fields| fields.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default();
    if fields.is_empty() { vec!["id".to_owned()] } else { fields }
}

/// A page of records, and how many there are in all.
fn web_search_read(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments, fields: &[String]) -> Outcome {
    let page = env.page(&args.get("offset"), &args.get("limit"), &args.get("order"))?;
    let domain = domain_of(args);
    let ids = env.search(model, &domain, &page)?;
    let length = i64::try_from(env.count(model, &domain)?).unwrap_or(i64::MAX);
    let records = env.read(model, &ids, fields, env.like().major() < 17)?;
    Ok(Value::Struct(Struct::new().with("length", length).with("records", records)))
}

fn right_of(operation: &Value) -> Outcome<faults::Right> {
    match operation.as_text() {
        Some("read") => Ok(faults::Right::Read),
        Some("write") => Ok(faults::Right::Write),
        Some("create") => Ok(faults::Right::Create),
        Some("unlink") => Ok(faults::Right::Unlink),
        _ => Err(value_error("Invalid access mode")),
    }
}

fn can_be_archived(model: &Model) -> bool {
    model.field("active").is_some_and(|field| field.kind == Kind::Boolean)
}

/// Answers nothing, which cannot be marshalled: a fault that means done.
fn archive(env: &mut Env<'_>, model: &Arc<Model>, args: &Arguments, active: bool) -> Outcome {
    env.write(model, &args.ids, Vals::from([("active".to_owned(), Value::Bool(active))]))?;
    Ok(Value::Nil)
}
