"""Runs with every change switched on: what is trained, saved and resumed."""

import zipfile

import keras
import numpy as np
import pytest

from audio_diffstride import training
from audio_diffstride.recordings import background, sources
from audio_diffstride.runs import model_files, provenance
from audio_diffstride.training import batches, command, fitting
from tests.support.augmented import MASKS, switch_all_on
from tests.support.synthetic import tiny_config, write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_store(tmp_path_factory.mktemp("stores") / "store")


def content(model, path):
    """The files of a saved model that say what it is."""
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return archive.read("config.json")


def test_a_model_that_trained_with_masks_is_saved_as_any_other(store, tmp_path):
    config = tiny_config()
    model = training.build_model(config, store.tasks)
    training.compile_model(model, config)
    model.run_eagerly = True  # which is quicker for so few steps
    before = content(model, tmp_path / "before.keras")
    config.augmentation.update(MASKS)
    inputs, labels, weights = batches.training_examples(config, [store])[0]
    assert set(inputs) == {"examples", "time_masks", "frequency_masks"}
    model.train_on_batch(inputs, labels, weights)
    assert content(model, tmp_path / "after.keras") == before
    loaded = model_files.load(tmp_path / "after.keras")
    sounds = inputs["examples"]
    logits = loaded.predict(sounds, verbose=0)["a"]
    assert logits.shape == (len(sounds), 2)


def test_a_step_sees_the_masked_spectrogram_and_evaluation_never_does(store):
    config = tiny_config()
    model = training.build_model(config, store.tasks)
    config.augmentation.update(MASKS)
    inputs, _, _ = batches.training_examples(config, [store])[0]
    sounds = inputs["examples"]
    unmasked = keras.ops.convert_to_numpy(model.front_end(sounds))
    features = unmasked.copy()
    plain = keras.ops.convert_to_numpy(
        model.encoder(model.front_end.normalise(features))
    )
    for row, one in enumerate(features):
        mean = one.mean()
        for begin, end in inputs["time_masks"][row]:
            one[begin:end] = mean
        for begin, end in inputs["frequency_masks"][row]:
            one[:, begin:end] = mean
    for given, expected in (
        (inputs, model.encoder(model.front_end.normalise(features))),
        (sounds, plain),
    ):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(model.embed(given)),
            keras.ops.convert_to_numpy(model.pooling(expected)),
            atol=1e-5,
        )
    assert (features != unmasked).any()


@pytest.mark.parametrize("num_parts", [1, 3])
def test_processes_draw_what_one_draws_with_everything_on(
    num_parts, store, tmp_path
):
    other = write_store(tmp_path / "c", {"c": ["1", "2", "3"]})
    config = switch_all_on(tiny_config(), tmp_path)
    config.training.batch_size = 9
    config.data.proportions = (4, 5)
    whole = batches.training_examples(config, [store, other])
    for step in range(3):
        shares = [
            batches.training_examples(
                config, [store, other], 0, (part, num_parts)
            )[step]
            for part in range(num_parts)
        ]
        keras.tree.map_structure(
            lambda expected, *parts: np.testing.assert_array_equal(
                np.concatenate(parts), expected
            ),
            *(whole[step], *shares),
        )


def test_each_change_changes_a_batch(store):
    """And with all off it has the bits of a config without the fields."""
    plain = batches.training_examples(tiny_config(), [store])[0][0]
    for fields in (
        {"gain_db": 6.0},
        {"noise_db": (-60, -30)},
        {"time_shift_s": 0.1},
        {"speed_percent": 5.0},
        {"mixup": 0.5},
    ):
        config = tiny_config()
        config.augmentation.update(fields)
        changed = batches.training_examples(config, [store])[0][0]
        assert changed.dtype == plain.dtype
        assert (changed != plain).any(), fields
    config = tiny_config()
    config.augmentation.update(mixing="loudness", num_time_masks=7)
    same = batches.training_examples(config, [store])[0][0]
    np.testing.assert_array_equal(same, plain)


def test_the_background_is_read_once(store, tmp_path, monkeypatch):
    config = switch_all_on(tiny_config(), tmp_path)
    reads, read = [], background._read
    monkeypatch.setattr(
        background, "_read", lambda config: reads.append(1) or read(config)
    )
    fitted = []
    monkeypatch.setattr(fitting, "fit", lambda *args: fitted.append(args))
    monkeypatch.setattr(sources, "open_stores", lambda *args: [store])
    command.start(config, tmp_path / "run")
    (*_, noise) = fitted[0]
    assert noise.name == str(tmp_path / "noise")
    data = provenance.read(tmp_path / "run")["data"]
    assert [each["name"] for each in data] == [store.name, noise.name]
    assert len(reads) == 1
