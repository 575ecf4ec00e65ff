#!/usr/bin/env python3
"""Time keylint against its yardsticks on real repositories and keep the figures.

usage: bench/run.py [NAME=]REPO... [--runs N] [--work LIST] [--keylint PATH] [--out DIR] [--no-rivals]

Two programs are always timed in turns (A B A B ...) after a warm-up each, so that a machine that slows
down slows both, and every ratio is taken within one pair. The figures are printed and appended as
Markdown to DIR/DATE-HOST.md. What each of them means is told in bench/README.md.

It must not: use the network (validation off, lazy fetching off, proxies pointed at nothing), write into
a repository it measures, show a finding, or put a host name or a path of this machine into the results.
Standard library only; Linux, or macOS with Python 3.13.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import json
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024
LITERAL = "T3BlbkFJ"
WORKS = ("startup", "staged", "history", "memory", "worktree", "rivals")

HISTORY_GOAL_CLEAN = 1.3
HISTORY_GOAL_FOUND = 2.5
WORKTREE_GOAL = 1.5
MEMORY_GOAL_MIB = 200
STAGED_FILES = 10_000
STAGED_GOAL = 0.010

# Clean, findings, incomplete: the scan took place. Two is an error.
KEYLINT_OK = frozenset({0, 1, 3})

STARTUP_RUNS = 20
RIVAL_RUNS = 3
RIVAL_LIMIT = 600.0
LIMIT = 3600.0


# ---------------------------------------------------------------------------------------------------
# Running one program


class Failed(Exception):
    """A measurement that did not come to be. The message goes into the results: no paths in it."""


@dataclass(frozen=True)
class Command:
    """A program to time: how it is called, and which exit codes mean that it did its work."""

    name: str
    argv: Sequence[str]
    ok: frozenset[int] = frozenset({0})
    limit: float = LIMIT


@dataclass(frozen=True)
class Run:
    """What one run took. CPU and memory include the children that the program waited for."""

    wall: float
    cpu: float
    rss: float
    code: int


@dataclass
class Lab:
    """What every measurement needs: the tools, a scratch folder, and a place for remarks."""

    keylint: Path
    floor: Path | None
    scratch: Path
    runs: int
    works: frozenset[str]
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep a remark for the section being written, once."""
        if text not in self.notes:
            self.notes.append(text)

    def run(self, command: Command) -> Run:
        """Run a command once; a bad exit code or a passed time limit is a `Failed`."""
        errors = self.scratch / "stderr"
        with errors.open("wb") as err:
            env = environment() | {"XDG_CACHE_HOME": str(self.scratch / "cache")}
            run, late = spawn(command, self.scratch / "empty", err, env)
        if late:
            raise Failed(f"{command.name} was stopped after {command.limit:.0f} s")
        if run.code not in command.ok:
            show_last_line(command.name, errors)
            raise Failed(f"{command.name} left exit code {run.code}")
        if run.code == 3:
            self.note(f"{command.name} reported an incomplete scan (exit code 3)")
        return run


def spawn(command: Command, cwd: Path, err, env: dict[str, str]) -> tuple[Run, bool]:
    """Start, wait, measure. The second value says whether the time limit ended it."""
    start = time.perf_counter()
    child = subprocess.Popen(
        command.argv, cwd=cwd, env=env, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
    )
    late = threading.Event()
    timer = threading.Timer(command.limit, stop, (child.pid, late))
    timer.start()
    try:
        # WNOWAIT leaves the process id taken, so that the timer cannot hit a stranger.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        wall = time.perf_counter() - start
    except BaseException:
        stop(child.pid, late)
        raise
    finally:
        timer.cancel()
        timer.join()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    rss = used.ru_maxrss * rss_unit() / MIB
    return Run(wall, used.ru_utime + used.ru_stime, rss, child.returncode), late.is_set()


def stop(group: int, late: threading.Event) -> None:
    """End a child that we started, with what it started."""
    late.set()
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def rss_unit() -> int:
    """`ru_maxrss` is in KiB, except on macOS."""
    return 1 if sys.platform == "darwin" else 1024


