//! Command lines and what they print, kept in `tests/golden/`. `SNAPSHOTS=overwrite cargo test` writes
//! them anew.

use crate::fixture::{Folder, key, key_of};
use keylint::{report::help, rule::Catalog};
use snapbox::{assert_data_eq, file};

#[test]
fn help() {
    let folder = Folder::new();
    assert_data_eq!(folder.keylint(["--help"]).stdout(), file!["golden/help.txt"].raw());
    assert_data_eq!(folder.keylint(["scan", "--help"]).stdout(), file!["golden/help-scan.txt"].raw());
    assert_data_eq!(folder.keylint(["merge", "--help"]).stdout(), file!["golden/help-merge.txt"].raw());
    assert_data_eq!(folder.keylint(["rules", "--help"]).stdout(), file!["golden/help-rules.txt"].raw());
    assert_eq!(folder.keylint([""; 0]).code(), 2);
}

#[test]
fn rules() {
    let folder = Folder::new();
    assert_data_eq!(folder.keylint(["rules", "list"]).stdout(), file!["golden/rules-list.txt"].raw());
    let run = folder.keylint(["rules", "explain", "openai-admin-key"]);
    assert_data_eq!(run.stdout(), file!["golden/rules-explain.txt"].raw());
    let run = folder.keylint(["rules", "explain", "browser-allowed"]);
    assert_data_eq!(run.stdout(), file!["golden/rules-explain-lint.txt"].raw());
    let run = folder.keylint(["rules", "explain", "openai-amdin-key"]);
    assert_eq!(run.code(), 2);
    assert_data_eq!(run.stderr(), file!["golden/rules-unknown.txt"].raw());
}

#[test]
fn the_page_of_all_rules_is_what_the_rules_say() {
    let catalog = Catalog::builtin();
    assert_data_eq!(help::page(&catalog), file!["../docs/rules.md"].raw());
}

#[test]
fn rules_check() {
    let folder = Folder::new();
    let rules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    for file in ["openai.toml", "azure-openai.toml"] {
        std::fs::copy(rules.join(file), folder.at(file)).expect("a copy");
    }
    let run = folder.keylint(["rules", "check", "openai.toml", "azure-openai.toml"]);
    assert_eq!((run.code(), run.stdout().as_str()), (0, "openai.toml: ok\nazure-openai.toml: ok\n"));
    let broken = include_str!("../rules/azure-openai.toml").replacen("JQQJ9[9DH]", "JQQJ8[9DH]", 1);
    folder.write("broken.toml", broken);
    let run = folder.keylint(["rules", "check", "broken.toml"]);
    assert_eq!(run.code(), 1);
    assert_data_eq!(run.stdout(), file!["golden/rules-check.txt"].raw());
}

#[test]
fn a_report_for_people() {
    let repository = Folder::repository();
    repository.write("src/app.py", format!("import os\n\nclient = OpenAI(api_key=\"{}\")\n", key(1)));
    repository.write("config/prod.yml", format!("openai:\n  key: {}\n", key(1)));
    repository.commit("Add the client", 1);
    repository.write("src/app.py", "client = OpenAI()\n");
    repository.write("cookies.txt", format!("ek: {}\n", key_of("openai-realtime-secret", 7)));
    repository.commit("Read the key from the environment", 2);
    let told = repository.keylint(["scan"]).stdout();
    // What depends on the clock and on where git keeps its files.
    let (before, summary) = told.trim_end().rsplit_once('\n').expect("a summary");
    assert_data_eq!(before.to_owned() + "\n", file!["golden/report.txt"].raw());
    assert!(summary.starts_with("2 keys in 3 places and 2 lint findings in 3 places · "), "{summary}");
}

#[test]
fn a_report_of_how_keys_are_handled() {
    let repository = Folder::repository();
    let call = |key: &str| format!("new OpenAI({{ apiKey: {key}, dangerouslyAllowBrowser: true }});\n");
    repository.write("web/chat.ts", call("key"));
    repository.write("web/old.ts", format!("// apiKey: \"{}\"\n{}", key(1), call("key")));
    repository.commit("Talk from the page", 1);
    for (args, name) in [(&["scan"][..], "report-lints.txt"), (&["scan", "--quiet"], "report-lints-quiet.txt")] {
        let told = repository.keylint(args).stdout();
        let (before, summary) = told.trim_end().rsplit_once('\n').expect("a summary");
        let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        assert_data_eq!(before.to_owned() + "\n", snapbox::Data::read_from(&golden, None).raw());
        assert!(summary.starts_with("1 key in 1 place and "), "{summary}");
    }
    repository.write("web/old.ts", "");
    let told = repository.keylint(["scan", "--no-history", "--select", "browser-allowed"]).stdout();
    assert!(told.contains("\nno keys found, but 1 lint finding in 1 place · "), "{told}");
    let told = repository.keylint(["scan", "--no-history", "web/old.ts"]).stdout();
    assert!(told.starts_with("no keys found and no lint findings · 1 file"), "{told}");
    let told = repository.keylint(["scan", "--no-history", "--no-lint", "web/old.ts"]).stdout();
    assert!(told.starts_with("no keys found · 1 file"), "{told}");
}

#[test]
fn a_report_of_several_scans() {
    let folder = Folder::new();
    for (day, name) in (1..).zip(["web", "api"]) {
        let repository = Folder::repository();
        repository.write("config.py", format!("\nKEY = '{}'\n", key(1)));
        repository.commit("Add the key", day);
        let run = repository.keylint(["scan", "--no-lint", "--format", "json"]);
        folder.write(format!("{name}.json"), run.stdout());
    }
    let args = ["merge", "--named", "web=web.json", "--named", "api=api.json"];
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let merged = folder.keylint(args).stdout().replace(&version, "\"VERSION\"");
    // The files of git itself differ in size from machine to machine, and with them what a part is known by.
    let sizes = regex::Regex::new("\"(digest|files|file_bytes|object_bytes)\": [^,\n]+").expect("an expression");
    let merged = sizes.replace_all(&merged, "\"$1\": \"…\"");
    assert_data_eq!(merged.as_ref(), file!["golden/merged.txt"].raw());
    let run = folder.keylint(["merge", "web.json", "api.json"]);
    assert_data_eq!(run.stderr(), file!["golden/merge-warning.txt"].raw());
    folder.write("old.json", "{\"schema\": \"keylint-report/0\"}");
    let run = folder.keylint(["merge", "web.json", "old.json"]);
    assert_data_eq!(run.stderr().replace(env!("CARGO_PKG_VERSION"), "VERSION"), file!["golden/merge-schema.txt"].raw());
}

#[test]
fn completions_and_manual() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(folder.keylint(["completions", shell]).stdout().contains("history-only"), "{shell}");
    }
    assert!(folder.keylint(["man"]).stdout().contains(".TH keylint 1"));
}
