//! Keys in archives, streams, images and documents are found, told of where they are packed, and bounds are said.

use crate::{
    fixture::{Folder, Run, key, program},
    packed::{
        ENCRYPTED, STORED, STREAMED, Zipped, ar, bzip2, elf, gzip, lzma, pdf, pe, png, rpm, seven_zip, seven_zip_by,
        tar, tar_entry, tar_header, xz, zip, zip_end, zip_of, zlib, zstd,
    },
};
use std::{
    io::Write,
    process::Stdio,
    time::{Duration, Instant},
};

fn env(seed: u64) -> Vec<u8> {
    format!("# settings\nOPENAI_API_KEY={}\n", key(seed)).into_bytes()
}

/// Scans `bytes` as standard input.
fn piped(folder: &Folder, bytes: &[u8]) -> (i32, serde_json::Value) {
    let mut child = program()
        .current_dir(&folder.path)
        .args(["scan", "--format", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("it reads");
    let run = Run(child.wait_with_output().expect("it ends"));
    (run.code(), serde_json::from_str(&run.stdout()).expect("JSON"))
}

/// The key of `seed`, packed as `bytes`, is found at `inside` in a file, in history, staged, in a range, and piped.
#[track_caller]
fn found_everywhere(bytes: &[u8], inside: &str) {
    found_in_all(bytes, Some(inside));
}

/// The same; what is packed in nothing has no `inside`.
#[track_caller]
fn found_in_all(bytes: &[u8], inside: Option<&str>) {
    let place = inside.map_or_else(|| "file dir/box".to_owned(), |inside| format!("file dir/box!{inside}"));
    let folder = Folder::new();
    folder.write("dir/box", bytes);
    let scan = folder.scan(&[]);
    assert_eq!((scan.places(&key(1)), scan.code), (vec![place.clone()], 1), "a file: {:?}", scan.problems());
    let alone = folder.scan(&["--no-archives"]);
    assert_eq!((!alone.places(&key(1)).is_empty(), alone.problems()), (is_plain(bytes), vec![]), "left alone");

    let repository = Folder::repository();
    repository.write("a.txt", "nothing");
    repository.commit("Begin", 1);
    repository.write("dir/box", bytes);
    repository.git(["add", "--all", "--force"]);
    let scan = repository.scan(&["--staged"]);
    assert_eq!((scan.places(&key(1)), scan.code), (vec![place.clone()], 1), "staged: {:?}", scan.problems());
    let added = repository.commit("Add a box", 2);
    repository.git(["rm", "--quiet", "dir/box"]);
    repository.commit("Remove the box", 3);
    let scan = repository.scan(&["--range", "HEAD~2..HEAD"]);
    assert_eq!((scan.places(&key(1)), scan.code), (vec![place.clone()], 1), "a range: {:?}", scan.problems());
    for packed in [false, true] {
        if packed {
            repository.pack();
        }
        let scan = repository.scan(&[]);
        assert_eq!((scan.places(&key(1)), scan.code), (vec![place.clone()], 1), "history: {:?}", scan.problems());
        let place = &scan.of(&key(1)).expect("found")["places"][0];
        assert_eq!(place["introduced"]["commit"], added);
        assert_eq!((place["in_worktree"].as_bool(), place["in_head"].as_bool()), (Some(false), Some(false)));
    }

    let (code, json) = piped(&folder, bytes);
    let site = &json["findings"][0]["places"][0]["site"];
    assert_eq!(code, 1, "{}", json["problems"]);
    match inside {
        Some(inside) => assert_eq!(site["path"], format!("stdin!{inside}")),
        None => assert_eq!(site["kind"], "stdin"),
    }
}

/// Whether the key stands in `bytes` as it is.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.windows(key(1).len()).any(|window| window == key(1).as_bytes())
}

#[test]
fn compressed_streams_are_unpacked() {
    for packed in [gzip(&env(1)), bzip2(&env(1)), xz(&env(1)), zstd(&env(1))] {
        found_everywhere(&packed, "");
    }
}

#[test]
fn archives_are_unpacked() {
    found_everywhere(&tar(&[("readme.md", b"# A box"), ("app/.env", &env(1))]), "app/.env");
    found_everywhere(&zip_of(&[("readme.md", b"# A box"), ("app/.env", &env(1))]), "app/.env");
}

#[test]
fn containers_in_containers_are_unpacked() {
    found_everywhere(&gzip(&tar(&[("app/.env", &env(1))])), "app/.env");
    let inner = zip_of(&[("lib/a.jar", &zip_of(&[("app.properties", &env(1))]))]);
    found_everywhere(
        &xz(&tar(&[("b.tar.bz2", &bzip2(&tar(&[("c.zip", &inner)])))])),
        "b.tar.bz2!c.zip!lib/a.jar!app.properties",
    );
}

#[test]
fn members_one_after_another_are_one_stream() {
    let text = env(1);
    let (one, two) = text.split_at(40);
    for pack in [gzip, bzip2, xz, zstd] {
        found_everywhere(&[pack(one), pack(two)].concat(), "");
    }
}

#[test]
fn what_follows_a_stream_is_none_of_it() {
    let folder = Folder::new();
    folder.write("a.gz", [gzip(&env(1)), vec![0; 100]].concat());
    folder.write("b.gz", [gzip(b"nothing"), env(2)].concat());
    let scan = folder.scan(&[]);
    assert_eq!((scan.places(&key(1)), scan.places(&key(2))), (vec!["file a.gz!".into()], vec!["file b.gz".into()]));
    assert_eq!(scan.problems(), [""; 0]);
}

#[test]
fn entries_of_zip_are_read_whatever_packs_them_and_wherever_their_size_stands() {
    for method in [STORED, 8, 12, 93, 95] {
        for flags in [0, STREAMED] {
            let text = env(1);
            let entry = Zipped { method, flags, ..Zipped::new(b"a", &text) };
            let archive = zip(&[Zipped::new(b"before", b"x"), entry, Zipped::new(b"after", &env(2))]);
            let folder = Folder::new();
            folder.write("a.zip", &archive);
            let scan = folder.scan(&[]);
            let places = (scan.places(&key(1)), scan.places(&key(2)));
            let expected = (vec!["file a.zip!a".to_owned()], vec!["file a.zip!after".to_owned()]);
            assert_eq!(places, expected, "method {method}, flags {flags}: {:?}", scan.problems());
            assert_eq!(scan.problems(), [""; 0], "method {method}, flags {flags}");
        }
    }
}

#[test]
fn a_zip_that_is_stored_in_another_is_told_from_it() {
    let inner = zip_of(&[("x", &env(1))]);
    for flags in [0, STREAMED] {
        let folder = Folder::new();
        folder.write("a.zip", zip(&[Zipped { method: STORED, flags, ..Zipped::new(b"inner.zip", &inner) }]));
        let scan = folder.scan(&[]);
        assert_eq!((scan.places(&key(1)), scan.problems()), (vec!["file a.zip!inner.zip!x".into()], vec![]));
    }
}

#[test]
fn tar_has_long_names_attributes_and_big_numbers() {
    let long = format!("{}/file", "d".repeat(150));
    let attributes = b"23 path=by/attributes.x\n";
    let mut big = tar_header(b"big", 0, b'0');
    big[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, env(3).len() as u8]);
    big[148..156].fill(b' ');
    let sum: u32 = big.iter().map(|&byte| u32::from(byte)).sum();
    big[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut rest = env(3);
    rest.resize(512, 0);
    let attributed = [tar_entry(b"x", attributes, b'x'), tar_entry(b"short", &env(2), b'0')].concat();
    let folder = Folder::new();
    folder.write("a.tar", [tar_entry(long.as_bytes(), &env(1), b'0'), attributed, big, rest].concat());
    let scan = folder.scan(&[]);
    assert_eq!(scan.places(&key(1)), [format!("file a.tar!{long}")]);
    assert_eq!(scan.places(&key(2)), ["file a.tar!by/attributes.x"]);
    assert_eq!((scan.places(&key(3)), scan.problems()), (vec!["file a.tar!big".into()], vec![]));
}

#[test]
fn names_lead_nowhere_and_are_shown_harmless() {
    let names = ["../../etc/passwd", "/etc/shadow", "a\u{1b}[31m/b", "x\u{202e}y"];
    let texts: Vec<Vec<u8>> = (0..4).map(env).collect();
    let files: Vec<(&str, &[u8])> = names.iter().zip(&texts).map(|(name, text)| (*name, text.as_slice())).collect();
    for archive in [tar(&files), zip_of(&files)] {
        let folder = Folder::new();
        folder.write("in/a", archive);
        let before = folder.state();
        let scan = folder.scan(&["in"]);
        for (seed, name) in names.iter().enumerate() {
            assert_eq!(scan.places(&key(seed as u64)), [format!("file in/a!{name}")]);
        }
        let shown = folder.keylint(["scan", "in"]).stdout();
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
        assert!(shown.contains("in/a!x\\u{202e}y"), "{shown}");
        assert!(folder.state() == before);
    }
}

#[test]
fn a_key_in_the_name_of_an_entry_is_found() {
    let folder = Folder::new();
    folder.write("a.tgz", gzip(&zip_of(&[(&format!("keys/{}", key(1)), b"nothing")])));
    let scan = folder.scan(&[]);
    assert_eq!((scan.findings().len(), scan.code), (1, 1));
    assert_eq!(scan.findings()[0]["places"][0]["site"]["kind"], "file-name");
    assert!(!folder.keylint(["scan"]).stdout().contains(&key(1)[20..]));
}

#[test]
fn what_cannot_be_read_is_told() {
    let text = env(1);
    let sealed = Zipped { flags: ENCRYPTED, ..Zipped::new(b"secret.txt", &text) };
    let other = Zipped { flags: ENCRYPTED, ..Zipped::new(b"more", b"x") };
    let long = zip_of(&[("a", &env(2)), ("b", &"0123456789abcdef".repeat(500).into_bytes())]);
    let packed = gzip(&[env(1), (0..9_000_u32).flat_map(u32::to_le_bytes).collect()].concat());
    let mut damaged = packed.clone();
    damaged[5_000..].fill(0xff);
    let cases: [(Vec<u8>, &str); 8] = [
        (zip(&[sealed, Zipped::new(b"open", b"x"), other]), "entry secret.txt and 1 more are encrypted"),
        (long[..long.len() / 2].to_vec(), "cut short"),
        (packed[..packed.len() - 4_000].to_vec(), "cut short"),
        (damaged, "it was looked at up to there"),
        (tar(&[("a", &env(1)), ("b", &env(2))])[..1_600].to_vec(), "cut short"),
        ([tar_entry(b"a", &env(1), b'0'), vec![b'x'; 512]].concat(), "damaged"),
        (zip(&[Zipped { method: 9, ..Zipped::new(b"a", b"x") }]), "entry a: it is packed by method 9"),
        (xz(&[7; 90_000])[..80].to_vec(), "a.box"),
    ];
    for (bytes, why) in cases {
        let folder = Folder::new();
        folder.write("a.box", bytes);
        let scan = folder.scan(&[]);
        let problems = scan.problems();
        assert_eq!((problems.len(), scan.json["complete"].as_bool()), (1, Some(false)), "{why}: {problems:?}");
        assert!(problems[0].starts_with("unreadable a.box: ") && problems[0].contains(why), "{problems:?}");
        assert!(matches!(scan.code, 1 | 3));
        assert_eq!(folder.scan(&["--no-archives"]).problems(), [""; 0]);
    }
}

#[test]
fn what_only_begins_like_a_container_is_none() {
    let folder = Folder::new();
    for (name, bytes) in
        [("a", &b"PK\x03\x04"[..]), ("b", b"BZh9 is how it begins"), ("c", b"\x1f\x8b\x08\xff"), ("d", b"PK")]
    {
        folder.write(name, [bytes, &env(1)].concat());
    }
    let scan = folder.scan(&[]);
    assert_eq!((scan.problems(), scan.places(&key(1)).len()), (vec![], 4));
}

#[test]
fn bombs_cost_little_and_are_told() {
    let zeros = vec![0; 64 << 20];
    let nested = gzip(&gzip(&gzip(&zeros)));
    let deep = (0..12).fold(env(1), |inner, _| zip_of(&[("a", &inner)]));
    // All entries of the directory are one and the same.
    let entry = Zipped::new(b"a", &zeros[..1 << 20]);
    let local = entry.local();
    let directory: Vec<u8> = (0..1_000).flat_map(|_| entry.listed(0)).collect();
    let overlapping = [&local[..], &directory, &zip_end(1_000, directory.len(), local.len())].concat();
    let empty = tar_header(b"a", 0, b'0');
    let many = gzip(&empty.repeat(260_000));
    let cases = [
        (gzip(&zeros), "limit", "200 times its packed size"),
        (zip_of(&[("a", &zeros)]), "limit", "entry a: it unpacks to more than 16 MiB and 200 times"),
        (zstd(&zeros), "limit", "200 times its packed size"),
        (bzip2(&zeros), "limit", "200 times its packed size"),
        (nested, "limit", "200 times its packed size"),
        (deep, "limit", "more than 8 deep"),
        (overlapping, "unreadable", "lists 1000 entries, and 1 are there"),
        (many, "limit", "more than"),
    ];
    for (bytes, kind, why) in cases {
        let folder = Folder::new();
        folder.write("a.box", bytes);
        let start = Instant::now();
        let scan = folder.scan(&["--no-lint"]);
        let problems = scan.problems();
        assert!(start.elapsed() < Duration::from_secs(10), "{why}: {:?}", start.elapsed());
        assert_eq!((problems.len(), scan.code), (1, 3), "{why}: {problems:?}");
        assert!(problems[0].starts_with(kind) && problems[0].contains(why), "{why}: {problems:?}");
    }
}

/// No clock: read as often as they are referred to, these would take hours.
#[test]
fn descriptions_that_lead_on_to_one_another_are_read_once() {
    let id = |nth: u8| format!("{nth:02x}").repeat(32);
    let blob = |nth: u8| format!("blobs/sha256/{}", id(nth));
    let digest = |nth: u8| serde_json::json!({ "digest": format!("sha256:{}", id(nth)) });
    let to = |nth: u8| serde_json::json!({ "manifests": vec![digest(nth); 8_000] }).to_string();
    let steps = vec![serde_json::json!({ "created_by": "RUN make" }); 20];
    let config = serde_json::json!({ "config": { "Env": [format!("A={}", key(1))] }, "history": steps }).to_string();
    let image = serde_json::json!({ "config": digest(9), "layers": vec![digest(8); 8_000] }).to_string();
    let laid_out = tar(&[
        (&blob(9), config.as_bytes()),
        (&blob(3), image.as_bytes()),
        (&blob(1), to(3).as_bytes()),
        ("index.json", to(1).as_bytes()),
    ]);
    let layers = vec![serde_json::json!({ "Config": blob(9), "Layers": vec![blob(3); 20] }); 400];
    let saved = tar(&[
        (&blob(9), config.as_bytes()),
        ("manifest.json", serde_json::Value::from(layers).to_string().as_bytes()),
    ]);
    for (bytes, image) in [(laid_out, ""), (saved, "image1 ")] {
        let folder = Folder::new();
        folder.write("a.tar", bytes);
        let scan = folder.scan(&["--no-lint"]);
        let place = format!("file a.tar!{image}config!ENV A");
        assert_eq!((scan.places(&key(1)), scan.problems()), (vec![place], vec![]));
    }
}

#[test]
fn texts_of_images_are_read() {
    let keyword = |rest: &[u8]| [&b"parameters\0"[..], rest].concat();
    for chunk in [
        (b"tEXt", keyword(&env(1))),
        (b"zTXt", keyword(&[&[0], &zlib(&env(1))[..]].concat())),
        (b"iTXt", keyword(&[b"\0\0en\0\0", &env(1)[..]].concat())),
        (b"iTXt", keyword(&[b"\x01\0en\0Wert\0", &zlib(&env(1))[..]].concat())),
    ] {
        found_everywhere(&png(&[(b"gAMA", vec![0; 4]), chunk]), "parameters");
    }
}

#[test]
fn pages_are_read_as_they_are_and_as_they_show() {
    let key = key(1);
    let plain = format!("BT /F1 12 Tf\n(first) Tj\n(see {key}) Tj ET");
    found_everywhere(&pdf(plain.as_bytes(), ""), "object 4 0!text");
    let (one, two) = key.split_at(50);
    let apart = format!("BT (first) Tj\n[(a key: {one}) -12 ({two})] TJ ET");
    let folder = Folder::new();
    folder.write("a.pdf", pdf(apart.as_bytes(), ""));
    let hex: String = two.bytes().map(|byte| format!("{byte:02X}")).collect();
    folder.write("b.pdf", pdf(format!("BT [({one})-3<{hex}>] TJ ET").as_bytes(), ""));
    folder.write("c.pdf", pdf(format!("<rdf>{key}</rdf>").as_bytes(), ""));
    let scan = folder.scan(&[]);
    let expected = ["file a.pdf!object 4 0!text", "file b.pdf!object 4 0!text", "file c.pdf!object 4 0"];
    assert_eq!((scan.places(&key), scan.problems()), (expected.map(str::to_owned).to_vec(), vec![]));
}

#[test]
fn an_encrypted_document_is_told() {
    let folder = Folder::new();
    folder.write("a.pdf", pdf(b"x", "/Encrypt 5 0 R"));
    let scan = folder.scan(&[]);
    assert_eq!((scan.problems().len(), scan.code), (1, 3));
    assert!(scan.problems()[0].contains("a.pdf: it is encrypted"), "{:?}", scan.problems());
}

#[test]
fn images_are_told_of_layer_by_layer() {
    let layers = [tar(&[("etc/hosts", b"127.0.0.1")]), tar(&[("app/.env", &env(1))])];
    let step = |text: String| serde_json::json!({ "created_by": text });
    let config = serde_json::json!({
        "config": { "Env": ["PATH=/bin", format!("OPENAI_API_KEY={}", key(2))] },
        "history": [
            step("/bin/sh -c #(nop) ADD file:1 in /".into()),
            step(format!("RUN |1 OPENAI_API_KEY={} /bin/sh -c make # buildkit", key(3))),
            step(format!("ENV OPENAI_API_KEY={}", key(2))),
        ],
    });
    let config = config.to_string().into_bytes();
    let id = |nth: u8| format!("{nth:02x}").repeat(32);
    let saved = serde_json::json!([{
        "Config": format!("{}.json", id(0)), "RepoTags": ["a:latest"],
        "Layers": [format!("{}/layer.tar", id(1)), format!("{}/layer.tar", id(2))],
    }]);
    let blob = |nth: u8| format!("blobs/sha256/{}", id(nth));
    let digest = |nth: u8| serde_json::json!({ "digest": format!("sha256:{}", id(nth)), "size": 1 });
    let index = serde_json::json!({ "manifests": [digest(9)] }).to_string();
    let manifest = serde_json::json!({ "config": digest(0), "layers": [digest(1), digest(2)] }).to_string();
    let layer = |nth: u8| format!("{}/layer.tar", id(nth));
    let docker = tar(&[
        (&layer(1), &layers[0]),
        (&layer(2), &layers[1]),
        (&format!("{}.json", id(0)), &config),
        ("manifest.json", saved.to_string().as_bytes()),
    ]);
    let packed = layers.map(|layer| gzip(&layer));
    let oci = tar(&[
        (&blob(0), &config),
        (&blob(1), &packed[0]),
        (&blob(2), &packed[1]),
        (&blob(9), manifest.as_bytes()),
        ("index.json", index.as_bytes()),
        ("oci-layout", b"{}"),
    ]);
    for image in [docker, oci] {
        let folder = Folder::new();
        folder.write("image.tar", &image);
        let scan = folder.scan(&[]);
        assert_eq!(scan.problems(), [""; 0]);
        assert_eq!(scan.places(&key(1)), ["file image.tar!layer2!app/.env"]);
        let env = ["file image.tar!config!ENV OPENAI_API_KEY", "file image.tar!config!history3 ENV OPENAI_API_KEY"];
        assert_eq!(scan.places(&key(2)), env);
        assert_eq!(scan.places(&key(3)), ["file image.tar!config!history2 ARG OPENAI_API_KEY"]);
        found_everywhere(&image, "layer2!app/.env");
    }
}

#[test]
fn what_is_not_packed_is_found_as_plain_bytes() {
    let key = key(1);
    let texts = [
        [b"SQLite format 3\0", &[0; 100][..], b"\x07\x81\x17", key.as_bytes(), &[0; 50]].concat(),
        [b"\xcb\r\r\n\0\0\0\0\xe3\xfa", &[key.len() as u8][..], key.as_bytes(), b"\xda\x01x"].concat(),
        [b"\x7fELF\x02\x01\x01", &[0; 57][..], b"usage\0", key.as_bytes(), b"\0error\0"].concat(),
        [&elf()[..], key.as_bytes(), &elf()].concat(),
        [&pe()[..], key.as_bytes()].concat(),
        format!(r#"{{"sources":["a.ts"],"sourcesContent":["const k = \"{key}\";\n"]}}"#).into_bytes(),
        format!(r#"{{"headers":[{{"name":"authorization","value":"Bearer {key}"}}]}}"#).into_bytes(),
        format!(r#"{{"auth":{{"bearer":[{{"key":"token","value":"{key}"}}]}}}}"#).into_bytes(),
    ];
    for text in &texts {
        found_in_all(text, None);
    }
}

#[test]
fn archives_of_seven_zip_are_unpacked_whatever_packs_them() {
    use sevenz_rust2::EncoderMethod as By;
    let text = env(1);
    let files: [(&str, &[u8]); 4] = [("readme.md", b"# A box"), ("empty", b""), ("app/.env", &text), ("z", b"z")];
    for methods in [
        &[By::LZMA2][..],
        &[By::LZMA],
        &[By::COPY],
        &[By::BZIP2],
        &[By::DEFLATE],
        &[By::BCJ_X86_FILTER, By::LZMA2],
        &[By::BCJ_ARM64_FILTER, By::LZMA],
        &[By::DELTA_FILTER, By::LZMA2],
    ] {
        let folder = Folder::new();
        folder.write("a.7z", seven_zip(&files, methods));
        let scan = folder.scan(&[]);
        let places = (scan.places(&key(1)), scan.problems());
        assert_eq!(places, (vec!["file a.7z!app/.env".into()], vec![]), "{methods:?}");
    }
    let archive = seven_zip(&files, &[By::LZMA2]);
    found_everywhere(&archive, "app/.env");
    found_everywhere(&gzip(&tar(&[("b.7z", &archive)])), "b.7z!app/.env");
    found_everywhere(&seven_zip_by(&[0], "\u{e9}/.env", &text), "\u{e9}/.env");
    found_everywhere(&seven_zip(&[("b.zip", &zip_of(&[("c", &text)]))], &[By::LZMA2]), "b.zip!c");
}

#[test]
fn what_cannot_be_read_of_seven_zip_is_told() {
    use sevenz_rust2::EncoderMethod as By;
    let (text, zeros) = (env(1), vec![0; 64 << 20]);
    let archive = seven_zip(&[("a", &text), ("b", b"b")], &[By::LZMA2]);
    let mut damaged = archive.clone();
    damaged[40..60].fill(0x55);
    let mut wrong = archive.clone();
    wrong[20] ^= 1;
    let mut untold = archive.clone();
    *untold.last_mut().expect("a byte") ^= 1;
    let mut huge = seven_zip_by(&[0], "a", b"x");
    huge[12..20].copy_from_slice(&(1_u64 << 40).to_le_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(&huge[12..32]);
    huge[8..12].copy_from_slice(&sum.sum().to_le_bytes());
    let bomb = seven_zip(&[("a", &zeros), ("b", &text)], &[By::LZMA2]);
    let cases = [
        (seven_zip_by(&[6, 0xf1, 7, 1], "secret.txt", &[7; 40]), "entry secret.txt is encrypted"),
        (seven_zip_by(&[3, 4, 1], "a", &[7; 40]), "entry a: it is packed by the method PPMd"),
        (seven_zip_by(&[9, 9], "a", &[7; 40]), "entry a: it is packed by the method 0909"),
        (archive[..archive.len() - 1].to_vec(), "it is cut short"),
        (damaged, "damaged"),
        (wrong, "it is damaged: the sum of its beginning"),
        (untold, "its directory is damaged"),
        (huge, "of more than 256 MiB"),
        (bomb, "entry a: it unpacks to more than 16 MiB and 200 times its packed size"),
    ];
    for (bytes, why) in cases {
        let folder = Folder::new();
        folder.write("a.7z", bytes);
        let scan = folder.scan(&["--no-lint"]);
        let problems = scan.problems();
        assert!(problems.iter().all(|problem| problem.contains(" a.7z: ")), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.contains(why)), "{why}: {problems:?}");
        assert!(scan.code == 3 && problems.len() <= 2, "{problems:?}");
    }
}

#[test]
fn packages_and_libraries_are_unpacked() {
    let name = "a-name-that-is-longer-than-fifteen.env";
    found_everywhere(&ar(&[("odd", b"123"), (name, b"x"), (".env", &env(1))]), ".env");
    found_everywhere(&ar(&[("odd", b"123"), (name, &env(1))]), name);
    let bsd = [name.as_bytes(), &[0; 2], &env(1)].concat();
    found_everywhere(&ar(&[("#1/40", &bsd)]), name);
    let data = xz(&tar(&[("./usr/lib/app/.env", &env(1))]));
    let deb = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &gzip(&tar(&[]))), ("data.tar.xz", &data)]);
    found_everywhere(&deb, "data.tar.xz!./usr/lib/app/.env");
    found_everywhere(&rpm(&gzip(&env(1))), "payload");
    found_everywhere(&lzma(&env(1)), "");
}

#[test]
fn archives_behind_programs_are_unpacked() {
    use sevenz_rust2::EncoderMethod as By;
    let archive = zip_of(&[("app/.env", &env(1))]);
    let other = seven_zip(&[("app/.env", &env(1))], &[By::LZMA2]);
    for program in [elf(), pe(), b"#!/usr/bin/env python3\n".to_vec()] {
        found_everywhere(&[&program[..], &archive].concat(), "app/.env");
    }
    for program in [elf(), pe()] {
        found_everywhere(&[&program[..], &other].concat(), "app/.env");
    }
    // What is a program and no more is left alone, however deep it is packed.
    let deep = (0..9).fold(elf(), |inner, _| zip_of(&[("a", &inner)]));
    let folder = Folder::new();
    folder.write("a.zip", deep);
    assert_eq!(folder.scan(&[]).problems().len(), 0);
}

#[test]
fn what_is_packed_otherwise_is_told() {
    let beginnings: [(&[u8], &str); 6] = [
        (b"\x1f\x9d\x90", "compress"),
        (b"\x04\x22\x4d\x18", "LZ4"),
        (b"LZIP\x01", "lzip"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"MSCF\0\0\0\0", "a cabinet"),
        (b"!<arch>\nwhat is no header of an entry", "cut short"),
    ];
    for (bytes, name) in beginnings {
        let folder = Folder::new();
        folder.write("a.bin", bytes);
        let scan = folder.scan(&[]);
        assert_eq!((scan.problems().len(), scan.code), (1, 3), "{name}");
        assert!(scan.problems()[0].contains(name), "{:?}", scan.problems());
    }
}

#[test]
fn what_is_allowed_of_a_container_is_allowed_of_what_is_in_it() {
    let folder = Folder::repository();
    folder.write("fixtures/a.zip", zip_of(&[("app/.env", &env(1))]));
    for (glob, allowed) in [("fixtures/a.zip", true), ("fixtures/**", true), ("**/.env", true), ("**/app", false)] {
        folder.write("keylint.toml", format!("[[allow]]\npaths = [\"{glob}\"]\nreason = \"made for a test\"\n"));
        for target in [".", "fixtures/a.zip"] {
            assert_eq!(folder.scan(&[target]).code, i32::from(!allowed), "{glob} {target}");
        }
    }
}

#[test]
fn what_cannot_be_read_in_a_history_is_told_by_its_path() {
    let sealed = zip(&[Zipped { flags: ENCRYPTED, ..Zipped::new(b"secret.txt", b"x") }]);
    let repository = Folder::repository();
    repository.write("old.zip", &sealed);
    repository.commit("Add an archive", 1);
    let now = repository.scan(&[]);
    let why = "unreadable old.zip: entry secret.txt is encrypted; its content was not looked at";
    assert_eq!((now.problems(), now.code), (vec![why.to_owned()], 3));
    repository.git(["rm", "--quiet", "old.zip"]);
    repository.commit("Remove it", 2);
    let later = repository.scan(&[]);
    assert_eq!((later.problems().len(), later.code), (1, 3));
    assert!(later.problems()[0].starts_with(&format!("{why} (blob ")), "{:?}", later.problems());
    assert_eq!(repository.scan(&["--range", "HEAD~1..HEAD"]).code, 0);
}
