"""Whether scores are of the same recordings with the same labels.

Scores are compared by the name of a data set and its split. A label file that
has changed in between keeps both names. So scores.json has a digest of what the
predictions were compared with.
"""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # its module needs seconds of TensorFlow
    from audio_diffstride.evaluation.inference import LabelledRecordings

NAME = "truth"  # in the scores of a task


def digest(recordings: LabelledRecordings) -> str:
    """Sixteen hexadecimal digits of the files, their starts and their labels.

    The order of the recordings does not matter.
    """
    rows = (
        repr((file, float(start_s), np.asarray(label).tolist()))
        for file, start_s, label in zip(
            recordings.files, recordings.starts_s, recordings.labels
        )
    )
    text = "\n".join([*recordings.classes, *sorted(rows)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def find_differing(
    evaluations: Iterable[tuple[object, Mapping[str, Any]]],
) -> Iterator[str]:
    """Yields a sentence for every task whose scores cannot be compared.

    Args:
        evaluations: (name of the run, its scores of each task).
    """
    runs: dict[tuple[str, ...], dict[str, object]] = collections.defaultdict(
        dict
    )
    for run, tasks in evaluations:
        for task, scores in tasks.items():
            if NAME in scores:  # evaluations of older versions have none
                place = task, scores["data"], scores["split_name"]
                runs[place].setdefault(scores[NAME], run)
    for (task, data, split_name), by_digest in runs.items():
        if len(by_digest) > 1:
            one, other, *_ = by_digest.values()
            yield (
                f"{one} and {other} were evaluated on different recordings or "
                f"labels of {task} ({data}, {split_name}); evaluate both again "
                "before you compare them"
            )
