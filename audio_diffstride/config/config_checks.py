"""The check that the fields of a config fit together."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Iterator
from typing import Any

from ml_collections import ConfigDict

from audio_diffstride.config import augmentation_checks, model_checks
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.config.field_types import split_names
from audio_diffstride.errors import UserError, shortened

_MAX_BATCH_SAMPLES = 2**30


def check(config: ConfigDict) -> None:
    """Checks that the fields fit together.

    Args:
        config: a whole config; each field is allowed on its own.

    Raises:
        UserError: for a config that no model can be trained with, whatever
            the data.
    """
    of_sound = (_front_end, _windows, augmentation_checks.masks)
    of_input = (_image,) if "image" in config else of_sound
    of_model = (
        model_checks.encoder,
        model_checks.strides,
        model_checks.folding,
    )
    of_recipe = (steps, _schedule, _data, _fine_tuning)
    for problems in (*of_recipe, *of_input, *of_model):
        for problem in problems(config):
            raise UserError(problem)


def steps(config: ConfigDict) -> Iterator[str]:
    """Yields the errors in the number of steps."""
    training = config.training
    epochs, rest = divmod(training.num_steps, training.steps_per_epoch)
    if rest or not epochs:
        yield (
            "training.num_steps must be a multiple of training.steps_per_epoch"
            f", not {training.num_steps} of {training.steps_per_epoch}"
        )


def _schedule(config: ConfigDict) -> Iterator[str]:
    training = config.training
    has_steps = training.schedule == "steps"
    if has_steps != bool(training.schedule_boundaries):
        yield (
            f"training.schedule is {training.schedule!r} and "
            "training.schedule_boundaries is "
            f"{tuple(training.schedule_boundaries)}; 'steps' needs boundaries, "
            "and no other schedule has any"
        )
    if training.warmup_steps >= training.num_steps:
        yield (
            f"training.warmup_steps is {training.warmup_steps:,}, but must be "
            f"below training.num_steps ({training.num_steps:,})"
        )


def _fine_tuning(config: ConfigDict) -> Iterator[str]:
    tuning = config.fine_tuning
    if not tuning.run and (tuning.frozen or tuning.first_block_step_ratio != 1):
        yield (
            "fine_tuning.frozen and fine_tuning.first_block_step_ratio are of "
            "a run that starts from another; give --from, or leave them out"
        )


def _data(config: ConfigDict) -> Iterator[str]:
    data = config.data
    sources = split_names(data.source)
    if "audio_files" in sources and "image" in config:
        yield (
            "data.source is audio_files, which is sound, but the config is of "
            "images; give another data.source, or a config of sound"
        )
    if "audio_files" in sources:
        own_paths(config)
    if data.fold and data.test_group:
        yield (
            f"data.fold is {data.fold}, but data.test_group is "
            f"{shortened(data.test_group)}; leave one of them empty"
        )
    for name, what in (
        ("test_group", "groups"),
        ("fold", "folds"),
        ("columns", "columns"),
        ("background_class", "such classes"),
    ):
        if data[name] and "audio_files" not in sources:
            yield (
                f"data.{name} is {shortened(data[name])}, but data.source is "
                f"{shortened(data.source)}; only audio_files have {what}"
            )
    if data.annotations == "intervals":
        if "image" in config or "audio_files" not in sources:
            yield (
                "data.annotations is 'intervals', but data.source is "
                f"{shortened(data.source)}; only audio_files have annotations"
            )
        elif data.annotation_hop_s > config.window_s:
            yield (
                f"data.annotation_hop_s is {data.annotation_hop_s:g}, but must "
                f"be up to window_s ({config.window_s:g}), so that no sound is "
                "skipped"
            )
    count = sum(
        len(split_names(data.path)) if source == "audio_files" else 1
        for source in sources
    )
    given = len(data.proportions)
    # With data.tasks, a source without a chosen task may have no number.
    if given > count or (given and given < count and not data.tasks):
        yield (
            f"data.proportions has {given} numbers for {count} data sets; "
            "give one for each, in the order of data.source"
        )


def own_paths(config: ConfigDict) -> list[str]:
    """The folders and CSVs of own recordings.

    Raises:
        UserError: if data.path is empty.
    """
    paths = split_names(config.data.path)
    if not paths:
        raise UserError(
            "data.path is empty; give a folder with a sub-folder per class, or "
            "a CSV, such as --data PATH"
        )
    return paths


def _front_end(config: ConfigDict) -> Iterator[str]:
    front_end = config.front_end
    rate_hz = front_end.sample_rate_hz
    if not front_end.min_hz < front_end.max_hz <= rate_hz / 2:
        yield (
            f"front_end.max_hz is {front_end.max_hz:g}, but must be above "
            f"front_end.min_hz ({front_end.min_hz:g}) and up to half of "
            f"front_end.sample_rate_hz ({rate_hz / 2:g})"
        )
    hop_samples = round(rate_hz * front_end.hop_ms / 1000)
    window_samples = round(rate_hz * front_end.window_ms / 1000)
    if not 1 <= hop_samples <= window_samples:
        yield (
            f"front_end.hop_ms is {front_end.hop_ms:g}, but must be at least "
            f"a sample ({1000 / rate_hz:g}) and up to front_end.window_ms "
            f"({front_end.window_ms:g})"
        )
    empty = empty_bands(front_end)
    if empty:
        yield (
            f"front_end.num_bands is {front_end.num_bands}, of which {empty} "
            "hold no frequency of the transform; give fewer bands, or a larger "
            "front_end.window_ms"
        )


def empty_bands(front_end: ConfigDict) -> int:
    """The number of mel bands that hold no frequency of the transform."""
    window_samples = round(front_end.sample_rate_hz * front_end.window_ms / 1e3)
    return _empty_bands(
        sr=front_end.sample_rate_hz,
        n_fft=2 ** (window_samples - 1).bit_length(),
        n_mels=front_end.num_bands,
        fmin=front_end.min_hz,
        fmax=front_end.max_hz,
    )


@functools.cache  # the runs of a sweep seldom differ in it
def _empty_bands(**mel_filters: Any) -> int:
    import librosa  # takes half a second

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of empty bands
        weights = librosa.filters.mel(**mel_filters)  # (bands, fft bins)
    return int((weights.sum(axis=1) == 0).sum())


def _windows(config: ConfigDict) -> Iterator[str]:
    samples = round(config.window_s * config.front_end.sample_rate_hz)
    if samples < 1:
        yield f"window_s is {config.window_s:g}, which is less than a sample"
    batch_size = config.training.batch_size
    if samples * batch_size > _MAX_BATCH_SAMPLES:
        yield (
            f"training.batch_size is {batch_size:,}, of windows of {samples:,} "
            f"samples; together they may have {_MAX_BATCH_SAMPLES:,}"
        )
    hop_s = config.evaluation.hop_s
    if hop_s > config.window_s:
        yield (
            f"evaluation.hop_s is {hop_s:g}, but must be up to window_s "
            f"({config.window_s:g}), so that no sound is skipped"
        )
    if hop_s and round(hop_s * config.front_end.sample_rate_hz) < 1:
        yield f"evaluation.hop_s is {hop_s:g}, which is less than a sample"


def _image(config: ConfigDict) -> Iterator[str]:
    image, encoder = config.image, config.model.encoder
    if ARCHITECTURES[encoder].axes != 2:
        yield (
            f"model.encoder is {encoder!r}, which is for sound; an image has "
            "two axes, so give another encoder"
        )
    channels = len(image.mean)
    if len(image.deviation) != channels:
        yield (
            f"image.deviation has {len(image.deviation)} numbers and "
            f"image.mean {channels}; give one for each channel"
        )
    batch_size = config.training.batch_size
    if batch_size * channels * math.prod(image.size) > _MAX_BATCH_SAMPLES:
        yield (
            f"training.batch_size is {batch_size:,}, of images of "
            f"{tuple(image.size)} pixels; together they may have "
            f"{_MAX_BATCH_SAMPLES:,} numbers"
        )
