//! A document's markup and text, narrowed to what XML-RPC is made of.
//!
//! What servers write nearly always (tags without attributes, text, the references every text needs) is read here from the
//! bytes. The XML parser reads whatever else, one event at a time, from the byte where it begins.

use std::borrow::Cow;

use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesText, Event};
use quick_xml::{Error, Reader};

use crate::wire::chars::{Characters, is_allowed, scan};
use crate::wire::error::{DecodeError, DecodeErrorKind};
use crate::wire::foreign::{is_html, refuse_foreign};
use crate::wire::limits::Limits;
use crate::wire::plain;
use crate::wire::tag::{Tag, Token};

mod runs;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a document token by token.
pub(crate) struct Tokens<'a> {
    /// The document, the byte order mark aside. Every place below is one of its bytes.
    text: &'a str,
    characters: Characters,
    carriage_returns: bool,
    keep_blanks: bool,
    /// The length of the byte order mark.
    skipped: usize,
    /// Where the last token begins, or the white space before it.
    at: usize,
    /// Where the next one begins.
    position: usize,
    /// The elements that have not ended.
    open: Vec<Open<'a>>,
    /// Whether an element written `<a/>` has still to be closed.
    close: bool,
    /// The XML parser over the whole document: what the way through the bytes is compared with.
    #[cfg(any(test, fuzzing))]
    parser: Option<Reader<&'a [u8]>>,
}

