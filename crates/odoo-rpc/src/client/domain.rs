//! Which records: Odoo's search domains, in their Polish notation.

use crate::wire::Value;

/// A condition on records. The empty one holds for all of them.
///
/// # Example
///
/// ```
/// use odoo_rpc::client::Domain;
///
/// let doctors = Domain::field("login").is_in(["asha@example.org", "ravi@example.org"]);
/// let known = doctors.or(Domain::field("email").eq_ilike("asha@example.org"));
/// assert_eq!(known.len(), 3); // "|" and two conditions
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Domain(Vec<Value>);

impl Domain {
    /// Every record (that the search shows at all: archived ones need `active_test: false` in the context).
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// No record.
    #[must_use]
    pub fn nothing() -> Self {
        Self::field("id").is_in(Vec::<i64>::new())
    }

    /// Begins a condition on a field, or on a path of fields such as `country_id.code`.
    #[must_use]
    pub fn field(name: &str) -> FieldCondition<'_> {
        FieldCondition(name)
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::joined("&", [self, other])
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::any_of([self, other])
    }

    /// It does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        if self.0.is_empty() {
            return Self::nothing();
        }
        let mut terms = Vec::with_capacity(self.0.len() + 1);
        terms.push(Value::from("!"));
        terms.extend(self.0);
        Self(terms)
    }

    /// All of them hold; every record for none.
    #[must_use]
    pub fn all_of(domains: impl IntoIterator<Item = Self>) -> Self {
        Self::joined("&", domains)
    }

    /// At least one of them holds; no record for none. Odoo takes thousands in one search (5,000 measured).
    #[must_use]
    pub fn any_of(domains: impl IntoIterator<Item = Self>) -> Self {
        let domains: Vec<_> = domains.into_iter().collect();
        if domains.is_empty() {
            return Self::nothing();
        }
        if domains.iter().any(|domain| domain.0.is_empty()) {
            return Self::everything();
        }
        Self::joined("|", domains)
    }

    /// How many terms the notation has: operators and conditions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds for every record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn joined(operator: &str, domains: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<_> =
            domains.into_iter().map(|domain| domain.0).filter(|terms| !terms.is_empty()).collect();
        // Every part is one whole expression, so the operators may all stand in front.
        let mut terms = vec![Value::from(operator); parts.len().saturating_sub(1)];
        terms.extend(parts.into_iter().flatten());
        Self(terms)
    }
}

impl From<Domain> for Value {
    fn from(domain: Domain) -> Self {
        Self::Array(domain.0)
    }
}

/// A field whose condition is yet to come. Made by [`Domain::field`].
#[derive(Clone, Copy, Debug)]
pub struct FieldCondition<'a>(&'a str);

impl FieldCondition<'_> {
    /// Equal. Texts are compared with case.
    #[must_use]
    pub fn eq(self, value: impl Into<Value>) -> Domain {
        self.compared("=", value)
    }

    /// Not equal.
    #[must_use]
    pub fn ne(self, value: impl Into<Value>) -> Domain {
        self.compared("!=", value)
    }

    /// Less.
    #[must_use]
    pub fn lt(self, value: impl Into<Value>) -> Domain {
        self.compared("<", value)
    }

    /// Less or equal.
    #[must_use]
    pub fn le(self, value: impl Into<Value>) -> Domain {
        self.compared("<=", value)
    }

    /// Greater.
    ///
    /// Not for a watermark on `write_date`: before 19 the record it was read from is found again, since microseconds are
    /// stored and whole seconds returned; use [`ge`](Self::ge) and leave out what is known.
    #[must_use]
    pub fn gt(self, value: impl Into<Value>) -> Domain {
        self.compared(">", value)
    }

    /// Greater or equal.
    #[must_use]
    pub fn ge(self, value: impl Into<Value>) -> Domain {
        self.compared(">=", value)
    }

    /// Among these values.
    #[must_use]
    pub fn is_in(self, values: impl IntoIterator<Item = impl Into<Value>>) -> Domain {
        self.compared("in", list(values))
    }

    /// Not among these values.
    #[must_use]
    pub fn not_in(self, values: impl IntoIterator<Item = impl Into<Value>>) -> Domain {
        self.compared("not in", list(values))
    }

    /// Matches a pattern, without case; `%` and `_` stand for any text and any character.
    #[must_use]
    pub fn eq_ilike(self, pattern: &str) -> Domain {
        self.compared("=ilike", pattern)
    }

    /// Contains a text, without case.
    #[must_use]
    pub fn ilike(self, text: &str) -> Domain {
        self.compared("ilike", text)
    }

    /// Has a value.
    #[must_use]
    pub fn is_set(self) -> Domain {
        self.compared("!=", false)
    }

    /// Has no value.
    #[must_use]
    pub fn is_unset(self) -> Domain {
        self.compared("=", false)
    }

    /// Is one of these records or below one of them.
    #[must_use]
    pub fn child_of(self, ids: &[i64]) -> Domain {
        self.compared("child_of", list(ids.iter().copied()))
    }

    /// Any other operator.
    #[must_use]
    pub fn compared(self, operator: &str, value: impl Into<Value>) -> Domain {
        Domain(vec![Value::Array(vec![self.0.into(), operator.into(), value.into()])])
    }
}

fn list(values: impl IntoIterator<Item = impl Into<Value>>) -> Value {
    Value::Array(values.into_iter().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a domain as Odoo's documentation does.
    fn shown(domain: Domain) -> String {
        let Value::Array(terms) = Value::from(domain) else { panic!("a domain is a list") };
        let term = |term: &Value| match term {
            Value::Text(operator) => operator.clone(),
            Value::Array(leaf) => leaf[0].as_text().unwrap().to_owned() + leaf[1].as_text().unwrap(),
            _ => panic!("a term is an operator or a condition"),
        };
        terms.iter().map(term).collect::<Vec<_>>().join(" ")
    }

    fn a() -> Domain {
        Domain::field("a").eq(1)
    }

    fn b() -> Domain {
        Domain::field("b").lt(1)
    }

    #[test]
    fn operators_stand_before_their_operands() {
        assert_eq!(shown(a().and(b())), "& a= b<");
        assert_eq!(shown(a().or(b()).and(a())), "& | a= b< a=");
        assert_eq!(shown(a().or(b().and(a()))), "| a= & b< a=");
        assert_eq!(shown(a().and(b()).negated()), "! & a= b<");
        assert_eq!(shown(Domain::any_of([a(), b(), a().negated()])), "| | a= b< ! a=");
        assert_eq!(shown(Domain::all_of([a(), b(), a()])), "& & a= b< a=");
    }

    #[test]
    fn everything_and_nothing_keep_their_meaning() {
        assert!(Domain::everything().is_empty());
        assert_eq!(a().and(Domain::everything()), a());
        assert!(a().or(Domain::everything()).is_empty());
        assert_eq!(Domain::everything().negated(), Domain::nothing());
        assert_eq!(Domain::any_of([]), Domain::nothing());
        assert!(Domain::all_of([]).is_empty());
        assert_eq!(shown(Domain::nothing()), "idin");
    }
}
