//! `keylint rules`: the rules, shown and checked. Must not know how they are matched.

use super::{
    Complaint, Exit,
    args::{Rules, RulesCommand},
    output,
};
use keylint::{
    lint::{self, Linter},
    matcher::{Matcher, selftest},
    report::help,
    rule::{Catalog, Rule, RuleError, Sample, expand},
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

pub(super) fn run(args: &Rules) -> Result<Exit, Complaint> {
    match &args.command {
        RulesCommand::List => output::print(list(&catalog(&args.rules)?).as_bytes()),
        RulesCommand::Explain { id } => {
            let catalog = catalog(&args.rules)?;
            let rule = catalog.get(id).ok_or_else(|| unknown(id, &catalog))?;
            output::print(help::explain(rule).as_bytes())
        }
        RulesCommand::Check { files } => check_all(files),
    }
}

/// The built-in rules and those of `files`.
pub(super) fn catalog(files: &[PathBuf]) -> Result<Catalog, Complaint> {
    let mut catalog = Catalog::builtin();
    for file in files {
        let text = output::read(file)?;
        catalog.add(&file.display().to_string(), &text).map_err(|errors| complain(&errors))?;
    }
    Ok(catalog)
}

/// There is no rule called `id`; names the nearest.
pub(super) fn unknown(id: &str, catalog: &Catalog) -> Complaint {
    let nearest = nearest(id, catalog.rules().iter().map(Rule::id));
    let hint = nearest.map_or_else(String::new, |id| format!("; did you mean {id}?"));
    Complaint::new(format!("there is no rule {id}{hint} (`keylint rules list` shows all)"))
}

/// Which of the words that are `known` was meant by `word`, if one is like it.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.map(|known| (strsim::jaro_winkler(known, word), known));
    known.filter(|(likeness, _)| *likeness > 0.8).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known)
}

fn complain(errors: &[RuleError]) -> Complaint {
    Complaint::new(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// Keys first, then lints, each with its tier.
fn list(catalog: &Catalog) -> String {
    let width = catalog.rules().iter().map(|rule| rule.id().len()).max().unwrap_or(0);
    let (lints, keys): (Vec<&Rule>, Vec<&Rule>) = catalog.rules().iter().partition(|rule| rule.lint.is_some());
    let mut out = "Keys\n".to_owned();
    for rule in keys {
        let (severity, confidence) = (rule.severity, rule.confidence);
        let _ = writeln!(out, "  {:width$}  {severity:8}  {confidence:6}  {}", rule.id(), rule.name);
    }
    if lints.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\nLints: how keys are handled (`scan --no-lint` runs none, `scan --strict` all)");
    for rule in lints {
        let (severity, confidence, tier) = (rule.severity, rule.confidence, help::tier(rule));
        let _ = writeln!(out, "  {:width$}  {severity:8}  {confidence:6}  {tier:7}  {}", rule.id(), rule.name);
    }
    out
}

fn check_all(files: &[PathBuf]) -> Result<Exit, Complaint> {
    let mut out = String::new();
    let mut faults = 0;
    for file in files {
        let errors = check(file)?;
        faults += errors.len();
        for error in &errors {
            let _ = writeln!(out, "{error}");
        }
        if errors.is_empty() {
            let _ = writeln!(out, "{}: ok", file.display());
        }
    }
    output::print(out.as_bytes())?;
    Ok(if faults == 0 { Exit::Clean } else { Exit::Found })
}

/// Everything that is wrong with the rules of one file, taken alone.
fn check(file: &Path) -> Result<Vec<RuleError>, Complaint> {
    let (name, text) = (file.display().to_string(), output::read(file)?);
    let mut catalog = Catalog::default();
    if let Err(errors) = catalog.add_with_recipes(&name, &text) {
        return Ok(errors);
    }
    let ready = Matcher::new(&catalog).and_then(|matcher| matcher.compile(&catalog).map(|()| matcher));
    let ready = ready.and_then(|matcher| Linter::check_patterns(&catalog).map(|()| matcher));
    let matcher = match ready {
        Ok(matcher) => matcher,
        Err(error) => {
            let rule = catalog.rules().iter().find(|rule| rule.id() == error.rule);
            let place = |rule: &Rule| RuleError::at(&name, &text, rule, error.field, &rule.id, error.message.clone());
            return Ok(rule.map(place).into_iter().collect());
        }
    };
    let error = |failure: keylint::matcher::Failure| {
        let rule = &catalog.rules()[failure.rule];
        let list = match failure.field {
            "examples" => &rule.examples,
            "counterexamples" => &rule.counterexamples,
            _ => &rule.misses,
        };
        let template = &list[failure.index];
        debug_assert!(expand(template.get_ref(), 0).is_ok());
        RuleError::at(&name, &text, rule, failure.field, template, failure.message)
    };
    let of_lint = |failure: lint::Failure| {
        let rule = &catalog.rules()[failure.rule];
        let samples = rule
            .lint
            .as_ref()
            .map(|lint| if failure.field == "bad" { lint.samples.bad() } else { lint.samples.good() });
        let sample = samples.and_then(|samples| samples.get(failure.index));
        let at =
            |sample: &Sample| RuleError::at(&name, &text, rule, failure.field, &sample.text, failure.message.clone());
        sample.map(at)
    };
    let lints = lint::selftest(&catalog, &matcher).into_iter().filter_map(of_lint);
    Ok(selftest(&catalog, &matcher).into_iter().map(error).chain(lints).collect())
}
