# shellcheck shell=bash disable=SC2154
# What scan.sh asks of the repository. It may hold anything, and nothing of it is run.
#
# Reads `path` and `workspace` and calls `fail`, all of which are scan.sh's.

# Runs nothing that the configuration of a repository names, fetches nothing and asks nobody. No configuration overrides
# GIT_ALLOW_PROTOCOL, which also holds for a git that is too old for GIT_NO_LAZY_FETCH.
git() {
    env GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1 GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 \
        git --no-pager -c safe.bareRepository=explicit -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"
}

# Sets `repository`: whether `path` lies in one. A directory with the right names in it is a bare repository, and all of
# it can be committed, its configuration too: git would follow that, and nobody would look at the files.
discover() {
    local at
    at=$(cd "$path" && pwd -P)
    repository=true
    until [ -e "$at/.git" ]; do
        if { [ -e "$at/HEAD" ] || [ -L "$at/HEAD" ]; } && { [ -e "$at/objects" ] || [ -e "$at/commondir" ]; }; then
            fail "$at is a bare repository, which anybody can commit: name a checkout"
        fi
        if [ -z "$at" ]; then
            repository=false
            return
        fi
        at=${at%/*}
    done
}

# Whether a link leads from the workspace to the directory $1: whoever wrote the checkout chose where it goes.
linked() {
    local at=$workspace name
    case "$1" in
        "$workspace"[/\\]*) ;;
        *) return 1 ;;
    esac
    name=${1#"$workspace"}
    while IFS= read -r -d / name; do
        at=$at/$name
        if [ -L "$at" ]; then return 0; fi
    done <<<"${name//\\//}/"
    return 1
}

has() {
    git -C "$path" cat-file -e "$1^{commit}" 2>/dev/null
}

# The one line that mends a checkout is what people need to read.
mend="give actions/checkout the input  fetch-depth: 0"

shallow() {
    if [ "$repository" = false ]; then return 1; fi
    # A git that does not know the question repeats it.
    case "$(git -C "$path" rev-parse --is-shallow-repository 2>&1)" in
        true) ;;
        false) return 1 ;;
        *) fail "this git cannot tell whether the checkout is shallow: it is older than 2.15, or refuses to look at it" ;;
    esac
}

# Ends unless the commit $1 is here; $2 mends it where the depth of the checkout is not to blame.
need() {
    if has "$1"; then return; fi
    if shallow; then fail "commit $1 is not in this checkout, which is shallow; $mend"; fi
    fail "commit $1 is not in this checkout${2:+; $2}"
}

# Ends unless what somebody calls $1 is here, and is one thing: a tag called origin/main goes before the branch.
named() {
    need "$1" "name a commit, or a branch as origin/NAME"
    local doubt
    doubt=$(git -C "$path" -c core.warnAmbiguousRefs=true rev-parse --verify "$1^{commit}" 2>&1 >/dev/null) || true
    [ -z "$doubt" ] || fail "it is not clear which commit $1 is: name it by its id. git says: $doubt"
}

# Sets `range`, from $1 to $3 with the dots of $2, unless commits of it are not here: git takes the first commit that a
# shallow checkout has for one without parents, so that what lies before it would seem to be no part of the range.
compare() {
    range=$1$2$3
    if ! shallow; then return; fi
    local commits folder ends
    if [ "$2" = ... ] && ! git -C "$path" merge-base "$1" "$3" >/dev/null 2>&1; then
        fail "where $3 parted from $1 is not in this checkout, which is shallow; $mend"
    fi
    commits=$(git -C "$path" rev-list "$3" --not "$1" --) || fail "the commits of $range cannot be listed"
    ends=$(cd "$path" && folder=$(git rev-parse --git-common-dir) && cat "$folder/shallow") || fail "where this checkout ends is not known; $mend"
    if [ -n "$commits" ] && grep -qxF "$ends" <<<"$commits"; then
        fail "not all commits of $range are in this checkout, which is shallow; $mend"
    fi
}
