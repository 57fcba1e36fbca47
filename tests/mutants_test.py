"""The script that changes the code, and its list of changes without effect."""

import importlib.util
import pathlib
import tomllib

import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def mutants():
    path = ROOT / ".ci" / "mutants.py"
    spec = importlib.util.spec_from_file_location("mutants", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_mutant_differs_in_one_statement(mutants):
    source = (
        "def f(x: int = 3):\n"
        "    if x < 2:\n"
        "        return (x +\n"
        "                1)\n"
        "    return True\n"
    )
    found = [*mutants.mutants(source)]
    assert {row[1:3] for row in found} == {
        ("def f(x: int=3):", "def f(x: int=4):"),
        ("if x < 2:", "if not x < 2:"),
        ("if x < 2:", "if x <= 2:"),
        ("if x < 2:", "if x < 3:"),
        ("return x + 1", "return x - 1"),
        ("return x + 1", "return x + 2"),
        ("return True", "return False"),
    }
    for _, before, after, text in found:
        assert before not in text.splitlines() and after in text
        compile(text, "mutant", "exec")


def test_each_module_has_tests(mutants):
    for module, tests in mutants.TESTED.items():
        assert (ROOT / mutants.PACKAGE / module).is_file()
        assert all((ROOT / "tests" / name).exists() for name in tests.split())


def test_what_is_listed_as_without_effect_is_a_mutant_and_has_a_reason(mutants):
    """A statement that changes makes its entry stale: it would hide others."""
    listed = tomllib.loads(mutants.EQUIVALENT.read_text("utf-8"))["mutant"]
    for row in listed:
        assert row["why"] and row["module"] in mutants.TESTED
    for module in {row["module"] for row in listed}:
        source = (ROOT / mutants.PACKAGE / module).read_text("utf-8")
        found = [*mutants.mutants(source)]
        few = mutants._equivalent(module, found)
        assert len(few) == sum(row["module"] == module for row in listed)
