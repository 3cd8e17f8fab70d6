//! The events of the XML parser, narrowed to what XML-RPC is made of.

use std::borrow::Cow;

use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesText, Event};
use quick_xml::{Error, Reader};

use crate::wire::chars::{is_allowed, scan};
use crate::wire::error::{DecodeError, DecodeErrorKind};
use crate::wire::limits::Limits;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One step through a document. Comments and processing instructions are none.
#[derive(Debug)]
pub(crate) enum Token<'a> {
    /// An element begins.
    Open(Tag),
    /// The element that began last ends.
    Close,
    /// Literal text, line ends made `\n`.
    Text(Cow<'a, str>),
    /// What a reference stands for.
    Char(char),
    /// The document is over.
    End,
}

/// The elements of XML-RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    MethodCall,
    MethodName,
    MethodResponse,
    Params,
    Param,
    Fault,
    Value,
    Array,
    Data,
    Struct,
    Member,
    Name,
    Nil,
    Boolean,
    Int,
    Double,
    Text,
    DateTime,
    Base64,
    Html,
    Other,
}

impl Tag {
    fn named(name: &str) -> Self {
        match name {
            "value" => Self::Value,
            "string" => Self::Text,
            "int" | "i4" | "i8" | "i1" | "i2" => Self::Int,
            "member" => Self::Member,
            "name" => Self::Name,
            "boolean" => Self::Boolean,
            "array" => Self::Array,
            "data" => Self::Data,
            "struct" => Self::Struct,
            "double" => Self::Double,
            "nil" => Self::Nil,
            "dateTime.iso8601" => Self::DateTime,
            "base64" => Self::Base64,
            "methodCall" => Self::MethodCall,
            "methodName" => Self::MethodName,
            "methodResponse" => Self::MethodResponse,
            "params" => Self::Params,
            "param" => Self::Param,
            "fault" => Self::Fault,
            // The extensions come with a prefix, mostly `ex:`; CPython reads any.
            _ => match name.split_once(':') {
                Some((_, "nil")) => Self::Nil,
                Some((_, "i1" | "i2" | "i4" | "i8")) => Self::Int,
                None if name.eq_ignore_ascii_case("html") => Self::Html,
                _ => Self::Other,
            },
        }
    }
}

/// Which characters beyond those of XML a document may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Characters {
    /// None.
    Strict,
    /// U+FFFE and U+FFFF, which Odoo sends as they are stored (measured on Odoo 19).
    Noncharacters,
}

