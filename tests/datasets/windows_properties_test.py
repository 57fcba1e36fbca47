"""What holds for windows of every length, hop and recording."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.datasets.windows import EvaluationWindows, TrainingWindows
from audio_diffstride.predict.streams import cut_windows
from tests.datasets.windows_test import make_clips

QUICK = settings(
    deadline=None, derandomize=True, max_examples=60, database=None
)
LONG = settings(QUICK, max_examples=2000)

LENGTHS = st.lists(st.integers(1, 90), min_size=1, max_size=7)
SIZES = st.integers(1, 40)


def check_evaluation(lengths, window_samples, batch_size):
    """Every sample is there once, in its place, and the weights add up."""
    clips = make_clips(lengths)
    sequence = EvaluationWindows(clips, window_samples, batch_size)
    batches = [sequence[index][0] for index in range(len(sequence))]
    assert all(0 < len(batch) <= batch_size for batch in batches)
    windows = np.concatenate(batches)
    # Samples count up from 1, so that zeros are padding.
    np.testing.assert_array_equal(windows[windows != 0], clips.samples)
    held = sequence.weights * window_samples
    np.testing.assert_allclose(held, np.count_nonzero(windows, axis=1))
    totals = np.bincount(sequence.clip_of_window, weights=held)
    np.testing.assert_allclose(totals, lengths)


def check_overlap(lengths, window_samples, hop_samples, batch_size):
    """Windows that overlap are those of a stream of each clip."""
    hop_samples = min(hop_samples, window_samples)
    clips = make_clips(lengths)
    sequence = EvaluationWindows(clips, window_samples, batch_size, hop_samples)
    windows = np.concatenate([sequence[i][0] for i in range(len(sequence))])
    expected = [
        (clip, window)
        for clip in range(len(lengths))
        for window in cut_windows([clips[clip]], window_samples, hop_samples)
    ]
    assert sequence.clip_of_window.tolist() == [clip for clip, _ in expected]
    np.testing.assert_array_equal(windows, [w.samples for _, w in expected])
    np.testing.assert_allclose(
        sequence.weights * window_samples,
        [window.held_samples for _, window in expected],
    )
    assert set(windows[windows != 0]) == set(clips.samples)


def check_training(lengths, window_samples, batch_size, seed, first_step):
    """A window is a stretch of its clip; a later start is a slice."""
    clips = make_clips(lengths)
    arguments = (clips, window_samples, batch_size, first_step + 3, seed)
    whole = TrainingWindows(*arguments)
    resumed = TrainingWindows(*arguments, first_step)
    assert len(resumed) == 3
    for step in range(3):
        waveforms, labels, _ = resumed[step]
        np.testing.assert_array_equal(waveforms, whole[first_step + step][0])
        for window, clip in zip(waveforms, labels["a"]):
            held = window[window != 0]
            assert len(held) == min(window_samples, lengths[clip])
            assert set(held) <= set(clips[clip])
            assert (np.diff(held) == 1).all()


def check_stream(length, window_samples, hop_samples, cuts):
    """The windows cover the recording, whatever the blocks it comes in."""
    hop_samples = min(hop_samples, window_samples)
    samples = np.arange(1, length + 1, dtype=np.int16)
    places = sorted(cut % (length + 1) for cut in cuts)
    blocks = np.split(samples, places)
    windows = list(cut_windows(blocks, window_samples, hop_samples))
    heard = np.zeros(length, int)
    for number, window in enumerate(windows):
        assert window.start_sample == number * hop_samples
        begin, end = window.start_sample, window.start_sample
        end += window.held_samples
        np.testing.assert_array_equal(
            window.samples[: window.held_samples], samples[begin:end]
        )
        assert not window.samples[window.held_samples :].any()
        heard[begin:end] += 1
    assert heard.min() >= 1
    # None but the last reaches the end.
    assert len(windows) == 1 + max(
        0, -(-(length - window_samples) // hop_samples)
    )


EVALUATION = given(LENGTHS, SIZES, st.integers(1, 9))
OVERLAP = given(LENGTHS, SIZES, SIZES, st.integers(1, 9))
TRAINING = given(
    LENGTHS, SIZES, st.integers(1, 9), st.integers(0, 99), st.integers(0, 200)
)
STREAM = given(st.integers(1, 200), SIZES, SIZES, st.lists(st.integers(0, 999)))

test_evaluation_loses_no_sample = QUICK(EVALUATION(check_evaluation))
test_overlapping_windows_lose_no_sample = QUICK(OVERLAP(check_overlap))
test_training_windows_lie_inside_their_clips = QUICK(TRAINING(check_training))
test_a_stream_of_windows_covers_the_recording = QUICK(STREAM(check_stream))
test_evaluation_in_long = pytest.mark.slow(LONG(EVALUATION(check_evaluation)))
test_training_in_long = pytest.mark.slow(LONG(TRAINING(check_training)))
test_streams_in_long = pytest.mark.slow(LONG(STREAM(check_stream)))
