r"""How robust the arms of a sweep are: changed sound, and shifted windows.

    python -m studies.robustness runs/studies/esc10_folds \
        --output docs/results --arms strided_conv spectral folding

The best model of every run classifies the recordings of its test split, as they
are and changed (see `sound_changes`). Then their windows are shifted by one
frame after another (see `shifts`). Written to --output, after every run:

    robustness_SWEEP.csv         right decisions, by run and change
    robustness_SWEEP_shifts.csv  what changes, by run and distance

Runs that are in both files are not measured again.
"""

from __future__ import annotations

import functools
import pathlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from audio_diffstride.config import arms
from audio_diffstride.datasets.clips import Clips, ClipStore
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.evaluation import inference
from audio_diffstride.files import atomic, outputs
from audio_diffstride.runs import loading, run_stores
from audio_diffstride.sweep import plan_file
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.terminal.arguments import Parser
from studies import robustness_values, shifts, sound_changes
from studies.robustness_values import Row


def measure(workdir: pathlib.Path) -> tuple[list[Row], list[Row]]:
    """The rows of a run in both files, without its name.

    Raises:
        UserError: if the run is not of recordings with one label, or its data
            are not there.
    """
    config, model = loading.load_config(workdir), loading.load_model(workdir)
    if any(kind is not ONE_LABEL for kind in model.kinds.values()):
        raise UserError(f"{workdir} has several labels; give another sweep")
    changed: list[Row] = []
    shifted: list[Row] = []
    rate_hz = config.front_end.sample_rate_hz
    hop_samples = round(config.front_end.hop_ms / 1000 * rate_hz)
    for store in run_stores.require(workdir, (), "to change its sound"):
        if not isinstance(store, ClipStore):
            raise UserError(f"{workdir} is of images; give another sweep")
        for name in sound_changes.CHANGES:
            clips = _changed(store.path, name)
            recordings = inference.label_recordings(
                model,
                clips,
                loading.evaluation_input(config),
                **loading.evaluation_windows(config),
            )
            changed += _decisions(recordings, name)
        shifted += shifts.measure(
            model,
            _changed(store.path, sound_changes.UNCHANGED),
            loading.window_samples(config),
            hop_samples,
        )
    return changed, shifted


# The runs of a fold have the same recordings, and follow each other.
@functools.lru_cache(maxsize=len(sound_changes.CHANGES))
def _changed(path: pathlib.Path, name: str) -> Clips:
    store: Any = ClipStore(path)
    return sound_changes.apply(
        name, store.examples("test"), store.sample_rate_hz
    )


def _decisions(
    recordings: dict[str, inference.LabelledRecordings], change: str
) -> Iterator[Row]:
    for task, each in recordings.items():
        right = np.sum(each.logits.argmax(-1) == each.labels)
        yield {
            "task": task,
            "change": change,
            "right": int(right),
            "recordings": len(each.labels),
        }


def _labelled(run: PlannedRun, rows: list[Row]) -> list[Row]:
    """With what tells the run, first."""
    own = {"name": run.name, "arm": run.arm, **run.varied, "seed": run.seed}
    return [own | row for row in rows]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    parser = Parser("python -m studies.robustness", __doc__ or "")
    parser.add_argument("sweep", type=pathlib.Path, help="folder of a sweep")
    parser.add_argument("--output", required=True, help="a folder")
    parser.add_argument("--arms", nargs="+", help="default: all of the sweep")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    output = outputs.folder(args.output)
    planned = plan_file.read(args.sweep)
    chosen = arms.choose(args.arms or {run.arm for run in planned})
    runs = [run for run in planned if run.arm in chosen]
    if not runs:
        there = ", ".join(dict.fromkeys(run.arm for run in planned))
        raise UserError(
            f"{args.sweep} has no run of these --arms; it has {there}"
        )
    place = {run.name: number for number, run in enumerate(planned)}
    sweep = args.sweep.resolve().name
    paths = robustness_values.paths(output, sweep)
    kept = [robustness_values.read_rows(path) for path in paths]
    measured = set.intersection(*({r["name"] for r in of} for of in kept))
    measured &= {*place}
    kept = [[r for r in of if r["name"] in measured] for of in kept]
    for number, run in enumerate(runs, 1):
        if run.name in measured:
            continue
        for rows, new in zip(kept, measure(args.sweep / run.name)):
            rows += _labelled(run, new)
        for path, rows in zip(paths, kept):
            rows.sort(key=lambda row: place[row["name"]])
            atomic.write_rows(path, rows)
        print(f"{number} of {len(runs)}: {run.name}", flush=True)


if __name__ == "__main__":
    with report_user_errors():
        main()
