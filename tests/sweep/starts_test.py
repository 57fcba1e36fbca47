"""What the runs of a sweep start from, and draws of few examples."""

import json

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.__main__ import parse
from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import arguments, folds_table, starts
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result
from tests.support.planned_sweep import CONFIG, begin

ARM = "folding"
LIKE_ARM = {
    "model.transition_band": "inside",
    "model.smoothness_percent": 0.0,
    "model.folding": 0.5,
    "model.learn_folding": True,
}


@pytest.fixture
def trained(tmp_path):
    """The folder of a run of that arm, with a network of its own."""
    folder = tmp_path / "many"
    folder.mkdir()
    values = CONFIG | LIKE_ARM | {"model.channels": (4, 4)}
    values |= {"model.strides": ((2, 2), (2, 1)), "model.width": 1.0}
    text = config_fields.nest(values).to_json_best_effort()
    (folder / "config.json").write_text(text)
    return folder


def read(*words):
    args = parse("sweep", ["--output", "o", *words])
    arguments.set_defaults(args)
    return arguments.read(args)


def sweep(trained, *words):
    return read(
        *["--config", "configs/quickstart.py", "--arms", ARM, *words],
        *["--starts", "random", trained, f"{trained}:encoder", f"{trained}:1"],
    )


def test_every_setting_is_trained_from_every_start(trained):
    vary = ["--vary", "data.examples_per_class=1,5", "--seeds", "3"]
    runs = sweep(trained, *vary).runs()
    assert len(runs) == sweep(trained, *vary).num_runs == 4 * 2 * 3
    assert len({run.name for run in runs}) == len(runs)
    first = [run for run in runs if run.setting[:1] == ("1",) and not run.seed]
    assert [
        (run.fields["fine_tuning.run"], run.fields["fine_tuning.frozen"])
        for run in first
    ] == [
        *[("", ""), (str(trained), "")],
        *[(str(trained), "encoder"), (str(trained), "1")],
    ]
    assert [run.varied["start"] for run in first] == [
        *["random", "many", "many:encoder", "many:1"]
    ]
    assert [run.name for run in first] == [
        f"examples_per_class=1_start={name}_{ARM}_seed=0"
        for name in ("random", "many", "many_frozen=encoder", "many_frozen=1")
    ]


def test_all_have_the_network_of_the_trained_run(trained):
    found = sweep(trained)
    for run in found.runs():
        values = found.config | run.fields
        assert tuple(values["model.channels"]) == (4, 4)
        assert values["training.num_steps"] == CONFIG["training.num_steps"]


def test_random_weights_have_no_smaller_steps(trained):
    ratio = "fine_tuning.first_block_step_ratio"
    found = sweep(trained, "--set", f"{ratio}=0.5")
    values = [(found.config | run.fields)[ratio] for run in found.runs()]
    assert values == [1.0, 0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    "words, message",
    [
        (["--arms", "spectral"], "many has 'diffstride'; give the arm that"),
        (["--arms", ARM, "outside"], "outside has model.transition_band = "),
        (["--starts", "random", "random"], "--starts has random twice"),
        (["--starts", "nosuch"], "nosuch is not the folder of a run"),
        (["--starts", ":encoder"], "has ':encoder', but must be random, RUN"),
        (["--starts", "a:"], "has 'a:', but must be random"),
        (["--starts", "a:all"], "fine_tuning.frozen is 'all', but must be"),
        (["--set", "fine_tuning.run=x"], "is what --starts sets; leave one"),
        (["--vary", "fine_tuning.frozen=,1"], "frozen is what --starts sets"),
    ],
)
def test_what_cannot_be_started_from_has_a_sentence(trained, words, message):
    flags = {"--arms": [ARM], "--starts": ["random", str(trained)]}
    flags |= {words[0]: words[1:]}
    flat = [word for name, values in flags.items() for word in (name, *values)]
    with pytest.raises(UserError, match=message) as error:
        read("--config", "configs/quickstart.py", *flat).runs()
    assert "\n" not in str(error.value)


def test_a_damaged_config_of_the_start_is_told(trained):
    path = trained / "config.json"
    content = json.loads(path.read_text())
    content["model"]["width"] = "wide"
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match="model.width is 'wide', but must be"):
        sweep(trained).runs()


def results_of(runs, accuracies):
    return [
        Result(run, {"bird": value}, {"bird": ""}, 0.5, 100, None, {})
        for run, value in zip(runs, accuracies)
    ]


def test_draws_have_an_interval_where_there_are_no_folds(tmp_path):
    vary = {"data.examples_per_class": [1, 5]}
    started = starts.parse(["random"])
    runs = begin(tmp_path, arms=("spectral",), vary=vary, seeds=4)
    several = np.array([[50, 60, 55, 51], [70, 75, 72, 71.0]])
    tables = folds_table.tables(runs, results_of(runs, several.ravel()))
    title, _ = tables
    assert title.startswith("Accuracy in % on bird over 4 draws, with 95 %")
    _, *lines = tables[title]
    for line, values in zip(lines, several, strict=True):
        half = scipy.stats.t.ppf(0.975, 3) * scipy.stats.sem(values)
        mean = values.mean()
        assert line[-1] == (
            f"{mean:.1f} ({mean - half:.1f} to {mean + half:.1f})"
        )
    assert started[0].label == "random"
    fewer = results_of(runs, several.ravel())[:-1]
    assert folds_table.tables(runs, fewer)[title][-1][-1] == ""


def test_folds_come_before_draws():
    runs = [
        PlannedRun(
            f"{fold}{seed}",
            "spectral",
            "",
            {"data.fold": fold, "data.examples_per_class": "5"},
            seed,
            {},
        )
        for fold in ("1/2", "2/2")
        for seed in (0, 1)
    ]
    title, _ = folds_table.tables(runs, results_of(runs, [50, 60, 70, 80]))
    assert "over 2 folds" in title


def test_seeds_without_draws_have_no_such_table(tmp_path):
    runs = begin(tmp_path, arms=("spectral",), seeds=3)
    assert folds_table.tables(runs, results_of(runs, [1, 2, 3])) == {}
