"""Make small recordings, stores and configs for tests."""

import csv
import pathlib

import numpy as np
import soundfile

from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.datasets.images import ImageStore, ImageStoreWriter
from configs import cifar_resnet18, default


def tone(hz: float, seconds: float = 0.5, rate_hz: int = 16000, seed: int = 0):
    """A sine with a little noise, as float32 in [-1, 1]."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(seed).normal(0, 0.01, time_s.shape)
    return (0.5 * np.sin(2 * np.pi * hz * time_s) + noise).astype("float32")


def write_folder(folder, classes=("high", "low"), takes=12, **kwargs):
    """Writes a folder with a sub-folder per class. Classes differ in pitch."""
    for number, name in enumerate(classes):
        for take in range(takes):
            path = pathlib.Path(folder) / name / f"{take}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            hz, seed = 3000 / (1 + 3 * number), 1000 * number + take
            samples = tone(hz, seed=seed, **kwargs)
            rate_hz = kwargs.get("rate_hz", 16000)
            soundfile.write(path, samples, rate_hz)
    return pathlib.Path(folder)


def write_csv(path, rows: list[dict]):
    """Writes a CSV of the rows, with the keys of the first as its header."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return pathlib.Path(path)


def write_store(
    path, tasks=None, files="take{}.wav", num_clips=8, fingerprint=""
):
    """Writes a store with a train and a test split. Each clip has all tasks."""
    tasks = tasks or {"a": ["x", "y"], "b": ["1", "2", "3"]}
    with ClipStoreWriter.open(
        path,
        name="two",
        tasks=tasks,
        sample_rate_hz=16000,
        fingerprint=fingerprint,
        split_name="own",
    ) as writer:
        for index in range(2 * num_clips):
            labels = {
                t: names[index % len(names)] for t, names in tasks.items()
            }
            samples = (20000 * tone(300 + 100 * index)).astype("int16")
            split = ("train", "test")[index // num_clips]
            writer.add(split, samples, labels, files.format(index))
    return ClipStore(path)


def tiny_config(**model):
    """A config that trains in seconds: two blocks of a few channels."""
    config = default.get_config("small")
    config.model.channels = (4, 8)
    config.model.strides = ((2, 2), (2, 2))
    config.model.width = 1.0
    config.model.update(model)
    config.training.num_steps = 4
    config.training.steps_per_epoch = 2
    config.training.batch_size = 4
    config.window_s = 0.4
    return config


def write_image_store(path, num_images=8, shape=(8, 8, 1), may_mirror=True):
    """Writes a store of bright and dark noise, in all three splits."""
    rng = np.random.default_rng(0)
    with ImageStoreWriter.open(
        path,
        name="noise",
        tasks={"level": ["bright", "dark"]},
        image_shape=list(shape),
        may_mirror=may_mirror,
        fingerprint="",
        split_name="own",
    ) as writer:
        for split in ("train", "validation", "test"):
            for index in range(num_images):
                pixels = rng.integers(0, 128, shape) + 127 * (index % 2 == 0)
                label = {"level": ("bright", "dark")[index % 2]}
                writer.add(
                    split, pixels.astype("uint8"), label, f"{split}{index}"
                )
    return ImageStore(path)


def tiny_images_config(**model):
    """A config for images that trains in seconds."""
    config = cifar_resnet18.get_config("small")
    config.image.size = (8, 8)
    config.model.channels = (2, 4)
    config.model.strides = ((2, 2),)
    config.model.width = 1.0
    config.model.update(model)
    config.training.num_steps = 4
    config.training.steps_per_epoch = 2
    config.training.batch_size = 4
    return config
