"""Arms at equal cost, by their width."""

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import initial_strides, matched_cost, plan
from tests.support.planned_sweep import CONFIG as QUICKSTART
from tests.support.planned_sweep import count_once

# Of two blocks, which are made sooner than six.
CONFIG = QUICKSTART | {
    "model.channels": (64, 128),
    "model.strides": ((2, 2), (1, 2)),
    "model.width": 0.5,
}


@pytest.fixture(autouse=True)
def quick_costs(monkeypatch):
    count_once(monkeypatch)


def cost(run):
    return matched_cost.multiply_adds(CONFIG | run.fields)


def planned(*arms, strides=(), seeds=1, **vary):
    return plan.plan(CONFIG, arms, [*strides], vary, seeds)


@pytest.mark.parametrize("arm", ["strided_conv", "scale-free"])
def test_every_arm_costs_what_the_one_does(arm):
    others = ("inside", "outside", "inside-before")
    runs = planned(arm, *others)
    first, *matched = matched_cost.match(CONFIG, runs, arm)
    assert first.fields["model.width"] == CONFIG["model.width"]
    for run in matched:
        assert cost(run) == pytest.approx(cost(first), rel=0.03)
        # Nothing else has changed.
        fields = {k: v for k, v in run.fields.items() if k != "model.width"}
        (before,) = [r for r in runs if r.name == run.name]
        assert fields == before.fields
    widths = {run.arm: run.fields["model.width"] for run in matched}
    assert widths["outside"] < widths["inside"] < widths["inside-before"]


def test_what_an_arm_sets_is_no_part_of_the_others_cost():
    """The reference has none of the fields of the arm it is compared with."""
    alone = matched_cost.match(CONFIG, planned("outside", "inside"), "outside")
    other = matched_cost.match(
        CONFIG, planned("outside", "scale-free"), "outside"
    )
    assert cost(alone[1]) == pytest.approx(cost(other[1]), rel=0.03)
    assert cost(alone[0]) == cost(other[0])


def test_each_setting_is_matched_apart_and_seeds_together():
    strides = [initial_strides.parse(t, 2) for t in ("2-1x2", "3-1x2")]
    runs = planned("strided_conv", "spectral", strides=strides, seeds=2)
    matched = matched_cost.match(CONFIG, runs, "strided_conv")
    by_setting = {}
    for run in matched:
        by_setting.setdefault((run.arm, run.setting), set()).add(cost(run))
    assert all(len(costs) == 1 for costs in by_setting.values())
    for setting in {run.setting for run in runs}:
        (strided,) = by_setting["strided_conv", setting]
        (spectral,) = by_setting["spectral", setting]
        assert spectral == pytest.approx(strided, rel=0.03)
    assert len({*map(max, by_setting.values())}) > 2


def test_a_network_is_counted_once_whatever_its_data(monkeypatch):
    counted = []

    def multiply_adds(fields):
        counted.append(fields)
        return 1_000_000

    monkeypatch.setattr(matched_cost, "multiply_adds", multiply_adds)
    arms = ("strided_conv", "spectral")
    matched_cost.match(CONFIG, planned(*arms), "strided_conv")
    once = len(counted)
    others = {
        "data.skip_bad_files": [False, True],
        "training.batch_size": [1, 2],
    }
    runs = planned(*arms, seeds=2, **others)
    matched_cost.match(CONFIG, runs, "strided_conv")
    assert len(runs) == 16 and 0 < once == len(counted) - once


def test_a_cost_that_cannot_be_met_is_reported():
    tiny = CONFIG | {"model.channels": (4, 4), "model.width": 0.25}
    runs = plan.plan(tiny, ("strided_conv", "outside"), [], {}, 1)
    with pytest.raises(UserError, match="at no width does the arm 'outside'"):
        matched_cost.match(tiny, runs, "strided_conv")


def test_the_width_cannot_be_varied_too(tmp_path):
    flags = [
        "--config",
        "configs/quickstart.py",
        "--output",
        str(tmp_path / "s"),
    ]
    flags += ["--match_cost", "strided_conv", "--vary", "model.width=0.1,0.2"]
    with pytest.raises(
        UserError, match="model.width is what --match_cost sets"
    ):
        call("sweep", flags)
    assert not (tmp_path / "s").exists()
    assert {"strided_conv", "outside"} <= {*ARMS}
