//! Models, fields, choices and pages: what is there, what is missing, what is in the way.

use std::collections::BTreeSet;

use mapping_core::error::Result;
use mapping_core::name::{FieldName, ModelName};
use mapping_core::receipt::Made;
use mapping_core::schema::{
    Conflict, FieldKind, FieldNeed, FieldUse, IfAbsent, MoreChoices, Needs, SchemaPlan,
};

use crate::client::Domain;
use crate::destination::bills;
use crate::destination::making::goes_along;
use crate::destination::model::{Field, Ttype};
use crate::destination::pages::Page;
use crate::destination::quiet::IDENTITY;
use crate::destination::shapes::{CURRENCY, OWN_CURRENCY};
use crate::destination::writer::OdooWriter;

impl OdooWriter {
    /// What is there, what is missing, and what is in the way. Every model that is written to gets a field for identities.
    pub(crate) async fn plan_schema(&self, needs: &Needs) -> Result<SchemaPlan> {
        let mut plan = SchemaPlan::default();
        for need in &needs.models {
            match self.model(&need.name).await?.is_some() {
                true => plan.there.push(Made::Model(need.name.clone())),
                false => plan.models.push(need.clone()),
            }
        }
        let identity =
            |model: &ModelName| FieldNeed::new(model.clone(), IDENTITY, FieldKind::Line, "Migration key");
        let mut fields: Vec<FieldNeed> = needs.models_written().map(identity).collect();
        fields.extend(self.keys_of_payments(needs));
        fields.extend(needs.fields.iter().cloned());
        self.add_currencies(&mut fields).await?;
        for need in &fields {
            self.plan_field(need, needs, &mut plan).await?;
        }
        plan.fields = self.in_order(plan.fields, needs);
        for used in &needs.uses {
            self.plan_use(used, &mut plan).await?;
        }
        for page in Page::all(&needs.fields) {
            self.known.forget_views(&page.model);
            let missing: Vec<_> = self.not_shown(&page).await?.into_iter().cloned().collect();
            if missing.is_empty() {
                let fields = page.fields.iter().map(|need| need.name.clone()).collect();
                plan.there.push(Made::View(page.model, fields));
            }
            plan.pages.extend(missing);
        }
        self.plan_bills(needs, &mut plan).await?;
        plan.calls = calls(&plan);
        Ok(plan)
    }

    /// Says of each amount in which field its currency stands, and adds that field where the model has none.
    async fn add_currencies(&self, fields: &mut Vec<FieldNeed>) -> Result<()> {
        let mut more: Vec<FieldNeed> = Vec::new();
        for at in 0..fields.len() {
            let need = &fields[at];
            if need.kind != FieldKind::Money {
                continue;
            }
            let known = self.model(&need.model).await?;
            let there = |name: &str| known.as_ref().is_some_and(|model| model.fields.contains_key(name));
            if there(need.name.as_str()) {
                continue;
            }
            let found = if there(OWN_CURRENCY) { OWN_CURRENCY } else { CURRENCY };
            let currency = need.currency.clone().unwrap_or_else(|| found.into());
            let mut both = fields.iter().chain(&more);
            let needed = both.any(|other| other.model == need.model && other.name == currency);
            if !needed && !there(currency.as_str()) {
                let kind = FieldKind::Link("res.currency".into());
                more.push(FieldNeed::new(need.model.clone(), currency.clone(), kind, "Currency"));
            }
            fields[at].currency = Some(currency);
        }
        // Before the amounts: a plan reads better so. Odoo makes them in one call.
        fields.splice(0..0, more);
        Ok(())
    }

