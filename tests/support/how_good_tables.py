"""The tables of how good it is, by the command of `make results`."""

import csv
import pathlib
import re
import shlex

from studies import how_good

ROOT = pathlib.Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
SOUNDS, UNSEEN = "Environmental sounds", "Digits, unseen speakers"
KNOWN, WORDS = "Digits, known speakers", "Three words"
PEER = "BC-ResNet-1"
CHECK = "BC-ResNet-1, no noise and shift"
AFTER = "DiffStride folding after ReLU"
LOW_COST = "DiffStride folding low cost"
RECIPE = "level, noise, speed, shift"


def read_csv(*parts):
    with open(RESULTS.joinpath(*parts), newline="") as file:
        return list(csv.DictReader(file))


def arguments():
    """The flags of `make results`, without the place of the output."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (flags,) = re.findall(r"-m studies\.how_good (.*)", makefile)
    flags = flags.replace("$(RESULTS)", str(RESULTS))
    return shlex.split(flags.replace(" docs/", f" {ROOT}/docs/"))


def _names(header, line):
    if header[0] == "Above":  # model, row, arm
        return line[:3]
    return line[: 2 if "Arm" in header else 1]


def parse(text):
    """{title: {what a line is about: {column: cell}}}."""
    found = {}
    for part in text.split("\n\n")[:-1]:
        header, _, *lines = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in part.strip().splitlines()
        ]
        rows = {
            ": ".join(_names(header, line)): dict(zip(header, line))
            for line in lines
        }
        found[header[0]] = rows
    return found


def made(folder):
    """What the command of `make results` writes."""
    output = folder / "how_good_tables.md"
    how_good.main([*arguments(), "--output", str(output)])
    return output.read_text()


def peer_lines(model=PEER, row=UNSEEN):
    """The kept folds of the other network."""
    lines = read_csv("how_good_peers.csv")
    return [
        line for line in lines if (line["model"], line["row"]) == (model, row)
    ]


def peer_folds(model=PEER):
    """{speaker: accuracy in %} of the other network."""
    return {
        line["fold"]: 100 * int(line["correct"]) / int(line["recordings"])
        for line in peer_lines(model)
    }
