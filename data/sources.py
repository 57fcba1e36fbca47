"""Open the stores of named data sets for training and evaluation."""

from __future__ import annotations

import ml_collections

from audio_diffstride.datasets.opening import open_store
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from data import catalogue, prepare
from data.contents import ImageContent

_EXAMPLES = ("quickstart", "cifar_resnet18")  # a config of sound, of images


def open_named(config: ml_collections.ConfigDict, name: str) -> Store:
    """Opens the store of a named data set, for a config.

    An embedded data set is prepared first. One that needs a download must have
    been prepared with `data.prepare`.

    Args:
        config: a complete config; see configs/default.py.
        name: in `catalogue.DATASETS`.

    Raises:
        UserError: for a name that is unknown or not prepared, and for sound
            with a config of images, or the reverse.
    """
    dataset = catalogue.find(name)
    of_images = isinstance(dataset.content, ImageContent)
    if of_images != ("image" in config):
        kinds = ("sound", "images")
        own, other = kinds[of_images], kinds[not of_images]
        raise UserError(
            f"data.source {name} is {own}, but the config is of {other}; give "
            f"another data.source, or a config of {own} such as "
            f"configs/{_EXAMPLES[of_images]}.py"
        )
    split_name, _ = dataset.rule(config.data.split)
    if dataset.embedded:
        return prepare.prepare(name, split_name, config.data.store_dir)
    path = prepare.store_path(name, split_name, config.data.store_dir)
    if not path.exists():
        raise UserError(
            f"{name} is not prepared in {path}; run `python -m data.prepare "
            f"--dataset {name} --split {split_name}`, with --manual_dir DIR if "
            "you have its archives in the folder DIR"
        )
    return open_store(path)
