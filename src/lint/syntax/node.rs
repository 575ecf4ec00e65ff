//! The tree that every format is read into. Must not know any format.

use super::written::{self, Piece};
use crate::model::Span;
use std::ops::Range;

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// All of a collection from its first byte to its last; of a scalar what is within its quotes.
    pub(crate) span: Span,
    /// The YAML tag: `!secret`, `!!str`.
    pub(crate) tag: Option<Box<str>>,
    pub(crate) value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// In the order of the file. A key may come twice.
    Mapping(Vec<(Node, Node)>),
    /// `*name` of YAML. What it stands for is in the tree once, where it was written.
    Alias,
}

/// A text, a number, or whatever else has no parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    /// As programs get it: escapes and folded lines undone.
    pub(crate) text: Box<str>,
    pub(crate) kind: Kind,
    pub(crate) style: Style,
    /// Where the text stands, if it is not written as it is.
    pieces: Box<[Piece]>,
}

/// What a scalar is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Number,
    Bool,
    Null,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Quoted,
    /// `|` and `>` of YAML.
    Block,
}

impl Scalar {
    /// A scalar whose text is found in the file as `pieces` say; byte by byte from the start of its span if there are
    /// none.
    pub(super) fn new(text: &str, kind: Kind, style: Style, pieces: Vec<Piece>) -> Self {
        Self { text: text.into(), kind, style, pieces: pieces.into() }
    }

    /// What stands where a value is missing.
    pub(super) fn nothing() -> Self {
        Self::new("", Kind::Null, Style::Plain, Vec::new())
    }
}

impl Node {
    pub(super) fn new(span: Span, value: Value) -> Self {
        Self { span, tag: None, value }
    }

    /// The scalar that it is.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of the scalar that it is.
    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| &*scalar.text)
    }

    /// The items of the sequence that it is; none if it is something else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entries of the mapping that it is, each with the text of its key; none if it is something else. Keys that are
    /// no scalars have no text.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = (&str, &Self, &Self)> {
        let entries: &[(Self, Self)] = match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        };
        entries.iter().map(|(key, value)| (key.text().unwrap_or_default(), key, value))
    }

    /// The value of `key`. If it comes twice the last one, as most readers have it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().rev().find(|(_, name, _)| name.text() == Some(key)).map(|(_, _, value)| value)
    }

    /// What is found from key to key: `services`, `web`, `environment`.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Shows `visit` every scalar that is a value, in order, with the keys that lead to it. Items of a sequence are
    /// under the keys of the sequence.
    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&[&'a str], &'a Self)) {
        self.walk_below(&mut Vec::new(), visit);
    }

    // No tree is deeper than `MAX_DEPTH`.
    fn walk_below<'a>(&'a self, path: &mut Vec<&'a str>, visit: &mut dyn FnMut(&[&'a str], &'a Self)) {
        match &self.value {
            Value::Scalar(_) => visit(path, self),
            Value::Sequence(items) => items.iter().for_each(|item| item.walk_below(path, visit)),
            Value::Mapping(_) => {
                for (name, _, value) in self.entries() {
                    path.push(name);
                    value.walk_below(path, visit);
                    path.pop();
                }
            }
            Value::Alias => {}
        }
    }

    /// Where the bytes `range` of the text of the scalar stand in the file. An escape is found whole, and so are the
    /// line breaks that were folded into a space. All of a node that is no scalar.
    pub(crate) fn locate(&self, range: Range<usize>) -> Span {
        match &self.value {
            Value::Scalar(scalar) => written::locate(&scalar.pieces, scalar.text.len(), self.span.start, range),
            _ => self.span,
        }
    }
}
