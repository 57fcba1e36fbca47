"""Which recordings a probe is trained on, and which it is tested on.

A unit stays on one side: a group, or a file without a group. A file with
several segments is one unit too.
"""

from __future__ import annotations

import dataclasses
import os
import warnings
from collections.abc import Sequence

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.recordings.recording import Recording

_DRAWN, _FOLDS = 1, 2  # what the seed is used for


@dataclasses.dataclass(frozen=True)
class Folds:
    """A cross-validation: each recording is tested once.

    Attributes:
        tests: the indices of the recordings of each test set.
        groups: the group of each recording, for intervals; empty if every
            recording is a unit of its own.
        description: what the test sets are.
    """

    tests: list[np.ndarray]
    groups: list[str]
    description: str


@dataclasses.dataclass(frozen=True)
class Draw:
    """Few training examples.

    Attributes:
        number: of the draw, from 0.
        train: indices of the examples.
        test: indices of the recordings to test on.
    """

    number: int
    train: np.ndarray
    test: np.ndarray


def make_folds(
    labels: np.ndarray,
    recordings: Sequence[Recording],
    num_folds: int,
    seed: int,
) -> Folds:
    """Divides recordings for a cross-validation.

    If there are groups, and no more than `num_folds`, each is the test set
    once. Of more groups, folds of whole groups are made. Without groups, the
    folds have nearly equal classes.

    Args:
        labels: class indices, of shape (recordings,).
        recordings: with their groups.
        num_folds: the largest number of folds, at least 2.
        seed: of the folds.

    Raises:
        UserError: if there are too few recordings or groups.
    """
    from sklearn import model_selection

    units = [r.group or f"file {os.path.normpath(r.path)}" for r in recordings]
    names = sorted({*units})
    random_state = np.random.RandomState([seed, _FOLDS])
    every = np.arange(len(labels))
    if len(names) == len(units):
        count = min(num_folds, int(np.bincount(labels).max()))
        if count < 2:
            raise UserError(
                "every class has one recording only; a probe needs another of "
                "each to be tested on"
            )
        splitter = model_selection.StratifiedKFold(
            count, shuffle=True, random_state=random_state
        )
        units, description = [], f"{count} folds of recordings"
    elif len(names) < 2:
        raise UserError(
            f"all recordings are of one group, {names[0]}; a probe is tested "
            "on other groups, so give the groups of others too, or none"
        )
    elif len(names) <= num_folds:
        splitter = model_selection.LeaveOneGroupOut()
        description = f"each of {len(names)} groups"
    else:
        splitter = model_selection.StratifiedGroupKFold(
            num_folds, shuffle=True, random_state=random_state
        )
        description = f"{num_folds} folds of {len(names)} groups"
    with warnings.catch_warnings():  # of a class with few recordings
        warnings.simplefilter("ignore", UserWarning)
        tests = [t for _, t in splitter.split(every, labels, units or None)]
    return Folds([t for t in tests if len(t)], units, description)


def untested(labels: np.ndarray, folds: Folds) -> list[int]:
    """The classes that lie in one test set only, so are never learned there."""
    places = np.zeros(len(labels), int)
    for number, test in enumerate(folds.tests):
        places[test] = number
    return [
        int(index)
        for index in np.unique(labels)
        if len(np.unique(places[labels == index])) == 1
    ]


def draw(
    labels: np.ndarray,
    folds: Folds,
    examples: int,
    num_draws: int,
    seed: int,
    classes: Sequence[str],
) -> list[Draw]:
    """Draws training examples of every class at random.

    Where there are groups, a draw tests on one fold, the folds in turn, and
    takes its examples from the other folds. Without groups, it tests on all
    that it does not take. A draw of more examples has those of the same draw
    of fewer.

    Args:
        labels: class indices, of shape (recordings,).
        folds: of the cross-validation.
        examples: how many of each class.
        num_draws: how many draws.
        seed: of the draws. A draw depends on it, its number and the data.
        classes: the names, for messages.

    Raises:
        UserError: for a class with too few recordings.
    """
    every = np.arange(len(labels))
    draws = []
    for number in range(num_draws):
        test = folds.tests[number % len(folds.tests)] if folds.groups else None
        pool = every if test is None else np.setdiff1d(every, test)
        rng = np.random.default_rng([seed, _DRAWN, number])
        order = rng.permutation(pool)
        taken = []
        for index, name in enumerate(classes):
            of_class = order[labels[order] == index]
            left = len(of_class) - (test is None)  # one to test on
            if left < examples:
                where = "" if test is None else " outside of a test set"
                raise UserError(
                    f"--examples has {examples}, but the class {name} has only "
                    f"{len(of_class)} recordings{where}; give at most "
                    f"{max(left, 0)}, or add recordings"
                )
            taken.append(of_class[:examples])
        train = np.sort(np.concatenate(taken))
        if test is None:
            test = np.setdiff1d(every, train)
        draws.append(Draw(number, train, test))
    return draws
