//! What an export holds that is told instead of moved: rules, reminders, workflows, templates, reports, settings, and unknown tables.
//!
//! What each is rebuilt with in Odoo stands here too, as data like the mapping: only who knows a product knows what its tables mean.

use std::collections::BTreeMap;

use mapping_core::error::Result;
use mapping_core::export::Export;
use mapping_core::key::Origin;
use mapping_core::reference::{Item, ItemKind, NotExported, NotMoved, Reference};
use mapping_core::table::{Column, Row, RowKind, Table, TableOptions, fold};

use crate::sheet::Sheet;
use crate::survey::Survey;
use crate::tables;
use crate::text;

/// A table of what is rebuilt by hand.
struct Told {
    /// Its names, folded.
    names: &'static [&'static str],
    kind: ItemKind,
    hint: &'static str,
}

const AUTOMATION: &str =
    "an automation rule (base.automation; Community and Enterprise; Settings > Technical, in developer mode)";
const STEPS: &str = "an activity plan on the contact (Odoo 17 and later) for what people do, automation rules (base.automation) for what happens by itself; Community and Enterprise";
const REMINDER: &str = "an automation rule with a trigger on a date field, so long before or after it, that sends an e-mail or an SMS (base.automation; Community and Enterprise). Appointments are activities on the contact here; their time is x_studio_appointment_time. Switch it on after the migration, or old appointments are reminded of";
const TEMPLATE: &str =
    "an e-mail template (mail.template) or an SMS template (sms.template); Community and Enterprise";
const WHATSAPP: &str = "a template or an account of the WhatsApp app, which is Enterprise alone and needs an account with Meta; with Community an e-mail or an SMS in its place";
const PRESCRIBING: &str = "nothing in Odoo does this: it has no e-prescribing. Keep it as a document, and go on prescribing with a product that is made for it";
const REPORT: &str = "a pivot or graph view of contacts, activities or invoices, kept as a favourite (Community and Enterprise); a spreadsheet of one's own needs Enterprise";
const SETTING: &str = "set it by hand, if Odoo has the like, under Settings";

static TOLD: [Told; 9] = [
    Told {
        names: &["rules", "rule", "automations", "automation", "automationrules", "notificationrules"],
        kind: ItemKind::Rule,
        hint: AUTOMATION,
    },
    Told {
        names: &["workflows", "workflow", "campaignlogic", "campaignrules", "sequences"],
        kind: ItemKind::Workflow,
        hint: STEPS,
    },
    Told {
        names: &["reminders", "reminder", "reminderrules", "appointmentreminders", "recalls", "recallrules"],
        kind: ItemKind::Reminder,
        hint: REMINDER,
    },
    Told {
        names: &["templates", "messagetemplates", "emailtemplates", "smstemplates"],
        kind: ItemKind::Template,
        hint: TEMPLATE,
    },
    Told { names: &["whatsapptemplates"], kind: ItemKind::Template, hint: WHATSAPP },
    Told {
        names: &["eprescribingtemplates", "prescribingtemplates", "prescriptiontemplates"],
        kind: ItemKind::Template,
        hint: PRESCRIBING,
    },
    Told {
        names: &["eprescribing", "eprescribingrules", "prescribingrules", "prescriptionrules"],
        kind: ItemKind::Rule,
        hint: PRESCRIBING,
    },
    Told {
        names: &["reports", "report", "savedreports", "reportdefinitions"],
        kind: ItemKind::Report,
        hint: REPORT,
    },
    Told { names: &["settings", "setting", "configuration"], kind: ItemKind::Setting, hint: SETTING },
];

static WHATSAPP_SETTINGS: Told =
    Told { names: &["whatsappsettings", "whatsapp"], kind: ItemKind::Setting, hint: WHATSAPP };

