"""A learning rate that rises linearly in the first steps of a run."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from audio_diffstride.layers.types import Tensor


@keras.saving.register_keras_serializable(package="audio_diffstride")
class WarmUp(LearningRateSchedule):
    """Begins a schedule with a linear rise.

    Step 0 is the first. Step s < `warmup_steps` has the share
    (s + 1) / `warmup_steps` of what the schedule gives there, so no step is
    lost at a rate of 0, and the last step of the rise has all of it.

    Args:
        schedule: a learning rate, or a Keras schedule of it.
        warmup_steps: length of the rise, at least 1.
        delay_steps: the schedule begins that late, and has its first value
            until then. With `warmup_steps`, a schedule that falls from its
            start on falls only after the rise.

    Example:
    >>> schedule = WarmUp(0.1, warmup_steps=4)
    >>> [round(float(schedule(step)), 3) for step in (0, 1, 3, 9)]
    [0.025, 0.05, 0.1, 0.1]
    """

    def __init__(
        self,
        schedule: float | LearningRateSchedule,
        warmup_steps: int,
        delay_steps: int = 0,
    ):
        self.schedule = schedule
        self.warmup_steps = warmup_steps
        self.delay_steps = delay_steps

    def __call__(self, step: Tensor) -> Tensor:
        rate = self.schedule
        if callable(rate):
            rate = rate(ops.maximum(step - self.delay_steps, 0))
        done = ops.cast(step, "float32") + 1
        return rate * ops.minimum(done / self.warmup_steps, 1)

    def get_config(self) -> dict[str, Any]:
        schedule = self.schedule
        if callable(schedule):
            schedule = keras.saving.serialize_keras_object(schedule)
        return {
            "schedule": schedule,
            "warmup_steps": self.warmup_steps,
            "delay_steps": self.delay_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> WarmUp:
        schedule = config["schedule"]
        if isinstance(schedule, dict):
            schedule = keras.saving.deserialize_keras_object(schedule)
        return cls(**{**config, "schedule": schedule})
