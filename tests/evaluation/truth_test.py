"""Scores of other recordings or labels are noticed."""

import dataclasses

import numpy as np
import pytest

from audio_diffstride.evaluation import inference, truth


def recordings(**changes):
    three = inference.LabelledRecordings(
        classes=["a", "b"],
        labels=np.array([0, 1, 0], np.int32),
        logits=np.zeros((3, 2)),
        files=["x.wav", "x.wav", "y.wav"],
        starts_s=[0.0, 1.5, 0.0],
        groups=["", "", ""],
    )
    return dataclasses.replace(three, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.array([0, 1, 1])},
        {"files": ["x.wav", "x.wav", "z.wav"]},
        {"starts_s": [0.0, 1.6, 0.0]},
        {"classes": ["a", "c"]},
        {"labels": np.array([[0, 1], [1, 0], [0, 1]])},
    ],
)
def test_every_change_changes_the_digest(changes):
    assert truth.digest(recordings(**changes)) != truth.digest(recordings())


def test_predictions_groups_order_and_type_do_not():
    other = recordings(
        labels=np.array([0, 0, 1], np.int64),
        logits=np.ones((3, 2)),
        files=["y.wav", "x.wav", "x.wav"],
        starts_s=[np.float64(0.0), 0.0, 1.5],
        groups=["g", "h", "h"],
    )
    assert truth.digest(other) == truth.digest(recordings())


def scores(digest, split="held out"):
    found = {"data": "birds.csv", "split_name": split}
    return {"species": found | ({truth.NAME: digest} if digest else {})}


def test_two_runs_of_one_split_with_other_labels_are_told_by_name():
    sentences = truth.find_differing(
        [("one", scores("1")), ("two", scores("1")), ("three", scores("2"))]
    )
    assert list(sentences) == [
        "one and three were evaluated on different recordings or labels of "
        "species (birds.csv, held out); evaluate both again before you compare "
        "them"
    ]


@pytest.mark.parametrize(
    "other", [scores("1"), scores("2", "another fold"), scores(None)]
)
def test_equal_labels_other_folds_and_old_evaluations_are_compared(other):
    assert not list(
        truth.find_differing([("one", scores("1")), ("two", other)])
    )
