//! Tells from a fault what became of the call.

use crate::client::refusal::{from_access_error, from_text, from_value_error, refused};
use crate::client::traceback::{Raised, is_behind_the_commit};
use crate::error::Error;
use crate::reason::Reason;
use crate::wire::Fault;

/// The call that was answered with a fault.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    /// Its model; `common` for the calls without one.
    pub(crate) model: &'a str,
    /// Its method.
    pub(crate) method: &'a str,
    /// Names of fields that it sent. A `KeyError` can quote anything: only these are taken from it.
    pub(crate) fields: &'a [String],
}

impl Site<'_> {
    /// Model and method.
    pub(crate) fn call(&self) -> String {
        format!("{}.{}", self.model, self.method)
    }
}

/// What became of a call that was answered with a fault.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It is done; only its result could not be sent.
    Done,
    /// It is not.
    Failed(Error),
}

/// An exception as JSON-2 tells it.
pub(crate) struct Failure {
    /// Its class with its module: `odoo.exceptions.UserError`, `builtins.ValueError`.
    pub(crate) class: String,
    /// Its message. It may hold values.
    pub(crate) message: String,
    /// Whether it came when the call's changes were committed already.
    pub(crate) is_behind_the_commit: bool,
}

/// Reads the exception's class; the HTTP status says no more than it does.
pub(crate) fn classify_error(failure: &Failure, site: Site<'_>) -> Error {
    let class = failure.class.strip_prefix("builtins.").unwrap_or(&failure.class);
    let message = failure.message.trim();
    if failure.is_behind_the_commit {
        return behind_the_commit(site);
    }
    match class.strip_prefix("werkzeug.exceptions.") {
        Some("Unauthorized") => key(),
        Some("NotFound") if message.starts_with("the model '") => {
            refused(site.model, None, Reason::UnknownModel)
        }
        Some("NotFound") if message.starts_with("The method '") => {
            refused(site.model, None, Reason::UnknownMethod)
        }
        Some("UnprocessableEntity") => refused(site.model, None, Reason::Arguments),
        _ => from_exception(Raised::new(class, message), site),
    }
}

/// Reads Odoo's fault codes: 1 any exception, 2 refused, 3 login, 4 rights.
pub(crate) fn classify(fault: &Fault, site: Site<'_>) -> Outcome {
    let text = fault.text.trim();
    Outcome::Failed(match fault.code {
        2 => from_text(text, site.model),
        3 => login(),
        4 => from_access_error(text, site.model, site.method),
        _ if is_behind_the_commit(text) => behind_the_commit(site),
        _ => match Raised::find(text) {
            Some(raised) if raised.is_after_the_call() => return after_the_call(raised, site),
            Some(raised) => from_exception(raised, site),
            None => server(site, "an exception of unknown class"),
        },
    })
}

/// `cannot marshal None unless allow_none is enabled` and, before 17, `cannot marshal <class 'odoo.api...'> objects`.
fn after_the_call(raised: Raised<'_>, site: Site<'_>) -> Outcome {
    if raised.name() == "TypeError" && raised.message.starts_with("cannot marshal ") {
        return Outcome::Done;
    }
    let reason = "the server carried the call out, but its result holds a value that XML-RPC cannot carry: leave that field out";
    Outcome::Failed(Error::protocol(&site.call(), reason))
}

/// The changes are there, but a call's rows are better looked for than believed in.
fn behind_the_commit(site: Site<'_>) -> Error {
    let reason = "the server committed the call and failed in what it does afterwards (notices, mails): look before sending it again";
    Error::Lost { call: site.call(), reason: reason.to_owned() }
}

fn from_exception(raised: Raised<'_>, site: Site<'_>) -> Error {
    let Raised { message, .. } = raised;
    let model = site.model;
    match raised.name() {
        "SerializationFailure"
        | "DeadlockDetected"
        | "LockNotAvailable"
        | "TransactionRollbackError"
        | "PoolError" => Error::Busy { call: site.call() },
        // Fields are being made by somebody else at this moment (measured on 14 to 19).
        "RuntimeError" if message.contains("changed size during iteration") => {
            Error::Busy { call: site.call() }
        }
        "OperationalError" | "InterfaceError" | "AdminShutdown" | "CrashShutdown" => {
            from_connection(message, site)
        }
        // Raised while the call's body was still read: a pause of 2.5 s is enough for a server with workers (measured on 19).
        "ClientDisconnected" => not_taken(site),
        "AccessDenied" => login(),
        "AccessError" => from_access_error(message, model, site.method),
        "UserError" | "ValidationError" | "MissingError" | "RedirectWarning" | "IntegrityError" => {
            from_text(message, model)
        }
        "NotNullViolation" | "UniqueViolation" | "ForeignKeyViolation" | "CheckViolation" => {
            from_text(message, model)
        }
        "ValueError" => from_value_error(message, model).unwrap_or_else(|| server(site, raised.told_class())),
        "KeyError" => {
            let key = message.trim_matches('\'');
            match site.fields.iter().find(|field| *field == key) {
                Some(field) => refused(model, Some(field), Reason::UnknownField),
                None => server(site, raised.told_class()),
            }
        }
        "AttributeError" if message.starts_with("type object '") || message.starts_with("The method '") => {
            refused(model, None, Reason::UnknownMethod)
        }
        "TypeError" if is_about_arguments(message, site.method) => refused(model, None, Reason::Arguments),
        "DataError"
        | "NumericValueOutOfRange"
        | "StringDataRightTruncation"
        | "InvalidTextRepresentation"
        | "InvalidDatetimeFormat"
        | "DatetimeFieldOverflow"
        | "ProgramLimitExceeded"
        | "OverflowError" => refused(model, None, Reason::Value),
        "Error" if raised.class == "binascii.Error" => refused(model, None, Reason::Value),
        "ExpatError" | "UntranslatableCharacter" | "CharacterNotInRepertoire" | "UnicodeEncodeError" => {
            refused(model, None, Reason::Text)
        }
        _ => server(site, raised.told_class()),
    }
}

