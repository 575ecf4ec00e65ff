#!/usr/bin/env python3
"""Reads the reports of one scan as their readers would, and fails where one does not say what the JSON report says.

usage: read.py FOLDER KEYS

FOLDER holds one report of each format, named by it; KEYS is a file with a key a line, none of which may be in any.
"""

import csv
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

LEVELS = ("error", "warning", "notice")
COMMAND = re.compile(r"::(error|warning|notice)( [a-zA-Z]+=[^,:]*(,[a-zA-Z]+=[^,:]*)*)?::.+")


def expect(holds, what):
    if not holds:
        sys.exit(what)


def read(folder, keys):
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if "." not in path.name}
    expect(len(texts) == 11, f"there are {len(texts)} reports")
    for name, text in texts.items():
        expect(not any(key[8:40] in text for key in keys), f"{name} holds a key")

    whole = json.loads(texts["json"])
    places = sum(len(finding["places"]) for finding in whole["findings"])

    lines = [json.loads(line) for line in texts["jsonl"].splitlines()]
    expect(lines[-1]["counts"]["places"] == places and lines[-1]["complete"] == whole["complete"], "jsonl")

    (run,) = json.loads(texts["sarif"])["runs"]
    open_results = [result for result in run["results"] if not result.get("suppressions")]
    expect(len(open_results) == len(whole["findings"]) + len(whole["hygiene"]), "sarif: results")
    expect(run["invocations"][0]["executionSuccessful"] == whole["complete"], "sarif: complete")
    expect(all(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]), "sarif")

    gitlab = json.loads(texts["gitlab"])
    expect(len(gitlab["vulnerabilities"]) == places, "gitlab: vulnerabilities")
    expect(len({entry["id"] for entry in gitlab["vulnerabilities"]}) == places, "gitlab: ids")

    leaks = [leak for leak in json.loads(texts["gitleaks"]) if not any(tag.startswith("does not count") for tag in leak["Tags"])]
    expect(len(leaks) == places, "gitleaks: leaks")
    expect(all(leak["Description"] and leak["Secret"] and leak["StartLine"] for leak in leaks), "gitleaks: fields")

    rows = list(csv.DictReader(texts["csv"].splitlines()))
    expect(sum(row["type"] == "finding" for row in rows) == places, "csv: rows")
    expect(rows[-1]["type"] == "end" and all(None not in row and None not in row.values() for row in rows), "csv")
    expect(not any(cell[:1] in tuple("=+-@") for row in rows for cell in row.values() if cell), "csv: a formula")

    suite = ElementTree.fromstring(texts["junit"]).find("testsuite")
    expect(len(suite.findall("testcase/failure")) == len(whole["findings"]) + len(whole["hygiene"]), "junit: failures")
    expect(len(suite.findall("testcase/error")) == len(whole["problems"]), "junit: errors")
    expect(len(suite.findall("testcase")) > 0, "junit: no tests")

    commands = [line for line in texts["github"].splitlines() if line.startswith("::")]
    expect(all(COMMAND.fullmatch(line) for line in commands), "github: a command")
    for level in LEVELS:
        expect(sum(line.startswith(f"::{level} ") for line in commands) <= 10, "github: too many annotations")

    expect(len(texts["markdown"].encode()) <= 1024 * 1024, "markdown: too large")
    expect(("Incomplete" in texts["markdown"]) != whole["complete"], "markdown: complete")

    page = ElementTree.fromstring(texts["html"])
    cards = [card for card in page.iter("article") if card.get("class").startswith("key ")]
    expect(len(cards) == min(len(whole["findings"]), 100), "html: keys")
    expect(("no keys found" in page.findtext(".//h1")) <= whole["complete"], "html: complete")
    expect((page.find(".//section[@id='gaps']") is None) == whole["complete"], "html: gaps")


if __name__ == "__main__":
    read(Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8").split())
