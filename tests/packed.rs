//! Archives and streams, made byte by byte or by the writers of the crates that read them. Must not know what is tested.

use flate2::{Compression, write::DeflateEncoder, write::GzEncoder};
use std::io::Write;

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("options");
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An entry of a zip archive: its name, how it is packed, what else is special.
pub(crate) struct Zipped<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) content: &'a [u8],
    pub(crate) method: u16,
    pub(crate) flags: u16,
}

pub(crate) const DEFLATED: u16 = 8;
pub(crate) const STORED: u16 = 0;
pub(crate) const ENCRYPTED: u16 = 1;
/// Sizes stand after the content.
pub(crate) const STREAMED: u16 = 8;

impl<'a> Zipped<'a> {
    pub(crate) fn new(name: &'a [u8], content: &'a [u8]) -> Self {
        Self { name, content, method: DEFLATED, flags: 0 }
    }

    fn packed(&self) -> Vec<u8> {
        match self.method {
            DEFLATED => deflate(self.content),
            12 => bzip2(self.content),
            93 => zstd(self.content),
            95 => xz(self.content),
            _ => self.content.to_vec(),
        }
    }

    /// Needed version to length of extra fields; `sizes` unless they stand elsewhere.
    fn common(&self, packed: &[u8], sizes: bool) -> Vec<u8> {
        let mut crc = flate2::Crc::new();
        crc.update(self.content);
        let size = |size: usize| if sizes { (size as u32).to_le_bytes() } else { [0; 4] };
        let mut out = Vec::new();
        out.extend(20_u16.to_le_bytes());
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0; 4]);
        out.extend(if sizes { crc.sum().to_le_bytes() } else { [0; 4] });
        out.extend(size(packed.len()));
        out.extend(size(self.content.len()));
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend([0; 2]);
        out
    }

    /// The entry as it stands in an archive.
    pub(crate) fn local(&self) -> Vec<u8> {
        let packed = self.packed();
        let streamed = self.flags & STREAMED != 0;
        let mut out = [&b"PK\x03\x04"[..], &self.common(&packed, !streamed), self.name, &packed].concat();
        if streamed {
            out.extend(b"PK\x07\x08\x00\x00\x00\x00");
            out.extend((packed.len() as u32).to_le_bytes());
            out.extend((self.content.len() as u32).to_le_bytes());
        }
        out
    }

    /// The entry as a directory lists it.
    pub(crate) fn listed(&self, at: usize) -> Vec<u8> {
        let mut out = [&b"PK\x01\x02\x14\x00"[..], &self.common(&self.packed(), true), &[0; 10]].concat();
        out.extend((at as u32).to_le_bytes());
        out.extend(self.name);
        out
    }
}

/// A zip archive.
pub(crate) fn zip(entries: &[Zipped<'_>]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        directory.extend(entry.listed(out.len()));
        out.extend(entry.local());
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(zip_end(entries.len(), directory.len(), start));
    out
}

/// What a zip archive ends with.
pub(crate) fn zip_end(entries: usize, size: usize, start: usize) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend((entries as u16).to_le_bytes());
    out.extend((entries as u16).to_le_bytes());
    out.extend((size as u32).to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    out.extend([0; 2]);
    out
}

/// A zip archive of files that are deflated.
pub(crate) fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip(&files.iter().map(|(name, content)| Zipped::new(name.as_bytes(), content)).collect::<Vec<_>>())
}

/// The header of an entry in a tar archive.
pub(crate) fn tar_header(name: &[u8], size: usize, kind: u8) -> Vec<u8> {
    let mut block = vec![0; 512];
    let cut = name.len().min(100);
    block[..cut].copy_from_slice(&name[..cut]);
    block[100..107].copy_from_slice(b"0000644");
    block[124..136].copy_from_slice(format!("{size:011o} ").as_bytes());
    block[136..148].copy_from_slice(b"00000000000 ");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// An entry of a tar archive, the header that says so before it where the name is long.
pub(crate) fn tar_entry(name: &[u8], content: &[u8], kind: u8) -> Vec<u8> {
    let mut out = Vec::new();
    if name.len() > 100 {
        out.extend(tar_entry(b"././@LongLink", &[name, b"\0"].concat(), b'L'));
    }
    out.extend(tar_header(name, content.len(), kind));
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// A tar archive of files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries = files.iter().map(|(name, content)| tar_entry(name.as_bytes(), content, b'0'));
    let mut out: Vec<u8> = entries.flatten().collect();
    out.extend([0; 1024]);
    out
}

/// A PNG image with further chunks.
pub(crate) fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = (b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0".to_vec());
    for (kind, data) in [header].iter().chain(chunks).chain([&(b"IEND", vec![])]) {
        let mut crc = flate2::Crc::new();
        crc.update(*kind);
        crc.update(data);
        out.extend((data.len() as u32).to_be_bytes());
        out.extend(*kind);
        out.extend(data);
        out.extend(crc.sum().to_be_bytes());
    }
    out
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A PDF document with one stream, and further words in its trailer.
pub(crate) fn pdf(page: &[u8], trailer: &str) -> Vec<u8> {
    let page = zlib(page);
    let head = format!("%PDF-1.5\n%\u{e9}\n4 0 obj\n<< /Length {} /Filter /FlateDecode >>\nstream\r\n", page.len());
    let tail = format!("\nendstream\nendobj\ntrailer\n<< /Root 1 0 R {trailer} >>\n%%EOF\n");
    [head.as_bytes(), &page, tail.as_bytes()].concat()
}
