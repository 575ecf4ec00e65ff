//! What is made to mislead, to get out or to take long: it is shown harmless, leads nowhere, and costs no more than it is
//! long. Must not know how.

use crate::{
    fixture::{Folder, key},
    packed::{gzip, png, tar, zip_of},
};
use data_encoding::BASE64;
use keylint::report::Format;
use std::{fs, path::Path};

/// What drives terminals, turns text around, hides it or breaks a line.
const HARMFUL: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\r\u{8}\u{7f}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{200f}\u{2028}\u{feff}\u{ad}\u{61c}\u{e0041}";

/// What of `text` is harmful as it is.
fn harmful(text: &str) -> Vec<char> {
    text.chars().filter(|c| HARMFUL.contains(*c) && *c != '[' && !c.is_ascii_graphic()).collect()
}

/// A repository that is hostile wherever its content shows, and its keys.
fn hostile() -> (Folder, Vec<String>) {
    let repository = Folder::repository();
    let keys: Vec<String> = (1..9).map(key).collect();
    let line = |nth: usize| format!("{HARMFUL}# {}{HARMFUL} keylint: allow {HARMFUL}\n", keys[nth]);
    // No file system has a name with a slash, and Windows none of these.
    let name = if cfg!(windows) { "a\u{202e}b".to_owned() } else { format!("a{HARMFUL}b") };
    repository.write(format!("{name}.txt"), line(0));
    repository.write(format!("{name}.tgz"), gzip(&tar(&[(&format!("x{HARMFUL}/y"), line(1).as_bytes())])));
    repository.write(format!("{name}.zip"), zip_of(&[(&format!("in/{HARMFUL}"), line(2).as_bytes())]));
    let keyword = [HARMFUL.as_bytes(), b"\0", keys[3].as_bytes()].concat();
    repository.write("a.png", png(&[(b"tEXt", keyword)]));
    repository.write("encoded.txt", format!("{HARMFUL}{}{HARMFUL}\n", BASE64.encode(keys[4].as_bytes())));
    repository.write("Dockerfile", format!("FROM a\nENV OPENAI_API_KEY={}{HARMFUL}\n", keys[5]));
    repository.write("damaged.gz", [&gzip(line(6).as_bytes())[..60], b"\xff\xff"].concat());
    repository.write(format!("{name}.broken.zip"), &zip_of(&[(HARMFUL, b"x")])[..40]);
    repository.commit(&format!("Subject{HARMFUL}{}", keys[7]), 1);
    (repository, keys)
}

#[test]
fn nothing_harmful_is_shown_in_any_format() {
    let (repository, keys) = hostile();
    for format in Format::ALL.iter().map(|format| format.as_str()) {
        for more in [&[][..], &["--show-suppressed", "--verbose"], &["--show-secrets"]] {
            let run = repository.keylint([&["scan", "--format", format], more].concat());
            assert_eq!(run.code(), 1, "{format}: {}", run.stderr());
            for shown in [run.stdout(), run.stderr()] {
                assert_eq!(harmful(&shown), [] as [char; 0], "{format} {more:?}: {shown:?}");
                assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{format} {more:?}: {shown:?}");
            }
        }
    }
    let found = repository.scan(&[]).findings().len();
    assert!(found >= keys.len() - 1, "{found} of {} are found", keys.len());
}

/// Every file below `folder`, by its path.
fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn paths_in_archives_lead_nowhere() {
    let outer = Folder::new();
    let away = outer.at("away").display().to_string();
    let names = [
        "../away/a".to_owned(),
        "../../../../../../../../tmp/keylint-away".to_owned(),
        format!("{away}/b"),
        "/etc/keylint-away".to_owned(),
        "a/../../away/c".to_owned(),
        "..\\away\\d".to_owned(),
        "C:\\away\\e".to_owned(),
        "\\\\host\\share".to_owned(),
        "/dev/stdout".to_owned(),
        String::from("in\0/../../away/f"),
    ];
    let texts: Vec<String> = (0..names.len() as u64).map(key).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    fs::create_dir_all(outer.at("away")).expect("it can be made");
    let (tar, zip) = (tar(&files), zip_of(&files));
    for (name, archive) in
        [("in/a.tar", tar.clone()), ("in/a.zip", zip.clone()), ("in/b.zip", zip_of(&[("../x.tgz", &gzip(&tar))]))]
    {
        outer.write(name, archive);
    }
    let before = (outer.state(), below(&outer.path));
    let scan = outer.scan(&["in"]);
    assert_eq!(scan.findings().len(), names.len(), "{:?}", scan.problems());
    assert_eq!((outer.state(), below(&outer.path)), before, "something was written");
    assert!(!Path::new("/etc/keylint-away").exists() && !Path::new("/tmp/keylint-away").exists());
}

#[test]
fn patterns_of_rules_are_bounded() {
    let rule = |pattern: &str, more: &str| {
        format!(
            "provider = 'a'\nname = 'A'\n[[rule]]\nid = 'a-key'\nname = 'A key'\nseverity = 'high'\nconfidence = 'high'\n\
             since = '1'\nabout = 'A.'\nexamples = ['«acme-{{alnum:20}}»']\npattern = '''{pattern}'''\n{more}\n"
        )
    };
    let sound = "(?<secret>acme-[A-Za-z0-9]{20})";
    let large = r"(?:\w{500}){500}";
    let cases = [
        (rule(&format!("(?<secret>acme-{large})"), ""), "pattern: is larger than 4 MiB"),
        (rule(sound, &format!("near = [{{ pattern = '''{large}''', lines = 1 }}]")), "near.pattern: is larger than"),
        (
            rule(sound, &format!("unless = [{{ pattern = '''{large}''', lines = 1 }}]")),
            "unless.pattern: is larger than",
        ),
        (rule(sound, &format!("file = {{ pattern = '''{large}''' }}")), "file.pattern: is larger than"),
        (rule(sound, &format!("[rule.check]\nreject = '''{large}'''")), "check.reject: is larger than"),
        (rule(&format!("acme-{}x{}", "(?:".repeat(5_000), ")*".repeat(5_000)), ""), "nested parentheses"),
    ];
    let folder = Folder::new();
    folder.write("a.txt", "acme-0123456789");
    for (text, why) in cases {
        folder.write("rules.toml", &text);
        let run = folder.keylint(["rules", "check", "rules.toml"]);
        assert_eq!(run.code(), 1, "{why}: {} {}", run.stdout(), run.stderr());
        let said = run.stdout() + &run.stderr();
        assert!(said.contains(why), "{why}: {said}");
        let run = folder.keylint(["scan", "--rules", "rules.toml", "a.txt"]);
        assert_eq!(run.code(), 2, "{why}: {} {}", run.stdout(), run.stderr());
    }
    folder.write("rules.toml", rule(sound, ""));
    assert_eq!(folder.keylint(["rules", "check", "rules.toml"]).code(), 0);
}

/// No clock: where each key is held against all others, this takes minutes.
#[test]
fn very_many_keys_in_a_text_cost_no_more_than_they_are_long() {
    let folder = Folder::new();
    let marks = " ggignore".repeat(12);
    let same = format!("{}{marks}\n", key(1)).repeat(20_000);
    folder.write("same.txt", &same);
    folder.write("box.gz", gzip(same.as_bytes()));
    folder.write("row.txt", (0..10_000).map(key).collect::<Vec<_>>().join(" "));
    let scan = folder.scan(&["--no-lint"]);
    assert_eq!((scan.problems(), scan.code, scan.findings().len()), (vec![], 1, 10_000));
}
