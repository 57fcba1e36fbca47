"""The page that listens, without a browser: what is in it, and what is not."""

import base64
import hashlib
import html.parser
import json
import re

import numpy as np
import onnxruntime
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.export import documents, freezing, metadata
from audio_diffstride.export.web import (
    packing,
    page,
    probe,
    runtime,
    scripts,
    writing,
)
from audio_diffstride.predict import model_sources
from audio_diffstride.report import spectrograms
from tests.support import random_classifier

EVIL = '</script><img src=x onerror="alert(1)">&amp;{{ 1 }}'
CARD = [documents.Heading(EVIL), documents.Table([EVIL], [[EVIL]])]
SAMPLES = 5000


@pytest.fixture(scope="module", autouse=True)
def without_runtime():
    """Packing it takes seconds, and here nothing runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "binary", lambda: b"runtime")
        yield


@pytest.fixture(scope="module")
def model():
    return random_classifier.build()


@pytest.fixture(scope="module")
def written(model, tmp_path_factory):
    return write(model, tmp_path_factory.mktemp("page") / "listen.html")


def write(model, path):
    about = metadata.describe(model, SAMPLES, "web")
    network = freezing.freeze_network(model, SAMPLES)
    writing.write(model, network, about, CARD, path)
    return path


class Elements(html.parser.HTMLParser):
    """Tags with their attributes, and the texts of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, text):
        if self.tags and self.tags[-1][0] in ("script", "style"):
            tag, attributes = self.tags[-1]
            key = attributes.get("id") or attributes.get("type") or tag
            self.texts.setdefault(key, text)

    @property
    def policy(self):
        (content,) = [
            attributes["content"]
            for tag, attributes in self.tags
            if attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        return {
            name: set(values)
            for name, *values in (part.split() for part in content.split(";"))
        }


def digest(text):
    content = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(content).decode()}'"


def test_the_policy_allows_the_page_itself_and_no_connection(written):
    elements = Elements(written.read_text("utf-8"))
    assert elements.policy == {
        "default-src": {"'none'"},
        "script-src": {
            digest(elements.texts["module"]),
            "'wasm-unsafe-eval'",
            "data:",
        },
        "worker-src": {"blob:"},
        "style-src": {digest(elements.texts["style"])},
        "base-uri": {"'none'"},
        "form-action": {"'none'"},
    }


def test_the_page_names_no_file_and_no_inline_handler(written):
    for tag, attributes in Elements(written.read_text("utf-8")).tags:
        assert not {"src", "style"} & {*attributes}, tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert attributes.get("href", "https://onnxruntime.ai") == (
            "https://onnxruntime.ai"
        )


def test_names_stay_text(model):
    about = {
        **metadata.describe(model, SAMPLES, "web"),
        "tasks": {"a": [EVIL, "b"]},
        "pictures": ["picture:0"],
    }
    text = page.render(about, CARD, b"network")
    elements = Elements(text)
    assert "img" not in {tag for tag, _ in elements.tags}
    assert json.loads(elements.texts["about"]) == about


def test_equal_models_give_equal_pages(model, written, tmp_path):
    write(model, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == written.read_bytes()


def test_the_page_is_a_model(model, written):
    source = model_sources.from_file(written)
    assert source.class_names == random_classifier.TASKS
    about = json.loads(Elements(written.read_text("utf-8")).texts["about"])
    noise = probe.noise(SAMPLES)
    logits = model.predict_on_batch(noise[None])
    for task, values in about["probe"].items():
        np.testing.assert_allclose(values, logits[task][0], atol=1e-5)


@pytest.mark.parametrize("downsampling", ["diffstride", "max_pool"])
def test_the_pictures_are_what_the_downsampling_leaves(downsampling, tmp_path):
    model = random_classifier.build(downsampling=downsampling)
    write(model, tmp_path / "a.html")
    session = onnxruntime.InferenceSession(
        packing.find(tmp_path / "a.html", packing.NETWORK)
    )
    x = np.random.default_rng(0).normal(0, 0.1, (1, SAMPLES))
    x = x.astype(np.float32)
    details = json.loads(
        Elements((tmp_path / "a.html").read_text("utf-8")).texts["about"]
    )
    found = session.run(details["pictures"], {"waveform": x})
    log_mel = np.array(model.front_end(x))[0, :, :, 0]
    heard = 1 - log_mel / np.log(model.front_end.log_offset)
    expected = [heard, *spectrograms.downsample(model, heard)]
    assert len(found) == len(expected) == 3
    for mine, values in zip(found, expected):
        np.testing.assert_allclose(mine[0, 0], values, atol=1e-3)


def test_without_filters_there_is_one_picture(tmp_path):
    model = random_classifier.build(downsampling="strided_conv")
    write(model, tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text("utf-8")
    assert json.loads(Elements(text).texts["about"])["pictures"] == [
        "picture:0"
    ]
    assert 'id="stage"' not in text


@pytest.mark.parametrize("letter", ["A", "<"])
def test_pages_without_a_network_are_reported(letter, written, tmp_path):
    path = tmp_path / "page.html"
    text = written.read_text("utf-8").replace(letter, "%")
    path.write_text(text, "utf-8")
    with pytest.raises(UserError, match="page.html holds no network; give a"):
        model_sources.from_file(path)


@pytest.mark.parametrize(
    "name", [scripts.PAGE, scripts.WORKER, scripts.CAPTURE]
)
def test_modules_of_a_script_share_no_names(name):
    text = scripts.read(name)
    names = re.findall(
        r"^(?:async )?(?:const|let|class|function\*?) (\w+)", text, re.MULTILINE
    )
    assert len(names) == len(set(names)) > 0
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)
    assert "</script" not in text and "<!--" not in text


def test_every_module_is_in_a_script():
    texts = "".join(
        scripts.read(name)
        for name in (scripts.PAGE, scripts.WORKER, scripts.CAPTURE)
    )
    for path in scripts.FOLDER.glob("*.js"):
        first = path.read_text("utf-8").splitlines()[0]
        assert first in texts, path


def test_the_runtime_defines_what_the_worker_uses():
    script = runtime.script()
    assert "import.meta" not in script
    for name in ("InferenceSession", "Tensor", "env"):
        assert re.search(rf"\b{name}:\w+", script[script.rindex("return{") :])
    assert runtime.VERSION in script[:200]
    assert "Microsoft" in runtime.licence()
