"""Where stripes are hidden: their widths, their places, and by what."""

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.datasets.augmentation.masks import Masks
from audio_diffstride.training import batches
from tests.support.synthetic import tiny_config, write_store

MASKS = Masks(40, 16, 5, 2, 3, 1)


def drawn(masks=MASKS, steps=200):
    """All stripes along time and along frequency, each (begin, end)."""
    found = [masks.draw(1, step, range(8)) for step in range(steps)]
    assert found[0]["time_masks"].dtype == np.int32
    return [
        np.concatenate([each[name] for each in found]).reshape(-1, 2)
        for name in ("time_masks", "frequency_masks")
    ]


def assert_equally_likely(values, choices):
    counts = np.bincount(values)
    assert len(counts) == choices
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


def test_widths_and_places_are_uniform():
    for stripes, widest, size in zip(drawn(), (5, 3), (40, 16)):
        widths = stripes[:, 1] - stripes[:, 0]
        assert_equally_likely(widths, widest + 1)
        for width in range(widest + 1):
            begins = stripes[widths == width, 0]
            assert_equally_likely(begins, size - width + 1)


def test_a_stripe_is_never_wider_than_its_axis():
    of_time, of_bands = drawn(Masks(4, 3, 100, 2, 100, 2))
    for stripes, size in ((of_time, 4), (of_bands, 3)):
        assert stripes.min() == 0 and stripes.max() == size
        assert (stripes[:, 0] <= stripes[:, 1]).all()


def test_a_row_has_its_own_masks_whoever_draws_them():
    whole = MASKS.draw(1, 7, range(8))
    for name, masks in MASKS.draw(1, 7, [5, 2]).items():
        np.testing.assert_array_equal(masks, whole[name][[5, 2]])
    assert len(np.unique(whole["time_masks"], axis=0)) > 5
    for seed, step in ((2, 7), (1, 8)):
        other = MASKS.draw(seed, step, range(8))
        assert (other["time_masks"] != whole["time_masks"]).any()


@pytest.mark.parametrize(
    "fields, of_time, of_bands",
    [
        ({"time_mask_ms": 50.0}, 5, 0),
        ({"frequency_mask_bands": 7, "num_frequency_masks": 1}, 0, 7),
    ],
)
def test_a_config_gives_masks_and_leaves_the_sound(
    fields, of_time, of_bands, tmp_path
):
    stores = [
        write_store(tmp_path / "a", {"a": ["x", "y"]}),
        write_store(tmp_path / "b", {"b": ["1", "2", "3"]}),
    ]
    config = tiny_config()
    config.training.batch_size = 40
    plain = batches.training_examples(config, stores)[0]
    config.augmentation.update(fields)
    inputs, labels, weights = batches.training_examples(config, stores)[0]
    np.testing.assert_array_equal(inputs["examples"], plain[0])
    for task in ("a", "b"):
        np.testing.assert_array_equal(labels[task], plain[1][task])
        np.testing.assert_array_equal(weights[task], plain[2][task])
    assert np.diff(inputs["time_masks"]).max() == of_time
    assert np.diff(inputs["frequency_masks"]).max() == of_bands
    assert inputs["time_masks"].shape == (40, 2, 2)
    assert inputs["time_masks"].max() <= 40  # frames of 0.4 s


def test_two_data_sets_of_a_batch_have_other_masks_and_mixtures(tmp_path):
    stores = [
        write_store(tmp_path / task, {task: ["x", "y"]}) for task in ("a", "b")
    ]
    config = tiny_config()
    config.training.batch_size = 40
    config.augmentation.update(time_mask_ms=200.0, mixup=1.0)
    inputs, labels, _ = batches.training_examples(config, stores)[0]
    masks = inputs["time_masks"]
    assert (masks[:20] != masks[20:]).any(axis=(1, 2)).sum() > 15
    shares = labels["a"][:20].max(axis=1), labels["b"][20:].max(axis=1)
    assert (np.sort(shares[0]) != np.sort(shares[1])).any()
