"""A search: its suggestions, its trials, and what it refuses."""

import csv
import json
import math
import shlex
import shutil

import pytest

from audio_diffstride.__main__ import call, parse
from audio_diffstride.config import config_files
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import plan_file, running, search_space
from tests.support.planned_sweep import edit_json, finish
from tests.support.synthetic import write_csv, write_folder

OVER = ("training.learning_rate=1e-4..1e-1:log", "model.width=0.1,0.2,0.3")
FIELDS = ("training.learning_rate", "model.width")


def parsed(*texts):
    return search_space.parse(texts, ("diffstride",))


def suggest(space, trials, seed=0, lower=False):
    return next(search_space.suggestions(space, seed, trials, lower))


def goodness(values):
    """Best at a learning rate of 0.003 and a width of 0.2."""
    rate, width = values[FIELDS[0]], values.get(FIELDS[1], 0.2)
    return 1 / (1 + math.log10(rate / 3e-3) ** 2 + 10 * abs(width - 0.2))


class Killed(BaseException):
    """Stands for a kill."""


@pytest.fixture
def search(tmp_path, monkeypatch):
    """Calls a search whose runs are scored by `goodness`, not trained.

    `killed` is (number, moment): the run where it is killed, and whether that
    is before or after its training. `failing` says which runs fail.
    """
    trained = []

    def call_search(
        *flags, output="search", over=OVER, killed=None, failing=lambda run: ""
    ):
        def run_one(folder, run, split, label):
            assert split == "validation"
            if killed == (len(trained), "before"):
                raise Killed
            trained.append(run.name)
            if failing(run):
                return failing(run)
            (folder / run.name).mkdir(exist_ok=True)
            score = goodness(run.fields) + run.seed / 100
            write_csv(
                folder / run.name / "history.csv",
                [
                    {"epoch": 0, "val_accuracy": score, "val_loss": 1 - score},
                    {"epoch": 1, "val_accuracy": 0.01, "val_loss": 9},
                ],
            )
            finish(folder, run, score, split=split)
            if killed == (len(trained) - 1, "after"):
                raise Killed
            return ""

        trained.clear()
        monkeypatch.setattr(running, "run_one", run_one)
        folder = tmp_path / output
        command = ["--config", "configs/quickstart.py", "--output", folder]
        command += ["--arms", "diffstride", *flags]
        call("sweep", [*command, "--over", *over] if over else command)
        return folder

    call_search.trained = trained
    return call_search


def table(folder):
    with open(folder / "results_validation" / "trials.csv") as file:
        return [*csv.DictReader(file)]


@pytest.mark.parametrize(
    "text, ends",
    [
        ("training.learning_rate=1e-4..1e-2:log", (1e-4, 1e-2)),
        ("model.folding=0..1", (0.0, 1.0)),
        ("training.batch_size=8..64:log", (8, 64)),
        ("augmentation.mixup=0,0.2,0.4", (0.0, 0.2, 0.4)),
        ("training.optimizer=adam,sgd", ("adam", "sgd")),
        ("model.shared_stride=true,false", (True, False)),
        ("augmentation.noise_db=(),(-90, -40)", ((), (-90, -40))),
        ("augmentation.background=../a,../b", ("../a", "../b")),
    ],
)
def test_values_are_of_the_type_of_their_field(text, ends):
    (dimension,) = parsed(text).values()
    assert dimension.ends == ends
    assert [*map(type, dimension.ends)] == [*map(type, ends)]
    for trial in range(20):
        number = next(iter(suggest({"f": dimension}, [], trial).values()))
        assert dimension.value(dimension.number(number)) == number
        assert type(number) in {*map(type, ends)}
        if ".." in text and "/" not in text:
            assert ends[0] <= number <= ends[1]
        else:
            assert number in ends


def test_a_range_is_read_as_it_is_written():
    for text in (*OVER, "model.folding=0.25..1", "training.batch_size=8..64"):
        field, dimension = next(iter(parsed(text).items()))
        assert parsed(f"{field}={dimension}")[field] == dimension


