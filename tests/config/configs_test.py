"""Every config file loads, locks and makes a model."""

import contextlib
import importlib
import pathlib
import shlex

import keras
import pytest

from audio_diffstride import training
from audio_diffstride.__main__ import parse
from audio_diffstride.config import config_fields
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.recordings import manifest, splits
from audio_diffstride.sweep import arguments, matched_cost
from tests.support.known_tables import write_esc_50, write_urban

CONFIGS_FOLDER = pathlib.Path(__file__).parents[2] / "configs"
CONFIGS = sorted(
    path.stem for path in CONFIGS_FOLDER.glob("*.py") if path.stem != "__init__"
)


def load(name, variant=""):
    return importlib.import_module(f"configs.{name}").get_config(variant)


@pytest.mark.parametrize("variant", ["", "small"])
@pytest.mark.parametrize("name", CONFIGS)
def test_config_makes_a_model_that_compiles(name, variant):
    config = load(name, variant).lock()
    # The weights of the large networks get no values, which takes longer.
    without_values = keras.StatelessScope(initialize_variables=False)
    with contextlib.nullcontext() if variant else without_values:
        model = training.build_model(config, {"a": ["x", "y"]})
    training.compile_model(model, config)
    assert config.training.num_steps % config.training.steps_per_epoch == 0


@pytest.mark.parametrize("name", CONFIGS)
def test_small_is_smaller(name):
    small = load(name, "small")
    paper = load("default")
    assert small.model.width <= 0.25
    assert small.training.num_steps < paper.training.num_steps


@pytest.mark.parametrize("name", CONFIGS)
def test_an_unknown_variant_is_refused(name):
    with pytest.raises(ValueError, match="the only variant is :small"):
        load(name, "smal")


@pytest.mark.parametrize("name", CONFIGS)
def test_docstring_has_the_command(name):
    text = importlib.import_module(f"configs.{name}").__doc__
    assert f"python train.py --config=configs/{name}.py" in text


@pytest.mark.parametrize(
    "name, write, num_folds, clip_s",
    [
        ("esc10", write_esc_50, 5, 5),
        ("esc50", write_esc_50, 5, 5),
        ("urbansound8k", write_urban, 10, 4),
    ],
)
def test_the_command_in_the_docstring_is_the_official_protocol(
    name, write, num_folds, clip_s, tmp_path, monkeypatch
):
    text = importlib.import_module(f"configs.{name}").__doc__
    command = text[text.index("audio-diffstride sweep") :].split("\n\n")[0]
    words = shlex.split(command.replace("\\\n", " "))[2:]
    (place,) = [w for w in words if w.startswith("data.path=")]
    # Where the archive has its table, and ESC-10's beside it.
    folder = tmp_path / pathlib.Path(place.partition("=")[2]).parts[0]
    written = write(folder)
    table = tmp_path / place.partition("=")[2]
    assert table.parent == written.parent
    written.rename(table)
    monkeypatch.chdir(tmp_path)
    for word in words:
        if word.startswith("configs/"):
            words[words.index(word)] = str(CONFIGS_FOLDER.parent / word)
    args = parse("sweep", words)
    arguments.set_defaults(args)
    sweep = arguments.read(args)
    assert sweep.config["window_s"] == clip_s
    tested = []
    for run in sweep.runs():
        fields = sweep.config | run.fields
        rule = splits.SplitRule(
            fields["data.test_group"],
            fields["data.fold"],
            fields["data.validation"],
        )
        divided = rule.divide(manifest.read(table), table.parent)
        groups = {r.split: set() for r in divided}
        for recording in divided:
            groups[recording.split].add(recording.group)
        assert set(groups) == {"train", "test"}
        assert len(groups["train"]) == num_folds - 1
        assert not groups["train"] & groups["test"]
        tested += groups["test"]
    assert sorted(tested, key=int) == [str(k + 1) for k in range(num_folds)]


def test_the_papers_hyper_parameters_of_images():
    for name, decay, epochs, images, falls in (
        ("cifar_resnet18", 5e-3, 400, 50_000, (200, 300)),
        ("imagenet_resnet18", 1e-3, 90, 1_281_167, (30, 60, 80)),
    ):
        config = load(name)
        recipe = config.training
        assert (recipe.optimizer, recipe.momentum) == ("sgd", 0.9)
        assert (recipe.learning_rate, recipe.batch_size) == (0.1, 256)
        assert recipe.weight_decay == decay
        assert recipe.schedule == "steps"
        epoch = recipe.steps_per_epoch
        assert epoch == images // recipe.batch_size
        assert recipe.num_steps == epochs * epoch
        shares = recipe.schedule_boundaries
        assert [round(s * epochs, 6) for s in shares] == [*falls]
        assert config.image.flip
        assert "window_s" not in config and "front_end" not in config


def test_the_papers_hyper_parameters():
    config = load("default")
    audio = ARCHITECTURES[config.model.encoder]
    assert config.model.channels == () == config.model.strides
    assert audio.channels == (64, 128, 256, 256, 512, 512)
    assert config.training.batch_size == 256
    assert config.training.learning_rate == 1e-4
    assert config.training.num_steps == 1_000_000
    assert config.training.stride_step_ratio == 1.0
    assert config.model.smoothness_factor == 4.0
    assert config.model.smoothness_percent == 0.0


@pytest.mark.parametrize("name", ["audio_files", "cifar_resnet18"])
def test_the_band_of_small_costs_less_than_half_of_the_papers(name):
    fields = config_fields.flatten(load(name, "small").to_dict())
    of_the_paper = fields | {"model.smoothness_percent": 0.0}
    cost = matched_cost.multiply_adds
    assert cost(fields) < cost(of_the_paper) / 2
