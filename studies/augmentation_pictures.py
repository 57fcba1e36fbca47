r"""Draws what each change of training windows does, for a page of the site.

    python -m studies.augmentation_pictures --sound word.wav --other note.wav \
        --noise rain.wav --output docs/howto

Written to --output: a picture augmentation_NAME.png for each change. It shows
log-mel spectrograms: of a window as it is, and of three that a run would draw.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.datasets.augmentation.background import Background
from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.gain_and_noise import GainAndNoise
from audio_diffstride.datasets.augmentation.masks import Masks
from audio_diffstride.datasets.augmentation.mixing import Mixing
from audio_diffstride.datasets.augmentation.speed import Speed
from audio_diffstride.datasets.augmentation.time_shift import TimeShift
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.files import figures

RATE_HZ = 16_000
WINDOW = RATE_HZ  # samples
_NUM_BANDS = 64
_NUM_DRAWS = 3
_SHARE = 0.5
_QUIET = 0.05  # of the second sound of a mixture: 26 dB down

# A title, and a spectrogram of shape (frames, bands).
Panel = tuple[str, np.ndarray]


def changes(noise: np.ndarray) -> dict[str, Augmentation]:
    """The changes that are drawn, by the names of their pictures.

    Args:
        noise: 16-bit samples of background noise.
    """
    return {
        "gain_and_noise": Augmentation(
            gain_and_noise=GainAndNoise(12.0, (-70, -30))
        ),
        "time_shift": Augmentation(shift=TimeShift(RATE_HZ // 4)),
        "speed": Augmentation(speed=Speed(20.0)),
        "background": Augmentation(
            background=Background(clips_of([noise]), (0, 20), 1.0)
        ),
        "masks": Augmentation(masks=Masks(100, _NUM_BANDS, 20, 2, 12, 2)),
    }


def clips_of(sounds: list[np.ndarray]) -> Clips:
    """Clips of 16-bit samples, without labels.

    >>> clips_of([np.zeros(3, np.int16), np.zeros(5, np.int16)]).offsets
    array([0, 3])
    """
    lengths = np.array([len(sound) for sound in sounds])
    return Clips(
        samples=np.concatenate(sounds),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels={},
        files=np.array([""] * len(sounds)),
        starts_s=np.zeros(len(sounds)),
        groups=np.array([""] * len(sounds)),
    )


def spectrogram(inputs: np.ndarray | dict[str, np.ndarray]) -> np.ndarray:
    """What the network sees of the first window of a batch."""
    from audio_diffstride.layers import LogMelSpectrogram
    from audio_diffstride.layers.masking import mask_stripes

    front_end = LogMelSpectrogram(num_bands=_NUM_BANDS)
    if isinstance(inputs, dict):
        masks = inputs["time_masks"], inputs["frequency_masks"]
        features = mask_stripes(front_end(inputs["examples"]), *masks)
    else:
        features = front_end(inputs)
    return np.array(features)[0, :, :, 0]


def panels(sound: np.ndarray, augmentation: Augmentation) -> list[Panel]:
    """A window as it is, and some that a run would draw of it.

    Args:
        sound: 16-bit samples.
        augmentation: the change.
    """
    shown = [("as it is", spectrogram(sound[None, :WINDOW]))]
    examples = TrainingWindows(
        *(clips_of([sound]), WINDOW, 1, _NUM_DRAWS), augmentation=augmentation
    )
    for step in range(_NUM_DRAWS):
        shown.append((f"step {step}", spectrogram(examples[step][0])))
    return shown


def mixtures(first: np.ndarray, second: np.ndarray) -> list[Panel]:
    """Two windows, and their mixtures in equal shares by either way."""
    quiet = (_QUIET * second).astype(np.int16)
    shown = [("first", first), ("second, 26 dB quieter", quiet)]
    for kind in ("mixup", "loudness"):
        mixture = Mixing(1.0, kind).mix(first, quiet, _SHARE)
        shown.append((kind, mixture))
    return [(title, spectrogram(sound[None])) for title, sound in shown]


def draw(shown: list[Panel], path: pathlib.Path) -> None:
    """Draws spectrograms side by side, with the same colours."""
    import matplotlib.figure

    figure = matplotlib.figure.Figure(figsize=(11, 2.4), layout="constrained")
    lowest = min(values.min() for _, values in shown)
    highest = max(values.max() for _, values in shown)
    axes = figure.subplots(1, len(shown), sharex=True, sharey=True)
    for panel, (title, values) in zip(axes, shown):
        image = panel.imshow(
            values.T,
            origin="lower",
            aspect="auto",
            extent=(0, len(values) / 100, 0, values.shape[1]),
            vmin=lowest,
            vmax=highest,
            cmap="magma",
            interpolation="nearest",
        )
        panel.set_title(title)
        panel.set_xticks([0, 0.5])
        panel.set_xlabel("s")
    axes[0].set_ylabel("mel band")
    figure.colorbar(image, ax=axes, label="log of mel power")
    figures.save_png(figure, path, 72)


def read_window(path: str) -> np.ndarray:
    """A second of a recording, with zeros around one that is shorter."""
    samples = read_audio(path, RATE_HZ)[:WINDOW]
    missing = WINDOW - len(samples)
    return np.pad(samples, (missing // 2, missing - missing // 2))


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sound", required=True, help="the sound to change")
    parser.add_argument("--other", required=True, help="a sound to mix with it")
    parser.add_argument("--noise", required=True, help="a background noise")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    args = parser.parse_args()
    sound = read_window(args.sound)
    noise = read_audio(args.noise, RATE_HZ)
    shown = {
        name: panels(sound, augmentation)
        for name, augmentation in changes(noise).items()
    }
    shown["mixing"] = mixtures(sound, read_window(args.other))
    for name, each in shown.items():
        draw(each, args.output / f"augmentation_{name}.png")


if __name__ == "__main__":
    main()