def test_a_logarithmic_range_has_as_many_values_in_every_decade():
    space = parsed("training.learning_rate=1e-4..1e-1:log")
    drawn = [
        suggest(space, [], seed)["training.learning_rate"]
        for seed in range(300)
    ]
    decades = [math.floor(math.log10(rate)) for rate in drawn]
    for decade in (-4, -3, -2):
        assert 70 <= decades.count(decade) <= 130


def test_a_suggestion_depends_on_seed_and_trials_only():
    space, trials = parsed(*OVER), []
    for _ in range(14):
        values = suggest(space, trials)
        assert values == suggest(space, [*trials])
        trials.append((values, goodness(values)))
    others = [suggest(space, trials, seed) for seed in (1, 2)]
    assert others[0] != others[1] != suggest(space, trials)


@pytest.mark.parametrize("lower", [False, True])
def test_later_trials_are_better(lower):
    space, trials = parsed(*OVER), []
    for _ in range(40):
        values = suggest(space, trials, lower=lower)
        score = goodness(values)
        trials.append((values, -score if lower else score))
    means = [
        sum(abs(score) for _, score in part) / 10
        for part in (trials[:10], trials[-10:])
    ]
    assert means[1] > 1.3 * means[0]


def test_what_fails_is_avoided():
    """Half of the choices fail; all that do not score alike."""
    space, trials = parsed("training.optimizer=adam,sgd"), []
    for _ in range(40):
        values = suggest(space, trials)
        failed = values["training.optimizer"] == "sgd"
        trials.append((values, None if failed else 0.5))
    late = [values["training.optimizer"] for values, _ in trials[20:]]
    assert late.count("adam") > 14


