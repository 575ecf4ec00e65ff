//! Elements of HTML and SVG. Every text and every value of an attribute is made harmless here, and names are literals, so
//! that nothing from outside can be markup. What is written is HTML and well-formed XML at once, which makes that
//! checkable. Must not know what is said.

use crate::report::plain;
use std::fmt;

/// Longer texts lose their middle, in characters. Paths have their ends where people look.
const LONGEST: usize = 600;
/// How much of their beginning is kept, and of their end.
const KEPT: (usize, usize) = (380, 200);

/// Elements without content or an end.
const VOID: &[&str] = &["meta", "br", "col"];
/// Elements after which a line ends, where white space means nothing.
const BLOCKS: &[&str] = &[
    "article",
    "body",
    "caption",
    "col",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "li",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// An element with all that is in it.
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

/// An empty element.
pub(super) const fn tag(name: &'static str) -> Element {
    Element { name, attributes: String::new(), content: String::new() }
}

impl Element {
    /// With an attribute.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        self
    }

    /// With what the style sheet knows it by.
    pub(super) fn class(self, class: &str) -> Self {
        self.with("class", class)
    }

    /// With some text after what is in it.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.content.push_str(&escaped(text));
        self
    }

    /// With an element after what is in it.
    pub(super) fn child(mut self, child: Self) -> Self {
        child.write(&mut self.content);
        self
    }

    /// The same for any number.
    pub(super) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// With a text set as code.
    pub(super) fn code(self, text: &str) -> Self {
        self.child(tag("code").text(text))
    }

    /// With sentences of rules and of this program's own, in which backticks mark code.
    pub(super) fn prose(self, text: &str) -> Self {
        let parts: Vec<&str> = text.split('`').collect();
        // One that is left alone marks nothing.
        if parts.len().is_multiple_of(2) {
            return self.text(text);
        }
        let parts = parts.into_iter().enumerate();
        parts.fold(
            self,
            |element, (at, part)| if at.is_multiple_of(2) { element.text(part) } else { element.code(part) },
        )
    }

    /// With a text of this program's own, as it is.
    pub(super) fn own(mut self, text: &'static str) -> Self {
        self.content.push_str(text);
        self
    }

    /// How many bytes are in it.
    pub(super) const fn len(&self) -> usize {
        self.content.len()
    }

    fn write(&self, out: &mut String) {
        let Self { name, attributes, content } = self;
        if VOID.contains(name) {
            out.push_str(&format!("<{name}{attributes}/>"));
        } else {
            // Into `out` directly: a page is as deep as it is long.
            for part in ["<", name, attributes, ">", content, "</", name, ">"] {
                out.push_str(part);
            }
        }
        if BLOCKS.contains(name) {
            out.push('\n');
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

/// A text on one line, with what could mislead made visible, as it may stand anywhere in a page.
fn escaped(text: &str) -> String {
    let text = plain::line(text.as_bytes());
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in shortened(&text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Those that XML has no place for and `plain` lets pass.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    let (head, tail) = KEPT;
    // Most are short in bytes already.
    if text.len() <= LONGEST || text.chars().count() <= LONGEST {
        return text.into();
    }
    let at = |index: Option<(usize, char)>| index.map_or(0, |(at, _)| at);
    let (start, end) = (at(text.char_indices().nth(head)), at(text.char_indices().nth_back(tail - 1)));
    format!("{} … {}", &text[..start], &text[end..]).into()
}

/// A link to `url`, which is its own text, or that text alone where it is no address of the web.
pub(super) fn link(url: &str) -> Element {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic()) && url.len() <= LONGEST;
    match url.strip_prefix("https://").filter(|_| is_plain) {
        Some(rest) => tag("a").class("out").with("href", url).with("rel", "noreferrer noopener").text(rest),
        None => tag("span").class("out").text(url),
    }
}

/// A table with a heading for each column. On narrow windows each row is a block, in which cells go by their headings.
pub(super) fn table(class: &str, headings: &[&'static str], rows: impl IntoIterator<Item = Vec<Element>>) -> Element {
    // Of parts that are shown as blocks, screen readers must be told that they are parts of a table.
    let part = |name, role| tag(name).with("role", role);
    let head = part("tr", "row").children(headings.iter().map(|name| {
        let cell = part("th", "columnheader").with("scope", "col");
        cell.text(name)
    }));
    let named = |cells: Vec<Element>| {
        let cells = cells.into_iter().zip(headings);
        part("tr", "row").children(cells.map(|(cell, name)| cell.with("role", "cell").with("data-label", name)))
    };
    let body = part("tbody", "rowgroup").children(rows.into_iter().map(named));
    part("table", "table").class(class).child(part("thead", "rowgroup").child(head)).child(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_never_markup() {
        let hostile = "</p><script>alert(\"1\")</script> & ' \u{202e}\t\n\u{ffff}";
        let shown = tag("b").with("title", hostile).text(hostile).to_string();
        let text = "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39; \\u{202e}\\t\\u{a}\u{fffd}";
        assert_eq!(shown, format!("<b title=\"{text}\">{text}</b>"));
    }

    #[test]
    fn elements_nest_and_blocks_end_lines() {
        let element = tag("p").class("a").text("x ").code("y").child(tag("br"));
        assert_eq!(tag("div").child(element).to_string(), "<div><p class=\"a\">x <code>y</code><br/></p>\n</div>\n");
    }

    #[test]
    fn backticks_mark_code_where_they_are_pairs() {
        let of = |text| tag("p").prose(text).to_string();
        assert_eq!(of("run `a <b>` now"), "<p>run <code>a &lt;b&gt;</code> now</p>\n");
        assert_eq!(of("it`s"), "<p>it`s</p>\n");
    }

    #[test]
    fn a_long_text_keeps_its_ends() {
        let long = format!("{}ä{}", "ö".repeat(500), "ü".repeat(500));
        let short = shortened(&long);
        assert_eq!(short, format!("{} … {}", "ö".repeat(380), "ü".repeat(200)));
        assert_eq!(shortened(&"ö".repeat(600)), "ö".repeat(600));
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        let expected =
            "<a class=\"out\" href=\"https://x.example/?a&amp;b\" rel=\"noreferrer noopener\">x.example/?a&amp;b</a>";
        assert_eq!(link("https://x.example/?a&b").to_string(), expected);
        for other in ["javascript:alert(1)", "http://x.example", "https://x\u{202e}", "https://x y", "data:text/html,x"]
        {
            assert!(link(other).to_string().starts_with("<span class=\"out\">"), "{other}");
        }
    }
}
