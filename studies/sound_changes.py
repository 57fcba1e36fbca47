"""What happens to sound on its way: noise, rooms, clipping, codecs.

Every change keeps the length of a recording, and repeats: its random numbers
depend on the place of the recording among the others only.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable

import numpy as np
import scipy.signal

from audio_diffstride.audio.conversion import resample, to_int16
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.errors import UserError

# From float samples, their rate in Hz and a source of random numbers.
Change = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]

_SEED = 0
# The constant bit rates of MPEG-2 Layer III, and the sample rates it has.
_LOWEST_KBPS, _HIGHEST_KBPS = 8, 160
_MPEG2_HZ = (16_000, 22_050, 24_000)
_MP3_DELAY = 576 + 529  # samples: of the encoder, LAME, and of the decoder


def apply(name: str, clips: Clips, rate_hz: int) -> Clips:
    """Changes every recording.

    Args:
        name: one of `CHANGES`.
        clips: the recordings.
        rate_hz: their sample rate.
    """
    changed = []
    for index in range(len(clips)):
        samples = np.asarray(clips[index]) / 32768
        rng = np.random.default_rng((_SEED, index))
        changed.append(to_int16(CHANGES[name](samples, rate_hz, rng)))
    return dataclasses.replace(
        clips,
        samples=np.concatenate(changed),
        offsets=np.cumsum(clips.lengths) - clips.lengths,
    )


def _leave(
    samples: np.ndarray, rate_hz: int, rng: np.random.Generator
) -> np.ndarray:
    return samples


def add_noise(
    samples: np.ndarray,
    rate_hz: int,
    rng: np.random.Generator,
    snr_db: float,
) -> np.ndarray:
    """White noise; the ratio is of the powers of the whole recording.

    Where the sum is beyond full scale, it is made quieter, not clipped.
    """
    noise = rng.normal(size=len(samples))
    noise *= _rms(samples) / _rms(noise) * 10 ** (-snr_db / 20)
    return _within_full_scale(samples + noise)


def through_rate(
    samples: np.ndarray, rate_hz: int, rng: np.random.Generator, to_hz: int
) -> np.ndarray:
    """Resampled to a lower rate and back: nothing above half of it is left."""
    low = resample(samples, rate_hz, to_hz)
    return _of_length(resample(low, to_hz, rate_hz), len(samples))


def clip(
    samples: np.ndarray, rate_hz: int, rng: np.random.Generator, share: float
) -> np.ndarray:
    """So loud that this share of the samples that are not 0 clips."""
    sounding = np.abs(samples[samples != 0])
    if not len(sounding):
        return samples
    return np.clip(samples / np.quantile(sounding, 1 - share), -1, 1)


def reverberate(
    samples: np.ndarray,
    rate_hz: int,
    rng: np.random.Generator,
    rt60_s: float,
    direct_db: float,
) -> np.ndarray:
    """A room of its own for each recording: noise that decays exponentially.

    Args:
        samples: the direct sound.
        rate_hz: its rate.
        rng: draws the room.
        rt60_s: until the reverberation has decayed by 60 dB.
        direct_db: the energy of the direct sound to that of the reverberation.

    Returns:
        Both together, as loud as the direct sound. What decays after the end
        of the recording is left out.
    """
    seconds = np.arange(1, round(rt60_s * rate_hz)) / rate_hz
    tail = rng.normal(size=len(seconds)) * 10 ** (-3 * seconds / rt60_s)
    tail *= 10 ** (-direct_db / 20) / np.linalg.norm(tail)
    response = np.concatenate([[1.0], tail])
    wet = scipy.signal.fftconvolve(samples, response)[: len(samples)]
    return _within_full_scale(wet * _rms(samples) / max(_rms(wet), 1e-12))


def through_mp3(
    samples: np.ndarray, rate_hz: int, rng: np.random.Generator, kbps: int
) -> np.ndarray:
    """Encoded as mp3 at a constant bit rate, and decoded, without its delay."""
    import soundfile

    file = io.BytesIO(mp3_file(samples, rate_hz, kbps))
    decoded, _ = soundfile.read(file)
    return _of_length(decoded[_MP3_DELAY:], len(samples))


def mp3_file(samples: np.ndarray, rate_hz: int, kbps: int) -> bytes:
    """The bytes of an mp3 of one channel at a constant bit rate.

    Raises:
        UserError: for a sample rate that MPEG-2 lacks.
    """
    import soundfile

    if rate_hz not in _MPEG2_HZ:
        raise UserError(
            f"mp3 at {rate_hz} Hz is not measured; give runs at one of "
            f"{', '.join(map(str, _MPEG2_HZ))} Hz"
        )
    compression = (_HIGHEST_KBPS - kbps) / (_HIGHEST_KBPS - _LOWEST_KBPS)
    file = io.BytesIO()
    soundfile.write(
        file,
        samples,
        rate_hz,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=compression,
    )
    return file.getvalue()


def make_quieter(
    samples: np.ndarray, rate_hz: int, rng: np.random.Generator, by_db: float
) -> np.ndarray:
    """Another level, in 16 bits as before."""
    return samples * 10 ** (-by_db / 20)


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def _within_full_scale(samples: np.ndarray) -> np.ndarray:
    return samples / max(1.0, np.abs(samples).max())


def _of_length(samples: np.ndarray, length: int) -> np.ndarray:
    return np.pad(samples[:length], (0, max(length - len(samples), 0)))


UNCHANGED = "none"
SNRS_DB = (20, 10, 5, 0)
NOISE = "white noise, SNR {} dB"
CHANGES: dict[str, Change] = {
    UNCHANGED: _leave,
    **{
        NOISE.format(snr_db): functools.partial(add_noise, snr_db=snr_db)
        for snr_db in SNRS_DB
    },
    "resampled through 8 kHz": functools.partial(through_rate, to_hz=8000),
    "10 % of the samples clip": functools.partial(clip, share=0.1),
    "reverberation, RT60 0.5 s": functools.partial(
        reverberate, rt60_s=0.5, direct_db=0.0
    ),
    "mp3 at 32 kbit/s": functools.partial(through_mp3, kbps=32),
    "20 dB quieter": functools.partial(make_quieter, by_db=20.0),
}
