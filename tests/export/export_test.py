"""The export command: files that are the model, or none."""

import json

import numpy as np
import onnx
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.export import (
    freezing,
    metadata,
    onnx_form,
    parity,
    runtimes,
)
from audio_diffstride.runs import loading
from tests.support import exported_run, random_classifier
from tests.support.exported_run import FILES, TASKS
from tests.support.synthetic import tone, write_store


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    return exported_run.write(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def exported(workdir):
    return exported_run.Exports(workdir)


def run(workdir, kind, *more):
    exported_run.export(workdir, kind, *more)


KINDS = [
    "onnx",
    "web",
    pytest.param("litert", marks=pytest.mark.slow),
    pytest.param("litert_int8", marks=pytest.mark.slow),
    pytest.param("saved_model", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_says_what_the_model_says(kind, exported, workdir):
    model = loading.load_model(workdir)
    file = runtimes.ExportedModel(exported(kind) / FILES[kind])
    x = np.stack([tone(hz, 0.4) for hz in (200, 900, 3000)])
    mine, expected = file.logits(x), model(x, training=False)
    assert {*mine} == {*TASKS}
    tolerance = 0.1 if kind == "litert_int8" else 1e-4
    for task, values in expected.items():
        np.testing.assert_allclose(mine[task], values, atol=tolerance)
    integers = np.round(x * 32768).clip(-32768, 32767).astype(np.int16)
    for task, values in file.logits(integers).items():
        np.testing.assert_allclose(values, mine[task], atol=1e-2 + tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_says_what_it_is(kind, exported):
    folder = exported(kind)
    assert {p.name for p in folder.iterdir()} == {
        FILES[kind],
        "parity.json",
        "MODEL_CARD.md",
    }
    file = runtimes.ExportedModel(folder / FILES[kind])
    assert file.class_names == TASKS
    assert (file.sample_rate_hz, file.window_samples) == (16000, 6400)
    report = json.loads((folder / "parity.json").read_text("utf-8"))
    assert {key: report[key] for key in file.about} == file.about
    assert report["format"] == kind
    for row in report["compared"]:
        assert row["split"] == "test" and row["recordings"] == 8
        assert row["max_logit_difference"] < 0.5
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    for line in (
        "| bird.2 | wrèn, 2, b, a\\|b |",
        "25.0 % to 81.2 %",  # of finished_run
        "Licence of the recordings: not recorded",
        "| block1 time | 2.00 | 25 | Hz | 40 to 23 |",
    ):
        assert line in card


@pytest.mark.parametrize(
    "fields",
    [{}, {"downsampling": "max_pool"}, {"downsampling": "average_pool"}]
    + [{"downsampling": "strided_conv"}, {"channels": (40, 50)}],
    ids=str,
)
def test_onnx_of_every_arm(fields, tmp_path):
    model = random_classifier.build(**fields)
    about = metadata.describe(model, 5555, "onnx")
    graph = onnx_form.graph(
        freezing.freeze_network(model, 5555),
        {metadata.KEY: json.dumps(about)},
    )
    assert {node.domain for node in graph.graph.node} == {""}
    (tmp_path / "m.onnx").write_bytes(graph.SerializeToString())
    x = np.random.default_rng(0).normal(0, 0.1, (3, 5555)).astype("float32")
    mine = runtimes.ExportedModel(tmp_path / "m.onnx").logits(x)
    for task, values in model(x, training=False).items():
        np.testing.assert_allclose(mine[task], values, atol=1e-4)


@pytest.mark.slow
def test_the_window_can_be_another(workdir, tmp_path):
    run(workdir, "onnx", "--window_s", 0.25, "--output", tmp_path / "o")
    file = runtimes.ExportedModel(tmp_path / "o" / "model.onnx")
    x = tone(700, 0.25)[None]
    expected = loading.load_model(workdir)(x, training=False)
    np.testing.assert_allclose(file.logits(x)["a"], expected["a"], atol=1e-4)


@pytest.mark.parametrize("fault", [1e-2, np.nan])
def test_another_model_is_refused_and_leaves_nothing(
    fault, workdir, tmp_path, monkeypatch
):
    logits = runtimes.ExportedModel.logits

    def wrong(self, waveforms):
        values = logits(self, waveforms)
        return values | {"a": values["a"] * (1 + fault) + fault}

    monkeypatch.setattr(runtimes.ExportedModel, "logits", wrong)
    with pytest.raises(UserError, match="the export is not the model: a log"):
        run(workdir, "onnx", "--output", tmp_path / "o")
    assert not any(tmp_path.iterdir())


def row(**fields):
    return {
        "task": "a",
        "max_logit_difference": 3.0,
        "largest_logit": 10.0,
        "labelled": 200,
        "accuracy_before": 0.90,
        "accuracy_after": 0.89,
        **fields,
    }


def test_integers_may_lose_a_point_or_a_recording():
    parity.check([row()], is_float=False)
    parity.check([row(labelled=10, accuracy_after=0.8)], is_float=False)
    with pytest.raises(UserError, match="loses 1.5 points of accuracy of a"):
        parity.check([row(accuracy_after=0.885)], is_float=False)
    with pytest.raises(UserError, match="loses 20.0 points"):
        parity.check([row(labelled=10, accuracy_after=0.7)], is_float=False)
    with pytest.raises(UserError, match="differs by 3, more than 0.001"):
        parity.check([row()], is_float=True)


def test_nothing_of_others_is_replaced(workdir, tmp_path):
    output = tmp_path / "o"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    for more in ((), ("--overwrite",)):
        with pytest.raises(UserError, match="is there already|no part of an"):
            run(workdir, "onnx", "--output", output, *more)
    assert [path.name for path in tmp_path.rglob("*.*")] == ["mine.txt"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--recordings", "0"), "--recordings must be a number from 1"),
        (("--window_s", "0"), "--window_s must be more than 0"),
        (("--window_s", "nan"), "--window_s must be more than 0"),
        (("--window_s", "1e-9"), "holds no sample"),
        (("--model", "last"), "has no last.keras"),
    ],
)
def test_mistakes_are_reported(arguments, message, workdir, tmp_path):
    with pytest.raises(UserError, match=message):
        run(workdir, "onnx", "--output", tmp_path / "o", *arguments)
    assert not any(tmp_path.iterdir())


def test_a_run_without_its_data_is_reported(workdir, tmp_path):
    other = tmp_path / "run"
    other.mkdir()
    for name in ("config.json", "best.keras"):
        (other / name).write_bytes((workdir / name).read_bytes())
    with pytest.raises(UserError, match="to compare the export with the mod"):
        run(other, "onnx")
    assert not (other / "export_onnx").exists()
    with pytest.raises(UserError, match="the task a of two is not the one"):
        store = write_store(tmp_path / "store", {"a": ["other", "names"]})
        run(other, "onnx", "--store", store.path)
    assert not (other / "export_onnx").exists()


def test_files_that_are_no_exports_are_reported(tmp_path):
    (tmp_path / "a.onnx").write_bytes(b"no model")
    (tmp_path / "a.tflite").write_bytes(b"no model")
    (tmp_path / "folder").mkdir()
    for name in ("a.onnx", "a.tflite", "folder"):
        with pytest.raises(
            UserError, match="cannot be run|has no metadata of audio_d"
        ):
            runtimes.ExportedModel(tmp_path / name)


def test_metadata_of_others_is_reported(exported, tmp_path):
    model = onnx.load(exported("onnx") / "model.onnx")
    (entry,) = model.metadata_props
    for change, message in (
        ({"schema": metadata.SCHEMA + 1}, "exported by a later version of aud"),
        ({"tasks": ["a"]}, "is damaged: of its metadata, tasks is"),
        ({"kinds": {"a": "ranked"}}, "is damaged: of its metadata, kinds is"),
        ({"kinds": {"c": "several_labels"}}, "of its metadata, kinds is"),
    ):
        good = entry.value
        entry.value = json.dumps(json.loads(good) | change)
        onnx.save(model, tmp_path / "m.onnx")
        entry.value = good
        with pytest.raises(UserError, match=message):
            runtimes.ExportedModel(tmp_path / "m.onnx")
