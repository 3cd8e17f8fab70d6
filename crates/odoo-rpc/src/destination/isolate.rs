//! Cutting bad rows out of a call that the server refuses as a whole.

/// What is to be done next.
#[derive(Debug, PartialEq)]
pub(crate) enum Step<'a> {
    /// To write these rows in one call.
    Attempt(&'a [usize]),
    /// To ask which of these rows the server takes, without writing any.
    Look(&'a [usize]),
}

/// How a call that writes several rows ends.
#[derive(Debug)]
pub(crate) enum Answer<T, E> {
    /// All of them are written.
    Written(Vec<T>),
    /// None of them is, because of one or more of them.
    Refused(E),
    /// None of them is, because of the one at that place.
    RefusedOne(usize, E),
    /// None of them is: they are too many at once.
    TooMany,
    /// None of them is or it is not known, for a reason that has nothing to do with the rows.
    Stopped(E),
}

/// What looking told.
#[derive(Debug)]
pub(crate) struct Seen<E> {
    /// The rows it told of, by their place among those looked at.
    pub(crate) rows: Vec<usize>,
    pub(crate) named: Vec<Named<E>>,
    /// Rows, by their place among those looked at, that may clash with others of them: better asked about once those are written.
    pub(crate) held: Vec<usize>,
}

/// A row that the server does not take.
#[derive(Debug)]
pub(crate) struct Named<E> {
    /// Its place among the rows looked at.
    pub(crate) at: usize,
    pub(crate) error: E,
    /// Whether what writes rows would refuse it as well, and not only what looks at them.
    pub(crate) sure: bool,
}

/// What became of one row.
#[derive(Debug, PartialEq)]
pub(crate) enum Fate<T, E> {
    Written(T),
    Refused(E),
    Stopped(E),
}

/// Takes a refused batch apart: by looking at it, which mostly names the bad rows at once, and where that does not help by halving
/// until each bad row stands alone.
///
/// It makes no calls itself: it says what to do [next](Self::next) and is told what it came to, by [`answer`](Self::answer) and
/// [`saw`](Self::saw). Each row is in one successful call at most. After a stop nothing more is attempted.
#[derive(Debug)]
pub(crate) struct Isolation<T, E> {
    /// What is left to do, the first last.
    todo: Vec<Task<E>>,
    fates: Vec<Option<Fate<T, E>>>,
    /// How many rows may still be refused before it is taken for a stop: where everything is refused, a person must look.
    budget: usize,
}

#[derive(Debug)]
enum Task<E> {
    Attempt {
        rows: Vec<usize>,
        look: bool,
    },
    Look(Looking<E>),
    /// Rows that were named, but perhaps not rightly: they have one attempt together.
    Doubted {
        rows: Vec<usize>,
        errors: Vec<E>,
    },
}

/// Rows that are looked at, part by part, and what came out so far.
#[derive(Debug)]
struct Looking<E> {
    rows: Vec<usize>,
    /// Whether these rows were refused together.
    refused: bool,
    named: usize,
    passed: Vec<usize>,
    held: Vec<usize>,
    doubted: Vec<(usize, E)>,
}

impl<E> Looking<E> {
    fn at(rows: Vec<usize>, refused: bool) -> Self {
        Self { rows, refused, named: 0, passed: Vec::new(), held: Vec::new(), doubted: Vec::new() }
    }
}

impl<T, E: Clone> Isolation<T, E> {
    /// Of so many rows; at most `budget` of them are refused before it stops.
    pub(crate) fn new(rows: usize, budget: usize) -> Self {
        let all = Task::Attempt { rows: (0..rows).collect(), look: true };
        Self { todo: vec![all], fates: (0..rows).map(|_| None).collect(), budget }
    }

    /// What to do next.
    pub(crate) fn next(&self) -> Option<Step<'_>> {
        Some(match self.todo.last()? {
            Task::Attempt { rows, .. } | Task::Doubted { rows, .. } => Step::Attempt(rows),
            Task::Look(looking) => Step::Look(&looking.rows),
        })
    }

    /// What became of the rows that were to be attempted; or that the run must stop.
    pub(crate) fn answer(&mut self, answer: Answer<T, E>) {
        let Some(task) = self.todo.pop() else { return };
        let (mut rows, look, errors) = match task {
            Task::Attempt { rows, look } => (rows, look, None),
            Task::Doubted { rows, errors } => (rows, false, Some(errors)),
            Task::Look(looking) => (looking.rows, false, None),
        };
        match (answer, errors) {
            (Answer::RefusedOne(at, error), mut errors) if at < rows.len() => {
                let row = rows.remove(at);
                errors.iter_mut().for_each(|errors| drop(errors.remove(at)));
                match errors {
                    _ if rows.is_empty() => {}
                    Some(errors) => self.todo.push(Task::Doubted { rows, errors }),
                    None => self.todo.push(Task::Attempt { rows, look }),
                }
                self.refuse(row, error);
            }
            (Answer::Written(written), _) => {
                rows.into_iter().zip(written).for_each(|(row, id)| self.fates[row] = Some(Fate::Written(id)));
            }
            (Answer::Stopped(error), _) => {
                self.todo.push(Task::Attempt { rows, look });
                self.stop(&error);
            }
            // That says nothing of what they were doubted for.
            (Answer::TooMany, Some(mut errors)) if rows.len() > 1 => {
                let half = rows.len().div_ceil(2);
                let second = Task::Doubted { rows: rows.split_off(half), errors: errors.split_off(half) };
                self.todo.extend([second, Task::Doubted { rows, errors }]);
            }
            (Answer::Refused(_) | Answer::RefusedOne(..) | Answer::TooMany, Some(errors)) => {
                rows.into_iter().zip(errors).for_each(|(row, error)| self.refuse(row, error));
            }
            (Answer::Refused(_) | Answer::RefusedOne(..), None) if rows.len() > 1 && look => {
                self.todo.push(Task::Look(Looking::at(rows, true)));
            }
            (Answer::Refused(_) | Answer::RefusedOne(..), None) if rows.len() > 1 => self.halve(rows, false),
            (Answer::TooMany, None) => self.halve(rows, look),
            (Answer::Refused(error) | Answer::RefusedOne(_, error), None) => {
                rows.into_iter().for_each(|row| self.refuse(row, error.clone()))
            }
        }
    }

    /// What looking at rows told; `None` where it told nothing.
    pub(crate) fn saw(&mut self, seen: Option<Seen<E>>) {
        let Some(Task::Look(mut looking)) = self.todo.pop() else { return };
        let told = seen.filter(|seen| !seen.rows.is_empty());
        let all = (0..looking.rows.len()).collect();
        let Seen { rows, named, held } =
            told.unwrap_or_else(|| Seen { rows: all, named: Vec::new(), held: Vec::new() });
        let mut left: Vec<Option<usize>> = std::mem::take(&mut looking.rows).into_iter().map(Some).collect();
        let mut asked: Vec<Option<usize>> = left.iter().map(|_| None).collect();
        for at in rows {
            if let (Some(asked), Some(left)) = (asked.get_mut(at), left.get_mut(at)) {
                *asked = left.take();
            }
        }
        looking.rows = left.into_iter().flatten().collect();
        let mut take = |at: usize| asked.get_mut(at).and_then(Option::take);
        let mut refused = Vec::new();
        for Named { at, error, sure } in named {
            let Some(row) = take(at) else { continue };
            looking.named += 1;
            if sure { refused.push((row, error)) } else { looking.doubted.push((row, error)) }
        }
        looking.held.extend(held.into_iter().filter_map(&mut take));
        looking.passed.extend(asked.into_iter().flatten());
        looking.passed.sort_unstable();
        self.todo.push(Task::Look(looking));
        refused.into_iter().for_each(|(row, error)| self.refuse(row, error));
        self.go_on();
    }

    /// Lets one row more be refused before it stops: the next refusal says nothing of the other rows.
    pub(crate) fn allow_one_more(&mut self) {
        self.budget = self.budget.saturating_add(1);
    }

    /// Whether so many rows were refused that the rest was not attempted.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget == 0
    }

    /// What became of every row, in their order.
    pub(crate) fn fates(self) -> Vec<Fate<T, E>> {
        self.fates.into_iter().flatten().collect()
    }

    /// After looking at a part of the rows: to the next part, or on to what follows from it all.
    fn go_on(&mut self) {
        let Some(Task::Look(Looking { rows, refused, named, passed, held, doubted })) =
            self.todo.pop_if(|task| matches!(task, Task::Look(looking) if looking.rows.is_empty()))
        else {
            return;
        };
        debug_assert!(rows.is_empty(), "all were looked at");
        if named == 0 && refused {
            return self.halve(passed, false);
        }
        if !doubted.is_empty() {
            let (rows, errors) = doubted.into_iter().unzip();
            self.todo.push(Task::Doubted { rows, errors });
        }
        if !held.is_empty() {
            self.todo.push(Task::Look(Looking::at(held, false)));
        }
        if !passed.is_empty() {
            // Where a second look is needed it names other rows, or it is the last.
            self.todo.push(Task::Attempt { rows: passed, look: named > 0 });
        }
    }

    fn halve(&mut self, mut rows: Vec<usize>, look: bool) {
        let second = rows.split_off(rows.len().div_ceil(2));
        for rows in [second, rows] {
            if !rows.is_empty() {
                self.todo.push(Task::Attempt { rows, look });
            }
        }
    }

    fn refuse(&mut self, row: usize, error: E) {
        if self.budget == 0 {
            self.fates[row] = Some(Fate::Stopped(error));
            return;
        }
        self.budget -= 1;
        if self.budget == 0 {
            self.stop(&error);
        }
        self.fates[row] = Some(Fate::Refused(error));
    }

    fn stop(&mut self, error: &E) {
        self.todo.clear();
        for fate in self.fates.iter_mut().filter(|fate| fate.is_none()) {
            *fate = Some(Fate::Stopped(error.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// What is wrong with a row, and whether looking tells.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Bad {
        Seen,
        Unseen,
        Doubted,
        /// It is good, but looking says otherwise.
        Slandered,
    }

    fn is_bad(bad: Option<&Bad>) -> bool {
        bad.is_some_and(|bad| *bad != Bad::Slandered)
    }

    /// The fates, and how many calls it took; looking stops after the tenth row it names, as Odoo's does.
    fn run(bad: &[(usize, Bad)], rows: usize, budget: usize) -> (Vec<Fate<usize, &'static str>>, usize) {
        let kind = |row: usize| bad.iter().find(|(bad, _)| *bad == row).map(|(_, kind)| kind);
        let mut isolation = Isolation::new(rows, budget);
        let mut calls = 0;
        while let Some(step) = isolation.next() {
            calls += 1;
            match step {
                Step::Attempt(part) => {
                    let refused = part.iter().any(|row| is_bad(kind(*row)));
                    let part = part.to_vec();
                    isolation.answer(if refused { Answer::Refused("no") } else { Answer::Written(part) });
                }
                Step::Look(part) => {
                    let named = part
                        .iter()
                        .enumerate()
                        .filter(|(_, row)| kind(**row).is_some_and(|kind| *kind != Bad::Unseen));
                    let sure = |row: usize| kind(row) == Some(&Bad::Seen);
                    let named: Vec<_> =
                        named.map(|(at, row)| Named { at, error: "no", sure: sure(*row) }).take(10).collect();
                    let rows = (0..named.get(9).map_or(part.len(), |last| last.at + 1)).collect();
                    isolation.saw(Some(Seen { rows, named, held: Vec::new() }));
                }
            }
        }
        (isolation.fates(), calls)
    }

    fn seen(rows: impl IntoIterator<Item = usize>) -> Vec<(usize, Bad)> {
        rows.into_iter().map(|row| (row, Bad::Seen)).collect()
    }

    #[test]
    fn ten_bad_rows_in_five_hundred_cost_at_most_three_calls_more() {
        for bad in [seen(0..10), seen(490..500), seen((0..10).map(|row| row * 50)), seen([417])] {
            let (fates, calls) = run(&bad, 500, 60);
            assert!(calls <= 4, "{calls}");
            for (row, fate) in fates.into_iter().enumerate() {
                let refused = bad.iter().any(|(bad, _)| *bad == row);
                assert_eq!(fate, if refused { Fate::Refused("no") } else { Fate::Written(row) });
            }
        }
    }

    #[test]
    fn what_looking_does_not_see_is_found_by_halving() {
        let (fates, calls) = run(&[(417, Bad::Unseen)], 1000, 50);
        assert!(calls <= 22, "{calls}");
        assert_eq!(fates.iter().filter(|fate| matches!(fate, Fate::Refused(_))).count(), 1);
    }

    #[test]
    fn rows_that_may_clash_with_others_are_asked_about_when_those_are_written() {
        let mut isolation: Isolation<usize, &str> = Isolation::new(6, 10);
        isolation.answer(Answer::Refused("twice"));
        isolation.saw(Some(Seen {
            rows: (0..6).collect(),
            named: vec![Named { at: 3, error: "twice", sure: true }],
            held: vec![4, 5],
        }));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[0, 1, 2])));
        isolation.answer(Answer::Written(vec![10, 11, 12]));
        assert_eq!(isolation.next(), Some(Step::Look(&[4, 5])));
        isolation.saw(Some(Seen {
            rows: vec![0, 1],
            named: vec![Named { at: 0, error: "twice", sure: true }],
            held: Vec::new(),
        }));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[5])));
        isolation.answer(Answer::Written(vec![13]));
        assert_eq!(isolation.next(), None);
        let refused = [3, 4];
        for (row, fate) in isolation.fates().into_iter().enumerate() {
            assert_eq!(matches!(fate, Fate::Refused(_)), refused.contains(&row));
        }
    }

    #[test]
    fn a_row_that_alone_is_to_blame_goes_and_the_others_go_on_together() {
        let mut isolation: Isolation<usize, &str> = Isolation::new(4, 10);
        isolation.answer(Answer::RefusedOne(2, "file"));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[0, 1, 3])));
        isolation.answer(Answer::Refused("no"));
        let named = [0, 1].map(|at| Named { at, error: "link", sure: false });
        isolation.saw(Some(Seen { rows: (0..3).collect(), named: named.into(), held: Vec::new() }));
        isolation.answer(Answer::RefusedOne(0, "file"));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[0, 1])));
        isolation.answer(Answer::RefusedOne(0, "file"));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[1])));
        isolation.answer(Answer::Refused("link"));
        assert_eq!(isolation.next(), None);
        assert_eq!(isolation.fates(), ["file", "link", "file", "file"].map(Fate::Refused));
    }

    #[test]
    fn rows_that_are_too_many_at_once_are_halved_without_looking() {
        let mut isolation: Isolation<usize, &str> = Isolation::new(5, 10);
        isolation.answer(Answer::TooMany);
        assert_eq!(isolation.next(), Some(Step::Attempt(&[0, 1, 2])));
        isolation.answer(Answer::Written(vec![0, 1, 2]));
        isolation.answer(Answer::Stopped("gone"));
        assert_eq!(isolation.fates()[3..], [Fate::Stopped("gone"), Fate::Stopped("gone")]);
    }

    #[test]
    fn rows_that_were_named_perhaps_wrongly_are_halved_where_they_are_too_many_at_once() {
        let mut isolation: Isolation<usize, &str> = Isolation::new(4, 10);
        isolation.answer(Answer::Refused("link"));
        let named = [1, 2, 3].map(|at| Named { at, error: "link", sure: false });
        isolation.saw(Some(Seen { rows: (0..4).collect(), named: named.into(), held: Vec::new() }));
        isolation.answer(Answer::Written(vec![10]));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[1, 2, 3])));
        isolation.answer(Answer::TooMany);
        assert_eq!(isolation.next(), Some(Step::Attempt(&[1, 2])));
        isolation.answer(Answer::Written(vec![11, 12]));
        assert_eq!(isolation.next(), Some(Step::Attempt(&[3])));
        isolation.answer(Answer::Refused("link"));
        let fates = [Fate::Written(10), Fate::Written(11), Fate::Written(12), Fate::Refused("link")];
        assert_eq!(isolation.fates(), fates);
    }

    #[test]
    fn where_everything_is_refused_it_is_not_tried_row_by_row() {
        for bad in [Bad::Seen, Bad::Unseen] {
            let all: Vec<_> = (0..1000).map(|row| (row, bad)).collect();
            let (fates, calls) = run(&all, 1000, 8);
            assert_eq!(fates.len(), 1000);
            assert!(calls < 30, "{calls}");
            assert_eq!(fates.iter().filter(|fate| matches!(fate, Fate::Refused(_))).count(), 8);
        }
    }

    proptest! {
        #[test]
        fn good_rows_are_written_once_and_bad_ones_are_not(
            rows in 1..120_usize,
            bad in proptest::collection::btree_map(0..120_usize, prop_oneof![
                Just(Bad::Seen), Just(Bad::Unseen), Just(Bad::Doubted), Just(Bad::Slandered)
            ], 0..30),
        ) {
            let bad: Vec<_> = bad.into_iter().filter(|(row, _)| *row < rows).collect();
            let (fates, _) = run(&bad, rows, 1000);
            prop_assert_eq!(fates.len(), rows);
            let doubted: BTreeSet<_> = bad.iter().filter(|(_, kind)| *kind == Bad::Doubted).collect();
            for (row, fate) in fates.into_iter().enumerate() {
                let kind = bad.iter().find(|(bad, _)| *bad == row).map(|(_, kind)| kind);
                match kind {
                    // A good row is lost among bad ones that are doubted as well, and told with its reason.
                    Some(Bad::Slandered) if !doubted.is_empty() => {}
                    kind if is_bad(kind) => prop_assert_eq!(fate, Fate::Refused("no")),
                    _ => prop_assert_eq!(fate, Fate::Written(row)),
                }
            }
        }
    }
}
