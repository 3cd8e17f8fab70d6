//! The schema of a destination in memory.

use jiff::Timestamp;

use crate::error::Result;
use crate::memory::destination::{Model, State, no_field, no_model};
use crate::name::{FieldName, ModelName};
use crate::receipt::{DestinationId, Made, SchemaIntent, SchemaReceipt};
use crate::schema::{Conflict, FieldInfo, FieldKind, IfAbsent, MoreChoices, Needs, SchemaPlan};

impl State {
    pub(super) fn plan(&self, needs: &Needs) -> SchemaPlan {
        let mut plan = SchemaPlan::default();
        for need in &needs.models {
            match self.models.contains_key(&need.name) {
                true => plan.there.push(Made::Model(need.name.clone())),
                false => plan.models.push(need.clone()),
            }
        }
        let kind_of = |model: &ModelName, field: &FieldName| {
            let needed = || needs.fields.iter().find(|need| need.model == *model && need.name == *field);
            self.kind(model, field).or_else(|| needed().map(|need| &need.kind)).cloned()
        };
        for need in &needs.fields {
            let conflict = |reason: String| Conflict {
                model: need.model.clone(),
                field: Some(need.name.clone()),
                reason,
            };
            match self.kind(&need.model, &need.name) {
                None => match need.obstacle(kind_of) {
                    None => plan.fields.push(need.clone()),
                    Some(reason) => plan.conflicts.push(conflict(reason)),
                },
                Some(found) if need.kind.is_served_by(found) => {
                    let choices = need.kind.lacking_in(found);
                    match choices.is_empty() {
                        true => plan.there.push(Made::Field(need.model.clone(), need.name.clone())),
                        false => plan.choices.push(MoreChoices {
                            model: need.model.clone(),
                            field: need.name.clone(),
                            choices,
                        }),
                    }
                }
                Some(found) => {
                    plan.conflicts.push(conflict(format!("is a {found} and should be a {}", need.kind)));
                }
            }
        }
        for used in &needs.uses {
            let conflict = |reason: String| Conflict {
                model: used.model.clone(),
                field: Some(used.field.clone()),
                reason,
            };
            let kind = kind_of(&used.model, &used.field);
            match (kind.as_ref().map(FieldKind::not_written), used.if_absent) {
                (Some(Some(reason)), _) => plan.conflicts.push(conflict(reason)),
                (Some(None), _) => {}
                (None, IfAbsent::Drop) => plan.dropped.push(used.clone()),
                (None, IfAbsent::Stop) => plan.conflicts.push(conflict("there is no such field".into())),
            }
        }
        plan
    }

    /// The kind of a field that is there.
    pub(super) fn kind(&self, model: &ModelName, field: &FieldName) -> Option<&FieldKind> {
        self.models.get(model)?.schema.fields.get(field).map(|info| &info.kind)
    }

    pub(super) fn apply(&mut self, plan: &SchemaPlan) -> Result<Vec<SchemaReceipt>> {
        let mut made = Vec::new();
        for need in &plan.models {
            if !self.models.contains_key(&need.name) {
                self.models.insert(need.name.clone(), Model::default());
                made.push(Made::Model(need.name.clone()));
            }
        }
        for need in &plan.fields {
            let model = self.models.get_mut(&need.model).ok_or_else(|| no_model(&need.model))?;
            let readonly = need.kind.shows_others();
            let info = FieldInfo { kind: need.kind.clone(), required: false, readonly };
            if model.schema.fields.insert(need.name.clone(), info).is_none() {
                made.push(Made::Field(need.model.clone(), need.name.clone()));
            }
        }
        for more in &plan.choices {
            let field =
                self.models.get_mut(&more.model).and_then(|model| model.schema.fields.get_mut(&more.field));
            let Some(FieldInfo { kind: FieldKind::Choice(known), .. }) = field else {
                return Err(no_field(&more.field).at("model", &more.model));
            };
            for choice in &more.choices {
                if !known.iter().any(|known| known.value == choice.value) {
                    known.push(choice.clone());
                    made.push(Made::Choice(more.model.clone(), more.field.clone(), choice.value.clone()));
                }
            }
        }
        let receipt = |made| SchemaReceipt { made, id: self.take_id().into(), at: Timestamp::now() };
        let receipts: Vec<_> = made.into_iter().map(receipt).collect();
        self.made.extend(receipts.iter().cloned());
        Ok(receipts)
    }

    pub(super) fn recover_schema(&self, intent: &SchemaIntent) -> Vec<Option<DestinationId>> {
        let find = |part: &Made| {
            self.made.iter().find(|receipt| receipt.made == *part).map(|receipt| receipt.id.clone())
        };
        intent.parts.iter().map(find).collect()
    }

    pub(super) fn revert_schema(&mut self, receipts: &[SchemaReceipt]) {
        self.made.retain(|made| !receipts.iter().any(|receipt| receipt.made == made.made));
        for receipt in receipts {
            match &receipt.made {
                Made::Model(model) => drop(self.models.remove(model)),
                Made::Field(model, field) => {
                    self.models.get_mut(model).map(|model| model.schema.fields.remove(field));
                }
                Made::Choice(model, field, value) => {
                    let field =
                        self.models.get_mut(model).and_then(|model| model.schema.fields.get_mut(field));
                    if let Some(FieldInfo { kind: FieldKind::Choice(known), .. }) = field {
                        known.retain(|choice| choice.value != *value);
                    }
                }
                Made::View(..) => {}
            }
        }
    }
}
