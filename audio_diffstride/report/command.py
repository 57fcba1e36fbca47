"""One HTML page on a run, self-contained: it needs nothing but a browser.

audio-diffstride report --workdir DIR [--output FILE [--overwrite]]
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride import errors
from audio_diffstride.files import atomic, outputs
from audio_diffstride.runs import layout


def render(run) -> str:
    """The page on a `report.run.Run`."""
    from audio_diffstride.config.arms import ARMS
    from audio_diffstride.report import bands, page, scores, training

    total, strided = bands.total_cost(run)
    arm = run.config.model.downsampling
    arm = ARMS[arm].title if arm in ARMS else arm
    overview = page.section(
        "overview",
        "At a glance",
        page.cards(
            [
                *scores.task_cards(run),
                (
                    "weights",
                    f"{run.model.count_params():,}",
                    f"downsampled {len(run.model.encoder.downsamplers)} times",
                ),
                (
                    "cost of a window",
                    f"{bands.millions(total)} M",
                    f"multiply-adds; strided: {bands.millions(strided)} M",
                ),
            ]
        ),
    )
    tasks = list(scores.sections(run))
    sections = [
        ("overview", "At a glance", overview),
        ("trained", "Data and model", training.data_section(run)),
        ("curves", "Training", training.curves_section(run)),
        *tasks,
        ("strides", "Strides", training.strides_section(run)),
        ("cutoffs", "Kept bands", bands.cutoffs_section(run)),
        ("cost", "Cost", bands.cost_section(run)),
    ]
    names = ", ".join(run.model.tasks)
    return page.document(
        f"Report on {run.workdir.absolute().name}",
        f"A classifier of {names}; downsampling: {arm}; the {run.which} "
        "model of the run.",
        [(identifier, title) for identifier, title, _ in sections],
        [section for _, _, section in sections],
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride report`."""
    parser.add_argument("--workdir", required=True, help="the run")
    parser.add_argument(
        "--output", help="the page; default report.html in --workdir"
    )
    parser.add_argument(
        "--store",
        nargs="+",
        default=(),
        metavar="PATH",
        help="clip stores with its recordings; default those trained on",
    )
    parser.add_argument(
        "--model",
        choices=("best", "last"),
        default="best",
        help="the model to report on; default best",
    )
    parser.add_argument(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Writes the page."""
    from audio_diffstride.report import run as finished

    own = pathlib.Path(args.workdir) / layout.REPORT
    path = pathlib.Path(args.output or own)
    if path.is_dir():
        raise errors.UserError(
            f"--output {path} is a folder; give the name of a file"
        )
    if path.absolute() != own.absolute():
        outputs.refuse_to_replace([path], args.overwrite)
    content = render(finished.load(args.workdir, args.model, args.store))
    atomic.write_text(path, content)
    print(f"written: {path} ({len(content.encode()) / 1e6:.1f} MB)")
