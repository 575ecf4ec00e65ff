//! What fuzzing starts from: for each target in `fuzz/` the texts, containers and repositories of these tests, in the
//! shape that the target reads. Must not know what a target checks.
//!
//! They hold keys, so that none is kept in the repository: `KEYLINT_SEEDS=folder cargo test seeds` writes them.

use crate::{
    encoded::{PIECES, WRITINGS},
    fixture::{Folder, key},
    packed::{ENCRYPTED, STORED, STREAMED, Zipped, bzip2, gzip, pdf, png, tar, tar_entry, xz, zip, zip_of, zlib, zstd},
    tidy,
};
use keylint::rule::{Catalog, expand};
use std::{collections::BTreeMap, fs, path::Path};

/// By target.
type Seeds = BTreeMap<&'static str, Vec<Vec<u8>>>;

#[test]
fn every_fuzz_target_has_seeds() {
    let folder = Folder::new();
    let kept = std::env::var_os("KEYLINT_SEEDS");
    let root = kept.as_deref().map_or(folder.path.as_path(), Path::new);
    let all = seeds();
    for (target, seeds) in &all {
        fs::create_dir_all(root.join(target)).expect("it can be made");
        for (nth, seed) in seeds.iter().enumerate() {
            fs::write(root.join(target).join(format!("seed-{nth}")), seed).expect("room");
        }
    }
    let targets = tidy::files("fuzz/fuzz_targets").into_iter();
    let names: Vec<String> =
        targets.filter_map(|(name, _)| Some(name.rsplit('/').next()?.replace(".rs", ""))).collect();
    assert_eq!(names, all.keys().copied().collect::<Vec<_>>());
    assert!(all.values().flatten().all(|seed| !seed.is_empty()));
}

fn seeds() -> Seeds {
    let texts = texts();
    let files = files();
    let readme = b"KEY = \"x\" # keylint: allow openai-project-key made up\n".to_vec();
    BTreeMap::from([
        ("config", configurations()),
        ("container", containers()),
        ("encoded", texts.iter().take(200).enumerate().map(|(nth, text)| [&[nth as u8], &text[..]].concat()).collect()),
        ("example", templates().map(|template| [&[7; 8], template.as_bytes()].concat()).collect()),
        ("import", imports()),
        ("lint", files.iter().map(|(name, text)| named(name, text)).collect()),
        ("matcher", [texts.clone(), vec![readme]].concat()),
        ("report", reports(&files)),
        ("repository", repositories()),
        (
            "rule_file",
            tidy::files("rules").into_iter().filter(|(name, _)| name.ends_with(".toml")).map(|file| file.1).collect(),
        ),
    ])
}

/// Every template of a rule that is no lint.
fn templates() -> impl Iterator<Item = String> {
    let catalog = Catalog::builtin();
    let of = |rule: &keylint::rule::Rule| {
        let all = rule.examples.iter().chain(&rule.counterexamples).chain(&rule.misses);
        all.map(|template| template.get_ref().clone()).collect::<Vec<_>>()
    };
    catalog.secrets().iter().flat_map(of).collect::<Vec<_>>().into_iter()
}

/// What rules give as examples, and a key in each form it can be read back from.
fn texts() -> Vec<Vec<u8>> {
    let written = WRITINGS.iter().chain(PIECES).zip(1..).map(|(writing, seed)| (writing.write)(&key(seed)));
    written.chain(templates().map(|template| expand(&template, 1).expect("an example").text.into_bytes())).collect()
}

/// A length in two bytes, a name of that length, and a text.
fn named(name: &str, text: &[u8]) -> Vec<u8> {
    [&(name.len() as u16).to_le_bytes(), name.as_bytes(), text].concat()
}

/// The samples of all lints, by name.
fn files() -> Vec<(String, Vec<u8>)> {
    let catalog = Catalog::builtin();
    let lints = catalog.rules().iter().filter_map(|rule| rule.lint.as_ref());
    let samples = lints.flat_map(|lint| lint.samples.bad().iter().chain(lint.samples.good()));
    samples
        .map(|sample| {
            let text = expand(sample.text.get_ref(), 1).expect("a generator").text;
            (sample.path.clone(), text.into_bytes())
        })
        .collect()
}

