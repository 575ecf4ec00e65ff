//! Issuers are asked over real sockets: what is sent, how answers are taken, how little a bad one does.

use crate::{
    fixture::{Folder, Scan, key, key_of, program, text},
    issuer::{Answer, Issuer},
};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

/// A folder with a configuration that sends questions about OpenAI's keys to `issuer`.
pub(crate) fn asking(issuer: &Issuer) -> Folder {
    asking_at(&issuer.address)
}

fn asking_at(address: &str) -> Folder {
    let folder = Folder::new();
    let providers = ["openai", "azure-openai", "anthropic"].map(|name| format!("{name} = '{address}'\n")).concat();
    folder.write("own/ask.toml", format!("[verify.base-url]\n{providers}"));
    folder
}

pub(crate) fn scan(folder: &Folder, args: &[&str]) -> Scan {
    folder.scan(&[&["src", "--config", "own/ask.toml"], args].concat())
}

/// `live`, `dead: why` and so on.
pub(crate) fn verdict(scan: &Scan, key: &str) -> String {
    let verdict = &scan.of(key).expect("it is found")["verdict"];
    let why = verdict["why"].as_str().map_or_else(String::new, |why| format!(": {why}"));
    format!("{}{why}", text(&verdict["verdict"]))
}

const DEAD: &str = r#"{"error":{"message":"Incorrect API key provided: sk-proj-****abcd.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
const SCOPE: &str = r#"{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read.","type":"invalid_request_error","param":null,"code":"missing_scope"}}"#;
pub(crate) const MODELS: &str = r#"{"object":"list","data":[{"id":"gpt-4o"},{"id":"o3"}]}"#;

#[test]
fn each_key_is_asked_about_once_in_a_get_without_a_body() {
    let issuer = Issuer::saying(200, MODELS);
    let folder = asking(&issuer);
    for name in ["a", "b", "c"] {
        folder.write(format!("src/{name}.txt"), format!("{} {}", key(1), key(2)));
    }
    let scan = scan(&folder, &["--verify"]);
    assert_eq!((scan.code, verdict(&scan, &key(1)), verdict(&scan, &key(2))), (1, "live".into(), "live".into()));
    let asked = issuer.asked();
    assert_eq!(asked.len(), 2);
    for one in &asked {
        assert_eq!((one.line.as_str(), one.body), ("GET /v1/models", 0));
        let mut names: Vec<&str> = one.headers.iter().filter_map(|header| header.split(':').next()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "authorization", "host", "user-agent"]);
    }
    let sent = |key: &str| asked.iter().filter(|one| one.headers[0] == format!("authorization: Bearer {key}")).count();
    assert_eq!((sent(&key(1)), sent(&key(2))), (1, 1));
}

