//! Fields as they are, and constants.

use std::borrow::Cow;

use crate::error::Result;
use crate::spec::read::Read;
use crate::spec::step::{Given, Step, Turn};
use crate::value::Value;

#[derive(Debug)]
pub(crate) struct Copy(pub(crate) Read);

impl Step for Copy {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        Ok(Given::Value(self.0.of(turn.record)))
    }
}

#[derive(Debug)]
pub(crate) struct Constant(pub(crate) Value);

impl Step for Constant {
    fn give<'a>(&'a self, _: &mut Turn<'a>) -> Result<Given<'a>> {
        Ok(Given::Value(Cow::Borrowed(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use crate::key::Origin;
    use crate::record::Record;
    use crate::spec::rules::testing::{gives, maps};
    use crate::value::Value;

    #[test]
    fn a_field_is_copied_to_the_letter() {
        assert_eq!(gives(r#""a""#, &[("a", " Asha ".into())]), " Asha ".into());
        assert_eq!(gives(r#"{ copy = "a" }"#, &[("a", 3_i64.into())]), 3_i64.into());
        assert_eq!(gives(r#""a""#, &[]), Value::Null);
    }

    #[test]
    fn a_constant_is_the_same_for_all() {
        assert_eq!(gives("{ constant = true }", &[]), true.into());
    }

    #[test]
    fn a_record_is_told_of_by_names_with_an_at() {
        let record = Record::new("patient", "P-1").at(Origin::new("Patients.csv", 7));
        let told = maps(r#"{ template = "{@entity} {@id} in {@file} line {@line}" }"#, &record).unwrap();
        assert_eq!(told.0, "patient P-1 in Patients.csv line 7".into());
    }
}
