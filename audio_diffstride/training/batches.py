"""The training batches of a run, with a share for every data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ml_collections

from audio_diffstride.datasets.augmentation.background import Background
from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.gain_and_noise import GainAndNoise
from audio_diffstride.datasets.augmentation.masks import Masks
from audio_diffstride.datasets.augmentation.mixing import Mixing
from audio_diffstride.datasets.augmentation.speed import Speed
from audio_diffstride.datasets.augmentation.time_shift import TimeShift
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.image_batches import TrainingImages
from audio_diffstride.datasets.images import ImageStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.datasets.training_examples import MixedExamples
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import background
from audio_diffstride.runs import loading
from audio_diffstride.training import classes

Examples = TrainingWindows | TrainingImages | MixedExamples


def training_examples(
    config: ml_collections.ConfigDict,
    stores: list[Store],
    first_step: int = 0,
    share: tuple[int, int] = (0, 1),
    noise: ClipStore | None = None,
) -> Examples:
    """The batches of a run from a step on.

    Every batch holds each data set in its proportion.

    Args:
        config: the config of the run.
        stores: the data sets.
        first_step: the step of batch 0.
        share: (i, n) for the i-th of n equal parts of every batch. Each of n
            processes takes one. In order they make up the batch.
        noise: the prepared background of the config. None prepares it, if the
            config has one.

    Raises:
        UserError: if the proportions do not fit the stores or the batch.
    """
    training = config.training
    sizes = batch_shares(
        training.batch_size, config.data.proportions or (1,) * len(stores)
    )
    if len(sizes) != len(stores):
        raise UserError(
            f"data.proportions has {len(sizes)} numbers for {len(stores)} "
            "data sets; give one for each, in the order of data.source"
        )
    part, num_parts = share
    rows = training.batch_size // num_parts
    parts: list[TrainingWindows | TrainingImages] = []
    begin = 0
    augmentation = None if "image" in config else _augmentation(config, noise)
    for store, size, rows_of in zip(
        stores, sizes, _rows(sizes, part * rows, (part + 1) * rows)
    ):
        examples = classes.drawn(config, store)
        arguments = {
            "batch_size": size,
            "num_steps": training.num_steps,
            "seed": config.seed,
            "first_step": first_step,
            "rows": rows_of,
            "balance": classes.balance(config, examples, store.tasks),
        }
        if augmentation is None:
            parts.append(_images(config, examples, **arguments))
        else:
            arguments |= {"augmentation": augmentation, "first_row": begin}
            parts.append(_windows(config, store, examples, **arguments))
        begin += size
    return parts[0] if len(parts) == 1 else MixedExamples(parts)


def _rows(sizes: list[int], begin: int, end: int) -> list[slice]:
    """Splits a range of a batch's rows among the parts of the batch.

    >>> _rows([3, 5], 2, 6)
    [slice(2, 3, None), slice(0, 3, None)]
    """
    slices = []
    for size in sizes:
        slices.append(slice(*(min(max(i, 0), size) for i in (begin, end))))
        begin, end = begin - size, end - size
    return slices


def _windows(
    config: ml_collections.ConfigDict, store: Store, clips: Any, **kwargs: Any
) -> TrainingWindows:
    return TrainingWindows(
        clips,
        loading.window_samples(config),
        num_classes={task: len(names) for task, names in store.tasks.items()},
        **kwargs,
    )


def _augmentation(
    config: ml_collections.ConfigDict, noise: ClipStore | None
) -> Augmentation:
    fields = config.augmentation
    rate_hz = config.front_end.sample_rate_hz
    return Augmentation(
        speed=Speed(fields.speed_percent),
        shift=TimeShift(round(fields.time_shift_s * rate_hz)),
        mixing=Mixing(fields.mixup, fields.mixing),
        background=_background(config, noise),
        gain_and_noise=GainAndNoise(fields.gain_db, fields.noise_db),
        masks=_masks(config),
    )


def _background(
    config: ml_collections.ConfigDict, noise: ClipStore | None
) -> Background:
    noise = noise or background.prepare(config)
    if noise is None:
        return Background()
    fields = config.augmentation
    return Background(
        noise.examples("train"),
        fields.background_snr_db,
        fields.background_share,
    )


def _masks(config: ml_collections.ConfigDict) -> Masks:
    fields, front_end = config.augmentation, config.front_end
    hop_samples = round(front_end.sample_rate_hz * front_end.hop_ms / 1000)
    return Masks(
        num_frames=-(-loading.window_samples(config) // hop_samples),
        num_bands=front_end.num_bands,
        time_frames=round(fields.time_mask_ms / front_end.hop_ms),
        num_time=fields.num_time_masks,
        frequency_bands=fields.frequency_mask_bands,
        num_frequency=fields.num_frequency_masks,
    )


def _images(
    config: ml_collections.ConfigDict, images: Any, **kwargs: Any
) -> TrainingImages:
    image = config.image
    return TrainingImages(images, image.crop, image.flip, image.size, **kwargs)


def check_stores(
    config: ml_collections.ConfigDict, stores: list[Store]
) -> None:
    """Checks that every store fits the input of the config's network.

    Raises:
        UserError: for a store of the other kind, with another sample rate or
            other channels, or with images of another size.
    """
    for store in stores:
        wanted = ImageStore if "image" in config else ClipStore
        if not isinstance(store, wanted):
            raise UserError(
                f"the config is of {wanted.HOLDS}, but the store {store.path} "
                f"holds {store.HOLDS}; give another data.source, or a config "
                f"of {store.HOLDS}"
            )
    (_check_shapes if "image" in config else _check_rates)(config, stores)


def _check_rates(config: ml_collections.ConfigDict, stores: list[Any]) -> None:
    rate_hz = config.front_end.sample_rate_hz
    for store in stores:
        if store.sample_rate_hz != rate_hz:
            raise UserError(
                f"front_end.sample_rate_hz is {rate_hz}, but the clip store "
                f"{store.path} holds {store.sample_rate_hz} Hz"
            )


def _check_shapes(config: ml_collections.ConfigDict, stores: list[Any]) -> None:
    channels = len(config.image.mean)
    for store in stores:
        if store.image_shape[-1] not in (1, channels):
            raise UserError(
                f"image.mean has {channels} numbers, but the images of "
                f"{store.name} have {store.image_shape[-1]} channels; give "
                "image.mean and image.deviation one number for each"
            )
        if store.image_shape != stores[0].image_shape:
            raise UserError(
                f"the images of {stores[0].name} are {stores[0].image_shape} "
                f"and those of {store.name} {store.image_shape} (height, "
                "width, channels); in one run all must be of one shape"
            )


def batch_shares(batch_size: int, proportions: Sequence[float]) -> list[int]:
    """Divides a batch into whole numbers in the given proportions.

    Shares are rounded down. The rest goes to the largest remainders.

    >>> batch_shares(64, (1, 1, 2.5))
    [14, 14, 36]
    """
    exact = [batch_size * p / sum(proportions) for p in proportions]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for index in by_remainder[: batch_size - sum(shares)]:
        shares[index] += 1
    if min(shares) < 1:
        raise UserError(
            f"a batch of {batch_size} has no room for data.proportions "
            f"{tuple(proportions)}; make training.batch_size larger"
        )
    return shares
