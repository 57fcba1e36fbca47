"""Training windows and evaluation windows."""

import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.datasets.store_files import TEXT
from audio_diffstride.datasets.training_examples import MixedExamples
from audio_diffstride.datasets.windows import EvaluationWindows, TrainingWindows


def make_clips(lengths, labels=None):
    """Clips whose samples count up from 1: any sample tells its place."""
    lengths = np.array(lengths)
    count = len(lengths)
    return Clips(
        samples=np.arange(1, lengths.sum() + 1).astype("int16"),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels=labels or {"a": np.arange(count, dtype=np.int32)},
        files=np.full(count, "", TEXT),
        starts_s=np.zeros(count),
        groups=np.full(count, "", TEXT),
    )


def windows(clips, first_step=0, **kwargs):
    arguments = {
        "window_samples": 10,
        "batch_size": 3,
        "num_steps": 50,
        "seed": 1,
        "first_step": first_step,
        **kwargs,
    }
    return TrainingWindows(clips, **arguments)


def test_a_batch_is_a_function_of_seed_and_step_alone():
    clips = make_clips([20, 5, 10, 31, 8])
    forward = [windows(clips)[step][0] for step in range(50)]
    backward = windows(clips)
    for step in reversed(range(50)):
        np.testing.assert_array_equal(backward[step][0], forward[step])
    resumed = windows(clips, first_step=17)
    assert len(resumed) == 33
    np.testing.assert_array_equal(resumed[3][0], forward[20])
    other = [windows(clips, seed=2)[step][0] for step in range(50)]
    assert any((a != b).any() for a, b in zip(forward, other))


def test_each_pass_takes_every_clip_once_in_an_order_of_its_own():
    clips = make_clips([20, 5, 10, 31, 8])
    sequence = windows(clips)
    drawn = np.concatenate([sequence[i][1]["a"] for i in range(50)])
    passes = drawn.reshape(30, 5)
    assert (np.sort(passes, axis=1) == np.arange(5)).all()
    assert len(np.unique(passes, axis=0)) > 10


def test_a_window_is_a_stretch_of_its_clip_at_every_position():
    clips = make_clips([13, 13])
    starts = set()
    sequence = windows(clips, batch_size=2, num_steps=200)
    for step in range(200):
        waveforms, labels, _ = sequence[step]
        for window, clip in zip(waveforms, labels["a"]):
            np.testing.assert_array_equal(np.diff(window), 1)
            starts.add(int(window[0]) - 1 - 13 * int(clip))
    assert starts == {0, 1, 2, 3}


def test_a_short_clip_lies_whole_at_every_position_in_zeros():
    clips = make_clips([7, 7])
    positions = set()
    sequence = windows(clips, batch_size=2, num_steps=200)
    for step in range(200):
        waveforms, labels, _ = sequence[step]
        for window, clip in zip(waveforms, labels["a"]):
            first = int(np.flatnonzero(window)[0])
            positions.add(first)
            np.testing.assert_array_equal(
                window[first : first + 7], clips[int(clip)]
            )
            assert np.count_nonzero(window) == 7
    assert positions == {0, 1, 2, 3}


def test_a_missing_label_weighs_nothing():
    labels = {
        "a": np.array([0, 1, NO_LABEL], np.int32),
        "b": np.array([NO_LABEL, 5, 6], np.int32),
    }
    _, drawn, weights = windows(make_clips([10, 10, 10], labels))[0]
    by_clip = {}
    for a, b, weight_a, weight_b in zip(
        drawn["a"], drawn["b"], weights["a"], weights["b"]
    ):
        by_clip[weight_a, weight_b] = (a, b)
    assert by_clip == {(1, 0): (0, 0), (1, 1): (1, 5), (0, 1): (0, 6)}


def test_mixed_windows_hold_each_data_set_and_only_its_labels():
    a = windows(make_clips([10, 10, 10]), batch_size=1)
    b = windows(
        make_clips([10, 10], {"b": np.array([4, 4], np.int32)}), batch_size=3
    )
    waveforms, labels, weights = MixedExamples([a, b])[7]
    np.testing.assert_array_equal(waveforms[:1], a[7][0])
    np.testing.assert_array_equal(waveforms[1:], b[7][0])
    assert labels["a"].tolist() == [*a[7][1]["a"], 0, 0, 0]
    assert labels["b"].tolist() == [0, 4, 4, 4]
    assert weights["a"].tolist() == [1, 0, 0, 0]
    assert weights["b"].tolist() == [0, 1, 1, 1]
    assert len(MixedExamples([a, b])) == 50


def test_evaluation_windows_hold_every_sample_once():
    clips = make_clips([20, 5, 10, 31, 1])
    sequence = EvaluationWindows(clips, window_samples=10, batch_size=4)
    batches = [sequence[index][0] for index in range(len(sequence))]
    held = np.concatenate(batches)
    assert len(held) == len(sequence.clip_of_window) == 2 + 1 + 1 + 4 + 1
    np.testing.assert_array_equal(held[held != 0], clips.samples)
    np.testing.assert_array_equal(
        sequence.clip_of_window, [0, 0, 1, 2, 3, 3, 3, 3, 4]
    )
    np.testing.assert_allclose(
        sequence.weights, [1, 1, 0.5, 1, 1, 1, 1, 0.1, 0.1]
    )


def test_windows_of_clips_equal_padding_and_slicing():
    clips = make_clips([7, 1, 30])
    starts = np.tile(np.arange(-12, 32), 3)
    chosen = np.repeat(np.arange(3), 44)
    rows = clips.windows(chosen, starts, 5)
    for row, clip, start in zip(rows, chosen, starts):
        padded = np.pad(clips[clip], 40)
        np.testing.assert_array_equal(row, padded[start + 40 : start + 45])
