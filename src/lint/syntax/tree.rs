//! Makes a tree of what a reader meets, one thing after the other. Must not know any format.

use super::{
    MAX_DEPTH, MAX_NODES,
    node::{Node, Scalar, Value},
};
use crate::model::Span;

/// Trees under construction.
#[derive(Default)]
pub(super) struct Builder {
    done: Vec<Node>,
    open: Vec<Open>,
    /// How many collections are open whose parts are too deep to be kept.
    too_deep: usize,
    nodes: usize,
}

/// A collection that is not closed yet.
struct Open {
    start: usize,
    tag: Option<Box<str>>,
    parts: Parts,
}

enum Parts {
    Items(Vec<Node>),
    /// With the key whose value has not come yet.
    Entries(Vec<(Node, Node)>, Option<Node>),
}

/// The two kinds of collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collection {
    Sequence,
    Mapping,
}

impl Builder {
    /// Begins a collection.
    pub(super) fn open(&mut self, collection: Collection, start: usize, tag: Option<Box<str>>) {
        if self.too_deep > 0 {
            self.too_deep += 1;
            return;
        }
        let parts = match collection {
            Collection::Sequence => Parts::Items(Vec::new()),
            Collection::Mapping => Parts::Entries(Vec::new(), None),
        };
        self.open.push(Open { start, tag, parts });
        // The first that is too deep is kept, empty, so that keys still have their values.
        if self.open.len() > MAX_DEPTH {
            self.too_deep = 1;
        }
    }

    /// Ends what was opened last; where its last part ends if `end` is not known.
    pub(super) fn close(&mut self, end: Option<usize>) {
        if self.too_deep > 1 {
            self.too_deep -= 1;
            return;
        }
        self.too_deep = 0;
        if let Some(open) = self.open.pop() {
            self.place(open.closed(end));
        }
    }

    /// Adds a node that has no parts.
    pub(super) fn leaf(&mut self, node: Node) {
        if self.too_deep == 0 {
            self.place(node);
        }
    }

    fn place(&mut self, node: Node) {
        self.nodes += 1;
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.done.push(node),
            Some(Parts::Items(items)) => items.push(node),
            Some(Parts::Entries(entries, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }

    /// How much there is, before another document is read.
    pub(super) const fn mark(&self) -> (usize, usize) {
        (self.done.len(), self.nodes)
    }

    /// Forgets what came after `mark`.
    pub(super) fn undo(&mut self, (done, nodes): (usize, usize)) {
        self.open.clear();
        self.too_deep = 0;
        self.done.truncate(done);
        self.nodes = nodes;
    }

    /// Whether no more nodes are to come.
    pub(super) fn is_full(&self) -> bool {
        self.nodes >= MAX_NODES
    }

    /// Closes whatever is open, because the text ends or cannot be read on.
    pub(super) fn close_all(&mut self) {
        self.too_deep = 0;
        while !self.open.is_empty() {
            self.close(None);
        }
    }

    /// The trees that were made.
    pub(super) fn finish(mut self) -> Vec<Node> {
        self.close_all();
        self.done
    }
}

impl Open {
    fn closed(self, end: Option<usize>) -> Node {
        let (value, last) = match self.parts {
            Parts::Items(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::Sequence(items), last)
            }
            Parts::Entries(mut entries, key) => {
                if let Some(key) = key {
                    let nothing = Value::Scalar(Scalar::nothing());
                    let at = Span::new(key.span.end, key.span.end);
                    entries.push((key, Node::new(at, nothing)));
                }
                let last = entries.last().map(|(key, value)| key.span.end.max(value.span.end));
                (Value::Mapping(entries), last)
            }
        };
        let end = end.or(last).unwrap_or(self.start).max(self.start);
        Node { span: Span::new(self.start, end), tag: self.tag, value }
    }
}
