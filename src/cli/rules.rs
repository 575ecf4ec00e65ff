//! `keylint rules`: the rules, shown and checked. Must not know how they are matched.

use super::{
    Complaint, Exit,
    args::{Rules, RulesCommand},
    output,
};
use keylint::{
    matcher::{Matcher, selftest},
    rule::{Catalog, Rule, RuleError, expand},
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
            output::print(explain(rule).as_bytes())
        }
        RulesCommand::Check { files } => check_all(files),
    }
}

/// The built-in rules and those of `files`.
pub(super) fn catalog(files: &[PathBuf]) -> Result<Catalog, Complaint> {
    let mut catalog = Catalog::builtin().map_err(|errors| complain(&errors))?;
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

fn list(catalog: &Catalog) -> String {
    let width = catalog.rules().iter().map(|rule| rule.id().len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in catalog.rules() {
        let (severity, confidence) = (rule.severity, rule.confidence);
        let _ = writeln!(out, "{:width$}  {severity:8}  {confidence:6}  {}", rule.id(), rule.name);
    }
    out
}

fn explain(rule: &Rule) -> String {
    let mut out = format!("{} ({})\n", rule.name, rule.id());
    let _ = writeln!(out, "severity {}, confidence up to {}, since {}\n", rule.severity, rule.confidence, rule.since);
    let _ = writeln!(out, "{}\n", rule.about.trim());
    let _ = writeln!(out, "What to do");
    for (nth, step) in rule.rotate.iter().enumerate() {
        let _ = writeln!(out, "  {}. {}", nth + 1, step.text);
        if let Some(url) = &step.url {
            let _ = writeln!(out, "     {url}");
        }
    }
    let _ = writeln!(out, "\nDoes it work?");
    match (&rule.recipe, &rule.unasked) {
        (Some(recipe), _) => {
            let _ = writeln!(out, "  --verify sends    GET {}", recipe.get.get_ref());
            for (name, value) in &recipe.headers {
                let _ = writeln!(out, "                    {name}: {value}");
            }
            let further: Vec<&str> = recipe.access.iter().filter_map(|fact| fact.get.as_deref()).collect();
            let names: Vec<&str> = recipe.access.iter().map(|fact| fact.name.as_str()).collect();
            for path in &further {
                let _ = writeln!(out, "  =access also      GET {}{path}", recipe.origin());
            }
            if !names.is_empty() {
                let _ = writeln!(out, "  =access reads     {}", names.join(", "));
            }
        }
        (None, Some(why)) => drop(writeln!(out, "  It is never sent anywhere: {why}.")),
        (None, None) => drop(writeln!(out, "  It is never sent anywhere: no request is known that changes nothing.")),
    }
    section(&mut out, "Finds", &rule.examples);
    section(&mut out, "Leaves alone", &rule.counterexamples);
    section(&mut out, "Is known to miss", &rule.misses);
    if !rule.references.is_empty() {
        let _ = writeln!(out, "\nReferences");
        for page in &rule.references {
            let _ = writeln!(out, "  {page}");
        }
    }
    out
}

/// Examples as their generators: what they expand to is not for scrollbacks and logs.
fn section(out: &mut String, title: &str, templates: &[toml::Spanned<String>]) {
    if templates.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for template in templates {
        let _ = writeln!(
            out,
            "  {}",
            template.get_ref().escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'")
        );
    }
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
    Ok(selftest(&catalog, &matcher).into_iter().map(error).collect())
}
