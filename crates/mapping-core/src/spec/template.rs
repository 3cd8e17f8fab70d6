//! The text of a template: what is fixed in it, its fields, and the sections that may be left out.

use crate::name::FieldName;

/// A template in its pieces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Field(FieldName),
    /// Left out when a field in it is blank.
    Section(Vec<Piece>),
}

impl Template {
    /// Takes a template apart. The error says what is wrong and at which character, counted from 1.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut chars = text.chars().enumerate().peekable();
        let mut outside = Vec::new();
        let mut section: Option<Vec<Piece>> = None;
        while let Some((at, c)) = chars.next() {
            let doubled = chars.peek().is_some_and(|(_, next)| *next == c);
            let wrong = |what: &str| Err(format!("{what}, at character {} of the template", at + 1));
            match c {
                '{' | '}' | '[' | ']' if doubled => {
                    chars.next();
                    push(section.as_mut().unwrap_or(&mut outside), c);
                }
                '{' => {
                    let mut name = String::new();
                    loop {
                        match chars.next() {
                            Some((_, '}')) => break,
                            Some((_, c)) if !"{[]:|!?".contains(c) => name.push(c),
                            Some(_) => {
                                return wrong("between `{` and `}` a field's name stands and nothing else");
                            }
                            None => return wrong("`{` is not closed; for a brace itself write `{{`"),
                        }
                    }
                    if name.trim() != name || name.is_empty() {
                        return wrong("between `{` and `}` a field's name stands, without spaces around it");
                    }
                    section.as_mut().unwrap_or(&mut outside).push(Piece::Field(name.into()));
                }
                '}' => return wrong("`}` closes nothing; for a brace itself write `}}`"),
                '[' if section.is_some() => return wrong("a section in a section"),
                '[' => section = Some(Vec::new()),
                ']' => match section.take() {
                    Some(pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Field(_))) => {
                        outside.push(Piece::Section(pieces));
                    }
                    Some(_) => return wrong("a section without a field; for a bracket itself write `[[`"),
                    None => return wrong("`]` closes nothing; for a bracket itself write `]]`"),
                },
                c => push(section.as_mut().unwrap_or(&mut outside), c),
            }
        }
        match section {
            Some(_) => Err("`[` is not closed; for a bracket itself write `[[`".to_owned()),
            None => Ok(Self { pieces: outside }),
        }
    }

    /// The names in it, each once, in order.
    pub(crate) fn names(&self) -> Vec<&FieldName> {
        let mut names = Vec::new();
        for piece in &self.pieces {
            let inner = match piece {
                Piece::Section(inner) => inner.as_slice(),
                other => std::slice::from_ref(other),
            };
            for piece in inner {
                if let Piece::Field(name) = piece
                    && !names.contains(&name)
                {
                    names.push(name);
                }
            }
        }
        names
    }
}

fn push(pieces: &mut Vec<Piece>, c: char) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => pieces.push(Piece::Text(c.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_taken_apart() {
        let template = Template::parse("{{{name}}}[ ({born})] [[x]]").unwrap();
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(
            template.pieces,
            [
                text("{"),
                Piece::Field("name".into()),
                text("}"),
                Piece::Section(vec![text(" ("), Piece::Field("born".into()), text(")")]),
                text(" [x]"),
            ]
        );
        assert_eq!(template.names().len(), 2);
    }

    #[test]
    fn what_is_no_template_is_told() {
        for text in [
            "{",
            "}",
            "{}",
            "{ name }",
            "{name:upper}",
            "{name|x}",
            "[x]",
            "[{a}[{b}]]",
            "[{a}",
            "]",
            "{a{b}}",
        ] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
