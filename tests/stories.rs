//! Life stories of a key, each in a repository made for it: what the dossier says of since when, by whom, where it is now
//! and whether it was pushed. Must not know how that is found out.

use crate::fixture::{Folder, Scan, git, key, text};
use serde_json::Value;

/// A repository with a first commit, pushed to one that others fetch from.
struct Life {
    remote: Folder,
    own: Folder,
    key: String,
}

impl Life {
    fn new() -> Self {
        let remote = Folder::new();
        remote.git(["init", "--quiet", "--bare", "--initial-branch=main"]);
        let own = Folder::repository();
        own.write("README", "hello\n");
        own.commit("Begin", 0);
        own.git(["remote", "add", "origin", &remote.path.to_string_lossy()]);
        let life = Self { remote, own, key: key(11) };
        life.at(0, &["push", "--quiet", "--set-upstream", "origin", "main"]);
        life
    }

    /// Runs git on a day of 2024, counted from its beginning: commits and reflogs say so.
    fn at(&self, day: u32, args: &[&str]) {
        at(&self.own, day, args);
    }

    /// Commits `path` with the key in it.
    fn leak(&self, path: &str, day: u32) -> String {
        self.own.write(path, format!("KEY = \"{}\"\n", self.key));
        self.own.commit("Add the key", day)
    }

    /// Commits `path` without it.
    fn clean(&self, path: &str, day: u32) -> String {
        self.own.write(path, "KEY = os.environ[\"OPENAI_API_KEY\"]\n");
        self.own.commit("Take the key out", day)
    }

    fn told(&self) -> Told {
        Told::of(&self.own.scan(&[]), &self.key)
    }
}

