"""A run as the report needs it, read from its work directory."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
from collections.abc import Sequence
from typing import Any

import ml_collections

from audio_diffstride import cutoffs
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.files import csv_files
from audio_diffstride.report import noises
from audio_diffstride.runs import (
    layout,
    loading,
    model_files,
    provenance,
    run_stores,
)
from audio_diffstride.terminal.next_command import command_line

# The report is on the first of these splits that is evaluated.
_SPLITS = ("test", "validation", "train")

# The fields of a config that the page needs. Runs of other versions may lack
# or have others.
_FIELDS = ("seed", "window_s", "front_end", "model.downsampling", "training")


@dataclasses.dataclass(frozen=True)
class Run:
    """A trained run.

    Attributes:
        workdir: its work directory.
        config: as resolved for the training.
        which: the model to report on, "best" or "last".
        model: that model.
        saved: "keras_version" and "date_saved" of the model's file.
        stores: the clip stores of the training that were found.
        problems: a sentence for each store that was not.
        evaluation: the content of evaluation_<split>/scores.json, or None.
        starts: the entries of run.json, which runs of old versions lack.
    """

    workdir: pathlib.Path
    config: ml_collections.ConfigDict
    which: str
    model: Any
    saved: dict[str, str]
    stores: list[Any]
    problems: list[str]
    evaluation: dict[str, Any] | None
    starts: list[dict[str, Any]]

    @property
    def frames(self) -> int:
        """Frames of one window."""
        samples = loading.window_samples(self.config)
        return self.model.front_end.num_frames(samples)

    @functools.cached_property
    def cutoffs(self) -> list[dict[str, Any]]:
        """`cutoffs.report` of the model on one window."""
        bands = self.config.front_end.num_bands
        return cutoffs.report(self.model, (self.frames, bands))

    @functools.cached_property
    def noises(self) -> dict[str, Any]:
        """`noises.describe` of the model."""
        return noises.describe(self.model, self.config)

    @property
    def of_one_label(self) -> bool:
        """Whether some task has one label per recording."""
        return ONE_LABEL in self.model.kinds.values()

    @property
    def evaluate_command(self) -> str:
        """The command that evaluates the run."""
        own = self.config.get("data", {}).get("source") == "audio_files"
        words = ("--workdir", self.workdir)
        return command_line("evaluate", *words, in_checkout=not own)

    def task_table(
        self,
        task: str,
        name: str,
        texts: Sequence[str],
        numbers: Sequence[str],
    ) -> list[dict[str, Any]]:
        """The rows of a table of an evaluated task.

        Args:
            task: one of the evaluation's.
            name: of the CSV.
            texts: columns to read as text.
            numbers: columns to read as numbers; an empty cell is nan.
        """
        assert self.evaluation is not None
        folder = score_files.folder(self.workdir, self.evaluation["split"])
        path = folder / task / name
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


def load(
    workdir: str | os.PathLike[str],
    which: str = "best",
    store_paths: Sequence[str | os.PathLike[str]] = (),
) -> Run:
    """Reads a run.

    Args:
        workdir: its work directory.
        which: the model, "best" or "last".
        store_paths: clip stores to read instead of those of the training.

    Raises:
        UserError: if the model's input is no spectrogram.
    """
    workdir = pathlib.Path(workdir)
    config = loading.load_config(workdir, _FIELDS)
    model = loading.load_model(workdir, which)
    if len(model.front_end.axes) != 2:
        raise UserError(
            "the report is about spectrograms, but the model of "
            f"{workdir} takes the waveform itself; see evaluate.py's files "
            "and audio-diffstride cutoffs"
        )
    stores, problems = run_stores.find(workdir, store_paths)
    evaluations = (score_files.read(workdir, split) for split in _SPLITS)
    return Run(
        workdir,
        config,
        which,
        model,
        model_files.metadata(workdir / layout.MODEL.format(which=which)),
        stores,
        problems,
        next(filter(None, evaluations), None),
        (provenance.read(workdir) or {"starts": []})["starts"],
    )
