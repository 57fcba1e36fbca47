"""Small tar archives of recordings, and builders that read them."""

from __future__ import annotations

import io
import pathlib
import tarfile

import numpy as np
import soundfile
import tensorflow_datasets as tfds


def noise(seed: int, duration_s: float = 0.1) -> np.ndarray:
    """16-bit samples at 16 kHz, with the smallest and the largest value."""
    rng = np.random.default_rng(seed)
    samples = rng.integers(-32768, 32768, round(duration_s * 16000), np.int16)
    samples[:2] = -32768, 32767
    return samples


def wav(samples: np.ndarray) -> bytes:
    """A 16 kHz mono 16-bit wav file, as both data sets have them."""
    file = io.BytesIO()
    soundfile.write(file, samples, 16000, subtype="PCM_16", format="WAV")
    return file.getvalue()


def write_tar_gz(path: pathlib.Path, files: dict[str, bytes]) -> pathlib.Path:
    """Packs the files in the given order, each folder before its files."""
    folders = set()
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            folder = name.rpartition("/")[0]
            if folder and folder not in folders:
                member = tarfile.TarInfo(folder + "/")
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
                folders.add(folder)
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def build(name: str, data_dir: pathlib.Path, manual_dir: pathlib.Path | None):
    """Runs the real TFDS builder, and returns it."""
    builder = tfds.builder(name, data_dir=data_dir)
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(manual_dir=manual_dir)
    )
    return builder


def prepare(
    name: str, data_dir: pathlib.Path, manual_dir: pathlib.Path | None
) -> dict[str, dict[str, dict]]:
    """Runs the real TFDS builder, and reads its examples.

    Returns:
        {split: {file: example}}, with labels as names.
    """
    builder = build(name, data_dir, manual_dir)
    labels = {
        key: feature.names
        for key, feature in builder.info.features.items()
        if isinstance(feature, tfds.features.ClassLabel)
    }
    splits = {}
    for split in builder.info.splits:
        splits[split] = {}
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            for key in ("file", "group"):
                example[key] = example[key].decode()
            for key, names in labels.items():
                example[key] = names[example[key]]
            splits[split][example["file"]] = example
    return splits
