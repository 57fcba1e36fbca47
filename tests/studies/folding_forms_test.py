"""Each form changes what it says, while it is entered and no longer."""

import numpy as np
import pytest

from audio_diffstride.layers.folding_resampling import FoldingResampling
from audio_diffstride.models.audio.time_frequency import TimeFrequencyEncoder
from audio_diffstride.models.encoder import Encoder
from studies.folding_forms import FORMS

X = np.random.default_rng(0).normal(size=(2, 12, 8, 1)).astype("float32")


def small():
    """An encoder of two blocks that learns its folding from 0.5."""
    encoder = TimeFrequencyEncoder(
        channels=(2, 3),
        strides=((2, 2), (2, 2)),
        transition_band="inside",
        folding=0.5,
        learn_folding=True,
    )
    encoder(X)
    return encoder


def weights_of(encoder):
    return [d.resampling.folding for d in encoder.downsamplers]


def test_shared_has_one_weight():
    with FORMS["shared by all blocks"]():
        first, second = weights_of(small())
    assert first is second
    first, second = weights_of(small())
    assert first is not second


def test_sigmoid_has_no_bounds_and_begins_at_a_half():
    with FORMS["sigmoid"]():
        encoder = small()
        for weight in weights_of(encoder):
            assert weight.constraint is None
            weight.assign([0.0, 30.0])
        shares = [
            float(d.resampling.folding_of(axis))
            for d in encoder.downsamplers
            for axis in (0, 1)
        ]
    assert shares == pytest.approx([0.5, 1.0] * 2)


def test_penalty_is_the_mean_folding_times_its_weight():
    with FORMS["penalty 1"]():
        encoder = small()
        for weight, shares in zip(weights_of(encoder), ([0, 0.2], [0.4, 1])):
            weight.assign(shares)
        encoder(X, training=True)
        assert float(sum(encoder.losses)) == pytest.approx(0.4)
        encoder(X, training=False)
        assert not encoder.losses


def test_noise_is_in_training_only(monkeypatch):
    with FORMS["noise 0.25"]():
        encoder = small()
        drawn = []
        folding_of = FoldingResampling.folding_of

        def seen(layer, axis):
            drawn.append(float(folding_of(layer, axis)))
            return drawn[-1]

        with monkeypatch.context() as patch:
            patch.setattr(FoldingResampling, "folding_of", seen)
            encoder(X, training=True)
            assert len(set(drawn)) == len(drawn) > 1
            assert all(0.25 <= share <= 0.75 for share in drawn)
            drawn.clear()
            encoder(X, training=False)
            assert set(drawn) == {0.5}


@pytest.mark.parametrize("form", FORMS)
def test_methods_are_as_before_afterwards(form):
    owners = (FoldingResampling, Encoder)
    before = [dict(vars(owner)) for owner in owners]
    with FORMS[form]():
        pass
    assert [dict(vars(owner)) for owner in owners] == before
