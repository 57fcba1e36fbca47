"""Images from a store through training and evaluation; and what is refused."""

import csv
import json
import signal

import numpy as np
import pytest

from audio_diffstride import cutoffs, training
from audio_diffstride.__main__ import call
from audio_diffstride.datasets.images import ImageStore
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference, score_files
from audio_diffstride.runs import loading, run_stores
from audio_diffstride.sweep import costs
from audio_diffstride.training import finite
from tests.support.synthetic import (
    tiny_config,
    tiny_images_config,
    write_image_store,
    write_store,
)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return write_image_store(tmp_path_factory.mktemp("stores") / "noise")


@pytest.fixture(scope="module")
def workdir(images, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    training.train(tiny_images_config(), workdir, [images])
    return workdir


def test_a_trained_run_knows_its_store_and_its_accuracy(workdir, images):
    config = loading.load_config(workdir)
    assert config.to_dict() == tiny_images_config().to_dict()
    (store,), problems = run_stores.find(workdir)
    assert isinstance(store, ImageStore) and problems == []
    model = loading.load_model(workdir, "last")
    results = inference.evaluate(
        model, images.examples("validation"), loading.evaluation_input(config)
    )
    with open(workdir / "history.csv", newline="") as file:
        row = list(csv.DictReader(file))[-1]
    assert results["level"]["accuracy"] == float(row["val_accuracy"])


def test_it_is_evaluated_tabulated_and_its_cut_offs_reported(
    workdir, images, tmp_path, capsys
):
    config = loading.load_config(workdir)
    model = loading.load_model(workdir)
    recordings = inference.label_recordings(
        model, images.examples("test"), loading.evaluation_input(config)
    )
    origin = {"data": images.name, "split_name": images.split_name}
    content = {
        "split": "test",
        "model": "best",
        **loading.describe_evaluation_input(config),
        "tasks": {t: {**origin, **r.scores()} for t, r in recordings.items()},
    }
    folder = score_files.write(workdir, content, recordings)
    written = json.loads((folder / "scores.json").read_text())
    assert written["crop"] == "padded" and written["image_size"] == [8, 8]
    call("tables", ["--runs", str(workdir), "--output", str(tmp_path)])
    assert "| noise | own | 8 |" in capsys.readouterr().out
    call("cutoffs", ["--workdir", str(workdir), "--output", str(tmp_path)])
    assert "stage2 width" in capsys.readouterr().out
    assert (tmp_path / "strides.png").stat().st_size > 1000
    with pytest.raises(UserError, match="--frames and --bands are for sound"):
        call("cutoffs", ["--workdir", str(workdir), "--frames", "9"])


def test_a_sweep_knows_what_it_costs(workdir):
    model = loading.load_model(workdir)
    cost = costs.read_or_measure(workdir)
    assert cost["strides"] == cutoffs.strides(model)
    rows = model.encoder.multiply_adds((8, 8))
    heads = cost["multiply_adds"] - sum(row["total"] for row in rows)
    assert heads == model.heads[0].kernel.shape[0] * model.tasks["level"]


def test_a_page_is_for_sound(workdir):
    with pytest.raises(UserError, match="config of a run on images, and this"):
        call("report", ["--workdir", str(workdir)])


@pytest.mark.slow
def test_an_interrupted_run_ends_as_one_that_was_not(
    workdir, images, tmp_path, monkeypatch
):
    steps = iter(range(1, 9))
    after_step = finite.TerminateOnNonFinite.on_train_batch_end

    def stop_after_three(*args, **kwargs):
        if next(steps) == 3:
            signal.raise_signal(signal.SIGINT)
        after_step(*args, **kwargs)

    monkeypatch.setattr(
        finite.TerminateOnNonFinite, "on_train_batch_end", stop_after_three
    )
    training.train(tiny_images_config(), tmp_path, [images])
    assert next(steps) == 4  # not to its end
    training.train(tiny_images_config(), tmp_path, [images])
    for which in ("best", "last"):
        for one, other in zip(
            loading.load_model(tmp_path, which).get_weights(),
            loading.load_model(workdir, which).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(one, other)
    for name in ("history.csv", "strides.csv"):
        assert (tmp_path / name).read_bytes() == (workdir / name).read_bytes()


def test_stores_that_do_not_fit_are_reported(images, tmp_path):
    sound = write_store(tmp_path / "sound")
    colour = write_image_store(tmp_path / "colour", shape=(8, 8, 3))
    config = tiny_images_config()
    grey = tiny_images_config()
    grey.image.mean = grey.image.deviation = (0.5,)
    for wrong, stores, message in (
        (
            tiny_config(),
            [images],
            "the config is of clips, but the store .*",
        ),
        (config, [sound], "the config is of images, but .* holds clips; give"),
        (grey, [colour], "mean has 1 numbers, but the images of noise have 3"),
        (config, [images, colour], r"noise are \[8, 8, 1\] and those of noise"),
    ):
        with pytest.raises(UserError, match=message):
            training.train(wrong, tmp_path / "run", stores)
    assert not (tmp_path / "run").exists()