/// An element that has not ended.
#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a [u8],
    /// Whether the name is one of XML-RPC's own, so that its end may be looked for among the bytes. A foreign one can hold
    /// quotes, which the parser minds.
    plain: bool,
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
            text,
            characters,
            carriage_returns: scan.carriage_returns,
            keep_blanks: true,
            skipped,
            at: 0,
            position: 0,
            open: Vec::new(),
            close: false,
            #[cfg(any(test, fuzzing))]
            parser: None,
        })
    }

    /// The same with the XML parser for everything.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn by_parser(mut self) -> Self {
        self.parser = Some(Reader::from_str(self.text));
        self
    }

    /// The error of that kind at the last token.
    pub(crate) fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        self.error_at(kind, self.at)
    }

    /// Where the last token begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Where the next token begins.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The error of that kind at a place that [`at`](Self::at) told, or behind the white space there.
    pub(crate) fn error_at(&self, kind: DecodeErrorKind, at: usize) -> DecodeError {
        let blank = self.text.bytes().skip(at).take_while(u8::is_ascii_whitespace).count();
        DecodeError::new(kind, self.skipped + at + blank)
    }

    /// Whether white space before the next token is part of it. It is skipped fastest where it is never seen.
    pub(crate) fn keep_blanks(&mut self, keep: bool) {
        self.keep_blanks = keep;
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Result<Token<'a>, DecodeError> {
        if self.close {
            self.close = false;
            return Ok(Token::Close);
        }
        self.at = self.position;
        match self.plain() {
            Some(token) => Ok(token),
            None => self.unusual(),
        }
    }

    /// Whether the present element ends next, as nearly every server writes it; then its end is read.
    #[inline]
    pub(crate) fn ends(&mut self) -> bool {
        let start = self.position;
        let Some(rest) = self.rest_behind_blanks() else { return false };
        let ends = self.plain_end(rest).is_some();
        self.keep_blanks = false;
        if ends {
            self.at = start
        } else {
            self.position = start
        }
        ends
    }

    /// Whether that element begins next, as nearly every server writes it; then its beginning is read.
    #[inline(always)]
    pub(crate) fn begins(&mut self, tag: Tag) -> bool {
        let start = self.position;
        let Some(rest) = self.rest_behind_blanks() else { return false };
        self.keep_blanks = false;
        let known = plain::written(tag);
        if known.is_empty() || !rest.starts_with(known.as_bytes()) {
            self.position = start;
            return false;
        }
        let name = rest.get(1..known.len() - 1).unwrap_or_default();
        self.open.push(Open { name, plain: true });
        self.at = start;
        self.position += known.len();
        true
    }

    /// What has not been read, where plain writing may be looked for.
    #[inline(always)]
    fn rest(&self) -> Option<&'a [u8]> {
        #[cfg(any(test, fuzzing))]
        if self.parser.is_some() {
            return None;
        }
        if self.close { None } else { self.text.as_bytes().get(self.position..) }
    }

    /// The same behind white space, which is read.
    #[inline(always)]
    fn rest_behind_blanks(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest()?;
        let blanks = plain::blanks(rest);
        self.position += blanks;
        rest.get(blanks..)
    }

    /// Reads the end of the element that began last, if the bytes begin with it.
    #[inline(always)]
    fn plain_end(&mut self, rest: &[u8]) -> Option<()> {
        let [b'<', b'/', rest @ ..] = rest else { return None };
        let open = self.open.last().filter(|open| open.plain)?;
        let (b'>', _) = rest.strip_prefix(open.name)?.split_first()? else { return None };
        self.position += open.name.len() + "</>".len();
        self.open.pop();
        Some(())
    }

    /// The next token, if it is written as nearly every server writes it.
    #[inline]
    fn plain(&mut self) -> Option<Token<'a>> {
        let rest = if self.keep_blanks { self.rest()? } else { self.rest_behind_blanks()? };
        match rest {
            [] => Some(Token::End),
            [b'<', b'/', ..] => self.plain_end(rest).map(|()| Token::Close),
            [b'<', behind @ ..] => {
                let (tag, length) = plain::tag(behind)?;
                match behind.split_at_checked(length)? {
                    (name, [b'>', ..]) => {
                        self.open.push(Open { name, plain: true });
                        self.position += length + "<>".len();
                    }
                    (_, [b'/', b'>', ..]) => {
                        self.close = true;
                        self.position += length + "</>".len();
                    }
                    _ => return None,
                }
                Some(Token::Open(tag))
            }
            [b'&', behind @ ..] => {
                let (character, length) = plain::reference(behind)?;
                self.position += 1 + length;
                Some(Token::Char(character))
            }
            _ => {
                let end = self.position + plain::text(rest);
                let text = self.text.get(self.position..end)?;
                self.position = end;
                Some(Token::Text(self.line_ends(BytesText::from_escaped(text))))
            }
        }
    }

    /// The next token as the XML parser tells it.
    #[cold]
    fn unusual(&mut self) -> Result<Token<'a>, DecodeError> {
        loop {
            let start = self.position;
            let token = match self.event()? {
                Event::Start(tag) => {
                    self.begin(start + 1, tag.name().as_ref().len());
                    Token::Open(Tag::named(tag.name().as_ref()))
                }
                Event::End(tag) => self.end(tag.name().as_ref(), start)?,
                Event::Text(text) => Token::Text(self.line_ends(text)),
                Event::GeneralRef(reference) => Token::Char(self.resolve(&reference)?),
                Event::Empty(tag) => {
                    self.close = true;
                    Token::Open(Tag::named(tag.name().as_ref()))
                }
                Event::CData(data) if self.carriage_returns => Token::Text(data.xml10_content()),
                Event::CData(data) => Token::Text(data.into_inner()),
                nothing @ (Event::Comment(_) | Event::PI(_) | Event::Decl(_)) => {
                    if let Event::Decl(declaration) = nothing {
                        self.check_declaration(&declaration)?;
                    }
                    match self.behind() {
                        Some(token) => token,
                        None => continue,
                    }
                }
                Event::DocType(name) if is_html(name.as_bytes(), b"html") => {
                    return Err(self.error(DecodeErrorKind::NotXml));
                }
                Event::DocType(_) => return Err(self.error(DecodeErrorKind::Doctype)),
                Event::Eof => Token::End,
            };
            return Ok(token);
        }
    }

    /// The token behind one that is none, if it is plain.
    fn behind(&mut self) -> Option<Token<'a>> {
        self.at = self.position;
        self.plain()
    }

    /// One event of the XML parser, read from where the last token ended.
    ///
    /// The parser would take a byte order mark for the document's own, so it never begins with text.
    fn event(&mut self) -> Result<Event<'a>, DecodeError> {
        #[cfg(any(test, fuzzing))]
        if let Some(mut parser) = self.parser.take() {
            parser.config_mut().trim_text_start = !self.keep_blanks;
            let event = self.event_of(&mut parser, 0);
            self.parser = Some(parser);
            return event;
        }
        let start = self.position;
        let mut parser = Reader::from_str(self.text.get(start..).unwrap_or_default());
        // It has not seen where the element began; `end` has.
        parser.config_mut().allow_unmatched_ends = true;
        self.event_of(&mut parser, start)
    }

    fn event_of(&mut self, parser: &mut Reader<&'a [u8]>, start: usize) -> Result<Event<'a>, DecodeError> {
        let event = parser.read_event();
        self.position = start + as_place(parser.buffer_position());
        event.map_err(|error| self.parser_error(&error, start + as_place(parser.error_position())))
    }

    /// An element begins whose name the parser has found.
    fn begin(&mut self, start: usize, length: usize) {
        let name = self.text.as_bytes().get(start..start + length).unwrap_or_default();
        self.open.push(Open { name, plain: false });
    }

    /// An element ends that the parser has found: it has to be the one that began last.
    fn end(&mut self, name: &str, start: usize) -> Result<Token<'a>, DecodeError> {
        #[cfg(any(test, fuzzing))]
        if self.parser.is_some() {
            return Ok(Token::Close);
        }
        match self.open.pop() {
            Some(open) if open.name == name.as_bytes() => Ok(Token::Close),
            _ => Err(self.error_at(DecodeErrorKind::Malformed, start)),
        }
    }

    #[inline]
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

    fn parser_error(&self, error: &Error, at: usize) -> DecodeError {
        let kind = match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) if !self.cut_at(at) => DecodeErrorKind::Malformed,
            // Every other error of syntax is an end that never came.
            Error::Syntax(_) => DecodeErrorKind::Truncated,
            Error::IllFormed(IllFormedError::UnclosedReference) if self.position >= self.text.len() => {
                DecodeErrorKind::Truncated
            }
            _ => DecodeErrorKind::Malformed,
        };
        self.error_at(kind, at)
    }

    /// Whether the document ends within the first letters of a comment, a CDATA section or a document type.
    fn cut_at(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        ["<!--", "<![CDATA[", "<!DOCTYPE"].iter().any(|start| start.starts_with(rest))
    }
}

/// A place the parser tells. It is never beyond memory.
fn as_place(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
