"""What probes are trained and tested on: nothing of one unit on both sides."""

import collections
import pathlib

import numpy as np
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.probe import divisions
from audio_diffstride.recordings.recording import Recording

CLASSES = ["a", "b", "c"]


def recordings(count, group=lambda index: "", path=lambda index: index):
    return [
        Recording(pathlib.Path(f"{path(i)}.wav"), {}, group=group(i))
        for i in range(count)
    ]


def labels(count):
    return np.arange(count) % 3


def folds(count=60, num_folds=10, seed=0, **kwargs):
    return divisions.make_folds(
        labels(count), recordings(count, **kwargs), num_folds, seed
    )


KINDS = {
    "recordings": {},
    "few groups": {"group": lambda i: f"g{i % 5}"},
    "many groups": {"group": lambda i: f"g{i % 19}"},
    "segments": {"path": lambda i: i // 4},
    "some with a group": {"group": lambda i: "g" if i < 9 else ""},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_recording_is_tested_once_and_units_stay_together(kind):
    kwargs = KINDS[kind]
    found = folds(**kwargs)
    assert sorted(np.concatenate(found.tests)) == list(range(60))
    group = kwargs.get("group", lambda i: "")
    path = kwargs.get("path", lambda i: i)
    places = collections.defaultdict(set)
    for number, test in enumerate(found.tests):
        for index in test:
            places[group(index) or path(index)].add(number)
    assert {len(numbers) for numbers in places.values()} == {1}
    assert len(found.tests) == (5 if kind == "few groups" else 10)
    assert bool(found.groups) == (kind != "recordings")


def test_without_groups_classes_are_spread_evenly():
    for test in folds().tests:
        assert np.bincount(labels(60)[test]).tolist() == [2, 2, 2]


def test_folds_depend_on_the_seed_and_on_nothing_else():
    one, same, other = (folds(seed=seed).tests for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_small_classes_make_fewer_folds_or_are_refused():
    own = np.array([0, 0, 0, 1, 1, 2])
    found = divisions.make_folds(own, recordings(6), 10, 0)
    assert len(found.tests) == 3
    assert divisions.untested(own, found) == [2]
    with pytest.raises(UserError, match="every class has one recording only"):
        divisions.make_folds(np.arange(3), recordings(3), 10, 0)
    with pytest.raises(UserError, match="are of one group, g; a probe is"):
        folds(group=lambda i: "g")


def test_a_class_of_one_group_is_named():
    found = folds(group=lambda i: f"g{i % 3}")  # each class has its own
    assert divisions.untested(labels(60), found) == [0, 1, 2]
    assert divisions.untested(labels(60), folds()) == []


@pytest.mark.parametrize("kind", ["recordings", "few groups", "segments"])
@pytest.mark.parametrize("examples", [1, 5])
def test_a_draw_has_so_many_of_each_class_and_tests_on_others(kind, examples):
    of = folds(**KINDS[kind])
    draws = divisions.draw(labels(60), of, examples, 12, 0, CLASSES)
    assert [draw.number for draw in draws] == list(range(12))
    for draw in draws:
        counts = np.bincount(labels(60)[draw.train]).tolist()
        assert counts == [examples] * 3
        assert not {*draw.train} & {*draw.test}
        if not of.groups:
            assert len(draw.train) + len(draw.test) == 60
        else:
            sides = [{of.groups[i] for i in s} for s in (draw.train, draw.test)]
            assert not sides[0] & sides[1]
            fold = of.tests[draw.number % len(of.tests)]
            assert draw.test.tolist() == fold.tolist()
    assert len({tuple(draw.train) for draw in draws}) > 6


def test_a_draw_of_more_examples_has_those_of_fewer():
    few, many = (
        divisions.draw(labels(60), folds(), count, 3, 7, CLASSES)
        for count in (2, 9)
    )
    for one, other in zip(few, many):
        assert {*one.train} < {*other.train}


def test_a_draw_depends_on_its_number_and_the_seed():
    def draw(num_draws, seed):
        found = divisions.draw(labels(60), folds(), 4, num_draws, seed, CLASSES)
        return [tuple(draw.train) for draw in found]

    assert draw(9, 1)[:3] == draw(3, 1)
    assert draw(3, 1) != draw(3, 2)


def test_too_many_examples_are_refused_with_the_class():
    own = np.array([0] * 9 + [1] * 4)
    of = divisions.make_folds(own, recordings(13), 2, 0)
    assert divisions.draw(own, of, 3, 1, 0, ["a", "b"])
    message = "--examples has 4, but the class b has only 4 recordings; give at"
    with pytest.raises(UserError, match=f"{message} most 3"):
        divisions.draw(own, of, 4, 1, 0, ["a", "b"])
    grouped = divisions.make_folds(
        own, recordings(13, group=lambda i: f"{i % 2}"), 2, 0
    )
    with pytest.raises(UserError, match="only 2 recordings outside of a test"):
        divisions.draw(own, grouped, 3, 1, 0, ["a", "b"])