#[test]
fn each_key_goes_to_its_own_issuer_alone() {
    let (openai, anthropic) = (Issuer::saying(200, MODELS), Issuer::saying(200, MODELS));
    let folder = Folder::new();
    let (ours, theirs) = (key(1), key_of("anthropic-api-key", 1));
    let addresses = format!("openai = '{}'\nanthropic = '{}/'\n", openai.address, anthropic.address);
    folder.write("own/ask.toml", format!("[verify.base-url]\n{addresses}"));
    folder.write("src/a.txt", format!("{ours}\n{theirs}\n"));
    let scan = scan(&folder, &["--verify=access"]);
    assert_eq!((verdict(&scan, &ours), verdict(&scan, &theirs)), ("live".into(), "live".into()));
    let sent = |issuer: &Issuer, key: &str| {
        issuer.asked().iter().filter(|asked| asked.headers.iter().any(|header| header.ends_with(key))).count()
    };
    assert_eq!((sent(&openai, &ours), sent(&openai, &theirs)), (1, 0));
    assert_eq!((sent(&anthropic, &ours), sent(&anthropic, &theirs)), (0, 1));
    assert_eq!(anthropic.asked()[0].line, "GET /v1/models?limit=1000");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_no_issuer() {
    let certificate = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into(), "localhost".into()]).expect("made");
    let chain = vec![certificate.cert.der().clone()];
    let secret = rustls::pki_types::PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()).into();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_no_client_auth().with_single_cert(chain, secret).expect("ours");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("https://{}", listener.local_addr().expect("an address"));
    let read = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (kept, config) = (std::sync::Arc::clone(&read), std::sync::Arc::new(config));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut server = rustls::ServerConnection::new(std::sync::Arc::clone(&config)).expect("ours");
            let mut plain = rustls::Stream::new(&mut server, &mut stream);
            let mut bytes = [0; 4096];
            let read = std::io::Read::read(&mut plain, &mut bytes).unwrap_or(0);
            kept.lock().expect("no thread has failed").extend_from_slice(&bytes[..read]);
        }
    });
    let folder = asking_at(&address);
    folder.write("src/a.txt", key(1));
    let told = verdict(&scan(&folder, &["--verify", "--verify-timeout", "5"]), &key(1));
    assert_eq!(told, "unknown: the certificate of the host is not to be trusted");
    assert!(read.lock().expect("no thread has failed").is_empty(), "something was sent");
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_verdicts_got_so_far() {
    let issuer = Issuer::new(|asked, _| match asked.headers[0].ends_with(&key(1)) {
        true => Answer::Say(200, String::new(), MODELS.into()),
        false => Answer::Hang(Duration::from_secs(60)),
    });
    let folder = asking(&issuer);
    folder.write("src/a.txt", format!("{}\n{}\n", key(1), key(2)));
    let args = ["scan", "src", "--config", "own/ask.toml", "--verify", "--format", "json"];
    let child = program().current_dir(&folder.path).args(args).stdout(Stdio::piped()).spawn().expect("it runs");
    while issuer.asked().len() < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(200));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told: Vec<&str> = (0..2).map(|nth| text(&json["findings"][nth]["verdict"]["verdict"])).collect();
    assert_eq!((output.status.code(), told), (Some(1), vec!["live", "unknown"]));
    assert!(text(&json["findings"][1]["verdict"]["why"]).contains("it was stopped"));
}

#[test]
fn nobody_is_asked_unless_that_is_wanted() {
    let issuer = Issuer::saying(200, MODELS);
    let folder = asking(&issuer);
    folder.write("src/a.txt", key(1));
    assert!(scan(&folder, &[]).of(&key(1)).expect("found").get("verdict").is_none());
    let planned = scan(&folder, &["--verify=plan"]);
    let told = verdict(&planned, &key(1));
    assert!(told.starts_with("unknown: nobody was asked; --verify would send GET http://127.0.0.1:"), "{told}");
    assert!(told.ends_with("/v1/models with the key in the header authorization"), "{told}");
    assert_eq!((planned.code, issuer.asked().len()), (1, 0));
}

#[test]
fn live_keys_come_first_and_dead_ones_last() {
    let issuer = Issuer::new(|asked, _| match &asked.headers[0] {
        header if header.ends_with(&key(1)) => Answer::Say(401, String::new(), DEAD.into()),
        header if header.ends_with(&key(2)) => Answer::Say(403, String::new(), SCOPE.into()),
        header if header.ends_with(&key(3)) => Answer::Say(200, String::new(), MODELS.into()),
        _ => Answer::Say(418, String::new(), "a teapot".into()),
    });
    let folder = asking(&issuer);
    folder.write("src/a.txt", [1, 2, 3, 4].map(key).join("\n"));
    let all = scan(&folder, &["--verify"]);
    let states: Vec<&str> = all.findings().iter().map(|finding| text(&finding["verdict"]["verdict"])).collect();
    assert_eq!(states, ["live", "live-limited", "unknown", "dead"]);
    assert_eq!(verdict(&all, &key(2)), "live-limited: it is restricted and lacks api.model.read");
    assert_eq!(verdict(&all, &key(1)), "dead: it was revoked, or never was one");
    assert_eq!(verdict(&all, &key(4)), "unknown: the answer was 418, in a form that is not known");
    assert_eq!(text(&all.findings()[0]["rotate"][0]["do"]), "It works: revoke it now, before anything else.");
    let facts = &all.of(&key(1)).expect("found")["verdict"];
    assert!(text(&facts["request"]).ends_with("/v1/models") && facts["status"] == 401 && facts["at"].is_string());
    // Of the dead alone nobody has to hear; of the unknown one may not be silent.
    let live = scan(&folder, &["--verify", "--only", "live"]);
    assert_eq!((live.code, live.findings().len(), &live.json["filtered"]), (1, 2, &2.into()));
    assert!(live.problems()[0].contains("the answer was 418"), "{:?}", live.problems());
    let dead = scan(&folder, &["--verify", "--only", "dead,unknown"]);
    assert_eq!((dead.findings().len(), dead.problems().len()), (2, 0));
}

