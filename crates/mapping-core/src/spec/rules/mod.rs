//! The rules, made ready to run: one file for each, with its compilation and its work.

pub(super) mod boolean;
pub(super) mod call;
pub(super) mod choice;
pub(super) mod condition;
pub(super) mod fields;
pub(super) mod file;
pub(super) mod flatten;
pub(super) mod lines;
pub(super) mod number;
pub(super) mod pointer;
pub(super) mod several;
pub(super) mod split;
pub(super) mod template;
pub(super) mod time;

#[cfg(test)]
pub(super) mod testing;
