//! Where reports go: standard output and files. Must not know what a scan is, or what reports look like.

use super::{
    Complaint,
    args::{self, Color},
    output::{self, Destination},
};
use anstream::{AutoStream, ColorChoice};
use keylint::{
    engine::Target,
    model::Report,
    report::{self, Format, Verbosity},
    rule::Catalog,
};
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Every report that was asked for, with a place that can be written: nobody waits for a scan to learn of a wrong path.
pub(super) struct Outputs {
    /// The format of the report on standard output, if that is where it goes.
    stdout: Option<Format>,
    files: Vec<(Format, Destination)>,
    /// Where what removes keys goes, if anywhere.
    replacements: Option<Destination>,
}

impl Outputs {
    /// Makes sure of all that `args` name, for a scan of `targets`.
    pub(super) fn open(args: &args::Scan, targets: &[Target]) -> Result<Self, Complaint> {
        let main = args.output.as_ref().map(|path| (args.format, path.clone()));
        let wanted = args.reports.iter().cloned().chain(main);
        let (mut files, mut known) = (Vec::new(), HashSet::new());
        for (format, path) in wanted {
            let destination = Destination::open(&path)?;
            if destination.is_file() && !known.insert(identity(&path)) {
                return Err(Complaint::new(format!("two reports cannot go to one file: {}", path.display())));
            }
            files.push((format.into(), destination));
        }
        let replacements = args.write_replacements.as_deref().map(|path| private(path, targets)).transpose()?;
        Ok(Self { stdout: args.output.is_none().then(|| args.format.into()), files, replacements })
    }

    /// Writes them all. `time` is how long the scan took, and the time now.
    pub(super) fn write(
        self,
        args: &args::Scan,
        report: &Report,
        catalog: &Catalog,
        time: (Duration, i64),
    ) -> Result<(), Complaint> {
        let mut options = options(args, time);
        for (format, destination) in self.files {
            options.color = args.color == Color::Always;
            destination.write(|mut file| report::write(format, report, catalog, &options, &mut file))?;
        }
        if let Some(destination) = self.replacements {
            destination.write(|mut file| report::replacements(report, &mut file))?;
        }
        let Some(format) = self.stdout else { return Ok(()) };
        options.color = is_coloured(args.color);
        output::forgive(report::write(format, report, catalog, &options, &mut stdout(options.color)))
    }
}

/// Whether standard output is to have colours.
pub(super) fn is_coloured(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    }
}

/// Standard output, with colours if it is to have them.
pub(super) fn stdout(color: bool) -> AutoStream<io::Stdout> {
    AutoStream::new(io::stdout(), if color { ColorChoice::Always } else { ColorChoice::Never })
}

/// A place for what has keys in clear: not in what is scanned, where somebody would commit it.
fn private(path: &Path, targets: &[Target]) -> Result<Destination, Complaint> {
    let whole = identity(path);
    let mut paths = targets.iter().filter_map(|target| match target {
        Target::Path(path) => Some(path),
        Target::Stdin | Target::Text { .. } => None,
    });
    let is_inside = |target: &&PathBuf| {
        let target = fs::canonicalize(target).unwrap_or_else(|_| (*target).clone());
        // Of a directory in a repository, all of that is scanned.
        let root = target.ancestors().find(|folder| folder.join(".git").exists());
        whole.starts_with(root.unwrap_or(&target))
    };
    if let Some(target) = paths.find(is_inside) {
        let (path, target) = (path.display(), target.display());
        return Err(Complaint::new(format!(
            "{path} would have keys in clear, and is in what is scanned with {target}: put it elsewhere"
        )));
    }
    Destination::open_private(path)
}

/// The file itself, which need not be there yet, whatever it was called.
fn identity(path: &Path) -> PathBuf {
    let folder = output::folder(path);
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
}

fn options(args: &args::Scan, (elapsed, now): (Duration, i64)) -> report::Options {
    report::Options {
        show_secrets: args.show_secrets,
        show_suppressed: args.show_suppressed,
        color: false,
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
        elapsed: Some(elapsed),
        now: Some(now),
        sarif_category: args.sarif_category.clone(),
    }
}
