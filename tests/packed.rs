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

/// A stream of LZMA alone, as `xz --format=lzma` makes it.
pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).expect("options");
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory")
}

/// An archive of 7-Zip with files that are packed together by `methods`, the last first.
pub(crate) fn seven_zip(files: &[(&str, &[u8])], methods: &[sevenz_rust2::EncoderMethod]) -> Vec<u8> {
    use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderConfiguration, SourceReader};
    let mut writer = ArchiveWriter::new(std::io::Cursor::new(Vec::new())).expect("memory");
    writer.set_content_methods(methods.iter().map(|&method| EncoderConfiguration::new(method)).collect());
    let entries = files.iter().map(|(name, _)| ArchiveEntry::new_file(name)).collect();
    let contents = files.iter().map(|(_, content)| SourceReader::new(*content)).collect();
    writer.push_archive_entries(entries, contents).expect("memory");
    writer.finish().expect("memory").into_inner()
}

/// An archive of 7-Zip with one file that `method` is said to have packed, byte by byte.
pub(crate) fn seven_zip_by(method: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let number = |number: usize| match number {
        0..0x80 => vec![number as u8],
        _ => vec![0x80 | (number >> 8) as u8, number as u8],
    };
    let size = number(content.len());
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let packed = [&[6, 0, 1, 9], &size[..], &[0]].concat();
    let folders = [&[7, 11, 1, 0, 1, method.len() as u8], method, &[12], &size, &[0]].concat();
    let files = [&[5, 1, 17], &number(name.len() + 1)[..], &[0], &name, &[0]].concat();
    let header = [&[1, 4], &packed[..], &folders, &[0], &files, &[0]].concat();
    let sum = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let long = |number: usize| (number as u64).to_le_bytes();
    let start = [&long(content.len())[..], &long(header.len()), &sum(&header)].concat();
    [b"7z\xbc\xaf\x27\x1c\0\x04", &sum(&start)[..], &start, content, &header].concat()
}

/// An archive of `ar`, with a list of the names that are long.
pub(crate) fn ar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut names, mut entries) = (String::new(), Vec::new());
    let entry = |name: &str, content: &[u8]| {
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100_644, content.len());
        let fill = if content.len() % 2 == 1 { "\n" } else { "" };
        [header.as_bytes(), content, fill.as_bytes()].concat()
    };
    for (name, content) in files {
        let short = match name.len() {
            // A name that stands before the content is told by its length.
            _ if name.starts_with("#1/") => (*name).to_owned(),
            0..16 => format!("{name}/"),
            _ => format!("/{}", names.len()),
        };
        if name.len() > 15 {
            names += &format!("{name}/\n");
        }
        entries.extend(entry(&short, content));
    }
    let names = if names.is_empty() { vec![] } else { entry("//", names.as_bytes()) };
    [b"!<arch>\n", &names[..], &entries].concat()
}

/// A package of RPM: what stands before its files, and those.
pub(crate) fn rpm(payload: &[u8]) -> Vec<u8> {
    let mut out = b"\xed\xab\xee\xdb\x03\0".to_vec();
    out.resize(96, 0);
    for data in [b"signed".as_slice(), b"a name and more"] {
        out.extend(b"\x8e\xad\xe8\x01\0\0\0\0\0\0\0\x01");
        out.extend((data.len() as u32).to_be_bytes());
        out.extend([0; 16]);
        out.extend(data);
        if data == b"signed" {
            out.resize(out.len().next_multiple_of(8), 0);
        }
    }
    out.extend(payload);
    out
}

/// How a program of Linux begins, with the words in it that programs that read archives have.
pub(crate) fn elf() -> Vec<u8> {
    let head = [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0".as_slice(), &[0; 2_000]].concat();
    [&head[..], b"PK\x03\x04PK\x01\x02 7z\xbc\xaf\x27\x1c PK\x03\x04\x14\0\0\0\x07\0", &[0; 60_000]].concat()
}

/// How a program of Windows begins.
pub(crate) fn pe() -> Vec<u8> {
    let mut out = b"MZ".to_vec();
    out.resize(60, 0);
    out.extend(128_u32.to_le_bytes());
    out.resize(128, 0);
    out.extend(b"PE\0\0");
    out.resize(40_000, 0);
    out
}
