//! What a person rebuilds after a migration, as a checklist.
//!
//! The data is [`mapping_core::reference`]'s, found by whoever reads the product; this only writes it down, for any product alike.

use std::fmt;

use mapping_core::reference::{Item, ItemKind, NotExported, NotMoved, Reference};

/// A reference document as a checklist in Markdown, by its `Display`. As JSON, the [`Reference`] itself serialises.
///
/// All texts of an export are foreign, and are written so that they stay texts: no link, picture, HTML, heading, table or further
/// point of the list comes out of them, and a text of several lines is one line.
///
/// # Example
///
/// ```
/// use mapping_core::identity::SourceId;
/// use mapping_core::key::Origin;
/// use mapping_core::reference::{Item, ItemKind, Reference};
/// use reconcile::reference::Checklist;
///
/// let mut reference = Reference::new(&SourceId::new("paper", "north")?);
/// reference.items.push(Item::new(ItemKind::Rule, "[Birthday]", Origin::new("Rules.csv", 2), "an automation rule"));
/// let text = Checklist::new(&reference).to_string();
/// assert!(text.contains("- [ ] **\\[Birthday\\]** (Rules.csv line 2)"), "{text}");
/// # Ok::<(), mapping_core::error::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Checklist<'a>(&'a Reference);

impl<'a> Checklist<'a> {
    /// The checklist of a reference document.
    #[must_use]
    pub fn new(reference: &'a Reference) -> Self {
        Self(reference)
    }
}

impl fmt::Display for Checklist<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reference { product, clinic, not_exported, not_moved, .. } = self.0;
        writeln!(f, "# To rebuild by hand: {}, clinic {}\n", Plain(product), Plain(clinic))?;
        if self.0.is_empty() {
            return writeln!(f, "The export holds nothing that is not moved.");
        }
        writeln!(f, "Nothing of this is moved. Tick what is done, or not needed any more.")?;
        for kind in ItemKind::ALL {
            let items: Vec<&Item> = self.0.of_kind(kind).collect();
            section(f, heading(kind), items.len())?;
            let mut hint = None;
            for item in items {
                if hint != Some(&item.hint) {
                    writeln!(f, "\nRebuild with: {}.\n", Plain(&item.hint))?;
                    hint = Some(&item.hint);
                }
                write_item(f, item)?;
            }
        }
        section(f, "Could not be exported", not_exported.len())?;
        if !not_exported.is_empty() {
            writeln!(f)?;
        }
        for NotExported { what, why, instead, .. } in not_exported {
            writeln!(f, "- [ ] **{}**: {}", Plain(what), Plain(why))?;
            writeln!(f, "  - instead: {}", Plain(instead))?;
        }
        section(f, "Tables that are not moved", not_moved.len())?;
        if !not_moved.is_empty() {
            writeln!(f)?;
        }
        for table in not_moved {
            write_table(f, table)?;
        }
        Ok(())
    }
}

/// Nothing for a section in which nothing stands.
fn section(f: &mut fmt::Formatter<'_>, heading: &str, count: usize) -> fmt::Result {
    if count == 0 { Ok(()) } else { writeln!(f, "\n## {heading} ({count})") }
}

fn heading(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Rule => "Rules",
        ItemKind::Reminder => "Reminders",
        ItemKind::Workflow => "Workflows",
        ItemKind::Template => "Templates",
        ItemKind::Report => "Reports",
        ItemKind::Setting => "Settings",
        _ => "Others",
    }
}

fn write_item(f: &mut fmt::Formatter<'_>, item: &Item) -> fmt::Result {
    let Item { name, trigger, action, active, metrics, detail, origin, .. } = item;
    write!(f, "- [ ] **{}** ({} line {})", Plain(name), Plain(&origin.file), origin.line)?;
    writeln!(f, "{}", if *active == Some(false) { ", switched off" } else { "" })?;
    for (what, said) in [("when", trigger), ("then", action)] {
        if let Some(said) = said {
            writeln!(f, "  - {what}: {}", Plain(said))?;
        }
    }
    for metric in metrics {
        writeln!(f, "  - shows: {}", Plain(metric))?;
    }
    for (name, said) in detail {
        writeln!(f, "  - {}: {}", Plain(name), Plain(said))?;
    }
    Ok(())
}

fn write_table(f: &mut fmt::Formatter<'_>, table: &NotMoved) -> fmt::Result {
    let NotMoved { file, rows, headers, why, .. } = table;
    write!(f, "- [ ] **{}**", Plain(file))?;
    if let Some(rows) = rows {
        write!(f, ", {rows} rows")?;
    }
    writeln!(f, ": {}", Plain(why))?;
    for header in headers {
        writeln!(f, "  - column: {}", Plain(header))?;
    }
    Ok(())
}

/// A foreign text as Markdown that shows just that text, on one line.
///
/// What would be markup in CommonMark or GitHub's is escaped, addresses that GitHub makes links of by itself too. What would turn the
/// direction of the line, or cannot be seen, is left out.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.lines().map(str::trim).filter(|line| !line.is_empty());
        let Some(first) = lines.next() else { return f.write_str("(blank)") };
        write_line(f, first)?;
        for line in lines {
            f.write_str(" / ")?;
            write_line(f, line)?;
        }
        Ok(())
    }
}

