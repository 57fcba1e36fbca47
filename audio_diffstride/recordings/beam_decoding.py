"""Own recordings, decoded by the workers of Apache Beam.

Decoding and resampling are what a clip store costs. Workers do it shard by
shard, into a folder beside the store:

    N.pcm    the samples of the recordings of shard N, one after the other
    N.json   of each its number of samples, or why it cannot be used

and the store is put together from them in the order of the recordings. So it
is the store that this machine makes alone, and a job that was killed goes on
after the last finished shard.
"""

from __future__ import annotations

import collections.abc
import functools
import os
import pathlib

import numpy as np

from audio_diffstride.audio import decoding
from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files
from audio_diffstride.recordings.recording import Recording

_SHARD_RECORDINGS = 64
_SHAPE = {"outcomes": [(int, str)]}


def decode_all(
    recordings: list[Recording],
    sample_rate_hz: int,
    folder: pathlib.Path,
    pipeline_options,
) -> collections.abc.Iterator[tuple[Recording, np.ndarray | UserError]]:
    """Yields what `audio_files.decode_all` does.

    Args:
        recordings: that are wanted.
        sample_rate_hz: of the samples.
        folder: for the shards; the caller removes it. It must belong to
            these recordings at this rate.
        pipeline_options: Beam's.

    Raises:
        UserError: if the job failed; what is finished is kept.
    """
    shards = [
        recordings[begin : begin + _SHARD_RECORDINGS]
        for begin in range(0, len(recordings), _SHARD_RECORDINGS)
    ]
    left = [
        # Names are bytes: not all of them are text.
        (number, [(os.fsencode(r.path), r.start_s, r.end_s) for r in shard])
        for number, shard in enumerate(shards)
        if not (folder / f"{number}.json").exists()
    ]
    if left:
        work = functools.partial(_decode, folder, sample_rate_hz)
        beam_jobs.run(left, functools.partial(_begin, work), pipeline_options)
    for number, shard in enumerate(shards):
        yield from zip(shard, _decoded(folder, number, len(shard)))


def _begin(work: collections.abc.Callable):
    """A worker needs nothing before its first shard."""
    return work


def _decode(folder: pathlib.Path, sample_rate_hz: int, element):
    """Finishes a shard; done again, it leaves the same bytes."""
    number, recordings = element
    outcomes = []
    with atomic.atomic_path(folder / f"{number}.pcm") as partial:
        with open(partial, "wb") as file:
            for path, start_s, end_s in recordings:
                try:
                    samples = decoding.read_audio(
                        pathlib.Path(os.fsdecode(path)),
                        sample_rate_hz,
                        start_s,
                        end_s,
                    )
                except UserError as error:
                    outcomes.append(str(error))
                else:
                    file.write(samples.astype("<i2").tobytes())
                    outcomes.append(len(samples))
    atomic.write_json(folder / f"{number}.json", {"outcomes": outcomes})


def _decoded(folder: pathlib.Path, number: int, count: int):
    """Yields the samples, or the mistake, of each recording of a shard."""
    remedy = f"delete {folder} and prepare the data again"
    path = folder / f"{number}.json"
    try:
        outcomes = json_files.read(path, _SHAPE, remedy)["outcomes"]
        with open(path.with_suffix(".pcm"), "rb") as file:
            for outcome in outcomes:
                if isinstance(outcome, str):
                    yield UserError(outcome)
                    continue
                samples = np.fromfile(file, "<i2", outcome)
                if len(samples) != outcome:
                    raise UserError(f"{file.name} is damaged; {remedy}")
                yield samples.astype(np.int16)
    except FileNotFoundError as error:
        raise UserError(
            f"the Beam job ended, but {error.filename} is not there; every "
            "machine must have that folder at the same place"
        ) from error
    if len(outcomes) != count:
        raise UserError(f"{path} is damaged; {remedy}")
