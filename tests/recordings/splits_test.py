"""Which recordings are trained, validated and tested on."""

import collections
import dataclasses
import pathlib
import random

import pytest

from audio_diffstride.datasets.kinds import Labels
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import splits
from audio_diffstride.recordings.manifest import Recording

ROOT = pathlib.Path("/data")


def recordings(count, classes=2, groups=0, split=""):
    return [
        Recording(
            ROOT / f"{index}.wav",
            {"a": str(index % classes)},
            split=split,
            group=f"g{index % groups}" if groups else "",
        )
        for index in range(count)
    ]


def assigned(items):
    return [r.split for r in splits.assign(items, ROOT)]


def test_a_tenth_of_every_class_is_tested_and_another_validated():
    items = splits.assign(recordings(700, classes=7), ROOT)
    counts = collections.Counter((r.labels["a"], r.split) for r in items)
    for name in map(str, range(7)):
        assert counts[name, "test"] == 10
        assert counts[name, "validation"] == 10


def test_a_class_of_three_is_in_every_split():
    items = splits.assign(recordings(60, classes=20), ROOT)
    counts = collections.Counter((r.labels["a"], r.split) for r in items)
    assert set(counts.values()) == {1}
    assert len(counts) == 60


def test_a_group_never_straddles():
    rng = random.Random(0)
    items = [
        dataclasses.replace(r, group=f"g{rng.randrange(40)}")
        for r in recordings(2000, classes=5)
    ]
    split_of = collections.defaultdict(set)
    for item in splits.assign(items, ROOT):
        split_of[item.group].add(item.split)
    assert all(len(found) == 1 for found in split_of.values())
    parts = collections.Counter(next(iter(s)) for s in split_of.values())
    assert parts == {"train": 32, "validation": 4, "test": 4}


def test_groups_of_one_class_keep_every_class_tested():
    # As instruments of a family: 4 groups of each of 11 classes.
    items = recordings(440, classes=11, groups=44)
    tested = {
        r.labels["a"] for r in splits.assign(items, ROOT) if r.split == "test"
    }
    assert len(tested) == 11


def test_segments_of_one_file_belong_together():
    items = [
        Recording(ROOT / f"{i // 5}.wav", {"a": str(i % 2)}, start_s=i % 5)
        for i in range(200)
    ]
    split_of = collections.defaultdict(set)
    for item in splits.assign(items, ROOT):
        split_of[item.path].add(item.split)
    assert all(len(found) == 1 for found in split_of.values())


def test_the_order_of_rows_and_the_place_of_the_folder_do_not_matter():
    items = recordings(100)
    parts = dict(zip((r.path.name for r in items), assigned(items)))
    shuffled = random.Random(0).sample(items, len(items))
    assert [parts[r.path.name] for r in shuffled] == assigned(shuffled)
    moved = [
        dataclasses.replace(r, path=pathlib.Path("/moved") / r.path.name)
        for r in items
    ]
    again = [r.split for r in splits.assign(moved, pathlib.Path("/moved"))]
    assert again == assigned(items)


def test_given_splits_stay_and_validation_comes_out_of_training():
    items = recordings(100, split="train")
    items += [
        Recording(ROOT / f"t{i}.wav", {"a": str(i % 2)}, "test")
        for i in range(30)
    ]
    parts = assigned(items)
    assert parts[100:] == ["test"] * 30
    assert collections.Counter(parts[:100]) == {"train": 90, "validation": 10}
    items[0] = dataclasses.replace(items[0], split="validation")
    assert assigned(items) == [r.split for r in items]


def test_validation_is_by_group_unless_the_test_set_shares_its_groups():
    train = recordings(200, groups=10, split="train")
    for test_group, is_by_group in (("unseen", True), ("g0", False)):
        test = [Recording(ROOT / "t.wav", {"a": "0"}, "test", test_group)]
        items = splits.assign([*train, *test], ROOT)
        groups = {
            split: {r.group for r in items if r.split == split}
            for split in ("train", "validation")
        }
        assert groups["train"].isdisjoint(groups["validation"]) == is_by_group


def test_what_cannot_be_split_is_told():
    mixed = recordings(9) + recordings(9, split="train")
    with pytest.raises(UserError, match="some recordings name a split"):
        splits.assign(mixed, ROOT)
    with pytest.raises(UserError, match="no recording is in the train split"):
        splits.assign(recordings(9, split="test"), ROOT)
    with pytest.raises(UserError, match="2 recordings or groups are too few"):
        splits.assign(recordings(100, groups=2), ROOT)


def test_a_group_that_is_held_out_is_the_test_set_and_no_other():
    given = [
        dataclasses.replace(r, split="test" if i % 2 else "validation")
        for i, r in enumerate(recordings(60, groups=6))
    ]
    for group in ("g0", "g3"):
        items = splits.assign(splits.hold_out(given, group), ROOT)
        split_of = collections.defaultdict(set)
        for item in items:
            split_of[item.split].add(item.group)
        assert split_of["test"] == {group}
        # A group as well: validation asks what the test asks.
        assert len(split_of["validation"]) == 1
        assert len(split_of["train"]) == 4
        assert not split_of["validation"] & split_of["train"]


def test_a_group_that_there_is_none_of_is_told():
    with pytest.raises(UserError, match="is 'ann', but the .* are g0, g1"):
        splits.hold_out(recordings(10, groups=2), "ann")
    with pytest.raises(UserError, match="no recording has a group; add a"):
        splits.hold_out(recordings(10), "ann")
    with pytest.raises(UserError, match="no recording is in the train split"):
        splits.assign(splits.hold_out(recordings(9, groups=1), "g0"), ROOT)


def folds(items, count):
    """The test set of each fold."""
    return [
        [
            r
            for r in splits.hold_out_fold(items, ROOT, f"{k}/{count}")
            if r.split == "test"
        ]
        for k in range(1, count + 1)
    ]


@pytest.mark.parametrize("groups, count", [(0, 5), (0, 7), (12, 4), (12, 5)])
def test_every_recording_is_tested_in_one_fold(groups, count):
    items = recordings(120, classes=3, groups=groups)
    tested = folds(items, count)
    paths = [r.path for fold in tested for r in fold]
    assert sorted(paths) == sorted(r.path for r in items)
    # A group of 12 has one class of three, so each fold has all classes.
    sizes = [len(fold) for fold in tested]
    unit = 1 if not groups else 120 // groups
    assert max(sizes) - min(sizes) <= unit
    for fold, others in zip(tested, reversed(tested)):
        assert len({r.labels["a"] for r in fold}) >= min(3, len(fold) // unit)
        if groups and fold is not others:
            assert {r.group for r in fold}.isdisjoint(r.group for r in others)


def test_folds_do_not_depend_on_the_order_or_the_place_of_the_recordings():
    items = recordings(40)
    shuffled = random.Random(0).sample(items, 40)
    for fold, again in zip(folds(items, 4), folds(shuffled, 4)):
        assert {r.path for r in fold} == {r.path for r in again}


def test_more_folds_than_groups_are_told():
    with pytest.raises(UserError, match="only 3 recordings or groups; give"):
        splits.hold_out_fold(recordings(30, groups=3), ROOT, "1/4")


@pytest.mark.parametrize(
    "rule, name",
    [
        (splits.SplitRule(), "own"),
        (splits.SplitRule("g1"), "g1 held out"),
        (splits.SplitRule(fold="2/3"), "fold 2/3"),
    ],
)
def test_without_validation_all_that_is_not_tested_is_trained_on(rule, name):
    assert rule.name == name
    items = recordings(90, groups=6)
    validated = rule.divide(items, ROOT)
    trained = dataclasses.replace(rule, validation="none").divide(items, ROOT)
    for one, other in zip(validated, trained):
        assert other.split == ("test" if one.split == "test" else "train")
    assert "validation" in {r.split for r in validated}


def test_units_with_the_same_classes_are_divided_alike():
    """Of rare classes too: each kind of group is tested and validated."""
    kinds = [("a",)] * 20 + [("b",)] * 20 + [("a", "c")] * 3 + [("b", "c")] * 3
    items = [
        Recording(ROOT / f"{number}{name}.wav", {"t": name}, group=f"g{number}")
        for number, names in enumerate(kinds)
        for name in names
    ]
    kind_of = {f"g{number}": names for number, names in enumerate(kinds)}
    groups = {(r.group, r.split) for r in splits.assign(items, ROOT)}
    counts = collections.Counter((kind_of[g], split) for g, split in groups)
    for kind, number in (("a",), 2), (("b",), 2), (("a", "c"), 1):
        assert counts[kind, "test"] == counts[kind, "validation"] == number
    assert counts[("b", "c"), "test"] == 1


def test_of_several_labels_the_rarest_class_is_divided():
    """Although no two recordings of a rare class have the same labels."""
    labels = [(f"rare{i}", f"c{j}") for i in range(3) for j in range(3)]
    labels += [("c0", "c1", "c2")] * 30
    items = [
        Recording(ROOT / f"{number}.wav", {"t": Labels(names)})
        for number, names in enumerate(labels)
    ]
    counts = collections.Counter(
        (name, r.split)
        for r in splits.assign(items, ROOT)
        for name in r.labels["t"].present
    )
    for name in ("rare0", "rare1", "rare2"):
        for split in ("train", "validation", "test"):
            assert counts[name, split] == 1


def test_as_many_folds_as_units_leave_one_out():
    tested = folds(recordings(30, groups=3), 3)
    assert [len({r.group for r in fold}) for fold in tested] == [1, 1, 1]


@pytest.mark.parametrize("small", [2, 3, 10])
def test_small_classes_are_divided_together_if_they_are_three(small):
    """Two are too few: both are trained on."""
    items = [
        *recordings(30, classes=1),
        *(Recording(ROOT / f"s{n}.wav", {"a": f"s{n}"}) for n in range(small)),
    ]
    parts = assigned(items)
    of_small = collections.Counter(parts[30:])
    held_out = 1 if small >= 3 else 0
    assert of_small["test"] == of_small["validation"] == held_out
    assert parts[:30].count("test") == parts[:30].count("validation") == 3


def test_two_recordings_can_be_trained_and_tested_on():
    items = recordings(2, classes=2)
    parts = [r.split for r in splits.assign(items, ROOT, validation="none")]
    assert sorted(parts) == ["test", "train"]
