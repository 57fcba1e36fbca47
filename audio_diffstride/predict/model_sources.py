"""The model that predicts: of a run, or an exported file."""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import os
import pathlib
from typing import Any

from audio_diffstride.errors import UserError
from audio_diffstride.predict import scoring
from audio_diffstride.runs import layout


@dataclasses.dataclass(frozen=True)
class ModelSource:
    """A model of any kind.

    Attributes:
        path: its file.
        class_names: {task: class names}.
        rate_hz: sample rate of its input.
        band_hz: the lowest and the highest frequency that it uses.
        window_s: length of the windows that it was trained on.
        make_scorer: from the samples of a window to its scorer.
    """

    path: pathlib.Path
    class_names: dict[str, list[str]]
    rate_hz: int
    band_hz: tuple[float, float]
    window_s: float
    make_scorer: collections.abc.Callable[[int], scoring.WindowScorer]


def from_run(workdir: str | os.PathLike[str], which: str) -> ModelSource:
    """The best or the last model of a run."""
    from audio_diffstride.runs import loading  # TensorFlow: seconds

    config = loading.load_config(workdir, ["window_s"])
    model = loading.load_model(workdir, which)
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
        path: its file.
        window_s: length of the windows that it was trained on.
    """
    front_end = model.front_end
    return ModelSource(
        path,
        model.class_names,
        front_end.sample_rate_hz,
        front_end.band_hz,
        window_s,
        functools.cache(lambda samples: scoring.WindowScorer(model, samples)),
    )


def from_file(path: str | os.PathLike[str]) -> ModelSource:
    """The model of an exported .onnx, .tflite or .html file."""
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
        return scoring.ExportedScorer(model)

    low_hz, high_hz = model.about["band_hz"]
    return ModelSource(
        pathlib.Path(path),
        model.class_names,
        model.sample_rate_hz,
        (low_hz, high_hz),
        window_s,
        make_scorer,
    )
