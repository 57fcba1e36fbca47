"""What listens: the model of a run, or an exported file."""

from __future__ import annotations

import collections.abc
import dataclasses
import itertools
import pathlib

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.predict.detections import ScoredWindow
from audio_diffstride.predict.streams import Window

_BATCH_SIZE = 8


@dataclasses.dataclass(frozen=True)
class ModelSource:
    """A model, whatever it is made of.

    Attributes:
        path: of its file.
        class_names: {task: class names}.
        rate_hz: of the samples that it takes.
        band_hz: the frequencies that it hears.
        window_s: of the windows that it was trained on.
        make_scorer: from the samples of a window to a callable as
            `scoring.WindowScorer`.
    """

    path: pathlib.Path
    class_names: dict[str, list[str]]
    rate_hz: int
    band_hz: tuple[float, float]
    window_s: float
    make_scorer: collections.abc.Callable


def of_run(workdir, which: str) -> ModelSource:
    """The best or the last model of a run."""
    from audio_diffstride.predict import scoring
    from audio_diffstride.runs import layout, loading  # seconds of TensorFlow

    config = loading.load_config(workdir, ["window_s"])
    model = loading.load_model(workdir, which)
    front_end = model.front_end
    return ModelSource(
        pathlib.Path(workdir) / layout.MODEL.format(which=which),
        model.class_names,
        front_end.sample_rate_hz,
        front_end.band_hz,
        config.window_s,
        lambda samples: scoring.WindowScorer(model, samples),
    )


def of_file(path) -> ModelSource:
    """An exported .onnx or .tflite file."""
    from audio_diffstride.export.runtimes import ExportedModel

    model = ExportedModel(path)

    def make_scorer(samples: int) -> ExportedScorer:
        if samples != model.window_samples:
            raise UserError(
                f"--window_s cannot be {samples / model.sample_rate_hz:g}: "
                f"{path} was exported for windows of "
                f"{model.window_samples / model.sample_rate_hz:g} s; export "
                "it again with that --window_s"
            )
        return ExportedScorer(model)

    return ModelSource(
        pathlib.Path(path),
        model.class_names,
        model.sample_rate_hz,
        tuple(model.about["band_hz"]),
        model.window_samples / model.sample_rate_hz,
        make_scorer,
    )


class ExportedScorer:
    """An exported file over windows, as `scoring.WindowScorer`.

    Args:
        model: an `ExportedModel`.
    """

    def __init__(self, model):
        self._model = model

    def warm_up(self):
        """Runs once, so that no estimate of time has it."""
        self._model.logits(np.zeros((1, self._model.window_samples), np.int16))

    def __call__(
        self, windows: collections.abc.Iterable[Window]
    ) -> collections.abc.Iterator[list[ScoredWindow]]:
        """Yields the windows of a recording in batches, with logits."""
        windows = iter(windows)
        while batch := list(itertools.islice(windows, _BATCH_SIZE)):
            logits = self._model.logits(np.stack([w.samples for w in batch]))
            yield [
                ScoredWindow.of(window, logits, row)
                for row, window in enumerate(batch)
            ]
