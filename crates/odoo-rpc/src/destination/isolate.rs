//! Cutting bad rows out of a call that the server refuses as a whole.

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
/// Rows are attempted in their order, each in one successful call at most. After a stop nothing more is attempted. `budget` is
/// how many rows may be refused one by one before it is taken for a stop: where everything is refused, halving would make two
/// calls a row.
pub(crate) async fn isolate<R, T, E: Clone>(
    rows: &[R],
    mut budget: usize,
    attempt: &mut impl AsyncFnMut(&[R]) -> Answer<T, E>,
) -> Vec<Fate<T, E>> {
    let mut fates = Vec::with_capacity(rows.len());
    let mut todo = vec![rows];
    let mut stopped = None;
    while let Some(part) = todo.pop() {
        if let Some(error) = &stopped {
            fates.extend(part.iter().map(|_| Fate::Stopped(E::clone(error))));
            continue;
        }
        match attempt(part).await {
            Answer::Written(written) => fates.extend(written.into_iter().map(Fate::Written)),
            Answer::Refused(_) if part.len() > 1 => {
                let (left, right) = part.split_at(part.len() / 2);
                todo.extend([right, left]);
            }
            Answer::Refused(error) => {
                budget = budget.saturating_sub(1);
                if budget == 0 {
                    stopped = Some(error.clone());
                }
                fates.extend(part.iter().map(|_| Fate::Refused(error.clone())));
            }
            Answer::Stopped(error) => {
                fates.extend(part.iter().map(|_| Fate::Stopped(error.clone())));
                stopped = Some(error);
            }
        }
    }
    fates
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(rows: usize, bad: &[usize], budget: usize) -> (Vec<Fate<usize, &'static str>>, usize) {
        let all: Vec<usize> = (0..rows).collect();
        let mut calls = 0;
        let mut attempt = async |part: &[usize]| {
            calls += 1;
            if part.iter().any(|row| bad.contains(row)) { Answer::Refused("no") } else { Answer::Written(part.to_vec()) }
        };
        let fates = isolate(&all, budget, &mut attempt).await;
        (fates, calls)
    }

    #[tokio::test]
    async fn one_bad_row_in_a_thousand_costs_twenty_calls_more() {
        let (fates, calls) = run(1000, &[417], 50).await;
        assert_eq!(calls, 21);
        for (row, fate) in fates.into_iter().enumerate() {
            assert_eq!(fate, if row == 417 { Fate::Refused("no") } else { Fate::Written(row) });
        }
    }

    #[tokio::test]
    async fn where_everything_is_refused_it_is_not_tried_row_by_row() {
        let all: Vec<usize> = (0..1000).collect();
        let (fates, calls) = run(1000, &all, 8).await;
        assert_eq!(fates.len(), 1000);
        assert!(calls < 30, "{calls}");
        assert_eq!(fates.iter().filter(|fate| matches!(fate, Fate::Refused(_))).count(), 8);
    }
}
