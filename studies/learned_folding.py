"""The folding that networks learn, and how well they fit what they train on."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from audio_diffstride.config.arms import ARMS
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_std


def of_place(results: list[Result], arm: str) -> dict[str, list[float]]:
    """{place_axis: the learned folding of each run of an arm}."""
    found: dict[str, list[float]] = {}
    for result in results:
        if result.run.arm == arm:
            for place, share in result.folding.items():
                found.setdefault(place, []).append(share)
    return found


def learns(arm: str) -> bool:
    """Whether an arm learns its folding."""
    return bool(ARMS[arm].fields.get("learn_folding"))


def table(rows: dict[str, list[Result]]) -> Iterator[list[str]]:
    """One line per row, arm and axis: the mean folding in each block."""
    header = ["Learned folding", "Arm", "Axis"]
    lines = []
    blocks: dict[str, None] = {}
    for title, results in rows.items():
        for arm in dict.fromkeys(r.run.arm for r in results):
            if not learns(arm):
                continue
            places = of_place(results, arm)
            blocks |= dict.fromkeys(p.split("_")[0] for p in places)
            for axis in dict.fromkeys(p.split("_")[1] for p in places):
                shares = {
                    place.split("_")[0]: statistics.mean(values)
                    for place, values in places.items()
                    if place.endswith(f"_{axis}")
                }
                if any(shares.values()):
                    lines.append(([title, ARMS[arm].title, axis], shares))
    yield [*header, *(f"Block {b.removeprefix('block')}" for b in blocks)]
    for names, shares in lines:
        cells = [f"{shares[b]:.2f}" if b in shares else "" for b in blocks]
        yield [*names, *cells]


def training(rows: dict[str, list[Result]]) -> Iterator[list[str]]:
    """One line per row, task and arm: accuracy in training and in the test."""
    header = ["Training and test", "Task", "Arm"]
    yield [*header, "Training windows, %", "Test, %", "Gap"]
    for title, results in rows.items():
        for task in dict.fromkeys(t for r in results for t in r.accuracies):
            for arm in dict.fromkeys(r.run.arm for r in results):
                pairs = [
                    (r.training_accuracies[task], r.accuracies[task])
                    for r in results
                    if r.run.arm == arm and task in r.training_accuracies
                ]
                if pairs:
                    fitted, tested = (list(values) for values in zip(*pairs))
                    gap = statistics.mean(fitted) - statistics.mean(tested)
                    yield [
                        title,
                        task,
                        ARMS[arm].title,
                        mean_and_std(fitted),
                        mean_and_std(tested),
                        f"{gap:.1f}",
                    ]
