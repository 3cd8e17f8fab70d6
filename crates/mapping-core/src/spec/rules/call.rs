//! Functions in code.

use crate::draft::DraftValue;
use crate::error::Result;
use crate::spec::rule::Rule;
use crate::spec::site::{Function, Site};
use crate::spec::step::{Given, Input, Step, Turn};
use crate::value::Value;

#[derive(Debug)]
pub(crate) struct Call {
    function: Function,
    from: Vec<Input>,
}

impl Call {
    pub(crate) fn new(name: &str, from: &[Rule], site: &mut Site<'_>) -> Result<Self> {
        let Some(function) = site.functions.get(name).cloned() else {
            let known: Vec<_> = site.functions.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(
                site.fail(format!("no function `{name}` was given to the compiler; there are: {known}"))
            );
        };
        Ok(Self { function, from: site.inputs("from", from)? })
    }
}

impl Step for Call {
    fn give<'a>(&'a self, turn: &mut Turn<'a>) -> Result<Given<'a>> {
        let mut values = Vec::with_capacity(self.from.len());
        for input in &self.from {
            values.push(input.value(turn)?.map_or(Value::Null, std::borrow::Cow::into_owned));
        }
        match (self.function.0)(&values) {
            Ok(DraftValue::Value(value)) => Ok(Given::owned(value)),
            Ok(pointer) => Ok(Given::Pointer(pointer)),
            Err(error) if error.place("field").is_some() => Err(error),
            Err(error) => Err(match self.from.first() {
                Some(first) => error.at("field", &first.field),
                None => error,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::draft::Link;
    use crate::error::Error;
    use crate::mapper::RecordMapper;
    use crate::spec::rules::testing::{complains, record, spec};
    use crate::value::Value;

    #[test]
    fn a_function_makes_a_value_or_a_pointer_of_values() {
        let spec = spec(r#"{ call = "initial", from = ["a", { constant = 1 }] }"#);
        let initial = |values: &[Value]| {
            let name = values[0].as_text().ok_or_else(|| Error::invalid("no text"))?;
            Ok(Value::from(name.get(..1)))
        };
        let mapper = spec.compiler().function("initial", initial).compile().unwrap();
        let mapped = mapper.map(&record(&[("a", "Asha".into())])).unwrap();
        assert_eq!(mapped.drafts[0].fields()[0].1, Value::from("A").into());
        assert_eq!(mapper.map(&record(&[])).unwrap_err().place("field"), Some("a"));

        let mapper =
            spec.compiler().function("initial", |_| Ok(Link::to("patient", "P-2"))).compile().unwrap();
        assert_eq!(
            mapper.map(&record(&[])).unwrap().drafts[0].fields()[0].1,
            Link::to("patient", "P-2").into()
        );
    }

    #[test]
    fn a_pointer_where_a_value_is_needed_refuses_the_record() {
        let spec = spec(r#"{ join = [{ call = "f", from = ["a"] }] }"#);
        let mapper = spec.compiler().function("f", |_| Ok(Link::to("patient", "P-2"))).compile().unwrap();
        assert_eq!(mapper.map(&record(&[])).unwrap_err().place("field"), Some("a"));
    }

    #[test]
    fn a_function_that_was_not_given_is_named() {
        assert!(complains(r#"{ call = "f", from = "a" }"#).contains("no function `f`"));
    }
}