/// The server had only a part of the call.
fn not_taken(site: Site<'_>) -> Error {
    let reason = "the server stopped waiting for the rest of the call, and nothing was applied: the line is too slow, or the server's patience too short";
    Error::NotSent { call: site.call(), reason: reason.to_owned() }
}

/// The server's own connection to its database.
fn from_connection(message: &str, site: Site<'_>) -> Error {
    if message.contains("FATAL") && message.contains("does not exist") {
        return Error::no_such_database();
    }
    if message.contains("too many clients") || message.contains("connection slots") {
        return Error::Busy { call: site.call() };
    }
    let reason = "the server lost its database during the call, which may have been applied: look before sending it again";
    Error::Lost { call: site.call(), reason: reason.to_owned() }
}

fn is_about_arguments(message: &str, method: &str) -> bool {
    let kinds = [
        "required positional argument",
        "required keyword-only argument",
        "unexpected keyword argument",
        "positional argument",
    ];
    message.contains(&format!("{method}() ")) && kinds.iter().any(|kind| message.contains(kind))
}

pub(crate) fn login() -> Error {
    let reason = "the server refuses the login: check login and password or API key, and that the user is active in this database";
    Error::Login { reason: reason.to_owned() }
}

/// JSON-2 does not take the secret.
pub(crate) fn key() -> Error {
    let reason = "the server refuses the login: check the API key (JSON-2 takes no password), that it has not ended, and that its user is active in this database";
    Error::Login { reason: reason.to_owned() }
}

