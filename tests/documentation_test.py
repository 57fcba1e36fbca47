"""Examples in docstrings and on pages run, and pages name what exists."""

import doctest
import functools
import importlib
import importlib.util
import pathlib
import re
import shlex

import pytest

import audio_diffstride
from audio_diffstride.__main__ import COMMANDS
from audio_diffstride.config import config_fields, config_files
from docs.hooks import commands, docstrings

ROOT = pathlib.Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("audio_diffstride", "data", "docs", "examples", "studies")
    for path in (ROOT / folder).rglob("*.py")
    if path.stem != "__init__"
    and "import griffe" not in path.read_text()  # comes with the extra docs
)
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
}
READMES = [
    str(path.relative_to(ROOT))
    for folder in ("data", "examples", "studies")
    for path in sorted((ROOT / folder).rglob("README.md"))
]
# Commands of a checkout, by the subcommand that takes the same flags.
SCRIPTS = {"train.py": "train", "evaluate.py": "evaluate"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    module = importlib.import_module(name)
    failures, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert failures == 0


@pytest.mark.parametrize(
    "name", [name for name, text in PAGES.items() if ">>>" in text]
)
def test_examples_on_pages_run(name):
    lines = PAGES[name].splitlines()
    text = "\n".join("" if line[:3] == "```" else line for line in lines)
    page = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    assert doctest.DocTestRunner().run(page).failed == 0


def test_the_pages_with_examples_are_found():
    assert ">>>" in PAGES["docs/why/striding.md"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_is_for(name):
    first = importlib.import_module(name).__doc__.splitlines()[0]
    assert first.endswith((".", ":"))
    assert len(first) > 20


def test_public_names_are_importable():
    for name in audio_diffstride.__all__:
        assert getattr(audio_diffstride, name).__doc__


@pytest.mark.parametrize(
    "name", [name for name in PAGES if name.startswith("docs/reference")]
)
def test_what_the_reference_shows_has_docstrings(name):
    for found in docstrings.documented(PAGES[name]):
        assert docstrings.without_docstring(found) == []


def test_the_reference_has_every_public_name():
    shown = {
        found.rpartition(".")[2]
        for text in PAGES.values()
        for found in docstrings.documented(text)
    }
    assert {*audio_diffstride.__all__} <= shown


@pytest.mark.parametrize("name", [*PAGES, *READMES])
def test_what_a_page_links_to_exists(name):
    """Also outside the site, whose build checks its own links."""
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://")):
            assert ((ROOT / name).parent / target).exists(), target


SITE = [
    name
    for name in PAGES
    if name.startswith("docs/") or name == "CHANGELOG.md"  # a page shows it
]


@pytest.mark.parametrize("name", SITE)
def test_a_page_of_the_site_links_only_into_the_site(name):
    """`make docs` refuses other links. This finds them sooner."""
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", PAGES[name]):
        if not target.startswith(("http://", "https://")):
            assert name != "CHANGELOG.md", target
            assert (folder / target).resolve().is_relative_to(ROOT / "docs")


def code_of(text: str) -> list[str]:
    """The lines of code on a page: of its blocks, and inline."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`]+)`", prose)
    blocks = [block.replace("\\\n", " ") for block in blocks]
    lines = [line for block in blocks for line in block.splitlines()]
    return lines + [" ".join(span.split()) for span in inline]


def commands_in(line: str) -> list[tuple[str, list[str]]]:
    """The subcommands that a line of code calls, each with its words.

    >>> commands_in("KERAS_BACKEND=jax audio-diffstride report --workdir a # x")
    [('report', ['--workdir', 'a'])]
    >>> commands_in("srun python train.py --workdir=a")
    [('train', ['--workdir=a'])]
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # an apostrophe: text, or code of another language
        return []
    for index, word in enumerate(words):
        before = words[max(index - 2, 0) : index]
        rest = words[index + 1 :]
        if word == "audio-diffstride" or (
            word == "audio_diffstride" and before == ["python", "-m"]
        ):
            return [(rest[0], rest[1:])] if rest else []
        if word in SCRIPTS and before[-1:] == ["python"]:
            return [(SCRIPTS[word], rest)]
    return []


@functools.cache
def flags_of(name: str) -> set[str]:
    """The flags of a subcommand."""
    return {*commands.parser_of(name)._option_string_actions}


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_exist(name):
    for line in code_of(PAGES[name]):
        for command, words in commands_in(line):
            if command in ("COMMAND", "NAME") or command.startswith("-"):
                continue
            assert command in COMMANDS, line
            given = {word.partition("=")[0] for word in words}
            flags = {word for word in given if word.startswith("--")}
            assert flags <= flags_of(command), line


def test_commands_are_found_in_pages():
    found = {
        command
        for text in PAGES.values()
        for line in code_of(text)
        for command, _ in commands_in(line)
    }
    assert {*COMMANDS} <= found


@pytest.mark.parametrize(
    "name", [name for name in PAGES if name != "CHANGELOG.md"]
)
def test_the_modules_that_a_page_runs_exist(name):
    for line in code_of(PAGES[name]):
        for module in re.findall(r"python -m ([\w.]+)", line):
            assert importlib.util.find_spec(module), line


@pytest.mark.parametrize("name", PAGES)
def test_the_fields_and_configs_of_a_page_exist(name):
    for line in code_of(PAGES[name]):
        for field in re.findall(r"--config\.([\w.]+)", line):
            assert field == "FIELD" or field in config_fields.FIELDS, line
        for file in re.findall(r"--config[= ]([\w/]+)(?:\.py)?(?![\w.])", line):
            if file.startswith("configs/"):
                assert (ROOT / f"{file}.py").exists(), line
            elif not file.startswith("runs/") and file != "FILE":
                assert file in config_files.RECIPES, line


@pytest.mark.parametrize(
    "page",
    [
        "Write `audio-diffstride reprot --workdir a`.",
        "Write `python train.py --wrkdir=a`.",
        "```sh\naudio-diffstride train --data a \\\n    --wrkdir b  # all\n```",
        "```\n$ KERAS_BACKEND=jax audio-diffstride cutoffs --bnads 64\n```",
    ],
)
def test_a_wrong_command_on_a_page_is_found(page, monkeypatch):
    monkeypatch.setitem(PAGES, "page", page)
    with pytest.raises(AssertionError):
        test_the_commands_of_a_page_exist("page")


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