def own_rss() -> float:
    """Our own peak in MiB. A child is born in our memory, so no child can be seen below it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * rss_unit() / MIB


def environment() -> dict[str, str]:
    """The caller's environment without what would steer a tool, and with the network closed."""
    steering = ("GIT_", "GITLEAKS_", "BETTERLEAKS_", "TRUFFLEHOG_", "KF_", "KINGFISHER_", "KEYLINT_", "RIPGREP_")
    env = {key: value for key, value in os.environ.items() if not key.startswith(steering)}
    nowhere = "http://127.0.0.1:9"
    env |= {key: nowhere for key in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}
    env |= {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    return env | {"NO_COLOR": "1", "LC_ALL": "C"}


def show_last_line(name: str, errors: Path) -> None:
    """Show the end of a failed program's messages on the terminal; they never reach the results."""
    lines = errors.read_text(errors="replace").strip().splitlines()
    print(f"bench: {name}: {lines[-1] if lines else 'no message'}", file=sys.stderr)


def text_of(argv: Sequence[str], both: bool = False, ok: frozenset[int] = frozenset({0})) -> str | None:
    """What a command prints, or None when it is missing or fails."""
    err = subprocess.STDOUT if both else subprocess.DEVNULL
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, env=environment(), timeout=600
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode in ok else None


# ---------------------------------------------------------------------------------------------------
# Comparing two


@dataclass(frozen=True)
class Pairs:
    """Two programs timed in turns."""

    ours: list[Run]
    theirs: list[Run]

    def ratios(self) -> list[float]:
        """Our wall time over theirs, pair by pair."""
        return [a.wall / b.wall for a, b in zip(self.ours, self.theirs)]


def in_turns(lab: Lab, ours: Command, theirs: Command, runs: int) -> Pairs:
    """One uncounted run of each, then `runs` pairs."""
    lab.run(ours)
    lab.run(theirs)
    pairs = Pairs([], [])
    for _ in range(runs):
        pairs.ours.append(lab.run(ours))
        pairs.theirs.append(lab.run(theirs))
    return pairs


def median(runs: Iterable[Run], of: Callable[[Run], float] = lambda run: run.wall) -> float:
    """The median of one figure over some runs."""
    return statistics.median(map(of, runs))


def peak(runs: Iterable[Run]) -> float:
    """The largest memory of some runs."""
    return max(run.rss for run in runs)


# ---------------------------------------------------------------------------------------------------
# What is measured


@dataclass(frozen=True)
class Repo:
    """A repository under measurement, and what there is to say about its size."""

    name: str
    path: Path
    git_dir: Path
    packs: Path
    worktree: Path | None
    commits: str
    objects: int
    loose: int
    pack_mib: float


def open_repo(argument: str, lab: Lab) -> Repo:
    """Look at one `[NAME=]REPO` argument."""
    name, path = split_name(argument)
    git_dir = text_of(["git", "-C", str(path), "rev-parse", "--absolute-git-dir"])
    common = text_of(["git", "-C", str(path), "rev-parse", "--git-common-dir"])
    objects = text_of(["git", "-C", str(path), "rev-parse", "--git-path", "objects"])
    if git_dir is None or common is None or objects is None:
        raise Failed("not a git repository")
    store = (path / objects).resolve()
    if (store / "info" / "alternates").exists():
        lab.note("borrows objects from another store, which the floor does not read")
    counts = count_objects(path)
    packs = store / "pack"
    return Repo(
        name, path, (path / common).resolve(), packs, worktree_of(path),
        text_of(["git", "-C", str(path), "rev-list", "--count", "--all"]) or "?",
        counts.get("in-pack", 0), counts.get("count", 0),
        sum(pack.stat().st_size for pack in packs.glob("*.pack")) / MIB,
    )


def split_name(argument: str) -> tuple[str, Path]:
    """`NAME=PATH`, or a path that is named by its last telling part."""
    name, equals, path = argument.partition("=")
    if equals and not Path(argument).exists():
        return name, Path(path).resolve()
    whole = Path(argument).resolve()
    telling = [part for part in whole.parts[1:] if part not in (".git", "repo")]
    return (telling[-1] if telling else "repository"), whole


def worktree_of(path: Path) -> Path | None:
    """The top of the work tree, unless the repository is bare."""
    inside = text_of(["git", "-C", str(path), "rev-parse", "--is-inside-work-tree"])
    top = text_of(["git", "-C", str(path), "rev-parse", "--show-toplevel"]) if inside == "true" else None
    return Path(top) if top else None


def count_objects(path: Path) -> dict[str, int]:
    """`git count-objects -v` as numbers."""
    lines = (text_of(["git", "-C", str(path), "count-objects", "-v"]) or "").splitlines()
    return {key: int(value) for key, _, value in (line.partition(": ") for line in lines) if value.isdigit()}


def count_findings(lab: Lab, repo: Repo) -> int | None:
    """How many findings a history scan reports, or None when it does not say."""
    asked = ["--history-only", "--no-progress", "--exit-zero", "--format", "json"]
    argv = [str(lab.keylint), "scan", *asked, str(repo.path)]
    report = text_of(argv, ok=KEYLINT_OK)
    try:
        findings = json.loads(report or "")["findings"]
    except (ValueError, KeyError, TypeError):
        lab.note("keylint's JSON report could not be read: number of findings unknown")
        return None
    return len(findings) if isinstance(findings, list) else None


# ---------------------------------------------------------------------------------------------------
# The measurements. Each gives one row: work, keylint, yardstick, ratio, goal, verdict.

Row = list[str]
WORK_HEAD = ["work", "keylint", "yardstick", "ratio (min–max)", "goal", "verdict"]


def keylint_scan(lab: Lab, *arguments: str) -> Command:
    """A quiet keylint scan."""
    argv = [str(lab.keylint), "scan", *arguments, "--no-progress", "--quiet", "--exit-zero"]
    return Command("keylint", argv, KEYLINT_OK)


def history_scan(lab: Lab, repo: Repo) -> Command:
    """The scan that most figures are about."""
    return keylint_scan(lab, "--history-only", str(repo.path))


def startup(lab: Lab) -> list[Row]:
    """A one-line file: what it takes to start at all."""
    file = lab.scratch / "one-line.txt"
    file.write_text("nothing to see here\n")
    ours = keylint_scan(lab, "--no-history", str(file))
    pairs = in_turns(lab, ours, Command("git", ["git", "--version"]), STARTUP_RUNS)
    yardstick = f"`git --version` {show_ms(pairs.theirs)}"
    return [["start, one-line file", show_ms(pairs.ours), yardstick, show_ratio(pairs), "–", "–"]]


def staged(lab: Lab) -> list[Row]:
    """One staged line in a repository of ten thousand files: what a commit hook takes, all in."""
    repo = lab.scratch / "staged"
    for nth in range(STAGED_FILES):
        folder = repo / f"part{nth % 100}" / f"module{nth % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file{nth}.txt").write_text(f"line of file {nth}\n" * 20)
    git = ["git", "-C", str(repo), "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for step in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Files"], ["repack", "-adq"]):
        subprocess.run([*git, *step], check=True, env=environment())
    (repo / "part1" / "module1" / "file1.txt").write_text("another line\n")
    subprocess.run([*git, "add", "."], check=True, env=environment())
    ours = keylint_scan(lab, "--staged", str(repo))
    pairs = in_turns(lab, ours, Command("git", ["git", "-C", str(repo), "diff", "--cached", "--raw"]), STARTUP_RUNS)
    met = statistics.median(run.wall for run in pairs.ours) <= STAGED_GOAL
    yardstick = f"`git diff --cached --raw` {show_ms(pairs.theirs)}"
    goal = f"≤ {STAGED_GOAL * 1000:.0f} ms"
    return [[f"staged, {STAGED_FILES:,} files", show_ms(pairs.ours), yardstick, show_ratio(pairs), goal, verdict(pairs.ours, met)]]