fn write_line(f: &mut fmt::Formatter<'_>, line: &str) -> fmt::Result {
    let mut before = [' '; 3];
    for c in line.chars() {
        match c {
            '<' => f.write_str("&lt;")?,
            '>' => f.write_str("&gt;")?,
            '&' => f.write_str("&amp;")?,
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' | '$' | '!' => write!(f, "\\{c}")?,
            // `http:`, `mailto:`; but not `10:30`.
            ':' if before[2].is_alphabetic() => f.write_str("\\:")?,
            '.' if before.iter().all(|c| c.eq_ignore_ascii_case(&'w')) => f.write_str("\\.")?,
            c if is_unseen(c) => continue,
            c if c.is_whitespace() => f.write_str(" ")?,
            c => write!(f, "{c}")?,
        }
        before = [before[1], before[2], c];
    }
    Ok(())
}

/// Control characters, and marks that turn the direction of what follows or take no room.
fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use mapping_core::identity::SourceId;
    use mapping_core::key::Origin;

    use super::*;

    const NASTY: [&str; 10] = [
        "](javascript:alert(1)) [x",
        "a | b",
        "first\n- [x] done\n# Heading",
        "one\r\n\r\n<script>alert(1)</script>",
        "![x](https://example.org/x.png)",
        "https://example.org www.example.org asha@example.org",
        "`code` *bold* _it_ ~~gone~~ $x$ &lt;b&gt;",
        "\u{202E}evil\u{2066}\u{0}\u{1B}[31m",
        "one\u{2028}two\u{85}three",
        "",
    ];

    fn reference() -> Reference {
        Reference::new(&SourceId::new("paper", "north").unwrap())
    }

    fn shown(text: &str) -> String {
        Plain(text).to_string()
    }

    #[test]
    fn foreign_texts_stay_texts_wherever_they_stand() {
        let mut calm = reference();
        let mut nasty = reference();
        for (at, text) in (2..).zip(NASTY) {
            for (reference, text) in [(&mut calm, "calm"), (&mut nasty, text)] {
                let mut item = Item::new(ItemKind::Rule, text, Origin::new(text, at), "a rule");
                (item.trigger, item.action) = (Some(text.into()), Some(text.into()));
                item.metrics = vec![text.into()];
                item.detail.insert(text.into(), text.into());
                reference.items.push(item);
                reference.not_moved.push(NotMoved::new(text, text).counted(1, [text.to_owned()]));
            }
        }
        let (calm, nasty) = (Checklist::new(&calm).to_string(), Checklist::new(&nasty).to_string());
        // The same lines begin the same way: nothing foreign opens a line, or a point of the list.
        let beginnings = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.chars().take_while(|c| " -[]#*".contains(*c)).collect()).collect()
        };
        assert_eq!(beginnings(&nasty), beginnings(&calm), "{nasty}");
        // Without what is escaped.
        let mut escaped = false;
        let bare: String = nasty
            .chars()
            .filter(|c| {
                let kept = !escaped && *c != '\\';
                escaped = *c == '\\' && !escaped;
                kept
            })
            .collect();
        for markup in ["<script", "](", "![", "://example", "www.", "asha@", " | ", "\u{202E}", "\u{1B}"] {
            assert!(!bare.contains(markup), "{markup} in {nasty}");
        }
    }

    #[test]
    fn a_text_can_still_be_read() {
        assert_eq!(
            shown("Dear {name},\n\n your visit is at 10:30 (Dr. Rao)."),
            "Dear {name}, / your visit is at 10:30 (Dr. Rao)."
        );
        assert_eq!(shown("आशा – 24 h"), "आशा – 24 h");
        assert_eq!(shown(" \n"), "(blank)");
    }

    #[test]
    fn a_hint_stands_once_above_what_it_is_for_and_kinds_in_their_order() {
        let mut reference = reference();
        for (kind, name, hint) in [
            (ItemKind::Report, "Income", "a pivot"),
            (ItemKind::Rule, "One", "a rule"),
            (ItemKind::Rule, "Two", "a rule"),
            (ItemKind::Rule, "Three", "nothing"),
        ] {
            let mut item = Item::new(kind, name, Origin::new("All.csv", 2), hint);
            item.active = Some(name != "Two");
            if kind == ItemKind::Report {
                item.metrics = vec!["Revenue".into(), "Visits".into()];
            }
            reference.items.push(item);
        }
        reference.not_exported.push(NotExported::new("chats", "no button", "copy them"));
        let text = Checklist::new(&reference).to_string();
        let places: Vec<_> = [
            "## Rules (3)",
            "Rebuild with: a rule.",
            "- [ ] **One**",
            "- [ ] **Two** (All.csv line 2), switched off",
            "Rebuild with: nothing.",
            "- [ ] **Three**",
            "## Reports (1)",
            "  - shows: Revenue\n  - shows: Visits\n",
            "- [ ] **chats**: no button\n  - instead: copy them",
        ]
        .map(|part| text.find(part).unwrap_or_else(|| panic!("{part} in {text}")))
        .into();
        assert!(places.is_sorted(), "{text}");
        assert_eq!(text.matches("Rebuild with").count(), 3);
    }

    #[test]
    fn where_there_is_nothing_it_says_so() {
        let text = Checklist::new(&reference()).to_string();
        assert!(text.contains("nothing that is not moved") && !text.contains("[ ]"), "{text}");
    }
}
