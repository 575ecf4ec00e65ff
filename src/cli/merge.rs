//! `keylint merge`: from reports in files to one report. Must not know how reports are joined.

use super::{
    Complaint, Exit,
    args::{self, MergeFormat},
    output::{self, Destination},
};
use keylint::report::merge::{self, Document};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::Path,
};

/// What standard input is called.
const STDIN: &str = "-";

pub(super) fn run(args: &args::Merge) -> Result<Exit, Complaint> {
    let plain = args.reports.iter().map(|path| (path.as_path(), None));
    let named = args.named.iter().map(|(name, path)| (path.as_path(), Some(name.as_str())));
    let inputs: Vec<(&Path, Option<&str>)> = plain.chain(named).collect();
    if inputs.iter().filter(|(path, _)| path.as_os_str() == STDIN).count() > 1 {
        return Err(Complaint::new("standard input is one report: give - once"));
    }
    let destination = args.output.as_deref().map(Destination::open).transpose()?;
    let mut documents = Vec::new();
    for (path, name) in &inputs {
        let shown = shown(path);
        let bytes = read(path).map_err(|error| Complaint::new(format!("cannot read the report {shown}: {error}")))?;
        let document = Document::read(&bytes, *name);
        documents.push(document.map_err(|fault| Complaint::new(format!("{shown}: {fault}")))?);
    }
    warn(&inputs, &documents);
    let merged = merge::merge(documents);
    let exit = match (merged.has_findings(), merged.is_complete()) {
        (true, _) => Exit::Found,
        (false, true) => Exit::Clean,
        (false, false) => Exit::Incomplete,
    };
    let write = |out: &mut dyn Write| match args.format {
        MergeFormat::Json => merged.write_json(out),
        MergeFormat::Jsonl => merged.write_lines(out),
    };
    match destination {
        Some(destination) => destination.write(|out| {
            let mut out = io::BufWriter::new(out);
            write(&mut out)?;
            out.flush()
        })?,
        None => {
            let mut out = io::BufWriter::new(io::stdout().lock());
            output::forgive(write(&mut out).and_then(|()| out.flush()))?;
        }
    }
    Ok(exit)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path.as_os_str() != STDIN {
        return fs::read(path);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn shown(path: &Path) -> String {
    if path.as_os_str() == STDIN { "standard input".to_owned() } else { path.display().to_string() }
}

/// Says so where different reports call a repository `.`: it may be one, or each its own.
fn warn(inputs: &[(&Path, Option<&str>)], documents: &[Document]) {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (nth, document) in documents.iter().enumerate() {
        for name in document.repositories().filter(|name| name.starts_with('.')) {
            let first = *known.entry(name).or_insert(nth);
            if documents[first].covers(document) || document.covers(&documents[first]) {
                continue;
            }
            let (one, other) = (shown(inputs[first].0), shown(inputs[nth].0));
            let way = "if it is not one and the same, tell them apart with --named NAME=REPORT";
            let said = format!("{one} and {other} both have a repository {name}: {way}");
            let _ = writeln!(anstream::stderr().lock(), "keylint: warning: {}", output::masked(&said));
            return;
        }
    }
}
