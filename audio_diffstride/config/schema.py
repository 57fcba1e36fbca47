"""Every field of a config: its type, default, bounds, unit and description.

A field is declared once, in its section. The default recipe, the check of
values, the flags and the reference page follow from it.

pydantic checks the values strictly. 1.5 is not an integer, and True is not a
number. nan and infinity are refused. An integer for a float becomes a float,
and a list for a tuple becomes a tuple.
"""

from __future__ import annotations

from typing import Annotated

from annotated_types import Interval

from audio_diffstride.config import field_types
from audio_diffstride.config.sections.data import Data
from audio_diffstride.config.sections.images import Image
from audio_diffstride.config.sections.model import Model
from audio_diffstride.config.sections.section import Section, setting
from audio_diffstride.config.sections.sound import (
    Augmentation,
    Evaluation,
    FrontEnd,
)
from audio_diffstride.config.sections.training import FineTuning, Training


class Config(Section):
    """All fields.

    A config of sound has no `image`. A config of images has no `window_s`, no
    `front_end`, no `augmentation` and no `evaluation`.
    """

    seed: Annotated[int, Interval(ge=0, le=2**32 - 1)] = setting(
        0,
        "Seed of weights, of the order of examples, and of the positions of "
        "windows and crops.",
    )
    devices: field_types.Devices = setting(
        "1",
        "Devices of each process, which share a batch.",
        allowed=f"a whole number from 1 to {field_types.MAX_DEVICES} in "
        "quotes, like '2', or 'all'",
    )
    window_s: Annotated[float, Interval(gt=0, le=3600)] = setting(
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
