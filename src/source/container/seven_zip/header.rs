//! The directory of an archive of 7-Zip: what is packed how, and what it is called. Must not know how anything is
//! unpacked. Every number in it is a claim: nothing is taken memory for before it is read.

/// How encrypted content is marked.
pub(super) const AES: &[u8] = &[6, 0xf1, 7, 1];
/// More coders than this for one folder are none of 7-Zip's.
const CODERS: u64 = 8;

/// More entries than this are not looked at in any container, so that their names need no memory either.
const MOST: usize = 1 << 18;

/// What a directory is.
pub(super) enum Next {
    Header(Header),
    /// Packed itself.
    Packed(Folder),
}

#[derive(Default)]
pub(super) struct Header {
    pub(super) folders: Vec<Folder>,
    pub(super) files: Vec<File>,
}

#[derive(Default)]
pub(super) struct File {
    pub(super) name: Vec<u8>,
    /// Whether it has no content, or is a directory.
    pub(super) is_empty: bool,
}

/// Entries that are packed together.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    /// Which input comes from which output.
    pub(super) pairs: Vec<(u64, u64)>,
    /// Which inputs come from the archive, and where they are in it.
    pub(super) packed: Vec<(u64, Stream)>,
    /// The size of each entry.
    pub(super) streams: Vec<u64>,
}

/// A method, its inputs and its one output.
#[derive(Default)]
pub(super) struct Coder {
    pub(super) method: Vec<u8>,
    pub(super) properties: Vec<u8>,
    pub(super) inputs: u64,
    /// How much it yields.
    pub(super) size: u64,
}

/// A part of the archive.
#[derive(Clone, Copy, Default)]
pub(super) struct Stream {
    pub(super) at: u64,
    pub(super) size: u64,
}

impl Folder {
    pub(super) fn is_encrypted(&self) -> bool {
        self.coders.iter().any(|coder| coder.method == AES)
    }

    /// The output that no input comes from: the content.
    pub(super) fn last(&self) -> Option<u64> {
        (0..self.coders.len() as u64).find(|&output| self.pairs.iter().all(|pair| pair.1 != output))
    }

    /// How much there is in it.
    pub(super) fn size(&self) -> u64 {
        let last = self.last().and_then(|last| self.coders.get(last as usize));
        last.map_or(0, |coder| coder.size)
    }
}

