"""Ending a run whose monitored score no longer gets better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ml_collections

from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.training.monitor import Monitor


def is_over(
    history: Sequence[Mapping[str, Any]], monitor: Monitor, num_epochs: int
) -> bool:
    """Whether the last epochs brought no better score than those before.

    An equal score is not better. The answer depends on the history alone, so
    a resumed run stops where it would have stopped.

    Args:
        history: the rows of history.csv, of whole epochs.
        monitor: the score.
        num_epochs: how many epochs without a better score end a run. 0 ends
            none.

    >>> history = [{"val_loss": loss} for loss in (0.5, 0.4, 0.4, 0.6)]
    >>> [is_over(history, Monitor("loss"), epochs) for epochs in (0, 2, 3)]
    [False, True, False]
    """
    scores = [row[monitor.column] for row in history if monitor.column in row]
    best = 0
    for epoch, score in enumerate(scores):
        if monitor.is_better(score, scores[best]):
            best = epoch
    return 0 < num_epochs <= len(scores) - 1 - best


def check(config: ml_collections.ConfigDict, stores: Sequence[Store]) -> None:
    """Checks that there is something to stop a run by.

    Raises:
        UserError: for a config that stops early without a validation set.
    """
    num_epochs = config.training.early_stopping_epochs
    if num_epochs and not any(
        store.num_examples.get("validation") for store in stores
    ):
        raise UserError(
            f"training.early_stopping_epochs is {num_epochs}, but the data "
            "have no validation set; set it to 0, or give them one"
        )