#[test]
fn how_keys_are_handled_is_nobody_asked_about() {
    let issuer = Issuer::saying(200, MODELS);
    let folder = asking(&issuer);
    folder.write("src/a.ts", format!("// {}\nnew OpenAI({{ dangerouslyAllowBrowser: true }});\n", key(1)));
    let hygiene = |scan: &Scan| scan.json["hygiene"].as_array().map_or(0, Vec::len);
    let all = scan(&folder, &["--verify"]);
    assert_eq!((all.findings().len(), hygiene(&all) > 0, issuer.asked().len()), (1, true, 1));
    assert!(all.json["hygiene"][0].get("verdict").is_none());
    let live = scan(&folder, &["--verify", "--only", "live"]);
    assert_eq!((live.findings().len(), hygiene(&live), &live.json["complete"]), (1, 0, &true.into()));
    assert_eq!(live.json["filtered"], 0);
    assert_eq!(live.json["lints"]["filtered"].as_u64(), Some(hygiene(&all) as u64));
}

#[test]
fn what_a_key_opens_is_read_with_a_second_consent() {
    let issuer = Issuer::new(|asked, _| {
        let headers = "openai-organization: org-x\r\nopenai-project: proj_y\r\n".to_owned();
        match asked.line.as_str() {
            "GET /v1/organization/projects?limit=100" => Answer::Say(200, headers, r#"{"data":[{"name":"P"}]}"#.into()),
            _ => Answer::Say(200, headers, MODELS.into()),
        }
    });
    let folder = asking(&issuer);
    let admin = key_of("openai-admin-key", 1);
    folder.write("src/a.txt", format!("{} {admin}", key(1)));
    assert!(
        scan(&folder, &["--verify"]).of(&key(1)).expect("found")["verdict"]["access"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    let before = issuer.asked().len();
    let all = scan(&folder, &["--verify=access"]);
    let access = &all.of(&key(1)).expect("found")["verdict"]["access"];
    assert_eq!(access[0], serde_json::json!({"name": "organization", "values": ["org-x"], "more": false}));
    assert_eq!(access[2]["values"], serde_json::json!(["gpt-4o", "o3"]));
    assert!(all.of(&admin).expect("found")["verdict"]["access"].to_string().contains(r#"["P"]"#));
    let lines: Vec<String> = issuer.asked()[before..].iter().map(|asked| asked.line.clone()).collect();
    assert!(lines.iter().all(|line| line.starts_with("GET /")) && lines.len() == 4, "{lines:?}");
    let human = folder.keylint(["scan", "src", "--config", "own/ask.toml", "--verify=access"]).stdout();
    assert!(human.contains("  opens models gpt-4o, o3\n"), "{human}");
}

#[test]
fn an_issuer_that_misbehaves_costs_little_and_is_never_taken_for_an_answer() {
    let long = "x".repeat(3 << 20);
    let cases: Vec<(&str, Answer)> = vec![
        ("no whole answer in time", Answer::Hang(Duration::from_secs(30))),
        ("no whole answer in time", Answer::Drip(Duration::from_millis(100))),
        ("the connection broke", Answer::Reset),
        ("the answer was 302, a redirect", Answer::Say(302, "location: http://127.0.0.1:1/\r\n".into(), String::new())),
        ("the answer was 500", Answer::Say(500, String::new(), String::new())),
        ("the answer was 401", Answer::Say(401, String::new(), "{\"error\":{\"code\":\"invalid_api_".into())),
        ("the answer was 401", Answer::Say(401, String::new(), long)),
        ("the answer was 403", Answer::Say(403, String::new(), "\u{1b}[2J".into())),
    ];
    for (told, answer) in cases {
        let issuer = Issuer::new(move |_, _| answer.clone());
        let folder = asking(&issuer);
        folder.write("src/a.txt", key(1));
        let start = Instant::now();
        let scan = scan(&folder, &["--verify", "--verify-timeout", "2"]);
        let why = verdict(&scan, &key(1));
        assert!(
            why.starts_with("unknown: ") && (why.contains(told) || why.contains("the time for it was over")),
            "{told}: {why}"
        );
        assert!(start.elapsed() < Duration::from_secs(8), "{told}: {:?}", start.elapsed());
        let times = if told.contains("500") { 2..=3 } else { 1..=1 };
        assert!(times.contains(&issuer.asked().len()), "{told}: what may have been received is not sent again");
    }
    let issuer = Issuer::new(|_, _| Answer::Flood(100 << 20));
    let folder = asking(&issuer);
    folder.write("src/a.txt", key(1));
    assert_eq!(
        verdict(&scan(&folder, &["--verify"]), &key(1)),
        "unknown: the answer was 200, in a form that is not known"
    );
    assert_eq!(issuer.asked().len(), 1);
    let folder = asking_at("http://127.0.0.1:9");
    folder.write("src/a.txt", key(1));
    let why = verdict(&scan(&folder, &["--verify", "--verify-timeout", "3"]), &key(1));
    assert!(why.starts_with("unknown: "), "{why}");
}

#[test]
fn an_issuer_that_asks_to_wait_is_asked_again_and_one_that_asks_too_much_is_not() {
    let limit = r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#;
    let issuer = Issuer::new(move |_, nth| match nth {
        1 => Answer::Say(429, "retry-after: 1\r\n".into(), limit.into()),
        2 => Answer::Say(503, String::new(), r#"{"error":{"code":"slow_down"}}"#.into()),
        _ => Answer::Say(401, String::new(), DEAD.into()),
    });
    let folder = asking(&issuer);
    folder.write("src/a.txt", key(1));
    let start = Instant::now();
    assert_eq!(verdict(&scan(&folder, &["--verify"]), &key(1)), "dead: it was revoked, or never was one");
    assert!(start.elapsed() >= Duration::from_secs(1) && issuer.asked().len() == 3);
    for wait in ["3600", "18446744073709551615"] {
        let issuer = Issuer::new(move |_, _| Answer::Say(429, format!("retry-after: {wait}\r\n"), limit.into()));
        let folder = asking(&issuer);
        folder.write("src/a.txt", key(1));
        assert_eq!(verdict(&scan(&folder, &["--verify"]), &key(1)), "live: it is at its rate limit");
        assert_eq!(issuer.asked().len(), 1);
    }
    // One that is busy itself is not asked about the others either.
    let issuer = Issuer::new(move |_, _| Answer::Say(503, "retry-after: 3600\r\n".into(), String::new()));
    let folder = asking(&issuer);
    folder.write("src/a.txt", (1..30).map(key).collect::<Vec<_>>().join("\n"));
    let start = Instant::now();
    let all = scan(&folder, &["--verify", "--verify-timeout", "30"]);
    assert!(issuer.asked().len() <= 4 && start.elapsed() < Duration::from_secs(15), "{}", issuer.asked().len());
    let waits = |finding: &&Value| finding["verdict"].to_string().contains("asks to wait longer than there is time");
    assert!(all.findings().iter().filter(waits).count() >= 25, "{}", all.json);
}

#[test]
fn what_was_not_sent_is_not_told_as_sent() {
    let issuer = Issuer::new(|_, _| {
        std::thread::sleep(Duration::from_millis(300));
        Answer::Say(200, String::new(), MODELS.into())
    });
    let folder = asking(&issuer);
    folder.write("src/a.txt", (1..60).map(key).collect::<Vec<_>>().join("\n"));
    let all = scan(&folder, &["--verify", "--verify-timeout", "1"]);
    let sent = all.findings().iter().filter(|finding| finding["verdict"]["request"].is_string()).count();
    assert!(sent <= issuer.asked().len() && sent >= 4, "{sent} of {}", issuer.asked().len());
}

#[test]
fn a_host_that_hangs_does_not_keep_others_from_being_asked() {
    let (slow, quick) = (Issuer::new(|_, _| Answer::Hang(Duration::from_secs(60))), Issuer::saying(200, MODELS));
    let folder = Folder::new();
    let addresses = format!("anthropic = '{}'\nopenai = '{}'\n", slow.address, quick.address);
    folder.write("own/ask.toml", format!("[verify.base-url]\n{addresses}"));
    let theirs: Vec<String> = (1..30).map(|seed| key_of("anthropic-api-key", seed)).collect();
    folder.write("src/a.txt", format!("{}\n{}", theirs.join("\n"), key(1)));
    assert_eq!(verdict(&scan(&folder, &["--verify", "--verify-timeout", "2"]), &key(1)), "live");
}

#[test]
fn a_key_that_may_have_been_cut_is_never_called_dead() {
    let issuer = Issuer::saying(401, DEAD);
    let folder = asking(&issuer);
    folder.write("src/a.txt", &key(1)[..key(1).len() - 20]);
    let all = scan(&folder, &["--verify"]);
    let told = &all.findings()[0]["verdict"];
    assert_eq!(told["verdict"], "unknown", "{told}");
    for (rule, input) in [
        ("openai-unmarked-user-key", format!("sk-or-v1-{}", "0123456789abcdef".repeat(4))),
        ("openai-unmarked-user-key", format!("sk-{}", "0123456789abcdef".repeat(2))),
        ("azure-openai-key-32", format!("ghp_{}", "Ab1".repeat(12))),
        ("anthropic-api-key", key_of("anthropic-api-key", 1)[..60].to_owned()),
    ] {
        let (code, said) = verify(&folder, &["--rule", rule], &input);
        assert!(code == Some(2) && said.contains("is no key of the rule"), "{rule}: {said}");
    }
}

#[test]
fn what_is_certain_is_kept_whatever_comes_after() {
    let limit = r#"{"error":{"type":"requests","code":"rate_limit_exceeded"}}"#;
    for later in [
        Answer::Reset,
        Answer::Say(503, String::new(), String::new()),
        Answer::Say(401, String::new(), "<html>".into()),
    ] {
        let issuer = Issuer::new(move |_, nth| match nth {
            1 => Answer::Say(429, "retry-after: 0\r\n".into(), limit.into()),
            _ => later.clone(),
        });
        let folder = asking(&issuer);
        folder.write("src/a.txt", key(1));
        assert_eq!(verdict(&scan(&folder, &["--verify"]), &key(1)), "live: it is at its rate limit");
    }
    let issuer = Issuer::new(|asked, _| match asked.line.contains("limit=100") {
        true => Answer::Hang(Duration::from_secs(60)),
        false => Answer::Say(200, String::new(), MODELS.into()),
    });
    let folder = asking(&issuer);
    let keys = [1, 2, 3, 4, 5].map(|seed| key_of("openai-admin-key", seed));
    folder.write("src/a.txt", keys.join("\n"));
    let all = scan(&folder, &["--verify=access", "--verify-timeout", "2"]);
    assert!(keys.iter().all(|key| verdict(&all, key) == "live"), "{}", all.json);
}

#[test]
fn what_was_sent_and_not_answered_says_that_it_was_sent() {
    let issuer = Issuer::new(|_, _| Answer::Hang(Duration::from_secs(60)));
    let folder = asking(&issuer);
    folder.write("src/a.txt", key(1));
    let all = scan(&folder, &["--verify", "--verify-timeout", "1"]);
    let told = &all.of(&key(1)).expect("found")["verdict"];
    assert!(text(&told["request"]).ends_with("/v1/models") && told["status"].is_null(), "{told}");
}

#[test]
fn pieces_of_a_key_that_an_issuer_repeats_are_masked() {
    let ours = key(1);
    let (head, rest) = (ours[8..48].to_owned(), ours[60..100].to_owned());
    let backwards: String = ours.chars().rev().collect();
    let models = format!(r#"{{"object":"list","data":[{{"id":"{head}"}},{{"id":"x{backwards}"}}]}}"#);
    let headers = format!("openai-organization: {rest}\r\n");
    let issuer = Issuer::new(move |_, _| Answer::Say(200, headers.clone(), models.clone()));
    let folder = asking(&issuer);
    folder.write("src/a.txt", &ours);
    for format in
        ["human", "json", "jsonl", "sarif", "gitlab", "markdown", "html", "junit", "csv", "github", "gitleaks"]
    {
        let run = folder.keylint(["scan", "src", "--config", "own/ask.toml", "--verify=access", "--format", format]);
        let told = run.stdout() + &run.stderr();
        let shown = (8..ours.len() - 12).filter(|&at| told.contains(&ours[at..at + 8])).count();
        assert_eq!(shown, 0, "{format}: {told}");
    }
}

#[test]
fn a_file_within_what_is_scanned_names_nobody_to_ask() {
    let issuer = Issuer::saying(200, MODELS);
    let repository = Folder::repository();
    repository.write("a.txt", key(1));
    repository.write("ci/ask.toml", format!("[verify.base-url]\nopenai = '{}'\n", issuer.address));
    let run = repository.keylint(["scan", "--verify", "--config", "ci/ask.toml"]);
    assert!(run.code() == 2 && run.stderr().contains("ask.toml:1: a file within what is scanned"), "{}", run.stderr());
    let (code, said) = verify(&repository, &["--config", "ci/ask.toml"], &key(1));
    assert!(code == Some(2) && said.contains("a file within what is scanned"), "{said}");
    assert_eq!(issuer.asked().len(), 0);
}

#[test]
fn a_scanned_repository_names_nobody_to_ask() {
    let issuer = Issuer::saying(200, MODELS);
    let repository = Folder::repository();
    repository.write("a.txt", key(1));
    repository.write("keylint.toml", format!("\n[verify.base-url]\nopenai = '{}'\n", issuer.address));
    for args in [&["scan"][..], &["scan", "--verify"]] {
        let run = repository.keylint(args);
        assert!(
            run.code() == 2
                && run.stderr().contains("keylint.toml:2: only a file given by --config may say whom to ask"),
            "{}",
            run.stderr()
        );
    }
    repository.write("rules.toml", "provider = 'x'\nname = 'X'\n[recipe.a]\nget = 'https://evil.example/'\nheaders = { a = '{secret}' }\noutcomes = []\n");
    let run = repository.keylint(["scan", "--no-repo-config", "--rules", "rules.toml"]);
    assert!(
        run.code() == 2 && run.stderr().contains("rules.toml:4: recipe: only built-in rules may ask anybody"),
        "{}",
        run.stderr()
    );
    assert_eq!(issuer.asked().len(), 0);
}

#[test]
fn an_address_that_would_leak_keys_is_refused() {
    let folder = Folder::new();
    for (address, told) in [
        ("http://gateway.example", "own.toml:2: http://gateway.example: plain http is for this machine alone"),
        ("https://user:pw@gateway.example", "own.toml:2: "),
        ("ftp://127.0.0.1", "own.toml:2: ftp://127.0.0.1: an address begins with https://"),
    ] {
        folder.write("own.toml", format!("[verify.base-url]\nopenai = '{address}'\n"));
        let run = folder.keylint(["scan", ".", "--config", "own.toml"]);
        assert!(run.code() == 2 && run.stderr().contains(told), "{address}: {}", run.stderr());
    }
    folder.write("own.toml", "[verify.base-url]\nopenia = 'https://x.example'\n");
    let run = folder.keylint(["scan", ".", "--config", "own.toml"]);
    assert!(run.stderr().contains("there is no provider openia; did you mean openai?"), "{}", run.stderr());
}

#[test]
fn the_host_of_a_customer_comes_from_beside_the_key_or_from_the_user() {
    let folder = Folder::new();
    let azure = key_of("azure-openai-key", 1);
    folder.write("a.env", format!("KEY={azure}\n"));
    let plan = |args: &[&str]| folder.scan(&[&["--verify=plan"], args].concat());
    assert!(
        verdict(&plan(&[]), &azure)
            .contains("no host stands in the same text; name it by --verify-host azure-openai=HOST")
    );
    let named = plan(&["--verify-host", "azure-openai=mine.openai.azure.com"]);
    assert!(
        verdict(&named, &azure).contains("GET https://mine.openai.azure.com/openai/models?api-version="),
        "{}",
        named.json
    );
    folder.write("a.env", format!("KEY={azure}\nENDPOINT=https://Res.openai.azure.com/\n"));
    assert!(verdict(&plan(&[]), &azure).contains("GET https://res.openai.azure.com/openai/models"));
    for bad in ["azure-openai=evil.example", "openai=api.openai.com", "x"] {
        let run = folder.keylint(["scan", ".", "--verify=plan", "--verify-host", bad]);
        assert!(run.code() == 2 && run.stderr().contains(&format!("--verify-host {bad}: ")), "{bad}: {}", run.stderr());
    }
}

#[test]
fn what_may_not_be_sent_is_not_and_tokens_are_told_by_their_own_date() {
    let issuer = Issuer::saying(200, MODELS);
    let folder = asking(&issuer);
    let kinds = ["openai-session-key", "openai-refresh-token", "openai-chatgpt-cookie", "openai-oauth-token"];
    let catalog = keylint::rule::Catalog::builtin();
    for kind in kinds {
        let example = catalog.get(kind).expect("a rule").examples[0].get_ref();
        folder.write(format!("src/{kind}.txt"), keylint::rule::expand(example, 1).expect("an example").text);
    }
    let all = scan(&folder, &["--verify=access"]);
    assert!(all.findings().len() >= kinds.len(), "{}", all.json);
    for finding in all.findings() {
        assert_eq!(text(&finding["verdict"]["verdict"]), "unknown", "{finding}");
        assert!(text(&finding["verdict"]["why"]).starts_with("it was not sent anywhere"), "{finding}");
    }
    assert_eq!(issuer.asked().len(), 0);
}

#[test]
fn verdicts_are_remembered_only_if_asked_and_hold_no_key() {
    let issuer = Issuer::saying(401, DEAD);
    let folder = asking(&issuer);
    folder.write("src/a.txt", key(1));
    let cache = Folder::new();
    let run = |args: &[&str]| {
        let args = [&["scan", "src", "--config", "own/ask.toml", "--format", "json", "--verify"], args].concat();
        let mut command = program();
        let command = command.current_dir(&folder.path).env("XDG_CACHE_HOME", &cache.path).env("HOME", &cache.path);
        let output = command.env("LOCALAPPDATA", &cache.path).args(args).output().expect("it runs");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")["findings"][0]["verdict"].clone()
    };
    run(&[]);
    assert_eq!(fs::read_dir(&cache.path).expect("it is there").count(), 0, "something is kept unasked");
    assert_eq!(run(&["--verify-cache"])["remembered"], false);
    let known = run(&["--verify-cache=1"]);
    assert_eq!((&known["remembered"], text(&known["verdict"]), issuer.asked().len()), (&true.into(), "dead", 2));
    let mut files = Vec::new();
    for entry in ["keylint", ".cache/keylint", "Library/Caches/keylint"] {
        files.extend(fs::read(cache.at(entry).join("verdicts.json")).ok());
    }
    let kept = String::from_utf8_lossy(&files[0]).into_owned();
    assert!(!kept.contains(&key(1)[8..20]) && kept.contains("\"dead\""), "{kept}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_cache_is_nobody_elses_and_no_reason_to_lose_a_verdict() {
    use std::os::unix::fs::PermissionsExt;
    let issuer = Issuer::saying(401, DEAD);
    let (folder, cache) = (asking(&issuer), Folder::new());
    folder.write("src/a.txt", key(1));
    let run = || {
        let args = ["scan", "src", "--config", "own/ask.toml", "--format", "json", "--verify", "--verify-cache"];
        let output = program().current_dir(&folder.path).env("XDG_CACHE_HOME", cache.at("c")).args(args).output();
        let output = output.expect("it runs");
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (json["findings"][0]["verdict"].clone(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    run();
    for (path, expected) in [("c/keylint", 0o700), ("c/keylint/verdicts.json", 0o600)] {
        assert_eq!(fs::metadata(cache.at(path)).expect("there").permissions().mode() & 0o777, expected, "{path}");
    }
    for broken in ["not JSON", "{\"version\":9,\"verdicts\":{}}"] {
        cache.write("c/keylint/verdicts.json", broken);
        assert_eq!(run().0["remembered"], false);
    }
    fs::remove_dir_all(cache.at("c/keylint")).expect("ours");
    cache.write("c/keylint", "a file");
    let (told, warned) = run();
    assert!(told["verdict"] == "dead" && warned.contains("keylint: warning: verdicts are not remembered"), "{warned}");
}

/// Runs `keylint verify` with `input`.
fn verify(folder: &Folder, args: &[&str], input: &str) -> (Option<i32>, String) {
    let mut command = program();
    let command = command.current_dir(&folder.path).arg("verify").args(args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    // It need not read all of it.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn one_key_is_verified_by_itself() {
    let config = ["--config", "own/ask.toml"];
    for (status, body, code, told) in [
        (200, MODELS, 1, ": live\n"),
        (403, SCOPE, 1, ": live, limited: it is restricted and lacks api.model.read\n"),
        (401, DEAD, 0, ": dead: it was revoked, or never was one\n"),
        (400, "{}", 3, ": unknown: the answer was 400"),
    ] {
        let issuer = Issuer::saying(status, body);
        let folder = asking(&issuer);
        let (ended, said) = verify(&folder, &config, &format!("{}\n", key(1)));
        assert!(
            ended == Some(code) && said.starts_with("OpenAI project API key sk-proj-…") && said.contains(told),
            "{ended:?} {said}"
        );
        assert!(said.contains("keylint: asking 127.0.0.1:") && said.contains("check only keys that you may test"));
        assert!(!said.contains(&key(1)[8..40]), "{said}");
        let (_, json) = verify(&folder, &[&config[..], &["--format", "json", "--quiet"]].concat(), &key(1));
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert!(json["verdict"].is_string() && json["schema"] == "keylint-verdict/1", "{json}");
        assert_eq!(issuer.asked().len(), 2);
    }
}

#[test]
fn what_is_no_key_or_not_one_is_an_error() {
    let folder = Folder::new();
    for (args, input, told) in [
        (&[][..], String::new(), "there is no key on standard input"),
        (&[], "hello".into(), "there is no key on standard input that any rule knows; --rule RULE"),
        (&[], format!("{} {}", key(1), key(2)), "there are 2 keys on standard input; give one"),
        (&["--rule", "openai-projct-key"], key(1), "did you mean openai-project-key?"),
        (&["--rule", "azure-openai-key-32"], "two words".into(), "standard input is no key"),
        (&["--config", "nowhere.toml"], key(1), "cannot read nowhere.toml"),
        (&["--rule", "anthropic-api-key"], key(1), "by its form, this is of the rule openai-project-key"),
        (
            &["--rule", "openai-project-key"],
            key(1)[..40].into(),
            "standard input is no key of the rule openai-project-key",
        ),
        (&["--rule", "openai-user-key"], "https://user:pass@x.example/".into(), "is no key of the rule"),
        (&["--rule", "azure-openai-key-32"], "KEY=0123456789abcdef0123456789abcdef".into(), "is no key of the rule"),
        (&[], "x".repeat(2 << 20), "more than 1 MiB"),
    ] {
        let (code, said) = verify(&folder, args, &input);
        assert!(code == Some(2) && said.contains(told), "{args:?}: {said}");
    }
    let hex = format!("\u{feff}'{}',\r\n", "0123456789abcdef".repeat(2));
    let (code, said) = verify(
        &folder,
        &["--plan", "--rule", "azure-openai-key-32", "--verify-host", "azure-openai=r.openai.azure.com"],
        &hex,
    );
    assert!(code == Some(3) && said.contains("GET https://r.openai.azure.com/openai/models"), "{said}");
}