def history(lab: Lab, repo: Repo) -> tuple[list[Row], list[Run]]:
    """The whole history against the floor; also the runs, for their memory."""
    if lab.floor is None:
        raise Failed("no floor to compare with")
    if repo.loose:
        lab.note(f"{repo.loose:,} loose objects, which the floor does not read")
    floor = Command("floor", [str(lab.floor), str(repo.packs)])
    pairs = in_turns(lab, history_scan(lab, repo), floor, lab.runs)
    what, goal = history_goal(count_findings(lab, repo))
    # The floor leaves out what keylint reads too: trees (names) and commits and tags (messages).
    whole = Command("floor", [str(lab.floor), str(repo.packs), "all"])
    wider = in_turns(lab, history_scan(lab, repo), whole, lab.runs)
    rows = [against(what, pairs, "floor", goal), against("the same", wider, "floor, all objects", None)]
    return rows, pairs.ours


def history_goal(findings: int | None) -> tuple[str, float]:
    """Findings cost time to attribute, so there are two goals."""
    if findings:
        return f"history, {findings:,} findings", HISTORY_GOAL_FOUND
    return "history, no findings" if findings == 0 else "history, findings unknown", HISTORY_GOAL_CLEAN


def memory(lab: Lab, repo: Repo, runs: list[Run]) -> list[Row]:
    """The largest resident size of the history scan; runs already made are used."""
    runs = runs or [lab.run(history_scan(lab, repo)) for _ in range(lab.runs)]
    seen = peak(runs)
    shown = f"{'≤ ' if seen <= own_rss() else ''}{seen:.0f} MiB"
    beside = f"pack {repo.pack_mib:.1f} MiB"
    goal = repo.pack_mib + MEMORY_GOAL_MIB
    more = f"pack {seen - repo.pack_mib:+.0f} MiB"
    return [["memory, history", shown, beside, more, f"≤ {goal:.0f} MiB", verdict(runs, seen <= goal)]]


