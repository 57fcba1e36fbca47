"""The kinds of tasks: one label per recording, or several at once.

This is the only place that says what the two differ in. A kind says how labels
are kept in a store, what the outputs of a head mean, and how few classes there
may be. Metrics, tables and pages have a part for each kind, and choose it by
`kind`, never by the shape of an array.

    one label       the classes exclude each other: softmax
    several labels  each class is there or not: a sigmoid for each
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

NO_LABEL = -1
SEPARATOR = ";"  # between several labels in a cell
UNKNOWN = "?"  # in place of labels that nobody has listened for
# Sound with nothing of interest: a class like any other of a task with one
# label, and no label where there may be several.
BACKGROUND = "_background"
_HIDDEN = "_"  # begins the names of classes that are never reported


@dataclasses.dataclass(frozen=True)
class Labels:
    """What is known about one recording of a task with several labels.

    Attributes:
        present: the classes that are in it; none is an answer too.
        absent: the classes that are known not to be in it. None is all that
            are not present.
    """

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return SEPARATOR.join(self.present)


# Of a task with one label it is the class.
Label = str | Labels


def present(label: Label) -> tuple[str, ...]:
    """The classes that a recording has.

    >>> present("wren"), present(Labels(("wren", "robin"))), present(Labels())
    (('wren',), ('wren', 'robin'), ())
    """
    return (label,) if isinstance(label, str) else label.present


def is_reported(name: str) -> bool:
    """Whether a class is ever a detection: it does not begin with `_`.

    Such a class is trained and scored. It takes the windows of sound that
    nobody wants to hear of.

    >>> is_reported("wren"), is_reported(BACKGROUND), is_reported("_unknown")
    (True, False, False)
    """
    return not name.startswith(_HIDDEN)


class Kind(abc.ABC):
    """What a kind of task means. There are two, `ONE_LABEL` and the other.

    Attributes:
        name: in the files of stores, models and exports.
        title: in tables and on pages.
        activation: from logits to probabilities, by its usual name.
        least_classes: the fewest that there can be.
        threshold: the probability from which on a class is found, where no
            other is given.
    """

    name: str
    title: str
    activation: str
    least_classes: int
    threshold: float

    @abc.abstractmethod
    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """The probability of each class, as float64; classes lie last."""

    @abc.abstractmethod
    def decide(self, logits: np.ndarray) -> np.ndarray:
        """The decisions, in the form of labels."""

    @abc.abstractmethod
    def name_labels(self, label: np.ndarray, classes: Sequence[str]) -> str:
        """The label of one recording, as a cell of a user's table."""

    @abc.abstractmethod
    def agreement(self, probability: np.ndarray, label: np.ndarray) -> float:
        """How probable the label of one recording is to the model.

        With several labels it is that of the answer which is furthest off.
        """

    @abc.abstractmethod
    def write(self, label: Label, classes: Sequence[str]) -> str:
        """The cell of a store's table for a label."""

    @abc.abstractmethod
    def read(self, cells: Sequence[str], classes: Sequence[str]) -> np.ndarray:
        """The labels of all rows of a store's table.

        Raises:
            KeyError: for a cell that is not of these classes.
        """

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name.upper()  # a copy is the same object


class _OneLabel(Kind):
    """Labels are class indices of shape (recordings,), or `NO_LABEL`."""

    name = "one_label"
    title = "one label"
    activation = "softmax"
    least_classes = 2
    threshold = 0.0

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        logits = np.asarray(logits, float)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def decide(self, logits: np.ndarray) -> np.ndarray:
        return logits.argmax(axis=-1)

    def name_labels(self, label: np.ndarray, classes: Sequence[str]) -> str:
        return classes[int(label)]

    def agreement(self, probability: np.ndarray, label: np.ndarray) -> float:
        return float(probability[label])

    def write(self, label: Label, classes: Sequence[str]) -> str:
        return str(label)

    def read(self, cells: Sequence[str], classes: Sequence[str]) -> np.ndarray:
        index = {name: place for place, name in enumerate(classes)}
        index |= {"": NO_LABEL}
        return np.array([index[cell] for cell in cells], np.int32)


