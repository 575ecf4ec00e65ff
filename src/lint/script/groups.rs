//! Where the output of commands goes that are run as a group: `{ …; } >> file`, `for …; do …; done | tee`. Must not know
//! how commands are written.

use super::{BEFORE, Command};

/// Groups within more groups than this are left alone.
const DEEPEST: usize = 32;

/// Gives each command of a group the outputs of the group, unless it has its own.
pub(super) fn settle(text: &str, commands: &mut [Command]) {
    let mut open = Vec::new();
    for at in 0..commands.len() {
        let mut begins = true;
        for word in 0..commands[at].words.len() {
            match &text[commands[at].words[word].clone()] {
                "{" | "do" if begins => open.push(at),
                // Also behind the name of a function, so that its fellow finds it.
                "(" => open.push(at),
                "}" | ")" | "done" if begins => {
                    if let Some(start) = open.pop().filter(|_| open.len() < DEEPEST) {
                        spread(&mut commands[start..=at]);
                    }
                }
                other => begins &= BEFORE.contains(&other),
            }
        }
    }
}

/// What the last of these commands has, the others take over.
fn spread(group: &mut [Command]) {
    let Some((last, rest)) = group.split_last_mut() else { return };
    if last.outputs.is_empty() && last.into.is_none() {
        return;
    }
    let is_free = |command: &&mut Command| {
        command.outputs.is_empty() && command.into.is_none() && command.is_captured == last.is_captured
    };
    for command in rest.iter_mut().filter(is_free) {
        command.outputs.clone_from(&last.outputs);
        command.into = last.into;
    }
}