/// A number of a format before each.
fn reports(files: &[(String, Vec<u8>)]) -> Vec<Vec<u8>> {
    let hostile = format!("\u{1b}[2J{}\u{202e}\u{9b}31m\r# gitleaks:allow \u{7}\n", key(1));
    let mut all: Vec<Vec<u8>> = files.iter().step_by(8).map(|(name, text)| named(name, text)).collect();
    all.push(named("a\u{1b}]0;x\u{7}|`<b>@you\u{202e}.md", hostile.as_bytes()));
    all.push(named("=1+1,%0A::error::\"'.csv", format!("{} // keylint: allow all | why\n", key(2)).as_bytes()));
    all.push(named(&format!("a/{}", key(3)), key(3).as_bytes()));
    all.push(named("box", &gzip(&tar(&[("../\u{1b}[1m/x", hostile.as_bytes())]))));
    all.iter()
        .zip(0_u8..)
        .flat_map(|(file, nth)| [0, 1, 2].map(|more| [&[3 * nth + more], &file[..]].concat()))
        .collect()
}

/// A configuration by a zero, a baseline by a one.
fn configurations() -> Vec<Vec<u8>> {
    let print = "30ba458518939c33dbf4ab32759ce30c";
    let baseline = format!("version = 1\nkeys = [\n  {{ fingerprint = \"{print}\", rule = \"a-rule\" }}, # why\n]\n");
    let whole = format!(
        "rules = [\"own.toml\"]\nselect = [\"openai-project-key\"]\nignore = [\"openai-amdin-key\"]\nstrict = true\n\
         key-age = 30\nignore-paths = [\"vendor/\", \"**/*.min.{{js,css}}\", \"a[!b-d]?\"]\nignore-lints = [\"x/**\"]\n\
         [policy]\nfail-on = {{ severity = \"high\", confidence = \"medium\" }}\nknown-keys = [\"{print}\"]\n\
         never = [\"openai-admin-key\"]\n[verify.base-url]\nopenai = \"https://example.com\"\n[[allow]]\n\
         rule = \"openai-project-key\"\npaths = [\"tests/**\"]\nfingerprint = \"{print}\"\nreason = \"made up\"\n\
         until = \"2030-12-31\"\nowner = \"team\"\n[[allow]]\nuntil = 2030-12-31\nreason = ' '\n"
    );
    let manual = tidy::files("docs").into_iter().find(|(name, _)| name == "docs/configuration.md").expect("it").1;
    let manual = String::from_utf8(manual).expect("UTF-8");
    let blocks = manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut all: Vec<Vec<u8>> = blocks.chain([whole.as_str()]).map(|text| [b"\0", text.as_bytes()].concat()).collect();
    all.push([b"\x01", baseline.as_bytes()].concat());
    all
}

fn imports() -> Vec<Vec<u8>> {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let places = format!("\u{feff}# why\n\n{id}:a:b.py:openai:7\n.\\src/a.py:openai:12\n");
    let hashes = format!(
        "{{\"version\": \"1.5.0\", \"results\": {{\"a.py\": [{{\"type\": \"OpenAI Token\", \"hashed_secret\": \"{id}\", \
         \"line_number\": 3}}]}}}}"
    );
    [places, hashes].map(String::into_bytes).into()
}

