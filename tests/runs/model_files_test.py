"""Model files that are damaged, of another kind, or made to run code."""

import json
import pathlib
import shutil
import zipfile

import keras
import pytest

from audio_diffstride import training
from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.runs import loading, model_files
from tests.support.synthetic import tiny_config


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The file of an untrained model."""
    path = tmp_path_factory.mktemp("good") / "best.keras"
    config = tiny_config()
    model = training.build_model(config, {"a": ["x", "y"], "b": ["p", "q"]})
    model.save(path)
    return path


def rewrite(good, path, members=None, change=None):
    """A copy with other members, or its config changed in place.

    A member of None is left out.
    """
    members = members or {}
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = members.get(name, source.read(name))
            if change and name == "config.json":
                config = json.loads(content)
                change(config)
                content = json.dumps(config)
            if content is not None:
                target.writestr(name, content)


def told(path) -> str:
    with pytest.raises(UserError) as error:
        model_files.load(path)
    sentence = str(error.value)
    assert sentence.startswith(str(path)), sentence
    assert "\n" not in sentence and len(sentence) < 600, sentence
    return sentence


def test_a_whole_file_is_loaded(good, tmp_path):
    rewrite(good, tmp_path / "best.keras")
    model = model_files.load(tmp_path / "best.keras")
    assert model.class_names == {"a": ["x", "y"], "b": ["p", "q"]}
    saved = model_files.metadata(good)
    assert saved["keras_version"] == keras.__version__


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_reported(share, good, tmp_path):
    content = good.read_bytes()
    path = tmp_path / "best.keras"
    path.write_bytes(content[: round(share * len(content))])
    assert "is damaged: File is not a zip file; train" in told(path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9])
def test_a_byte_that_changed_is_reported(share, good, tmp_path):
    content = bytearray(good.read_bytes())
    content[round(share * len(content))] ^= 0xFF
    path = tmp_path / "best.keras"
    path.write_bytes(content)
    assert "is not what was written" in told(path)


MEMBERS = [
    ("metadata.json", None, "it has no metadata.json"),
    ("config.json", None, "it has no config.json"),
    ("model.weights.h5", None, "it has no model.weights.h5"),
    ("metadata.json", b"", "its metadata.json is not JSON"),
    ("config.json", b"", "its config.json is not JSON"),
    ("config.json", b"[]", "its config.json is not a JSON object"),
    ("config.json", b"\xff", "its config.json is not JSON"),
    ("config.json", b"[" * 100_000, "is damaged: "),
    ("config.json", b"{}", "holds something else, not an AudioClassifier"),
    ("model.weights.h5", b"", "its model.weights.h5 cannot be read"),
    ("model.weights.h5", b"no HDF5", "its model.weights.h5 cannot be read"),
]


@pytest.mark.parametrize("name, content, message", MEMBERS)
def test_a_member_that_is_wrong_is_reported(
    name, content, message, good, tmp_path
):
    rewrite(good, tmp_path / "best.keras", {name: content})
    assert message in told(tmp_path / "best.keras")


def part(name, **fields):
    """A change of the fields of the front end or the encoder."""

    def change(config):
        config["config"][name]["config"].update(fields)

    return change


def whole(**fields):
    """A change of the fields of the classifier."""

    def change(config):
        config["config"].update(fields)

    return change


def without(name):
    def change(config):
        del config["config"][name]

    return change


SHAPES = "its weights are not of the shapes that its config asks for"
CONFIGS = [
    ("no class names", without("tasks"), "config.tasks is missing"),
    ("numbers of classes", whole(tasks={"a": 2}), "config.tasks.a is 2"),
    ("a name as classes", whole(tasks={"a": "xy"}), "config.tasks.a is 'xy'"),
    ("tasks as a list", whole(tasks=["a"]), "config.tasks is ['a']"),
    ("no task", whole(tasks={}), "`tasks` must name at least one task"),
    ("one class", whole(tasks={"a": ["x"]}), "at least two classes"),
    ("one name twice", whole(tasks={"a": ["x"] * 2}), "of a have one name"),
    ("more classes", whole(tasks={"a": list("xyz"), "b": ["p", "q"]}), SHAPES),
    ("no front end", whole(front_end=None), "config.front_end is None"),
    ("no encoder", without("encoder"), "config.encoder is missing"),
    ("wider", part("encoder", width=2.0), SHAPES),
    ("wide", part("encoder", width="x"), "model.width is 'x', but must be"),
    ("far wider", part("encoder", width=1e9), "model.width is 1000000000.0"),
    ("fewer blocks", part("encoder", channels=[4], strides=[[2, 2]]), SHAPES),
    (
        "more blocks",
        part("encoder", channels=[4, 8, 8], strides=[[2, 2]] * 3),
        SHAPES,
    ),
    ("other length", part("encoder", channels=[4]), "one entry per block"),
    (
        "another version",
        part("encoder", later=1),
        "Unrecognized keyword arguments passed to TimeFrequencyEncoder",
    ),
    ("no bands", part("front_end", num_bands=0), "num_bands is 0, but must"),
    ("nan", part("front_end", hop_ms=float("nan")), "hop_ms is nan, but must"),
    ("arm", part("encoder", downsampling="x"), "downsampling is 'x', but must"),
]


@pytest.mark.parametrize(
    "change, message", [c[1:] for c in CONFIGS], ids=[c[0] for c in CONFIGS]
)
def test_a_config_of_another_model_is_reported(change, message, good, tmp_path):
    rewrite(good, tmp_path / "best.keras", change=change)
    assert message in told(tmp_path / "best.keras")


def foreign(module, name, fields, registered=None):
    return {
        "module": module,
        "class_name": name,
        "config": fields,
        "registered_name": registered,
    }


def lambda_layer(marker):
    """A layer whose code creates a file whenever it is called."""
    return keras.layers.Lambda(
        lambda x: (__import__("pathlib").Path(marker).touch(), x)[1]
    )


def hostile(marker):
    """{name: an object that would create the file}."""
    command = f"touch {marker}"
    return {
        "lambda layer": keras.saving.serialize_keras_object(
            lambda_layer(str(marker))
        ),
        "os.system": foreign("os", "system", {"command": command}),
        "function of os": foreign("os", "function", "system"),
        "function of builtins": foreign("builtins", "function", "exec"),
        "subprocess": foreign("subprocess", "Popen", {"args": command}),
        "get_file": foreign(
            "keras.utils", "get_file", {"fname": str(marker), "origin": "x"}
        ),
        "saved model": foreign(
            "keras.layers", "TFSMLayer", {"filepath": str(marker)}
        ),
        "ours by name": foreign(
            "os", "system", {"command": command}, "audio_diffstride>system"
        ),
        "ours of tests": foreign("tests.model_files_test", "Marker", {}),
        "a typespec": {
            **foreign("os", "__typespec__", [command], "x"),
            "spec_name": "system",
        },
        "list as name": foreign("os", ["system"], {"command": command}),
        "dense": keras.saving.serialize_keras_object(keras.layers.Dense(2)),
    }


HOSTILE = sorted(hostile("marker"))


@pytest.mark.parametrize("place", ["front_end", "encoder", "dtype", "inside"])
@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_foreign_is_built(name, place, good, tmp_path):
    marker = tmp_path / "marker"

    def change(config):
        value = hostile(marker)[name]
        if place == "inside":
            config["config"]["encoder"]["config"]["name"] = [{"a": [value]}]
        else:
            config["config"][place] = value

    rewrite(good, tmp_path / "best.keras", change=change)
    sentence = told(tmp_path / "best.keras")
    assert "might run any code" in sentence or "is damaged: its " in sentence
    if place == "inside":
        assert "might run any code" in sentence
    assert not marker.exists()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("place", ["loss", "optimizer", "weighted_metrics"])
def test_nothing_foreign_is_compiled(name, place, good, tmp_path):
    marker = tmp_path / "marker"

    def change(config):
        config["compile_config"] = {place: hostile(marker)[name]}

    rewrite(good, tmp_path / "best.keras", change=change)
    assert "might run any code" in told(tmp_path / "best.keras")
    assert not marker.exists()


def test_a_model_that_is_no_classifier_is_reported_and_its_code_not_run(
    tmp_path,
):
    path, marker = tmp_path / "best.keras", tmp_path / "marker"
    layers = [keras.Input((2,)), lambda_layer(str(marker))]
    keras.Sequential(layers).save(path)
    marker.unlink()  # building the model ran it
    assert "holds keras.Sequential, not an AudioClassifier" in told(path)
    assert not marker.exists()
    # It is one that would have: unsafely loaded, the file is made.
    keras.saving.load_model(path, safe_mode=False)
    assert marker.exists()


def test_unsafe_loading_is_nowhere_enabled():
    root = pathlib.Path(__file__).parents[2]
    files = [*root.glob("*.py")]
    for folder in ("audio_diffstride", "data", "configs"):
        files += (root / folder).rglob("*.py")
    assert len(files) > 50
    for path in files:
        text = path.read_text()
        assert "unsafe_deserialization" not in text, path
        assert "safe_mode=False" not in text, path


def test_every_command_tells_it_alike(good, tmp_path):
    workdir, sound = tmp_path / "run", tmp_path / "a.wav"
    workdir.mkdir()
    config = tiny_config().to_json_best_effort()
    (workdir / "config.json").write_text(config)
    sound.write_bytes(b"")
    shutil.copy(good, workdir / "last.keras")
    commands = {
        "report": lambda: call("report", ["--workdir", str(workdir)]),
        "cutoffs": lambda: call("cutoffs", ["--workdir", str(workdir)]),
        "predict": lambda: call(
            "predict",
            [str(sound), "--workdir", str(workdir)]
            + ["--output", str(tmp_path / "out.csv")],
        ),
        "evaluate": lambda: loading.load_model(workdir),
    }
    for content, message in (
        (None, "has no best.keras: train a model there first"),
        (b"", "best.keras is damaged: File is not a zip file; train the run"),
        (good.read_bytes()[:-99], "best.keras is damaged: File is not a zip"),
    ):
        if content is not None:
            (workdir / "best.keras").write_bytes(content)
        before = sorted(tmp_path.rglob("*"))
        for name, command in commands.items():
            with pytest.raises(UserError) as error:
                command()
            assert message in str(error.value), name
        assert sorted(tmp_path.rglob("*")) == before
