//! What `crm.lead` does: what it takes from its customer, and what it writes back to it. Measured on Odoo 14 and 19.

use std::sync::Arc;

use crate::sandbox::contacts::normalized;
use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, constraint, refused};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::store::Row;
use crate::wire::Value;

const LEAD: &str = "crm.lead";
const PARTNER: &str = "res.partner";
const STAGE: &str = "crm.stage";
const ADDRESS: &[&str] = &["street", "street2", "zip", "city", "state_id", "country_id"];
/// Each field of a lead, and that of the customer it is one with.
const SHARED: [(&str, &str); 2] = [("email_from", "email"), ("phone", "phone")];

impl Env<'_> {
    /// What a new lead's values become: the defaults that follow from its user, its stage and its customer.
    pub(super) fn lead_vals(&mut self, model: &Arc<Model>, mut vals: Vals) -> Outcome<Vals> {
        clean_website(&mut vals);
        self.add_defaults(model, &mut vals);
        let user = vals.get("user_id").and_then(Value::as_int);
        let now = Value::from(self.now.get(..19).unwrap_or(&self.now));
        if let Some(partner) = vals.get("partner_id").and_then(Value::as_int) {
            self.take_from_customer(&mut vals, partner);
        }
        if user.is_some() && !vals.contains_key("team_id") {
            vals.extend(self.default_team().map(|team| ("team_id".to_owned(), Value::Int(team))));
        }
        if !vals.contains_key("stage_id") {
            vals.extend(self.first_stage().map(|stage| ("stage_id".to_owned(), Value::Int(stage))));
        }
        if !vals.contains_key("company_id") && user.is_some() {
            vals.insert("company_id".to_owned(), Value::Int(1));
        }
        // Before 17 the date given is lost: the assignment is now.
        if !self.at_least(17) || !vals.contains_key("date_open") {
            vals.insert(
                "date_open".to_owned(),
                if user.is_some() { now.clone() } else { Value::Bool(false) },
            );
        }
        vals.entry("date_last_stage_update".to_owned()).or_insert_with(|| now.clone());
        let won = vals.get("stage_id").and_then(Value::as_int).is_some_and(|stage| self.is_won(stage));
        if won {
            vals.insert("automated_probability".to_owned(), Value::Double(100.0));
            vals.entry("probability".to_owned()).or_insert(Value::Double(100.0));
            if self.is_19() && !vals.get("date_closed").is_some_and(python::truth) {
                vals.insert("date_closed".to_owned(), now);
            }
        }
        Ok(vals)
    }

    /// What a lead has from its customer where nothing is given.
    fn take_from_customer(&self, vals: &mut Vals, partner: i64) {
        let of = |field: &str| {
            self.db.store.value(PARTNER, partner, field).filter(|value| python::truth(value)).cloned()
        };
        let mut set = |field: &str, value: Option<Value>| {
            if let (false, Some(value)) = (vals.contains_key(field), value) {
                vals.insert(field.to_owned(), value);
            }
        };
        let company = self.flag(PARTNER, partner, "is_company");
        let above = self.int(PARTNER, partner, "parent_id");
        let above = above.and_then(|above| self.text(PARTNER, above, "name")).map(Value::from);
        let own_company = of("company_name").filter(|_| self.at_least(19));
        set("contact_name", of("name").filter(|_| !company));
        set("partner_name", above.or_else(|| of("name").filter(|_| company)).or(own_company));
        for field in ["function", "website", "title", "mobile"] {
            set(field, of(field));
        }
        if ADDRESS.iter().any(|field| of(field).is_some()) {
            for field in ADDRESS {
                set(field, Some(of(field).unwrap_or_default()));
            }
        }
        for (field, theirs) in SHARED {
            set(field, of(theirs));
        }
        if self.at_least(19) && of("lang").is_some() {
            set("lang_id", Some(Value::Int(1)));
        }
    }

    /// The team of whoever is in none.
    fn default_team(&self) -> Option<i64> {
        self.record("sales_team", "team_sales_department")
            .filter(|&team| self.db.store.contains("crm.team", team))
    }

    /// The first stage that is not folded and belongs to no team.
    fn first_stage(&self) -> Option<i64> {
        let stages = self.db.store.rows_from(STAGE, 0).filter(|(_, row)| {
            row.get("fold") != Some(&Value::Bool(true))
                && !row.contains_key("team_id")
                && !row.contains_key("team_ids")
        });
        let place = |row: &Row| row.get("sequence").and_then(Value::as_int).unwrap_or(0);
        stages.map(|(id, row)| (place(row), id)).min().map(|(_, id)| id)
    }

    fn is_won(&self, stage: i64) -> bool {
        self.flag(STAGE, stage, "is_won")
    }

    /// What a change of leads changes beside what was asked.
    pub(super) fn lead_changes(&mut self, ids: &[i64], mut vals: Vals) -> Outcome<Vals> {
        clean_website(&mut vals);
        let now = Value::from(self.now.get(..19).unwrap_or(&self.now));
        let differs = |env: &Self, field: &str| {
            let wanted = vals.get(field).filter(|value| python::truth(value));
            ids.iter().any(|&id| env.db.store.value(LEAD, id, field) != wanted)
        };
        let moved = vals.contains_key("stage_id") && differs(self, "stage_id");
        let reassigned = vals.contains_key("user_id") && differs(self, "user_id");
        let stage = vals.get("stage_id").and_then(Value::as_int);
        let won = moved && stage.is_some_and(|stage| self.is_won(stage));
        let number = |vals: &Vals, field: &str| {
            vals.get(field).and_then(|value| crate::sandbox::values::float(value).ok()).unwrap_or(0.0)
        };
        if moved {
            vals.insert("date_last_stage_update".to_owned(), now.clone());
        }
        if won {
            vals.insert("probability".to_owned(), Value::Double(100.0));
            vals.insert("automated_probability".to_owned(), Value::Double(100.0));
            if self.at_least(19) {
                vals.insert("active".to_owned(), Value::Bool(true));
            }
        }
        if vals.contains_key("user_id") {
            let assigned = vals.get("user_id").is_some_and(python::truth);
            match assigned {
                false => drop(vals.insert("date_open".to_owned(), Value::Bool(false))),
                true if reassigned => drop(vals.insert("date_open".to_owned(), now.clone())),
                true => {}
            }
        }
        let archived = vals.get("active").is_some_and(|active| !python::truth(active));
        let probability = vals.contains_key("probability").then(|| number(&vals, "probability"));
        if probability.is_some_and(|probability| probability >= 100.0) || archived {
            vals.insert("date_closed".to_owned(), now);
        } else if self.at_least(19) {
            if probability.is_some_and(|probability| probability > 0.0)
                || (moved && !won && probability.is_none())
            {
                vals.insert("date_closed".to_owned(), Value::Bool(false));
            }
        } else if probability.is_some() {
            vals.insert("date_closed".to_owned(), Value::Bool(false));
        }
        if let Some(partner) = vals.get("partner_id").and_then(Value::as_int) {
            self.take_from_customer(&mut vals, partner);
        }
        Ok(vals)
    }

    /// Writes e-mail and phone back to the customers of leads that were given some.
    pub(super) fn leads_changed(&mut self, ids: &[i64], given: &dyn Fn(&str) -> bool) -> Outcome<()> {
        for &id in ids {
            let Some(partner) = self.int(LEAD, id, "partner_id") else { continue };
            for (field, theirs) in SHARED {
                if !given(field) {
                    continue;
                }
                let own = self.db.store.value(LEAD, id, field).cloned();
                let known = self.db.store.value(PARTNER, partner, theirs).cloned();
                // Up to 17 an empty one erases the customer's; 19 compares what is normalised, and writes no empty one.
                let empty = !own.as_ref().is_some_and(python::truth);
                if own == known || (self.at_least(19) && (empty || self.same_address(&own, &known))) {
                    continue;
                }
                let model = self.model(PARTNER)?;
                let vals = Vals::from([(theirs.to_owned(), own.unwrap_or(Value::Bool(false)))]);
                self.as_server(|env| env.write(&model, &[partner], vals))?;
            }
        }
        Ok(())
    }

    fn same_address(&self, one: &Option<Value>, other: &Option<Value>) -> bool {
        let plain = |value: &Option<Value>| {
            let text = value.as_ref().and_then(Value::as_text)?;
            Some(normalized(self.like(), text).unwrap_or_else(|| text.to_owned()))
        };
        plain(one) == plain(other)
    }

    /// A customer's new e-mail or phone is that of all its leads.
    pub(super) fn tell_leads(&mut self, partner: i64, before: &Row) {
        for (field, theirs) in SHARED {
            let value = self.db.store.value(PARTNER, partner, theirs).cloned();
            let Some(value) = value.filter(|value| before.get(theirs) != Some(value) && python::truth(value))
            else {
                continue;
            };
            for lead in self.lines(LEAD, "partner_id", partner) {
                self.db.store.set(LEAD, lead, field, Some(value.clone()));
                self.recompute_lead(lead);
            }
        }
    }

    pub(super) fn recompute_lead(&mut self, id: i64) {
        let number = |field: &str| match self.db.store.value(LEAD, id, field) {
            Some(Value::Double(number)) => *number,
            _ => 0.0,
        };
        let (probability, revenue) = (number("probability"), number("expected_revenue"));
        let won = self.int(LEAD, id, "stage_id").is_some_and(|stage| self.is_won(stage));
        let status = match (won && probability >= 100.0, self.flag(LEAD, id, "active")) {
            (true, _) => "won",
            (false, false) if probability == 0.0 => "lost",
            _ => "pending",
        };
        let prorated = (revenue * probability).round() / 100.0;
        let email = self.text(LEAD, id, "email_from").map(str::to_owned);
        let known = email.as_deref().and_then(|email| normalized(self.like(), email));
        let state = email
            .filter(|email| !email.is_empty())
            .map(|_| Value::from(if known.is_some() { "correct" } else { "incorrect" }));
        let phone = self.text(LEAD, id, "phone").filter(|phone| !phone.is_empty()).map(Value::from);
        let mut values = vec![
            ("prorated_revenue", Some(Value::Double(prorated))),
            ("email_normalized", known.map(Value::Text)),
            ("email_state", state),
            ("phone_sanitized", phone),
            ("probability", Some(Value::Double(probability))),
            ("automated_probability", Some(Value::Double(number("automated_probability")))),
        ];
        if self.at_least(19) {
            values.push(("won_status", Some(Value::from(status))));
        }
        self.db.store.set_all(LEAD, id, values);
    }

    /// What the pipeline of up to 17 shows of a lead's next activity.
    pub(super) fn kanban_state(&self, id: i64) -> &'static str {
        const ACTIVITY: &str = "mail.activity";
        let own = |line: &i64| self.text(ACTIVITY, *line, "res_model") == Some(LEAD);
        let lines = self.lines(ACTIVITY, "res_id", id).into_iter().filter(own);
        let open =
            lines.filter(|&line| self.db.store.value(ACTIVITY, line, "active") != Some(&Value::Bool(false)));
        match open.filter_map(|line| self.text(ACTIVITY, line, "date_deadline")).min() {
            None => "grey",
            Some(day) if day < self.today() => "red",
            Some(_) => "green",
        }
    }

    pub(super) fn check_lead(&self, row: &Row) -> Outcome<()> {
        let probability = match row.get("probability") {
            Some(Value::Double(number)) => *number,
            _ => 0.0,
        };
        if !(0.0..=100.0).contains(&probability) {
            let message = "The probability of closing the deal should be between 0% and 100%!";
            return Err(constraint(self.like(), "crm_lead_check_probability", message, self.wants("lang")));
        }
        let won = row.get("stage_id").and_then(Value::as_int).is_some_and(|stage| self.is_won(stage));
        if self.at_least(19) && won && probability < 100.0 {
            return Err(refused("A lead in a Won stage cannot be lost. Move it to another stage first."));
        }
        Ok(())
    }

    /// Marks leads as lost. Answers nothing, which cannot be written down: a fault that means done.
    pub(super) fn leads_lost(&mut self, model: &Arc<Model>, ids: &[i64], more: Vals) -> Outcome {
        let mut vals = more;
        vals.insert("active".to_owned(), Value::Bool(false));
        vals.insert("probability".to_owned(), Value::Double(0.0));
        vals.insert("automated_probability".to_owned(), Value::Double(0.0));
        self.write(model, ids, vals)?;
        if !self.is_19() {
            // Writing the probability empties what archiving has set.
            for &id in ids {
                self.db.store.set(LEAD, id, "date_closed", None);
            }
        }
        Ok(Value::Nil)
    }

    /// Moves leads to the stage that is won.
    pub(super) fn leads_won(&mut self, model: &Arc<Model>, ids: &[i64]) -> Outcome {
        let stages = self.db.store.rows_from(STAGE, 0);
        let won =
            stages.filter(|(_, row)| row.get("is_won") == Some(&Value::Bool(true))).map(|(id, _)| id).next();
        let mut vals = Vals::from([
            ("active".to_owned(), Value::Bool(true)),
            ("probability".to_owned(), Value::Double(100.0)),
        ]);
        vals.extend(won.map(|stage| ("stage_id".to_owned(), Value::Int(stage))));
        self.write(model, ids, vals)
    }

    /// From 16 on a name that is taken gets a number: `Walk-in [2]`.
    pub(super) fn utm_vals(&mut self, model: &Model, mut vals: Vals) -> Vals {
        if !self.at_least(16) {
            return vals;
        }
        if model.field("title").is_some() {
            let text =
                |vals: &Vals, field: &str| vals.get(field).filter(|value| python::truth(value)).cloned();
            if let (None, Some(name)) = (text(&vals, "title"), text(&vals, "name")) {
                vals.insert("title".to_owned(), name);
            } else if let (Some(title), None) = (text(&vals, "title"), text(&vals, "name")) {
                vals.insert("name".to_owned(), title);
            }
        }
        let Some(name) = vals.get("name").and_then(Value::as_text).filter(|name| !name.is_empty()) else {
            return vals;
        };
        let taken = |wanted: &str| {
            let key = crate::sandbox::store::Key::Text(wanted.to_owned());
            self.db.store.indexed(model.name.as_str(), "name", &key).is_some_and(|ids| !ids.is_empty())
        };
        let stem = stem(name);
        let mut free = name.to_owned();
        let mut number = 1;
        while taken(&free) {
            number += 1;
            free = format!("{stem} [{number}]");
        }
        vals.insert("name".to_owned(), Value::Text(free));
        vals
    }
}

/// A name without the number it was given.
fn stem(name: &str) -> &str {
    let numbered = name.strip_suffix(']').and_then(|rest| rest.rsplit_once(" ["));
    match numbered {
        Some((stem, number)) if number.bytes().all(|letter| letter.is_ascii_digit()) => stem,
        _ => name,
    }
}

fn clean_website(vals: &mut Vals) {
    if let Some(Value::Text(site)) = vals.get("website")
        && !site.is_empty()
        && !site.contains("://")
    {
        let site = format!("http://{site}");
        vals.insert("website".to_owned(), Value::Text(site));
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_names_number_is_no_part_of_it() {
        assert_eq!(stem("Walk-in [2]"), "Walk-in");
        assert_eq!(stem("Walk-in [two]"), "Walk-in [two]");
        assert_eq!(stem("Walk-in"), "Walk-in");
    }
}
