"""Examples in docstrings and on pages run, and every public name has one."""

import doctest
import importlib
import pathlib

import pytest

import audio_diffstride

ROOT = pathlib.Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("audio_diffstride", "data", "examples", "studies")
    for path in (ROOT / folder).rglob("*.py")
    if path.stem != "__init__"
)
PAGES = sorted(
    path.name
    for path in (ROOT / "docs").glob("*.md")
    if ">>>" in path.read_text()
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    module = importlib.import_module(name)
    failures, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert failures == 0


@pytest.mark.parametrize("name", PAGES)
def test_examples_on_pages_run(name):
    lines = (ROOT / "docs" / name).read_text().splitlines()
    text = "\n".join("" if line[:3] == "```" else line for line in lines)
    page = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    assert doctest.DocTestRunner().run(page).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is_for(name):
    first = importlib.import_module(name).__doc__.splitlines()[0]
    assert first.endswith((".", ":"))
    assert len(first) > 20


def test_public_names_are_importable():
    for name in audio_diffstride.__all__:
        assert getattr(audio_diffstride, name).__doc__


def test_the_package_imports_neither_data_nor_configs():
    for path in (ROOT / "audio_diffstride").rglob("*.py"):
        for line in path.read_text().splitlines():
            words = line.split()
            if words[:1] in (["from"], ["import"]):
                assert words[1].split(".")[0] not in ("data", "configs"), path


def test_layers_and_models_use_keras_alone():
    for folder in ("layers", "models"):
        for path in (ROOT / "audio_diffstride" / folder).rglob("*.py"):
            assert "tensorflow" not in path.read_text(), path
