"""The validation score that decides which model of a run is the best."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ml_collections
import numpy as np

from audio_diffstride.config.field_types import parse_monitor
from audio_diffstride.datasets.kinds import SEVERAL_LABELS, Kind, has_labels
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation.quick_scores import QUICK_SCORES

if TYPE_CHECKING:  # its module takes seconds of TensorFlow
    from audio_diffstride.evaluation.inference import LabelledRecordings

DEFAULT = "accuracy"
OF_SEVERAL_LABELS = "average_precision"  # which have no accuracy


@dataclasses.dataclass(frozen=True)
class Monitor:
    """A score of one task, or its mean over all tasks.

    Args:
        text: as in `training.monitor`.

    Attributes:
        task: the task, or "" for the mean over all tasks.
        score: its name in `quick_scores`.

    Example:
    >>> Monitor("pitch:loss").column, Monitor("loss").is_better(0.1, 0.2)
    ('val_pitch_loss', True)
    """

    text: str = DEFAULT

    @property
    def task(self) -> str:
        return parse_monitor(self.text)[0]

    @property
    def score(self) -> str:
        return parse_monitor(self.text)[1]

    @property
    def lower_is_better(self) -> bool:
        """Whether it is a loss."""
        return self.score == "loss"

    @property
    def column(self) -> str:
        """Its column in history.csv."""
        parts = ("val", self.task, self.score)
        return "_".join(part for part in parts if part)

    @property
    def name(self) -> str:
        """Its name in a sentence."""
        score = self.score.replace("_", " ")
        return f"{score} of {self.task}" if self.task else score

    def value(self, recordings: Mapping[str, LabelledRecordings]) -> float:
        """Its value on validated recordings.

        Args:
            recordings: {task: its labelled recordings}.
        """
        chosen = [self.task] if self.task else list(recordings)
        scores = [recordings[task].quick_score(self.score) for task in chosen]
        return float(np.mean(scores))

    def is_better(self, score: float, other: float) -> bool:
        """Whether a value is better than another, and not equal."""
        return score < other if self.lower_is_better else score > other

    def format(self, score: float) -> str:
        """A value for a sentence.

        >>> Monitor("accuracy").format(0.5), Monitor("loss").format(0.5)
        ('50.0 %', '0.500')
        """
        if self.lower_is_better:
            return f"{score:.3f}"
        return f"{100 * score:.1f} %"


def of_tasks(text: str, kinds: Mapping[str, Kind]) -> Monitor:
    """The monitor of a run.

    A task with several labels has no accuracy. So if there is one, the default
    is the mean average precision of all tasks.

    Args:
        text: as in `training.monitor`.
        kinds: {task: its kind}.

    >>> of_tasks("accuracy", {"bird": SEVERAL_LABELS}).score
    'average_precision'
    """
    if text == DEFAULT and SEVERAL_LABELS in kinds.values():
        return Monitor(OF_SEVERAL_LABELS)
    return Monitor(text)


def check(config: ml_collections.ConfigDict, stores: Sequence[Store]) -> None:
    """Checks that the data have what is monitored.

    Raises:
        UserError: if they do not.
    """
    kinds = {task: kind for s in stores for task, kind in s.kinds.items()}
    monitor = of_tasks(config.training.monitor, kinds)
    tasks = sorted(kinds)
    asked = f"training.monitor is {monitor.text}"
    if monitor.task and monitor.task not in tasks:
        raise UserError(
            f"{asked}, but there is no task {monitor.task}; there are "
            f"{', '.join(tasks)}"
        )
    for task in [monitor.task] if monitor.task else tasks:
        if monitor.score not in QUICK_SCORES[kinds[task]]:
            raise UserError(
                f"{asked}, but {task} has {kinds[task].title} per recording, "
                f"and no {monitor.score}; monitor average_precision or loss"
            )
    # The accuracy of this task has the column of the monitored score.
    other = monitor.column.removeprefix("val_").removesuffix("_accuracy")
    if monitor.score == "balanced_accuracy" and other in tasks:
        raise UserError(
            f"{asked}, whose column {monitor.column} is that of the accuracy "
            f"of the task {other}; rename the task, or monitor another score"
        )
    validated = [
        store.examples("validation").labels
        for store in stores
        if store.num_examples.get("validation")
    ]
    if monitor.task and validated:
        labels = [of[monitor.task] for of in validated if monitor.task in of]
        if not any(has_labels(each) for each in labels):
            raise UserError(
                f"{asked}, but no validation recording has a label of "
                f"{monitor.task}; give it some, or monitor another task"
            )
