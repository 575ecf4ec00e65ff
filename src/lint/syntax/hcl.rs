//! Terraform's and other HCL: blocks, objects and their attributes, with exact positions. Must not know what any of them
//! means.
//!
//! Own code, since `hcl-edit` takes UTF-8 only and gives up a whole file at its first mistake, or where it nests 64
//! levels deep. Expressions are not understood here but for the objects in them, which is where keys hide:
//! `variables = { API_KEY = "…" }`. The result is flat, so that nothing recurses.

#[cfg(test)]
mod tests;
mod token;

use super::slice::Slice;
use crate::model::Span;
use token::{Kind, Token, Tokens};

/// A file, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hcl<'a> {
    /// What holds attributes, in the order of their beginnings. The first is the file.
    pub(crate) scopes: Vec<Scope<'a>>,
    /// The attributes of all scopes, in the order of their names.
    pub(crate) attributes: Vec<Attribute<'a>>,
}

/// The file, a block, or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    /// What it is.
    pub(crate) kind: ScopeKind<'a>,
    /// The scope it is in, by its index. Only the file is in none.
    pub(crate) parent: Option<usize>,
    /// All of it, from a block's type or an object's brace to the closing brace.
    pub(crate) span: Span,
    /// Whether it has a closing brace.
    pub(crate) is_closed: bool,
}

/// What a scope is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScopeKind<'a> {
    /// The file itself.
    File,
    /// `resource "type" "name" { … }`
    Block {
        /// Its type.
        name: Slice<'a>,
        /// Its labels, without quotes.
        labels: Vec<Slice<'a>>,
    },
    /// `{ … }` in an expression.
    Object {
        /// The attribute whose value it is part of, by its index.
        attribute: Option<usize>,
    },
}

/// `name = expression`, in an object also `name: expression`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute<'a> {
    /// The scope it is in, by its index.
    pub(crate) scope: usize,
    /// Its name, without quotes.
    pub(crate) name: Slice<'a>,
    /// Its expression, without comments around it. It is empty where there is none.
    pub(crate) value: Span,
    /// The text that its expression is, if it is one of which nothing is computed.
    pub(crate) literal: Option<Literal<'a>>,
}

/// A text as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal<'a> {
    /// What is between the quotes or the lines of a heredoc. Escapes are left as they are.
    pub(crate) content: Slice<'a>,
    /// Whether it is a heredoc.
    pub(crate) is_heredoc: bool,
}

/// Reads a file. What is malformed is passed over to the end of its line; what does not close goes on to the end.
pub(crate) fn read(bytes: &[u8]) -> Hcl<'_> {
    let file = Scope { kind: ScopeKind::File, parent: None, span: Span::new(0, bytes.len()), is_closed: true };
    let frame = Frame { bracket: Bracket::Body(0), state: State::Start };
    let hcl = Hcl { scopes: vec![file], attributes: Vec::new() };
    let mut reader = Reader { hcl, frames: Vec::new(), frame, last: 0 };
    for token in Tokens::new(bytes) {
        reader.take(token);
    }
    reader.finish(bytes.len());
    reader.hcl
}

struct Reader<'a> {
    hcl: Hcl<'a>,
    /// What is open around `frame`.
    frames: Vec<Frame<'a>>,
    /// The innermost of what is open.
    frame: Frame<'a>,
    /// Where the last token ended that is no line's end.
    last: usize,
}

/// A bracket that is open, and how far what is in it has been read.
struct Frame<'a> {
    bracket: Bracket,
    state: State<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// The file or a block: each attribute has a line of its own.
    Body(usize),
    /// An object: lines and commas part its attributes.
    Object(usize),
    /// Round or square brackets, in the value of an attribute if it has an index. Lines mean nothing here.
    Plain { scope: usize, attribute: Option<usize> },
}

/// What has been read since an attribute or a block could begin.
enum State<'a> {
    /// Nothing.
    Start,
    /// A name, where it begins with its quotes, and what may be labels.
    Name { name: Slice<'a>, start: usize, labels: Vec<Slice<'a>> },
    /// `name =` and so many tokens of the value of this attribute.
    Value { attribute: usize, tokens: usize },
    /// Something that is no attribute.
    Skip,
}

impl<'a> Reader<'a> {
    fn take(&mut self, token: Token<'a>) {
        match token.kind {
            Kind::Newline => {
                if !matches!(self.frame.bracket, Bracket::Plain { .. }) {
                    self.end_attribute();
                }
                return;
            }
            Kind::Sign(b',') if matches!(self.frame.bracket, Bracket::Object(_)) => self.end_attribute(),
            Kind::Sign(b'}') => self.close(token.end),
            Kind::Sign(b')' | b']') => {
                if matches!(self.frame.bracket, Bracket::Plain { .. }) {
                    self.pop();
                }
            }
            _ => self.go_on(token),
        }
        self.last = token.end;
    }

