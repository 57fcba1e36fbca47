"""How long trainings take to an accuracy, from the files of the benchmark.

    python -m studies.time_tables --output docs/results \
        --row "Digits, 95 %" docs/results/time_to_accuracy_digits.json

It writes time_to_accuracy_tables.md: for each arm and setting the medians over
the seeds. A seed that does not reach the target counts as the longest.
"""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from audio_diffstride.benchmark import seed_medians
from audio_diffstride.benchmark.accuracy_arguments import BEFORE
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.terminal.arguments import Parser
from studies import generated_tables
from studies.titles import by_title

_PART = "time_to_accuracy"


def read(path: str) -> list[dict[str, Any]]:
    """The trainings of a file that `benchmark --output` has written.

    Raises:
        UserError: for another file.
    """
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        rows: list[dict[str, Any]] = json.loads(text)[_PART]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} has no trainings; write it by "
            f"audio-diffstride benchmark --parts {_PART} --output {path}"
        ) from error
    return rows


def table(title: str, rows: list[dict[str, Any]]) -> Iterator[list[str]]:
    """The lines of a row's table."""
    yield [
        title,
        "Setting",
        "Reached",
        "Steps",
        "Beside before",
        "CPU s",
        "Beside before",
        "First step, s",
    ]
    for row in seed_medians.medians(rows):
        yield [
            ARMS[row["arm"]].title,
            row["setting"],
            row["reached"],
            _number(row["steps"], 0),
            _ratio(row, "steps"),
            _number(row["cpu_s"], 1),
            _ratio(row, "cpu_s"),
            _number(row["first_step_s"], 1),
        ]


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _ratio(row: dict[str, Any], quantity: str) -> str:
    ratio = row[f"{quantity}_ratio"]
    return "" if row["setting"] == BEFORE or ratio is None else f"{ratio:.2f}"


def main(argv: Sequence[str] | None = None) -> None:
    """Writes the tables.

    Args:
        argv: the flags of the command; default those of the process.
    """
    parser = Parser("python -m studies.time_tables", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs=2,
        action="append",
        required=True,
        metavar=("TITLE", "FILE"),
    )
    parser.add_argument("--output", required=True, metavar="FOLDER")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    generated_tables.write(
        outputs.folder(args.output) / "time_to_accuracy_tables.md",
        [
            [*table(title, read(file))]
            for title, (file,) in by_title(args.row, "--row").items()
        ],
    )


if __name__ == "__main__":
    with report_user_errors():
        main()
