"""Decode recordings with the workers of Apache Beam.

Decoding and resampling take most of the time to prepare a store. Workers
process the recordings in shards, in a folder beside the store:

    N.pcm    the samples of all recordings of shard N, one after the other
    N.json   for each recording its number of samples, the rate of its file and
             what of that is missing, or its error

The store is then written from the shards, in the order of the recordings. It
equals the store that one machine writes alone. A killed job resumes after its
last finished shard.
"""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files
from audio_diffstride.recordings import decoding
from audio_diffstride.recordings.decoding import Decoded, Sound
from audio_diffstride.recordings.recording import Recording

_SHARD_RECORDINGS = 64
_OUTCOME = {"error": str, "samples": int, "rate_hz": int, "cut_off": str}
_SHAPE = {"outcomes": [_OUTCOME]}


def decode_all(
    recordings: Sequence[Recording],
    sample_rate_hz: int,
    folder: pathlib.Path,
    pipeline_options: Any,
) -> Iterator[Decoded]:
    """Decodes recordings in order; see `decoding.decode_all`.

    Args:
        recordings: files and segments.
        sample_rate_hz: of the samples.
        folder: for the shards of these recordings at this rate. The caller
            removes it.
        pipeline_options: Beam's.

    Yields:
        (recording, its sound or a `UserError`).

    Raises:
        UserError: if the job fails. Finished shards are kept.
    """
    shards = [
        recordings[begin : begin + _SHARD_RECORDINGS]
        for begin in range(0, len(recordings), _SHARD_RECORDINGS)
    ]
    unfinished = [
        # File names as bytes: some are not valid text.
        (number, [(os.fsencode(r.path), r.start_s, r.end_s) for r in shard])
        for number, shard in enumerate(shards)
        if not _is_finished(folder, number)
    ]
    if unfinished:
        work = functools.partial(_decode_shard, folder, sample_rate_hz)
        beam_jobs.run(
            unfinished, functools.partial(_start, work), pipeline_options
        )
    for number, shard in enumerate(shards):
        yield from zip(shard, _read_shard(folder, number, len(shard)))


def _is_finished(folder: pathlib.Path, number: int) -> bool:
    return (folder / f"{number}.json").exists()


def _start(work: Callable) -> Callable:
    """Returns the worker's function: a worker needs no set-up."""
    return work


def _decode_shard(
    folder: pathlib.Path, sample_rate_hz: int, element: tuple
) -> None:
    """Writes the files of a shard, unless they are there."""
    number, recordings = element
    if _is_finished(folder, number):  # Beam hands it out again
        return
    decode = decoding.decoder(sample_rate_hz)
    outcomes = []
    with atomic.atomic_file(folder / f"{number}.pcm") as partial:
        with open(partial, "wb") as file:
            for path, start_s, end_s in recordings:
                outcome = {
                    "error": "",
                    "samples": 0,
                    "rate_hz": 0,
                    "cut_off": "",
                }
                recording = Recording(
                    pathlib.Path(os.fsdecode(path)),
                    labels={},
                    start_s=start_s,
                    end_s=end_s,
                )
                try:
                    sound = decode(recording)
                except UserError as error:
                    outcome["error"] = str(error)
                else:
                    file.write(np.ascontiguousarray(sound.samples, "<i2").data)
                    outcome["samples"] = len(sound.samples)
                    outcome["rate_hz"] = sound.file_rate_hz
                    outcome["cut_off"] = sound.cut_off or ""
                outcomes.append(outcome)
    atomic.write_json(folder / f"{number}.json", {"outcomes": outcomes})


def _read_shard(
    folder: pathlib.Path, number: int, num_recordings: int
) -> Iterator[Sound | UserError]:
    """Yields the sound, or the error, of each recording of a shard."""
    remedy = f"delete {folder} and prepare the data again"
    path = folder / f"{number}.json"
    try:
        outcomes = json_files.read(path, _SHAPE, remedy)["outcomes"]
        with open(path.with_suffix(".pcm"), "rb") as file:
            for outcome in outcomes:
                if outcome["error"]:
                    yield UserError(outcome["error"])
                    continue
                samples = np.fromfile(file, "<i2", outcome["samples"])
                if len(samples) != outcome["samples"]:
                    raise UserError(f"{file.name} is damaged; {remedy}")
                yield Sound(
                    samples.astype(np.int16),
                    outcome["rate_hz"],
                    outcome["cut_off"] or None,
                )
    except FileNotFoundError as error:
        raise UserError(
            f"the Beam job ended, but {error.filename} is not there; give "
            "every machine that folder at the same path"
        ) from error
    if len(outcomes) != num_recordings:
        raise UserError(f"{path} is damaged; {remedy}")
