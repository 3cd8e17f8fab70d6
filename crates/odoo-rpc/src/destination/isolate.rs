//! Cutting bad rows out of a call that the server refuses as a whole.

use std::ops::Range;

/// How a call that writes several rows ends.
#[derive(Debug)]
pub(crate) enum Answer<T, E> {
    /// All of them are written.
    Written(Vec<T>),
    /// None of them is, because of one or more of them.
    Refused(E),
    /// None of them is or it is not known, for a reason that has nothing to do with the rows.
    Stopped(E),
}

/// What became of one row.
#[derive(Debug, PartialEq)]
pub(crate) enum Fate<T, E> {
    Written(T),
    Refused(E),
    Stopped(E),
}

/// Splits a refused batch until each refused row stands alone: at most `2 log2(n)` calls more for one bad row among `n`.
///
/// It makes no calls itself: it says which rows are to be attempted [next](Self::next) and is told what [became](Self::answer)
/// of them. Rows are attempted in their order, each in one successful call at most. After a stop nothing more is attempted.
#[derive(Debug)]
pub(crate) struct Isolation<T, E> {
    /// What is left to attempt, the first last.
    todo: Vec<Range<usize>>,
    fates: Vec<Fate<T, E>>,
    /// How many rows may still be refused one by one before it is taken for a stop: where everything is refused, halving would
    /// make two calls a row.
    budget: usize,
}

impl<T, E: Clone> Isolation<T, E> {
    pub(crate) fn new(rows: usize, budget: usize) -> Self {
        Self { todo: std::iter::once(0..rows).collect(), fates: Vec::with_capacity(rows), budget }
    }

    /// The rows to attempt next, in one call.
    pub(crate) fn next(&self) -> Option<Range<usize>> {
        self.todo.last().cloned()
    }

    /// What became of the rows that were to be attempted.
    pub(crate) fn answer(&mut self, answer: Answer<T, E>) {
        let Some(part) = self.todo.pop() else { return };
        match answer {
            Answer::Written(written) => self.fates.extend(written.into_iter().map(Fate::Written)),
            Answer::Refused(_) if part.len() > 1 => {
                let middle = part.start + part.len() / 2;
                self.todo.extend([middle..part.end, part.start..middle]);
            }
            Answer::Refused(error) => {
                self.fates.extend(part.map(|_| Fate::Refused(error.clone())));
                self.budget = self.budget.saturating_sub(1);
                if self.budget == 0 {
                    self.stop(&error);
                }
            }
            Answer::Stopped(error) => {
                self.fates.extend(part.map(|_| Fate::Stopped(error.clone())));
                self.stop(&error);
            }
        }
    }

    /// Whether so many rows were refused that the rest was not attempted.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget == 0
    }

    /// What became of every row, in their order.
    pub(crate) fn fates(self) -> Vec<Fate<T, E>> {
        self.fates
    }

    fn stop(&mut self, error: &E) {
        let left: usize = self.todo.drain(..).map(|part| part.len()).sum();
        self.fates.extend((0..left).map(|_| Fate::Stopped(error.clone())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rows: usize, bad: &[usize], budget: usize) -> (Vec<Fate<usize, &'static str>>, usize) {
        let mut isolation = Isolation::new(rows, budget);
        let mut calls = 0;
        while let Some(part) = isolation.next() {
            calls += 1;
            let refused = part.clone().any(|row| bad.contains(&row));
            isolation.answer(if refused { Answer::Refused("no") } else { Answer::Written(part.collect()) });
        }
        (isolation.fates(), calls)
    }

    #[test]
    fn one_bad_row_in_a_thousand_costs_twenty_calls_more() {
        let (fates, calls) = run(1000, &[417], 50);
        assert_eq!(calls, 21);
        for (row, fate) in fates.into_iter().enumerate() {
            assert_eq!(fate, if row == 417 { Fate::Refused("no") } else { Fate::Written(row) });
        }
    }

    #[test]
    fn where_everything_is_refused_it_is_not_tried_row_by_row() {
        let all: Vec<usize> = (0..1000).collect();
        let (fates, calls) = run(1000, &all, 8);
        assert_eq!(fates.len(), 1000);
        assert!(calls < 30, "{calls}");
        assert_eq!(fates.iter().filter(|fate| matches!(fate, Fate::Refused(_))).count(), 8);
    }
}
