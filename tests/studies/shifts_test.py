"""Steadiness of decisions, against models whose steadiness is known."""

import types

import numpy as np
import pytest

from studies import shifts
from studies.shifts import NUM_HOPS, ShiftedWindows, measure, steadiness
from tests.studies.sound_changes_test import clips_of

WINDOW, HOP = 100, 5
RAMP = np.arange(1000)


def all_windows(clips, batch_size=7):
    windows = ShiftedWindows(clips, WINDOW, HOP, batch_size)
    batches = [windows[index][0] for index in range(len(windows))]
    assert all(len(batch) == batch_size for batch in batches[:-1])
    rows = np.concatenate(batches)
    return windows, rows.reshape(NUM_HOPS + 1, -1, WINDOW)


def test_each_window_moves_by_a_hop():
    windows, rows = all_windows(clips_of(RAMP + 1, RAMP[:400] + 5000))
    # 80 samples are for the shifts; 9 and 3 windows have room.
    assert windows.clip_of_window.tolist() == [0] * 9 + [1] * 3
    np.testing.assert_array_equal(np.diff(rows, axis=0), HOP)
    np.testing.assert_array_equal(np.diff(rows, axis=2), 1)
    for first, last, lowest, highest in ((0, 8, 1, 1000), (9, 11, 5000, 5399)):
        before, after = rows[0, first, 0] - lowest, highest - rows[-1, last, -1]
        assert before >= 0 and abs(before - after) <= 1


def test_a_short_recording_stays_whole_in_the_middle():
    _, rows = all_windows(clips_of(np.arange(1, 16)))
    for start in rows[:, 0]:
        np.testing.assert_array_equal(start[start > 0], np.arange(1, 16))
    places = rows[:, 0].argmax(axis=1)
    np.testing.assert_array_equal(np.diff(places), -HOP)
    assert places[0] + places[-1] == pytest.approx(WINDOW + 13, abs=1)


def model(logits):
    def predict(batch):
        return {"a": logits(batch.astype(float))}

    return types.SimpleNamespace(predict_on_batch=predict)


def test_a_model_of_the_content_is_steady_and_one_of_places_is_not():
    clips = clips_of(np.arange(1, 16), np.arange(1, 12))
    steady = model(lambda batch: np.stack([batch.sum(1), 0 * batch[:, 0]], 1))
    hopping = model(
        lambda batch: np.eye(2)[batch.argmax(1) // HOP % 2]  # every hop
    )
    for row in measure(steady, clips, WINDOW, HOP):
        assert (row["changed"], row["windows"]) == (0, 2)
        assert row["margin_change"] == 0
    for row in measure(hopping, clips, WINDOW, HOP):
        assert row["changed"] == row["hops"] % 2
        # Margins are 1 and -1, about as often: their deviation is 1.
        assert row["margin_change"] == pytest.approx(2 * row["changed"], 0.01)


def test_steadiness_is_what_a_loop_finds():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(4, 6, 3)), rng.integers(0, 3, 6)
    margins = np.empty((4, 6))
    for start in range(4):
        for window in range(6):
            of_window = [*logits[start, window]]
            true = of_window.pop(labels[window])
            margins[start, window] = true - max(of_window)
    np.testing.assert_allclose(shifts.true_margins(logits, labels), margins)
    rows = [*steadiness(logits, labels)]
    assert [row["hops"] for row in rows] == [1, 2, 3]
    for row in rows:
        pairs = [(a, a + row["hops"]) for a in range(4 - row["hops"])]
        changed = [
            logits[a, window].argmax() != logits[b, window].argmax()
            for a, b in pairs
            for window in range(6)
        ]
        moves = [np.abs(margins[a] - margins[b]) for a, b in pairs]
        assert row["changed"] == pytest.approx(np.mean(changed))
        assert row["margin_change"] == pytest.approx(
            np.mean(moves) / np.std(margins)
        )


def test_the_scale_of_logits_is_no_matter():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(4, 6, 3)), rng.integers(0, 3, 6)
    for one, other in zip(
        steadiness(logits, labels), steadiness(9 * logits, labels)
    ):
        assert one == pytest.approx(other)