/// The usual columns of such a table. Whatever else it has is kept by its header.
const COLUMNS: [(&str, &[&str]); 5] = [
    (
        "name",
        &[
            "Name",
            "Title",
            "Rule Name",
            "Reminder Name",
            "Workflow Name",
            "Automation Name",
            "Template Name",
            "Report Name",
            "Setting Name",
            "Rule",
            "Reminder",
            "Workflow",
            "Automation",
            "Template",
            "Report",
            "Setting",
            "Key",
        ],
    ),
    ("trigger", &["Trigger", "When", "Event", "If", "Condition", "Conditions", "Timing", "Send Before"]),
    ("action", &["Action", "Actions", "Then", "Steps", "Does"]),
    ("active", &["Active", "Enabled", "Is Active", "On", "Status"]),
    ("metrics", &["Metrics", "Measures", "Figures", "KPIs", "Columns", "Fields"]),
];

/// So many rows of a table are told one by one; such tables have a few dozen.
const LISTED: usize = 10_000;

/// All that is told instead of moved.
pub(crate) fn of(mut reference: Reference, files: &Export, found: &Survey) -> Result<Reference> {
    let mut whatsapp: Vec<&str> = Vec::new();
    for names in files.tables() {
        let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
        let read = |name: &&str| tables::by_name(name).is_some_and(|kind| found.reads(kind));
        if names.iter().any(read) {
            continue;
        }
        let told = TOLD
            .iter()
            .chain([&WHATSAPP_SETTINGS])
            .find(|told| folded.iter().any(|name| told.names.contains(&name.as_str())));
        if folded.iter().any(|name| name.contains("whatsapp")) {
            whatsapp.push("a table about WhatsApp");
        }
        table(&mut reference, files, &names, told)?;
    }
    if reference.items.iter().any(is_by_whatsapp) {
        whatsapp.push("what is sent by WhatsApp");
    }
    if found.campaigns.as_ref().map(touches_by_whatsapp).transpose()?.unwrap_or(false) {
        whatsapp.push("campaigns by WhatsApp");
    }
    if !found.chats.is_empty() {
        whatsapp.push("chats of other kinds");
    }
    if !whatsapp.is_empty() {
        whatsapp.dedup();
        reference.not_exported.push(NotExported::new(
            "WhatsApp chats",
            format!(
                "Pulse exports no WhatsApp chat, so none of them is moved; this export has {}",
                whatsapp.join(", ")
            ),
            "export each chat that is needed on the phone that has it (in WhatsApp: Export chat, without media), and put it into the \
             folder Messages of the export, named after the patient's id, as P-0012.txt; the next run attaches it to the patient",
        ));
    }
    Ok(reference)
}

/// A table that no reader takes: item by item where it is known what it tells, else as a whole.
fn table(
    reference: &mut Reference,
    files: &Export,
    names: &[&str],
    told: Option<&'static Told>,
) -> Result<()> {
    let columns: Vec<Column> = match told {
        Some(_) => {
            COLUMNS.iter().map(|(name, headers)| Column::new(*name, headers.iter().copied())).collect()
        }
        None => Vec::new(),
    };
    let named = names.first().copied().unwrap_or_default();
    // Under headers that are all unknown its rows still tell something.
    let table = match open(files, names, &columns).or_else(|_| open(files, names, &[])) {
        Ok(Some(table)) => table,
        Ok(None) => return Ok(()),
        // Nobody needs it for the migration: that it cannot be read is said, and stops nothing.
        Err(error) => {
            let why = format!("the table cannot be read: {}; look into it by hand", error.message());
            reference.not_moved.push(NotMoved::new(named, why));
            return Ok(());
        }
    };
    let Some(told) = told else {
        let rows = data(&table)?.try_fold(0_u64, |count, row| row.map(|_| count + 1))?;
        let why = "no table that is known here; see whether it is needed, and enter it by hand";
        let unknown = NotMoved::new(table.file().clone(), why);
        reference.not_moved.push(unknown.counted(rows, table.headers().iter().cloned()));
        return Ok(());
    };
    let mut beyond = 0;
    for (number, row) in data(&table)?.enumerate() {
        let row = row?;
        match number < LISTED {
            true => reference.items.push(item(told, &table, &row)),
            false => beyond += 1,
        }
    }
    if beyond > 0 {
        let rest = NotMoved::new(table.file().clone(), format!("only its first {LISTED} rows are listed"));
        reference.not_moved.push(rest.counted(beyond, table.headers().iter().cloned()));
    }
    Ok(())
}

