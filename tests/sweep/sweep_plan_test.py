"""Which runs a sweep has."""

import copy
import itertools
import json

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.config import config_checks, config_fields
from audio_diffstride.config.arms import ARMS, choose
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import initial_strides, plan, plan_file
from tests.support.planned_sweep import CONFIG, begin

PAIRS = ((2, 2), (1, 1), (3, 3))


@pytest.mark.parametrize("seed", range(20))
def test_random_strides_are_whole_distinct_and_the_published_come_first(seed):
    first = ((2, 2), (2, 2), (1, 1))
    drawn = initial_strides.draw_random(first, count=27, most=3, seed=seed)
    # All there are, so none twice and none out of bounds.
    every = itertools.product([(1, 1), (2, 2), (3, 3)], repeat=3)
    assert {*drawn} == {*every}
    assert drawn[0] == first
    assert initial_strides.draw_random(first, 5, 3, seed) == drawn[:5]
    assert initial_strides.draw_random(first, 27, 3, seed + 1) != drawn


@pytest.mark.parametrize("first", [((2.5, 2.5),), ((1, 2),), ((4, 4),)])
def test_published_strides_that_are_never_drawn_are_one_more(first):
    drawn = initial_strides.draw_random(first, count=4, most=3, seed=0)
    assert drawn[0] == first
    assert {*drawn[1:]} == {((1, 1),), ((2, 2),), ((3, 3),)}
    with pytest.raises(UserError, match="1 places .* make 4 configurations"):
        initial_strides.draw_random(first, count=5, most=3, seed=0)


def test_every_arm_gets_the_same_settings_and_seeds():
    strides = initial_strides.draw_random(
        initial_strides.published(CONFIG), 4, 3, seed=0
    )
    vary = {"model.width": [0.1, 0.2]}
    runs = plan.plan(CONFIG, choose(["all"]), strides, vary, seeds=3)
    assert len(runs) == 3 * 4 * 2 * 3
    assert len({run.name for run in runs}) == len(runs)
    of_arm = {
        arm: [(r.setting, r.seed) for r in runs if r.arm == arm]
        for arm in choose(["all"])
    }
    assert of_arm["strided_conv"] == of_arm["spectral"] == of_arm["diffstride"]
    assert {run.seed for run in runs} == {0, 1, 2}
    for run in runs:
        for field, value in ARMS[run.arm].fields.items():
            assert run.fields[f"model.{field}"] == value
        assert run.fields["model.strides"] in strides
        assert run.fields["model.width"] == float(run.varied["model.width"])


def test_seeds_go_on_from_the_configs():
    runs = plan.plan(CONFIG | {"seed": 7}, ("spectral",), [], {}, seeds=2)
    assert [run.name for run in runs] == ["spectral_seed=7", "spectral_seed=8"]


def test_names_say_what_a_run_is():
    (run,) = plan.plan(
        CONFIG | {"model.encoder": "resnet18"},
        ("inside",),
        [((2, 2), (1.5, 1.5), (3, 1))],
        {"model.complexity_weight": [0.1]},
        seeds=1,
    )
    assert run.name == "complexity_weight=0.1_strides=2-1.5-3x1_inside_seed=0"


def test_an_arm_that_names_a_band_has_it_whatever_the_config_has():
    other = {"model.transition_band": "inside", "model.smoothness_percent": 9.0}
    for arm, band in (
        ("inside", ("inside", 0.0)),
        ("outside-after-relu", ("outside", 0.0)),
        ("scale-free", ("outside", 4.0)),
    ):
        (run,) = plan.plan(CONFIG | other, (arm,), [], {}, seeds=1)
        has = CONFIG | other | run.fields
        assert tuple(has[field] for field in other) == band


@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_makes_a_config(arm):
    (run,) = plan.plan(CONFIG, (arm,), [], {}, seeds=1)
    values = config_fields.check(CONFIG | run.fields, arm)
    config_checks.check(config_fields.nest(values))


@pytest.mark.parametrize("strides", [PAIRS, ((1.25, 2), (1 / 3 + 1, 1))])
def test_strides_are_read_as_they_are_written(strides):
    assert (
        initial_strides.parse(initial_strides.format_strides(strides), axes=2)
        == strides
    )


