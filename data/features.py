"""The TFDS features of our own builders of recordings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow_datasets as tfds

from audio_diffstride.audio.reading import SAMPLE_RATE_HZ


def recording_features(
    **labels: Iterable[str],
) -> tfds.features.FeaturesDict:
    """The features of a recording: audio, labels, file and group.

    Samples are stored as arrays, never as paths. TFDS decodes a path with
    pydub, which turns 24-bit files into noise.

    Args:
        **labels: {task: class names}.

    Returns:
        `audio` (mono, 16 kHz, int16), a ClassLabel per task, `file` (the name
        in the data set) and `group` ("" for none; a group stays in one split).
    """
    return tfds.features.FeaturesDict(
        {
            "audio": tfds.features.Audio(
                shape=(None,), dtype=np.int16, sample_rate=SAMPLE_RATE_HZ
            ),
            **{
                task: tfds.features.ClassLabel(names=list(names))
                for task, names in labels.items()
            },
            "file": tfds.features.Text(),
            "group": tfds.features.Text(),
        }
    )
