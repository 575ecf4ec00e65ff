#!/usr/bin/env bash
# The first step of the action: find keylint, tell from the event what to look at, look at it and write all reports.
# Ends with 0 if the scan took place, whatever it found: its exit code is an output.
#
# Reads INPUT_* (see action.yml) and GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, GITHUB_WORKSPACE, GITHUB_ACTION_PATH,
# GITHUB_OUTPUT, GITHUB_STEP_SUMMARY. It runs anywhere these are set.
set -euo pipefail

# A runner reads two streams in no order, and the order is what stop-commands lives from.
exec 2>&1

# shellcheck source=action/repository.sh
. "$GITHUB_ACTION_PATH/action/repository.sh"

fail() {
    # What a caller may be capturing is standard output.
    annotate error "$1" >&2
    output exit-code 2
    summarize '## keylint: the scan could not be done\n\n    %s\n' "${1//[$'\r\n']/ }" || true
    exit 2
}

annotate() {
    local what=${2//%/%25}
    what=${what//$'\r'/%0D}
    echo "::$1 title=keylint::${what//$'\n'/%0A}"
}

# Adds to the summary, if there is to be one, what printf makes of the arguments.
summarize() {
    if [ "${INPUT_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        # shellcheck disable=SC2059 # the callers' formats are fixed
        printf "$@" >>"$GITHUB_STEP_SUMMARY"
    fi
}

output() {
    echo "$1=$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# What stands in a JSON file at a path of names: a string as it is, the length of an array, empty for anything else.
# The working directory is what somebody wants looked at, so Python must not import from it (-I).
value() {
    if command -v jq >/dev/null; then
        # shellcheck disable=SC2016 # $names is jq's
        jq --raw-output --slurp --arg names "$2" '
            if length == 1 and (.[0] | type) == "object" then .[0] else error("not one object") end
            | (try getpath($names | split(".")) catch null)
            | if type == "string" then . elif type == "array" then length else "" end' "$1" 2>/dev/null | tr -d '\r'
    else
        python3 -I - "$1" "$2" 2>/dev/null <<'PY'
import json, sys
path, names = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    value = json.load(file)
if not isinstance(value, dict):
    sys.exit(1)
for name in names.split("."):
    value = value.get(name) if isinstance(value, dict) else None
print(len(value) if isinstance(value, list) else value if isinstance(value, str) else "")
PY
    fi
}

# What the event says.
event() {
    value "$GITHUB_EVENT_PATH" "$1"
}

# What the event says is a commit, which must be there. It goes into a command: it is hex or it is refused.
commit() {
    local id
    id=$(event "$1") || fail "the event file is no JSON object: $GITHUB_EVENT_PATH"
    [[ $id =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || fail "the event has no commit in $1: is this action run for a ${GITHUB_EVENT_NAME}?"
    echo "$id"
}

sha256() {
    # macOS has the one, Linux and Windows the other.
    if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum --algorithm 256 <"$1"; fi | cut -d' ' -f1
}

# Puts keylint on PATH: one that is there, a released one whose checksum is known, or one built from this action.
install() {
    command -v keylint >/dev/null && return
    local table=$GITHUB_ACTION_PATH/action/checksums.txt name sum url bin=${RUNNER_TEMP:-/tmp}/keylint-bin
    name="keylint-$(uname -s)-$(uname -m).tar.gz"
    mkdir -p "$bin"
    read -r sum url < <(awk -v name="$name" '$2 == name { print $1, $3 }' "$table") || true
    if [ -n "${url:-}" ]; then
        curl --fail --silent --show-error --location --output "$bin/$name" "$url" || fail "$url cannot be had"
        [ "$(sha256 "$bin/$name")" = "$sum" ] || fail "$name is not what was released: its checksum differs"
        tar -xzf "$bin/$name" -C "$bin" keylint
    elif command -v cargo >/dev/null; then
        # From here: a rust-toolchain.toml where we stand could name any program as the compiler.
        (cd "$GITHUB_ACTION_PATH" && cargo install --quiet --locked --path . --root "$bin/built") || fail "keylint could not be built"
        bin=$bin/built/bin
    else
        fail "there is no keylint on PATH, no released one for this machine, and no cargo to build it"
    fi
    # A drive's colon would part the path in two.
    if command -v cygpath >/dev/null; then bin=$(cygpath --unix "$bin"); fi
    export PATH="$bin:$PATH"
}

# Sets `arguments` and `range` from what happened, and whether that is the `whole` repository.
choose() {
    range="" whole=false
    case "$mode" in
        history) arguments=() ;;
        worktree) arguments=(--no-history) ;;
        range)
            [ -n "${INPUT_BASE:-}" ] || fail "mode range needs the input base"
            named "$INPUT_BASE"
            named "${INPUT_HEAD:-HEAD}"
            compare "$INPUT_BASE" .. "${INPUT_HEAD:-HEAD}"
            ;;
        auto) choose_by_event ;;
        *) fail "mode is auto, range, history or worktree, not $mode" ;;
    esac
    if [ -n "$range" ]; then
        arguments=("--range=$range")
    elif [ "$mode" != worktree ]; then
        if shallow; then fail "this checkout is shallow, so that most of the history is not here; $mend"; fi
        whole=true
    fi
}

choose_by_event() {
    arguments=()
    local before after
    case "${GITHUB_EVENT_NAME:-}" in
        pull_request | pull_request_target)
            before=$(commit pull_request.base.sha)
            after=$(commit pull_request.head.sha)
            need "$before"
            # No checkout of the base brings what is in a fork.
            need "$after" "add a step before this one  git fetch origin $after"
            compare "$before" ... "$after"
            ;;
        merge_group)
            before=$(commit merge_group.base_sha)
            after=$(commit merge_group.head_sha)
            need "$before"
            need "$after"
            compare "$before" .. "$after"
            ;;
        push)
            before=$(commit before)
            after=$(commit after)
            choose_by_push "$before" "$after"
            ;;
        "") fail "GITHUB_EVENT_NAME is not set: name a mode other than auto" ;;
        *) ;;
    esac
}

