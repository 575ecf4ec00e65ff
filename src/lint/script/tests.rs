//! What is read of scripts. Must not know what lints make of it.

use super::*;
use proptest::prelude::*;

/// Each command, as its words; what is put in is marked, and so is where the output goes.
fn outline(text: &str) -> Vec<String> {
    let commands = read(text);
    let of = |command: &Command| {
        let words: Vec<&str> = command.words.iter().map(|word| &text[word.clone()]).collect();
        let mut line = words.join(" ");
        let mut add = |mark: &str, place: &Range<usize>| line.push_str(&format!(" {mark}{}", &text[place.clone()]));
        command.outputs.iter().for_each(|output| add("> ", output));
        command.references.iter().filter(|reference| reference.is_whole).for_each(|found| add("+", &found.name));
        command.references.iter().filter(|reference| !reference.is_whole).for_each(|found| add("-", &found.name));
        if command.has_input {
            line.push_str(" <");
        }
        if command.is_captured {
            line.push_str(" $");
        }
        line
    };
    commands.iter().filter(|command| !command.words.is_empty()).map(of).collect()
}

#[test]
fn commands_end_where_shells_end_them() {
    assert_eq!(outline("a b; c && d || e\nf & g # h\ni \\\n  j"), ["a b", "c", "d", "e", "f", "g", "i j"]);
    assert_eq!(outline("echo 'a; b' \"c\nd\" e\\;f"), ["echo 'a; b' \"c\nd\" e\\;f"]);
    assert_eq!(outline("a#b #c\n#d\ne"), ["a#b", "e"]);
}

#[test]
fn what_is_put_in_is_found_where_it_stands() {
    assert_eq!(outline("echo $A \"${B} x\" '$C' \\$D"), ["echo $A \"${B} x\" '$C' \\$D +A +B"]);
    assert_eq!(
        outline("echo ${#A} ${B:0:4} ${C:+x} ${D:-x} ${E}"),
        ["echo ${#A} ${B:0:4} ${C:+x} ${D:-x} ${E} +D +E -A -B -C"]
    );
    assert_eq!(
        outline("echo '${{ secrets.A }}' ${{env.B}} ${{ secrets['C'] }}"),
        ["echo '${{ secrets.A }}' ${{env.B}} ${{ secrets['C'] }} +A +B +C"]
    );
    assert_eq!(
        outline("echo ${{ secrets.A != '' }} $env:B %C% $(D) $(date)"),
        ["echo ${{ secrets.A != '' }} $env:B %C% $(D) $(date) +B +C +D", "date $",]
    );
}

#[test]
fn it_is_known_where_output_goes() {
    assert_eq!(outline("echo $A >> \"$F\" 2>&1"), ["echo $A > \"$F\" +A +F"]);
    assert_eq!(outline("echo $A 2>e >&2 &>f"), ["echo $A > f +A"]);
    assert_eq!(
        outline("x=$(echo $A | base64) y=`echo $B`"),
        ["x=$(echo $A | base64) y=`echo $B`", "echo $A +A $", "base64 $", "echo $B +B $",]
    );
    assert_eq!(outline("{ echo $A; echo b; } > f\necho c"), ["{ echo $A > f +A", "echo b > f", "} > f", "echo c"]);
    assert_eq!(outline("for i in a; do echo $A; done > f"), ["for i in a", "do echo $A > f +A", "done > f"]);
    assert_eq!(
        outline("(echo $A) > f; f() { echo $B; }"),
        ["( echo $A > f +A", ") > f", "f (", ") { echo $B +B", "}",]
    );
    let commands = read("echo a | cat | tee f");
    assert_eq!(commands.iter().map(|command| command.into).collect::<Vec<_>>(), [Some(1), Some(2), None]);
}

#[test]
fn texts_that_follow_belong_to_their_command() {
    assert_eq!(outline("cat <<EOF > f\necho $A\n\\$B\nEOF\necho c"), ["cat > f +A <", "echo c"]);
    assert_eq!(outline("cat <<-'EOF'\n$A ${{ secrets.B }}\n  EOF\nd <<< \"$C\""), ["cat +B <", "d +C <"]);
}

#[test]
fn what_is_run_is_told_from_what_stands_before() {
    let call = |text: &'static str| read(text)[0].call(text).map(|(name, words)| (name, words.len()));
    assert_eq!(call("if ! sudo -E A=b /bin/echo x y"), Some(("echo", 2)));
    assert_eq!(call("A=b C=d"), None);
    assert_eq!(call("\"echo\" x"), Some(("echo", 1)));
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([ -~\n\u{e9}]|\\$\\{\\{|\\}\\}|\\$\\(|<<EOF\n|EOF\n|`|\"|')*") {
        for command in read(&text) {
            let places = command.words.iter().chain(&command.outputs);
            let references = command.references.iter().flat_map(|found| [&found.place, &found.name]);
            for place in places.chain(references) {
                prop_assert!(text.get(place.clone()).is_some());
            }
        }
    }
}

#[test]
fn time_grows_with_the_text() {
    for part in
        ["$(", "`", "{ ", "{ a; } > f\n", "(", "${{", "'", "\"$(", "<<A\n", "a | ", "${A", "cat <<A <<B\n", "%A"]
    {
        let start = std::time::Instant::now();
        read(&part.repeat(200_000));
        assert!(start.elapsed().as_secs() < 5, "{part} took {:?}", start.elapsed());
    }
}
