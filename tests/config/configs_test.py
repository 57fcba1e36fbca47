"""Every config file loads, locks and makes a model."""

import importlib
import pathlib

import pytest

from audio_diffstride import training
from audio_diffstride.config import config_fields
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.sweep import matched_cost

CONFIGS = sorted(
    path.stem
    for path in (pathlib.Path(__file__).parents[2] / "configs").glob("*.py")
    if path.stem != "__init__"
)


def load(name, variant=""):
    return importlib.import_module(f"configs.{name}").get_config(variant)


@pytest.mark.parametrize("variant", ["", "small"])
@pytest.mark.parametrize("name", CONFIGS)
def test_config_makes_a_model_that_compiles(name, variant):
    config = load(name, variant).lock()
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