fn at(folder: &Folder, day: u32, args: &[&str]) {
    let date = format!("{} +0100", 1_704_067_200 + u64::from(day) * 86_400);
    let dates = [("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)];
    let output = git(&folder.path).args(args).envs(dates).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The story of a key in one repository, in words that fit in a line.
#[derive(Debug)]
struct Told {
    /// `DAY PATH` of each commit that brought it, then of each that took it out.
    brought: Vec<String>,
    removed: Vec<String>,
    /// `FROM-UNTIL` in days, without an end if it lasts.
    seen: Vec<String>,
    /// `NAME INTRODUCED+CARRIED`
    people: Vec<String>,
    /// `KIND NAME`, with a tilde if it is in the past of that alone.
    refs: Vec<String>,
    /// `index`, `head`, `logged`, `unreachable`, `reachable`, `shallow`.
    flags: Vec<&'static str>,
    pushed: String,
    commits: u64,
}

impl Told {
    fn of(scan: &Scan, key: &str) -> Self {
        let finding = scan.of(key).expect("the key is found");
        let histories = finding["story"]["histories"].as_array().expect("a list");
        assert_eq!(histories.len(), 1, "one repository has it");
        Self::read(&histories[0])
    }

    fn read(history: &Value) -> Self {
        let list = |field: &str| history[field].as_array().expect("a list").clone();
        let event = |event: &Value| format!("{} {}", day(&event["date"]), event["path"].as_str().unwrap_or("-"));
        let names = |value: &Value| format!("{} {}+{}", text(&value["name"]), value["introduced"], value["carried"]);
        let reach = |value: &Value| {
            let past = if value["at_tip"] == true { "" } else { "~" };
            format!("{} {}{past}", text(&value["kind"]), text(&value["name"]))
        };
        let until = |value: &Value| if value.is_null() { String::new() } else { day(value).to_string() };
        let flags = [
            ("index", history["in_index"] == true),
            ("head", history["in_head"] == true),
            ("logged", history["only_logged"] == true),
            ("unreachable", history["unreachable"] == true),
            ("reachable", history["reachable"] == true),
            ("shallow", history["whole"] == false),
        ];
        Self {
            brought: list("introduced").iter().map(event).collect(),
            removed: list("removed").iter().map(event).collect(),
            seen: list("intervals")
                .iter()
                .map(|all| format!("{}-{}", day(&all["from"]), until(&all["until"])))
                .collect(),
            people: list("people").iter().map(names).collect(),
            refs: list("refs").iter().map(reach).collect(),
            flags: flags.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect(),
            pushed: text(&history["pushed"]["state"]).to_owned(),
            commits: history["commits"].as_u64().expect("a number"),
        }
    }
}

/// Days from the beginning of 2024.
fn day(date: &Value) -> i64 {
    let time: jiff::Timestamp = text(date).parse().expect("a date");
    (time.as_second() - 1_704_067_200) / 86_400
}

const MAIN: &str = "branch refs/heads/main";
const LOGS: [&str; 2] = ["reflog HEAD", "reflog refs/heads/main"];

#[test]
fn a_key_that_was_never_committed() {
    let life = Life::new();
    life.own.write("a.py", format!("KEY = \"{}\"\n", life.key));
    let told = life.told();
    assert_eq!((told.commits, told.pushed.as_str()), (0, "no"));
    assert_eq!((told.brought, told.refs, told.flags), (vec![], vec![], vec![]));
}

#[test]
fn a_key_that_is_staged() {
    let life = Life::new();
    life.own.write("a.py", format!("KEY = \"{}\"\n", life.key));
    life.own.git(["add", "a.py"]);
    let told = life.told();
    assert_eq!((told.commits, told.pushed.as_str()), (0, "no"));
    assert_eq!(told.flags, ["index"]);
}

#[test]
fn committed_and_not_pushed() {
    let life = Life::new();
    life.leak("a.py", 2);
    let told = life.told();
    assert_eq!((told.brought, told.removed), (vec!["2 a.py".to_owned()], vec![]));
    assert_eq!((told.seen, told.people), (vec!["2-".to_owned()], vec!["A. U. Thor 1+0".to_owned()]));
    assert_eq!((told.refs, told.pushed.as_str()), (vec![MAIN.to_owned()], "no"));
    assert_eq!(told.flags, ["index", "head", "reachable"]);
}

#[test]
fn amended_before_it_was_pushed() {
    let life = Life::new();
    life.leak("a.py", 2);
    life.own.write("a.py", "KEY = None\n");
    life.at(3, &["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    life.at(3, &["push", "--quiet"]);
    let told = life.told();
    assert_eq!((told.brought, told.removed), (vec!["2 a.py".to_owned()], vec![]));
    assert_eq!((told.seen, told.pushed.as_str()), (vec!["2-3".to_owned()], "no"));
    assert_eq!((&told.refs[..], &told.flags[..]), (&LOGS.map(String::from)[..], &["logged"][..]));
}

#[test]
fn pushed_then_taken_out() {
    let life = Life::new();
    life.leak("a.py", 2);
    life.at(2, &["push", "--quiet"]);
    life.clean("a.py", 5);
    life.at(6, &["push", "--quiet"]);
    let told = life.told();
    assert_eq!((told.brought, told.removed), (vec!["2 a.py".to_owned()], vec!["5 a.py".to_owned()]));
    // The remote had it until the next push.
    assert_eq!((told.seen, told.pushed.as_str()), (vec!["2-6".to_owned()], "yes"));
    assert_eq!(told.refs, [format!("{MAIN}~"), "remote-branch refs/remotes/origin/main~".to_owned()]);
    assert_eq!(told.flags, ["reachable"]);
}

#[test]
fn force_pushed_away() {
    let life = Life::new();
    life.leak("a.py", 2);
    life.at(2, &["push", "--quiet"]);
    life.own.write("a.py", "KEY = None\n");
    life.at(4, &["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    life.at(7, &["push", "--quiet", "--force"]);
    let told = life.told();
    assert_eq!((told.seen, told.pushed.as_str()), (vec!["2-7".to_owned()], "once"));
    let logs = [&LOGS[..], &["reflog refs/remotes/origin/main"]].concat();
    assert_eq!((told.refs, told.flags), (logs.into_iter().map(String::from).collect(), vec!["logged"]));
}

#[test]
fn a_tag_left_behind() {
    let life = Life::new();
    life.leak("a.py", 2);
    life.at(3, &["tag", "v1"]);
    life.at(3, &["tag", "--annotate", "--message", "Two", "v2"]);
    life.own.write("a.py", "KEY = None\n");
    life.at(4, &["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let told = life.told();
    assert_eq!((told.seen, told.pushed.as_str()), (vec!["2-".to_owned()], "perhaps"));
    assert_eq!(
        (told.refs, told.flags),
        (vec!["tag refs/tags/v1".to_owned(), "tag refs/tags/v2".to_owned()], vec!["reachable"])
    );
}

#[test]
fn put_aside_and_nowhere_else() {
    let life = Life::new();
    life.own.write("README", format!("{}\n", life.key));
    life.at(2, &["stash", "--quiet"]);
    life.own.write("README", "something else\n");
    life.at(3, &["stash", "--quiet"]);
    let told = life.told();
    assert_eq!((told.refs, told.flags), (vec!["stash stash@{1}".to_owned()], vec!["reachable"]));
    assert_eq!((told.seen, told.pushed.as_str()), (vec!["2-".to_owned()], "no"));
}

#[test]
fn brought_by_a_merge_of_what_has_it_not() {
    let life = Life::new();
    life.at(1, &["checkout", "--quiet", "-b", "side"]);
    life.own.write("b", "b\n");
    life.own.commit("Side", 1);
    life.at(2, &["checkout", "--quiet", "main"]);
    life.own.write("c", "c\n");
    life.own.commit("Main", 2);
    life.at(3, &["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    life.own.write("a.py", format!("KEY = \"{}\"\n", life.key));
    life.own.commit("Merge side", 3);
    let told = life.told();
    assert_eq!((told.brought, told.commits), (vec!["3 a.py".to_owned()], 1));
    assert_eq!(told.refs, [MAIN]);
}

#[test]
fn a_merge_that_drops_it() {
    let life = Life::new();
    life.at(1, &["checkout", "--quiet", "-b", "side"]);
    life.leak("a.py", 1);
    life.at(2, &["checkout", "--quiet", "main"]);
    life.own.write("c", "c\n");
    life.own.commit("Main", 2);
    life.at(3, &["merge", "--quiet", "--no-commit", "--no-ff", "side"]);
    life.own.write("a.py", "KEY = None\n");
    life.own.commit("Merge side", 3);
    let told = life.told();
    assert_eq!((told.brought, told.removed), (vec!["1 a.py".to_owned()], vec!["3 a.py".to_owned()]));
    assert_eq!(told.refs, [format!("{MAIN}~"), "branch refs/heads/side".to_owned()]);
    assert_eq!(told.seen, ["1-"], "the other branch has it still");
}

#[test]
fn a_merge_that_takes_the_side_where_it_is_gone_has_not_removed_it() {
    let life = Life::new();
    life.leak("a.py", 1);
    life.at(1, &["branch", "side"]);
    life.clean("a.py", 2);
    life.at(3, &["checkout", "--quiet", "side"]);
    life.own.write("b", "b\n");
    life.own.commit("Side", 3);
    life.at(4, &["checkout", "--quiet", "main"]);
    life.at(4, &["merge", "--quiet", "--no-ff", "side"]);
    life.at(4, &["branch", "--quiet", "-D", "side"]);
    let told = life.told();
    assert_eq!((told.brought, told.removed), (vec!["1 a.py".to_owned()], vec!["2 a.py".to_owned()]));
    assert_eq!(told.seen, ["1-4"], "the other branch had it until it was merged");
}

#[test]
fn a_chain_of_renames() {
    let life = Life::new();
    life.leak("a.py", 1);
    life.own.git(["mv", "a.py", "b.py"]);
    life.own.commit("Rename it", 2);
    life.own.write("c/x", "x\n");
    life.own.git(["mv", "b.py", "c/d.py"]);
    life.own.commit("Rename it again", 3);
    let scan = life.own.scan(&[]);
    let told = Told::of(&scan, &life.key);
    assert_eq!((told.brought, told.removed), (vec!["1 a.py".to_owned()], vec![]));
    assert_eq!((told.people, told.commits), (vec!["A. U. Thor 1+2".to_owned()], 3));
    let reach = &scan.of(&life.key).expect("found")["story"]["reach"];
    assert_eq!((&reach["files"], &reach["repositories"]), (&3.into(), &1.into()));
}

#[test]
fn a_revert_of_a_revert() {
    let life = Life::new();
    let bad = life.leak("a.py", 1);
    life.at(5, &["revert", "--no-edit", &bad]);
    life.at(9, &["revert", "--no-edit", "HEAD"]);
    let told = life.told();
    assert_eq!(
        (told.brought, told.removed),
        (vec!["1 a.py".to_owned(), "9 a.py".to_owned()], vec!["5 a.py".to_owned()])
    );
    assert_eq!(told.seen, ["1-5", "9-"]);
    assert_eq!(told.people, ["A. U. Thor 2+0"]);
}

#[test]
fn people_are_who_the_mailmap_says() {
    let life = Life::new();
    life.own.write(".mailmap", "Ann Lee <ann@example.com> <al@old.example>\n");
    life.own.commit("Say who is who", 1);
    let as_person = |who: &str, text: String, day: u32| {
        life.own.write("a.py", text);
        life.own.git(["add", "a.py"]);
        let date = format!("--date={} +0000", 1_704_067_200 + u64::from(day) * 86_400);
        life.own.git_as(who, ["commit", "--quiet", "-m", "Work", &date]);
    };
    let line = format!("KEY = \"{}\"\n", life.key);
    as_person("al <al@old.example>", line.clone(), 2);
    as_person("Bo <bo@example.com>", format!("{line}# more\n"), 3);
    as_person("Ann Lee <ann@example.com>", format!("{line}# still more\n"), 4);
    let told = life.told();
    assert_eq!(told.people, ["Ann Lee 1+1", "Bo 0+1"]);
}

#[test]
fn picked_to_another_branch() {
    let life = Life::new();
    let bad = life.leak("a.py", 1);
    life.at(2, &["checkout", "--quiet", "-b", "release", "HEAD^"]);
    life.own.write("VERSION", "1\n");
    life.own.commit("Release", 2);
    life.at(3, &["cherry-pick", &bad]);
    let told = life.told();
    assert_eq!(told.brought, ["1 a.py", "3 a.py"]);
    assert_eq!(told.refs, [MAIN, "branch refs/heads/release"]);
}

#[test]
fn a_merge_of_three() {
    let life = Life::new();
    for (branch, day) in [("one", 1), ("two", 2), ("three", 3)] {
        life.at(day, &["checkout", "--quiet", "-b", branch, "main"]);
        if branch == "two" {
            life.leak("a.py", day);
        } else {
            life.own.write(branch, branch);
            life.own.commit(branch, day);
        }
    }
    life.at(4, &["checkout", "--quiet", "main"]);
    life.at(4, &["merge", "--quiet", "one", "two", "three"]);
    let told = life.told();
    assert_eq!((told.brought, told.commits), (vec!["2 a.py".to_owned()], 2));
    assert_eq!(told.refs, [MAIN, "branch refs/heads/two"]);
}

#[test]
fn a_branch_of_its_own() {
    let life = Life::new();
    life.at(1, &["checkout", "--quiet", "--orphan", "pages"]);
    life.leak("index.js", 1);
    life.at(2, &["push", "--quiet", "origin", "pages"]);
    life.at(3, &["checkout", "--quiet", "main"]);
    let told = life.told();
    assert_eq!(told.refs, ["branch refs/heads/pages", "remote-branch refs/remotes/origin/pages"]);
    assert_eq!((told.pushed.as_str(), told.flags), ("yes", vec!["reachable"]));
}

#[test]
fn a_shallow_clone() {
    let life = Life::new();
    life.leak("a.py", 1);
    life.own.write("b", "b\n");
    life.own.commit("More", 8);
    life.at(8, &["push", "--quiet"]);
    let clone = Folder::new();
    let from = format!("file://{}", life.remote.path.display());
    clone.git(["clone", "--quiet", "--depth=1", &from, "."]);
    let told = Told::of(&clone.scan(&[]), &life.key);
    assert_eq!((told.brought, told.seen), (vec!["8 a.py".to_owned()], vec!["8-".to_owned()]));
    assert!(told.flags.contains(&"shallow"), "{:?}", told.flags);
    assert_eq!(told.pushed, "yes");
}

#[test]
fn a_history_that_was_rewritten() {
    let life = Life::new();
    life.leak("a.py", 1);
    let script = "git rm --quiet --cached --ignore-unmatch a.py";
    life.own.git(["-c", "advice.detachedHead=false", "filter-branch", "-f", "--index-filter", script, "HEAD"]);
    let told = life.told();
    assert_eq!(told.refs, ["other refs/original/refs/heads/main"]);
    assert_eq!((told.pushed.as_str(), told.seen), ("no", vec!["1-".to_owned()]));
}

#[test]
fn what_somebody_asked_to_be_merged() {
    let life = Life::new();
    life.at(1, &["checkout", "--quiet", "-b", "topic"]);
    life.leak("a.py", 1);
    life.at(1, &["update-ref", "refs/pull/7/head", "HEAD"]);
    life.at(2, &["checkout", "--quiet", "main"]);
    life.at(2, &["branch", "--quiet", "-D", "topic"]);
    let told = life.told();
    assert_eq!((told.refs, told.pushed.as_str()), (vec!["pull-request refs/pull/7/head".to_owned()], "yes"));
}

#[test]
fn a_note_on_a_commit() {
    let life = Life::new();
    life.at(3, &["notes", "add", "-m", &format!("try {}", life.key)]);
    let told = life.told();
    assert_eq!((told.refs, told.pushed.as_str()), (vec!["note refs/notes/commits".to_owned()], "no"));
}

#[test]
fn another_work_tree() {
    let life = Life::new();
    let other = Folder::new();
    let path = other.at("tree");
    life.own.git(["worktree", "add", "--quiet", "--detach", &path.to_string_lossy()]);
    std::fs::write(path.join("a.py"), format!("KEY = \"{}\"\n", life.key)).expect("it can be written");
    let commit = |args: &[&str]| assert!(git(&path).args(args).status().expect("git runs").success());
    commit(&["add", "a.py"]);
    commit(&["commit", "--quiet", "-m", "Try"]);
    let told = life.told();
    assert_eq!((told.refs, told.pushed.as_str()), (vec!["worktree tree".to_owned()], "no"));
}

#[test]
fn reached_from_nothing() {
    let life = Life::new();
    life.leak("a.py", 1);
    life.at(2, &["reset", "--quiet", "--hard", "HEAD^"]);
    assert_eq!(life.told().flags, ["logged"]);
    life.at(3, &["reflog", "expire", "--expire=now", "--all"]);
    let told = life.told();
    assert_eq!((told.refs, told.flags), (vec![], vec!["unreachable"]));
    assert_eq!((told.seen, told.pushed.as_str()), (vec!["1-1".to_owned()], "no"));
}

#[test]
fn in_the_message_of_a_commit() {
    let life = Life::new();
    life.own.write("b", "b\n");
    life.own.commit(&format!("Use {}", life.key), 2);
    life.own.write("b", "c\n");
    life.own.commit("More", 4);
    let told = life.told();
    assert_eq!((told.brought, told.removed), (vec!["2 -".to_owned()], vec![]));
    assert_eq!((told.seen, told.refs), (vec!["2-".to_owned()], vec![format!("{MAIN}~")]));
}

#[test]
fn in_the_message_of_a_tag() {
    let life = Life::new();
    life.at(2, &["tag", "--annotate", "--message", &format!("With {}", life.key), "v1"]);
    let told = life.told();
    assert_eq!((told.refs, told.commits), (vec!["tag refs/tags/v1".to_owned()], 0));
    assert_eq!(told.pushed, "perhaps");
}

#[test]
fn in_a_submodule() {
    let inner = Life::new();
    inner.leak("a.py", 1);
    inner.at(1, &["push", "--quiet"]);
    let outer = Folder::repository();
    outer.git(["submodule", "--quiet", "add", &inner.remote.path.to_string_lossy(), "lib"]);
    outer.commit("Use it", 2);
    let scan = outer.scan(&[]);
    let told = Told::of(&scan, &inner.key);
    assert_eq!((told.brought, told.pushed.as_str()), (vec!["1 a.py".to_owned()], "yes"));
}

#[test]
fn where_others_fetch_from() {
    let life = Life::new();
    life.leak("a.py", 1);
    life.at(1, &["push", "--quiet"]);
    let told = Told::of(&life.remote.scan(&[]), &life.key);
    assert_eq!((told.refs, told.pushed.as_str()), (vec![MAIN.to_owned()], "served"));
}

#[test]
fn where_nothing_tells_whether_it_was_pushed() {
    let folder = Folder::repository();
    folder.write("a.py", format!("KEY = \"{}\"\n", key(11)));
    folder.commit("Begin", 1);
    assert_eq!(Told::of(&folder.scan(&[]), &key(11)).pushed, "unknown");
}

#[test]
fn in_two_repositories_of_one_scan() {
    let (one, two) = (Life::new(), Life::new());
    one.leak("a.py", 1);
    two.leak("b.py", 2);
    two.at(2, &["push", "--quiet"]);
    let [first, second] = [&one, &two].map(|life| life.own.path.to_string_lossy().into_owned());
    let both = Folder::new();
    let states = |args: &[&str]| {
        let scan = both.scan(args);
        let finding = scan.of(&one.key).expect("one key");
        assert_eq!(finding["story"]["reach"]["repositories"], 2);
        let histories = finding["story"]["histories"].as_array().expect("a list").clone();
        histories.iter().map(|history| Told::read(history).pushed).collect::<Vec<_>>()
    };
    assert_eq!(states(&[&first, &second]), ["no", "yes"]);
    assert_eq!(states(&[&second, &first]), ["yes", "no"]);
}

#[test]
fn changes_and_files_alone_have_no_history() {
    let life = Life::new();
    life.leak("a.py", 1);
    for args in [&["--no-history"][..], &["--range", "HEAD^..HEAD"]] {
        let scan = life.own.scan(args);
        let story = &scan.of(&life.key).expect("found")["story"];
        assert_eq!(story["histories"], Value::Array(vec![]), "{args:?}");
        assert!(!story["advice"].as_array().expect("a list").is_empty());
    }
}

#[test]
fn the_report_has_a_line_of_it_and_the_command_all() {
    let life = Life::new();
    life.leak("a.py", 2);
    life.at(2, &["push", "--quiet"]);
    life.clean("a.py", 5);
    let report = life.own.keylint(["scan"]).stdout();
    assert!(report.contains("\n  since 2024-01-03 · pushed: origin/main has it\n"), "{report}");
    let scan = life.own.scan(&[]);
    let fingerprint = text(&scan.of(&life.key).expect("found")["fingerprint"]).to_owned();
    let run = life.own.keylint(["story", &fingerprint[..8]]);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let story = run.stdout();
    for part in [
        "brought by",
        "taken out by",
        "A. U. Thor <author@example.com>",
        "committed by C. O. Mitter",
        "What to do",
        "How it is handled",
        "An API key of one OpenAI project",
        "git filter-repo --force --replace-text",
        "Push by force what leads to it: main.",
        "branches: main (in its past)",
    ] {
        assert!(story.contains(part), "{part}: {story}");
    }
    assert!(!story.contains(&life.key[20..40]), "{story}");
    let run = life.own.keylint(["story", "0000000"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("no fingerprint of what is found here begins with 0000000"), "{}", run.stderr());
    assert_eq!(life.own.keylint(["story", "no hex"]).code(), 2);
}

/// What a repository brings may be a pipe that never ends, or lead out of it.
#[cfg(unix)]
#[test]
fn what_is_no_file_of_the_repository_tells_no_story() {
    let life = Life::new();
    life.leak("a.py", 1);
    let at = |path: &str| life.own.at(path);
    let pipe =
        |path: &str| assert!(std::process::Command::new("mkfifo").arg(at(path)).status().expect("it runs").success());
    pipe(".mailmap");
    std::fs::create_dir_all(at(".git/worktrees/one")).expect("it can be made");
    pipe(".git/worktrees/one/HEAD");
    pipe(".git/logs/refs/heads/pipe");
    std::os::unix::fs::symlink("/", at(".git/worktrees/two")).expect("a link");
    std::os::unix::fs::symlink("/", at(".git/worktrees/one/logs")).expect("a link");
    let told = life.told();
    assert_eq!((told.brought, told.people), (vec!["1 a.py".to_owned()], vec!["A. U. Thor 1+0".to_owned()]));
}

#[test]
fn people_are_left_out_if_asked() {
    let life = Life::new();
    life.leak("a.py", 2);
    life.own.git(["commit", "--quiet", "--allow-empty", "-m", &format!("Use {}", key(12))]);
    let fingerprint = text(&life.own.scan(&[]).of(&life.key).expect("found")["fingerprint"]).to_owned();
    let mut runs: Vec<Vec<&str>> =
        keylint::report::Format::ALL.iter().map(|format| vec!["scan", "-f", format.as_str()]).collect();
    runs.push(vec!["scan", "--verbose"]);
    runs.push(vec!["story", &fingerprint]);
    for mut args in runs {
        let named = life.own.keylint(&args).stdout();
        args.push("--anonymous");
        let run = life.own.keylint(&args);
        assert!(!run.stdout().is_empty());
        for name in ["Thor", "author@", "Mitter", "committer@"] {
            assert!(!run.stdout().contains(name), "{args:?} says {name}: {}", run.stdout());
        }
        if named.contains("Thor") {
            assert!(run.stdout().contains("person 1"), "{args:?}");
        }
    }
}