def worktree(lab: Lab, repo: Repo) -> list[Row]:
    """The files of the work tree, or of HEAD, against ripgrep with one literal."""
    rg = shutil.which("rg")
    if rg is None:
        raise Failed("ripgrep (rg) is not installed")
    with tempfile.TemporaryDirectory(dir=lab.scratch) as temporary:
        files = repo.worktree or export_head(repo, Path(temporary))
        ours = keylint_scan(lab, "--no-history", "--no-ignore", str(files))
        grep = Command("rg", [rg, "-uu", "-c", "--glob", "!.git", LITERAL, str(files)], frozenset({0, 1}))
        pairs = in_turns(lab, ours, grep, lab.runs)
    what = "work tree" if repo.worktree else "files of HEAD"
    return [against(what, pairs, version_of(rg, "--version"), WORKTREE_GOAL)]


def export_head(repo: Repo, into: Path) -> Path:
    """The files of HEAD of a bare repository, without touching it."""
    quiet = {"stderr": subprocess.DEVNULL, "env": environment()}
    archive = subprocess.Popen(["git", "-C", str(repo.path), "archive", "HEAD"], stdout=subprocess.PIPE, **quiet)
    try:
        unpacked = subprocess.run(["tar", "-x", "-C", str(into)], stdin=archive.stdout, **quiet).returncode
    except OSError:
        unpacked = 1
    finally:
        archive.stdout.close()
        packed = archive.wait()
    if packed or unpacked:
        raise Failed("the files of HEAD could not be exported")
    return into


# ---------------------------------------------------------------------------------------------------
# The rivals


@dataclass(frozen=True)
class Rival:
    """Another scanner: found on PATH or through `variable`, asked for OpenAI keys only, offline.

    In `scan`, {repo} is the repository, {git} its git directory, {cache} and {config} are ours.
    """

    name: str
    variable: str
    program: str
    version: str
    scan: str
    ok: frozenset[int] = frozenset({0})


