"""All changes of training windows, in the order in which they are made.

Each kind draws from a random stream of its own. So to switch one on changes no
number of the others, and with all off a batch has the bits of the recordings.
"""

from __future__ import annotations

import dataclasses

from audio_diffstride.datasets.augmentation.background import Background
from audio_diffstride.datasets.augmentation.gain_and_noise import GainAndNoise
from audio_diffstride.datasets.augmentation.masks import Masks
from audio_diffstride.datasets.augmentation.mixing import Mixing
from audio_diffstride.datasets.augmentation.speed import Speed
from audio_diffstride.datasets.augmentation.time_shift import TimeShift


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """What changes a training window. The default changes nothing.

    Attributes:
        speed: plays it faster or slower.
        shift: moves the content of the window in time.
        mixing: mixes two windows of a batch, and their labels.
        background: adds other recordings behind the window.
        gain_and_noise: scales the window, and adds white noise.
        masks: hides stripes of its spectrogram.
    """

    speed: Speed = Speed()
    shift: TimeShift = TimeShift()
    mixing: Mixing = Mixing()
    background: Background = Background()
    gain_and_noise: GainAndNoise = GainAndNoise()
    masks: Masks = Masks()
