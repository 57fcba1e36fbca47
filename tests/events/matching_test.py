"""Joining windows to events, and matching events."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.events import matching
from audio_diffstride.events.matching import Tolerance

tenths = st.integers(0, 40).map(lambda number: number / 10)
lengths = st.integers(1, 15).map(lambda number: number / 10)
events = st.lists(
    st.tuples(tenths, lengths).map(lambda each: (each[0], sum(each))),
    max_size=5,
)
PROPERTY = settings(
    deadline=None, derandomize=True, max_examples=80, database=None
)


def array(rows):
    return np.array(rows, float).reshape(-1, 2)


@given(events)
@PROPERTY
def test_events_are_where_windows_are(rows):
    joined = matching.join(array(rows))
    ticks = np.arange(0, 60) / 10 + 0.05

    def covered(times_s):
        return [any(a <= t < b for a, b in times_s) for t in ticks]

    assert covered(joined) == covered(rows)
    gaps = joined[1:, 0] - joined[:-1, 1]
    assert (gaps > 1e-6).all()


@given(events, events, st.sampled_from([0.1, 0.5]), st.booleans())
@PROPERTY
def test_as_many_events_are_right_as_can_be(true, found, collar_s, onset_only):
    """Against all ways to pair them."""

    def may_pair(one, other):
        end_s = max(collar_s, 0.5 * (other[1] - other[0]))
        return abs(one[0] - other[0]) <= collar_s + 1e-6 and (
            onset_only or abs(one[1] - other[1]) <= end_s + 1e-6
        )

    few, many = sorted([found, true], key=len)
    best = max(
        sum(
            may_pair(*((f, t) if few is found else (t, f)))
            for f, t in zip(few, chosen)
        )
        for chosen in itertools.permutations(many, len(few))
    )
    tolerance = Tolerance(collar_s, onset_only)
    right = tolerance.match(array(true), array(found))
    assert right.sum() == best
    assert right.shape == (len(found),)


def test_a_window_may_stand_for_its_middle():
    """Windows of 1 s, every 0.25 s, that hold half of 2.0 to 2.5 s."""
    starts = np.arange(0, 4, 0.25)
    inside = np.minimum(starts + 1, 2.5) - np.maximum(starts, 2.0)
    chosen = starts[inside >= 0.25]
    windows = np.stack([chosen, chosen + 1], axis=1)
    ((begin, end),) = matching.join(windows, hop_s=0.25)
    assert (begin, end) == (1.625, 2.875)
    true = array([(2.0, 2.5)])
    assert Tolerance().match(true, matching.join(windows, 0.25)).all()
    assert not Tolerance().match(true, matching.join(windows)).any()


@pytest.mark.parametrize("true, found", [([], [(0, 1)]), ([(0, 1)], [])])
def test_nothing_matches_nothing(true, found):
    right = Tolerance().match(array(true), array(found))
    assert right.tolist() == [False] * len(found)
