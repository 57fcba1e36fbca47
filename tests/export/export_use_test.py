"""Exported files at work: predictions, and the documented code."""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pyarrow.parquet
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.errors import UserError
from audio_diffstride.export import runtimes
from audio_diffstride.runs import loading
from tests.support import exported_run
from tests.support.exported_run import FILES, TASKS
from tests.support.synthetic import tone

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    return exported_run.write(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def exported(workdir):
    return exported_run.Exports(workdir)


def detections(arguments, output) -> list[dict]:
    arguments = [*arguments, "--output", output, "--top", "all"]
    assert call("predict", list(map(str, arguments))) == 0
    with open(output, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_predict_says_the_same_with_an_exported_file(
    exported, workdir, tmp_path
):
    soundfile.write(tmp_path / "a.wav", tone(900, 5.3), 16000)
    more = [tmp_path / "a.wav", "--hop_s", 0.1]
    before = detections(["--workdir", workdir, *more], tmp_path / "k.csv")
    model = exported("onnx") / "model.onnx"
    after = detections(["--model", model, *more], tmp_path / "o.csv")
    assert len(before) == len(after) == 50 * 5
    for one, other in zip(before, after):
        assert abs(float(one.pop("score")) - float(other.pop("score"))) < 1e-4
    key = lambda r: (r["start_s"], r["task"], r["class"])  # noqa: E731
    assert sorted(before, key=key) == sorted(after, key=key)


def test_an_export_embeds_as_its_run(exported, workdir, tmp_path):
    plain = exported("onnx") / "model.onnx"
    folder = tmp_path / "export"
    exported_run.export(workdir, "onnx", "--embedding", "--output", folder)
    (found,) = json.loads((folder / "parity.json").read_text())["embedding"]
    assert found["max_difference"] < 1e-4 < found["largest"]
    soundfile.write(tmp_path / "a.wav", tone(900, 1.3), 16000)
    model = folder / "model.onnx"
    more = [str(tmp_path / "a.wav"), "--hop_s", "0.1", "--output"]
    tables = []
    for number, words in enumerate(
        (["--model", model], ["--workdir", workdir])
    ):
        output = tmp_path / f"{number}.parquet"
        words = [*map(str, words), *more, str(output)]
        assert call("embed", words) == 0
        tables.append(pyarrow.parquet.read_table(output).to_pylist())
    assert len(tables[0]) == len(tables[1]) == 10
    for one, other in zip(*tables):
        np.testing.assert_allclose(
            one.pop("embedding"), other.pop("embedding"), atol=1e-4
        )
        assert one == other
    files = [runtimes.ExportedModel(path) for path in (plain, model)]
    window = tone(900, 0.4)[None]
    for task in TASKS:  # the other outputs stay as they are
        logits = [file.logits(window)[task] for file in files]
        np.testing.assert_array_equal(*logits)
    message = "model.onnx has no output 'embedding'; export the model again by"
    with pytest.raises(UserError, match=message):
        call("embed", ["--model", str(plain), *more, str(tmp_path / "o")])
    with pytest.raises(UserError, match="--embedding is for --format onnx, no"):
        exported_run.export(workdir, "litert", "--embedding")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--model", "none.onnx"], "there is no model none.onnx"),
        (
            ["--model", "worst"],
            "--model is worst, but must be best, last, demo, or a file",
        ),
        ([], "there is no model; give --workdir with a run, or --model"),
        (
            ["--model", "a.onnx", "--workdir", "r"],
            "a.onnx needs no --workdir; leave one",
        ),
    ],
)
def test_predict_says_which_model_it_needs(arguments, message, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(900, 0.1), 16000)
    more = [str(tmp_path / "a.wav"), "--output", str(tmp_path / "o.csv")]
    with pytest.raises(UserError, match=message):
        call("predict", [*arguments, *more])


def test_predict_keeps_to_the_exported_window(exported, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(900, 0.1), 16000)
    arguments = ["--model", exported("onnx") / "model.onnx", "--window_s", 1]
    with pytest.raises(UserError, match="was exported for windows of 0.4 s"):
        detections([*arguments, tmp_path / "a.wav"], tmp_path / "o.csv")


def documented() -> list[str]:
    text = (ROOT / "docs" / "howto" / "export.md").read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    "kind", ["onnx", pytest.param("litert", marks=pytest.mark.slow)]
)
def test_the_documented_program_classifies(kind, exported, workdir, tmp_path):
    """Alone in a folder, as a process that finds no package of a checkout."""
    onnx_code, litert_code, *_ = documented()
    code = onnx_code if kind == "onnx" else litert_code
    assert "import audio_diffstride" not in code
    (tmp_path / "classify.py").write_text(code)
    samples = np.round(tone(900, 1.1) * 32768).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 16000)
    soundfile.write(tmp_path / "b.wav", samples, 8000)

    def run(name):
        model = str(exported(kind) / FILES[kind])
        return subprocess.run(
            [sys.executable, "classify.py", model, name],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
        )

    refused = run("b.wav")
    assert refused.stderr.endswith("b.wav has 8000 Hz: resample it first\n")
    done = run("a.wav")
    assert done.returncode == 0, done.stderr
    model = loading.load_model(workdir)
    expected = []
    for start in (0, 6400, 12800):
        window = np.zeros((1, 6400), np.float32)
        part = samples[start : start + 6400] / 32768
        window[0, : len(part)] = part
        for task, logits in model(window, training=False).items():
            shares = ONE_LABEL.probabilities(np.asarray(logits))[0]
            best = shares.argmax()
            name = TASKS[task][best]
            expected.append(
                f"{start / 16000:.2f} s {task}: {name} {shares[best]:.3f}"
            )
    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize("longest", [1, 700, 20000])
def test_the_documented_stream_is_the_batch(longest, exported):
    names = {}
    program, _, stream_code, _ = documented()
    exec(program + stream_code, names)
    runner = names["Runner"](str(exported("onnx") / "model.onnx"))
    samples = tone(900, 0.41 if longest == 1 else 2.0)
    hop = 50 if longest == 1 else 1000
    rng = np.random.default_rng(0)
    stream, scores, begin = names["Stream"](runner, hop), [], 0
    while begin < len(samples):
        end = begin + rng.integers(0, longest + 1)
        scores += stream.feed(samples[begin:end])
        begin = end
    starts = range(0, len(samples) - 6400 + 1, hop)
    assert len(scores) == len(starts)
    for start, found in zip(starts, scores):
        expected = runner.scores(samples[start : start + 6400])
        for task, values in expected.items():
            np.testing.assert_array_equal(found[task], values)
