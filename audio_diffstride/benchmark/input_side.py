"""Training windows of noise, and how fast they come."""

from __future__ import annotations

import tempfile

import numpy as np

from audio_diffstride.benchmark import devices
from audio_diffstride.benchmark.timing import interleaved
from audio_diffstride.datasets.clips import Clips, ClipStore, ClipStoreWriter
from audio_diffstride.datasets.windows import TrainingWindows

WINDOW = 16000  # samples
NUM_CLASSES = 10
_MANY = 10**6  # batches: more than any measurement takes


def noise_store(folder) -> ClipStore:
    """A store of 256 clips of 2.5 s in ten classes, below a folder."""
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


def training_windows(clips: Clips, batch_size: int) -> TrainingWindows:
    """Random windows of a second, as a run draws them."""
    return TrainingWindows(clips, WINDOW, batch_size, _MANY)


class SameBatch(TrainingWindows):
    """The first batch again and again: an input side that takes no time."""

    def __init__(self, clips: Clips, batch_size: int):
        super().__init__(clips, WINDOW, batch_size, _MANY)
        self._batch = super().__getitem__(0)

    def __getitem__(self, index):
        return self._batch


def windows_per_second(
    clips: Clips, batch_size: int, repetitions: int, transfer: bool = False
) -> float:
    """What one core draws from a store.

    Args:
        clips: of the store.
        batch_size: windows per batch.
        repetitions: how often 20 batches are timed.
        transfer: whether they are also put on the device.
    """
    from keras import ops

    batches = training_windows(clips, batch_size)
    numbers = iter(range(_MANY))

    def draw():
        for _ in range(20):
            waveforms = batches[next(numbers)][0]
            if transfer:
                waveforms = ops.convert_to_tensor(waveforms)
                devices.wait(waveforms)

    return 20 * batch_size / interleaved({"": draw}, repetitions)[""]


def measure(batch_size: int, repetitions: int) -> list[dict]:
    """A row for drawing windows, and one for drawing and transferring them."""
    with tempfile.TemporaryDirectory() as folder:
        clips = noise_store(folder).examples("train")
        return [
            {
                "what": what,
                "windows_per_s": windows_per_second(
                    clips, batch_size, repetitions, transfer
                ),
            }
            for what, transfer in (
                ("drawn from the store, one core", False),
                ("and put on the device", True),
            )
        ]
