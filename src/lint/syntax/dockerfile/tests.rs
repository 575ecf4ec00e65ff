//! What is read of Dockerfiles. Must not know how.

use super::*;
use proptest::prelude::*;

/// What `part` says; it must stand in `file` as the instruction says it does.
fn said<'a>(file: &str, instruction: &'a Instruction, part: Part) -> &'a str {
    let text = instruction.text(part);
    let bytes: Vec<u8> =
        instruction.pieces(part).flat_map(|piece| file.as_bytes()[piece.range()].iter().copied()).collect();
    assert_eq!(bytes, text, "{file}");
    std::str::from_utf8(text).expect("UTF-8")
}

fn only(file: &str) -> Instruction {
    let mut read = read(file.as_bytes());
    assert_eq!(read.instructions.len(), 1, "{file}: {read:?}");
    read.instructions.remove(0)
}

fn words(file: &str) -> Vec<String> {
    let instruction = only(file);
    instruction.words.iter().map(|word| said(file, &instruction, *word).to_owned()).collect()
}

fn keywords(file: &str) -> Vec<String> {
    read(file.as_bytes()).instructions.into_iter().map(|instruction| instruction.keyword).collect()
}

fn said_of<'a>(
    file: &'a str,
    instruction: &'a Instruction,
    pairs: impl Iterator<Item = Pair>,
) -> Vec<(&'a str, Option<&'a str>)> {
    let said = |part| said(file, instruction, part);
    pairs.map(|pair| (said(pair.name), pair.value.map(said))).collect()
}

fn check_pairs(file: &str, expected: &[(&str, Option<&str>)]) {
    let instruction = only(file);
    assert_eq!(said_of(file, &instruction, instruction.pairs.iter().copied()), expected, "{file}");
}

#[test]
fn keywords_are_told_in_capitals_and_spans_end_with_the_line() {
    let file = "\u{feff}  from a\r\n# c\n\n\tRun  b  \\\n  c\n";
    let read = read(file.as_bytes());
    let spans: Vec<&str> = read.instructions.iter().map(|instruction| &file[instruction.span.range()]).collect();
    assert_eq!(spans, ["from a", "Run  b  \\\n  c"]);
    assert_eq!(keywords(file), ["FROM", "RUN"]);
    let arguments = read.instructions[1].arguments;
    assert_eq!(said(file, &read.instructions[1], arguments), "b    c");
}

#[test]
fn a_part_over_several_lines_leads_back_to_each() {
    let file = "RUN ab\\\n# c\ncd e\n";
    let run = only(file);
    assert_eq!(said(file, &run, run.words[0]), "abcd");
    assert_eq!(&file[run.span_of(run.words[0]).range()], "ab\\\n# c\ncd");
    let pieces: Vec<&str> = run.pieces(run.words[0]).map(|piece| &file[piece.range()]).collect();
    assert_eq!(pieces, ["ab", "cd"]);
}

#[test]
fn the_escape_may_be_a_backtick() {
    let file = "# escape=`\nRUN dir c:\\ && `\n  \"a`\"b\" c` d\n";
    assert_eq!(words(file), ["dir", "c:\\", "&&", "\"a`\"b\"", "c` d"]);
    // It is a comment after anything else.
    assert_eq!(keywords("\n# escape=`\nRUN a `\nUSER b"), ["RUN", "USER"]);
    assert_eq!(keywords("# other=x\n# escape=`\nRUN a `\nUSER b"), ["RUN", "USER"]);
}

#[test]
fn directives_stand_at_the_top() {
    let file = "# Syntax = docker/dockerfile:1 \r\n#escape=\\\n# check=skip=all\n# d=e\n# syntax=f\nFROM a";
    let directives = read(file.as_bytes()).directives;
    let told: Vec<_> = directives.iter().map(|one| (one.name.as_str(), &file[one.value.range()])).collect();
    assert_eq!(told, [("syntax", "docker/dockerfile:1"), ("escape", "\\"), ("check", "skip=all")]);
}

#[test]
fn stages_are_counted_and_named() {
    let file = "ARG A\nFROM --platform=$P a:1 aS Build\nRUN a\nFROM b\nRUN c";
    let read = read(file.as_bytes());
    let stages: Vec<_> = read.instructions.iter().map(|instruction| instruction.stage).collect();
    assert_eq!(stages, [None, Some(0), Some(0), Some(1), Some(1)]);
    let said = |part: Option<Part>, stage: &Stage| part.map(|part| said(file, &read.instructions[stage.from], part));
    assert_eq!(said(read.stages[0].image, &read.stages[0]), Some("a:1"));
    assert_eq!(said(read.stages[0].name, &read.stages[0]), Some("Build"));
    assert_eq!(said(read.stages[1].image, &read.stages[1]), Some("b"));
    assert_eq!(read.stages[1].name, None);
}