/// Reads a document token by token.
pub(crate) struct Tokens<'a> {
    reader: Reader<&'a [u8]>,
    characters: Characters,
    carriage_returns: bool,
    /// The length of the byte order mark, which the reader does not see.
    skipped: usize,
    text: &'a str,
    /// Where the last token begins, the byte order mark aside.
    at: u64,
    /// Whether an element written `<a/>` has still to be closed.
    close: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(
        document: &'a [u8],
        limits: &Limits,
        characters: Characters,
    ) -> Result<Self, DecodeError> {
        if document.len() > limits.bytes {
            return Err(DecodeError::new(DecodeErrorKind::TooLarge, limits.bytes));
        }
        let content = document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document);
        let skipped = document.len() - content.len();
        refuse_foreign(content, skipped)?;
        let text = std::str::from_utf8(content).map_err(|error| {
            let cut = error.error_len().is_none();
            let kind = if cut { DecodeErrorKind::Truncated } else { DecodeErrorKind::Encoding };
            DecodeError::new(kind, skipped + error.valid_up_to())
        })?;
        let scan = scan(text);
        let noncharacter = scan.noncharacter.filter(|_| characters == Characters::Strict);
        if let Some(at) = scan.control.into_iter().chain(noncharacter).min() {
            return Err(DecodeError::new(DecodeErrorKind::Character, skipped + at));
        }
        Ok(Self {
            reader: Reader::from_str(text),
            characters,
            carriage_returns: scan.carriage_returns,
            skipped,
            text,
            at: 0,
            close: false,
        })
    }

    /// The error of that kind at the last token.
    pub(crate) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        self.error_at(kind, self.at)
    }

    /// Where the last token begins.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The error of that kind at a place that [`at`](Self::at) told, or behind the white space there.
    pub(crate) fn error_at(&self, kind: DecodeErrorKind, at: u64) -> DecodeError {
        let at = usize::try_from(at).unwrap_or(self.text.len());
        let blank = self.text.bytes().skip(at).take_while(u8::is_ascii_whitespace).count();
        DecodeError::new(kind, self.skipped + at + blank)
    }

    /// Whether white space before the next token is part of it. It is skipped fastest where it is never seen.
    pub(crate) fn keep_blanks(&mut self, keep: bool) {
        self.reader.config_mut().trim_text_start = !keep;
    }

    pub(crate) fn next(&mut self) -> Result<Token<'a>, DecodeError> {
        if self.close {
            self.close = false;
            return Ok(Token::Close);
        }
        loop {
            self.at = self.reader.buffer_position();
            let token = match self.reader.read_event() {
                Ok(Event::Start(start)) => Token::Open(Tag::named(start.name().as_ref())),
                Ok(Event::End(_)) => Token::Close,
                Ok(Event::Text(text)) => Token::Text(self.line_ends(text)),
                Ok(Event::GeneralRef(reference)) => Token::Char(self.resolve(&reference)?),
                Ok(Event::Empty(start)) => {
                    self.close = true;
                    Token::Open(Tag::named(start.name().as_ref()))
                }
                Ok(Event::CData(data)) if self.carriage_returns => Token::Text(data.xml10_content()),
                Ok(Event::CData(data)) => Token::Text(data.into_inner()),
                Ok(Event::Comment(_) | Event::PI(_)) => continue,
                Ok(Event::Decl(declaration)) => {
                    self.check_declaration(&declaration)?;
                    continue;
                }
                Ok(Event::DocType(name)) if is_html(name.as_bytes(), b"html") => {
                    return Err(self.error(DecodeErrorKind::NotXml));
                }
                Ok(Event::DocType(_)) => return Err(self.error(DecodeErrorKind::Doctype)),
                Ok(Event::Eof) => Token::End,
                Err(error) => return Err(self.parser_error(&error)),
            };
            return Ok(token);
        }
    }

    fn line_ends(&self, text: BytesText<'a>) -> Cow<'a, str> {
        if self.carriage_returns { text.xml10_content() } else { text.into_inner() }
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Result<char, DecodeError> {
        if !reference.is_char_ref() {
            let text = resolve_xml_entity(reference).ok_or_else(|| self.error(DecodeErrorKind::Entity))?;
            return text.chars().next().ok_or_else(|| self.error(DecodeErrorKind::Entity));
        }
        match reference.resolve_char_ref() {
            Ok(Some(character)) if is_allowed(character) => Ok(character),
            Ok(Some(character @ ('\u{fffe}' | '\u{ffff}')))
                if self.characters == Characters::Noncharacters =>
            {
                Ok(character)
            }
            _ => Err(self.error(DecodeErrorKind::Character)),
        }
    }

    /// The declaration stands first or nowhere, and declares UTF-8 or nothing.
    fn check_declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), DecodeError> {
        if self.at != 0 || !self.text.starts_with('<') {
            return Err(self.error(DecodeErrorKind::Malformed));
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(encoding))
                if encoding.eq_ignore_ascii_case("utf-8") || encoding.eq_ignore_ascii_case("utf8") =>
            {
                Ok(())
            }
            Some(Ok(_)) => Err(self.error(DecodeErrorKind::Encoding)),
            Some(Err(_)) => Err(self.error(DecodeErrorKind::Malformed)),
        }
    }

    fn parser_error(&self, error: &Error) -> DecodeError {
        let at = self.reader.error_position();
        let kind = match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) if !self.cut_at(at) => DecodeErrorKind::Malformed,
            // Every other error of syntax is an end that never came.
            Error::Syntax(_) => DecodeErrorKind::Truncated,
            Error::IllFormed(IllFormedError::UnclosedReference) if self.position() >= self.text.len() => {
                DecodeErrorKind::Truncated
            }
            _ => DecodeErrorKind::Malformed,
        };
        self.error_at(kind, at)
    }

    /// Whether the document ends within the first letters of a comment, a CDATA section or a document type.
    fn cut_at(&self, at: u64) -> bool {
        let rest = usize::try_from(at).ok().and_then(|at| self.text.get(at..)).unwrap_or_default();
        ["<!--", "<![CDATA[", "<!DOCTYPE"].iter().any(|start| start.starts_with(rest))
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.text.len())
    }
}

/// Refuses what is no XML at all, before its encoding is looked at: a proxy's page may be in any.
fn refuse_foreign(content: &[u8], skipped: usize) -> Result<(), DecodeError> {
    let start = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(content.len());
    let kind = match content.get(start..).unwrap_or_default() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => DecodeErrorKind::Encoding,
        rest if !rest.starts_with(b"<") || is_html(rest, b"<!doctype html") || is_html(rest, b"<html") => {
            DecodeErrorKind::NotXml
        }
        _ => return Ok(()),
    };
    Err(DecodeError::new(kind, skipped + start))
}

/// Whether the text starts with the word, in capitals or not, and a longer word does not follow.
fn is_html(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        && text.get(word.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
}
