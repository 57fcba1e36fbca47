"""Scores of several labels, against scikit-learn, class by class."""

import json
import shutil

import numpy as np
import pytest
from sklearn import metrics

from audio_diffstride.datasets.kinds import NO_LABEL, SEVERAL_LABELS
from audio_diffstride.evaluation import (
    ranking,
    score_files,
    several_labels,
    tables,
)
from audio_diffstride.evaluation.inference import LabelledRecordings

RNG = np.random.default_rng(0)
CLASSES = list("abcde")
FULL = RNG.integers(0, 2, (60, 5))
FULL[:, 4] = 0  # no recording has this class
FULL[7] = 0  # this one has none
LOGITS = (RNG.normal(0, 2, FULL.shape) + 2 * FULL).round(1)  # with ties
LABELS = np.where(RNG.random(FULL.shape) < 0.2, NO_LABEL, FULL)
GROUPS = [str(number // 6) for number in range(60)]
SCORES = several_labels.scores(LABELS, LOGITS, CLASSES, GROUPS)


@pytest.mark.parametrize("index", range(4))
def test_the_scores_of_a_class_are_of_the_recordings_that_know_it(index):
    row = SCORES["per_class"][index]
    known = LABELS[:, index] != NO_LABEL
    true, score = LABELS[known, index], LOGITS[known, index]
    found = score >= 0
    assert row["known"] == known.sum()
    assert row["support"] == true.sum()
    for name, expected in (
        ("average_precision", metrics.average_precision_score(true, score)),
        ("auroc", metrics.roc_auc_score(true, score)),
        ("precision", metrics.precision_score(true, found)),
        ("recall", metrics.recall_score(true, found)),
        ("f1", metrics.f1_score(true, found)),
    ):
        assert row[name] == pytest.approx(expected)


def test_means_are_over_the_classes_that_are_there():
    there = SCORES["per_class"][:4]
    for name, column in (
        ("mean_average_precision", "average_precision"),
        ("auroc", "auroc"),
        ("f1", "f1"),
    ):
        expected = np.mean([row[column] for row in there])
        assert SCORES[name] == pytest.approx(expected)
    assert SCORES["absent"] == ["e"]
    assert SCORES["per_class"][4]["average_precision"] is None
    known = LABELS != NO_LABEL
    micro = metrics.f1_score(LABELS[known], LOGITS[known] >= 0)
    assert SCORES["micro_f1"] == pytest.approx(micro)


def test_recordings_are_scored_as_scikit_learn_ranks_their_labels():
    has_label = FULL.any(axis=1)
    found = ranking.of_recordings(FULL, LOGITS)
    assert (np.isnan(found) == ~has_label).all()
    expected = metrics.label_ranking_average_precision_score(
        FULL[has_label], LOGITS[has_label]
    )
    assert np.nanmean(found) == pytest.approx(expected)
    # What is not known is as if the class did not exist.
    for row, labels, scores in zip(
        ranking.of_recordings(LABELS, LOGITS), LABELS, LOGITS
    ):
        known = labels != NO_LABEL
        if (labels == 1).any():
            expected = metrics.label_ranking_average_precision_score(
                labels[None, known], scores[None, known]
            )
            assert row == pytest.approx(expected)


def test_a_resample_has_the_scores_of_weighted_recordings():
    times = RNG.integers(0, 4, (5, 60))
    precision, auroc = ranking.of_class(FULL[:, 0], LOGITS[:, 0], times)
    for index, weights in enumerate(times):
        arguments = FULL[:, 0], LOGITS[:, 0]
        assert precision[index] == pytest.approx(
            metrics.average_precision_score(*arguments, sample_weight=weights)
        )
        assert auroc[index] == pytest.approx(
            metrics.roc_auc_score(*arguments, sample_weight=weights)
        )
    nothing = np.where(FULL[:, 0], 0, 1)[None]
    with np.errstate(all="raise", invalid="ignore"):
        undefined = ranking.of_class(FULL[:, 0], LOGITS[:, 0], nothing)
    assert np.isnan(undefined).all()


def test_intervals_hold_the_scores_and_are_wider_for_groups():
    alone = several_labels.scores(LABELS, LOGITS, CLASSES)
    assert alone["resampled"] == "recordings"
    assert SCORES["resampled"] == "groups"
    for scores in (SCORES, alone):
        for name, (low, high) in scores["intervals"].items():
            assert low < scores[name] < high
        for row in scores["per_class"][:4]:
            low, high = (
                row["average_precision_low"],
                row["average_precision_high"],
            )
            assert low < row["average_precision"] < high
    # A copy of every recording in its group adds no information.
    twice = several_labels.scores(
        np.tile(LABELS, (2, 1)), np.tile(LOGITS, (2, 1)), CLASSES, GROUPS * 2
    )
    for name, edges in twice["intervals"].items():
        np.testing.assert_allclose(edges, SCORES["intervals"][name])


def test_a_model_that_finds_nothing_has_scores_too():
    scores = several_labels.scores(LABELS, LOGITS - 1000, CLASSES)
    assert scores["micro_f1"] == 0
    assert [row["precision"] for row in scores["per_class"]] == [None] * 5
    assert scores["f1"] == 0
    only = several_labels.scores(np.array([[1]]), np.array([[2.0]]), ["hey"])
    assert only["mean_average_precision"] == 1
    assert only["auroc"] is None
    assert only["intervals"]["auroc"] is None
    json.dumps([scores, only], allow_nan=False)


def recordings():
    return LabelledRecordings(
        CLASSES,
        LABELS,
        LOGITS,
        [f"{number}.wav" for number in range(60)],
        [0.0] * 60,
        GROUPS,
        SEVERAL_LABELS,
    )


def test_curves_leave_out_what_is_not_known():
    points = recordings().curves()
    names = list(dict.fromkeys(point["class"] for point in points))
    assert names == ["", "a", "b", "c", "d"]
    for point in points:
        if point["class"]:
            index = CLASSES.index(point["class"])
            known = LABELS[:, index] != NO_LABEL
            true = LABELS[known, index]
            score = SEVERAL_LABELS.probabilities(LOGITS[known, index])
            found = score >= point["threshold"]
            recall = metrics.recall_score(true, found)
            assert point["recall"] == pytest.approx(recall)


def write(folder):
    report = {
        "split": "test",
        "model": "best",
        "tasks": {"bird": {"data": "d", "split_name": "s"} | SCORES},
    }
    score_files.write(folder, report, {"bird": recordings()})


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    """A run that was evaluated."""
    workdir = tmp_path_factory.mktemp("run")
    write(workdir)
    return workdir


def test_what_is_written_is_read_and_has_no_confusion(workdir):
    folder = workdir / "evaluation_test"
    names = {path.name for path in (folder / "bird").iterdir()}
    assert names == {
        "classes.csv",
        "curves.csv",
        "curves.png",
        "recordings.csv",
    }
    read = score_files.read(workdir, "test")["tasks"]["bird"]
    assert read["mean_average_precision"] == SCORES["mean_average_precision"]
    value = SCORES["mean_average_precision"]
    assert score_files.headline(read) == ("mean_average_precision", value)
    header, row, *_ = (folder / "bird" / "recordings.csv").read_text().split()
    assert header.startswith("file,start_s,group,label,predicted,score,p:a")
    present = ";".join(c for c, m in zip(CLASSES, LABELS[0]) if m == 1)
    found = ";".join(c for c, x in zip(CLASSES, LOGITS[0]) if x >= 0)
    assert row.startswith(f"0.wav,0.0,0,{present},{found},")


@pytest.mark.parametrize(
    "old, new",
    [
        ('"several_labels"', '"ranked"'),
        ('"micro_f1"', '"other"'),
        ('"known"', '"other"'),
        ('"mean_average_precision": [', '"mean_average_precision": [1.0, '),
        ('"classes": [', '"classes": ["f", '),
    ],
)
def test_damaged_scores_are_reported(old, new, workdir, tmp_path):
    shutil.copytree(workdir, tmp_path / "run")
    path = tmp_path / "run" / "evaluation_test" / "scores.json"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(score_files.UserError, match="is damaged: "):
        score_files.read(tmp_path / "run", "test")


def test_a_table_names_the_scores():
    text = tables.format_scores({"bird": SCORES})
    assert "mean avg. precision" in text
    assert f"{100 * SCORES['mean_average_precision']:.1f} %" in text
    assert "resamples of the 10 groups (bird)" in text
    assert "without a recording in this split: e" in text
