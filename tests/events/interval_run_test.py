"""From annotations to a run, its detections, and their scores."""

import json

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.label_rule import LabelRule
from audio_diffstride.runs import loading
from tests.support.synthetic import tiny_config, tone

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tone that is a wren, and one that nobody wants to hear of."""
    folder = tmp_path_factory.mktemp("intervals")
    rows = ["path,start_s,end_s,bird,split"]
    for split in SPLITS:
        sound = tone(0, 4.0, seed=len(split))
        for number, start_s in enumerate((0.4, 2.0)):
            begin = round(16000 * start_s)
            sound[begin : begin + 9600] += tone(3000 / (1 + number), 0.6)
            name = ("wren", "_crow")[number]
            rows.append(f"{split}.wav,{start_s},{start_s + 0.6},{name},{split}")
        soundfile.write(folder / f"{split}.wav", sound / 2, 16000)
    (folder / "birds.csv").write_text("\n".join(rows) + "\n")
    config = tiny_config(channels=(4,), strides=((2, 2),))
    config.data.update(
        source="audio_files",
        path=str(folder / "birds.csv"),
        store_dir=str(folder / "stores"),
        annotations="intervals",
        background_share=0.5,
    )
    (folder / "config.json").write_text(config.to_json_best_effort())
    call(
        "train",
        ["--config", folder / "config.json", "--workdir", folder / "run"],
    )
    call("evaluate", ["--workdir", folder / "run"])
    return folder


def rule_of(folder):
    config = loading.load_config(folder / "run", ["window_s", "data"])
    return LabelRule.of_config(config)


def predict(folder, output, *more):
    words = ["--workdir", folder / "run", folder / "test.wav"]
    call("predict", [*words, "--output", output, "--threshold", "0", *more])


def test_the_windows_of_the_test_are_scored(folder):
    path = folder / "run" / "evaluation_test" / "scores.json"
    scores = json.loads(path.read_text())["tasks"]["bird"]
    assert scores["recordings"] == 19
    assert scores["classes"] == ["_crow", "wren"]


def test_what_predict_writes_trains_and_is_compared(folder, tmp_path):
    predict(folder, tmp_path / "raven", "--format", "raven", "--hop_s", "0.2")
    rule = rule_of(folder)
    trained_on = manifest.read(folder / "birds.csv", rule=rule)
    read_back = manifest.read(tmp_path / "raven", rule=rule)
    expected = [(r.start_s, r.end_s) for r in trained_on if r.split == "test"]
    assert [(r.start_s, r.end_s) for r in read_back] == expected
    # Of the classes of the model, one is never a detection.
    assert manifest.class_names(read_back) == {"bird": ["wren"]}
    call(
        "events",
        [
            *("--detections", tmp_path / "raven"),
            *("--annotations", folder / "birds.csv", "--split", "test"),
            *("--hop_s", "0.2", "--output", tmp_path / "events.csv"),
        ],
    )
    header, first, *_ = (tmp_path / "events.csv").read_text().splitlines()
    assert dict(zip(header.split(","), first.split(",")))["annotated"] == "1"


def test_labels_by_window_are_those_of_the_rule(folder):
    rule = rule_of(folder)
    windows = [
        r
        for r in manifest.read(folder / "birds.csv", rule=rule)
        if r.split == "train"
    ]
    begins = np.array([w.start_s for w in windows])
    has_wren = ["wren" in w.labels["bird"].present for w in windows]
    assert begins[has_wren].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8])
