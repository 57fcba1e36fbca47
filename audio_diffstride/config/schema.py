"""Every field of a config: its type, default, bounds, unit and description.

A field is declared only here. The default recipe, the check of values, the
flags and the reference page follow from it.

pydantic checks the values strictly. 1.5 is not an integer, and True is not a
number. nan and infinity are refused. An integer for a float becomes a float,
and a list for a tuple becomes a tuple.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from annotated_types import Interval

from audio_diffstride.config import field_types
from audio_diffstride.config.architectures import Downsampling, Position


def _setting(
    default: object, description: str, *, unit: str = "", allowed: str = ""
) -> Any:
    """Declares a field.

    Args:
        default: its value in the paper's recipe.
        description: what it is, in whole sentences.
        unit: of a physical number.
        allowed: what the value may be, in words that follow "must be". Empty
            where the type says it.
    """
    extra: dict[str, Any] = {"unit": unit, "allowed": allowed}
    return pydantic.Field(
        default, description=description, json_schema_extra=extra
    )


class _Section(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, allow_inf_nan=False)


class Data(_Section):
    """The data sets, and the tasks to learn from them."""

    source: field_types.Names = _setting(
        "tones",
        "Data sets by name. audio_files stands for own recordings.",
        allowed="audio_files or names of data sets, joined by commas",
    )
    split: Literal["official", "paper", ""] = _setting(
        "", "Split of the named data sets. Empty takes the default of each."
    )
    path: field_types.Text = _setting(
        "",
        "Own recordings: a folder with a sub-folder per class, or a CSV.",
        allowed="a folder or a CSV, or several joined by commas",
    )
    test_group: field_types.Text = _setting(
        "",
        "The group to test on, and not to train on, instead of the CSV's "
        "splits. Empty keeps the splits.",
        allowed="a group of own recordings, or empty",
    )
    fold: field_types.Fold = _setting(
        "",
        "A fold of own recordings to test on, and not to train on: 2/5 is the "
        "second of five. Groups stay together. Empty keeps the CSV's splits.",
        allowed="a fold and their number, from 1/2 to 100/100, or empty",
    )
    validation: Literal["tenth", "none"] = _setting(
        "tenth",
        "The validation set of own recordings that name none. tenth takes a "
        "tenth of the training data, or a further group. none trains on all of "
        "it, and the model of the last step is kept.",
    )
    proportions: field_types.Proportions = _setting(
        (),
        "Proportions of the sources in a batch. Empty makes them equal.",
        allowed="numbers above 0 like (3, 1), or empty",
    )
    balance: Annotated[float, Interval(ge=0, le=1)] = _setting(
        0.0,
        "How far rare classes of a data set's first task are drawn more often: "
        "from 0, every recording equally often, to 1, every class. The first "
        "is by data.tasks, or else by the columns of the table. With several "
        "labels, recordings with none are a class too.",
    )
    tasks: field_types.Text = _setting(
        "",
        "The tasks to learn. Empty takes all.",
        allowed="names of tasks joined by commas, or empty",
    )
    columns: field_types.Columns = _setting(
        "",
        "How a CSV names the columns path, split, group, start_s and end_s, "
        "and the tasks. Tasks that are named here are learned alone. A task "
        "with a column of 1 and 0 for each class names them as "
        "bird=robin+wren, or bird=* for all that are left.",
        allowed="like path=filename,label=category, or empty",
    )
    store_dir: field_types.Folder = _setting(
        "~/.cache/audio_diffstride",
        "Folder of the prepared recordings.",
        allowed="a folder",
    )
    skip_bad_files: bool = _setting(
        False, "Whether to leave out files that cannot be decoded."
    )


class FrontEnd(_Section):
    """From sound to a log-mel spectrogram."""

    sample_rate_hz: Annotated[int, Interval(ge=100, le=10**6)] = _setting(
        16000, "Sample rate.", unit="Hz"
    )
    num_bands: Annotated[int, Interval(ge=1, le=1024)] = _setting(
        64, "Number of mel bands."
    )
    window_ms: Annotated[float, Interval(gt=0, le=1000)] = _setting(
        25.0, "Length of the analysis window.", unit="ms"
    )
    hop_ms: Annotated[float, Interval(gt=0, le=1000)] = _setting(
        10.0, "Time from one frame to the next.", unit="ms"
    )
    min_hz: Annotated[float, Interval(ge=0, le=500_000)] = _setting(
        60.0, "Lower edge of the lowest band.", unit="Hz"
    )
    max_hz: Annotated[float, Interval(gt=0, le=500_000)] = _setting(
        7800.0,
        "Upper edge of the highest band. In recipes it follows sample_rate_hz, "
        "as 0.4875 of it, until it is set.",
        unit="Hz",
    )
    # Float32 divides by its logarithm.
    log_offset: Annotated[float, Interval(ge=1e-30, le=0.1)] = _setting(
        1e-6, "Added to the mel power before the logarithm.", unit="mel power"
    )


class Augmentation(_Section):
    """Random changes of training windows. Evaluation never changes a sound."""

    gain_db: Annotated[float, Interval(ge=0, le=40)] = _setting(
        0.0,
        "Each window is scaled by a random gain, from minus to plus this. No "
        "gain lifts the peak above full scale. 0 switches it off.",
        unit="dB",
    )
    noise_db: field_types.NoiseLevels = _setting(
        (),
        "White noise of a random RMS level from this range is added to each "
        "window. 0 dB is full scale. Empty switches it off.",
        unit="dB",
        allowed="a lower and an upper level from "
        f"{field_types.MIN_NOISE_DB} to {field_types.MAX_NOISE_DB}, like "
        "(-90, -40), or empty",
    )
    time_shift_s: Annotated[float, Interval(ge=0, le=3600)] = _setting(
        0.0,
        "Each window is shifted by a random time, from minus to plus this, but "
        "keeps half of what it can hold of its recording. Beyond the ends of "
        "the recording are zeros. 0 switches it off.",
        unit="s",
    )
    speed_percent: Annotated[float, Interval(ge=0, le=50)] = _setting(
        0.0,
        "Each window is played at a random speed, from 1 minus to 1 plus this "
        "share, which changes its pitch too. 0 switches it off.",
        unit="%",
    )
    mixup: Annotated[float, Interval(ge=0, le=100)] = _setting(
        0.0,
        "Each window is mixed with another of its batch. The share of the "
        "first is drawn from the Beta distribution with this alpha twice: 1 is "
        "uniform, and less mixes less. The labels mix too. 0 switches it off.",
    )
    mixing: Literal["mixup", "loudness"] = _setting(
        "mixup",
        "How windows mix. mixup adds the samples by their shares. loudness "
        "makes the shares those that are heard, whatever the two levels.",
    )
    background: field_types.Text = _setting(
        "",
        "Recordings that are mixed into windows as background noise. Empty "
        "switches it off.",
        allowed="a folder, or a CSV with a column path, or empty",
    )
    background_snr_db: field_types.Ratios = _setting(
        (0, 20),
        "Range of the level of a window over that of its background.",
        unit="dB",
        allowed="a lower and an upper ratio from "
        f"{field_types.MIN_SNR_DB} to {field_types.MAX_SNR_DB}, like (0, 20)",
    )
    background_share: Annotated[float, Interval(ge=0, le=1)] = _setting(
        0.5, "Share of the windows that get a background."
    )
    time_mask_ms: Annotated[float, Interval(ge=0, le=3_600_000)] = _setting(
        0.0,
        "Largest width of a hidden stripe along time, in training: frames of a "
        "log-mel spectrogram become its mean. 0 switches it off.",
        unit="ms",
    )
    num_time_masks: Annotated[int, Interval(ge=1, le=100)] = _setting(
        2, "Number of hidden stripes along time."
    )
    frequency_mask_bands: Annotated[int, Interval(ge=0, le=1024)] = _setting(
        0,
        "Largest width of a hidden stripe along frequency. 0 switches it off.",
        unit="mel bands",
    )
    num_frequency_masks: Annotated[int, Interval(ge=1, le=100)] = _setting(
        2, "Number of hidden stripes along frequency."
    )


class Image(_Section):
    """From images to the network, in place of the fields of sound."""

    size: field_types.Size = _setting(
        (32, 32),
        "(height, width) that the network sees. Others are resized to it.",
        unit="pixels",
        allowed="a height and a width of 1 to 4,096 pixels, like (32, 32)",
    )
    mean: field_types.Mean = _setting(
        (0.4914, 0.4822, 0.4465),
        "Mean of each channel. The default is of CIFAR-10's training images.",
        allowed="numbers from 0 to 1, one for grey or three for colour",
    )
    deviation: field_types.Deviation = _setting(
        (0.2470, 0.2435, 0.2616),
        "Standard deviation of each channel. The default is of CIFAR-10's "
        "training images.",
        allowed="numbers from 0.001 to 1, one for grey or three for colour",
    )
    crop: Literal["none", "padded", "inception"] = _setting(
        "padded", "How training images are cropped at random."
    )
    flip: bool = _setting(
        True,
        "Whether to mirror half of the training images, in data sets that "
        "allow it: a mirrored digit is not a digit.",
    )


class Model(_Section):
    """The network, and how it downsamples."""

    encoder: field_types.Encoder = _setting(
        "time_frequency", "The network. waveform is for sound only."
    )
    stem: Literal["small", "large"] = _setting(
        "small", "First layers of an image network. large is for 224 pixels."
    )
    downsampling: Downsampling = _setting(
        "diffstride", "How blocks downsample."
    )
    downsampling_position: Position = _setting(
        "after_convolution",
        "Where blocks downsample. Only time_frequency has a choice.",
    )
    channels: field_types.Channels = _setting(
        (),
        "Channels of each block. Empty takes the published ones.",
        allowed=f"up to {field_types.MAX_BLOCKS} whole numbers from 1 to "
        f"{field_types.MAX_CHANNELS:,}, like (64, 128)",
    )
    strides: field_types.StridesOfBlocks = _setting(
        (),
        "(time, frequency) strides of each block. DiffStride starts from them. "
        "Empty takes the published ones.",
        allowed=f"up to {field_types.MAX_BLOCKS} pairs of numbers from 1 to "
        "1,000, like ((2, 2), (1, 2))",
    )
    width: Annotated[float, Interval(gt=0, le=1000)] = _setting(
        1.0, "Factor on all channels."
    )
    smoothness_factor: Annotated[float, Interval(gt=0, le=1000)] = _setting(
        4.0, "Width of DiffStride's transition band: R.", unit="bins"
    )
    transition_band: Literal["outside", "inside"] = _setting(
        "outside", "On which side of the cut-off the transition band lies."
    )
    smoothness_percent: Annotated[float, Interval(ge=0, le=100)] = _setting(
        0.0,
        "Width of the transition band as a share of the axis. Above 0 it "
        "replaces smoothness_factor.",
        unit="%",
    )
    shared_stride: bool = _setting(
        False, "Whether DiffStride learns one stride for time and frequency."
    )
    size_multiple: Annotated[int, Interval(ge=1, le=1024)] = _setting(
        1, "DiffStride's output sizes are rounded up to a multiple of it."
    )
    folding: Annotated[float, Interval(ge=0, le=1)] = _setting(
        0.0,
        "Share of what lies beyond DiffStride's cut-off that is folded back "
        "into the kept band, as slower changes. 0 removes all of it, as in the "
        "paper. 1 keeps all of it, as a strided convolution does.",
    )
    learn_folding: bool = _setting(
        False, "Whether each layer learns the folding of each axis, from there."
    )
    shared_folding: bool = _setting(
        False, "Whether a layer learns one folding for time and frequency."
    )
    folded_axes: Literal["all", "first", "second"] = _setting(
        "all",
        "The axes that fold. first is time or height, second is frequency or "
        "width. The others fold nothing.",
    )
    folded_channels: Literal["all", "half"] = _setting(
        "all",
        "The channels that fold. With half, the first half folds nothing, and "
        "the next layer sees both.",
    )
    complexity_weight: Annotated[float, Interval(ge=0, le=1e6)] = _setting(
        0.0, "Weight of the cost term in the loss: the paper's lambda, Eq. 6."
    )
    batch_norm_momentum: Annotated[float, Interval(ge=0, le=0.999999)] = (
        _setting(0.99, "Momentum of the running statistics.")
    )


class Training(_Section):
    """The recipe of training."""

    num_steps: Annotated[int, Interval(ge=1, le=10**9)] = _setting(
        1_000_000, "Number of steps."
    )
    steps_per_epoch: Annotated[int, Interval(ge=1, le=10**9)] = _setting(
        5_000, "Steps of an epoch. It ends with a validation and a checkpoint."
    )
    batch_size: Annotated[int, Interval(ge=1, le=65_536)] = _setting(
        256, "Windows or images in a step."
    )
    task_weights: field_types.Weights = _setting(
        "",
        "Weights of the tasks' losses. A task without one has weight 1.",
        allowed="like task=0.5,task=2 with numbers from 0 on, or empty",
    )
    loss: Literal["cross_entropy", "focal"] = _setting(
        "cross_entropy",
        "Loss of every task. With focal, examples that are right count less.",
    )
    focal_gamma: Annotated[float, Interval(ge=0, le=20)] = _setting(
        2.0,
        "How much less: the focal loss weighs a class of probability p by "
        "(1 - p) to this power.",
    )
    label_smoothing: Annotated[float, Interval(ge=0, le=0.9)] = _setting(
        0.0,
        "Share of every label that is spread evenly over all classes. With "
        "several labels it is spread over present and absent.",
    )
    optimizer: Literal["adam", "adamw", "sgd"] = _setting(
        "adam",
        "The optimizer. adamw is adam with the weight decay beside the loss: "
        "each step shrinks all kernels by learning rate times weight_decay. "
        "Strides, folding, norms and biases do not decay.",
    )
    momentum: Annotated[float, Interval(ge=0, le=0.999999)] = _setting(
        0.9, "Momentum of sgd."
    )
    weight_decay: Annotated[float, Interval(ge=0, le=1)] = _setting(
        0.0,
        "Weight, in the loss, of the sum of the squares of all kernels. With "
        "adamw it is no part of the loss: see optimizer.",
    )
    clip_norm: Annotated[float, Interval(ge=0, le=1e6)] = _setting(
        0.0,
        "Largest norm of the gradient of all weights together, strides "
        "included. A longer gradient is scaled down to it. 0 is no limit.",
    )
    learning_rate: Annotated[float, Interval(gt=0, le=1)] = _setting(
        1e-4, "Learning rate at the start, or after warmup_steps."
    )
    warmup_steps: Annotated[int, Interval(ge=0, le=10**9)] = _setting(
        0,
        "The learning rate rises linearly in so many first steps. cosine falls "
        "after them. steps falls at its shares of the whole run.",
    )
    schedule: Literal["constant", "cosine", "steps"] = _setting(
        "constant",
        "Course of the learning rate. cosine falls to 0. steps falls to a "
        "tenth at each of schedule_boundaries.",
    )
    schedule_boundaries: field_types.Shares = _setting(
        (),
        "When the schedule `steps` lowers the learning rate.",
        unit="share of the run",
        allowed="shares of the run that rise between 0 and 1, like "
        "(0.5, 0.75), or empty",
    )
    stride_step_ratio: Annotated[float, Interval(ge=0, le=1e6)] = _setting(
        1.0, "Learning rate of the strides over that of the weights."
    )
    folding_step_ratio: Annotated[float, Interval(ge=0, le=1e6)] = _setting(
        10.0, "Learning rate of a learned folding over that of the weights."
    )
    ema_momentum: Annotated[float, Interval(ge=0, le=0.999999)] = _setting(
        0.0,
        "Momentum of a running average of all weights, strides included, over "
        "the steps. The averaged weights are validated and saved. Training "
        "continues with its own. The running statistics of norms are those of "
        "the training. 0 switches it off.",
    )
    monitor: field_types.Monitor = _setting(
        "accuracy",
        "The validation score that decides which model is the best. It is the "
        "mean over the tasks, or that of one task. A lower loss is better, and "
        "a higher score. Tasks with several labels have no accuracy: if there "
        "is one, accuracy stands for average_precision.",
        allowed=f"{', '.join(field_types.MONITORED[:-1])} or "
        f"{field_types.MONITORED[-1]}, or one of them after a task, like "
        "pitch:accuracy",
    )
    early_stopping_epochs: Annotated[int, Interval(ge=0, le=10**6)] = _setting(
        0,
        "The run ends, and is finished, after so many epochs in a row without "
        "a better monitored score. It needs a validation set. The schedules "
        "are of num_steps: a run that ends early ends at a higher learning "
        "rate than cosine would reach. 0 switches it off.",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = _setting(
        "float32", "Number format of the computations."
    )
    jit_compile: bool = _setting(
        False,
        "Whether to compile with XLA, where output sizes stay fixed between "
        "refreshes. Results are not bit-reproducible.",
    )


class FineTuning(_Section):
    """The trained run that a run starts from."""

    run: field_types.Text = _setting(
        "",
        "Folder of a trained run. The new run starts from the encoder of its "
        "best model. Empty starts from random weights.",
        allowed="the folder of a run, or empty",
    )
    frozen: field_types.Frozen = _setting(
        "",
        "What keeps the weights and strides of that run: encoder, or a number "
        "of blocks from the first. Empty trains all.",
        allowed="encoder, a number of blocks from '1' to "
        f"'{field_types.MAX_BLOCKS}', or empty",
    )
    first_block_step_ratio: Annotated[float, Interval(gt=0, le=1)] = _setting(
        1.0,
        "Learning rate of the first block over that of the heads. From block "
        "to block it changes by equal factors.",
    )


class Evaluation(_Section):
    """From windows to recordings, in validation and in later evaluations."""

    hop_s: Annotated[float, Interval(ge=0, le=3600)] = _setting(
        0.0,
        "Time from the start of one window to the next, up to window_s. Below "
        "window_s windows overlap. 0 is window_s: they do not overlap.",
        unit="s",
    )
    pooling: Literal["mean_logits", "mean_probabilities", "max_logits"] = (
        _setting(
            "mean_logits",
            "What a recording has of its windows. In a mean, a padded window "
            "weighs the share that it holds. max_logits takes the largest "
            "logit of each class, and all windows count alike.",
        )
    )


class Config(_Section):
    """All fields.

    A config of sound has no `image`. A config of images has no `window_s`, no
    `front_end`, no `augmentation` and no `evaluation`.
    """

    seed: Annotated[int, Interval(ge=0, le=2**32 - 1)] = _setting(
        0,
        "Seed of weights, of the order of examples, and of the positions of "
        "windows and crops.",
    )
    devices: field_types.Devices = _setting(
        "1",
        "Devices of each process, which share a batch.",
        allowed=f"a whole number from 1 to {field_types.MAX_DEVICES} in "
        "quotes, like '2', or 'all'",
    )
    window_s: Annotated[float, Interval(gt=0, le=3600)] = _setting(
        1.0, "Length of a window, in training and in evaluation.", unit="s"
    )
    data: Data = Data()
    front_end: FrontEnd = FrontEnd()
    augmentation: Augmentation = Augmentation()
    image: Image = Image()
    model: Model = Model()
    training: Training = Training()
    fine_tuning: FineTuning = FineTuning()
    evaluation: Evaluation = Evaluation()