/// Opens a table by whichever of its names no other table has.
fn open(files: &Export, names: &[&str], columns: &[Column]) -> Result<Option<Table>> {
    let options = TableOptions::default();
    let mut opened = Ok(None);
    for name in names {
        opened = files.table(name, &options, columns);
        if opened.is_ok() {
            break;
        }
    }
    opened
}

fn data(table: &Table) -> Result<impl Iterator<Item = Result<Row>>> {
    Ok(table.rows()?.filter(|row| !row.as_ref().is_ok_and(|row| row.kind != RowKind::Data)))
}

fn item(told: &Told, table: &Table, row: &Row) -> Item {
    let place = |field: &str| table.position(field);
    let said = |field: &str| {
        Some(row.cell(place(field)?).trim()).filter(|cell| !cell.is_empty() && !text::is_placeholder(cell))
    };
    let first = || row.cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty());
    let name = said("name").or_else(first).unwrap_or_default();
    let mut item = Item::new(told.kind, name, Origin::new(table.file().clone(), row.line), told.hint);
    item.trigger = said("trigger").map(str::to_owned);
    item.action = said("action").map(str::to_owned);
    item.active = said("active").and_then(switched);
    item.metrics = said("metrics").map(metrics).unwrap_or_default();
    let taken = |at: usize| {
        ["name", "trigger", "action", "metrics"].into_iter().any(|field| place(field) == Some(at))
            || (place("active") == Some(at) && item.active.is_some())
    };
    let mut detail = BTreeMap::new();
    for (at, cell) in row.cells.iter().enumerate() {
        let cell = cell.trim();
        if cell.is_empty() || taken(at) {
            continue;
        }
        let header = table.headers().get(at).cloned().unwrap_or_else(|| format!("column {}", at + 1));
        // A setting's name is in another cell than its value.
        let secret = is_secret(&header) || (told.kind == ItemKind::Setting && is_secret(name));
        let cell = if secret { "(a secret, which is not written here)" } else { cell };
        detail.insert(header, cell.to_owned());
    }
    if told.kind == ItemKind::Setting && is_secret(name) {
        (item.trigger, item.action) = (None, None);
    }
    item.detail = detail;
    if is_by_whatsapp(&item) {
        item.hint = WHATSAPP.into();
    }
    item
}

/// Whether a cell says that something is on.
fn switched(cell: &str) -> Option<bool> {
    match fold(cell).as_str() {
        "yes" | "y" | "true" | "1" | "on" | "active" | "enabled" => Some(true),
        "no" | "n" | "false" | "0" | "off" | "inactive" | "disabled" => Some(false),
        _ => None,
    }
}

fn metrics(cell: &str) -> Vec<String> {
    let parts = cell.split([',', ';', '|', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Whether what stands under a name opens something. What is told here is printed, and lies in a file.
fn is_secret(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "password",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "accesskey",
        "privatekey",
        "authkey",
        "credential",
    ];
    let name = fold(name);
    WORDS.iter().any(|word| name.contains(word))
}

fn is_whatsapp(text: &str) -> bool {
    fold(text).contains("whatsapp")
}

fn is_by_whatsapp(item: &Item) -> bool {
    let said = [&item.trigger, &item.action].into_iter().flatten().chain(item.detail.values());
    is_whatsapp(&item.name) || said.map(String::as_str).any(is_whatsapp)
}

fn touches_by_whatsapp(campaigns: &Sheet) -> Result<bool> {
    for row in campaigns.rows()? {
        let row = row?;
        if row.kind == RowKind::Data && campaigns.said(&row, "channel").is_some_and(is_whatsapp) {
            return Ok(true);
        }
    }
    Ok(false)
}
