"""Scores against tables worked out by hand."""

import json

import numpy as np
import pytest

from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.evaluation import metrics

CLASSES = ["a", "b", "c", "d"]
LABELS = np.array([0, 0, 0, 1, 1, 2])
LOGITS = np.log(
    [
        [0.70, 0.10, 0.10, 0.10],
        [0.60, 0.20, 0.10, 0.10],
        [0.30, 0.50, 0.10, 0.10],
        [0.20, 0.70, 0.05, 0.05],
        [0.50, 0.08, 0.25, 0.17],
        [0.10, 0.10, 0.20, 0.60],
    ]
)


def test_the_scores_of_a_table_worked_out_by_hand():
    scores = metrics.scores(LABELS, LOGITS, CLASSES, ["x", "y", "", "", "", ""])
    assert scores["recordings"] == 6
    assert scores["groups"] == 2
    assert scores["accuracy"] == 0.5
    assert scores["chance"] == 0.5
    assert scores["balanced_accuracy"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert scores["top_k"] == {"3": pytest.approx(5 / 6)}
    assert scores["confusion_matrix"] == [
        [2, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 0],
    ]
    assert scores["resampled"] == "groups"


def test_the_classes_of_a_table_worked_out_by_hand():
    columns = ("support", "precision", "recall", "f1")
    columns += ("average_precision", "auroc")
    expected = [
        # By falling score: + + - + - -
        (3, 2 / 3, 2 / 3, 2 / 3, (1 + 1 + 3 / 4) / 3, 8 / 9),
        # + - - - - +
        (2, 1 / 2, 1 / 2, 1 / 2, (1 + 2 / 6) / 2, 4 / 8),
        # - + - - - -, and never predicted: no precision
        (1, None, 0, 0, 1 / 2, 4 / 5),
        (0, None, None, None, None, None),
    ]
    scores = metrics.scores(LABELS, LOGITS, CLASSES)
    for row, name, values in zip(scores["per_class"], CLASSES, expected):
        assert row == {
            "class": name,
            **{
                column: value if value is None else pytest.approx(value)
                for column, value in zip(columns, values)
            },
        }
    assert scores["absent"] == ["d"]


def test_the_curve_of_a_table_worked_out_by_hand():
    curve = [
        (p["threshold"], p["precision"], p["recall"], p["f1"])
        for p in metrics.curves(LABELS, LOGITS, CLASSES)
        if p["class"] == "a"
    ]
    np.testing.assert_allclose(
        curve,
        [
            (0.1, 3 / 6, 1, 2 / 3),
            (0.2, 3 / 5, 1, 3 / 4),
            (0.3, 3 / 4, 1, 6 / 7),
            (0.5, 2 / 3, 2 / 3, 2 / 3),
            (0.6, 1, 2 / 3, 4 / 5),
            (0.7, 1, 1 / 3, 1 / 2),
        ],
    )


def random_scores(num=5000, num_classes=5, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes, num)
    logits = rng.normal(0, 2, (num, num_classes))
    logits[np.arange(num), labels] += 2
    return labels, logits, [str(n) for n in range(num_classes)]


def test_a_long_curve_is_thinned_and_every_point_of_it_is_exact():
    labels, logits, classes = random_scores()
    points = metrics.curves(labels, logits, classes)
    probability = ONE_LABEL.probabilities(logits)
    assert len(points) < 6 * 310
    for point in points[::7]:
        true = labels[:, None] == np.arange(5)
        score = probability
        if point["class"] != metrics.ALL_CLASSES:
            index = classes.index(point["class"])
            true, score = true[:, index], score[:, index]
        found = score >= point["threshold"]
        hits = (found & true).sum()
        assert point["precision"] == pytest.approx(hits / found.sum())
        assert point["recall"] == pytest.approx(hits / true.sum())


@pytest.mark.parametrize("column", ["threshold", "recall"])
def test_a_thinned_curve_has_no_gaps(column):
    labels, logits, classes = random_scores()
    for name in (metrics.ALL_CLASSES, "3"):
        values = [
            point[column]
            for point in metrics.curves(labels, logits, classes)
            if point["class"] == name
        ]
        assert np.abs(np.diff(values)).max() < 0.03
        assert min(values) < 0.01 and max(values) > 0.98


def test_only_classes_of_the_split_have_a_curve():
    names = {p["class"] for p in metrics.curves(LABELS, LOGITS, CLASSES)}
    assert names == {metrics.ALL_CLASSES, "a", "b", "c"}


@pytest.mark.parametrize(
    ("labels", "logits"),
    [
        (LABELS, np.zeros((6, 4))),
        (LABELS, 1e30 * LOGITS),
        (np.array([3]), LOGITS[:1]),
        (np.full(6, 1), LOGITS),
        (np.array([0, 1]), np.array([[1.0, 0.0], [1.0, 0.0]])),
        (np.array([1, 1]), np.array([[1.0, 0.0], [1.0, 0.0]])),
    ],
    ids=["constant", "huge", "one recording", "one class", "two", "one of two"],
)
def test_undefined_scores_are_none_and_never_nan(labels, logits):
    classes = CLASSES[: logits.shape[1]]
    scores = metrics.scores(labels, logits, classes)
    text = json.dumps(
        [scores, metrics.curves(labels, logits, classes)], allow_nan=False
    )
    assert json.loads(text)[0] == scores
    for row in scores["per_class"]:
        unknown = {name for name, value in row.items() if value is None}
        if row["class"] in scores["absent"]:
            assert len(unknown) == 5 and row["support"] == 0
        elif row["support"] == len(labels):
            assert "auroc" in unknown
        assert unknown >= ({"recall"} if not row["support"] else set())


def test_the_three_best_hold_the_best_even_among_equals():
    scores = metrics.scores(LABELS, np.zeros((6, 4)), CLASSES)
    assert scores["accuracy"] == 0.5  # argmax takes the first class
    assert scores["top_k"]["3"] == 1.0
    scores = metrics.scores(LABELS + 1, np.zeros((6, 4)), CLASSES)
    assert scores["top_k"]["3"] == pytest.approx(5 / 6)


def test_three_classes_have_no_best_three():
    scores = metrics.scores(LABELS, LOGITS[:, :3], CLASSES[:3])
    assert scores["top_k"] == {}


def test_a_confusion_matrix_counts_every_recording():
    labels, logits, classes = random_scores()
    scores = metrics.scores(labels, logits, classes)
    matrix = np.array(scores["confusion_matrix"])
    np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(labels))
    assert matrix.trace() / matrix.sum() == scores["accuracy"]