fn server(site: Site<'_>, class: &str) -> Error {
    Error::Server { call: site.call(), class: class.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Retry;

    const CANARY: &str = "Canary-Rao";

    fn site(fields: &[String]) -> Site<'_> {
        Site { model: "res.partner", method: "write", fields }
    }

    fn raised(last: &str) -> Fault {
        let head = "Traceback (most recent call last):\n  File \"/usr/lib/python3/odoo/service/model.py\", line 1, in check\n    return f()\n";
        Fault::new(1, format!("{head}{last}\n"))
    }

    #[track_caller]
    fn failed(fault: &Fault) -> Error {
        match classify(fault, site(&["phone".to_owned()])) {
            Outcome::Failed(error) => {
                assert!(!format!("{error} {error:?}").contains(CANARY), "{error}");
                error
            }
            Outcome::Done => panic!("not done"),
        }
    }

    #[test]
    fn a_result_that_cannot_be_sent_is_done() {
        for last in [
            "cannot marshal None unless allow_none is enabled",
            "cannot marshal <class 'odoo.api.account.move'> objects",
        ] {
            let text = format!(
                "Traceback (most recent call last):\n  File \"/usr/lib/python3.9/xmlrpc/client.py\", line 537, in __dump\n    f(self, value, write)\n  File \"/usr/lib/python3.9/xmlrpc/client.py\", line 541, in dump_nil\n    raise TypeError(\"x\")\nTypeError: {last}\n"
            );
            assert_eq!(classify(&Fault::new(1, text), site(&[])), Outcome::Done);
        }
        // The same words elsewhere mean nothing.
        let error = failed(&raised("TypeError: cannot marshal None unless allow_none is enabled"));
        assert_eq!(error.retry(), Retry::Never);
        assert!(matches!(failed(&Fault::new(2, "cannot marshal None")), Error::Refused { .. }));
    }

    #[test]
    fn a_number_that_cannot_be_sent_leaves_the_call_in_doubt() {
        let text = "Traceback (most recent call last):\n  File \"/usr/lib/python3.9/xmlrpc/client.py\", line 541, in dump_long\n    raise OverflowError(\"x\")\nOverflowError: int exceeds XML-RPC limits\n";
        assert_eq!(failed(&Fault::new(1, text)).retry(), Retry::AfterLookup);
    }

    #[test]
    fn contention_is_safe_to_try_again() {
        for last in [
            "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update",
            "psycopg2.errors.DeadlockDetected: deadlock detected\nDETAIL: Canary-Rao",
            "RuntimeError: dictionary changed size during iteration",
            "psycopg2.OperationalError: FATAL:  sorry, too many clients already",
        ] {
            assert_eq!(failed(&raised(last)), Error::Busy { call: "res.partner.write".to_owned() });
        }
    }

    #[test]
    fn a_lost_database_leaves_the_call_in_doubt() {
        let error = failed(&raised("psycopg2.OperationalError: server closed the connection unexpectedly"));
        assert_eq!(error.retry(), Retry::AfterLookup);
        let missing = "psycopg2.OperationalError: connection to server on socket \"/s\" failed: FATAL:  database \"Canary-Rao\" does not exist\n";
        assert!(matches!(failed(&raised(missing)), Error::Login { .. }));
    }

    #[test]
    fn what_fails_behind_the_commit_leaves_the_call_in_doubt() {
        for last in [
            "psycopg2.OperationalError: FATAL:  sorry, too many clients already",
            "psycopg2.pool.PoolError: The Connection Pool Is Full",
            "psycopg2.OperationalError: FATAL:  database \"postgres\" does not exist",
            "odoo.exceptions.AccessDenied: Canary-Rao",
        ] {
            let frames = "  File \"/odoo/sql_db.py\", line 449, in commit\n    self.postcommit.run()\n  File \"/odoo/sql_db.py\", line 1, in x\n    f()\n";
            let text = format!("Traceback (most recent call last):\n{frames}{last}\n");
            let error = failed(&Fault::new(1, text));
            assert!(matches!(error, Error::Lost { .. }), "{error:?}");
            assert_eq!(error.retry(), Retry::AfterLookup);
        }
    }

    #[test]
    fn a_call_that_the_server_had_in_part_can_be_sent_again() {
        let error = failed(&raised("werkzeug.exceptions.ClientDisconnected: 400 Bad Request: Canary-Rao"));
        assert_eq!(error.retry(), Retry::Safe);
    }

    #[test]
    fn a_key_is_told_only_if_it_was_sent() {
        let unknown = refused("res.partner", Some("phone"), Reason::UnknownField);
        assert_eq!(failed(&raised("KeyError: 'phone'")), unknown);
        assert!(matches!(failed(&raised("KeyError: 'Canary-Rao'")), Error::Server { .. }));
    }

    #[test]
    fn nothing_of_an_unknown_fault_is_told() {
        for fault in [
            raised("ValueError: Canary-Rao"),
            raised("Canary-Rao: x"),
            raised("odoo.exceptions.UserError: Canary-Rao"),
            Fault::new(1, "Canary-Rao"),
            Fault::new(2, "The patient Canary-Rao is blocked"),
            Fault::new(3, "Canary-Rao"),
            Fault::new(4, "Canary-Rao records"),
            Fault::new(-7, "Canary-Rao"),
        ] {
            assert_eq!(failed(&fault).retry(), Retry::Never);
        }
    }

    #[test]
    fn exceptions_of_the_data_are_refusals() {
        for (last, reason) in [
            ("psycopg2.errors.NumericValueOutOfRange: integer out of range", Reason::Value),
            ("xml.parsers.expat.ExpatError: not well-formed (invalid token): line 3, column 7", Reason::Text),
            ("binascii.Error: Incorrect padding", Reason::Value),
            (
                "AttributeError: type object 'res.partner' has no attribute 'Canary-Rao'",
                Reason::UnknownMethod,
            ),
            ("AttributeError: The method 'res.partner.zz' does not exist", Reason::UnknownMethod),
            ("TypeError: write() missing 1 required positional argument: 'vals'", Reason::Arguments),
            ("TypeError: ResPartner.write() got an unexpected keyword argument 'zz'", Reason::Arguments),
        ] {
            assert_eq!(failed(&raised(last)), refused("res.partner", None, reason), "{last}");
        }
    }

    /// Texts like those of Odoo, put together in any way, with a value anywhere.
    fn text() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec![
            "\n",
            ": ",
            ":",
            " ",
            "'",
            "\"",
            "(",
            ")",
            ".",
            "\u{a0}",
            "é",
            CANARY,
            "canary_rao",
            "ValueError",
            "Traceback (most recent call last):\n",
            "\n  File \"/xmlrpc/client.py\", line 1, in dump_nil\n",
            "psycopg2.errors.",
            "Invalid field ",
            "Wrong value for ",
            "Model: ",
            "Field: ",
            "(Record: ",
            "Constraint: ",
            " records",
            "Missing required value for the field ",
            "violates unique constraint \"",
            "Key (",
            ")=",
            "KeyError: ",
            "cannot marshal ",
            "Another model is using the record",
            "following constraint: ",
            "not allowed to create ",
            "Error while validating view",
            "\nField \"",
            "\" does not exist in model \"",
        ]);
        prop_oneof![
            4 => prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat()),
            1 => any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_tell_a_value(code in 0_i64..6, text in text()) {
            if let Outcome::Failed(error) = classify(&Fault::new(code, text), site(&[])) {
                prop_assert!(!format!("{error} {error:?}").contains(CANARY), "{error}");
            }
        }
    }
}
