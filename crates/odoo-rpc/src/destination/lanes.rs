//! Sharing rows out among calls that are under way at the same time.

use std::collections::HashMap;

use mapping_core::receipt::{Action, Row};
use mapping_core::value::Value;

use crate::destination::model::{Model, Ttype};

/// Models of which no two calls may touch one record at a time: the one would wait for the other, or be refused. A lead or an activity
/// rewrites its contact, an invoice takes its journal's next number (measured on 19: half the speed, and retries in the server's log).
const SHARED: [&str; 4] = ["res.partner", "account.journal", "account.move", "crm.lead"];

/// Shares rows out among `lanes`: rows that touch the same record are in one lane, in their order, and the lanes are about as long as
/// each other. What is given are the numbers of the rows, each with its row.
pub(crate) fn share(model: &Model, rows: &[(usize, &Row)], lanes: usize) -> Vec<Vec<usize>> {
    let mut groups = Groups::new(rows.len());
    let mut first: HashMap<(String, i64), usize> = HashMap::new();
    for (at, (_, row)) in rows.iter().enumerate() {
        for record in touched(model, row) {
            let other = *first.entry(record).or_insert(at);
            groups.join(at, other);
        }
    }
    let mut together: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..rows.len() {
        together.entry(groups.root(at)).or_default().push(at);
    }
    let mut together: Vec<Vec<usize>> = together.into_values().collect();
    together.sort_by_key(|group| (std::cmp::Reverse(group.len()), group.first().copied()));
    let mut shared: Vec<Vec<usize>> = vec![Vec::new(); lanes.max(1)];
    for group in together {
        if let Some(shortest) = shared.iter_mut().min_by_key(|lane| lane.len()) {
            shortest.extend(group);
        }
    }
    shared.retain(|lane| !lane.is_empty());
    // In the order in which they were given, which is not always that of their numbers: messages go by their dates.
    let numbers = |mut lane: Vec<usize>| {
        lane.sort_unstable();
        lane.into_iter().filter_map(|at| Some(rows.get(at)?.0)).collect()
    };
    shared.into_iter().map(numbers).collect()
}

/// The records that writing the row touches besides making its own.
fn touched(model: &Model, row: &Row) -> Vec<(String, i64)> {
    let mut records = Vec::new();
    if let Action::Update(id) = &row.action {
        records.extend(id.number().map(|id| (row.model.as_str().to_owned(), id)));
    }
    for (name, value) in row.fields.iter() {
        let Some(field) = model.fields.get(name) else { continue };
        match (&field.ttype, value) {
            (Ttype::Many2one(to), Value::Integer(id)) if SHARED.contains(&to.as_str()) => {
                records.push((to.clone(), *id));
            }
            // A document whose model stands in another field: rows of one call mostly have documents of one model.
            (Ttype::Integer, Value::Integer(id)) if name.as_str() == "res_id" => {
                records.push((String::new(), *id));
            }
            _ => {}
        }
    }
    records
}

/// Sets of rows that belong together.
struct Groups(Vec<usize>);

impl Groups {
    fn new(rows: usize) -> Self {
        Self((0..rows).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use mapping_core::identity::SourceId;
    use mapping_core::key::{DraftKey, RecordKey};
    use mapping_core::record::Fields;

    use super::*;
    use crate::wire::Struct;

    fn leads(contacts: &[i64]) -> (Model, Vec<Row>) {
        let link = Struct::new().with("type", "many2one").with("relation", "res.partner");
        let model = Model::parse(&Struct::new().with("partner_id", link));
        let source = SourceId::new("paper", "main").unwrap();
        let row = |(at, contact): (usize, &i64)| {
            let key = DraftKey::from(RecordKey::new("lead", format!("L-{at}")));
            let fields = if *contact == 0 {
                Fields::default()
            } else {
                Fields::default().with("partner_id", *contact)
            };
            Row {
                identity: source.identity(&key),
                key,
                model: "crm.lead".into(),
                action: Action::Create,
                fields,
            }
        };
        (model, contacts.iter().enumerate().map(row).collect())
    }

    #[test]
    fn rows_of_one_contact_are_in_one_lane() {
        let contacts = [7, 8, 7, 9, 8, 7, 10, 11];
        let (model, rows) = leads(&contacts);
        let rows: Vec<_> = rows.iter().enumerate().collect();
        let lanes = share(&model, &rows, 3);
        assert_eq!(lanes.iter().map(Vec::len).sum::<usize>(), contacts.len());
        for contact in contacts {
            let used = lanes.iter().filter(|lane| lane.iter().any(|at| contacts[*at] == contact));
            assert_eq!(used.count(), 1, "{contact}");
        }
        assert!(lanes.iter().all(|lane| lane.is_sorted() && (2..=3).contains(&lane.len())), "{lanes:?}");
    }

    #[test]
    fn rows_that_touch_nothing_are_shared_out_evenly() {
        let (model, rows) = leads(&[0; 10]);
        let rows: Vec<_> = rows.iter().enumerate().collect();
        assert_eq!(share(&model, &rows, 4).iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2, 2]);
        assert_eq!(share(&model, &rows[..2], 4).len(), 2);
    }
}