def test_a_plan_is_resumed_and_loses_no_run(tmp_path):
    runs = begin(tmp_path / "a", seeds=2, strides=[PAIRS * 2])
    assert begin(tmp_path / "a", seeds=2, strides=[PAIRS * 2]) == runs
    before = (tmp_path / "a" / "plan.json").read_bytes()
    read = plan_file.read(tmp_path / "a")
    assert [r.name for r in read] == [r.name for r in runs]
    with pytest.raises(UserError, match="of 4 runs, .* leaves out .*=1; give"):
        begin(tmp_path / "a", seeds=1, strides=[PAIRS * 2])
    with pytest.raises(UserError, match="seed = 0, which is now 5; give"):
        plan_file.begin(tmp_path / "a", CONFIG | {"seed": 5}, runs)
    assert (tmp_path / "a" / "plan.json").read_bytes() == before
    more = begin(tmp_path / "a", seeds=3, strides=[PAIRS * 2])
    read = plan_file.read(tmp_path / "a")
    assert [r.name for r in read] == [r.name for r in more]
    assert {r.name for r in runs} < {r.name for r in more}


def test_a_sweep_of_a_version_without_augmentation_goes_on(tmp_path):
    runs = begin(tmp_path, seeds=1)
    path = tmp_path / "plan.json"
    plan_of_now = json.loads(path.read_text())
    before = copy.deepcopy(plan_of_now)
    for field in [name for name in before["config"] if "augmentation" in name]:
        del before["config"][field]
    assert before != plan_of_now
    path.write_text(json.dumps(before))
    assert begin(tmp_path, seeds=1) == runs
    assert json.loads(path.read_text()) == plan_of_now
    path.write_text(json.dumps(before))
    louder = CONFIG | {"augmentation.gain_db": 6.0}
    with pytest.raises(UserError, match="gain_db = 0.0, which is now 6.0"):
        plan_file.begin(tmp_path, louder, runs)


def test_augmentation_can_be_swept():
    values = {
        "augmentation.gain_db": [0.0, 6.0],
        "augmentation.noise_db": [(), (-90, -40)],
    }
    runs = plan.plan(CONFIG, ("spectral",), [], values, seeds=1)
    assert [run.fields["augmentation.noise_db"] for run in runs] == [
        *((), (-90, -40)),
        *((), (-90, -40)),
    ]
    assert len({run.name for run in runs}) == 4


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="holds files but no plan.json"):
        begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    "flags, message",
    [
        (
            "--vary model.widht=1",
            "--vary: there is no field model.widht; did you mean model.width?",
        ),
        ("--vary model.width=0.5,wide", "--vary: model.width is 'wide', but"),
        ("--vary model.width=0.5,0.50", "model.width has 0.50 twice"),
        ("--vary model.width", "'model.width' must be like model.width=0.5"),
        ("--vary seed=1,2", "seed is swept by --seeds"),
        (
            "--vary model.strides=((2,2),)",
            "model.strides is swept by --strides",
        ),
        ("--vary model.downsampling=spectral", "what the arm 'strided_conv'"),
        (
            "--vary training.num_steps=90",
            "run num_steps=90_strided_conv_seed=0",
        ),
        ("--set model.width=-1", "model.width is -1, but must be"),
        ("--set seed=1 seed=2", "seed is given twice"),
        ("--arms all fast", "there is no arm 'fast'; there are all, strided"),
        ("--arms all spectral", "--arms has spectral twice"),
        (
            "--strides 2-2-2",
            "has 3 entries, but model.encoder 'time_frequency'",
        ),
        ("--strides 2-2-1-2-1-0", "model.strides is ((2.0, 2.0), (2.0, 2.0), "),
        ("--strides 1.5-1-1-1-1-1", "must be whole for model.downsampling"),
        ("--strides wide", "'wide' is not understood; give published, random"),
        ("--strides 2-2-1-2-1-2 published", "has 2-2-1-2-1-2 twice"),
        ("--strides random --runs 9 --most 1", "make 2 configurations"),
        (
            "--seeds 1000",
            "this sweep would have 3,000 runs, but at most 2,000 are",
        ),
        ("--runs 3", "--runs works with --strides random only"),
        (
            "--vary data.path=a/b,a.b data.store_dir=a/b,a-b",
            "two runs of this sweep would have the name path=a-b_store_dir=a-b",
        ),
        ("--vary model.width=1 model.width=2", "model.width is given twice"),
    ],
)
def test_mistakes_are_reported_before_anything_is_written(
    flags, message, tmp_path
):
    command = ["--config", "configs/quickstart.py", "--output"]
    with pytest.raises(UserError) as caught:
        call("sweep", [*command, str(tmp_path / "sweep"), *flags.split()])
    assert message in str(caught.value)
    assert not (tmp_path / "sweep").exists()


def test_what_is_swept_needs_a_config(tmp_path):
    with pytest.raises(
        UserError, match="--seeds needs --config, without which no"
    ):
        call("sweep", ["--output", str(tmp_path), "--seeds", "2"])
    with pytest.raises(UserError, match="holds no sweep: it has no plan.json"):
        call("sweep", ["--output", str(tmp_path)])
