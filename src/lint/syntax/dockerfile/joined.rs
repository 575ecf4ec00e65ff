//! An instruction's lines, joined into one text, with the way back to the file. Must not know what the text means.

use crate::model::Span;

/// A stretch of a joined text. Its instruction knows what it says and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Part {
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// A text put together from pieces of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Joined {
    text: Vec<u8>,
    seams: Vec<Seam>,
}

/// Where a piece begins: in the text and in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seam {
    text: usize,
    file: usize,
}

impl Joined {
    /// Adds the bytes of `file` in `span`.
    pub(super) fn push(&mut self, file: &[u8], span: Span) {
        if !span.is_empty() {
            self.seams.push(Seam { text: self.text.len(), file: span.start });
            self.text.extend_from_slice(&file[span.range()]);
        }
    }

    /// All of the text.
    pub(super) fn all(&self) -> &[u8] {
        &self.text
    }

    /// What `part` says.
    pub(super) fn text(&self, part: Part) -> &[u8] {
        self.text.get(part.start..part.end).unwrap_or_default()
    }

    /// Where `part` stands, from its first byte to its last. What was left out between them is in it.
    pub(super) fn span(&self, part: Part) -> Span {
        if part.start < part.end {
            return Span::new(self.place(part.start), self.place(part.end - 1) + 1);
        }
        // Nothing stands right behind what is before it, even where that ends a line.
        let at = part.start.checked_sub(1).map_or_else(|| self.place(0), |before| self.place(before) + 1);
        Span::new(at, at)
    }

    /// The bytes of `part` in the file and no others: one span for each line that it is on. What spans are tested against.
    #[cfg(test)]
    pub(super) fn pieces(&self, part: Part) -> impl Iterator<Item = Span> + '_ {
        let first = self.seams.partition_point(|seam| seam.text <= part.start).saturating_sub(1);
        let piece = move |at: usize| {
            let seam = self.seams[at];
            let next = self.seams.get(at + 1).map_or(self.text.len(), |next| next.text);
            let (start, end) = (part.start.max(seam.text), part.end.min(next));
            (start < end).then(|| Span::new(start, end).shifted(seam.file - seam.text))
        };
        (first..self.seams.len()).map_while(piece)
    }

    /// Where in the file the byte at `at` stands.
    fn place(&self, at: usize) -> usize {
        let after = self.seams.partition_point(|seam| seam.text <= at);
        // A text without pieces has no bytes to ask for.
        let seam = after.checked_sub(1).map_or(Seam { text: 0, file: 0 }, |before| self.seams[before]);
        seam.file + (at - seam.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stretch_leads_back_to_its_bytes() {
        let file = b"..abc...de.....f";
        let mut joined = Joined::default();
        for (start, end) in [(2, 5), (6, 6), (8, 10), (15, 16)] {
            joined.push(file, Span::new(start, end));
        }
        assert_eq!(joined.all(), b"abcdef");
        for start in 0..=6 {
            for end in start..=6 {
                let part = Part::new(start, end);
                let pieces: Vec<Span> = joined.pieces(part).collect();
                let bytes: Vec<u8> = pieces.iter().flat_map(|piece| file[piece.range()].iter().copied()).collect();
                assert_eq!(bytes, joined.text(part), "{start}..{end}");
                let span = joined.span(part);
                if start < end {
                    assert_eq!(span, Span::new(pieces[0].start, pieces[pieces.len() - 1].end));
                }
            }
        }
        assert_eq!(joined.span(Part::new(3, 3)), Span::new(5, 5));
        assert_eq!(joined.span(Part::new(0, 0)), Span::new(2, 2));
    }
}
