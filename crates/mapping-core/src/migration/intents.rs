//! What is about to be written, with what is there before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::destination::DestinationWriter;
use crate::error::Result;
use crate::name::{FieldName, ModelName};
use crate::receipt::{Action, DestinationId, Intent, Row};
use crate::record::Fields;

/// The intents of rows, with the values that updates will change.
pub(super) async fn intents(
    rows: &[(usize, Row)],
    destination: &dyn DestinationWriter,
) -> Result<Vec<Intent>> {
    let mut before = before(rows, destination).await?;
    let intent = |(number, (_, row)): (usize, &(usize, Row))| row.intent(before.remove(&number));
    Ok(rows.iter().enumerate().map(intent).collect())
}

async fn before(
    rows: &[(usize, Row)],
    destination: &dyn DestinationWriter,
) -> Result<HashMap<usize, Fields>> {
    #[derive(Default)]
    struct Group<'a> {
        fields: BTreeSet<&'a FieldName>,
        numbers: Vec<usize>,
        ids: Vec<DestinationId>,
    }
    let mut groups: BTreeMap<&ModelName, Group<'_>> = BTreeMap::new();
    for (number, (_, row)) in rows.iter().enumerate() {
        if let Action::Update(id) = &row.action {
            let group = groups.entry(&row.model).or_default();
            group.fields.extend(row.fields.iter().map(|(field, _)| field));
            group.numbers.push(number);
            group.ids.push(id.clone());
        }
    }
    let mut before = HashMap::new();
    for (model, group) in groups {
        let fields: Vec<_> = group.fields.into_iter().cloned().collect();
        let read = destination.read(model, &group.ids, &fields).await?;
        before.extend(
            group.numbers.into_iter().zip(read).filter_map(|(number, fields)| Some((number, fields?))),
        );
    }
    Ok(before)
}