def test_trials_are_ranked_and_the_best_is_trained_next(search, capsys):
    folder = search("--search", 12)
    rows = table(folder)
    assert sorted(int(row["trial"]) for row in rows) == [*range(1, 13)]
    scores = [float(row["val_accuracy"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    for row in rows:
        values = {name: float(row[name]) for name in FIELDS}
        assert goodness(values) == float(row["val_accuracy"])
    printed = capsys.readouterr().out
    command = printed.splitlines()[-1].removeprefix("next: python train.py ")
    config = config_files.from_arguments(parse("train", shlex.split(command)))
    assert config.model.width == float(rows[0]["model.width"])
    rate = config.training.learning_rate
    assert rate == float(rows[0]["training.learning_rate"])
    assert config.model.downsampling == "diffstride"
    assert len(search.trained) == 12 == len({*search.trained})


def test_the_monitored_score_decides(search, capsys):
    folder = search("--search", 5, "--set", "training.monitor=loss")
    losses = [float(row["val_loss"]) for row in table(folder)]
    assert losses == sorted(losses)
    assert (
        "Trials by validation loss, the best first" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "killed", [(0, "before"), (3, "after"), (11, "before")]
)
def test_a_killed_search_ends_as_one_never_killed(killed, search):
    whole = search("--search", 12, output="whole")
    every = [*search.trained]
    with pytest.raises(Killed):
        search("--search", 12, output="killed", killed=killed)
    folder = search("--search", 12, output="killed")
    assert search.trained == every[killed[0] :]
    for name in ("plan.json", "results_validation/trials.csv"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()


def test_more_trials_continue_a_search(search):
    whole = search("--search", 12, output="whole")
    search("--search", 4, output="parts")
    folder = search("--search", 12, output="parts")
    assert len(search.trained) == 8
    assert table(folder) == table(whole)
    search("--search", 12, output="parts")
    assert search.trained == []
    with pytest.raises(UserError, match="of 12 trials; give --search 12 or mo"):
        search("--search", 11, output="parts")


def test_a_search_is_read_again_without_its_config(search, capsys):
    folder = search("--search", 4)
    before = table(folder), capsys.readouterr().out.splitlines()[-9:]
    call("sweep", ["--output", str(folder)])
    assert (table(folder), capsys.readouterr().out.splitlines()[-9:]) == before
    with pytest.raises(UserError, match="scores the validation split only"):
        call("sweep", ["--output", str(folder), "--split", "test"])


def test_the_plan_alone_keeps_a_search(search):
    folder = search("--search", 4)
    before = table(folder)
    for path in [*folder.iterdir()]:
        if path.is_dir():
            shutil.rmtree(path)
    call("sweep", ["--output", str(folder)])
    assert table(folder) == before
    search("--search", 4)
    assert search.trained == []


def test_a_trial_is_the_mean_over_its_runs(search, capsys):
    folder = search("--search", 3, "--seeds", 2)
    assert len(search.trained) == 6
    for row in table(folder):
        values = {name: float(row[name]) for name in FIELDS}
        mean = goodness(values) + 0.005
        assert float(row["val_accuracy"]) == pytest.approx(mean)
        assert float(row["deviation"]) == pytest.approx(0.01 / 2**0.5)
        assert row["runs"] == "2"
    assert "trial 1 of 3: validation accuracy" in capsys.readouterr().out


def test_folds_keep_their_validation_sets(search, tmp_path):
    write_folder(tmp_path / "own", takes=6)
    folder = search(
        *("--search", 2, "--folds", 3, "--set", "data.source=audio_files"),
        f"data.path={tmp_path / 'own'}",
    )
    assert len(search.trained) == 6
    assert plan_file.read_config(folder)["data.validation"] == "tenth"
    assert [row["runs"] for row in table(folder)] == ["3", "3"]


def test_all_values_are_tried_once(search, capsys):
    over = ("model.width=0.1,0.2,0.3", "training.learning_rate=0.1,0.2")
    folder = search("--search", 9, over=over)
    tried = {tuple(row[name] for name in FIELDS) for row in table(folder)}
    assert len(tried) == 6 == len(search.trained)
    assert "trial 7 of 9: there are no other values" in capsys.readouterr().out


def test_values_that_do_not_fit_are_left_out(search, capsys):
    over = (
        "training.steps_per_epoch=40,70,100",
        "training.learning_rate=0.1,0.2",
    )
    folder = search("--search", 9, over=over)
    steps = {row["training.steps_per_epoch"] for row in table(folder)}
    assert steps == {"40", "100"} and len(table(folder)) == 4
    printed = capsys.readouterr().out
    assert "a suggestion is left out: run steps_per_epoch=70_" in printed
    with pytest.raises(UserError, match="must be a multiple of"):
        search("--search", 2, output="none",
               over=("training.steps_per_epoch=70,90",))  # fmt: skip


def test_a_trial_that_fails_is_the_worst_and_is_tried_again(search, capsys):
    def failing(run):
        return "it diverged" if run.fields["model.width"] == 0.3 else ""

    folder = search("--search", 12, failing=failing)
    rows = table(folder)
    failed = [row for row in rows if not row["val_accuracy"]]
    assert failed == rows[-len(failed) :]
    assert {row["model.width"] for row in failed} == {"0.3"}
    numbers = ", ".join(row["trial"] for row in failed)
    assert f"trials without a score: {numbers};" in capsys.readouterr().out
    search("--search", 12)
    assert len(search.trained) == len(failed)
    assert all(row["val_accuracy"] for row in table(folder))


def test_a_reason_that_the_first_trials_have_ends_the_search(search):
    with pytest.raises(UserError, match="first trials fail .*: no disk; see"):
        search("--search", 12, failing=lambda run: "no disk")
    assert len(search.trained) == 2


@pytest.mark.parametrize(
    "flags, over, message",
    [
        ((), OVER, "--search and --over work together"),
        (("--search", 3), (), "--search and --over work together"),
        (("--search", 0), OVER, "must be from 1 to 1,000, not 0"),
        (("--search", 3, "--split", "test"), OVER, "validation split only"),
        (("--search", 3, "--set", "data.validation=none"), OVER,
         "data.validation is 'none'; set it to 'tenth'"),
        (("--search", 3, "--arms", "all"), OVER, "one, such as --arms diff"),
        (("--search", 3, "--strides", "random"), OVER, "one set of strides"),
        (("--search", 3, "--vary", "model.folding=0,1"), OVER, "--vary"),
        (("--search", 900, "--seeds", 3), OVER, "2,700 runs, but at most"),
        (("--search", 3), ("model.width=0.5",), "has one value; give a range"),
        (("--search", 3), ("model.width=1..0.5",), "lower end must come first"),
        (("--search", 3), ("model.width=1..1",), "lower end must come first"),
        (("--search", 3), ("model.width=1..",), "model.width is '', but must"),
        (("--search", 3), ("model.width=0..1",), "model.width is 0, but must"),
        (("--search", 3), ("model.width=1..2..3",), "is '2..3', but must be"),
        (("--search", 3), ("model.width=1...5",), "a range has two dots"),
        (("--search", 3), ("model.width=1..2:lin",), "is '2:lin', but must"),
        (("--search", 3), ("model.folding=0..1:log",), "lower end above 0"),
        (("--search", 3), ("training.batch_size=1.5..3",), "is 1.5, but must"),
        (("--search", 3), ("training.optimizer=adam..sgd",), "'adam..sgd'"),
        (("--search", 3), ("training.optimizer=adam",), "give several values"),
        (("--search", 3), ("model.widht=0.1..1",), "did you mean model.width"),
        (("--search", 3), ("seed=0..9",), "--over: seed is swept by --seeds"),
        (("--search", 3), ("model.downsampling=spectral,max_pool",),
         "--over: model.downsampling is what the arm 'diffstride' sets"),
        (("--search", 3), ("training.monitor=loss,accuracy",),
         "training.monitor decides what the scores of the trials are of"),
        (("--search", 3), ("data.fold=1/2,2/2",), "data.fold decides what"),
        (("--search", 3), ("image.flip=True,False",), "image.* are fields of"),
        (("--search", 3), ("augmentation.background=a,b",), "does not exist"),
    ],
)  # fmt: skip
def test_mistakes_are_reported_before_anything_is_written(
    flags, over, message, search, tmp_path
):
    with pytest.raises(UserError) as caught:
        search(*flags, over=over)
    assert message in str(caught.value)
    assert search.trained == [] and not (tmp_path / "search").exists()


@pytest.mark.parametrize(
    "flags, over, message",
    [
        (("--search", 5), (OVER[0], "model.width=0.1,0.2"),
         "a search over training.learning_rate=0.0001..0.1:log model.width="
         "0.1,0.2,0.3, and this command has a search over training.learning_"
         "rate=0.0001..0.1:log model.width=0.1,0.2;"),
        (("--search", 5, "--seeds", 2), OVER, "holds another search: "),
        (("--search", 5, "--set", "model.size_multiple=4"), OVER,
         "model.size_multiple = 1, which is now 4"),
        ((), (), "a search over training.learning_rate=0.0001..0.1:log model.wi"
         "dth=0.1,0.2,0.3, and this command has no search;"),
    ],
)  # fmt: skip
def test_another_search_in_the_folder_is_refused(flags, over, message, search):
    folder = search("--search", 4)
    before = (folder / "plan.json").read_bytes()
    with pytest.raises(UserError) as caught:
        search(*flags, over=over)
    assert message in str(caught.value)
    assert (folder / "plan.json").read_bytes() == before


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda plan: plan["search"].pop("over"), "search.over is missing"),
        (lambda plan: plan["search"]["trials"][1].update(values={}),
         r"search.trials\[1\] has other fields than its search"),
        (lambda plan: plan["search"]["trials"][0].update(scores={"x": 1.0}),
         r"search.trials\[0\] has runs that are not of the sweep"),
        (lambda plan: plan["search"]["trials"][0]["scores"].update(x="much"),
         r"search.trials\[0\].scores.x is 'much'"),
    ],
)  # fmt: skip
def test_a_damaged_plan_is_an_error(change, message, search):
    folder = search("--search", 4)
    edit_json(folder / "plan.json", change)
    for over in (OVER, ()):
        with pytest.raises(UserError, match=f"plan.json is damaged: {message}"):
            if over:
                search("--search", 4)
            else:
                call("sweep", ["--output", str(folder)])


def test_a_value_outside_of_its_range_is_an_error(search):
    folder = search("--search", 4)

    def change(plan):
        rate = plan["search"]["trials"][0]["values"][FIELDS[0]]
        plan |= json.loads(json.dumps(plan).replace(f"{rate}", "0.9"))

    edit_json(folder / "plan.json", change)
    with pytest.raises(UserError, match=f"1 is damaged: {FIELDS[0]} is 0.9"):
        search("--search", 5)