#[test]
fn flags_are_no_words() {
    let file = "RUN --mount=type=secret,id=a,env=B \\\n --network=\"none\" --x -- --y z --w";
    let run = only(file);
    let flags = said_of(file, &run, run.flags.iter().copied());
    assert_eq!(flags, [("mount", Some("type=secret,id=a,env=B")), ("network", Some("none")), ("x", None)]);
    let fields = said_of(file, &run, run.fields(run.flags[0].value.expect("a value")));
    assert_eq!(fields, [("type", Some("secret")), ("id", Some("a")), ("env", Some("B"))]);
    assert_eq!(words(file), ["--y", "z", "--w"]);
    assert_eq!(words("COPY --from=b --chown=1:2 a b"), ["a", "b"]);
}

#[test]
fn arrays_are_words_without_quotes() {
    for file in [r#"CMD ["a","b c"]"#, "RUN [ \"a\" , \\\n \"b c\" ] ", r#"SHELL --x ["a", "b c"]"#] {
        assert_eq!(words(file), ["a", "b c"], "{file}");
        assert!(only(file).is_array, "{file}");
    }
    assert_eq!(words(r#"HEALTHCHECK --interval=5m CMD ["a"]"#), ["CMD", "a"]);
    assert_eq!(words(r#"CMD ["a\"b"]"#), [r#"a\"b"#]);
    assert!(only("CMD []").is_array);
    let no_arrays =
        ["CMD ['a']", "CMD [\"a\",]", "CMD [\"a\"", "CMD [\"a\"] b", "CMD [1]", r#"CMD ["c:\w"]"#, "USER []"];
    for file in no_arrays {
        assert!(!only(file).is_array, "{file}");
    }
    assert_eq!(words("CMD [\"a\", b]"), ["[\"a\",", "b]"]);
}

#[test]
fn words_keep_their_quotes_and_escapes() {
    assert_eq!(words(r#"RUN a"b c"d 'e \' f\ g"#), [r#"a"b c"d"#, r"'e \'", r"f\ g"]);
    assert_eq!(words("RUN 'a b"), ["'a b"]);
    assert_eq!(words(r"RUN a\"), ["a"]);
    assert_eq!(words("RUN"), [""; 0]);
}

#[test]
fn env_sets_pairs() {
    check_pairs(
        "ENV a=b c=\"d e\" \\\n f='g' h= i",
        &[("a", Some("b")), ("c", Some("d e")), ("f", Some("g")), ("h", Some("")), ("i", None)],
    );
    check_pairs("ENV a b=c \"d\" ", &[("a", Some("b=c \"d\""))]);
    check_pairs("ENV a \"b c\"", &[("a", Some("b c"))]);
    check_pairs("ENV a", &[("a", Some(""))]);
    check_pairs(
        r#"ENV a="b"c"d" e="f\"g" h="i\" j='k\'"#,
        &[("a", Some(r#""b"c"d""#)), ("e", Some(r#"f\"g"#)), ("h", Some(r#""i\" j='k\'"#))],
    );
    check_pairs("ARG a b=c d=\"\"", &[("a", None), ("b", Some("c")), ("d", Some(""))]);
    check_pairs("LABEL \"a.b\"=\"c\"", &[("a.b", Some("c"))]);
    check_pairs("RUN a=b", &[]);
    check_pairs("ENV", &[]);
}

#[test]
fn an_empty_value_stands_behind_its_sign() {
    let file = "ENV a=\\\n b=c";
    let env = only(file);
    assert_eq!(env.span_of(env.pairs[0].value.expect("a value")), Span::new(6, 6));
}

#[test]
fn onbuild_wraps_an_instruction() {
    let file = "ONBUILD onbuild run --x=y a <<E\nb\nE\nONBUILD";
    let read = read(file.as_bytes());
    let run = &read.instructions[0];
    assert_eq!((run.keyword.as_str(), run.is_onbuild, run.heredocs.len()), ("RUN", true, 1));
    assert_eq!(said(file, run, run.words[0]), "a");
    assert!(file[run.span.range()].starts_with("ONBUILD onbuild run"));
    assert_eq!((read.instructions[1].keyword.as_str(), read.instructions[1].is_onbuild), ("ONBUILD", false));
    assert!(super::read(b"ONBUILD FROM a").stages.is_empty());
}

#[test]
fn heredocs_belong_to_their_instruction() {
    let file = "RUN <<A cat > x && 3<<-'B b' cat\na\n\tA\nA\n  # c\n\tUSER d\n\t\tB b\r\nUSER e\n";
    let read = read(file.as_bytes());
    assert_eq!(keywords(file), ["RUN", "USER"]);
    let run = &read.instructions[0];
    let bodies: Vec<&str> = run.heredocs.iter().map(|heredoc| &file[heredoc.body.range()]).collect();
    assert_eq!(bodies, ["a\n\tA\n", "  # c\n\tUSER d\n"]);
    let openers: Vec<&str> = run.heredocs.iter().map(|heredoc| said(file, run, heredoc.opener)).collect();
    assert_eq!(openers, ["<<A", "3<<-'B b'"]);
    let looks = |heredoc: &Heredoc| (heredoc.is_literal, heredoc.is_indented, heredoc.is_closed);
    assert_eq!(run.heredocs.iter().map(looks).collect::<Vec<_>>(), [(false, false, true), (true, true, true)]);
    assert!(file[run.span.range()].ends_with("\t\tB b"));
}

#[test]
fn heredocs_are_told_from_what_looks_like_them() {
    assert_eq!(keywords("COPY << E /a\nUSER b\nE\nADD <<\"E\" /a\nUSER\nE\n"), ["COPY", "ADD"]);
    for line in ["RUN a<<E", "RUN cat <<<E", "RUN \"<<E\"", "USER <<E", "RUN a <<", "CMD <<E", "RUN a <<-"] {
        assert_eq!(keywords(&format!("{line}\nUSER b\nE"))[1..], ["USER", "E"], "{line}");
    }
    assert_eq!(keywords("RUN [\"<<E\"]\nUSER b\n"), ["RUN", "USER"]);
}

#[test]
fn a_heredoc_without_end_goes_on_to_the_end() {
    for file in ["RUN <<E\na\n", "RUN <<E <<F\na", "RUN <<E", "RUN <<E\n"] {
        let run = only(file);
        assert!(!run.heredocs[0].is_closed);
        assert_eq!(run.heredocs[0].body.end, file.len(), "{file:?}");
        assert!(run.span.end >= run.heredocs[run.heredocs.len() - 1].body.end, "{file:?}");
    }
}

#[test]
fn what_says_nothing_is_no_instruction() {
    for file in ["", "\n", "# a", "\\", " \\\n\n", "\\\n  \\\n \n", "\u{feff}"] {
        assert_eq!(keywords(file), [""; 0], "{file:?}");
    }
    assert_eq!(keywords("RU\\\nN a"), ["RUN"]);
    assert_eq!(read(b"\xff\xfe \xff=\xfe\nENV \xff=\xfe").instructions.len(), 2);
}

#[test]
fn large_input_is_read_in_one_go() {
    let lines = [
        "\\",
        "RUN a \\\n",
        "RUN <<E\n",
        "RUN <<E <<E ",
        "ENV a=\"",
        "\"",
        "ONBUILD ",
        "#\n",
        "[",
        "--a ",
        "a=b,",
        "\\\n",
        "# escape=`\n",
        "FROM a\n",
    ];
    for line in lines {
        for head in ["", "ENV ", "RUN ", "CMD [\"a\",", "RUN --mount="] {
            let file = format!("{head}{}", line.repeat(1_000_000 / line.len()));
            for instruction in read(file.as_bytes()).instructions {
                assert!(instruction.span.end <= file.len());
            }
        }
    }
}

/// Files in which most things happen.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "RUN ",
        "ENV ",
        "FROM ",
        "ONBUILD ",
        "CMD ",
        "ARG ",
        "COPY ",
        "HEALTHCHECK ",
        "--m=t=s,i=k ",
        "<<E ",
        "<<-'E' ",
        "E\n",
        "\tE\r\n",
        "[\"",
        "\", \"",
        "\"]",
        "\\\n",
        "\\",
        "`",
        "# escape=`\n",
        "# c\n",
        "\n",
        " ",
        "a",
        "=",
        "\"",
        "'",
        " AS b",
        "\u{e9}",
        "\u{feff}",
        ",",
    ]);
    let bytes = prop_oneof![
        9 => piece.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(bytes, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn everything_stands_where_it_is_said_to(file in files()) {
        let read = read(&file);
        let mut end = 0;
        for instruction in &read.instructions {
            prop_assert!(end <= instruction.span.start && instruction.span.start < instruction.span.end);
            end = instruction.span.end;
            prop_assert!(end <= file.len());
            let pairs = instruction.flags.iter().chain(&instruction.pairs);
            let parts = pairs.flat_map(|pair| [Some(pair.name), pair.value]).flatten();
            for part in parts.chain(instruction.words.iter().copied()).chain([instruction.arguments]) {
                let span = instruction.span_of(part);
                prop_assert!(span.start <= span.end);
                prop_assert!(instruction.span.start <= span.start && span.end <= instruction.span.end);
                let pieces: Vec<u8> = instruction.pieces(part).flat_map(|piece| file[piece.range()].to_vec()).collect();
                prop_assert_eq!(&pieces, instruction.text(part));
            }
            prop_assert!(instruction.words.is_sorted_by(|a, b| a.end <= b.start));
            let mut start = instruction.span.start;
            for heredoc in &instruction.heredocs {
                prop_assert!(start <= heredoc.body.start && heredoc.body.start <= heredoc.body.end);
                start = heredoc.body.end;
            }
            prop_assert!(start <= end);
        }
        for stage in &read.stages {
            prop_assert_eq!(read.instructions[stage.from].keyword.as_str(), "FROM");
        }
    }
}
