"""The processes of a run draw a batch between them, each window once."""

import numpy as np
import pytest

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.training import batches
from tests.support.synthetic import tiny_config, write_store


@pytest.mark.parametrize("gain_db, noise_db", [(0, ()), (6, (-60, -40))])
@pytest.mark.parametrize("num_parts", [2, 4])
def test_the_shares_in_order_are_the_batch_and_nothing_else_is_read(
    num_parts, gain_db, noise_db, tmp_path, monkeypatch
):
    stores = [
        write_store(tmp_path / "a", {"a": ["x", "y"]}, "a{}.wav"),
        write_store(tmp_path / "b", {"b": ["1", "2", "3"]}, "b{}.wav"),
    ]
    config = tiny_config()
    config.augmentation.gain_db = gain_db
    config.augmentation.noise_db = noise_db
    config.training.batch_size = 8
    config.data.proportions = (3, 5)  # a share of 2 has rows of both
    whole = batches.training_examples(config, stores)[1]
    read = []
    windows = Clips.windows
    monkeypatch.setattr(
        Clips,
        "windows",
        lambda clips, chosen, *rest: (
            read.append(len(chosen)) or windows(clips, chosen, *rest)
        ),
    )
    shares = [
        batches.training_examples(config, stores, 0, (part, num_parts))[1]
        for part in range(num_parts)
    ]
    assert sum(read) == 8
    np.testing.assert_array_equal(
        np.concatenate([waveforms for waveforms, _, _ in shares]), whole[0]
    )
    for column in (1, 2):
        for task, values in whole[column].items():
            np.testing.assert_array_equal(
                np.concatenate([share[column][task] for share in shares]),
                values,
            )
