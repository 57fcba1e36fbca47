"""The report on a run, as a page."""

import base64
import dataclasses
import html.parser
import importlib.metadata
import io
import json
import platform
import shlex
import shutil
import wave

import numpy as np
import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.report import data, recordings, svg
from audio_diffstride.report import page as report_page
from audio_diffstride.report import run as finished
from tests.support import finished_run
from tests.support.synthetic import write_store

# A page of the smallest network is made sooner.
ONE_BLOCK = {"channels": (4,), "strides": ((2, 2),)}
VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = (
    "<script>alert(1)</script>",
    "\"&'",
    "$a$ & b_c",
    '"><img src=x onerror=alert(1)>',
    "--></svg><script>",
    '#010101 id="x',
)


class Page(html.parser.HTMLParser):
    """The elements of a page, with the text inside; fails if ill-formed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        element = {"tag": tag, "text": "", **dict(attributes)}
        element["inside"] = [outer["tag"] for outer in self.open]
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1]["tag"] == tag, (tag, self.open[-1:])
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, *tags):
        return [e for e in self.elements if e["tag"] in tags]

    def text(self):
        return self.all("body")[0]["text"]


def write_report(workdir, *arguments) -> Page:
    call("report", ["--workdir", str(workdir), *map(str, arguments)])
    return Page((workdir / "report.html").read_text("utf-8"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_store(
        tmp_path_factory.mktemp("stores") / "own",
        tasks={"a": list(HOSTILE), "b": [f"n{i}" for i in range(20)]},
        files='take {} <img src="http://x">.wav',
        num_clips=12,
        fingerprint="1",
    )


@pytest.fixture(scope="module")
def workdir(store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    workdir = finished_run.write(folder / "run <i>&", [store], **ONE_BLOCK)
    finished_run.evaluate(workdir, store)
    return workdir


@pytest.fixture(scope="module")
def page(workdir):
    return write_report(workdir)


def test_there_is_one_heading_of_each_kind_in_order(page):
    assert len(page.all("h1")) == 1
    levels = [int(e["tag"][1]) for e in page.all("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
    titles = " ".join(e["text"] for e in page.all("h2"))
    for word in (
        "trained on",
        "Training",
        "Scores: a",
        "Scores: b",
        "Strides",
        "keep",
        "Cost",
    ):
        assert word in titles


def test_landmarks_and_language_are_there(page):
    assert page.all("html")[0]["lang"] == "en"
    assert all(len(page.all(tag)) == 1 for tag in ("header", "nav", "main"))
    ids = [e["id"] for e in page.elements if "id" in e]
    assert len(ids) == len(set(ids))
    for e in page.elements:
        for target in (e.get("aria-labelledby"), e.get("href", "")):
            if target and (target.startswith("#") or target in ids):
                assert target.removeprefix("#") in ids
        if "aria-labelledby" in e:
            assert e["aria-labelledby"] in ids


def test_every_picture_has_a_text_and_every_player_a_name(page):
    pictures = page.all("svg", "img")
    assert len(pictures) > 10
    for picture in pictures:
        assert picture.get("alt") or picture.get("aria-label")
    players = page.all("audio")
    assert len(players) == 20
    assert all(player["aria-label"] for player in players)


def test_every_table_has_caption_scopes_and_a_region_to_scroll_in(page):
    tables = page.all("table")
    assert len(page.all("caption")) == len(tables) > 8
    for caption in page.all("caption"):
        assert caption["text"].strip()
    for head in page.all("th"):
        assert head["scope"] in ("col", "row")
    for table in tables:
        assert table["inside"][-1] == "div"
    regions = [e for e in page.all("div") if e.get("role") == "region"]
    assert len(regions) == len(tables)
    assert all(region["tabindex"] == "0" for region in regions)


def test_nothing_is_loaded_and_nothing_runs(page):
    assert page.all("script", "link", "iframe", "object", "embed") == []
    for e in page.elements:
        assert not [name for name in e if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "srcset", "data"):
            value = e.get(name) or "#"
            assert value.startswith(("#", "data:")), value[:80]
    style = page.all("style")[0]["text"]
    assert "http" not in style and "@import" not in style


def test_hostile_names_are_shown_as_they_are(page):
    heads = {e["text"] for e in page.all("th", "td")}
    for name in HOSTILE:
        assert name in heads
    assert any('<img src="http://x">' in text for text in heads)
    assert "run <i>&" in page.all("h1")[0]["text"]
    assert page.all("i", "script") == []


def test_hostile_names_are_drawn_as_they_are():
    with svg.new_axes() as (figure, axes):
        for place, name in enumerate(HOSTILE):
            axes.text(0, place / 10, name)
        drawing = Page(svg.to_svg(figure, HOSTILE[3]))
    drawn = {element["text"] for element in drawing.all("text")}
    assert drawn >= set(HOSTILE)
    assert drawing.all("svg")[0]["aria-label"] == HOSTILE[3]
    assert drawing.all("script", "img") == []


def test_a_hostile_task_is_shown_as_it_is(tmp_path):
    task = '"><img src=x onerror=alert(1)>'
    store = write_store(tmp_path / "own", tasks={task: list(HOSTILE)})
    workdir = finished_run.write(tmp_path / "run", [store], **ONE_BLOCK)
    finished_run.evaluate(workdir, store)
    page = write_report(workdir)
    assert any(task in title["text"] for title in page.all("h2"))
    assert page.all("script", "img") == []


def test_scores_are_those_of_the_evaluation(page):
    text = page.text()
    assert "66.7 %" in text  # every third recording is wrong
    assert "25.0 to 81.2 %" in text
    captions = [e["text"] for e in page.all("caption")]
    assert "Confusion matrix: a" in captions
    assert "Confusion matrix: b" not in captions  # 20 classes: a picture
    labels = [e["aria-label"] for e in page.all("svg")]
    assert any("Confusion matrix of b, 20 classes" in t for t in labels)
    assert "Classes without a recording in this split: n4" in text


def test_the_worst_recordings_play_what_the_store_holds(page, store):
    clips = store.examples("test")
    player = page.all("audio")[0]  # the first error is the most certain one
    sound = base64.b64decode(player["src"].partition("base64,")[2])
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getframerate() == 16000
        samples = np.frombuffer(file.readframes(10**6), "<i2")
    np.testing.assert_array_equal(samples, clips[0])
    assert clips.files[0] in player["aria-label"]


def test_a_recording_plays_two_seconds_at_most():
    row = {"file": "f", "label": "x", "predicted": "y"}
    player = recordings.player(np.zeros(100_000, "int16"), 16000, row)
    sound = base64.b64decode(player["url"].partition("base64,")[2])
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() == 32000


@pytest.mark.parametrize(
    ("trained_with", "git", "sentence"),
    [
        ({}, None, "version 0.1.0; this page with the same."),
        ({}, "c0ffee" * 6, "commit c0ffeec0ffee; this page with the same."),
        (
            {"keras": "3.0.0", "numpy": "2.0.0"},
            "c0ffee" * 6 + "-dirty",
            "NumPy 2.0.0, librosa {librosa} and the code of commit "
            "c0ffeec0ffee-dirty; this page with Keras {keras}, NumPy {numpy}.",
        ),
    ],
)
def test_one_sentence_names_the_versions_and_what_differs(
    trained_with, git, sentence, workdir
):
    names = ("tensorflow", "keras", "numpy", "librosa")
    here = {name: importlib.metadata.version(name) for name in names}
    start = {
        "date": "2026-01-02T03:04:05+00:00",
        "python": platform.python_version(),
        "packages": here | trained_with,
        "audio_diffstride": "0.1.0",
        "git": git,
    }
    run = dataclasses.replace(finished.load(workdir), starts=[start])
    versions = data.describe(run)["versions"]
    assert versions.startswith(
        f"Trained on 2026-01-02 with Python {start['python']}, TensorFlow "
        f"{here['tensorflow']}, Keras {start['packages']['keras']}, "
    )
    assert versions.endswith(sentence.format(**here))


def test_the_page_names_the_versions_of_a_run_that_recorded_none(page):
    keras = importlib.metadata.version("keras")
    assert f"Saved with Keras {keras}; this page with Python" in page.text()


def test_without_an_evaluation_the_page_says_how(workdir, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(workdir, copy)
    shutil.rmtree(copy / "evaluation_test")
    page = write_report(copy)
    command = shlex.join(["evaluate.py", "--workdir", str(copy)])
    assert f"Run python {command}, then" in page.text()
    assert page.all("audio") == []


def test_a_missing_store_is_reported_and_another_path_is_used(
    workdir, store, tmp_path
):
    copy = tmp_path / "copy"
    shutil.copytree(workdir, copy)
    stores = json.loads((copy / "stores.json").read_text())
    stores[0]["path"] = str(tmp_path / "gone")
    (copy / "stores.json").write_text(json.dumps(stores))
    page = write_report(copy)
    assert "gone is not a clip store" in page.text()
    assert "There is no example to show" in page.text()
    assert page.all("audio") == []
    page = write_report(copy, "--store", store.path)
    assert "is not a clip store" not in page.text()
    assert len(page.all("audio")) == 20


@pytest.mark.parametrize("arm", ["strided_conv", "spectral", "max_pool"])
def test_every_arm_has_a_report(arm, store, tmp_path):
    page = write_report(
        finished_run.write(
            tmp_path / "run", [store], downsampling=arm, **ONE_BLOCK
        )
    )
    titles = [e["text"] for e in page.all("h3")]
    assert "What is left of the example" in titles
    assert ("The kept band" in titles) == (arm == "spectral")
    assert ("has no filter" in page.text()) == (arm != "spectral")


def test_what_is_folded_is_in_the_table_and_in_words(page, store, tmp_path):
    workdir = finished_run.write(
        tmp_path / "run",
        [store],
        folding=0.25,
        learn_folding=True,
        **ONE_BLOCK,
    )
    folded = write_report(workdir)
    assert "Folding" in [e["text"] for e in folded.all("h3")]
    assert "folded back" in [e["text"] for e in folded.all("th")]
    assert "It is learned, with the strides." in folded.text()
    picture = "Folding along time during training: block1 from 0.25 to 0.25"
    assert picture in (workdir / "report.html").read_text("utf-8")
    assert "Folding" not in [e["text"] for e in page.all("h3")]
    assert "folded back" not in page.text()


def test_what_was_left_out_is_listed(tmp_path):
    store = write_store(tmp_path / "own", num_clips=2)
    workdir = finished_run.write(tmp_path / "run", [store], **ONE_BLOCK)
    path = store.path / "store.json"
    content = json.loads(path.read_text())
    content["sources"] = {
        "left_out": [
            {"file": f"<b>{i}.wav", "reason": "cannot be read"}
            for i in range(1000)
        ]
    }
    path.write_text(json.dumps(content))
    page = write_report(workdir)
    text = " ".join(page.text().split())
    assert (
        "two: 1,000 recordings cannot be used and are left out, of which the "
        "first 20 are: Left out of two"
    ) in text
    cells = [e["text"] for e in page.all("th", "td")]
    assert [c for c in cells if "<b>" in c] == [
        f"<b>{i}.wav" for i in range(20)
    ]
    assert cells.count("cannot be read") == 20
    assert page.all("b") == []


def test_wrong_paths_are_reported(tmp_path, workdir):
    with pytest.raises(UserError, match="is not the work directory of a run"):
        call("report", ["--workdir", str(tmp_path)])
    with pytest.raises(UserError, match="is a folder; give the name of a file"):
        call("report", ["--workdir", str(workdir), "--output", str(tmp_path)])


def test_the_page_goes_where_it_is_asked_to(
    workdir, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(report_page, "render", lambda run: "<!DOCTYPE html>")
    path = tmp_path / "new" / "page.html"
    call("report", ["--workdir", str(workdir), "--output", str(path)])
    assert f"written: {path} (" in capsys.readouterr().out
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_page_elsewhere_is_replaced_only_with_overwrite(
    workdir, tmp_path, monkeypatch
):
    monkeypatch.setattr(report_page, "render", lambda run: "<!DOCTYPE html>")
    path = tmp_path / "page.html"
    path.write_text("mine")
    command = ["--workdir", str(workdir), "--output", str(path)]
    with pytest.raises(UserError, match="page.html is there already"):
        call("report", command)
    assert path.read_text() == "mine"
    call("report", [*command, "--overwrite"])
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    # The run's own page is replaced, however it is called.
    own = str(workdir / "report.html")
    for _ in range(2):
        call("report", ["--workdir", str(workdir), "--output", own])
