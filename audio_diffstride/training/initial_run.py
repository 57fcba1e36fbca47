"""Starting from a trained run instead of random weights: fine-tuning."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import ml_collections

from audio_diffstride.config import inherited
from audio_diffstride.errors import UserError
from audio_diffstride.models.classifier import Classifier
from audio_diffstride.published import models
from audio_diffstride.runs import layout, loading


@dataclasses.dataclass(frozen=True)
class InitialModel:
    """The model that a run starts from, as `provenance` notes its data.

    Attributes:
        name: in messages.
        fingerprint: SHA-256 of its file.
    """

    name: str
    fingerprint: str


def initial_model(config: ml_collections.ConfigDict) -> list[InitialModel]:
    """The model that the run of a config starts from, if there is one.

    Raises:
        UserError: if the file is missing.
    """
    run = config.fine_tuning.run
    if not run:
        return []
    path = models.run_folder(run) / layout.BEST
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(
            f"--from {run}: {path} cannot be read: {error.strerror}; give a "
            "run that has a model"
        ) from error
    return [InitialModel(f"the model of {run}", digest)]


def start_from(model: Classifier, config: ml_collections.ConfigDict) -> None:
    """Copies the encoder of `fine_tuning.run`, and freezes what stays.

    A frozen layer keeps its weights, its strides and its running statistics.

    Args:
        model: the new model; its heads stay random.
        config: of the new run.

    Raises:
        UserError: if there is no such run, or its network is another.
    """
    tuning = config.fine_tuning
    if not tuning.run:
        return
    inherited.check_same_network(config)
    trained = loading.load_model(models.run_folder(tuning.run))
    for new, old in (
        (model.front_end, trained.front_end),
        (model.encoder, trained.encoder),
    ):
        new.set_weights(old.get_weights())
    for layer in _frozen(model, tuning.frozen):
        layer.trainable = False


def step_ratios(
    model: Classifier, config: ml_collections.ConfigDict
) -> dict[str, float]:
    """{encoder/layer: factor on its learning rate}, the first the smallest.

    With L blocks and the ratio r, block l = 1 .. L has r^(1 - (l - 1) / L).
    So the heads, which follow, have 1.
    """
    ratio = config.fine_tuning.first_block_step_ratio
    if ratio == 1:
        return {}
    encoder, blocks = model.encoder, model.encoder.layers_by_block()
    return {
        f"{encoder.name}/{layer.name}": ratio ** (1 - index / len(blocks))
        for index, block in enumerate(blocks)
        for layer in block
    }


def _frozen(model: Classifier, what: str) -> list[Any]:
    encoder = model.encoder
    if what in ("", "encoder"):
        return [encoder] if what else []
    blocks, count = encoder.layers_by_block(), int(what)
    if count > len(blocks):
        raise UserError(
            f"fine_tuning.frozen is {count}, but the network has {len(blocks)} "
            "blocks; give as many at most, or encoder"
        )
    return [layer for block in blocks[:count] for layer in block]