# Kingfisher gets the git directory: given a work tree it would read the checked-out files as well.
# Gitleaks gets a configuration of ours, which is its default one: it would load the repository's otherwise.
KINGFISHER_SCAN = (
    "scan --quiet --no-validate --no-update-check --rule betterleaks.openai-api-key --rule-cache-dir {cache} {git}"
)
RIVALS = (
    Rival(
        "gitleaks", "GITLEAKS", "gitleaks", "version",
        "git --no-banner --log-level error --config {config} --enable-rule openai-api-key --exit-code 0 {repo}",
    ),
    Rival(
        "betterleaks", "BETTERLEAKS", "betterleaks", "version",
        "git --silent --isolate-rule openai-api-key --exit-code 0 {repo}",
    ),
    Rival(
        "kingfisher", "KINGFISHER", "kingfisher", "--version",
        KINGFISHER_SCAN,
        frozenset({0, 200, 205}),
    ),
    Rival(
        "kingfisher --turbo", "KINGFISHER", "kingfisher", "--version",
        KINGFISHER_SCAN.replace("--quiet", "--quiet --turbo"),
        frozenset({0, 200, 205}),
    ),
    Rival(
        "trufflehog", "TRUFFLEHOG", "trufflehog", "--version",
        "git --no-update --no-verification --include-detectors=openai file://{repo}",
        frozenset({0, 183}),
    ),
)

RIVAL_HEAD = ["rival", "version", "wall", "cpu", "peak RSS", "keylint", "rival ÷ keylint (min–max)"]


def rivals(lab: Lab, repo: Repo) -> list[Row]:
    """Every rival that is here, in turns with keylint. A failing one is noted and left out."""
    rows = []
    for rival in RIVALS:
        try:
            rows.append(rival_row(lab, repo, rival))
        except Failed as reason:
            lab.note(f"{rival.name}: {reason}")
    return rows


def rival_row(lab: Lab, repo: Repo, rival: Rival) -> Row:
    """One rival against keylint."""
    program = find_rival(rival)
    say(f"{repo.name}: {rival.name}")
    command = Command(rival.name, [program, *rival_arguments(lab, repo, rival)], rival.ok, RIVAL_LIMIT)
    pairs = in_turns(lab, command, history_scan(lab, repo), RIVAL_RUNS)
    version = version_of(program, rival.version)
    wall, ours = show_seconds(median(pairs.ours)), show_seconds(median(pairs.theirs))
    cpu = show_seconds(median(pairs.ours, lambda run: run.cpu))
    return [rival.name, version, wall, cpu, f"{peak(pairs.ours):.0f} MiB", ours, show_ratio(pairs, 1)]


def rival_arguments(lab: Lab, repo: Repo, rival: Rival) -> list[str]:
    """The arguments of a rival's scan, with the places filled in."""
    config = lab.scratch / "gitleaks.toml"
    config.write_text("[extend]\nuseDefault = true\n")
    places = {"repo": repo.path, "git": repo.git_dir, "cache": lab.scratch / "cache", "config": config}
    return [word.format(**places) for word in rival.scan.split()]


def find_rival(rival: Rival) -> str:
    """Where a rival is, unless what is there is another tool under its name."""
    program = os.environ.get(rival.variable) or shutil.which(rival.program)
    if not program or not shutil.which(program):
        raise Failed("not installed")
    if rival.program == "gitleaks" and "betterleaks" in (text_of([program, "--help"], both=True) or "").lower():
        raise Failed(f"the one found is betterleaks under another name; give the real one in {rival.variable}")
    return os.path.abspath(shutil.which(program) or program)


@functools.cache
def version_of(program: str, argument: str) -> str:
    """The first line a tool prints about its version, without its path."""
    lines = (text_of([program, argument], both=True) or "").splitlines()
    return lines[0].strip() if lines else "version unknown"


# ---------------------------------------------------------------------------------------------------
# Words and tables


def show_seconds(seconds: float) -> str:
    """Seconds with three telling digits."""
    return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def show_time(runs: list[Run]) -> str:
    """Median wall and CPU time."""
    return f"{show_seconds(median(runs))} (cpu {show_seconds(median(runs, lambda run: run.cpu))})"


