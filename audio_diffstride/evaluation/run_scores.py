"""The scores of a run's model on a split of its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ml_collections

from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference, shared_recordings, truth
from audio_diffstride.runs import loading


def score(
    model: Any,
    which: str,
    config: ml_collections.ConfigDict,
    stores: Sequence[Store],
    split: str = "test",
) -> tuple[dict[str, Any], dict[str, inference.LabelledRecordings]]:
    """Scores a model on whole recordings or images.

    Args:
        model: of the run.
        which: its name: "best" or "last".
        config: of the run.
        stores: the run's data sets.
        split: "train", "validation" or "test".

    Returns:
        The content of scores.json, and {task: the recordings of its scores}.

    Raises:
        UserError: for other classes than those of the model, or a split
            without labels.
    """
    results: dict[str, dict[str, object]] = {}
    recordings: dict[str, inference.LabelledRecordings] = {}
    for store in stores:
        inference.check_classes(model, store.name, store.tasks, store.kinds)
        examples = store.examples(split)
        labelled = inference.label_recordings(
            model,
            examples,
            loading.evaluation_input(config),
            **loading.evaluation_windows(config),
        )
        # Without its data and split, a score means little.
        origin: dict[str, Any] = {
            "data": store.name,
            "split_name": store.split_name,
        }
        if labelled and (
            shared := _shared_with_training(store, split, examples)
        ):
            origin["shared_with_training"] = shared
        for task, chosen in labelled.items():
            results[task] = {
                **origin,
                **chosen.scores(),
                truth.NAME: truth.digest(chosen),
            }
        recordings |= labelled
    if not results:
        raise UserError(
            f"no recording of the {split} split has a label to compare with; "
            "give another --split"
        )
    report = {
        "split": split,
        "model": which,
        **loading.describe_evaluation_input(config),
        "tasks": results,
    }
    return report, recordings


def _shared_with_training(store: Store, split: str, examples: Any) -> list[str]:
    """Sentences; images are not compared."""
    if split == "train" or not isinstance(store, ClipStore):
        return []
    trained_on = store.examples("train")
    return [
        *shared_recordings.describe(
            split, examples, trained_on, store.sample_rate_hz
        )
    ]