/// Reads a directory; none where it is damaged.
pub(super) fn parse(bytes: &[u8]) -> Option<Next> {
    let mut reader = Reader(bytes);
    match reader.byte()? {
        1 => Some(Next::Header(reader.header()?)),
        0x17 => Some(Next::Packed(reader.streams()?.into_iter().next()?)),
        _ => None,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of which the first byte says how many follow: as many as it has ones at its beginning.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let low = self.take(u64::from(more))?;
        let low = low.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte));
        let high = if more < 7 { u64::from(first & (0x7f >> more)) << (8 * more) } else { 0 };
        Some(high | low)
    }

    /// How many of something follow, each at least one byte long.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len().min(MOST)).then_some(count)
    }

    /// One bit for each of `count`, the highest first.
    fn bits(&mut self, count: usize) -> Option<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8) as u64)?;
        Some((0..count).map(|at| bytes[at / 8] << (at % 8) & 0x80 != 0).collect())
    }

    /// Passes by the sums of `count` things.
    fn sums(&mut self, count: usize) -> Option<Vec<bool>> {
        let known = if self.byte()? == 0 { self.bits(count)? } else { vec![true; count] };
        self.take(4 * known.iter().filter(|known| **known).count() as u64)?;
        Some(known)
    }

    fn header(&mut self) -> Option<Header> {
        let mut header = Header::default();
        loop {
            match self.byte()? {
                0 => return Some(header),
                // Properties of the archive, each with a size.
                2 => {
                    while self.byte()? != 0 {
                        let size = self.number()?;
                        self.take(size)?;
                    }
                }
                3 => drop(self.streams()?),
                4 => header.folders = self.streams()?,
                5 => header.files = self.files()?,
                _ => return None,
            }
        }
    }

    /// What is packed, and how.
    fn streams(&mut self) -> Option<Vec<Folder>> {
        let (mut packed, mut folders, mut sums, mut split) = (Vec::new(), Vec::new(), Vec::new(), false);
        loop {
            match self.byte()? {
                0 => break,
                6 => packed = self.packed()?,
                7 => (folders, sums) = self.folders()?,
                8 => {
                    self.entries(&mut folders, &sums)?;
                    split = true;
                }
                _ => return None,
            }
        }
        let mut packed = packed.into_iter();
        for folder in &mut folders {
            if !split {
                folder.streams = vec![folder.size()];
            }
            for input in &mut folder.packed {
                input.1 = packed.next()?;
            }
        }
        Some(folders)
    }

    /// Where what is packed lies.
    fn packed(&mut self) -> Option<Vec<Stream>> {
        let mut at = self.number()?;
        let count = self.count()?;
        let mut streams = Vec::new();
        loop {
            match self.byte()? {
                0 => return Some(streams),
                9 => {
                    for _ in 0..count {
                        let size = self.number()?;
                        streams.push(Stream { at, size });
                        at = at.checked_add(size)?;
                    }
                }
                10 => drop(self.sums(count)?),
                _ => return None,
            }
        }
    }

    /// The folders, and of which the sum is known.
    fn folders(&mut self) -> Option<(Vec<Folder>, Vec<bool>)> {
        if self.byte()? != 11 {
            return None;
        }
        let count = self.count()?;
        // What is elsewhere is of archives that nobody makes.
        if self.byte()? != 0 {
            return None;
        }
        let mut folders = (0..count).map(|_| self.folder()).collect::<Option<Vec<_>>>()?;
        let mut sums = vec![false; count];
        loop {
            match self.byte()? {
                0 => return Some((folders, sums)),
                12 => {
                    for coder in folders.iter_mut().flat_map(|folder| &mut folder.coders) {
                        coder.size = self.number()?;
                    }
                }
                10 => sums = self.sums(count)?,
                _ => return None,
            }
        }
    }

    fn folder(&mut self) -> Option<Folder> {
        let mut folder = Folder::default();
        let count = self.number().filter(|count| (1..=CODERS).contains(count))?;
        let mut inputs = 0;
        for _ in 0..count {
            let kind = self.byte()?;
            let method = self.take(u64::from(kind & 15))?.to_vec();
            let mut coder = Coder { method, inputs: 1, ..Coder::default() };
            if kind & 0x10 != 0 {
                coder.inputs = self.number().filter(|inputs| (1..=4).contains(inputs))?;
                self.number().filter(|&outputs| outputs == 1)?;
            }
            if kind & 0x20 != 0 {
                let size = self.number()?;
                coder.properties = self.take(size)?.to_vec();
            }
            inputs += coder.inputs;
            folder.coders.push(coder);
        }
        for _ in 1..count {
            let pair = (self.number()?, self.number()?);
            // Each leads to another one, so that no way leads back.
            if folder.pairs.iter().any(|known| known.0 == pair.0 || known.1 == pair.1) {
                return None;
            }
            folder.pairs.push(pair);
        }
        let free = |pairs: &[(u64, u64)]| (0..inputs).find(|input| pairs.iter().all(|pair| pair.0 != *input));
        folder.packed = match (inputs + 1).checked_sub(count)? {
            1 => vec![(free(&folder.pairs)?, Stream::default())],
            several => (0..several).map(|_| Some((self.number()?, Stream::default()))).collect::<Option<_>>()?,
        };
        Some(folder)
    }

    /// How large the entries of each folder are.
    fn entries(&mut self, folders: &mut [Folder], sums: &[bool]) -> Option<()> {
        let mut counts = vec![1_u64; folders.len()];
        let mut kind = self.byte()?;
        if kind == 13 {
            let mut all = 0;
            for count in &mut counts {
                *count = self.number()?;
                all = count.checked_add(all).filter(|&all| all <= MOST as u64)?;
            }
            kind = self.byte()?;
        }
        // The last one of each folder has what is left.
        let mut unknown = 0_u64;
        for ((folder, &count), known) in folders.iter_mut().zip(&counts).zip(sums) {
            let mut left = folder.size();
            for _ in 1..count {
                let size = self.number().filter(|_| kind == 9)?;
                left = left.checked_sub(size)?;
                folder.streams.push(size);
            }
            if count > 0 {
                folder.streams.push(left);
            }
            unknown += if count == 1 && *known { 0 } else { count };
        }
        if kind == 9 {
            kind = self.byte()?;
        }
        if kind == 10 {
            self.sums(usize::try_from(unknown).ok()?)?;
            kind = self.byte()?;
        }
        (kind == 0).then_some(())
    }

    fn files(&mut self) -> Option<Vec<File>> {
        let count = self.count()?;
        let (mut files, mut empty) = (Vec::new(), Vec::new());
        loop {
            let kind = self.number()?;
            if kind == 0 {
                break;
            }
            let size = self.number()?;
            let mut property = Reader(self.take(size)?);
            match kind {
                14 => empty = property.bits(count)?,
                17 if property.byte()? == 0 => files = property.names(count)?,
                _ => {}
            }
        }
        files.resize_with(count, File::default);
        for (file, is_empty) in files.iter_mut().zip(empty) {
            file.is_empty = is_empty;
        }
        Some(files)
    }

    fn names(&mut self, count: usize) -> Option<Vec<File>> {
        let mut files = Vec::new();
        for _ in 0..count {
            let (pairs, _) = self.0.as_chunks::<2>();
            let len = pairs.iter().position(|pair| *pair == [0, 0])?;
            let units = pairs[..len].iter().map(|pair| u16::from_le_bytes(*pair));
            let name: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            files.push(File { name: name.into_bytes(), is_empty: false });
            self.take(2 * len as u64 + 2)?;
        }
        Some(files)
    }
}
