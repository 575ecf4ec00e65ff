//! `keylint fix`: what it shows, what it does, and what it leaves alone. In real repositories.

use crate::fixture::{Folder, key};
use std::fs;

/// A repository with a key in a program, in Windows' line ends and with a byte that is no UTF-8.
fn repository() -> (Folder, Vec<u8>) {
    let folder = Folder::repository();
    let head = b"import os\r\n# caf\xe9\r\n";
    let program = [head, format!("client = OpenAI(api_key=\"{}\")\r\n", key(1)).as_bytes()].concat();
    folder.write("app.py", &program);
    folder.commit("Add", 1);
    (folder, program)
}

#[test]
fn without_write_changes_are_shown_and_nothing_is_touched() {
    let (folder, program) = repository();
    let run = folder.keylint(["fix"]);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let shown = run.stdout();
    assert!(shown.contains("-client = OpenAI(api_key=\"sk-proj-…"), "{shown}");
    assert!(shown.contains("+client = OpenAI(api_key=os.environ[\"OPENAI_API_KEY\"])"), "{shown}");
    assert!(shown.contains("Revoke first."), "{shown}");
    assert!(!shown.contains(&key(1)));
    assert_eq!(fs::read(folder.at("app.py")).expect("a file"), program);
}

#[test]
fn with_write_only_what_is_shown_changes() {
    let (folder, program) = repository();
    let run = folder.keylint(["fix", "--write"]);
    assert_eq!(run.code(), 0, "{}{}", run.stdout(), run.stderr());
    assert!(run.stdout().contains("Revoke first.") && run.stdout().contains("1 file changed"), "{}", run.stdout());
    let literal = format!("\"{}\"", key(1));
    let at = program.windows(literal.len()).position(|part| part == literal.as_bytes()).expect("a key");
    let after = [&program[..at], b"os.environ[\"OPENAI_API_KEY\"]", &program[at + literal.len()..]].concat();
    assert_eq!(fs::read(folder.at("app.py")).expect("a file"), after);
    let again = folder.keylint(["fix"]);
    assert_eq!((again.code(), again.stdout().as_str()), (0, "Nothing to mend.\n"));
}

#[test]
fn what_is_for_people_is_said_and_left() {
    let folder = Folder::repository();
    let text = format!("key: {}\n", key(1));
    folder.write("notes.md", &text);
    folder.write("README.txt", "");
    let run = folder.keylint(["fix", "--write"]);
    assert_eq!(run.code(), 1);
    assert!(run.stdout().contains("  notes.md:1: no change is known that is safe in such a file"), "{}", run.stdout());
    assert_eq!(fs::read_to_string(folder.at("notes.md")).expect("a file"), text);
}

#[test]
fn what_does_not_count_is_not_mended() {
    let (folder, program) = repository();
    let reason = "[[allow]]\npaths = [\"*.py\"]\nreason = \"made up\"\n";
    folder.write("keylint.toml", reason);
    assert_eq!(folder.keylint(["fix", "--write"]).code(), 0);
    assert_eq!(fs::read(folder.at("app.py")).expect("a file"), program);
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::repository();
    folder.write("run.sh", format!("#!/bin/sh\nexport OPENAI_API_KEY={}\n", key(1)));
    fs::set_permissions(folder.at("run.sh"), PermissionsExt::from_mode(0o750)).expect("it can be changed");
    assert_eq!(folder.keylint(["fix", "--write"]).code(), 0);
    assert_eq!(fs::metadata(folder.at("run.sh")).expect("a file").permissions().mode() & 0o777, 0o750);
    let text = fs::read_to_string(folder.at("run.sh")).expect("text");
    assert_eq!(text, "#!/bin/sh\nexport OPENAI_API_KEY=\"${OPENAI_API_KEY:?}\"\n");
}

#[test]
fn a_directory_of_no_repository_is_mended_too() {
    let folder = Folder::new();
    folder.write("sub/app.js", format!("const c = new OpenAI({{ apiKey: '{}' }});\n", key(1)));
    assert_eq!(folder.keylint(["fix", "--write", "sub"]).code(), 0);
    let text = fs::read_to_string(folder.at("sub/app.js")).expect("text");
    assert_eq!(text, "const c = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });\n");
}

#[cfg(unix)]
#[test]
fn settings_are_ignored_by_git_and_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::repository();
    folder.write("a.txt", "x");
    folder.commit("Start", 1);
    folder.write(".env", format!("OPENAI_API_KEY={}\n", key(1)));
    fs::set_permissions(folder.at(".env"), PermissionsExt::from_mode(0o644)).expect("it can be changed");
    let shown = folder.keylint(["fix"]).stdout();
    assert!(shown.contains("+.env*") && shown.contains(".env: chmod 600"), "{shown}");
    assert!(!folder.at(".gitignore").exists());
    folder.keylint(["fix", "--write"]);
    assert_eq!(fs::read_to_string(folder.at(".gitignore")).expect("text"), ".env*\n!.env.example\n");
    assert_eq!(fs::metadata(folder.at(".env")).expect("a file").permissions().mode() & 0o777, 0o600);
}
