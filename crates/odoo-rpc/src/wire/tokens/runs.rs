//! Several tokens in one step, where they are written as nearly every server writes them.

use std::borrow::Cow;

use crate::wire::plain;
use crate::wire::tag::Tag;
use crate::wire::tokens::{Open, Tokens};

impl<'a> Tokens<'a> {
    /// The element and the text of a value that holds one of them alone, if it is written as nearly every server writes it:
    /// `<int>7</int></value>` behind a `<value>`. Then all of it is read.
    #[inline]
    pub(crate) fn plain_value(&mut self) -> Option<(Tag, Cow<'a, str>)> {
        let rest = self.rest_in_plain()?;
        let scalar = plain::scalar(rest)?;
        let start = self.position + scalar.start;
        let text = self.text.get(start..start + scalar.length)?;
        let text = if scalar.references { plain::resolved(text)?.into() } else { text.into() };
        self.open.pop();
        self.at = self.position + scalar.ended;
        self.position += scalar.read;
        self.keep_blanks = false;
        Some((scalar.tag, text))
    }

    /// Whether the present member ends and one of that name begins, as nearly every server writes both; then they are read up
    /// to behind the `<value>`. The name is one without `<` and `&`.
    #[inline]
    pub(crate) fn plain_member(&mut self, name: &str) -> bool {
        // What is open is a member, since nothing else holds a name and a value: the next one takes its place.
        let Some((named, read)) = self.rest_in_plain().and_then(|rest| plain::next_member(rest, name)) else {
            return false;
        };
        self.open.push(Open { name: b"value", plain: true });
        self.at = self.position + named;
        self.position += read;
        self.keep_blanks = false;
        true
    }

    /// Whether an array begins next, as nearly every server writes it; then it is read to behind the `<data>`.
    #[inline]
    pub(crate) fn plain_array(&mut self) -> bool {
        let Some((named, read)) = self.rest().and_then(plain::array) else { return false };
        self.open.extend([b"array".as_slice(), b"data"].map(|name| Open { name, plain: true }));
        self.at = self.position + named;
        self.position += read;
        self.keep_blanks = false;
        true
    }

    /// What has not been read of a plain element, where no line end has to be changed.
    #[inline(always)]
    fn rest_in_plain(&self) -> Option<&'a [u8]> {
        let plain = !self.carriage_returns && self.open.last().is_some_and(|open| open.plain);
        self.rest().filter(|_| plain)
    }

    /// The text up to the end of the present element, if both are written as nearly every server writes them; then both are
    /// read.
    #[inline]
    pub(crate) fn text_and_end(&mut self) -> Option<&'a str> {
        let start = self.position;
        let rest = self.rest()?;
        let length = plain::text(rest);
        self.position += length;
        let text = match rest.split_at_checked(length) {
            Some((_, rest)) if !self.carriage_returns => {
                self.plain_end(rest).and_then(|()| self.text.get(start..start + length))
            }
            _ => None,
        };
        match text {
            Some(_) => self.at = start + length,
            None => self.position = start,
        }
        text
    }
}
