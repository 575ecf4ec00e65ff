#!/usr/bin/env python3
"""Makes repositories with keys in them, one for each thing that a report can be about.

usage: leaks.py FOLDER

Below FOLDER come `clean`, `findings`, `history`, `suppressed`, `incomplete` and `outer`, and `keys`, a key a line. The keys are
drawn when this runs; nothing here has the shape of one.
"""

import random
import string
import subprocess
import sys
from pathlib import Path

BASE64URL = string.ascii_letters + string.digits + "-_"
MARKER = "T3Blbk" + "FJ"


def keys(seed):
    draw = random.Random(seed)
    while True:
        left, right = ("".join(draw.choices(BASE64URL, k=length)) for length in (74, 72))
        yield f"sk-proj-{left}{MARKER}{right}{draw.choice('AEIMQUYcgkosw048')}A"


class Repository:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *args):
        who = ["-c", "user.name=A. U. Thor", "-c", "user.email=author@example.com", "-c", "commit.gpgSign=false"]
        subprocess.run(["git", *who, *args], cwd=self.folder, check=True)

    def write(self, path, text):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)


def clean(folder, _):
    repository = Repository(folder / "clean")
    repository.write("README.md", "Nothing here.\n")
    repository.commit("Begin")


def findings(folder, draw):
    repository = Repository(folder / "findings")
    twice = next(draw)
    repository.write("src/app/[id]/page b.py", f"import os\n\nkey = '{twice}'\n")
    repository.write("=cmd,1 & <b>|`x`.env", f"é K={twice}\n")
    repository.write("%41:b#c?d.env", f"K={next(draw)}\n")
    repository.commit(f"Add {next(draw)}\n\n::error::x")
    repository.git("tag", "--annotate", "v1", "--message", f"{next(draw)}")
    repository.git("branch", f"wip/{next(draw)}")
    for number in range(30):
        repository.write(f"many/{number}.txt", f"{next(draw)}\n")
    repository.write("untracked.env", f"K={next(draw)}\n")


def history(folder, draw):
    repository = Repository(folder / "history")
    repository.write("config/prod.env", f"K={next(draw)}\n")
    repository.commit("Add the configuration")
    repository.git("rm", "--quiet", "-r", "config")
    repository.commit("Remove it")


def suppressed(folder, draw):
    repository = Repository(folder / "suppressed")
    repository.write("tests/app.py", f"KEY = '{next(draw)}'  # gitleaks:allow\n")
    repository.write("src/app.py", f"KEY = '{next(draw)}'\n")
    repository.commit("Begin")


def incomplete(folder, _):
    url = (folder / "history").as_uri()
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, str(folder / "incomplete")], check=True)


def outer(folder, draw):
    repository = Repository(folder / "outer")
    repository.write("about.txt", "It has a submodule.\n")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(folder / "history"), "libs/sub")
    repository.commit(f"Because of {next(draw)}")


def main():
    folder = Path(sys.argv[1]).resolve()
    drawn = []

    def draw():
        for key in keys(7):
            drawn.append(key)
            yield key

    source = draw()
    for make in (clean, findings, history, suppressed, incomplete, outer):
        make(folder, source)
    (folder / "keys").write_text("\n".join(drawn) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
