"""What a search may choose: fields, each with a range or with choices.

    training.learning_rate=1e-4..1e-2:log   a range, even in its logarithm
    model.folding=0..1                      a range
    augmentation.mixup=0,0.2,0.4            choices

Optuna suggests the values. A suggestion depends on the seed and on the scores
of the trials before it, so a search continues from these alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.sweep import assignments
from audio_diffstride.sweep.initial_strides import format_value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_FLAG = "--over"
_LOG = ":log"
_DIGITS = 3  # of a suggested number
# Which recordings are scored, and how: scores of other ones do not compare.
_OF_THE_SCORE = (
    "data.source",
    "data.split",
    "data.path",
    "data.test_group",
    "data.fold",
    "data.validation",
    "data.tasks",
    "data.columns",
    "data.skip_bad_files",
    "training.monitor",
)


@dataclasses.dataclass(frozen=True)
class Choices:
    """Values without an order.

    >>> adam_or_sgd = Choices(("adam", "sgd"))
    >>> str(adam_or_sgd), adam_or_sgd.number("sgd")
    ('adam,sgd', 1)
    """

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ",".join(map(format_value, self.values))

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that must be allowed, so that all are."""
        return self.values

    @property
    def distribution(self) -> BaseDistribution:
        """Optuna's form, of the places of the values."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution([*range(len(self.values))])

    def number(self, value: Any) -> int:
        """The place of a value; a ValueError if it is none of them."""
        return self.values.index(value)

    def value(self, number: Any) -> Any:
        """The value at a place."""
        return self.values[number]


@dataclasses.dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included.

    Attributes:
        low: the type of both says whether all are whole.
        high: above `low`.
        is_log: whether they are drawn evenly in their logarithm.

    >>> Range(1e-4, 1e-2, True).value(0.00123456), Range(1, 8).value(3)
    (0.00123, 3)
    """

    low: float
    high: float
    is_log: bool = False

    def __str__(self) -> str:
        ends = f"{format_value(self.low)}..{format_value(self.high)}"
        return ends + (_LOG if self.is_log else "")

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that must be allowed, so that all are."""
        return self.low, self.high

    @property
    def distribution(self) -> BaseDistribution:
        """Optuna's form."""
        from optuna import distributions

        if isinstance(self.low, int) and isinstance(self.high, int):
            return distributions.IntDistribution(
                self.low, self.high, log=self.is_log
            )
        return distributions.FloatDistribution(
            self.low, self.high, log=self.is_log
        )

    def number(self, value: Any) -> float:
        """The value itself; a ValueError if it lies outside."""
        if not self.low <= value <= self.high:
            raise ValueError(value)
        return value

    def value(self, number: float) -> float:
        """A number that can be typed: of few digits, and within the range."""
        if isinstance(number, int):
            return number
        rounded = float(f"{number:.{_DIGITS}g}")
        return min(max(rounded, self.low), self.high)


Space = Mapping[str, Choices | Range]


def parse(texts: Iterable[str], arms: tuple[str, ...]) -> Space:
    """The fields of --over, each with its range or its choices.

    Args:
        texts: like model.folding=0..1.
        arms: of the sweep, whose fields are not free.

    Raises:
        UserError: for a field that a search cannot choose, or a range that
            its type does not have.
    """
    fields = assignments.split(texts, _FLAG)
    assignments.check_owners(fields, arms, _FLAG)
    for field in fields:
        if field in _OF_THE_SCORE:
            raise UserError(
                f"{_FLAG}: {field} decides what the scores of the trials are "
                "of, so they would not compare; fix it with --set"
            )
    return {field: _dimension(field, text) for field, text in fields.items()}


def _dimension(field: str, text: str) -> Choices | Range:
    is_number = config_fields.type_of(field) in (int, float)
    if is_number and ".." in text:
        return _range(field, text)
    values = assignments.parse_values(field, text, _FLAG)
    if len(values) < 2:
        example = f"a range like {field}=LOW..HIGH or " if is_number else ""
        raise UserError(
            f"{_FLAG}: {field} has one value; give {example}several values "
            f"joined by commas, or fix it with --set {field}={text}"
        )
    return Choices(tuple(values))


def _range(field: str, text: str) -> Range:
    is_log = text.endswith(_LOG)
    first, _, last = text.removesuffix(_LOG).partition("..")
    if last.startswith("."):  # 0...5 is not 0 to 0.5
        raise UserError(
            f"{_FLAG}: {field} is {text}, but a range has two dots; write a 0 "
            "before the point of a number"
        )
    low, high = (
        assignments.parse_value(field, end, _FLAG) for end in (first, last)
    )
    if not low < high:
        raise UserError(
            f"{_FLAG}: {field} is {text}, but the lower end must come first"
        )
    if is_log and not low > 0:
        raise UserError(
            f"{_FLAG}: {field} is {text}, but a logarithm needs a lower end "
            f"above 0; give one, or leave {_LOG} out"
        )
    return Range(low, high, is_log)


def check(space: Space, values: Mapping[str, Any], where: object) -> None:
    """Checks that the values of a trial are of a space.

    Raises:
        UserError: if one is not.
    """
    for field, each in space.items():
        try:
            each.number(values[field])
        except (ValueError, TypeError):
            raise UserError(
                f"{where} is damaged: {field} is {shortened(values[field])}, "
                f"but is searched over {each}; restore the plan, or give "
                "another --output"
            ) from None


def suggestions(
    space: Space,
    seed: int,
    trials: Sequence[tuple[Mapping[str, Any], float | None]],
    lower_is_better: bool,
) -> Iterator[dict[str, Any]]:
    """Suggests values for the next trial, without end.

    Each depends on the arguments alone. They may repeat.

    Args:
        space: what may be chosen.
        seed: of the search.
        trials: ({field: value}, score) of those before. One without a score
            failed, and counts as the worst.
        lower_is_better: of the scores.

    Yields:
        {field: value}.
    """
    import optuna  # a quarter of a second

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # A generator for each trial: a search continues at any of them.
    words = np.random.SeedSequence((seed, len(trials))).generate_state(1)
    study = optuna.create_study(
        direction="minimize" if lower_is_better else "maximize",
        sampler=optuna.samplers.TPESampler(seed=int(words[0])),
    )
    distributions = {f: each.distribution for f, each in space.items()}
    states = optuna.trial.TrialState
    study.add_trials(
        optuna.trial.create_trial(
            params={f: space[f].number(value) for f, value in values.items()},
            distributions=distributions,
            value=score,
            # Of trials that are complete or pruned, the pruned are the worst.
            state=states.PRUNED if score is None else states.COMPLETE,
        )
        for values, score in trials
    )
    while True:
        params = study.ask(distributions).params
        yield {f: each.value(params[f]) for f, each in space.items()}