    async fn plan_use(&self, used: &FieldUse, plan: &mut SchemaPlan) -> Result<()> {
        let model = self.model(&used.model).await?;
        if let Some(conflict) = bills::planned(used, model.is_some()) {
            plan.conflicts.extend(conflict);
            return Ok(());
        }
        let planned = plan.fields.iter().find(|need| need.model == used.model && need.name == used.field);
        let found = model.as_ref().and_then(|model| model.fields.get(&used.field));
        let shown = found.filter(|field| field.shows_others()).map(Field::kind);
        let not_written = planned.map(|need| &need.kind).or(shown.as_ref()).and_then(FieldKind::not_written);
        let planned = planned.is_some();
        let part = Made::Field(used.model.clone(), used.field.clone());
        let known = plan.there.contains(&part) || plan.choices.iter().any(|more| more.is_of(used));
        let conflicts = plan.conflicts.iter();
        let told = conflicts
            .filter(|other| other.model == used.model)
            .any(|other| other.field.as_ref() == Some(&used.field));
        let there = found.is_some();
        let conflict = |reason: &str| Conflict {
            model: used.model.clone(),
            field: Some(used.field.clone()),
            reason: reason.into(),
        };
        if let Some(reason) = not_written.filter(|_| !told) {
            plan.conflicts.push(conflict(&reason));
            return Ok(());
        }
        match used.if_absent {
            _ if planned || known || told => {}
            _ if there => plan.there.push(part),
            IfAbsent::Drop => plan.dropped.push(used.clone()),
            _ if model.is_none() && !plan.models.iter().any(|need| need.name == used.model) => {
                no_model(&used.model, plan);
            }
            _ => plan.conflicts.push(conflict(
                "there is no such field: leave it out of the mapping, or let the mapping make it",
            )),
        }
        Ok(())
    }

    async fn plan_field(&self, need: &FieldNeed, needs: &Needs, plan: &mut SchemaPlan) -> Result<()> {
        let conflict =
            |reason: String| Conflict { model: need.model.clone(), field: Some(need.name.clone()), reason };
        if Ttype::word(&need.kind).is_none() {
            plan.conflicts.push(conflict(format!("a field of kind '{}' cannot be made", need.kind)));
            return Ok(());
        }
        let found = self.model(&need.model).await?;
        let reason = match found.as_ref().map(|model| model.fields.get(&need.name)) {
            None if !needs.models.iter().any(|model| model.name == need.model) => {
                no_model(&need.model, plan);
                return Ok(());
            }
            None | Some(None) if !need.name.as_str().starts_with("x_") => {
                "a field that is to be made must have a name that begins with x_".to_owned()
            }
            None | Some(None) => {
                let unknown = self.unknown_currency(need, found.is_some()).await?;
                match unknown.or(self.obstacle(need, needs).await?) {
                    Some(reason) => reason,
                    None => {
                        plan.fields.push(need.clone());
                        return Ok(());
                    }
                }
            }
            Some(Some(field)) => {
                let kind = field.kind();
                let choices = need.kind.lacking_in(&kind);
                if !need.kind.is_served_by(&kind) {
                    format!("is of kind '{kind}' and should be of kind '{}': rename one of them", need.kind)
                } else if choices.is_empty() {
                    plan.there.push(Made::Field(need.model.clone(), need.name.clone()));
                    return Ok(());
                } else if self.is_manual(&need.model, &need.name).await? {
                    let (model, field) = (need.model.clone(), need.name.clone());
                    plan.choices.push(MoreChoices { model, field, choices });
                    return Ok(());
                } else {
                    let lacking: Vec<_> = choices.into_iter().map(|choice| choice.value).collect();
                    let lacking = lacking.join(", ");
                    format!("does not have the choices {lacking}, and is Odoo's own: map them to others")
                }
            }
        };
        plan.conflicts.push(conflict(reason));
        Ok(())
    }

    /// Why a field could not show what it is to show: one call for each model on the way that was not asked for yet.
    async fn obstacle(&self, need: &FieldNeed, needs: &Needs) -> Result<Option<String>> {
        loop {
            let mut unknown: Option<ModelName> = None;
            let obstacle = need.obstacle(|model, field| match self.known_model(model) {
                Some(_) => self.kind_of(model, field, needs),
                None => {
                    unknown = Some(model.clone());
                    None
                }
            });
            match unknown {
                Some(model) => drop(self.model(&model).await?),
                None => return Ok(obstacle),
            }
        }
    }

    /// Of what kind a field is that is there or needed.
    fn kind_of(&self, model: &ModelName, field: &FieldName, needs: &Needs) -> Option<FieldKind> {
        let known = self.known_model(model).flatten();
        let found = known.and_then(|known| known.fields.get(field).map(Field::kind));
        let needed = || needs.fields.iter().find(|need| need.model == *model && need.name == *field);
        found.or_else(|| needed().map(|need| need.kind.clone()))
    }

