"""Tabulates evaluated runs as the paper's Table 1.

    audio-diffstride tables --runs 'runs/*'
    audio-diffstride tables --runs runs/a runs/b --output tables --overwrite

A row is a task and data set, a column an arm. A cell is the mean test accuracy
in %, ± the sample standard deviation over the seeds, beside the paper's value.

Written to --output: table.md, table.csv and table.tex, the same table as
Markdown, CSV and LaTeX (booktabs).
"""

from __future__ import annotations

import argparse
import glob

from audio_diffstride.files import atomic, outputs
from audio_diffstride.sweep import paper_table
from audio_diffstride.terminal.text_table import to_csv, to_latex, to_markdown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride tables`."""
    parser.add_argument(
        "--runs",
        required=True,
        nargs="+",
        metavar="WORKDIR",
        help="work directories, or patterns like 'runs/*'",
    )
    parser.add_argument(
        "--output",
        default=".",
        metavar="FOLDER",
        help="where the tables go; default the current folder",
    )
    parser.add_argument(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Writes the tables, and prints the one in Markdown."""
    folder = outputs.folder(args.output)
    files = {
        folder / "table.md": to_markdown,
        folder / "table.csv": to_csv,
        folder / "table.tex": to_latex,
    }
    outputs.refuse_to_replace(files, args.overwrite)
    workdirs = {path for pattern in args.runs for path in glob.glob(pattern)}
    lines = paper_table.cells(paper_table.collect(workdirs))
    for path, render in files.items():
        atomic.write_text(path, render(lines))
    print(to_markdown(lines))
    print("test accuracy in %, mean ± sample standard deviation (runs)")
    print(f"written: {folder}/table.md, table.csv, table.tex")