/// What opens these: how often they are packed once more.
fn containers() -> Vec<Vec<u8>> {
    let text = format!("KEY={}\n", key(1)).into_bytes();
    let entry = |method, flags| zip(&[Zipped { method, flags, ..Zipped::new(b"a", &text) }]);
    let methods = [STORED, 8, 12, 93, 95].map(|method| [entry(method, 0), entry(method, STREAMED)]);
    let keyword = |rest: &[u8]| [&b"k\0"[..], rest].concat();
    let image = tar(&[
        ("a/layer.tar", &tar(&[("etc/x", &text)])),
        ("manifest.json", br#"[{"Config":"c.json","Layers":["a/layer.tar"]}]"#),
        ("index.json", br#"{"manifests":[{"digest":"sha256:1"}],"config":{"digest":"sha256:2"}}"#),
    ]);
    let attributes = [tar_entry(b"x", b"23 path=by/attributes.x\n", b'x'), tar_entry(b"short", &text, b'0')].concat();
    let texts: [(&[u8; 4], Vec<u8>); 3] = [
        (b"tEXt", keyword(&text)),
        (b"zTXt", keyword(&[&[0], &zlib(&text)[..]].concat())),
        (b"iTXt", keyword(&[b"\x01\0en\0Wert\0", &zlib(&text)[..]].concat())),
    ];
    let all = methods.into_iter().flatten().chain([
        gzip(&text),
        bzip2(&text),
        xz(&text),
        zstd(&text),
        [gzip(&text), gzip(&text)].concat(),
        tar(&[("a", &text), (&"d".repeat(150), &text)]),
        attributes,
        image,
        zip_of(&[("a.zip", &zip_of(&[("b", &text)]))]),
        entry(8, ENCRYPTED),
        pdf(b"BT [(a)-1<62>] TJ (c\\101) Tj ET", ""),
        pdf(b"x", "/Encrypt 5 0 R"),
        png(&texts),
        b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(),
    ]);
    all.map(|bytes| [&b"\0"[..], &bytes].concat()).chain([[b"\x01", &tar(&[("a", &text)])[..]].concat()]).collect()
}

/// A part of a repository: what it is, how long, and its bytes.
fn part(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind], &(content.len() as u16).to_le_bytes()[..], content].concat()
}

fn repositories() -> Vec<Vec<u8>> {
    let text = format!("KEY={}\n", key(1)).repeat(3).into_bytes();
    let len = |len: usize| [len as u8 | 0x80, (len >> 7) as u8];
    // A copy of all, and four bytes more.
    let copy = [0x90 | 0x20, text.len() as u8, (text.len() >> 8) as u8];
    let delta = [&len(text.len())[..], &len(text.len() + 4), &copy, b"\x04more"].concat();
    let on = |nth: u8| [&[nth], &delta[..]].concat();
    let tree = [&b"100644 a.txt\0"[..], &[7; 20]].concat();
    let commit = b"tree 0123456789abcdef0123456789abcdef01234567\nauthor A <a@b> 1700000000 +0000\n\
                   committer A <a@b> 1700000000 +0000\n\nSubject\n";
    let staged = Folder::repository();
    staged.write("a/b.txt", "nothing");
    staged.git(["add", "--all"]);
    staged.git(["write-tree"]);
    let index = fs::read(staged.at(".git/index")).expect("an index");
    let refs = b"# pack-refs with: peeled fully-peeled sorted\n0123456789abcdef0123456789abcdef01234567 refs/tags/a\n";
    let pack = [part(3, &text), part(6, &on(0)), part(7, &on(0)), part(2, &tree), part(1, commit)].concat();
    let tag = b"object 0123456789abcdef0123456789abcdef01234567\ntype commit\ntag a\n\nwhy\n";
    let loose = [part(10, commit), part(11, &tree), part(12, &text), part(13, tag), part(14, &zlib(b"blob 3\0abc"))];
    let named = [part(15, &index[..index.len() - 20]), part(16, refs), part(17, b"ref: refs/heads/x"), part(18, tag)];
    let module = b"[submodule \"a\"]\n\tpath = ../a\n\turl = ./x\n";
    let rest = [part(19, &refs[45..85]), part(20, &refs[45..86]), part(21, module), part(22, &gzip(&text))];
    let all = [pack.clone(), loose.concat(), named.concat(), rest.concat(), [pack, part(9, &[8, 4, 1])].concat()];
    all.iter().flat_map(|parts| [0, 1].map(|scope| [&[scope], &parts[..]].concat())).collect()
}
