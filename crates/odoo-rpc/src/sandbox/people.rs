//! What `res.users` does: its contact, its groups, the invitation it sends.

use crate::sandbox::env::{ADMIN, Env};
use crate::sandbox::faults::{Outcome, refused};
use crate::sandbox::orm::Vals;
use crate::sandbox::python;
use crate::wire::Value;

const USERS: &str = "res.users";

impl Env<'_> {
    pub(super) fn user_vals(&self, mut vals: Vals) -> Outcome<Vals> {
        if !self.is_19() && !vals.contains_key("login") {
            return Err(refused(
                "('You cannot create a new user from here.\\n To create new user please go to configuration panel.', 70, 'Go to the configuration panel', None)",
            ));
        }
        let (groups, internal) = if self.is_19() {
            ("group_ids", &["group_user"] as &[&str])
        } else {
            (
                "groups_id",
                &["group_user", "group_partner_manager", "group_allow_export", "group_no_one"] as &[&str],
            )
        };
        if !vals.contains_key(groups) {
            let ids =
                internal.iter().filter_map(|group| self.record("base", group)).map(Value::Int).collect();
            vals.insert(groups.to_owned(), Value::Array(ids));
        }
        if !vals.contains_key("company_ids") {
            vals.insert("company_ids".to_owned(), Value::Array(vec![Value::Int(1)]));
        }
        let inactive = vals.get("active").is_some_and(|active| !python::truth(active));
        let email = vals.get("email").is_some_and(python::truth);
        if self.is_19() && inactive && email && !self.wants("no_reset_password") {
            return Err(refused("You cannot perform this action on an archived user."));
        }
        Ok(vals)
    }

    pub(super) fn users_made(&mut self, ids: &[i64]) -> Outcome<()> {
        let (portal, public) = (self.record("base", "group_portal"), self.record("base", "group_public"));
        for &id in ids {
            let groups = self.groups_of(id);
            let share = [portal, public].into_iter().flatten().any(|group| groups.contains(&group));
            self.db.store.set(USERS, id, "share", Some(Value::Bool(share)));
            let Some(partner) = self.partner_of(id) else { continue };
            let email = self.text("res.partner", partner, "email").is_some_and(|email| !email.is_empty());
            let quiet = self.wants("no_reset_password") || self.wants("import_file");
            if self.is_19() && email && !quiet {
                self.send_mail(None, &[partner], "Invitation")?;
            }
        }
        Ok(())
    }

    pub(super) fn users_go(&mut self, ids: &[i64]) -> Outcome<()> {
        if ids.contains(&ADMIN) || ids.contains(&1) {
            return Err(refused(if self.is_19() {
                "You cannot delete the admin user because it is utilized in various places (such as security configurations,...). Instead, archive it."
            } else {
                "You can not remove the admin user as it is used internally for resources created by Odoo (updates, module installation, ...)"
            }));
        }
        Ok(())
    }
}
