//! What Odoo's html fields keep of a text: plain text is escaped and wrapped, scripts and handlers go.

/// Cleans a text the way both versions do, for text and simple markup.
pub(super) fn sanitize(source: &str) -> String {
    if source.is_empty() {
        return String::new();
    }
    let mut out = Writer::default();
    let mut rest = source;
    while !rest.is_empty() {
        let Some((tag, after)) = rest.strip_prefix('<').and_then(|_| Tag::read(rest)) else {
            let stop = rest.char_indices().skip(1).find(|(_, letter)| *letter == '<');
            let (text, after) = rest.split_at(stop.map_or(rest.len(), |(at, _)| at));
            out.text(text);
            rest = after;
            continue;
        };
        rest = if tag.is_dropped() && !tag.closing { skip_element(after, &tag.name) } else { after };
        out.tag(&tag);
    }
    out.finish()
}

/// Makes a text safe inside markup.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const BLOCKS: &[&str] =
    &["p", "div", "ul", "ol", "table", "h1", "h2", "h3", "h4", "pre", "blockquote", "section"];
const VOID: &[&str] = &["br", "img", "hr", "input"];
const DROPPED: &[&str] = &["script", "style", "iframe", "object", "embed"];
const KNOWN: &[&str] = &[
    "a", "b", "i", "u", "s", "em", "strong", "span", "small", "sub", "sup", "code", "font", "li", "tr", "td",
    "th", "thead", "tbody", "label", "big", "del", "ins",
];

#[derive(Debug)]
struct Tag {
    name: String,
    closing: bool,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// A tag at the beginning of the text, and what follows it.
    fn read(text: &str) -> Option<(Self, &str)> {
        let inner = text.strip_prefix('<')?;
        let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        if !inner.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            return None;
        }
        let end = inner.find('>')?;
        let (body, after) = (inner.get(..end)?, inner.get(end + 1..)?);
        let body = body.trim_end_matches('/');
        let stop = body.find(|letter: char| letter.is_whitespace()).unwrap_or(body.len());
        let (name, attributes) = body.split_at(stop);
        Some((Self { name: name.to_lowercase(), closing, attributes: read_attributes(attributes) }, after))
    }

    fn is_known(&self) -> bool {
        [BLOCKS, VOID, KNOWN].iter().any(|names| names.contains(&self.name.as_str()))
    }

    fn is_dropped(&self) -> bool {
        DROPPED.contains(&self.name.as_str())
    }

    fn write(&self, out: &mut String) {
        if self.closing {
            out.push_str(&format!("</{}>", self.name));
            return;
        }
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            let value = if value.trim_start().to_lowercase().starts_with("javascript:") { "" } else { value };
            out.push_str(&format!(" {name}=\"{value}\""));
        }
        out.push('>');
    }
}

fn read_attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (value, next) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        let name = name.trim().to_lowercase();
        if !name.starts_with("on") {
            found.push((name, value.to_owned()));
        }
        rest = next.trim_start();
    }
    found
}

/// Leaves out everything up to the end of an element.
fn skip_element<'a>(text: &'a str, name: &str) -> &'a str {
    let end = format!("</{name}>");
    text.to_lowercase().find(&end).and_then(|at| text.get(at + end.len()..)).unwrap_or_default()
}

#[derive(Default)]
struct Writer {
    out: String,
    open: Vec<String>,
    /// Whether the first thing was bare text, a tag that runs in a line, or a block.
    begins_with: Option<Start>,
    tops: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Start {
    Text,
    Inline,
    Block,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let text = if self.out.is_empty() { text.trim_start() } else { text };
        if text.is_empty() {
            return;
        }
        self.note(Start::Text);
        self.out.push_str(&escape(&unescape(text)));
    }

    fn tag(&mut self, tag: &Tag) {
        if tag.is_dropped() {
            return;
        }
        if !tag.is_known() {
            // An unknown element goes, and leaves a block in its place.
            self.note(Start::Block);
            if self.out.is_empty() && !tag.closing {
                self.out.push_str("<div>");
                self.open.push("div".to_owned());
            }
            return;
        }
        let name = tag.name.as_str();
        if tag.closing {
            if let Some(at) = self.open.iter().rposition(|open| open == name) {
                for open in self.open.drain(at..).rev() {
                    self.out.push_str(&format!("</{open}>"));
                }
            }
            return;
        }
        let block = BLOCKS.contains(&name);
        if block && self.open.is_empty() && self.begins_with == Some(Start::Text) {
            // The text before a block becomes a paragraph of its own.
            self.out = format!("<p>{}</p>", self.out);
            self.begins_with = Some(Start::Block);
        }
        self.note(if block { Start::Block } else { Start::Inline });
        tag.write(&mut self.out);
        if !VOID.contains(&name) {
            self.open.push(name.to_owned());
        }
    }

    fn note(&mut self, start: Start) {
        if self.open.is_empty() {
            self.tops += 1;
        }
        self.begins_with.get_or_insert(start);
    }

    fn finish(mut self) -> String {
        while let Some(open) = self.open.pop() {
            self.out.push_str(&format!("</{open}>"));
        }
        match self.begins_with {
            None => String::new(),
            Some(Start::Text) => format!("<p>{}</p>", self.out),
            Some(Start::Inline) if self.tops > 1 => format!("<span>{}</span>", self.out),
            Some(_) => self.out,
        }
    }
}

fn unescape(text: &str) -> String {
    text.replace("&nbsp;", "\u{a0}")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::sanitize;

    #[test]
    fn texts_become_what_both_versions_made_of_them() {
        let cases = [
            ("a < b", "<p>a &lt; b</p>"),
            ("<b>x</b> y", "<span><b>x</b> y</span>"),
            ("a\nb", "<p>a\nb</p>"),
            ("<script>x</script>hi", "<p>hi</p>"),
            ("a & b", "<p>a &amp; b</p>"),
            ("<p onclick=\"x\">t</p>", "<p>t</p>"),
            ("<not tag> z", "<div> z</div>"),
            ("", ""),
            (" x ", "<p>x </p>"),
            ("<p>a</p><p>b</p>", "<p>a</p><p>b</p>"),
            ("a<br/>b", "<p>a<br>b</p>"),
            ("<p>one & two</p>", "<p>one &amp; two</p>"),
            ("<div>d</div> tail", "<div>d</div> tail"),
            ("&lt;b&gt; &amp; &nbsp;é😀", "<p>&lt;b&gt; &amp; \u{a0}é😀</p>"),
            ("<a href=\"javascript:x\">l</a>", "<a href=\"\">l</a>"),
            ("<img src=\"x.png\">", "<img src=\"x.png\">"),
            ("<p>open", "<p>open</p>"),
            ("x<p>y</p>", "<p>x</p><p>y</p>"),
            ("x > y \"q\" 's'", "<p>x &gt; y \"q\" 's'</p>"),
        ];
        for (source, expected) in cases {
            assert_eq!(sanitize(source), expected, "{source}");
        }
    }
}
