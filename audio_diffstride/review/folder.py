"""The folder of clips that people check."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import tqdm

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, outputs
from audio_diffstride.review import verdicts
from audio_diffstride.review.selection import Found


def refuse_to_replace(folder: pathlib.Path, overwrite: bool) -> None:
    """Refuses a folder that holds anything but a table without verdicts.

    Args:
        folder: to be written.
        overwrite: whether the user gave --overwrite.

    Raises:
        UserError: for a folder that holds work of others.
    """
    folder = outputs.folder(folder)
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    table = folder / verdicts.NAME
    if not table.exists():
        raise UserError(f"--output {folder} has other files; give a new folder")
    if verdicts.is_filled(table):
        raise UserError(
            f"{table} is filled in and is never overwritten; give another "
            "--output"
        )
    outputs.refuse_to_replace([table], overwrite)


def write(
    folder: pathlib.Path,
    found: Sequence[Found],
    workdir: str | None,
    margin_s: float,
) -> None:
    """Writes a wav and a picture of each detection, and the table.

    Args:
        folder: appears complete, or not at all.
        found: the detections.
        workdir: of the run whose front end makes the pictures; None is the
            default one.
        margin_s: of sound before and after each detection.

    Raises:
        UserError: for a recording that cannot be read.
    """
    from audio_diffstride.review import clips

    writer = clips.ClipWriter(_front_end(workdir), margin_s)
    names = clips.names(found)
    with atomic.atomic_folder(folder) as partial:
        pairs = tqdm.tqdm([*zip(found, names)], unit="clip", disable=None)
        for one, name in pairs:
            writer.write(one, partial / name)
        table = folder / verdicts.NAME
        verdicts.write(partial / verdicts.NAME, table, found, names)


def _front_end(workdir: str | None) -> object:
    from audio_diffstride.layers.log_mel import LogMelSpectrogram  # Keras
    from audio_diffstride.runs import loading

    if workdir is None:
        return LogMelSpectrogram()
    config = loading.load_config(workdir, ["window_s"])
    return LogMelSpectrogram(**config.front_end)