    /// A token that ends nothing.
    fn go_on(&mut self, token: Token<'a>) {
        let is_object = matches!(self.frame.bracket, Bracket::Object(_));
        let text = match token.kind {
            Kind::Name(text) | Kind::Text { content: text, is_heredoc: false, .. } => Some(text),
            _ => None,
        };
        match (&mut self.frame.state, token.kind, text) {
            (State::Value { attribute, tokens }, kind, _) => {
                let attribute = &mut self.hcl.attributes[*attribute];
                if *tokens == 0 {
                    attribute.value = Span::new(token.start, token.start);
                }
                attribute.literal = match kind {
                    Kind::Text { content, is_plain: true, is_heredoc } if *tokens == 0 => {
                        Some(Literal { content, is_heredoc })
                    }
                    _ => None,
                };
                *tokens += 1;
            }
            (State::Name { name, labels, .. }, Kind::Sign(sign), _)
                if labels.is_empty() && (sign == b'=' || sign == b':' && is_object) =>
            {
                let name = *name;
                self.begin_attribute(name, token.end);
            }
            (State::Name { .. }, Kind::Sign(b'{'), _) if !is_object => return self.open_block(token),
            (State::Name { labels, .. }, _, Some(text)) if !is_object => labels.push(text),
            (State::Start, _, Some(name)) if !matches!(self.frame.bracket, Bracket::Plain { .. }) => {
                self.frame.state = State::Name { name, start: token.start, labels: Vec::new() };
            }
            (state, ..) => *state = State::Skip,
        }
        match token.kind {
            Kind::Sign(b'{') => self.open_object(token),
            Kind::Sign(b'(' | b'[') => {
                let bracket = Bracket::Plain { scope: self.scope(), attribute: self.attribute() };
                self.push(Frame { bracket, state: State::Skip });
            }
            _ => {}
        }
    }

    fn begin_attribute(&mut self, name: Slice<'a>, at: usize) {
        let attribute = Attribute { scope: self.scope(), name, value: Span::new(at, at), literal: None };
        self.frame.state = State::Value { attribute: self.hcl.attributes.len(), tokens: 0 };
        self.hcl.attributes.push(attribute);
    }

    fn end_attribute(&mut self) {
        if let State::Value { attribute, .. } = self.frame.state {
            let value = &mut self.hcl.attributes[attribute].value;
            value.end = value.end.max(self.last);
        }
        self.frame.state = State::Start;
    }

    fn open_block(&mut self, brace: Token<'a>) {
        // What comes after the closing brace is something new.
        if let State::Name { name, start, labels } = std::mem::replace(&mut self.frame.state, State::Start) {
            let scope = self.open_scope(ScopeKind::Block { name, labels }, Span::new(start, brace.end));
            self.push(Frame { bracket: Bracket::Body(scope), state: State::Start });
        }
    }

    fn open_object(&mut self, brace: Token<'a>) {
        let kind = ScopeKind::Object { attribute: self.attribute() };
        let scope = self.open_scope(kind, Span::new(brace.start, brace.end));
        self.push(Frame { bracket: Bracket::Object(scope), state: State::Start });
    }

    fn open_scope(&mut self, kind: ScopeKind<'a>, span: Span) -> usize {
        let parent = Some(self.scope());
        self.hcl.scopes.push(Scope { kind, parent, span, is_closed: false });
        self.hcl.scopes.len() - 1
    }

    /// A closing brace: it closes brackets that were forgotten as well.
    fn close(&mut self, end: usize) {
        while matches!(self.frame.bracket, Bracket::Plain { .. }) && self.pop() {}
        self.end_attribute();
        let scope = self.scope();
        // The file has no brace.
        if self.pop() {
            self.hcl.scopes[scope].span.end = end;
            self.hcl.scopes[scope].is_closed = true;
        }
    }

    /// Ends all that is open at the end of the file.
    fn finish(&mut self, end: usize) {
        loop {
            if !matches!(self.frame.bracket, Bracket::Plain { .. }) {
                self.end_attribute();
                let scope = self.scope();
                self.hcl.scopes[scope].span.end = end;
            }
            if !self.pop() {
                return;
            }
        }
    }

    fn push(&mut self, frame: Frame<'a>) {
        self.frames.push(std::mem::replace(&mut self.frame, frame));
    }

    /// Goes back to what is around the innermost bracket, if there is one.
    fn pop(&mut self) -> bool {
        let outer = self.frames.pop();
        outer.map(|outer| self.frame = outer).is_some()
    }

    /// The innermost scope.
    const fn scope(&self) -> usize {
        match self.frame.bracket {
            Bracket::Body(scope) | Bracket::Object(scope) | Bracket::Plain { scope, .. } => scope,
        }
    }

    /// The attribute whose value is being read.
    const fn attribute(&self) -> Option<usize> {
        match (&self.frame.state, self.frame.bracket) {
            (State::Value { attribute, .. }, _) => Some(*attribute),
            (_, Bracket::Plain { attribute, .. }) => attribute,
            _ => None,
        }
    }
}