def show_ms(runs: list[Run]) -> str:
    """Median wall time of something short."""
    return f"{median(runs) * 1000:.1f} ms"


def show_ratio(pairs: Pairs, digits: int = 2) -> str:
    """The median of the pairwise ratios with their range."""
    ratios = pairs.ratios()
    return f"{statistics.median(ratios):.{digits}f} ({min(ratios):.{digits}f}–{max(ratios):.{digits}f})"


def against(what: str, pairs: Pairs, yardstick: str, goal: float | None) -> Row:
    """The row of a work that is to take no more than `goal` times its yardstick, if there is a goal."""
    theirs = f"{yardstick} {show_time(pairs.theirs)}"
    if goal is None:
        return [what, show_time(pairs.ours), theirs, show_ratio(pairs), "–", "–"]
    met = statistics.median(pairs.ratios()) <= goal
    return [what, show_time(pairs.ours), theirs, show_ratio(pairs), f"≤ {goal}x", verdict(pairs.ours, met)]


def verdict(runs: list[Run], met: bool) -> str:
    """Whether a goal is met. Work left undone meets none."""
    return "incomplete" if any(run.code == 3 for run in runs) else "met" if met else "missed"


def table(head: Row, rows: list[Row]) -> str:
    """A Markdown table that is also readable as it stands."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


def say(text: str) -> None:
    """Progress, beside the results."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def section(lab: Lab, title: str, facts: str, tables: Iterable[tuple[Row, list[Row]]]) -> str:
    """One piece of the results. Takes the notes gathered since the last one."""
    parts = [f"## {title}", facts, *(table(head, rows) for head, rows in tables if rows)]
    if lab.notes:
        parts.append("\n".join(f"- {note}" for note in lab.notes))
    lab.notes.clear()
    return "\n\n".join(part for part in parts if part) + "\n"


# ---------------------------------------------------------------------------------------------------
# The host and the binaries


def host() -> tuple[str, str]:
    """The machine as a sentence and as a piece of a file name; nothing that names this one machine."""
    cpu, cores = cpu_model(), usable_cores()
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    kind = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(.*?\)|processor", "", cpu.lower())).strip("-")
    return f"{cpu}, {cores} cores, {memory_gib:.0f} GiB memory, {system()}", f"{kind}-{cores}-core"


def cpu_model() -> str:
    """The processor by its trade name."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else text_of(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def system() -> str:
    """The operating system in words."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def build(name: str, binary: Path, *arguments: str) -> Path | None:
    """Build with cargo; None when that does not give a binary."""
    say(f"building {name}")
    try:
        code = subprocess.run(["cargo", "build", "--release", "--quiet", *arguments], cwd=ROOT).returncode
    except OSError:
        code = 1
    return binary if code == 0 and binary.exists() else None


def build_floor() -> Path | None:
    """The floor has its own manifest and a target folder under ours."""
    target = ROOT / "target" / "floor"
    where = ["--manifest-path", "bench/floor/Cargo.toml", "--target-dir", str(target)]
    return build("the floor", target / "release" / "floor", *where)


def find_keylint(given: Path | None) -> Path:
    """The given binary or a fresh build. Without keylint there is nothing to do."""
    if given:
        if not shutil.which(given):
            sys.exit(f"bench: {given} is not a program")
        return given.resolve()
    built = build("keylint", ROOT / "target" / "release" / "keylint", "--target-dir", str(ROOT / "target"))
    return built or sys.exit("bench: keylint does not build; name a binary with --keylint")


def describe_keylint(binary: Path, given: bool) -> str:
    """Version and revision; a binary from elsewhere need not be of this revision."""
    version = version_of(str(binary), "--version")
    revision = text_of(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]) or "no commit yet"
    parts = ["src", "rules", "build.rs", "Cargo.toml", "Cargo.lock"]
    changed = text_of(["git", "-C", str(ROOT), "status", "--porcelain", "--", *parts])
    return f"{version}, {revision}{' with changes' if changed else ''}{', binary given' if given else ''}"


