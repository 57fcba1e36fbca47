"""From logits to detections."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.predict import detections
from audio_diffstride.predict.decisions import DecisionRule
from audio_diffstride.predict.detections import Detection, ScoredWindow

CLASSES = {"a": ["x", "y", "z"], "b": ["1", "2"]}


def window(number, a, b=(0.0, 0.0), end=None):
    start = 10 * number
    return ScoredWindow(
        start_sample=start,
        end_sample=start + 10 if end is None else end,
        padded=end is not None,
        windows=1,
        logits={"a": np.float32(a), "b": np.float32(b)},
    )


def test_the_best_classes_come_first_with_their_probability():
    logits = [1.0, 3.0, -2.0]
    rules = {"a": DecisionRule()}
    classes = {"a": CLASSES["a"]}
    rows = detections.choose(window(3, logits), classes, 5, rules, None)
    assert [row.label for row in rows] == ["y", "x", "z"]
    expected = scipy.special.softmax(logits)[[1, 0, 2]]
    np.testing.assert_allclose([r.score for r in rows], expected, atol=5e-7)
    assert {row[:4] for row in rows} == {(6.0, 8.0, False, 1)}


def test_top_and_threshold_leave_rows_out():
    scored = window(0, np.log([0.5, 0.3, 0.2]), np.log([0.1, 0.9]))

    def labels(threshold=0.0, **kwargs):
        rules = dict.fromkeys(CLASSES, DecisionRule(threshold))
        rows = detections.choose(scored, CLASSES, 10, rules, **kwargs)
        return [row.label for row in rows]

    assert labels() == ["x", "2"]
    assert labels(top=2) == ["x", "y", "2", "1"]
    assert labels(top=None, threshold=0.25) == ["x", "y", "2"]
    assert labels(threshold=0.8) == ["2"]
    assert labels(threshold=1.0) == []


def test_huge_logits_become_probabilities():
    values = DecisionRule().scores(np.float32([1e4, -1e4, 1e4]))
    np.testing.assert_allclose(values, [0.5, 0, 0.5])


def test_of_several_labels_each_that_reaches_the_threshold_is_found():
    scored = window(0, [0.1, -2.0, 3.0], [1.0, 0.0])

    def found(scored=scored, threshold=None, **arguments):
        kinds = {"a": SEVERAL_LABELS, "b": ONE_LABEL}
        rules = {
            task: DecisionRule.uncalibrated(kind, threshold)
            for task, kind in kinds.items()
        }
        rows = detections.choose(scored, CLASSES, 10, rules, **arguments)
        return [row.label for row in rows]

    assert found() == ["z", "x", "1"]
    assert found(top=1) == ["z", "x", "1"]
    assert found(threshold=0.6) == ["z", "1"]
    assert found(threshold=0.0) == ["z", "x", "y", "1"]
    assert found(window(0, [-1.0, -2.0, -3.0], [1.0, 0.0])) == ["1"]


@pytest.mark.parametrize("kind", [ONE_LABEL, SEVERAL_LABELS])
def test_a_hidden_class_is_no_detection(kind):
    """But where it is the best of a window, no other is."""
    classes = {"a": ["_background", "x", "y"]}
    rules = {"a": DecisionRule.uncalibrated(kind)}

    def found(logits, **arguments):
        scored = window(0, logits)
        rows = detections.choose(scored, classes, 10, rules, **arguments)
        return [row.label for row in rows]

    is_one = kind is ONE_LABEL
    assert found([3.0, 1.0, -1.0]) == ([] if is_one else ["x"])
    assert found([3.0, 1.0, -1.0], top=2) == ["x"]
    assert found([1.0, 3.0, -1.0]) == ["x"]


def test_the_average_weighs_a_padded_window_by_what_it_holds():
    windows = [window(0, [1, 0, 0]), window(1, [4, 2, 0], end=15)]
    mean = detections.average(windows, 10)
    np.testing.assert_allclose(mean.logits["a"], [2, 2 / 3, 0])
    assert (mean.start_sample, mean.end_sample) == (0, 15)
    assert (mean.windows, mean.padded) == (2, True)


def row(number, label, score, task="a", padded=False):
    return Detection(number, number + 1.0, padded, 1, task, label, score)


def test_adjacent_windows_of_a_class_are_one_detection():
    rows = [
        [row(0, "x", 0.6), row(0, "y", 0.3), row(0, "x", 0.5, "b")],
        [row(1, "x", 0.9)],
        [row(2, "y", 0.7), row(2, "x", 0.2, padded=True)],
    ]
    assert list(detections.merge(rows)) == [
        Detection(0, 1.0, False, 1, "a", "y", 0.3),
        Detection(0, 1.0, False, 1, "b", "x", 0.5),
        Detection(2, 3.0, False, 1, "a", "y", 0.7),
        Detection(0, 3.0, True, 3, "a", "x", 0.9),
    ]


def test_a_window_without_the_class_separates_two_detections():
    rows = [[row(0, "x", 0.6)], [], [row(2, "x", 0.6)]]
    merged = list(detections.merge(rows))
    assert [(r.start_s, r.end_s) for r in merged] == [(0, 1), (2, 3)]


@pytest.mark.parametrize("seed", range(5))
def test_merging_covers_the_same_times(seed):
    rng = np.random.default_rng(seed)
    present = rng.random((3, 30)) < 0.5
    rows = [
        [row(i, str(c), 0.5) for c in range(3) if present[c, i]]
        for i in range(30)
    ]
    merged = list(detections.merge(rows))
    for label in range(3):
        mine = [r for r in merged if r.label == str(label)]
        covered = np.zeros(30, int)
        for r in mine:
            covered[int(r.start_s) : int(r.end_s)] += 1
            assert r.windows == r.end_s - r.start_s
        np.testing.assert_array_equal(covered, present[label])
        runs = np.diff(np.concatenate([[0], present[label]]).astype(int)) == 1
        assert len(mine) == runs.sum()
    assert [r.end_s for r in merged] == sorted(r.end_s for r in merged)


def test_a_class_lost_in_one_overlapping_window_is_one_detection():
    rows = [
        [Detection(0.0, 1.0, False, 1, "a", "x", 0.6)],
        [Detection(0.5, 1.5, False, 1, "a", "y", 0.7)],
        [Detection(1.0, 2.0, True, 1, "a", "x", 0.8)],
    ]
    assert list(detections.merge(rows)) == [
        Detection(0.5, 1.5, False, 1, "a", "y", 0.7),
        Detection(0.0, 2.0, True, 2, "a", "x", 0.8),
    ]


@st.composite
def overlapping_windows(draw):
    """Rows of windows of 1 to 6 samples, one every 1 to 6 samples or fewer."""
    length = draw(st.integers(1, 6))
    hop = draw(st.integers(1, length))
    windows = draw(st.lists(st.sets(st.sampled_from("xyz")), max_size=20))
    score = st.floats(0, 1)
    return [
        [
            Detection(
                *(hop * i / 10, (hop * i + length) / 10, False, 1),
                *("a", label, draw(score)),
            )
            for label in sorted(labels)
        ]
        for i, labels in enumerate(windows)
    ]


def touch(one, other):
    """Whether two detections of a class have no time between them."""
    return one.start_s <= other.end_s and other.start_s <= one.end_s


@given(overlapping_windows())
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_merged_detections_of_a_class_are_apart_and_cover_the_same(rows):
    merged = list(detections.merge(rows))
    assert [r.end_s for r in merged] == sorted(r.end_s for r in merged)
    found = [row for window_rows in rows for row in window_rows]
    for label in "xyz":
        parts = [row for row in found if row.label == label]
        joined = [row for row in merged if row.label == label]
        for one, after in zip(joined, joined[1:]):
            assert one.end_s < after.start_s
        # An oracle: the parts that touch each other, directly or not.
        groups: list[list[Detection]] = []
        for part in parts:
            near = [g for g in groups if any(touch(part, p) for p in g)]
            groups = [g for g in groups if g not in near]
            groups.append([part, *(p for g in near for p in g)])
        assert len(joined) == len(groups)
        for one, group in zip(
            joined, sorted(groups, key=lambda g: min(p.start_s for p in g))
        ):
            assert one.start_s == min(part.start_s for part in group)
            assert one.end_s == max(part.end_s for part in group)
            assert one.windows == len(group)
            assert one.score == max(part.score for part in group)


def test_merging_holds_no_more_than_a_detection_of_each_class():
    """A class that lasts for ever does not delay the others."""

    def endless():
        for i in range(10**9):
            now = [Detection(i, i + 2.0, False, 1, "a", "x", 0.5)]
            if i % 4 == 0:
                now.append(Detection(i, i + 2.0, False, 1, "a", "y", 0.5))
            yield now

    stream = detections.merge(endless())
    assert [next(stream).end_s for _ in range(3)] == [2.0, 6.0, 10.0]


@given(st.integers(1, 6), st.lists(st.sets(st.sampled_from("xyz")), max_size=9))
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_detections_end_at_the_first_window_after_them(length, windows):
    """In the order of `merge`, which waits for the next detection."""
    rows = [
        [
            Detection(i, i + float(length), False, 1, "a", label, 0.5)
            for label in sorted(labels)
        ]
        for i, labels in enumerate(windows)
    ]
    ongoing, found = detections.Ongoing(), []
    for start_s, of_window in enumerate(rows):
        ended = ongoing.add(start_s, of_window)
        assert all(row.end_s < start_s <= row.end_s + 1 for row in ended)
        found += ended
    assert found + ongoing.rest() == list(detections.merge(rows))
