"""The tables of several sweeps side by side."""

from __future__ import annotations

import statistics

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_std
from studies.gains import Gain


def accuracies(found: list[Gain]) -> list[list[str]]:
    """One line per row and task, one column per arm.

    Runs at matched cost are left out.
    """
    arms = in_order(gain.arm for gain in found)
    lines = [["Accuracy in %", "Task", *(ARMS[arm].title for arm in arms)]]
    for row, task in dict.fromkeys((gain.row, gain.task) for gain in found):
        cells = {
            gain.arm: mean_and_std(gain.accuracies)
            for gain in found
            if (gain.row, gain.task, gain.is_matched) == (row, task, False)
        }
        lines.append([row, task, *(cells.get(arm, "") for arm in arms)])
    return lines


def differences(found: list[Gain], reference: str) -> list[list[str]]:
    """One line per row, task and arm that is compared with the reference."""
    title = ARMS[reference].title.removesuffix(".").lower()
    lines = [["Row", "Task", "Arm", "Width", f"Points over {title}"]]
    lines[0] += ["p", "Multiply-adds"]
    for gain in found:
        if gain.arm == reference and not gain.is_matched:
            continue
        points = [*gain.differences.values()]
        lines.append(
            [gain.row, gain.task, ARMS[gain.arm].title]
            + ["matched" if gain.is_matched else "equal"]
            + [mean_and_std(points, sign="+"), f"{gain.p:.2g}"]
            + [f"{gain.cost_ratio:.2f} x"]
        )
    return lines


def settings(sweeps: dict[str, list[Result]]) -> list[list[str]]:
    """One line per sweep, setting and arm: accuracy, cost, first strides.

    Args:
        sweeps: {name: results}.
    """
    lines = [["Sweep", "Setting", "Arm", "Accuracy in %", "Multiply-adds"]]
    lines[0] += ["First strides"]
    for name, found in sweeps.items():
        runs: dict[tuple[str, str], list[Result]] = {}
        for result in found:
            key = (_setting(result), result.run.arm)
            runs.setdefault(key, []).append(result)
        for (setting, arm), several in runs.items():
            cost = statistics.mean(r.multiply_adds for r in several)
            lines.append(
                [name, setting, ARMS[arm].title]
                + [_mean_accuracies(several), f"{cost / 1e6:.0f} M"]
                + [_first_strides(several)]
            )
    return lines


def _setting(result: Result) -> str:
    varied = [
        f"{field.rpartition('.')[2]} {value}"
        for field, value in result.run.varied.items()
    ]
    strides = [f"strides {result.run.strides}"] * bool(result.run.strides)
    return ", ".join(varied + strides) or "as configured"


def _mean_accuracies(several: list[Result]) -> str:
    return ", ".join(
        f"{task} {mean_and_std([r.accuracies[task] for r in several])}"
        for task in several[0].accuracies
    )


def _first_strides(several: list[Result]) -> str:
    """The mean stride of each axis of the first place; "" if not learned."""
    if not several[0].run.learns_strides:
        return ""
    return ", ".join(
        f"{statistics.mean(r.strides[place] for r in several):.2f}"
        for place in several[0].first_strides
    )
