"""The batches of a run: every data set in its share, step by step."""

from __future__ import annotations

from audio_diffstride import runs
from audio_diffstride.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.windows import MixedWindows, TrainingWindows


def training_windows(
    config, stores: list[ClipStore], first_step: int = 0, share=(0, 1)
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
    part, num_parts = share
    rows = training.batch_size // num_parts
    parts = [
        TrainingWindows(
            store.clips("train"),
            window_samples=runs.window_samples(config),
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
    return parts[0] if len(parts) == 1 else MixedWindows(parts)


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


def check_rates(config, stores: list[ClipStore]):
    """Refuses a store whose sample rate is not the front end's."""
    rate_hz = config.front_end.sample_rate_hz
    for store in stores:
        if store.sample_rate_hz != rate_hz:
            raise UserError(
                f"front_end.sample_rate_hz is {rate_hz}, but the clip store "
                f"{store.path} holds {store.sample_rate_hz} Hz"
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
