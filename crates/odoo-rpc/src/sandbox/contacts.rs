//! What `res.partner` does: normalised addresses, names shown, and the address a contact shares with its parent.

use std::sync::Arc;

use crate::sandbox::env::Env;
use crate::sandbox::faults::{Outcome, constraint, refused};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::sandbox::registry::Model;
use crate::sandbox::store::Row;
use crate::sandbox::version::Like;
use crate::wire::Value;

const PARTNER: &str = "res.partner";
const ADDRESS: &[&str] = &["street", "street2", "zip", "city", "state_id", "country_id"];

impl Env<'_> {
    /// What a caller's values become before they are stored.
    pub(super) fn partner_vals(&self, mut vals: Vals) -> Vals {
        // Where both are given, company_type wins.
        if let Some(kind) = vals.remove("company_type") {
            vals.insert("is_company".to_owned(), Value::Bool(kind.as_text() == Some("company")));
        }
        if let Some(Value::Text(site)) = vals.get("website")
            && !site.is_empty()
            && !site.contains("://")
        {
            let site = format!("http://{site}");
            vals.insert("website".to_owned(), Value::Text(site));
        }
        vals
    }

    pub(super) fn partner_changes(&self, ids: &[i64], vals: Vals) -> Outcome<Vals> {
        if vals.get("active").is_some_and(|active| !python::truth(active)) && self.sudo == 0 {
            for &id in ids {
                if let Some(user) = self.active_user_of(id) {
                    return Err(self.has_user("archive", user));
                }
            }
        }
        Ok(self.partner_vals(vals))
    }

    fn active_user_of(&self, partner: i64) -> Option<i64> {
        self.lines("res.users", "partner_id", partner)
            .into_iter()
            .find(|&user| self.flag("res.users", user, "active"))
    }

    fn has_user(&self, verb: &str, user: i64) -> crate::wire::Fault {
        if !self.is_19() {
            return refused("You cannot archive a contact linked to an internal user.");
        }
        let partner = self.partner_of(user).unwrap_or(0);
        let name = self.text(PARTNER, partner, "name").unwrap_or_default();
        let advice = match verb {
            "archive" => "You first need to archive their associated user.",
            _ => "You should rather archive them after archiving their associated user.",
        };
        refused(format!(
            "('You cannot {verb} contacts linked to an active user.\\n{advice}\\n\\nLinked active users : {name}', {{'type': 'ir.actions.act_window', 'res_model': 'res.users', 'context': {{'create': False}}, 'view_mode': 'form', 'views': [[167, 'form']], 'res_id': {user}}}, 'Go to users', None)"
        ))
    }

    /// Contacts of active users stay. On 14 the foreign key says so.
    pub(super) fn partners_go(&self, ids: &[i64]) -> Outcome<()> {
        let user = ids.iter().find_map(|&id| self.active_user_of(id));
        match user {
            Some(user) if self.is_19() => Err(self.has_user("delete", user)),
            _ => Ok(()),
        }
    }

    pub(super) fn check_partner(&self, id: i64, row: &Row) -> Outcome<()> {
        if !row.contains_key("name") && row.get("type").and_then(Value::as_text) == Some("contact") {
            let message = "Contacts require a name";
            return Err(constraint(self.like(), "res_partner_check_name", message, self.wants("lang")));
        }
        let mut above = row.get("parent_id").and_then(Value::as_int);
        let mut steps = 0;
        while let Some(parent) = above {
            steps += 1;
            if parent == id || steps > 100 {
                return Err(refused("You cannot create recursive Partner hierarchies."));
            }
            above = self.int(PARTNER, parent, "parent_id");
        }
        Ok(())
    }

    pub(super) fn recompute_partner(&mut self, id: i64) {
        let company = self.flag(PARTNER, id, "is_company");
        let parent = self.int(PARTNER, id, "parent_id").filter(|&parent| parent != id);
        let entity = match parent {
            Some(parent) if !company => self.int(PARTNER, parent, "commercial_partner_id").unwrap_or(parent),
            _ => id,
        };
        let email = self.text(PARTNER, id, "email").and_then(|email| normalized(self.like(), email));
        let phone = self.text(PARTNER, id, "phone").map(str::to_owned);
        let model = self.db.registry.model(PARTNER).cloned();
        let shown = model.and_then(|model| self.shown_name(&model, id));
        let shown_field = if self.at_least(17) { "complete_name" } else { "display_name" };
        let phone = phone.filter(|phone| !phone.is_empty());
        self.db.store.set_all(
            PARTNER,
            id,
            vec![
                ("commercial_partner_id", Some(Value::Int(entity))),
                ("email_normalized", email.map(Value::Text)),
                ("phone_sanitized", phone.map(Value::Text)),
                (shown_field, shown.map(Value::Text)),
            ],
        );
    }

    pub(super) fn partners_made(&mut self, ids: &[i64]) -> Outcome<()> {
        for &id in ids {
            let Some(parent) = self.int(PARTNER, id, "parent_id") else { continue };
            self.take_from_parent(id, parent);
            let children = self.lines(PARTNER, "parent_id", parent);
            if children.len() == 1 && !self.has_address(parent) && self.is_contact(id) {
                self.copy_address(id, &[parent], ADDRESS);
            }
        }
        Ok(())
    }

    pub(super) fn partners_changed(&mut self, before: &[(i64, Arc<Row>)], vals: &Vals) -> Outcome<()> {
        let touched: Vec<&str> = ADDRESS.iter().copied().filter(|field| vals.contains_key(*field)).collect();
        for (id, row) in before {
            let id = *id;
            let parent = self.int(PARTNER, id, "parent_id");
            if let Some(parent) =
                parent.filter(|_| vals.contains_key("parent_id") || vals.contains_key("type"))
            {
                self.take_from_parent(id, parent);
            }
            if !touched.is_empty() {
                // Odoo 19 carries a contact's new address up to its parent, and from there to its siblings.
                let top = parent.filter(|_| self.is_19() && self.is_contact(id));
                if let Some(parent) = top {
                    self.copy_address(id, &[parent], &touched);
                }
                self.spread_address(top.unwrap_or(id), &touched);
            }
            if vals.contains_key("vat") {
                self.spread_vat(id, 0);
            }
            self.tell_leads(id, row);
            if row.get("name") != self.db.store.value(PARTNER, id, "name") || vals.contains_key("is_company")
            {
                self.recompute_children(id);
            }
        }
        Ok(())
    }

    fn is_contact(&self, id: i64) -> bool {
        self.text(PARTNER, id, "type") == Some("contact")
    }

    fn has_address(&self, id: i64) -> bool {
        ADDRESS.iter().any(|field| self.db.store.value(PARTNER, id, field).is_some_and(python::truth))
    }

    /// A contact takes its parent's address, if that has any, and its commercial fields.
    fn take_from_parent(&mut self, id: i64, parent: i64) {
        if self.is_contact(id) && self.has_address(parent) {
            self.copy_address(parent, &[id], ADDRESS);
        }
        let entity = self.int(PARTNER, id, "commercial_partner_id").filter(|&entity| entity != id);
        if let Some(entity) = entity {
            let vat = self.db.store.value(PARTNER, entity, "vat").cloned();
            self.db.store.set(PARTNER, id, "vat", vat);
        }
    }

    fn copy_address(&mut self, from: i64, to: &[i64], fields: &[&str]) {
        for field in fields {
            let value = self.db.store.value(PARTNER, from, field).cloned();
            for &id in to {
                self.db.store.set(PARTNER, id, field, value.clone());
            }
        }
    }

    fn spread_address(&mut self, id: i64, fields: &[&str]) {
        let contacts: Vec<i64> = self
            .lines(PARTNER, "parent_id", id)
            .into_iter()
            .filter(|&child| self.is_contact(child))
            .collect();
        self.copy_address(id, &contacts, fields);
    }

    fn spread_vat(&mut self, id: i64, depth: usize) {
        if depth > 100 {
            return;
        }
        for child in self.lines(PARTNER, "parent_id", id) {
            if !self.flag(PARTNER, child, "is_company") {
                let vat = self.db.store.value(PARTNER, id, "vat").cloned();
                self.db.store.set(PARTNER, child, "vat", vat);
                self.spread_vat(child, depth + 1);
            }
        }
    }

    fn recompute_children(&mut self, id: i64) {
        for child in self.lines(PARTNER, "parent_id", id) {
            self.recompute_partner(child);
        }
    }

    /// Sends for a contact what follows from its salesperson.
    pub(super) fn salesperson(&self, model: &Model, id: i64) -> Option<i64> {
        model.field("user_id").and_then(|_| self.int(model.name.as_str(), id, "user_id"))
    }
}

/// The address in lower case: of a list the first on Odoo 19, none on 14.
pub(super) fn normalized(like: Like, text: &str) -> Option<String> {
    let mut found = text.split([',', ';', ' ', '<', '>', '\n']).filter(|part| is_address(part));
    let first = found.next()?.to_lowercase();
    match like {
        Like::Odoo14 | Like::Odoo16 | Like::Odoo17 if found.next().is_some() => None,
        _ => Some(first),
    }
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_of_a_list_counts_on_19_alone() {
        let list = "Co@example.org; b@example.org";
        assert_eq!(normalized(Like::Odoo19, list).as_deref(), Some("co@example.org"));
        assert_eq!(normalized(Like::Odoo14, list), None);
        assert_eq!(normalized(Like::Odoo14, "Asha <Asha@Example.org>").as_deref(), Some("asha@example.org"));
        assert_eq!(normalized(Like::Odoo19, "notanemail"), None);
    }
}