def test_the_intervals_are_of_the_accuracies():
    """Of many recordings they lie around them, and not around the errors."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 400)
    logits = np.eye(3)[np.where(rng.random(400) < 0.9, labels, 0)]
    scores = metrics.scores(labels, logits, ["a", "b", "c"])
    for name in ("accuracy", "balanced_accuracy"):
        low, high = scores["intervals"][name]
        assert 0.8 < low < scores[name] < high < 1


def test_f1_is_0_where_nothing_is_right():
    rows = metrics.curve("a", np.array([0, 1, 0]), np.array([0.9, 0.1, 0.5]))
    assert [row["f1"] for row in rows] == [0.5, 0.0, 0.0]


def test_a_thinned_curve_keeps_hundredths_of_threshold_and_recall():
    """Of each recall it keeps the first and the last threshold."""
    rng = np.random.default_rng(0)
    true = np.arange(2000) < 405
    score = rng.beta(np.where(true, 3, 1), np.where(true, 1, 3))
    every = np.sort(score)
    hits = np.array([(true & (score >= value)).sum() for value in every])
    levels = np.quantile(
        np.unique(hits), np.arange(101) / 100, method="nearest"
    )
    expected = {every[every >= n / 100].min() for n in range(100)}
    expected |= {every[hits == level][0] for level in levels}
    expected |= {every[hits == level][-1] for level in levels}
    points = metrics.curve("a", true, score)
    assert [point["threshold"] for point in points] == sorted(expected)
