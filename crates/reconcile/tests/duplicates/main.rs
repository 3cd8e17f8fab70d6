//! Duplicates as a clinic has them: how many of the planted ones are found, and how many proposed pairs are of two people.
#![expect(clippy::unwrap_used, reason = "the helpers of tests")]

mod again;
mod clinic;
mod home;
mod names;
mod particulars;
mod random;

use std::collections::BTreeMap;

use clinic::{Clinic, Common, Patient};
use mapping_core::key::RecordKey;
use reconcile::duplicates::{Certainty, Decisions, Duplicates, Pair, PersonFields};

const PATIENTS: usize = 20_000;

/// Of all that are planted, and not of those that are easy: a few have nothing in common but a name, and nobody could find them.
#[test]
fn most_planted_duplicates_are_found_and_hardly_anybody_else() {
    let (mut planted, mut right, mut proposed) = (0, 0, 0);
    let mut common = BTreeMap::<Common, usize>::new();
    let mut missed = BTreeMap::<_, usize>::new();
    for seed in 11..=16 {
        let clinic = Clinic::new(seed, PATIENTS);
        let fields = PersonFields::default();
        let mut patients = Duplicates::new();
        clinic.patients.iter().for_each(|patient| patients.add(fields.person(&patient.record())));
        let report = patients.find(&Decisions::default());

        let found: BTreeMap<(usize, usize), &Pair> =
            report.pairs.iter().map(|pair| (ids(pair), pair)).collect();
        let is_right = |pair: &(usize, usize)| clinic.twice.contains_key(pair);
        let by_id: BTreeMap<usize, &Patient> =
            clinic.patients.iter().map(|patient| (patient.id, patient)).collect();
        let here = found.keys().filter(|pair| is_right(pair)).count();
        println!(
            "seed {seed}: found {here} of {}; proposed {}; compared {}",
            clinic.twice.len(),
            found.len(),
            report.summary.compared,
        );
        for (_, pair) in found.iter().filter(|(pair, _)| !is_right(pair)) {
            println!("  two people: {pair}");
            assert_ne!(pair.certainty, Certainty::High, "what is of high certainty is right");
        }
        for ((one, other), how) in &clinic.twice {
            let best = by_id[one].common(by_id[other]);
            *common.entry(best).or_default() += 1;
            if !found.contains_key(&(*one, *other)) {
                *missed.entry((best, how.to_owned())).or_default() += 1;
            }
        }
        planted += clinic.twice.len();
        right += here;
        proposed += found.len();
    }
    let share = |of: usize| right as f64 / of as f64;
    println!("recall {:.4} of {planted}; precision {:.4} of {proposed}", share(planted), share(proposed));
    println!("in common: {common:?}");
    println!("missed: {missed:?}");
    assert!(share(planted) >= 0.98, "recall {:.4}", share(planted));
    assert!(share(proposed) >= 0.995, "precision {:.4}", share(proposed));
}

/// The two ids, the smaller first.
fn ids(pair: &Pair) -> (usize, usize) {
    let id = |key: &RecordKey| key.id().parse::<usize>().unwrap();
    let (first, second) = (id(&pair.first), id(&pair.second));
    (first.min(second), first.max(second))
}
