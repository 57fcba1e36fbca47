"""Tasks with one label and with several: what their numbers and cells mean."""

import copy
import json
import pickle

import numpy as np
import pytest
import scipy.special

from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.datasets.kinds import (
    NO_LABEL,
    ONE_LABEL,
    SEVERAL_LABELS,
    Labels,
)
from audio_diffstride.errors import UserError
from tests.support.synthetic import write_store

LOGITS = np.random.default_rng(0).normal(0, 30, (5, 4))
TASKS = {"bird": ["robin", "wren", "owl"], "site": ["x", "y"]}
OF = {"bird": SEVERAL_LABELS, "site": ONE_LABEL}


def store_of(path, labels):
    """A store whose training clips have the labels."""
    with ClipStoreWriter.open(
        path,
        name="birds",
        tasks=TASKS,
        kinds=OF,
        sample_rate_hz=16000,
        fingerprint="",
        split_name="own",
    ) as writer:
        for each in labels:
            writer.add("train", np.ones(9, np.int16), each)
    return ClipStore(path)


def test_probabilities_are_scipys():
    softmax = scipy.special.softmax(LOGITS, axis=1)
    np.testing.assert_allclose(ONE_LABEL.probabilities(LOGITS), softmax)
    sigmoid = scipy.special.expit(LOGITS)
    np.testing.assert_allclose(SEVERAL_LABELS.probabilities(LOGITS), sigmoid)
    with np.errstate(over="raise", invalid="raise"):
        far = SEVERAL_LABELS.probabilities(np.array([-1e5, 0.0, 1e5]))
    assert far.tolist() == [0, 0.5, 1]


def test_a_decision_is_the_best_class_or_all_that_are_likelier_than_not():
    best = ONE_LABEL.probabilities(LOGITS).argmax(axis=1)
    assert (ONE_LABEL.decide(LOGITS) == best).all()
    likely = SEVERAL_LABELS.probabilities(LOGITS) >= 0.5
    assert (SEVERAL_LABELS.decide(LOGITS) == likely).all()


def test_the_score_of_a_recording_is_that_of_the_answer_furthest_off():
    probability = np.array([0.9, 0.3, 0.4])
    labels = np.array([1, NO_LABEL, 0])
    assert SEVERAL_LABELS.agreement(probability, labels) == pytest.approx(0.6)
    assert ONE_LABEL.agreement(probability, np.array(1)) == pytest.approx(0.3)


def test_a_copy_of_a_kind_is_the_kind():
    for kind in (ONE_LABEL, SEVERAL_LABELS):
        assert copy.deepcopy(kind) is kind
        assert pickle.loads(pickle.dumps(kind)) is kind


def test_a_store_keeps_what_is_there_what_is_not_and_what_is_unknown(tmp_path):
    store = store_of(
        tmp_path / "s",
        [
            {"bird": Labels(("owl", "robin")), "site": "y"},
            {"bird": Labels()},
            {"bird": Labels(("wren",), absent=("robin",)), "site": "x"},
            {"bird": Labels(("wren",), absent=()), "site": "x"},
            {"site": "x"},
        ],
    )
    labels = store.examples("train").labels
    n = NO_LABEL
    assert labels["bird"].tolist() == [
        [1, 0, 1],
        [0, 0, 0],
        [0, 1, n],
        [n, 1, n],
        [n, n, n],
    ]
    assert labels["site"].tolist() == [1, n, 0, 0, 0]
    assert store.kinds == OF
    assert store.only(["site"]).kinds == {"site": ONE_LABEL}


def test_only_a_store_of_several_labels_has_the_new_format(tmp_path):
    store_of(tmp_path / "new", [{"bird": Labels()}])
    new = json.loads((tmp_path / "new" / "store.json").read_text("utf-8"))
    assert new["format"] == 2
    assert new["kinds"] == {"bird": "several_labels"}
    write_store(tmp_path / "old")
    old = json.loads((tmp_path / "old" / "store.json").read_text("utf-8"))
    assert old["format"] == 1
    assert "kinds" not in old
    kinds = ClipStore(tmp_path / "old").kinds
    assert kinds == {"a": ONE_LABEL, "b": ONE_LABEL}


@pytest.mark.parametrize("marks", ["10", "1000", "12?", ""])
def test_damaged_marks_are_reported(marks, tmp_path):
    store_of(tmp_path / "s", [{"bird": Labels(), "site": "x"}] * 2)
    table = tmp_path / "s" / "train.csv"
    text = table.read_text("utf-8").replace("000,x", f"{marks},x", 1)
    table.write_text(text, "utf-8")
    with pytest.raises(UserError, match="train split of the clip store .* dam"):
        ClipStore(tmp_path / "s").examples("train")


def test_a_kind_of_a_later_version_is_reported(tmp_path):
    store_of(tmp_path / "s", [{"bird": Labels()}])
    path = tmp_path / "s" / "store.json"
    path.write_text(path.read_text("utf-8").replace("several_labels", "ranked"))
    with pytest.raises(UserError, match="a task of the kind 'ranked'"):
        ClipStore(tmp_path / "s")
