"""Writes the cut-offs of the demo model, one network for five tasks.

    python -m studies.demo_cutoffs --output docs/results/cutoffs_demo.csv

The numbers are those of `audio-diffstride cutoffs --workdir demo`, one row per
block and axis.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence
from typing import Any

from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import atomic, csv_files, outputs
from audio_diffstride.published import models
from audio_diffstride.terminal.arguments import Parser

ARM = "folding-low-cost"  # what the demo model is
COLUMNS = ("block", "axis", "unit", "stride", "cutoff", "folding")


def rows() -> list[dict[str, Any]]:
    """{column: value} of each block and axis of the demo model."""
    from audio_diffstride import cutoffs
    from audio_diffstride.config import config_fields
    from audio_diffstride.runs import loading

    folder = models.run_folder("demo")
    config = loading.load_config(folder, [config_fields.INPUT])
    model = loading.load_model(folder, "best")
    size = model.front_end.output_size(loading.evaluation_input(config))
    return [
        {column: row[column] for column in COLUMNS}
        for row in cutoffs.report(model, size)
    ]


def read(path: pathlib.Path) -> dict[str, list[float]]:
    """{axis: the cut-off of each block} of a file that this command wrote.

    Raises:
        UserError: if there is none, or it is damaged.
    """
    remedy = "write it again with python -m studies.demo_cutoffs"
    found: dict[str, list[float]] = {}
    try:
        table = csv_files.read(path, [*COLUMNS], remedy)
    except FileNotFoundError:
        raise UserError(f"there is no {path}; {remedy}") from None
    for row in table:
        value = csv_files.number(path, row, "cutoff", remedy)
        found.setdefault(row["axis"], []).append(value)
    return found


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    parser = Parser("python -m studies.demo_cutoffs", __doc__ or "")
    parser.add_argument(
        "--output", type=pathlib.Path, required=True, metavar="FILE.csv"
    )
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    atomic.write_rows(outputs.file(args.output), rows())


if __name__ == "__main__":
    with report_user_errors():
        main()
