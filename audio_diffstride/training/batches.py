"""The batches of a run: every data set in its share, step by step."""

from __future__ import annotations

from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.image_batches import TrainingImages
from audio_diffstride.datasets.images import ImageStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.datasets.training_examples import MixedExamples
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.errors import UserError
from audio_diffstride.runs import loading


def training_examples(
    config, stores: list[Store], first_step: int = 0, share=(0, 1)
):
    """The batches of a run from a step on, each data set in its proportion.

    Args:
        config: of the run.
        stores: the data sets.
        first_step: the step of batch 0.
        share: (i, n): the i-th of n equal parts of every batch, for one of n
            processes; in their order they are the batch.

    Raises:
        UserError: for proportions that do not fit.
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
    make = _images if "image" in config else _windows
    part, num_parts = share
    rows = training.batch_size // num_parts
    parts = [
        make(
            config,
            store.examples("train"),
            batch_size=size,
            num_steps=training.num_steps,
            seed=config.seed,
            first_step=first_step,
            rows=rows_of,
        )
        for store, size, rows_of in zip(
            stores, sizes, _rows(sizes, part * rows, (part + 1) * rows)
        )
    ]
    return parts[0] if len(parts) == 1 else MixedExamples(parts)


def _rows(sizes: list[int], begin: int, end: int) -> list[slice]:
    """The rows of each part of a batch that lie between two of the batch's.

    >>> _rows([3, 5], 2, 6)
    [slice(2, 3, None), slice(0, 3, None)]
    """
    slices = []
    for size in sizes:
        slices.append(slice(*(min(max(i, 0), size) for i in (begin, end))))
        begin, end = begin - size, end - size
    return slices


def _windows(config, clips, **kwargs) -> TrainingWindows:
    return TrainingWindows(clips, loading.window_samples(config), **kwargs)


def _images(config, images, **kwargs) -> TrainingImages:
    image = config.image
    return TrainingImages(images, image.crop, image.flip, image.size, **kwargs)


def check_stores(config, stores: list[Store]):
    """Refuses a store that is not of what the config feeds the network.

    Raises:
        UserError: for one of the other kind, at another sample rate, with
            other channels, or of another size than the one before.
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


def _check_rates(config, stores: list[ClipStore]):
    rate_hz = config.front_end.sample_rate_hz
    for store in stores:
        if store.sample_rate_hz != rate_hz:
            raise UserError(
                f"front_end.sample_rate_hz is {rate_hz}, but the clip store "
                f"{store.path} holds {store.sample_rate_hz} Hz"
            )


def _check_shapes(config, stores: list[ImageStore]):
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


def batch_shares(batch_size: int, proportions) -> list[int]:
    """Whole numbers in those proportions that make up the batch.

    What rounding down leaves over goes to the largest remainders.

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
