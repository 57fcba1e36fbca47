"""What the classes decide: which training examples are drawn, and how often.

The classes are those of a data set's first task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ml_collections

from audio_diffstride.config.field_types import split_names
from audio_diffstride.datasets import few_examples
from audio_diffstride.datasets.balance import Balance
from audio_diffstride.datasets.kinds import BACKGROUND, SEVERAL_LABELS
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError


def drawn(config: ml_collections.ConfigDict, store: Store) -> Any:
    """The training examples of a store, or those that are drawn of each class.

    Raises:
        UserError: if the classes to draw from are those of several labels.
    """
    examples, count = store.examples("train"), config.data.examples_per_class
    if not count:
        return examples
    task = _first_task(config, examples)
    if store.kinds[task] is SEVERAL_LABELS:
        raise UserError(
            f"data.examples_per_class is {count}, but {task} has several "
            "labels in a recording, so no number of recordings is that of a "
            "class; list few recordings in a CSV instead"
        )
    labels = examples.labels[task]
    return examples.only(few_examples.draw(labels, count, config.seed))


def balance(
    config: ml_collections.ConfigDict,
    examples: Any,
    tasks: Mapping[str, list[str]],
) -> Balance | None:
    """The balance of a data set's first task, or None for none.

    Args:
        config: of the run.
        examples: for training.
        tasks: {task: class names} of the data set.

    Raises:
        UserError: if background has a share, but there is none.
    """
    data = config.data
    if not data.balance and not data.background_share:
        return None
    first = _first_task(config, examples)
    names = tasks[first]
    index = names.index(BACKGROUND) if BACKGROUND in names else None
    found = Balance(
        examples.labels[first], data.balance, data.background_share, index
    )
    if data.background_share and not found.are_background.any():
        raise UserError(
            f"data.background_share is {data.background_share:g}, but no "
            f"training example of {first} is background; add some, such as a "
            f"folder {BACKGROUND}, or leave it at 0"
        )
    return found


def _first_task(config: ml_collections.ConfigDict, examples: Any) -> str:
    """By data.tasks, or else by the order in the store."""
    return min(examples.labels, key=_place_in(config.data.tasks))


def _place_in(tasks: str) -> Callable[[str], int]:
    """The place of a task in `data.tasks`; all are 0 where it is empty."""
    wanted = split_names(tasks)
    return lambda task: [*wanted, task].index(task)
