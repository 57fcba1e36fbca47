"""Training windows of noise, and how fast they are drawn."""

from __future__ import annotations

import os
import tempfile

import numpy as np

from audio_diffstride.benchmark import devices
from audio_diffstride.benchmark.tables import Row
from audio_diffstride.benchmark.timing import interleaved
from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.gain_and_noise import GainAndNoise
from audio_diffstride.datasets.clips import Clips, ClipStore, ClipStoreWriter
from audio_diffstride.datasets.training_examples import Batch
from audio_diffstride.datasets.windows import TrainingWindows

WINDOW = 16000  # samples
NUM_CLASSES = 10
_NUM_BATCHES = 10**6  # more than any measurement takes
_BATCHES_PER_TURN = 20
_OFF = Augmentation()
_GAIN_AND_NOISE = Augmentation(
    gain_and_noise=GainAndNoise(gain_db=12.0, noise_db=(-90, -40))
)


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
        clips, WINDOW, batch_size, _NUM_BATCHES, augmentation=augmentation
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
        return [
            {
                "what": what,
                "windows_per_s": windows_per_second(
                    clips, batch_size, repetitions, transfer, augmentation
                ),
            }
            for what, transfer, augmentation in (
                ("drawn from the store, one core", False, _OFF),
                ("and put on the device", True, _OFF),
                ("drawn with gain and noise, one core", False, _GAIN_AND_NOISE),
            )
        ]
