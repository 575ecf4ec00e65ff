"""Follows what a report says to do about a key that was pushed, with git-filter-repo, and scans again.

Usage: follow.py KEYLINT FILTER_REPO_FOLDER WORK_FOLDER. Must not know how the advice is worked out."""

import base64
import gzip
import json
import os
import pathlib
import subprocess
import sys

import leaks

keylint, tools, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
environment = dict(
    os.environ,
    PATH=os.pathsep.join([str(keylint.parent), str(tools), os.environ["PATH"]]),
    HOME=str(work),
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "A. U. Thor"), ("EMAIL", "author@example.com"))},
)
passed = 0


def run(folder, *words, expected=0, shell=False):
    """Runs a command, and returns what it prints."""
    done = subprocess.run(words[0] if shell else words, cwd=folder, env=environment, shell=shell, capture_output=True, text=True)
    if done.returncode != expected:
        sys.exit(f"{words}: exit {done.returncode}, not {expected}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def committed(folder, message):
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--message", message)


def repository(name, secret):
    """A repository with `secret` in all that git-filter-repo can reach, pushed to one that others fetch from."""
    remote, own = work / f"{name}.git", work / name
    run(work, "git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    run(work, "git", "clone", "--quiet", str(remote), str(own))
    (own / "src").mkdir()
    (own / "src" / "a.py").write_text(f'KEY = "{secret}"\n')
    (own / "b.yml").write_text("data: " + base64.b64encode(f"KEY={secret}\n".encode()).decode() + "\n")
    (own / "c.txt").write_bytes(f"KEY={secret}\n".encode("utf-16"))
    (own / "d.txt.gz").write_bytes(gzip.compress(f"KEY={secret}\n".encode()))
    committed(own, f"Try {secret}")
    run(own, "git", "tag", "--annotate", "--message", f"With {secret}", "v1")
    (own / "src" / "a.py").write_text("KEY = None\n")
    committed(own, "Take it out")
    run(own, "git", "push", "--quiet", "origin", "HEAD:main", "v1")
    return remote, own


def follow(folder):
    """Does what a scan of `folder` says, to the letter."""
    report = json.loads(run(folder, str(keylint), "scan", "--format", "json", expected=1))
    (finding,) = report["findings"]
    steps = finding["story"]["advice"]
    assert "revoke" in json.dumps(finding["rotate"]).lower() or "delete the old key" in json.dumps(finding["rotate"]), "it is ended first"
    commands = [command for step in steps for command in step["commands"]]
    assert any(command.startswith("git filter-repo") for command in commands), commands
    for command in commands:
        run(folder, command, shell=True)
    return finding, steps


def is_clean(folder):
    global passed
    told = run(folder, str(keylint), "scan", "--no-lint", "--format", "json")
    report = json.loads(told)
    assert report["complete"] and not report["findings"], told
    passed += 1


remote, own = repository("pushed", next(leaks.keys(1)))
fresh = work / "fresh" / "it"
fresh.parent.mkdir()
run(work, "git", "clone", "--quiet", str(remote), str(fresh))
finding, steps = follow(fresh)
assert finding["story"]["histories"][0]["pushed"]["state"] == "yes", finding["story"]["histories"]
is_clean(fresh)
# A rewrite reaches the remote by force alone, and says so.
assert any("by force" in step["do"] for step in steps) and all(step["leaves"] for step in steps if step["commands"])
run(fresh, "git", "push", "--quiet", "--force", str(remote), "main", "v1")
run(remote, "git", "gc", "--quiet", "--prune=now")
is_clean(remote)
# What others have is not reached by that, as the advice says.
run(own, str(keylint), "scan", "--quiet", expected=1)
passed += 1
(fresh.parent / "replacements.txt").unlink()
print(f"{passed} passed")