# ---------------------------------------------------------------------------------------------------
# The whole


def attempt(lab: Lab, work: str, measure: Callable[[], list[Row]]) -> list[Row]:
    """A measurement that may fail: then there is a note instead of a row."""
    if work not in lab.works:
        return []
    try:
        return measure()
    except (Failed, OSError) as reason:
        lab.note(f"{work}: {reason if isinstance(reason, Failed) else reason.strerror}")
        return []


def measure_repo(lab: Lab, argument: str) -> str:
    """Everything that was asked for about one repository."""
    try:
        repo = open_repo(argument, lab)
    except Failed as reason:
        lab.note(str(reason))
        return section(lab, split_name(argument)[0], "", [])
    runs: list[Run] = []

    def history_rows() -> list[Row]:
        say(f"{repo.name}: history")
        rows, seen = history(lab, repo)
        runs.extend(seen)
        return rows

    say(f"{repo.name}: {repo.commits} commits")
    rows = attempt(lab, "history", history_rows)
    rows += attempt(lab, "memory", lambda: memory(lab, repo, runs))
    rows += attempt(lab, "worktree", lambda: worktree(lab, repo))
    others = attempt(lab, "rivals", lambda: rivals(lab, repo))
    facts = f"{int(repo.commits):,} commits" if repo.commits.isdigit() else "commits unknown"
    facts += f", {repo.objects + repo.loose:,} objects, pack {repo.pack_mib:.1f} MiB."
    return section(lab, repo.name, facts, [(WORK_HEAD, rows), (RIVAL_HEAD, others)])


def measure_startup(lab: Lab, about: str) -> str:
    """The opening of what one call adds: when, which keylint, and how fast it starts."""
    rows = attempt(lab, "startup", lambda: startup(lab))
    rows += attempt(lab, "staged", lambda: staged(lab))
    when = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return section(lab, when, f"{about}; {lab.runs} runs each.", [(WORK_HEAD, rows)])


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("repositories", nargs="+", metavar="[NAME=]REPO", help="a work tree or a bare repository")
    parser.add_argument("--runs", type=positive, default=5, metavar="N", help="counted runs of each program (default 5)")
    every = ",".join(WORKS)
    parser.add_argument("--work", type=works, default=works(every), metavar="LIST", help=f"default {every}")
    parser.add_argument("--no-rivals", action="store_true", help="leave the other scanners out")
    parser.add_argument("--keylint", type=Path, metavar="PATH", help="measure this binary instead of building one")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/runs", metavar="DIR", help="default bench/runs")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """An argument that is a number from one up."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def works(text: str) -> frozenset[str]:
    """An argument that is a list of measurements."""
    chosen = frozenset(filter(None, text.split(",")))
    if not chosen or not chosen <= set(WORKS):
        raise argparse.ArgumentTypeError(f"some of {','.join(WORKS)}")
    return chosen


def main() -> None:
    """Measure what was asked for and write it down piece by piece."""
    options = parse()
    chosen = options.work - {"rivals"} if options.no_rivals else options.work
    keylint = find_keylint(options.keylint)
    floor = build_floor() if "history" in chosen else None
    sentence, kind = host()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / f"{datetime.date.today()}-{kind}.md"
    with tempfile.TemporaryDirectory(prefix="keylint-bench-") as scratch:
        (Path(scratch) / "empty").mkdir()
        lab = Lab(keylint, floor, Path(scratch), options.runs, chosen)
        if not file.exists():
            write(file, f"# {sentence}\n")
        write(file, measure_startup(lab, describe_keylint(keylint, options.keylint is not None)))
        for argument in options.repositories:
            write(file, measure_repo(lab, argument))
    say(f"kept in {file.name}")


def write(file: Path, text: str) -> None:
    """Print a piece of the results and append it to the file."""
    print(text, flush=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(text if out.tell() == 0 else f"\n{text}")


if __name__ == "__main__":
    main()
