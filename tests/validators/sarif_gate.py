#!/usr/bin/env python3
"""Fails if Microsoft's SARIF multitool, with its rules for GitHub, has an error to tell of a report.

usage: sarif_gate.py MULTITOOL REPORT

The tool ends with 0 whatever it finds, so what it writes is what counts. It does not notice values that are not in an
enumeration: check the JSON schema as well.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def verdicts(tool, report):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "verdicts.sarif")
        rules = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
        command = [tool, "validate", report, *rules, "-o", str(out), "--log", "ForceOverwrite"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        runs = json.loads(out.read_text(encoding="utf-8-sig"))["runs"]
    return [result for run in runs for result in run.get("results") or []]


def main():
    tool, report = sys.argv[1:]
    errors = 0
    for verdict in verdicts(tool, report):
        level, message = verdict.get("level", "warning"), verdict["message"]
        if level == "error":
            errors += 1
            print(verdict["ruleId"], message.get("text") or message.get("arguments"), file=sys.stderr)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
