"""Training windows of noise, and how fast they are drawn."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from audio_diffstride.benchmark import devices
from audio_diffstride.benchmark.tables import Row
from audio_diffstride.benchmark.timing import interleaved
from audio_diffstride.datasets.augmentation.background import Background
from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.gain_and_noise import GainAndNoise
from audio_diffstride.datasets.augmentation.masks import Masks
from audio_diffstride.datasets.augmentation.mixing import Mixing
from audio_diffstride.datasets.augmentation.speed import Speed
from audio_diffstride.datasets.augmentation.time_shift import TimeShift
from audio_diffstride.datasets.clips import Clips, ClipStore, ClipStoreWriter
from audio_diffstride.datasets.training_examples import Batch
from audio_diffstride.datasets.windows import TrainingWindows

WINDOW = 16000  # samples
NUM_CLASSES = 10
_NUM_BATCHES = 10**6  # more than any measurement takes
_BATCHES_PER_TURN = 20
_OFF = Augmentation()


def changes(clips: Clips) -> dict[str, Augmentation]:
    """Each change of training windows alone, and all together.

    Args:
        clips: background noise.
    """
    each: dict[str, dict[str, Any]] = {
        "gain and noise": {"gain_and_noise": GainAndNoise(12.0, (-90, -40))},
        "gain": {"gain_and_noise": GainAndNoise(12.0)},
        "time shift": {"shift": TimeShift(1600)},
        "speed": {"speed": Speed(10.0)},
        "mixup": {"mixing": Mixing(0.4)},
        "mixing by loudness": {"mixing": Mixing(1.0, "loudness")},
        "background": {"background": Background(clips, (0, 20), 1.0)},
        "masks": {"masks": Masks(100, 64, 10, 2, 8, 2)},
    }
    merged = {
        k: v for fields in reversed(each.values()) for k, v in fields.items()
    }
    each["all of these"] = merged
    return {name: Augmentation(**fields) for name, fields in each.items()}


def noise_store(folder: str | os.PathLike[str]) -> ClipStore:
    """Writes a store of 256 clips of 2.5 s in ten classes into a folder."""
    rng = np.random.default_rng(0)
    with ClipStoreWriter.open(
        f"{folder}/store",
        name="noise",
        tasks={"class": [str(number) for number in range(NUM_CLASSES)]},
        sample_rate_hz=16000,
        fingerprint="",
        split_name="own",
    ) as writer:
        for number in range(256):
            samples = rng.normal(0, 3000, 5 * WINDOW // 2).astype("int16")
            label = {"class": str(number % NUM_CLASSES)}
            writer.add("train", samples, label, "noise")
    return ClipStore(f"{folder}/store")


def training_windows(
    clips: Clips, batch_size: int, augmentation: Augmentation = _OFF
) -> TrainingWindows:
    """Random windows of one second, drawn as in a run."""
    return TrainingWindows(
        *(clips, WINDOW, batch_size, _NUM_BATCHES),
        augmentation=augmentation,
        num_classes={"class": NUM_CLASSES},
    )


class SameBatch(TrainingWindows):
    """Returns the first batch again and again, which takes no time."""

    def __init__(self, clips: Clips, batch_size: int):
        super().__init__(clips, WINDOW, batch_size, _NUM_BATCHES)
        self._batch = super().__getitem__(0)

    def __getitem__(self, index: int) -> Batch:
        return self._batch


def windows_per_second(
    clips: Clips,
    batch_size: int,
    repetitions: int,
    transfer: bool = False,
    augmentation: Augmentation = _OFF,
) -> float:
    """Windows per second that one core draws from a store.

    Args:
        clips: of the store.
        batch_size: windows per batch.
        repetitions: how often 20 batches are timed.
        transfer: whether they are also copied to the device.
        augmentation: what changes the windows.
    """
    from keras import ops

    batches = training_windows(clips, batch_size, augmentation)
    numbers = iter(range(_NUM_BATCHES))

    def draw() -> None:
        for _ in range(_BATCHES_PER_TURN):
            waveforms = batches[next(numbers)][0]
            if transfer:
                waveforms = ops.convert_to_tensor(waveforms)
                devices.wait(waveforms)

    seconds = interleaved({"draw": draw}, repetitions)["draw"]
    return _BATCHES_PER_TURN * batch_size / seconds


def measure(batch_size: int, repetitions: int) -> list[Row]:
    """The rates of drawing windows, with a transfer, and with augmentation.

    Args:
        batch_size: windows per batch.
        repetitions: how often 20 batches are timed.
    """
    with tempfile.TemporaryDirectory() as folder:
        clips = noise_store(folder).examples("train")
        cases = [
            ("drawn from the store, one core", False, _OFF),
            ("and put on the device", True, _OFF),
        ]
        for name, augmentation in changes(clips).items():
            cases.append((f"drawn with {name}, one core", False, augmentation))
        return [
            {
                "what": what,
                "windows_per_s": windows_per_second(
                    clips, batch_size, repetitions, transfer, augmentation
                ),
            }
            for what, transfer, augmentation in cases
        ]
