//! What unpacks a folder of an archive of 7-Zip: methods one behind another. Must not know what comes out.

use super::{
    super::streams::MEMORY,
    header::{Coder, Folder},
};
use bzip2::read::BzDecoder;
use flate2::read::DeflateDecoder;
use lzma_rust2::{
    Lzma2Reader, LzmaReader,
    filter::{bcj::BcjReader, bcj2::Bcj2Reader, delta::DeltaReader},
};
use ruzstd::decoding::StreamingDecoder;
use std::{
    cell::Cell,
    io::{self, Read},
};

type Decoder<'a> = Box<dyn Read + 'a>;

/// The content of `folder`, of which the archive is `packed`; `taken` counts what is taken of that.
pub(super) fn decoder<'a>(folder: &Folder, packed: &'a [u8], taken: &'a Cell<u64>) -> io::Result<Decoder<'a>> {
    let mut chain = Chain { folder, packed, taken, memory: u64::from(MEMORY) << 10 };
    chain.output(folder.last().ok_or_else(damaged)?)
}

struct Chain<'f, 'a> {
    folder: &'f Folder,
    packed: &'a [u8],
    taken: &'a Cell<u64>,
    /// How much memory its methods may still take, in bytes.
    memory: u64,
}

impl<'a> Chain<'_, 'a> {
    /// What the method numbered `output` yields.
    fn output(&mut self, output: u64) -> io::Result<Decoder<'a>> {
        let coder = self.folder.coders.get(output as usize).ok_or_else(damaged)?;
        let first: u64 = self.folder.coders.iter().take(output as usize).map(|coder| coder.inputs).sum();
        let inputs = (first..first + coder.inputs).map(|input| self.input(input)).collect::<io::Result<Vec<_>>>()?;
        self.method(coder, inputs)
    }

    /// What the input numbered `input` takes: the output of another method, or a part of the archive.
    fn input(&mut self, input: u64) -> io::Result<Decoder<'a>> {
        if let Some((_, output)) = self.folder.pairs.iter().find(|pair| pair.0 == input) {
            return self.output(*output);
        }
        let (_, stream) = self.folder.packed.iter().find(|packed| packed.0 == input).ok_or_else(damaged)?;
        let start = usize::try_from(stream.at).ok();
        let end = stream.at.checked_add(stream.size).and_then(|end| usize::try_from(end).ok());
        let bytes = start.zip(end).and_then(|(start, end)| self.packed.get(start..end)).ok_or_else(damaged)?;
        Ok(Box::new(Counted { bytes, taken: self.taken }))
    }

    fn method(&mut self, coder: &Coder, mut inputs: Vec<Decoder<'a>>) -> io::Result<Decoder<'a>> {
        if coder.method == [3, 3, 1, 27] {
            return Ok(Box::new(Bcj2Reader::try_new(inputs, coder.size)?));
        }
        let input = inputs.pop().filter(|_| inputs.is_empty()).ok_or_else(damaged)?;
        let properties = coder.properties.as_slice();
        Ok(match coder.method.as_slice() {
            [0] => input,
            [3, 1, 1] => {
                let [first, dictionary @ ..] = properties.first_chunk::<5>().ok_or_else(damaged)?;
                let dictionary = self.dictionary(u32::from_le_bytes(*dictionary), coder.size)?;
                Box::new(LzmaReader::new_with_props(input, coder.size, *first, dictionary, None)?)
            }
            [0x21] => {
                let bits = u32::from(*properties.first().filter(|&&bits| bits <= 40).ok_or_else(damaged)?);
                let dictionary = if bits == 40 { u32::MAX } else { (2 | bits & 1) << (bits / 2 + 11) };
                Box::new(Lzma2Reader::new(input, self.dictionary(dictionary, coder.size)?, None))
            }
            [3] => Box::new(DeltaReader::new(input, usize::from(*properties.first().unwrap_or(&0)) + 1)),
            [4, 1, 8] => Box::new(DeflateDecoder::new(input)),
            [4, 2, 2] => Box::new(BzDecoder::new(input)),
            [4, 0xf7, 0x11, 1] => {
                let limit = u64::from(MEMORY) << 10;
                Box::new(StreamingDecoder::new_with_max_window_size(input, limit).map_err(io::Error::other)?)
            }
            [4] | [3, 3, 1, 3] => Box::new(BcjReader::new_x86(input, 0)),
            [5] | [3, 3, 2, 5] => Box::new(BcjReader::new_ppc(input, 0)),
            [6] | [3, 3, 4, 1] => Box::new(BcjReader::new_ia64(input, 0)),
            [7] | [3, 3, 5, 1] => Box::new(BcjReader::new_arm(input, 0)),
            [8] | [3, 3, 7, 1] => Box::new(BcjReader::new_arm_thumb(input, 0)),
            [9] | [3, 3, 8, 5] => Box::new(BcjReader::new_sparc(input, 0)),
            [10] => Box::new(BcjReader::new_arm64(input, 0)),
            [11] => Box::new(BcjReader::new_riscv(input, 0)),
            [3, 4, 1] => return Err(unknown("PPMd")),
            [4, 1, 9] => return Err(unknown("Deflate64")),
            other => return Err(unknown(&data_encoding::HEXLOWER.encode(other))),
        })
    }

    /// How much memory a method needs to remember what it has yielded: no more than that is.
    fn dictionary(&mut self, asked: u32, size: u64) -> io::Result<u32> {
        let needed = u64::from(asked).min(size).max(4096);
        self.memory = self.memory.checked_sub(needed).ok_or_else(|| io::Error::other("it needs too much memory"))?;
        u32::try_from(needed).map_err(io::Error::other)
    }
}

fn damaged() -> io::Error {
    io::Error::other("what the directory says of it is damaged")
}

fn unknown(method: &str) -> io::Error {
    io::Error::other(format!("it is packed by the method {method}, which is not known here"))
}

/// A part of the archive, of which what is taken is counted.
struct Counted<'a> {
    bytes: &'a [u8],
    taken: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(out)?;
        self.taken.set(self.taken.get() + read as u64);
        Ok(read)
    }
}
