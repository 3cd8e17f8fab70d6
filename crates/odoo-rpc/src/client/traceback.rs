//! Reads what is safe to tell out of a Python traceback: where it ended, and with which class of exception.

/// The exception that a traceback ends with.
#[derive(Clone, Copy)]
pub(crate) struct Raised<'a> {
    /// Its class as written: `ValueError`, `psycopg2.errors.SerializationFailure`.
    pub(crate) class: &'a str,
    /// Its message, of any number of lines. It may hold values.
    pub(crate) message: &'a str,
    /// The line that names the innermost function.
    frame: Option<&'a str>,
}

impl<'a> Raised<'a> {
    /// An exception whose traceback is not looked at. What is no class of Python's is not told.
    pub(crate) fn new(class: &'a str, message: &'a str) -> Self {
        Self { class: if is_class(class) { class } else { "" }, message, frame: None }
    }

    /// Finds it: the first line that is not indented after the last `File` line.
    ///
    /// What follows belongs to the message (PostgreSQL adds `LINE 1:`, `HINT:`, and a value can have several lines), so the last
    /// line is not the one to look at.
    pub(crate) fn find(text: &'a str) -> Option<Self> {
        let (frame, rest) = match text.rfind("\n  File \"") {
            Some(at) => {
                let from_frame = &text[at + 1..];
                let (frame, rest) = from_frame.split_once('\n')?;
                (Some(frame), rest)
            }
            None => (None, text),
        };
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            if !line.starts_with([' ', '\t', '\n', '\r']) {
                let raised = rest[at..].trim_end();
                let head = raised.lines().next().unwrap_or_default();
                let (class, message) = match head.find(':') {
                    Some(colon) => (&raised[..colon], &raised[colon + 1..]),
                    None => raised.split_at(head.len()),
                };
                let message = message.trim_start();
                return is_class(class).then_some(Self { class, message, frame });
            }
            at += line.len();
        }
        None
    }

    /// The class without its module.
    pub(crate) fn name(&self) -> &'a str {
        self.class.rsplit('.').next().unwrap_or(self.class)
    }

    /// The class, if it surely is one: a line of a value can look like `Word: text`, too.
    pub(crate) fn told_class(&self) -> &'a str {
        let known = ["psycopg2.", "psycopg.", "odoo.", "werkzeug.", "lxml.", "xml.", "requests."]
            .iter()
            .any(|module| self.class.starts_with(module));
        let ending = ["Error", "Exception", "Warning", "Interrupt", "Exit", "StopIteration"]
            .iter()
            .any(|ending| self.class.ends_with(ending));
        if known || ending { self.class } else { "an exception of unknown class" }
    }

    /// Whether it happened while the result was written as XML. By then the call's changes are committed (measured on 14 and
    /// 19: `action_set_lost`, `button_draft` and the payments' `action_post` are done).
    pub(crate) fn is_after_the_call(&self) -> bool {
        let Some((file, function)) = self.frame.and_then(|frame| frame.rsplit_once(", in ")) else {
            return false;
        };
        file.contains("xmlrpc") && function.contains("dump")
    }
}

/// Whether a traceback leads through what the server does once a call's changes are committed: notices to other users, mails. Odoo 14 to 19
/// run it within the call (their `Cursor.commit`), so that its exception becomes the call's.
pub(crate) fn is_behind_the_commit(text: &str) -> bool {
    text.contains("postcommit.run()")
}

fn is_class(text: &str) -> bool {
    text.len() <= 100
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "Traceback (most recent call last):\n  File \"/odoo/http.py\", line 1, in dispatch\n    run()\n";

    #[test]
    fn the_exception_is_the_first_line_after_the_frames() {
        let text = format!(
            "{HEAD}  File \"/odoo/sql_db.py\", line 9, in execute\n    self.run(q)\n    ~~~~^^^\npsycopg2.errors.UndefinedColumn: no column\nLINE 1: SELECT\n        ^\nHINT: Foo: bar\n"
        );
        let raised = Raised::find(&text).unwrap();
        assert_eq!((raised.class, raised.name()), ("psycopg2.errors.UndefinedColumn", "UndefinedColumn"));
        assert!(raised.message.starts_with("no column\nLINE 1"));
        assert!(!raised.is_after_the_call());
    }

    #[test]
    fn a_value_of_several_lines_is_no_exception() {
        let text = format!("{HEAD}ValueError: Wrong value for m.f: 'a\nAshaError: fever'\n");
        assert_eq!(Raised::find(&text).unwrap().class, "ValueError");
    }

    #[test]
    fn the_last_of_several_tracebacks_counts() {
        let text = format!(
            "{HEAD}KeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\n{HEAD}odoo.exceptions.UserError\n"
        );
        let raised = Raised::find(&text).unwrap();
        assert_eq!((raised.name(), raised.message), ("UserError", ""));
    }

    #[test]
    fn what_is_no_class_is_not_told() {
        assert!(Raised::find("Asha Rao: fever").is_none());
        assert_eq!(Raised::find("Asha: fever").unwrap().told_class(), "an exception of unknown class");
        assert!(Raised::find("").is_none());
        assert!(Raised::find("Traceback\n  File \"x").is_none());
    }
}
