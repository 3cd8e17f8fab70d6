//! Proposals as a file of decisions in which nothing is decided yet.

use std::fmt::Write as _;

use mapping_core::key::{Origin, RecordKey};
use mapping_core::name::EntityName;

use crate::duplicates::report::Report;

impl Report {
    /// The pairs as a file for [`Decisions::from_toml`](crate::duplicates::Decisions::from_toml), for a person to decide in: every
    /// decision is commented out, so that the file as it is decides nothing. Keys and reasons stand in it, and no value.
    ///
    /// # Example
    ///
    /// ```
    /// use mapping_core::key::RecordKey;
    /// use reconcile::duplicates::{Decisions, Duplicates, Person};
    ///
    /// let mut patients = Duplicates::new();
    /// for id in ["P-1", "P-3"] {
    ///     let asha = Person::new(RecordKey::new("patient", id)).named("Asha Rao").phone("98765 43212");
    ///     patients.add(asha);
    /// }
    /// let file = patients.find(&Decisions::default()).proposals(&"patient".into());
    /// assert!(file.contains("# [[same]]\n# stays = \"P-1\"\n# goes = [\"P-3\"]\n"));
    /// assert_eq!(Decisions::from_toml(&file, "proposals.toml")?, Decisions::default());
    /// # Ok::<(), mapping_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn proposals(&self, entity: &EntityName) -> String {
        let mut text = format!("{HEAD}\nentity = {}\n", quoted(entity.as_str()));
        let pairs = self.pairs.iter().filter(|pair| pair.first.entity() == entity);
        for (number, pair) in (1_u64..).zip(pairs) {
            let reasons: Vec<String> = pair.reasons.iter().map(ToString::to_string).collect();
            let (first, second) = (quoted(pair.first.id()), quoted(pair.second.id()));
            // Writing to a String does not fail.
            let _ = write!(
                text,
                "\n# {number}. {}: {}\n#    {}\n#    {}\n# [[same]]\n# stays = {first}\n# goes = [{second}]\n\
                 # [[apart]]\n# keys = [{first}, {second}]\n",
                pair.certainty,
                reasons.join(", "),
                place(&pair.first, pair.first_origin.as_ref()),
                place(&pair.second, pair.second_origin.as_ref()),
            );
        }
        text
    }
}

const HEAD: &str = "\
# Records that may be of one person. Nothing is decided here yet: look at both, and take the # from the lines of the decision.
# [[same]] joins them: the one that stays gets what the other has. Of three, name two under goes, or stays and goes in a row.
# [[apart]] says that they are two people, and they are not proposed again.
# [[undecided]] with keys takes back what was decided before.
# by = \"your name\"";

fn place(key: &RecordKey, origin: Option<&Origin>) -> String {
    let id = quoted(key.id());
    match origin {
        Some(origin) => format!("{id} ({})", quoted(&origin.to_string()).trim_matches('"')),
        None => id,
    }
}

/// In one line, whatever stands in an id.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duplicates::{Decisions, Duplicates, Person};

    #[test]
    fn a_proposal_without_its_marks_is_the_decision_whatever_the_ids_are() {
        let mut all = Duplicates::new();
        let odd = "P \"3\"\\\n\u{7f} रा";
        for id in ["P-1", odd] {
            let key = RecordKey::new("patient", id);
            all.add(
                Person::new(key).named("Asha Rao").phone("98765 43212").at(Origin::new("Pa\ntients.csv", 2)),
            );
        }
        let file = all.find(&Decisions::default()).proposals(&"patient".into());
        let (same, _) = file.rsplit_once("# [[apart]]\n").unwrap();
        let (head, same) = same.rsplit_once("# [[same]]\n").unwrap();
        let decided = format!("{head}[[same]]\n{}", format!("\n{same}").replace("\n# ", "\n"));
        let decisions = Decisions::from_toml(&decided, "d.toml").unwrap();
        let gone: Vec<_> = decisions.gone().map(|(goes, stays)| (&**goes.id(), &**stays.id())).collect();
        assert_eq!(gone, [(odd, "P-1")]);
    }
}
