"""A trained run as a Python object."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from audio_diffstride import cutoffs
from audio_diffstride.audio import arrays, truncation
from audio_diffstride.config import config_fields
from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.datasets.kinds import Kind
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.errors import UserError
from audio_diffstride.files import csv_files
from audio_diffstride.predict import model_sources, streams
from audio_diffstride.predict.model_sources import ModelSource
from audio_diffstride.predict.windowing import RecordingScorer
from audio_diffstride.published import models
from audio_diffstride.recordings import sources
from audio_diffstride.runs import layout, loading
from audio_diffstride.terminal.notices import warn

if TYPE_CHECKING:  # they take seconds, or half a second
    from matplotlib.figure import Figure

    from audio_diffstride.predict.detections import ScoredWindow
    from audio_diffstride.predict.predicted import PredictedRecording

# A file, or samples of shape (samples,) or (samples, channels).
Recording = str | os.PathLike[str] | Any


class Run:
    """A trained run: it evaluates, predicts, embeds and reports.

    `train` and `load_run` return it. Its numbers are those of the commands. No
    method writes results to a file.

    Args:
        workdir: the run's work directory, or the name of a published model.
        which: of its models: "best" or "last".

    Attributes:
        workdir: the run's work directory.
        config: the config, with every field resolved.
        model: the `AudioClassifier` or `ImageClassifier`, a Keras model.

    Raises:
        UserError: if there is no such run or model.
    """

    def __init__(self, workdir: str | os.PathLike[str], which: str = "best"):
        if which not in ("best", "last"):
            raise UserError(f"which is {which!r}, but must be best or last")
        self.workdir = models.run_folder(workdir)
        self.config = loading.load_config(
            self.workdir, [config_fields.INPUT, "data"]
        )
        self.model = loading.load_model(self.workdir, which)
        self._which = which

    @property
    def class_names(self) -> dict[str, list[str]]:
        """{task: class names}."""
        return self.model.class_names

    @property
    def kinds(self) -> dict[str, Kind]:
        """{task: its kind}: one label per recording, or several."""
        return self.model.kinds

    @property
    def history(self) -> dict[str, list[float]]:
        """The losses and accuracies after every epoch: history.csv."""
        path = self.workdir / layout.HISTORY
        try:
            return csv_files.read_numbers(
                path, ["epoch"], "train the run again, or restore the file"
            )
        except FileNotFoundError as error:
            raise UserError(
                f"{path} is missing: train the run first"
            ) from error

    @property
    def strides(self) -> dict[str, list[float]]:
        """The strides by training step: "step", "block1_time" and so on."""
        return stride_plot.history(self.workdir)

    @property
    def folding(self) -> dict[str, list[float]]:
        """The folding by training step, as `strides`; {} if nothing folds.

        It is the share of what lies beyond the cut-off that is folded back.
        """
        return stride_plot.folding_history(self.workdir)

    def plot_strides(self) -> Figure:
        """Draws every stride against the training step, for matplotlib."""
        return stride_plot.for_notebook([self.strides])

    def cutoffs(self) -> list[dict[str, Any]]:
        """What each layer keeps, a dict for each block and axis.

        The keys are those of `audio_diffstride.cutoffs.report`.
        """
        size = self.model.front_end.output_size(
            loading.evaluation_input(self.config)
        )
        return cutoffs.report(self.model, size)

    def evaluate(self, split: str = "test") -> dict[str, Any]:
        """Scores the model on whole recordings, as `evaluate` does.

        Args:
            split: "train", "validation" or "test".

        Returns:
            The content of scores.json: "tasks" holds the scores of each task.

        Raises:
            UserError: if the split has no labels, or the recordings have
                gone or changed.
        """
        from audio_diffstride.evaluation import run_scores  # TensorFlow

        if split not in SPLITS:
            raise UserError(
                f"split is {split!r}, but must be {', '.join(SPLITS[:-1])} or "
                f"{SPLITS[-1]}"
            )
        stores = sources.open_stores(self.config)
        report, _ = run_scores.score(
            self.model, self._which, self.config, stores, split
        )
        return report

    def predict(
        self,
        recording: Recording,
        sample_rate_hz: float | None = None,
        window_s: float | None = None,
        hop_s: float | None = None,
    ) -> PredictedRecording:
        """Finds the classes in a recording of any length.

        Args:
            recording: a file; or an array of int16, or of floats in [-1, 1],
                of shape (samples,) or (samples, channels). It is mixed down and
                resampled, as files are.
            sample_rate_hz: of an array; a file says its own.
            window_s: length of a window; None is that of training.
            hop_s: from the start of one window to the next; None is `window_s`.

        Returns:
            The times and the probabilities of all windows.

        Raises:
            UserError: for a recording that cannot be read, an array of another
                kind, or lengths that are not allowed.
        """
        from audio_diffstride.predict.predicted import PredictedRecording

        windows = self._score(
            self._source, recording, sample_rate_hz, window_s, hop_s
        )
        return PredictedRecording(
            self.class_names, self._source.rate_hz, list(windows), self.kinds
        )

    def listen(
        self,
        blocks: Iterable[Any],
        sample_rate_hz: float,
        window_s: float | None = None,
        hop_s: float | None = None,
    ) -> Iterator[PredictedRecording]:
        """Finds the classes in sound as it comes.

        The windows are those of `predict` with the whole sound. They are scored
        one by one, so probabilities differ in the last bits.

        Args:
            blocks: arrays as for `predict`, one after the other.
            sample_rate_hz: of the arrays.
            window_s: length of a window; None is that of training.
            hop_s: from the start of one window to the next; None is `window_s`.

        Yields:
            Each window as soon as it is complete, alone; at the end the last
            one, padded with zeros.

        Raises:
            UserError: for an array of another kind, or lengths that are not
                allowed.
        """
        from audio_diffstride.predict.predicted import PredictedRecording

        rate_hz = arrays.check_rate(sample_rate_hz)
        scorer = RecordingScorer(self._source, window_s, hop_s)
        keeps = rate_hz == scorer.rate_hz
        mono = (arrays.mix_down(block, keeps) for block in blocks)
        samples = streams.resample_blocks(mono, rate_hz, scorer.rate_hz)
        for window in scorer.one_by_one(samples):
            yield PredictedRecording(
                self.class_names, scorer.rate_hz, [window], self.kinds
            )

    def embed(
        self,
        recording: Recording,
        sample_rate_hz: float | None = None,
        window_s: float | None = None,
        hop_s: float | None = None,
    ) -> np.ndarray:
        """Computes what the heads see of each window of a recording.

        Similar sounds have similar vectors. For the arguments: `predict`.

        Returns:
            float32, of shape (windows, channels).
        """
        from audio_diffstride.models.embedder import EMBEDDING

        windows = self._score(
            self._embedding_source, recording, sample_rate_hz, window_s, hop_s
        )
        vectors = [window.logits[EMBEDDING] for window in windows]
        return np.stack(vectors).astype(np.float32)

    def _score(
        self,
        source: ModelSource,
        recording: Recording,
        sample_rate_hz: float | None,
        window_s: float | None,
        hop_s: float | None,
    ) -> Iterator[ScoredWindow]:
        scorer = RecordingScorer(source, window_s, hop_s)
        if not isinstance(recording, str | os.PathLike):
            samples = arrays.convert(recording, sample_rate_hz, source.rate_hz)
            for batch in scorer([samples]):
                yield from batch
            return
        if sample_rate_hz is not None:
            raise UserError(
                f"sample_rate_hz is for arrays; leave it out for {recording}, "
                "which says its own"
            )
        yield from scorer.score_file(recording)
        if cut_off := truncation.find(recording):
            warn(cut_off)

    @functools.cached_property
    def _source(self) -> ModelSource:
        return self._source_of(self.model)

    @functools.cached_property
    def _embedding_source(self) -> ModelSource:
        from audio_diffstride.models.embedder import Embedder

        return self._source_of(Embedder(self.model))

    def _source_of(self, model: Any) -> ModelSource:
        loading.load_config(self.workdir, ["window_s"])  # refuses images
        path = self.workdir / layout.MODEL.format(which=self._which)
        return model_sources.from_model(model, path, self.config.window_s)

    def __repr__(self) -> str:
        tasks = ", ".join(self.class_names)
        return f"<{self._which} model of {self.workdir}: {tasks}>"


def load_run(workdir: str | os.PathLike[str], which: str = "best") -> Run:
    """Loads a trained run.

    Args:
        workdir: the `--workdir` that it was trained in, or "demo".
        which: the model: "best", of the best validation score, or "last".

    Raises:
        UserError: if there is no such run or model.
    """
    return Run(workdir, which)