# A branch that is new, or was overwritten, has nothing it can be compared with but the default branch.
choose_by_push() {
    local before=$1 after=$2 default ref
    if [[ $after =~ ^0+$ ]]; then
        echo "a branch was deleted: there is nothing to look at"
        output exit-code 0
        output findings 0
        exit 0
    fi
    need "$after"
    if [[ ! $before =~ ^0+$ ]] && has "$before"; then
        compare "$before" .. "$after"
        return
    fi
    default=$(event repository.default_branch)
    ref=$(event ref)
    [ -n "$default" ] || fail "the event has no repository.default_branch, with which a new branch is compared"
    [ -n "$ref" ] || fail "the event has no ref: what was pushed?"
    if [ "$ref" != "refs/heads/$default" ] && has "refs/remotes/origin/$default"; then
        echo "what was pushed before is not known: looking at what $default does not have"
        compare "refs/remotes/origin/$default" ... "$after"
    else
        echo "what was pushed before is not known: looking at everything"
    fi
}

# What is given from the workspace, or from the root.
place() {
    case "$1" in
        /* | [A-Za-z]:[/\\]*) echo "$1" ;;
        . | "") echo "$workspace" ;;
        *) echo "$workspace/$1" ;;
    esac
}

# Sets `target`, where the SARIF file goes.
aim() {
    target=$(place "$sarif")
    local folder=${target%[/\\]*}/
    if linked "$folder"; then fail "a symbolic link leads to ${sarif}: name the place itself"; fi
    [ -d "$folder" ] || fail "the SARIF file cannot be written: there is no directory for $sarif"
    if [ -d "$target" ] && [ ! -L "$target" ]; then fail "the SARIF file cannot be written: $sarif is a directory"; fi
}

# What an input says ends up in commands and in lines of the outputs: it is one line and no option, or it is refused.
check_inputs() {
    local name input
    for name in PATH MODE BASE HEAD CONFIG ALLOW_SUPPRESSIONS SARIF_FILE ANNOTATIONS SUMMARY; do
        input=INPUT_$name
        case "${!input:-}" in
            *$'\n'* | *$'\r'*) fail "an input has more than one line: $input" ;;
            -*) fail "an input begins with a dash: $input" ;;
        esac
    done
    for name in ALLOW_SUPPRESSIONS ANNOTATIONS SUMMARY; do
        input=INPUT_$name
        [[ ${!input:-true} =~ ^(true|false)$ ]] || fail "$input is true or false, not ${!input}"
    done
    [[ ${INPUT_LINT:-default} =~ ^(default|strict|none)$ ]] || fail "INPUT_LINT is default, strict or none, not $INPUT_LINT"
    if [ "$mode" != range ] && [ -n "${INPUT_BASE:-}${INPUT_HEAD:-}" ]; then
        fail "the inputs base and head are for mode range, and the mode is $mode"
    fi
}

# Shows a file that may hold what the scanned repository says, in which nothing is a command to the runner.
show() {
    if [ ! -s "$1" ]; then return; fi
    printf '::stop-commands::%s\n%s\n::%s::\n' "$token" "$(<"$1")" "$token"
}

# Sets `code`. What keylint has to say is in the files told and said.
look() {
    code=0
    (cd "$path" && keylint scan "${common[@]}" "$@") >"$scratch/told" 2>"$scratch/said" || code=$?
    if [ "$code" = 2 ]; then fail "the scan could not be done: $(<"$scratch/said")"; fi
    show "$scratch/said"
    case "$code" in
        0 | 1 | 3) ;;
        *) fail "keylint came to no end: it stopped with code $code" ;;
    esac
}

# How many there are in the list $2 of the report $1.
count() {
    local number
    number=$(value "$scratch/$1" "$2") || number=""
    [ -n "$number" ] || fail "keylint has written no report"
    echo "$number"
}

without() {
    sarif=""
    annotate warning "no SARIF is written: $1"
    summarize '> [!WARNING]\n> No SARIF is written: %s\n\n' "$1" || fail "the summary cannot be written"
}

# No SARIF goes to a branch unless the report $1 is of everything.
keep_if_whole() {
    local problems
    problems=$(count "$1" problems)
    if [ "$problems" != 0 ]; then without "code scanning would take for mended what could not be read ($problems)"; fi
}

mode=${INPUT_MODE:-auto}
workspace=${GITHUB_WORKSPACE:-$PWD}
check_inputs
path=$(place "${INPUT_PATH:-.}")
[ -d "$path" ] || fail "there is no directory ${INPUT_PATH}"
if linked "$path"; then fail "a symbolic link leads to ${INPUT_PATH}: name the directory itself"; fi
discover
sarif=${INPUT_SARIF_FILE:-}
if [ -n "$sarif" ]; then aim; fi
if [ "$mode" != worktree ]; then
    why=$(git -C "$path" rev-parse --git-dir 2>&1) || fail "${INPUT_PATH:-.} is no git repository: has actions/checkout been run? git says: $why"
fi
if [ "$mode" = auto ] && [ -n "${GITHUB_EVENT_NAME:-}" ] && [ ! -r "${GITHUB_EVENT_PATH:-}" ]; then
    fail "the event file cannot be read: ${GITHUB_EVENT_PATH:-GITHUB_EVENT_PATH is not set}"
fi
if ! command -v jq >/dev/null && ! command -v python3 >/dev/null; then
    fail "neither jq nor python3 is here, to read the event and the report"
fi
choose
install
version=$(keylint --version) || fail "the keylint on PATH does not run: $(command -v keylint)"
output version "${version#* }"
output range "$range"

# RUNNER_TEMP is a path that programs on Windows know, too.
scratch=$(mktemp -d "${RUNNER_TEMP:-/tmp}/keylint.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
[ ${#token} = 32 ] || fail "there is nothing random to be had"
common=(--no-progress)
if [ -n "${INPUT_CONFIG:-}" ]; then common+=("--config=$(place "$INPUT_CONFIG")"); fi
if [ "${INPUT_ALLOW_SUPPRESSIONS:-true}" = false ]; then common+=(--no-repo-config --no-inline-allow); fi
case "${INPUT_LINT:-default}" in
    strict) common+=(--strict) ;;
    none) common+=(--no-lint) ;;
esac

# Code scanning takes for mended what the last upload for a branch does not hold. So what goes there holds everything,
# by a second scan where need be. The verdict is about what was asked for. Pull requests and merge groups have a ref of
# their own, but not a pull_request_target.
case "$whole:${GITHUB_EVENT_NAME:-}" in
    *:pull_request | *:merge_group | *:) upload=part ;;
    true:*) upload=same ;;
    *) upload=second ;;
esac
if [ -z "$sarif" ]; then
    upload=none
elif [ "$upload:${GITHUB_EVENT_NAME:-}" = second:pull_request_target ]; then
    without "it would go to the branch that the pull request is for"
elif [ "$upload" = second ] && shallow; then
    without "code scanning would take for mended what it lacks, and this checkout is shallow; $mend"
elif [ "$upload" = second ]; then
    look --quiet "--report=json=$scratch/whole.json" "--report=sarif=$scratch/keylint.sarif"
    keep_if_whole whole.json
else
    arguments+=("--report=sarif=$scratch/keylint.sarif")
fi

format=human
if [ "${INPUT_ANNOTATIONS:-true}" = true ]; then format=github; fi
arguments+=("--report=json=$scratch/report.json" "--report=markdown=$scratch/summary.md")
look "--format=$format" "${arguments[@]}"
if [ "$format" = github ]; then cat "$scratch/told"; else show "$scratch/told"; fi
keys=$(count report.json findings)
practices=$(count report.json hygiene)
findings=$((keys + practices))
summary=$(cat "$scratch/summary.md") || fail "keylint has written no summary"
summarize '%s\n\n' "$summary" || fail "the summary cannot be written"

if [ "$upload" = same ]; then keep_if_whole report.json; fi
if [ -n "$sarif" ]; then
    # Only now: what the checkout has there is scanned, too. If it is a link it goes, and is not followed.
    { rm -f "$target" && mv "$scratch/keylint.sarif" "$target"; } || fail "the SARIF file cannot be written: $sarif"
fi
output exit-code "$code"
output findings "$findings"
output sarif-file "$sarif"
output checkout "$path"