class _SeveralLabels(Kind):
    """Labels are of shape (recordings, classes): 1, 0, or `NO_LABEL`."""

    name = "several_labels"
    title = "several labels"
    activation = "sigmoid"
    least_classes = 1
    threshold = 0.5

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        logits = np.asarray(logits, float)
        power = np.exp(-np.abs(logits))  # never overflows
        return np.where(logits >= 0, 1, power) / (1 + power)

    def decide(self, logits: np.ndarray) -> np.ndarray:
        return (np.asarray(logits) >= 0).astype(np.int32)

    def name_labels(self, label: np.ndarray, classes: Sequence[str]) -> str:
        return SEPARATOR.join(
            name for name, mark in zip(classes, label) if mark == 1
        )

    def agreement(self, probability: np.ndarray, label: np.ndarray) -> float:
        right = np.where(label == 1, probability, 1 - probability)
        return float(right[label != NO_LABEL].min())

    def write(self, label: Label, classes: Sequence[str]) -> str:
        if not isinstance(label, Labels):
            return UNKNOWN * len(classes)
        marks = []
        for name in classes:
            known = label.absent is None or name in label.absent
            marks.append(
                "1" if name in label.present else "0" if known else UNKNOWN
            )
        return "".join(marks)

    def read(self, cells: Sequence[str], classes: Sequence[str]) -> np.ndarray:
        if any(len(cell) != len(classes) for cell in cells):
            raise KeyError(f"a cell has not {len(classes)} marks")
        text = "".join(cells).encode("ascii", "replace")
        marks = np.frombuffer(text, "S1").reshape(-1, len(classes))
        labels = np.full(marks.shape, NO_LABEL, np.int8)
        labels[marks == b"1"] = 1
        labels[marks == b"0"] = 0
        if not (marks[labels == NO_LABEL] == UNKNOWN.encode()).all():
            raise KeyError("a cell has a mark that is not 1, 0 or ?")
        return labels


ONE_LABEL = _OneLabel()
SEVERAL_LABELS = _SeveralLabels()
KINDS: dict[str, Kind] = {k.name: k for k in (ONE_LABEL, SEVERAL_LABELS)}


def are_known(labels: np.ndarray) -> np.ndarray:
    """Which recordings have a label, of one kind or the other.

    >>> are_known(np.array([2, NO_LABEL])).tolist()
    [True, False]
    >>> are_known(np.array([[NO_LABEL, 0], [NO_LABEL, NO_LABEL]])).tolist()
    [True, False]
    """
    known = labels != NO_LABEL
    return known if known.ndim == 1 else known.any(axis=1)


def has_labels(labels: np.ndarray) -> bool:
    """Whether there is anything to score, of one kind or the other.

    With several labels some recording must have one: nothing else is ranked.

    >>> has_labels(np.array([0])), has_labels(np.array([[0, NO_LABEL]]))
    (True, False)
    """
    return bool((labels != NO_LABEL if labels.ndim == 1 else labels == 1).any())


def to_json(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """The tasks with several labels, by the names of their kinds.

    Files of tasks with one label have no entry, as in earlier versions.

    >>> to_json({"bird": SEVERAL_LABELS, "site": ONE_LABEL})
    {'bird': 'several_labels'}
    """
    return {
        task: kind.name for task, kind in kinds.items() if kind is not ONE_LABEL
    }


def from_json(
    tasks: Mapping[str, object], names: Mapping[str, str]
) -> dict[str, Kind]:
    """The kind of every task, from what `to_json` wrote.

    Raises:
        KeyError: for a kind that does not exist.

    >>> from_json({"bird": [], "site": []}, {"bird": "several_labels"})
    {'bird': several_labels, 'site': one_label}
    """
    return {task: KINDS[names.get(task, ONE_LABEL.name)] for task in tasks}
