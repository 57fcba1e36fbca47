"""All that a report is about, read from a work directory once."""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import math
import pathlib
import zipfile

from audio_diffstride import cutoffs, run_stores, runs
from audio_diffstride.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.training import provenance

# A report is on the first of them that the run was evaluated on.
_SPLITS = ("test", "validation", "train")


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
        evaluation: the content of evaluation_<split>.json, or None.
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
        samples = runs.window_samples(self.config)
        return self.model.front_end.num_frames(samples)

    @functools.cached_property
    def cutoffs(self) -> list[dict]:
        """`cutoffs.report` of the model on one window."""
        bands = self.config.front_end.num_bands
        return cutoffs.report(self.model, self.frames, bands)

    @property
    def evaluation_folder(self) -> pathlib.Path:
        """Where the tables of each task of the evaluation lie."""
        return self.workdir / f"evaluation_{self.evaluation['split']}"

    def columns(self, name: str) -> dict[str, list[float]]:
        """A CSV of numbers, by columns; {} if there is none.

        A field that is empty or no number is nan.
        """
        rows = read_rows(self.workdir / name)
        names = rows[0] if rows else []
        return {
            column: [_number(row.get(column)) for row in rows]
            for column in names
        }


def load(workdir, which: str = "best", store_paths=()) -> Run:
    """Reads a run.

    Args:
        workdir: its work directory.
        which: the model, "best" or "last".
        store_paths: clip stores, instead of those it was trained on.
    """
    workdir = pathlib.Path(workdir)
    config = runs.load_config(workdir)
    model = runs.load_model(workdir, which)
    stores, problems = run_stores.find(workdir, store_paths)
    return Run(
        workdir,
        config,
        which,
        model,
        _saved(workdir / f"{which}.keras"),
        stores,
        problems,
        _evaluation(workdir),
        (provenance.read(workdir) or {"starts": []})["starts"],
    )


def _evaluation(workdir: pathlib.Path) -> dict | None:
    for split in _SPLITS:
        path = workdir / f"evaluation_{split}.json"
        if path.exists():
            try:
                return json.loads(path.read_text("utf-8"))
            except ValueError as error:
                raise UserError(
                    f"{path} is damaged: {error}; run evaluate.py again"
                ) from error
    return None


def _saved(path: pathlib.Path) -> dict[str, str]:
    """The metadata that Keras puts into a model's archive."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("metadata.json"))


def read_rows(path: pathlib.Path) -> list[dict[str, str]]:
    """The rows of a CSV; [] if there is none."""
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _number(text) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan
