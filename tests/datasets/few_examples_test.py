"""Few training examples per class: how many, which, and what stays."""

import numpy as np
import pytest

from audio_diffstride.datasets import few_examples
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.datasets.kinds import (
    NO_LABEL,
    ONE_LABEL,
    SEVERAL_LABELS,
    Labels,
)
from audio_diffstride.errors import UserError
from audio_diffstride.export import model_card
from audio_diffstride.training import batches
from tests.datasets.windows_test import make_clips
from tests.support.synthetic import (
    tiny_config,
    tiny_images_config,
    write_image_store,
    write_store,
)

COUNTS = np.array([30, 12, 5, 1])  # of a class
LABELS = np.random.default_rng(0).permutation(
    np.repeat([0, 1, 2, 3, NO_LABEL], [*COUNTS, 7])
)
SEEDS = range(20)


@pytest.mark.parametrize("count", [1, 5, 20])
def test_every_class_has_so_many_or_all_of_its_own(count):
    for seed in SEEDS:
        chosen = few_examples.draw(LABELS, count, seed)
        assert len({*chosen}) == len(chosen)
        of_classes = np.bincount(LABELS[chosen], minlength=4)
        assert of_classes.tolist() == np.minimum(COUNTS, count).tolist()


def test_a_draw_of_more_has_those_of_the_draw_of_fewer():
    for seed in SEEDS:
        draws = [{*few_examples.draw(LABELS, n, seed)} for n in (1, 5, 20, 99)]
        assert all(few < more for few, more in zip(draws, draws[1:]))
        assert draws[-1] == {*np.flatnonzero(LABELS != NO_LABEL)}


def test_seeds_draw_others_and_every_example_is_drawn_alike():
    draws = np.array([few_examples.draw(LABELS, 1, s) for s in range(600)])
    common = draws[LABELS[draws] == 0]
    found = np.bincount(common, minlength=len(LABELS))[LABELS == 0]
    assert found.sum() == 600 and (abs(found - 20) < 5 * 20**0.5).all()
    again = few_examples.draw(LABELS, 5, 3)
    np.testing.assert_array_equal(again, few_examples.draw(LABELS, 5, 3))


def test_without_labels_nothing_is_drawn():
    assert not len(few_examples.draw(np.full(4, NO_LABEL), 2, 0))


def test_chosen_clips_keep_their_samples_and_labels():
    clips = make_clips([3, 5, 2, 4], {"a": np.array([0, 1, 1, 0])})
    some = clips.only(np.array([1, 3]))
    assert len(some) == 2 and some.labels["a"].tolist() == [1, 0]
    assert some.files.tolist() == [clips.files[1], clips.files[3]]
    for index, source in enumerate((1, 3)):
        np.testing.assert_array_equal(some[index], clips[source])


def files_of(config, stores, **kwargs):
    examples = batches.training_examples(config, stores, **kwargs)
    return [examples.files(step) for step in range(len(examples))]


def few(config, count, seed=0, num_steps=40):
    config.data.examples_per_class = count
    config.seed = seed
    config.training.num_steps = num_steps
    return config


def test_a_run_trains_on_those_of_each_data_set(tmp_path):
    stores = [
        write_store(tmp_path / "a", {"a": ["x", "y"], "c": ["1", "2"]}),
        write_store(tmp_path / "b", {"b": ["u", "v", "w"]}, "other{}.wav"),
    ]
    config = few(tiny_config(), 2)
    seen = {name for batch in files_of(config, stores) for name in batch}
    assert sum(name.startswith("take") for name in seen) == 4
    assert sum(name.startswith("other") for name in seen) == 6
    assert stores[0].num_examples["test"] == len(stores[0].examples("test"))


def test_classes_are_of_the_first_task(tmp_path):
    store = write_store(tmp_path / "store")  # a has 2 classes, and b 3
    for tasks, num_files in (("", 2), ("b,a", 3)):
        config = few(tiny_config(), 1)
        config.data.tasks = tasks
        assert len({*np.ravel(files_of(config, [store]))}) == num_files


def test_a_resumed_run_has_the_same_examples(tmp_path):
    store = write_store(tmp_path / "store")
    config = few(tiny_config(), 1, seed=5)
    resumed = files_of(config, [store], first_step=13)
    assert resumed == files_of(config, [store])[13:]
    others = [files_of(few(config, 1, seed), [store]) for seed in range(6)]
    assert len({frozenset(np.ravel(each)) for each in others}) > 1


def test_images_are_drawn_too(tmp_path):
    store = write_image_store(tmp_path / "images")
    seen = {*np.ravel(files_of(few(tiny_images_config(), 1), [store]))}
    assert len(seen) == 2


def test_all_is_what_it_was(tmp_path):
    store = write_store(tmp_path / "store")
    assert len({*np.ravel(files_of(few(tiny_config(), 0), [store]))}) == 8
    assert files_of(few(tiny_config(), 0), [store]) == files_of(
        few(tiny_config(), 99), [store]
    )


def test_several_labels_are_refused(tmp_path):
    with ClipStoreWriter.open(
        tmp_path / "birds",
        name="birds",
        tasks={"bird": ["robin", "wren"], "site": ["A", "B"]},
        sample_rate_hz=16000,
        fingerprint="",
        split_name="own",
        kinds={"bird": SEVERAL_LABELS, "site": ONE_LABEL},
    ) as writer:
        for site in "AAB":
            labels = {"bird": Labels(("wren",)), "site": site}
            writer.add("train", np.ones(50, np.int16), labels)
    store = ClipStore(tmp_path / "birds")
    config = few(tiny_config(), 1)
    with pytest.raises(UserError, match="but bird has several labels in a rec"):
        batches.training_examples(config, [store])
    config.data.tasks = "site,bird"
    examples = batches.training_examples(config, [store])
    _, labels, _ = examples[0]
    assert sorted(labels["site"]) == [0, 0, 1, 1]


def test_the_card_says_how_many():
    (part,) = model_card._few(few(tiny_config(), 3, seed=7))
    assert "at most 3 recordings of each class, drawn by the seed 7" in (
        part.text
    )
    assert model_card._few(tiny_config()) == []
