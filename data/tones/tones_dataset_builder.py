"""A small data set of synthetic tones: six instruments, twelve pitches.

It needs no download, and goes through the same code as the real data sets:
TFDS builder, clip store, windows. So everything can be tried and tested
offline. The instruments are additive, with different harmonics and envelopes.
The pitches are a semitone apart. Level, tuning, phases, vibrato and background
noise depend on the number of the take only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from data.features import recording_features

DURATION_S = 1.25
LOWEST_MIDI_PITCH = 57  # A3, 220 Hz
NUM_PITCHES = 12
NUM_TAKES = {"train": 16, "test": 4}
_FIRST_TAKE = {"train": 0, "test": 1000}


@dataclasses.dataclass(frozen=True)
class Instrument:
    """The timbre of an instrument.

    Attributes:
        slope_db_per_octave: by how much the harmonics fall.
        odd_only: whether it lacks the even harmonics, as a clarinet does.
        attack_s: rise time.
        decay_s: time constant of the decay; infinite for a sustained tone.
        vibrato_hz: rate of the vibrato, 0 for none.
        tremolo_hz: rate of the tremolo, 0 for none.
    """

    slope_db_per_octave: float
    odd_only: bool = False
    attack_s: float = 0.02
    decay_s: float = float("inf")
    vibrato_hz: float = 0.0
    tremolo_hz: float = 0.0


INSTRUMENTS = {
    "bowed": Instrument(6.0, attack_s=0.15, vibrato_hz=5.5),
    "brass": Instrument(4.0, attack_s=0.06),
    "clarinet": Instrument(7.0, odd_only=True, attack_s=0.05),
    "mallet": Instrument(15.0, attack_s=0.002, decay_s=0.15),
    "organ": Instrument(9.0, tremolo_hz=11.0),
    "plucked": Instrument(7.0, attack_s=0.003, decay_s=0.4),
}


def synthesise(instrument: str, midi_pitch: int, take: int) -> np.ndarray:
    """Synthesises one take of one note.

    Args:
        instrument: a name in `INSTRUMENTS`.
        midi_pitch: 69 is A4, 440 Hz.
        take: number that decides level, tuning, phases and noise.

    Returns:
        int16 samples of shape (20000,).
    """
    timbre = INSTRUMENTS[instrument]
    number = list(INSTRUMENTS).index(instrument)
    rng = np.random.Generator(
        np.random.Philox(key=take, counter=[0, 0, number, midi_pitch])
    )
    time_s = np.arange(round(DURATION_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    detuning = rng.normal(0, 0.15)  # semitones
    pitch_hz = 440.0 * 2 ** ((midi_pitch + detuning - 69) / 12)
    phase = 2 * np.pi * pitch_hz * time_s
    if timbre.vibrato_hz:
        swing = 2 * np.pi * timbre.vibrato_hz * time_s + rng.uniform(0, 6.28)
        phase = phase + 0.01 * pitch_hz / timbre.vibrato_hz * np.sin(swing)

    wave = np.zeros_like(time_s)
    highest = int(0.45 * SAMPLE_RATE_HZ / pitch_hz)
    for harmonic in range(1, highest + 1, 2 if timbre.odd_only else 1):
        level_db = -timbre.slope_db_per_octave * np.log2(harmonic)
        level_db += rng.normal(0, 2.0)
        wave += 10 ** (level_db / 20) * np.sin(
            harmonic * phase + rng.uniform(0, 2 * np.pi)
        )

    onset_s = rng.uniform(0, 0.25)
    since = np.maximum(time_s - onset_s, 0)
    wave *= (1 - np.exp(-since / timbre.attack_s)) * np.exp(
        -since / timbre.decay_s
    )
    if timbre.tremolo_hz:
        wave *= 1 + 0.4 * np.sin(2 * np.pi * timbre.tremolo_hz * time_s)
    wave *= 10 ** (rng.uniform(-26, -6) / 20) / np.abs(wave).max()
    wave += rng.normal(0, 10 ** (rng.uniform(-60, -36) / 20), wave.shape)
    return np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16)


class Builder(tfds.core.GeneratorBasedBuilder):
    """TFDS builder of the tones."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        pitches = range(LOWEST_MIDI_PITCH, LOWEST_MIDI_PITCH + NUM_PITCHES)
        return self.dataset_info_from_configs(
            description=__doc__,
            features=recording_features(
                instrument=INSTRUMENTS, pitch=map(str, pitches)
            ),
        )

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        return {split: self._generate_examples(split) for split in NUM_TAKES}

    def _generate_examples(
        self, split: str
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        first = _FIRST_TAKE[split]
        for take in range(first, first + NUM_TAKES[split]):
            for instrument in INSTRUMENTS:
                for pitch in self.info.features["pitch"].names:
                    name = f"{instrument}_{pitch}_{take}"
                    yield (
                        name,
                        {
                            "audio": synthesise(instrument, int(pitch), take),
                            "instrument": instrument,
                            "pitch": pitch,
                            "file": name,
                            "group": "",
                        },
                    )
