#!/usr/bin/env python3
"""Counts how often bytes stand side by side in what people keep in repositories, for `src/matcher/pairs.bin`.

    bench/pairs.py src/matcher/pairs.bin REPO...

Takes equal shares of each work tree, files in an order that is the same each time. The file has 129 rows of 128 bytes: how
often each byte turns up, then, row by row, how often each follows it; both as -log2 of their share, in quarters. Bytes
beyond ASCII count as the last. After it was made anew: `SNAPSHOTS=overwrite cargo test --lib`.
"""

import math
import random
import sys
from pathlib import Path

SHARE = 400_000  # bytes of each repository
PART = 30_000  # and of each file
ROWS = 128
# What was never seen is taken to turn up this often.
UNSEEN = 0.3


def sample(root: Path) -> bytes:
    files = sorted(path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    random.Random(1).shuffle(files)
    text = b""
    for file in files:
        with file.open("rb") as handle:
            part = handle.read(PART)
        if b"\0" not in part:
            text += part
        if len(text) >= SHARE:
            break
    return text


def quarters(count: float, total: float) -> int:
    return round(-4 * math.log2(count / total))


def main() -> None:
    counts = [[UNSEEN] * ROWS for _ in range(ROWS)]
    for root in sys.argv[2:]:
        text = [min(byte, ROWS - 1) for byte in sample(Path(root))]
        for first, second in zip(text, text[1:]):
            counts[first][second] += 1
    singles = [sum(row) for row in counts]
    total = sum(singles)
    rows = [[quarters(single, total) for single in singles]]
    rows += [[quarters(pair, total) for pair in row] for row in counts]
    Path(sys.argv[1]).write_bytes(bytes(value for row in rows for value in row))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: bench/pairs.py FILE REPO...")
    main()
