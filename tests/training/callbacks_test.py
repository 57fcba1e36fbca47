"""What happens at the end of an epoch."""

import numpy as np
import pytest

from audio_diffstride.evaluation import metrics
from audio_diffstride.training import callbacks
from tests.datasets.windows_test import make_clips
from tests.evaluation.inference_test import Reader


def test_validation_scores_accuracy_and_nothing_dearer(monkeypatch):
    monkeypatch.delattr(metrics, "scores")
    labels = {"a": np.array([0, 0, 1], np.int32)}
    callback = callbacks.ValidateRecordings(
        [make_clips([10, 10, 5], labels)], evaluation_input=10, batch_size=2
    )
    callback.set_model(Reader())
    logs = {}
    callback.on_epoch_end(0, logs)
    assert logs == {"val_accuracy": 2 / 3}


@pytest.mark.parametrize(
    "pooling, accuracy", [("mean_logits", 0.0), ("max_logits", 1.0)]
)
def test_validation_pools_windows_as_the_config_says(pooling, accuracy):
    clips = make_clips([15], {"a": np.array([0], np.int32)})
    # The mean is below 0 and the largest is of class 0.
    clips.samples[:] = np.repeat([3, -2, -2], 5)
    callback = callbacks.ValidateRecordings([clips], 5, 2, pooling=pooling)
    callback.set_model(Reader())
    logs = {}
    callback.on_epoch_end(0, logs)
    assert logs == {"val_accuracy": accuracy}