    /// The fields, each that shows others after those of them which it shows: Odoo 14 makes one after the other.
    fn in_order(&self, fields: Vec<FieldNeed>, needs: &Needs) -> Vec<FieldNeed> {
        let shown_by = |need: &FieldNeed| {
            let mut shown = BTreeSet::new();
            // It asks for each field on the way.
            let _ = need.obstacle(|model, field| {
                shown.insert((model.clone(), field.clone()));
                self.kind_of(model, field, needs)
            });
            shown
        };
        let shown: Vec<_> = fields.iter().map(shown_by).collect();
        let mut left: Vec<(FieldNeed, BTreeSet<(ModelName, FieldName)>)> =
            fields.into_iter().zip(shown).collect();
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let later: BTreeSet<(ModelName, FieldName)> = left
                .iter()
                .filter(|(need, _)| need.kind.shows_others())
                .map(|(need, _)| (need.model.clone(), need.name.clone()))
                .collect();
            let (now, then): (Vec<_>, Vec<_>) =
                left.into_iter().partition(|(_, shown)| shown.is_disjoint(&later));
            // Those that show each other are for Odoo to refuse.
            let (now, then) = if now.is_empty() { (then, now) } else { (now, then) };
            ordered.extend(now.into_iter().map(|(need, _)| need));
            left = then;
        }
        ordered
    }

    /// Why an amount could not have its currency in the field it names.
    async fn unknown_currency(&self, need: &FieldNeed, model_is_there: bool) -> Result<Option<String>> {
        let Some(currency) = need.currency.as_ref().filter(|_| need.kind == FieldKind::Money) else {
            return Ok(None);
        };
        let model = if model_is_there { self.model(&need.model).await? } else { None };
        let found = model.as_ref().and_then(|model| model.fields.get(currency));
        let link = FieldKind::Link("res.currency".into());
        if found.is_some_and(|field| field.kind() != link) {
            return Ok(Some(format!(
                "its currency is to stand in {currency}, which is no link to a currency"
            )));
        }
        let own = model.is_some_and(|model| model.fields.contains_key(OWN_CURRENCY));
        let by_name = if own { OWN_CURRENCY } else { CURRENCY };
        let fits = self.names_currencies() || currency.as_str() == by_name;
        Ok((!fits).then(|| {
            format!("Odoo before 17 takes its currency from {by_name} alone, and not from {currency}: leave `currency` out")
        }))
    }

    /// Whether a field was made by hand, or by a mapping, and not by an app.
    async fn is_manual(&self, model: &ModelName, name: &FieldName) -> Result<bool> {
        let domain = || {
            let of = Domain::field("model").eq(model.as_str()).and(Domain::field("name").eq(name.as_str()));
            of.and(Domain::field("state").eq("manual"))
        };
        Ok(!self.records(&"ir.model.fields".into(), domain, &["id"]).await?.is_empty())
    }
}

/// Tells once that a model is not there.
fn no_model(model: &ModelName, plan: &mut SchemaPlan) {
    let reason = "there is no such model: is its app installed?".to_owned();
    let conflict = Conflict { model: model.clone(), field: None, reason };
    if !plan.conflicts.contains(&conflict) {
        plan.conflicts.push(conflict);
    }
}

/// How many calls it takes to make what is missing, where all goes well.
fn calls(plan: &SchemaPlan) -> usize {
    let any = |there: bool, calls: usize| if there { calls } else { 0 };
    let later = plan.fields.iter().filter(|need| !goes_along(need, &plan.models)).count();
    let pages = Page::all(&plan.pages).len();
    // What their rows do not tell of them.
    let untold = |need: &&FieldNeed| match need.kind.shown() {
        FieldKind::Money => true,
        FieldKind::Choice(_) => need.kind.shows_others(),
        _ => false,
    };
    let untold = plan.fields.iter().filter(untold).map(|need| &need.model);
    let asked: BTreeSet<_> = untold.chain(plan.choices.iter().map(|more| &more.model)).collect();
    let changes = !plan.models.is_empty() || !plan.fields.is_empty() || !plan.choices.is_empty();
    // What was planned is not looked at again; what was made is read back, and then one contact is tried.
    any(!plan.models.is_empty(), if later > 0 { 2 } else { 4 })
        + any(later > 0, 2)
        + any(!plan.choices.is_empty(), 3)
        + asked.len()
        + any(pages > 0, pages + 1)
        + any(changes, 2)
}
