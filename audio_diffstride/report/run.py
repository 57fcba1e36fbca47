"""All that a report is about, read from a work directory once."""

from __future__ import annotations

import dataclasses
import functools
import pathlib

from audio_diffstride.cutoffs import cutoffs
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.files import csv_files
from audio_diffstride.runs import (
    layout,
    loading,
    model_files,
    provenance,
    run_stores,
)

# A report is on the first of them that the run was evaluated on.
_SPLITS = ("test", "validation", "train")

# Of a run's config, which may be of another version: what the page needs.
_FIELDS = ("seed", "window_s", "front_end", "model.downsampling", "training")


@dataclasses.dataclass(frozen=True)
class Run:
    """A trained run.

    Attributes:
        workdir: where it lies.
        config: as it was resolved.
        which: the model reported on, "best" or "last".
        model: that model.
        saved: what the model's file says of itself, "keras_version" and
            "date_saved".
        stores: the clip stores that were found.
        problems: a sentence for each store that was not.
        evaluation: the content of evaluation_<split>/scores.json, or None.
        starts: the entries of run.json, which an older run lacks.
    """

    workdir: pathlib.Path
    config: object
    which: str
    model: object
    saved: dict[str, str]
    stores: list[ClipStore]
    problems: list[str]
    evaluation: dict | None
    starts: list[dict]

    @property
    def frames(self) -> int:
        """Frames of one window."""
        samples = loading.window_samples(self.config)
        return self.model.front_end.num_frames(samples)

    @functools.cached_property
    def cutoffs(self) -> list[dict]:
        """`cutoffs.report` of the model on one window."""
        bands = self.config.front_end.num_bands
        return cutoffs.report(self.model, (self.frames, bands))

    @property
    def evaluation_folder(self) -> pathlib.Path:
        """Where the tables of each task of the evaluation lie."""
        return score_files.folder(self.workdir, self.evaluation["split"])

    def task_table(self, task: str, name: str, texts, numbers) -> list[dict]:
        """The rows of a table of an evaluated task.

        Args:
            task: one of the evaluation's.
            name: of the CSV.
            texts: columns to keep as they are.
            numbers: columns to make numbers of; nan where they are empty.
        """
        path = self.evaluation_folder / task / name
        remedy = "run evaluate.py again"
        try:
            rows = csv_files.read(path, [*texts, *numbers], remedy)
        except FileNotFoundError as error:
            raise UserError(f"{path} is missing; {remedy}") from error
        return [
            {column: row[column] for column in texts}
            | {n: csv_files.number(path, row, n, remedy) for n in numbers}
            for row in rows
        ]


def load(workdir, which: str = "best", store_paths=()) -> Run:
    """Reads a run.

    Args:
        workdir: its work directory.
        which: the model, "best" or "last".
        store_paths: clip stores, instead of those it was trained on.
    """
    workdir = pathlib.Path(workdir)
    config = loading.load_config(workdir, _FIELDS)
    model = loading.load_model(workdir, which)
    if len(model.front_end.axes) != 2:
        raise UserError(
            "the report is on spectrograms, and the model of "
            f"{workdir} hears the waveform itself; see evaluate.py's files "
            "and audio_diffstride.cutoffs"
        )
    stores, problems = run_stores.find(workdir, store_paths)
    return Run(
        workdir,
        config,
        which,
        model,
        model_files.metadata(workdir / layout.MODEL.format(which=which)),
        stores,
        problems,
        _evaluation(workdir),
        (provenance.read(workdir) or {"starts": []})["starts"],
    )


def _evaluation(workdir: pathlib.Path) -> dict | None:
    found = (score_files.read(workdir, split) for split in _SPLITS)
    return next(filter(None, found), None)
