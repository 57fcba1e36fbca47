"""The fields of training, and of starting from a trained run."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Interval

from audio_diffstride.config import field_types
from audio_diffstride.config.sections.section import Section, setting


class Training(Section):
    """The recipe of training."""

    num_steps: Annotated[int, Interval(ge=1, le=10**9)] = setting(
        1_000_000, "Number of steps."
    )
    steps_per_epoch: Annotated[int, Interval(ge=1, le=10**9)] = setting(
        5_000, "Steps of an epoch. It ends with a validation and a checkpoint."
    )
    batch_size: Annotated[int, Interval(ge=1, le=65_536)] = setting(
        256, "Windows or images in a step."
    )
    task_weights: field_types.Weights = setting(
        "",
        "Weights of the tasks' losses. A task without one has weight 1.",
        allowed="like task=0.5,task=2 with numbers from 0 on, or empty",
    )
    loss: Literal["cross_entropy", "focal"] = setting(
        "cross_entropy",
        "Loss of every task. With focal, examples that are right count less.",
    )
    focal_gamma: Annotated[float, Interval(ge=0, le=20)] = setting(
        2.0,
        "How much less: the focal loss weighs a class of probability p by "
        "(1 - p) to this power.",
    )
    label_smoothing: Annotated[float, Interval(ge=0, le=0.9)] = setting(
        0.0,
        "Share of every label that is spread evenly over all classes. With "
        "several labels it is spread over present and absent.",
    )
    optimizer: Literal["adam", "adamw", "sgd"] = setting(
        "adam",
        "The optimizer. adamw is adam with the weight decay beside the loss: "
        "each step shrinks all kernels by learning rate times weight_decay. "
        "Strides, folding, norms and biases do not decay.",
    )
    momentum: Annotated[float, Interval(ge=0, le=0.999999)] = setting(
        0.9, "Momentum of sgd."
    )
    weight_decay: Annotated[float, Interval(ge=0, le=1)] = setting(
        0.0,
        "Weight, in the loss, of the sum of the squares of all kernels. With "
        "adamw it is no part of the loss: see optimizer.",
    )
    clip_norm: Annotated[float, Interval(ge=0, le=1e6)] = setting(
        0.0,
        "Largest norm of the gradient of all weights together, strides "
        "included. A longer gradient is scaled down to it. 0 is no limit.",
    )
    learning_rate: Annotated[float, Interval(gt=0, le=1)] = setting(
        1e-4, "Learning rate at the start, or after warmup_steps."
    )
    warmup_steps: Annotated[int, Interval(ge=0, le=10**9)] = setting(
        0,
        "The learning rate rises linearly in so many first steps. cosine falls "
        "after them. steps falls at its shares of the whole run.",
    )
    schedule: Literal["constant", "cosine", "steps"] = setting(
        "constant",
        "Course of the learning rate. cosine falls to 0. steps falls to a "
        "tenth at each of schedule_boundaries.",
    )
    schedule_boundaries: field_types.Shares = setting(
        (),
        "When the schedule `steps` lowers the learning rate.",
        unit="share of the run",
        allowed="shares of the run that rise between 0 and 1, like "
        "(0.5, 0.75), or empty",
    )
    stride_step_ratio: Annotated[float, Interval(ge=0, le=1e6)] = setting(
        1.0, "Learning rate of the strides over that of the weights."
    )
    folding_step_ratio: Annotated[float, Interval(ge=0, le=1e6)] = setting(
        10.0, "Learning rate of a learned folding over that of the weights."
    )
    ema_momentum: Annotated[float, Interval(ge=0, le=0.999999)] = setting(
        0.0,
        "Momentum of a running average of all weights, strides included, over "
        "the steps. The averaged weights are validated and saved. Training "
        "continues with its own. The running statistics of norms are those of "
        "the training. 0 switches it off.",
    )
    monitor: field_types.Monitor = setting(
        "accuracy",
        "The validation score that decides which model is the best. It is the "
        "mean over the tasks, or that of one task. A lower loss is better, and "
        "a higher score. Tasks with several labels have no accuracy: if there "
        "is one, accuracy stands for average_precision.",
        allowed=f"{', '.join(field_types.MONITORED[:-1])} or "
        f"{field_types.MONITORED[-1]}, or one of them after a task, like "
        "pitch:accuracy",
    )
    early_stopping_epochs: Annotated[int, Interval(ge=0, le=10**6)] = setting(
        0,
        "The run ends, and is finished, after so many epochs in a row without "
        "a better monitored score. It needs a validation set. The schedules "
        "are of num_steps: a run that ends early ends at a higher learning "
        "rate than cosine would reach. 0 switches it off.",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = setting(
        "float32", "Number format of the computations."
    )
    jit_compile: bool = setting(
        False,
        "Whether to compile with XLA, where output sizes stay fixed between "
        "refreshes. Results are not bit-reproducible.",
    )


class FineTuning(Section):
    """The trained run that a run starts from."""

    run: field_types.Text = setting(
        "",
        "Folder of a trained run, or demo, the model of the package. The new "
        "run starts from the encoder of its best model. Empty starts from "
        "random weights.",
        allowed="the folder of a run, demo, or empty",
    )
    frozen: field_types.Frozen = setting(
        "",
        "What keeps the weights and strides of that run: encoder, or a number "
        "of blocks from the first. Empty trains all.",
        allowed="encoder, a number of blocks from '1' to "
        f"'{field_types.MAX_BLOCKS}', or empty",
    )
    first_block_step_ratio: Annotated[float, Interval(gt=0, le=1)] = setting(
        1.0,
        "Learning rate of the first block over that of the heads. From block "
        "to block it changes by equal factors.",
    )
