"""The fields of sound: front end, augmentation, evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Interval

from audio_diffstride.config import field_types
from audio_diffstride.config.sections.section import Section, setting


class FrontEnd(Section):
    """From sound to a log-mel spectrogram."""

    sample_rate_hz: Annotated[int, Interval(ge=100, le=10**6)] = setting(
        16000, "Sample rate.", unit="Hz"
    )
    num_bands: Annotated[int, Interval(ge=1, le=1024)] = setting(
        64, "Number of mel bands."
    )
    window_ms: Annotated[float, Interval(gt=0, le=1000)] = setting(
        25.0, "Length of the analysis window.", unit="ms"
    )
    hop_ms: Annotated[float, Interval(gt=0, le=1000)] = setting(
        10.0, "Time from one frame to the next.", unit="ms"
    )
    min_hz: Annotated[float, Interval(ge=0, le=500_000)] = setting(
        60.0, "Lower edge of the lowest band.", unit="Hz"
    )
    max_hz: Annotated[float, Interval(gt=0, le=500_000)] = setting(
        7800.0,
        "Upper edge of the highest band. In recipes it follows sample_rate_hz, "
        "as 0.4875 of it, until it is set.",
        unit="Hz",
    )
    # Float32 divides by its logarithm.
    log_offset: Annotated[float, Interval(ge=1e-30, le=0.1)] = setting(
        1e-6, "Added to the mel power before the logarithm.", unit="mel power"
    )


class Augmentation(Section):
    """Random changes of training windows. Evaluation never changes a sound."""

    gain_db: Annotated[float, Interval(ge=0, le=40)] = setting(
        0.0,
        "Each window is scaled by a random gain, from minus to plus this. No "
        "gain lifts the peak above full scale. 0 switches it off.",
        unit="dB",
    )
    noise_db: field_types.NoiseLevels = setting(
        (),
        "White noise of a random RMS level from this range is added to each "
        "window. 0 dB is full scale. Empty switches it off.",
        unit="dB",
        allowed="a lower and an upper level from "
        f"{field_types.MIN_NOISE_DB} to {field_types.MAX_NOISE_DB}, like "
        "(-90, -40), or empty",
    )
    time_shift_s: Annotated[float, Interval(ge=0, le=3600)] = setting(
        0.0,
        "Each window is shifted by a random time, from minus to plus this, but "
        "keeps half of what it can hold of its recording. Beyond the ends of "
        "the recording are zeros. 0 switches it off.",
        unit="s",
    )
    speed_percent: Annotated[float, Interval(ge=0, le=50)] = setting(
        0.0,
        "Each window is played at a random speed, from 1 minus to 1 plus this "
        "share, which changes its pitch too. 0 switches it off.",
        unit="%",
    )
    mixup: Annotated[float, Interval(ge=0, le=100)] = setting(
        0.0,
        "Each window is mixed with another of its batch. The share of the "
        "first is drawn from the Beta distribution with this alpha twice: 1 is "
        "uniform, and less mixes less. The labels mix too. 0 switches it off.",
    )
    mixing: Literal["mixup", "loudness"] = setting(
        "mixup",
        "How windows mix. mixup adds the samples by their shares. loudness "
        "makes the shares those that are heard, whatever the two levels.",
    )
    background: field_types.Text = setting(
        "",
        "Recordings that are mixed into windows as background noise. Empty "
        "switches it off.",
        allowed="a folder, or a CSV with a column path, or empty",
    )
    background_snr_db: field_types.Ratios = setting(
        (0, 20),
        "Range of the level of a window over that of its background.",
        unit="dB",
        allowed="a lower and an upper ratio from "
        f"{field_types.MIN_SNR_DB} to {field_types.MAX_SNR_DB}, like (0, 20)",
    )
    background_share: Annotated[float, Interval(ge=0, le=1)] = setting(
        0.5, "Share of the windows that get a background."
    )
    time_mask_ms: Annotated[float, Interval(ge=0, le=3_600_000)] = setting(
        0.0,
        "Largest width of a hidden stripe along time, in training: frames of a "
        "log-mel spectrogram become its mean. 0 switches it off.",
        unit="ms",
    )
    num_time_masks: Annotated[int, Interval(ge=1, le=100)] = setting(
        2, "Number of hidden stripes along time."
    )
    frequency_mask_bands: Annotated[int, Interval(ge=0, le=1024)] = setting(
        0,
        "Largest width of a hidden stripe along frequency. 0 switches it off.",
        unit="mel bands",
    )
    num_frequency_masks: Annotated[int, Interval(ge=1, le=100)] = setting(
        2, "Number of hidden stripes along frequency."
    )


class Evaluation(Section):
    """From windows to recordings, in validation and in later evaluations."""

    hop_s: Annotated[float, Interval(ge=0, le=3600)] = setting(
        0.0,
        "Time from the start of one window to the next, up to window_s. Below "
        "window_s windows overlap. 0 is window_s: they do not overlap.",
        unit="s",
    )
    pooling: Literal["mean_logits", "mean_probabilities", "max_logits"] = (
        setting(
            "mean_logits",
            "What a recording has of its windows. In a mean, a padded window "
            "weighs the share that it holds. max_logits takes the largest "
            "logit of each class, and all windows count alike.",
        )
    )
