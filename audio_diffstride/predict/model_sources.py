"""The model that predicts: of a run, or an exported file."""

from __future__ import annotations

import argparse
import collections.abc
import dataclasses
import functools
import os
import pathlib
from typing import Any

from audio_diffstride.calibration import calibration_file
from audio_diffstride.calibration.calibration_file import Calibration
from audio_diffstride.datasets.kinds import Kind
from audio_diffstride.errors import UserError
from audio_diffstride.predict import scoring
from audio_diffstride.runs import layout


@dataclasses.dataclass(frozen=True)
class ModelSource:
    """A model of any kind.

    Attributes:
        path: its file.
        class_names: {task: class names}.
        kinds: {task: its kind}.
        rate_hz: sample rate of its input.
        band_hz: the lowest and the highest frequency that it uses.
        window_s: length of the windows that it was trained on.
        make_scorer: from the samples of a window to its scorer.
        read_calibration: reads its calibration; a UserError if it has none.
    """

    path: pathlib.Path
    class_names: dict[str, list[str]]
    kinds: dict[str, Kind]
    rate_hz: int
    band_hz: tuple[float, float]
    window_s: float
    make_scorer: collections.abc.Callable[[int], scoring.WindowScorer]
    read_calibration: collections.abc.Callable[[], Calibration]


def from_arguments(
    args: argparse.Namespace, embeds: bool = False
) -> ModelSource:
    """The model of a command, as `arguments.check` leaves its flags.

    Args:
        args: with --workdir and --model.
        embeds: whether to score each window by its embedding, under the name
            `embedder.EMBEDDING`, instead of the logits of every task.
    """
    if args.workdir:
        return from_run(args.workdir, args.model, embeds)
    return from_file(args.model, embeds)


def from_run(
    workdir: str | os.PathLike[str], which: str, embeds: bool = False
) -> ModelSource:
    """The best or the last model of a run; see `from_arguments`."""
    from audio_diffstride.models.embedder import Embedder  # TensorFlow: seconds
    from audio_diffstride.runs import loading

    config = loading.load_config(workdir, ["window_s"])
    model = loading.load_model(workdir, which)
    if embeds:
        model = Embedder(model)
    path = pathlib.Path(workdir) / layout.MODEL.format(which=which)
    return from_model(model, path, config.window_s)


def from_model(
    model: Any,
    path: pathlib.Path,
    window_s: float,
) -> ModelSource:
    """A model in memory. It is compiled once for each length of a window.

    Args:
        model: an `AudioClassifier`.
        path: its file, in the folder of its run.
        window_s: length of the windows that it was trained on.
    """
    front_end = model.front_end
    return ModelSource(
        path,
        model.class_names,
        model.kinds,
        front_end.sample_rate_hz,
        front_end.band_hz,
        window_s,
        functools.cache(lambda samples: scoring.WindowScorer(model, samples)),
        functools.partial(calibration_file.require, path),
    )


def from_file(
    path: str | os.PathLike[str], embeds: bool = False
) -> ModelSource:
    """The model of an exported file; see `from_arguments`."""
    from audio_diffstride.export import metadata
    from audio_diffstride.export.runtimes import ExportedModel

    model = ExportedModel(path)
    window_s = model.window_samples / model.sample_rate_hz

    def make_scorer(samples: int) -> scoring.ExportedScorer:
        if samples != model.window_samples:
            raise UserError(
                f"--window_s is {samples / model.sample_rate_hz:g}, but {path} "
                f"was exported for windows of {window_s:g} s; export it again "
                "with that --window_s"
            )
        return scoring.ExportedScorer(model, embeds)

    low_hz, high_hz = model.about["band_hz"]
    return ModelSource(
        pathlib.Path(path),
        model.class_names,
        model.kinds,
        model.sample_rate_hz,
        (low_hz, high_hz),
        window_s,
        make_scorer,
        functools.partial(metadata.read_calibration, model.about, path),
    )
