//! What cannot be read is told, costs nothing else, and is never taken for clean.

use crate::fixture::{Folder, Scan, key};
#[cfg(unix)]
use crate::fixture::{program, program_at};
use std::{fs, path::Path};

#[test]
fn a_target_that_is_not_there_is_an_error() {
    let run = Folder::new().keylint(["scan", "nowhere"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("nowhere: "), "{}", run.stderr());
}

#[test]
fn history_without_a_repository_is_an_error() {
    let folder = Folder::new();
    folder.write("a.txt", "x");
    let run = folder.keylint(["scan", "--history-only"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("not a git repository"), "{}", run.stderr());
    assert_eq!(folder.keylint(["scan"]).code(), 0);
}

#[test]
fn a_repository_without_commits_is_clean() {
    let repository = Folder::repository();
    assert_eq!(repository.scan(&[]).code, 0);
    assert_eq!(repository.scan(&["--history-only"]).code, 0);
}

#[test]
fn a_repository_that_cannot_be_read_is_an_error_that_says_why() {
    let folder = Folder::new();
    folder.git(["init", "--quiet"]);
    folder.git(["config", "core.repositoryFormatVersion", "1"]);
    folder.git(["config", "extensions.ofTomorrow", "true"]);
    let run = folder.keylint(["scan"]);
    assert_eq!(run.code(), 2, "{}", run.stdout());
    assert!(run.stderr().contains("cannot be read"), "{}", run.stderr());
    assert_eq!(folder.keylint(["scan", "--no-history"]).code(), 0);
}

/// A user that may not do everything, where the tests run as one that may.
#[cfg(unix)]
fn as_nobody(folder: &Folder, args: &[&str]) -> Scan {
    use std::os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    };
    let place = Folder::new();
    let mut command = program();
    if fs::metadata(&folder.path).expect("it is there").uid() == 0 {
        // The program itself must be where that user may go.
        fs::set_permissions(&place.path, fs::Permissions::from_mode(0o755)).expect("ours");
        command = program_at(&place.at("keylint"));
        command.uid(65534).gid(65534);
    }
    let output =
        command.current_dir(&folder.path).args(["scan", "--format", "json"]).args(args).output().expect("it runs");
    let json = serde_json::from_slice(&output.stdout).expect("JSON");
    Scan { code: output.status.code().unwrap_or(-1), json }
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_or_directory_is_told_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let outer = Folder::new();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    outer.write("inner/closed.txt", key(1));
    outer.write("inner/shut/file.txt", key(2));
    outer.write("inner/open.txt", "nothing");
    set(&outer.path, 0o755);
    set(&outer.at("inner"), 0o755);
    set(&outer.at("inner/open.txt"), 0o644);
    set(&outer.at("inner/closed.txt"), 0o000);
    set(&outer.at("inner/shut"), 0o000);
    let scan = as_nobody(&outer, &["inner"]);
    set(&outer.at("inner/shut"), 0o755);
    assert_eq!(scan.code, 3);
    let problems = scan.problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().any(|problem| problem.starts_with("unreadable inner/closed.txt: permission denied")));
    assert!(problems.iter().any(|problem| problem.starts_with("unreadable inner/shut: permission denied")));
    assert_eq!(scan.json["coverage"]["files"], 1);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_told() {
    use std::{
        io::Write,
        sync::atomic::{AtomicBool, Ordering::Relaxed},
    };
    let folder = Folder::new();
    let mut file = fs::OpenOptions::new().create(true).append(true).open(folder.at("log")).expect("a file");
    file.set_len(600 << 20).expect("a sparse file");
    let done = AtomicBool::new(false);
    let scan = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                file.write_all(b"more\n").expect("room");
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        let scan = folder.scan(&[]);
        done.store(true, Relaxed);
        scan
    });
    assert_eq!(scan.code, 3);
    assert_eq!(scan.problems(), ["changed log: it changed while it was read; scan it again"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8_is_scanned_and_shown() {
    use std::os::unix::ffi::OsStrExt;
    let repository = Folder::repository();
    repository.write(std::ffi::OsStr::from_bytes(b"caf\xe9.txt"), key(1));
    let scan = repository.scan(&[]);
    assert_eq!(scan.json["findings"][0]["places"][0]["site"]["path_bytes"], "636166e92e747874");
    assert!(repository.keylint(["scan"]).stdout().contains("caf\\xe9.txt"));
    repository.commit("Add", 1);
    assert_eq!(repository.scan(&[]).findings()[0]["places"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_lies_in_a_git_directory_is_read_even_without_its_history() {
    let folder = Folder::new();
    folder.git(["init", "--quiet", "--bare", "b"]);
    folder.write("b/notes/a.txt", key(1));
    for args in [&["b", "--no-history"][..], &["b/notes", "--no-history"], &["b"]] {
        assert_eq!(folder.scan(args).code, 1, "{args:?}");
    }
}

#[test]
fn extensions_that_ask_nothing_of_a_reader_do_not_stop_it() {
    let repository = Folder::repository();
    repository.write("a.txt", key(1));
    repository.commit("Add", 1);
    repository.git(["config", "core.repositoryFormatVersion", "1"]);
    repository.git(["config", "extensions.partialClone", "origin"]);
    repository.git(["config", "extensions.preciousObjects", "true"]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!((scan.code, scan.problems().len()), (1, 1), "a partial clone is not complete");
}

#[test]
fn a_shallow_clone_is_never_clean() {
    let origin = Folder::repository();
    origin.commit("One", 1);
    origin.commit("Two", 2);
    let folder = Folder::new();
    folder.git(["clone", "--quiet", "--depth=1", &format!("file://{}", origin.path.display()), "copy"]);
    let scan = folder.scan(&["copy"]);
    assert_eq!(scan.code, 3);
    assert_eq!(
        scan.problems(),
        ["truncated copy: a shallow clone: older history is not here; `git fetch --unshallow` brings it"]
    );
    assert_eq!(folder.keylint(["scan", "copy", "--exit-zero"]).code(), 3);
    assert_eq!(folder.scan(&["copy", "--no-history"]).code, 0);
}

#[test]
fn a_partial_clone_is_never_clean() {
    let origin = Folder::repository();
    origin.git(["config", "uploadpack.allowFilter", "true"]);
    origin.write("a.txt", "nothing");
    origin.commit("One", 1);
    let folder = Folder::new();
    let url = format!("file://{}", origin.path.display());
    folder.git(["clone", "--quiet", "--no-checkout", "--filter=blob:none", &url, "copy"]);
    let scan = folder.scan(&["copy"]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].starts_with("truncated copy: a partial clone"), "{:?}", scan.problems());
}

/// A repository with ten keys in one pack, no two of which build on each other.
fn packed() -> (Folder, std::path::PathBuf) {
    let repository = Folder::repository();
    for seed in 0..10 {
        repository.write(format!("{seed}.txt"), format!("{}\n", key(seed)));
    }
    repository.commit("Keys", 1);
    repository.pack();
    let folder = repository.at(".git/objects/pack");
    let mut files = fs::read_dir(folder).expect("a directory").map(|entry| entry.expect("an entry").path());
    let pack = files.find(|path| path.extension().is_some_and(|end| end == "pack")).expect("a pack");
    (repository, pack)
}

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).expect("it is there");
    fs::write(path, bytes).expect("room");
}

#[test]
fn a_truncated_pack_costs_what_is_cut_off() {
    let (repository, pack) = packed();
    let bytes = fs::read(&pack).expect("a pack");
    overwrite(&pack, &bytes[..bytes.len() * 2 / 3]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!(scan.code, 1);
    let found = scan.findings().len();
    assert!((3..10).contains(&found), "{found} found");
    assert!(scan.problems().len() >= 10 - found, "{:?}", scan.problems());
    assert!(scan.problems().iter().all(|problem| problem.starts_with("damaged object ")), "{:?}", scan.problems());
    assert_eq!(scan.json["complete"], false);
}

#[test]
fn a_flipped_bit_costs_one_object_at_most_and_is_never_silent() {
    let (repository, pack) = packed();
    let bytes = fs::read(&pack).expect("a pack");
    // The last 20 bytes are the pack's own checksum, which nothing depends on.
    for at in (12..bytes.len() - 20).step_by(37) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        overwrite(&pack, &damaged);
        let scan = repository.scan(&["--history-only"]);
        let lost = 10 - scan.findings().len();
        assert!(lost <= 1, "{lost} lost by a bit at {at}");
        assert!(lost == 0 || !scan.problems().is_empty(), "a bit at {at} loses a key in silence");
    }
}

#[test]
fn a_damaged_object_that_is_also_kept_elsewhere_is_no_loss() {
    let (repository, pack) = packed();
    let bytes = fs::read(&pack).expect("a pack");
    // The same objects once more, loose.
    fs::rename(&pack, repository.at("kept.pack")).expect("ours");
    let index = pack.with_extension("idx");
    fs::rename(&index, repository.at("kept.idx")).expect("ours");
    let unpacked = std::process::Command::new("sh")
        .current_dir(&repository.path)
        .args(["-c", "git unpack-objects -q < kept.pack"])
        .output()
        .expect("sh runs");
    assert!(unpacked.status.success());
    fs::rename(repository.at("kept.idx"), index).expect("ours");
    fs::remove_file(repository.at("kept.pack")).expect("ours");
    fs::write(&pack, &bytes[..bytes.len() / 2]).expect("room");
    let scan = repository.scan(&["--history-only"]);
    assert_eq!((scan.findings().len(), scan.problems()), (10, vec![]));
}

#[test]
fn a_pack_without_its_index_or_with_a_broken_one_is_told() {
    let (repository, pack) = packed();
    let index = pack.with_extension("idx");
    overwrite(&index, b"not an index");
    let scan = repository.scan(&["--history-only"]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].contains("git index-pack"), "{:?}", scan.problems());
    fs::remove_file(index).expect("ours");
    let scan = repository.scan(&["--history-only"]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].contains("the pack has no index"), "{:?}", scan.problems());
}

#[test]
fn an_index_that_cannot_be_read_is_told_by_every_scan_that_needs_it() {
    let repository = Folder::repository();
    // Tracked, and ignored all the same: the index alone says that it is to be read.
    repository.write(".gitignore", "kept.env\n");
    repository.write("kept.env", key(1));
    repository.git(["add", "--force", "kept.env"]);
    repository.commit("Keep it", 1);
    assert_eq!(repository.scan(&["--no-history"]).code, 1);
    repository.write(".git/index", "no index");
    for args in [&["--no-history"][..], &["--history-only"], &[]] {
        let problems = repository.scan(args).problems();
        assert!(problems.len() == 1 && problems[0].contains("its index cannot be read"), "{args:?}: {problems:?}");
    }
    assert_eq!(repository.scan(&["--no-history"]).code, 3);
}

#[test]
fn a_damaged_loose_object_is_told_and_the_rest_is_read() {
    let repository = Folder::repository();
    let blob = repository.blob("x");
    repository.blob(&key(1));
    let path = repository.at(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    overwrite(&path, b"garbage");
    let scan = repository.scan(&[]);
    assert_eq!(scan.code, 1);
    assert_eq!(scan.findings().len(), 1);
    assert!(scan.problems()[0].starts_with(&format!("damaged object {blob}")), "{:?}", scan.problems());
}

#[test]
fn an_object_that_is_missing_is_told() {
    let repository = Folder::repository();
    repository.write("dir/a.txt", "nothing\n");
    repository.commit("Add", 1);
    let blob = repository.git(["rev-parse", "HEAD:dir/a.txt"]);
    fs::remove_file(repository.at(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).expect("it is there");
    let scan = repository.scan(&[]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].starts_with(&format!("missing object {blob}")), "{:?}", scan.problems());
}

/// Writes a pack of whole blobs and deltas on the blob before, with made-up ids.
fn write_pack(repository: &Folder, entries: &[(Option<u64>, Vec<u8>)]) {
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;
    let mut pack = [&b"PACK\0\0\0\x02"[..], &(entries.len() as u32).to_be_bytes()].concat();
    let mut offsets = Vec::new();
    for (size, bytes) in entries {
        let at = pack.len();
        let mut size = size.unwrap_or(bytes.len() as u64);
        let kind = if offsets.is_empty() { 3 } else { 6 };
        let mut byte = (kind << 4) | (size & 15) as u8;
        size >>= 4;
        while size > 0 {
            pack.push(byte | 0x80);
            byte = (size & 0x7f) as u8;
            size >>= 7;
        }
        pack.push(byte);
        if let Some(base) = offsets.last() {
            let mut back = (at - base) as u64;
            let mut digits = vec![(back & 0x7f) as u8];
            while back > 0x7f {
                back = (back >> 7) - 1;
                digits.push(0x80 | (back & 0x7f) as u8);
            }
            pack.extend(digits.iter().rev());
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        pack.extend(encoder.finish().expect("memory"));
        offsets.push(at);
    }
    pack.extend([0; 20]);
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    (0..256_u32).for_each(|byte| index.extend((if byte == 0 { 0 } else { entries.len() as u32 }).to_be_bytes()));
    (0..entries.len()).for_each(|nth| index.extend([&[1][..], &[0; 17], &(nth as u16).to_be_bytes()].concat()));
    (0..entries.len()).for_each(|_| index.extend([0; 4]));
    offsets.iter().for_each(|&offset| index.extend((offset as u32).to_be_bytes()));
    index.extend([0; 40]);
    repository.write(".git/objects/pack/pack-1.pack", pack);
    repository.write(".git/objects/pack/pack-1.idx", index);
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number > 0x7f {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

#[test]
fn a_delta_bomb_costs_little_and_is_told() {
    let repository = Folder::repository();
    let base = vec![b'a'; 16 << 20];
    // Two hundred thousand copies of the whole base: three terabytes out of a few kilobytes.
    let copies = 200_000_u64;
    let mut bomb = [varint(base.len() as u64), varint(copies * 0x00ff_ffff)].concat();
    (0..copies).for_each(|_| bomb.extend([0xf0, 0xff, 0xff, 0xff]));
    write_pack(&repository, &[(None, base), (None, bomb)]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].starts_with("limit object 01"), "{:?}", scan.problems());
}

#[test]
fn a_size_that_lies_takes_no_memory_and_is_told() {
    let repository = Folder::repository();
    write_pack(&repository, &[(Some(1 << 40), b"small".to_vec())]);
    let scan = repository.scan(&["--history-only"]);
    assert_eq!(scan.code, 3);
    assert!(scan.problems()[0].starts_with("damaged object 01"), "{:?}", scan.problems());
}

#[test]
fn a_broken_rule_file_is_an_error_with_file_line_and_field() {
    let folder = Folder::new();
    let rule = "provider = \"acme\"\nname = \"Acme\"\n\n[[rule]]\nid = \"acme-key\"\nname = \"Key\"\nseverity = \"high\"\n\
        confidence = \"high\"\nsince = \"1\"\nabout = \"x\"\nexamples = [\"acme_{hex:8}\"]\npattern = 'acme_[0-9a-f]{8}'\n";
    let broken = [
        (rule.replace("severity = \"high\"", "severity = \"awful\""), ":7: unknown variant `awful`"),
        (rule.replace("since", "sinse"), ":9: unknown field `sinse`"),
        (rule.replace("acme_[0-9a-f]", "acme_[0-9a-f"), ":12: rule acme-key: pattern: is not a regular expression"),
        (rule.replace("{hex:8}", "{hex:no}"), ":11: rule acme-key: examples: "),
        (rule.replace("acme_[0-9a-f]{8}", "[0-9a-f]{8}"), "rule acme-key: pattern: has no literal"),
        (rule.replace("id = \"acme-key\"", "id = \"openai-project-key\""), ":5: rule openai-project-key: id: is taken"),
        (rule.to_owned() + "near = [{ pattern = 'x', first = true }]\n", ":13: unknown field `first`"),
        (rule.to_owned() + "unless = [{ pattern = '(x' }]\n", ":13: rule acme-key: unless.pattern: is not a regular"),
        (rule.replace("[0-9a-f]{8}'", "(?:\\w{20}|\\pL{50}){1,40}'"), "rule acme-key: pattern: "),
    ];
    folder.write("ok.toml", rule);
    assert_eq!(folder.keylint(["scan", "--rules", "ok.toml", "ok.toml"]).code(), 0);
    for (text, expected) in broken {
        folder.write("bad.toml", text);
        let run = folder.keylint(["scan", "--rules", "bad.toml", "ok.toml"]);
        assert_eq!(run.code(), 2, "{expected}");
        assert!(run.stderr().contains(expected), "{} lacks {expected}", run.stderr());
    }
    assert_eq!(folder.keylint(["scan", "--rules", "nowhere.toml"]).code(), 2);
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let folder = Folder::new();
    let run = folder.keylint(["scan", "--output", "no/such/dir/report.json"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("cannot write no/such/dir/report.json"), "{}", run.stderr());
}

#[test]
fn a_rule_that_does_not_exist_is_an_error_with_a_hint() {
    let run = Folder::new().keylint(["scan", "--select", "openai-project"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("did you mean openai-project-key?"), "{}", run.stderr());
}
