r"""The precision and recall that detections of windows have, on annotations.

    python -m studies.soundscape_windows --annotations intervals.csv \
        --detections found.csv

The windows are those of `studies.soundscapes`, every half second. A detection
of `predict --hop_s 0.5` is right if the window has the class by the rule of
training. Both are of the test split.
"""

from __future__ import annotations

import csv
import pathlib
import sys
from collections.abc import Collection

from audio_diffstride.errors import report_user_errors
from audio_diffstride.recordings import annotation_files, intervals
from audio_diffstride.terminal.arguments import Parser
from studies.soundscapes import WINDOWS

# (file name, begin in ms, class)
Marks = Collection[tuple[str, int, str]]


def read_truth(path: pathlib.Path) -> set[tuple[str, int, str]]:
    """The classes of each window of the test split."""
    rows = annotation_files.read(path, ["digit"], {}, lambda line: None)
    test = [row for row in rows if row.segment.split == "test"]
    return {
        (window.path.name, round(1000 * (window.start_s or 0)), name)
        for window in intervals.cut(test, WINDOWS)
        for name in str(window.labels["digit"]).split(";")
        if name
    }


def read_found(path: pathlib.Path) -> set[tuple[str, int, str]]:
    """The detections of windows."""
    with open(path, newline="", encoding="utf-8") as file:
        return {
            (
                pathlib.Path(row["file"]).name,
                round(1000 * float(row["start_s"])),
                row["class"],
            )
            for row in csv.DictReader(file)
        }


def shares(truth: Marks, found: Marks) -> tuple[float, float]:
    """Precision and recall.

    >>> shares({("a", 0, "x"), ("a", 500, "x")}, {("a", 0, "x")})
    (1.0, 0.5)
    """
    right = len({*truth} & {*found})
    return right / max(len(found), 1), right / max(len(truth), 1)


def main() -> None:
    """Prints both for each table of detections."""
    parser = Parser("python -m studies.soundscape_windows", __doc__ or "")
    parser.add_argument("--annotations", type=pathlib.Path, required=True)
    parser.add_argument(
        "--detections", type=pathlib.Path, nargs="+", required=True
    )
    args = parser.parse_args(sys.argv[1:])
    truth = read_truth(args.annotations)
    for path in args.detections:
        found = read_found(path)
        precision, recall = shares(truth, found)
        empty = sum(name.startswith("test_empty") for name, _, _ in found)
        print(
            f"{path}: {len(found):,} detections, precision "
            f"{100 * precision:.1f} %, recall {100 * recall:.1f} %, "
            f"{empty:,} in soundscapes without digits"
        )


if __name__ == "__main__":
    with report_user_errors():
        main()
