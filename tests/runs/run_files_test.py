"""Files of a work directory that somebody damaged, and who reads them."""

import json
import pathlib
import shutil

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.files import csv_files
from audio_diffstride.runs import loading, run_stores
from tests.support import finished_run
from tests.support.synthetic import tiny_config, write_store


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that was trained and evaluated."""
    folder = tmp_path_factory.mktemp("run")
    store = write_store(folder / "store", fingerprint="1")
    workdir = finished_run.write(
        folder / "run", [store], channels=(4,), strides=((2, 2),)
    )
    finished_run.evaluate(workdir, store)
    return workdir


def read_config(workdir):
    return loading.load_config(workdir)


def read_scores(workdir):
    return score_files.read(workdir, "test")


def draw_strides(workdir):
    return stride_plot.draw([workdir], workdir / "strides.png")


def read_history(workdir):
    return csv_files.read_numbers(workdir / "history.csv", ["epoch"], "mend it")


def report_on(workdir):
    return call("report", ["--workdir", str(workdir)])


def changed(*path, to):
    """JSON with the value at a path replaced."""

    def damage(text):
        content = json.loads(text)
        place = content
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to
        return json.dumps(content)

    return damage


def cut_off(text):
    return text[: len(text) // 2]


def empty(text):
    return ""


def constant(content):
    return lambda text: content


SCORES = "evaluation_test/scores.json"
STORES = "stores.json"
A = ("tasks", "a")
CURVES, RECORDINGS = (
    f"evaluation_test/a/{name}.csv" for name in ("curves", "recordings")
)
# (file, its damage, its reader, the message)
CASES = [
    ("config.json", empty, read_config, "is damaged: Expecting value"),
    ("config.json", cut_off, read_config, "is damaged: "),
    ("config.json", constant("[]"), read_config, "it has no fields"),
    ("config.json", constant("{}"), read_config, "has no field seed; it must"),
    ("config.json", constant("\0"), read_config, "is damaged: Expecting"),
    ("config.json", changed("model", to=1), read_config, "no field model"),
    (
        "config.json",
        changed("model", "later", to=1),
        read_config,
        "there is no field model.later",
    ),
    (
        "config.json",
        changed("window_s", to="1"),
        read_config,
        "window_s is '1', but must be a number",
    ),
    (
        "config.json",
        changed("training", "num_steps", to=1e9),
        read_config,
        "training.num_steps is 1000000000.0, but must be a whole number",
    ),
    (STORES, empty, run_stores.find, "is damaged: Expecting value"),
    (STORES, cut_off, run_stores.find, "is damaged: "),
    (STORES, constant("{}"), run_stores.find, "all of it is {}"),
    (STORES, constant("[1]"), run_stores.find, "[0] is 1; delete it, and"),
    (STORES, constant("[{}]"), run_stores.find, "[0].name is missing"),
    (STORES, changed(0, "path", to=None), run_stores.find, "[0].path is None"),
    (STORES, changed(0, "fingerprint", to=1), run_stores.find, "print is 1"),
    (SCORES, empty, read_scores, "is damaged: Expecting value"),
    (SCORES, cut_off, read_scores, "run evaluate.py --split=test again"),
    (SCORES, constant("[]"), read_scores, "all of it is []; run evaluate"),
    (SCORES, constant("{}"), read_scores, "split is missing; run evaluate"),
    (SCORES, changed("tasks", to=[]), read_scores, "tasks is []; run"),
    (SCORES, changed("tasks", "a", to={}), read_scores, "tasks.a.data is mi"),
    (
        SCORES,
        changed(*A, "accuracy", to=True),
        read_scores,
        "tasks.a.accuracy is True; run",
    ),
    (
        SCORES,
        changed(*A, "accuracy", to=float("nan")),
        read_scores,
        "tasks.a.accuracy is nan",
    ),
    (
        SCORES,
        changed(*A, "per_class", 0, "f1", to="x"),
        read_scores,
        "tasks.a.per_class[0].f1 is 'x'",
    ),
    (
        SCORES,
        changed(*A, "confusion_matrix", to=[[1, 2]]),
        read_scores,
        "not all of tasks.a is of its 2 classes",
    ),
    (
        SCORES,
        changed(*A, "classes", to=["x"]),
        read_scores,
        "not all of tasks.a is of its 1 classes",
    ),
    (
        SCORES,
        changed(*A, "intervals", "accuracy", to=[0.1]),
        read_scores,
        "tasks.a.intervals are no pairs",
    ),
    ("strides.csv", empty, draw_strides, "is damaged: it is not a CSV"),
    (
        "strides.csv",
        constant("step\n0\n"),
        draw_strides,
        "column like block1_time",
    ),
    ("strides.csv", constant("step,x\n"), draw_strides, "it has no rows"),
    (
        "strides.csv",
        constant("step,block1_time,block1_time_folding\n0,2,1.5\n"),
        draw_strides,
        "block1_time_folding does not hold shares from 0 to 1",
    ),
    (
        "strides.csv",
        constant("step,block1_time\n0\n"),
        draw_strides,
        "row 1 has 1 fields, not 2",
    ),
    (
        "strides.csv",
        constant("step,block1_time\n0,wide\n"),
        draw_strides,
        "block1_time is 'wide', not a number; train",
    ),
    (
        "strides.csv",
        constant("step,block1_time,block_x\n0,1,1\n"),
        draw_strides,
        "it has a column 'block_x'",
    ),
    ("strides.csv", constant("\udcff"), draw_strides, "it is not a CSV"),
    ("history.csv", empty, read_history, "is damaged: it is not a CSV"),
    ("history.csv", constant("loss\n1\n"), read_history, "no column epoch"),
    ("history.csv", constant("epoch,loss\n"), read_history, "it has no rows"),
    (
        "history.csv",
        constant("epoch,loss\n0,1\n1\n"),
        read_history,
        "row 2 has 1 fields, not 2",
    ),
    ("history.csv", constant('epoch\n"0\n'), read_history, "it is not a CSV"),
    ("history.csv", constant("epoch\nx\n"), read_history, "epoch is 'x', not"),
    (CURVES, empty, report_on, "is damaged: it is not a CSV; run evaluate.py"),
    (CURVES, constant("class\na\n"), report_on, "it has no column threshold"),
    (RECORDINGS, empty, report_on, "is damaged: it is not a CSV; run evaluate"),
    (
        RECORDINGS,
        lambda text: text.replace("take9.wav,0.0", "take9.wav,soon"),
        report_on,
        "start_s is 'soon', not a number; run evaluate.py again",
    ),
]


@pytest.mark.parametrize("file, damage, read, message", CASES)
def test_a_damaged_file_is_reported(
    file, damage, read, message, whole, tmp_path
):
    workdir = tmp_path / "run"
    shutil.copytree(whole, workdir)
    path = workdir / file
    path.write_text(damage(path.read_text()), errors="surrogateescape")
    before = sorted(workdir.rglob("*"))
    with pytest.raises(UserError) as told:
        read(workdir)
    sentence = str(told.value)
    assert sentence.startswith(str(path)) and message in sentence, sentence
    assert "\n" not in sentence and len(sentence) < 400
    assert sorted(workdir.rglob("*")) == before  # nothing half-written


@pytest.mark.parametrize(
    "file",
    ["config.json", STORES, SCORES, "strides.csv", "history.csv", CURVES],
)
def test_the_report_tells_it_too_and_writes_nothing(file, whole, tmp_path):
    workdir = tmp_path / "run"
    shutil.copytree(whole, workdir)
    (workdir / file).write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=f"{file} is damaged: "):
        report_on(workdir)
    assert not (workdir / "report.html").exists()


@pytest.mark.parametrize(
    "file", ["config.json", STORES, SCORES, "strides.csv", "history.csv"]
)
def test_a_folder_in_place_of_a_file_is_reported(file, whole, tmp_path):
    workdir = tmp_path / "run"
    shutil.copytree(whole, workdir)
    (workdir / file).unlink()
    (workdir / file).mkdir()
    with pytest.raises(UserError, match=f"{file} cannot be read: Is a direct"):
        report_on(workdir)


def test_the_tables_tell_a_damaged_run(whole, tmp_path):
    for file in ("config.json", SCORES):
        workdir = tmp_path / pathlib.Path(file).name
        shutil.copytree(whole, workdir)
        (workdir / file).write_text("{")
        with pytest.raises(UserError, match=f"{workdir}/{file} is damaged"):
            call(
                "tables",
                ["--runs", str(workdir), "--output", str(tmp_path / "out")],
            )
    assert not (tmp_path / "out").exists()


def test_no_run_and_no_model_are_reported(tmp_path):
    with pytest.raises(UserError, match="is not the work directory of a run"):
        loading.load_config(tmp_path)
    with pytest.raises(UserError, match="has no best.keras: train"):
        loading.load_model(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is not the work directory of a run"):
        loading.load_config(tmp_path / "file")


def test_a_run_of_another_version_is_read_as_far_as_it_is_needed(tmp_path):
    content = json.loads(tiny_config().to_json_best_effort())
    del content["training"]["schedule"]
    content["model"]["later"] = 1
    (tmp_path / "config.json").write_text(json.dumps(content))
    assert loading.load_config(tmp_path, ["window_s"]).window_s == 0.4
    with pytest.raises(UserError, match="no field training.schedule"):
        loading.load_config(tmp_path, ["training"])


def test_cutoffs_replace_their_own_and_others_if_asked(whole, tmp_path):
    workdir, other = tmp_path / "run", tmp_path / "other"
    shutil.copytree(whole, workdir)
    for _ in range(2):
        call("cutoffs", ["--workdir", str(workdir)])
    own = (workdir / "cutoffs.csv").read_text()
    command = ["--workdir", str(workdir), "--output", str(other)]
    call("cutoffs", command)
    with pytest.raises(UserError, match="strides.png is there already"):
        call("cutoffs", command)
    (other / "cutoffs.csv").write_text("old")
    call("cutoffs", [*command, "--overwrite"])
    assert (other / "cutoffs.csv").read_text() == own
