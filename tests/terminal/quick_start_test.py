"""Keras loads without collections and without packages that it can miss."""

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, gc, sys
seen = []
def see(phase, about):
    if phase == "start" and not gc.isenabled():
        return  # asked for by a package
    seen.append("keras" in sys.modules)
gc.callbacks.append(see)
from audio_diffstride.terminal import quick_start
quick_start.install()
quick_start.install()
{}
import keras
assert gc.get_freeze_count() > 100_000
assert gc.isenabled() is {}
gc.callbacks.clear()
assert not any(seen), "a collection while Keras loads"
made = [[] for _ in range(1000)]
atexit._run_exitfuncs()
assert len(gc.get_objects()) < len(made), "they would be looked through"
"""


PACKAGES = """
import sys
from audio_diffstride.terminal import quick_start
sys.path.insert(0, {!r})
{}
quick_start.install()
import keras
assert keras.found == {}
import sklearn  # is there again
"""
# In the place of Keras, which takes seconds to load.
LIKE_KERAS = """
found = []
for name in ("matplotlib", "sklearn"):
    try:
        found.append(__import__(name).__name__)
    except ImportError:
        pass
"""


def run(program, *values):
    done = subprocess.run(
        [sys.executable, "-c", program.format(*values)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_keras_loads_without_collections_and_without_packages():
    """And at the end there is nothing to look through."""
    run(PROGRAM + "assert 'sklearn' not in sys.modules", "", True)


def test_who_switched_collections_off_finds_them_off(tmp_path):
    (tmp_path / "keras.py").write_text("made = [[] for _ in range(200_000)]")
    here = f"sys.path.insert(0, {str(tmp_path)!r})"
    run(PROGRAM, f"{here}; gc.disable()", False)


@pytest.mark.parametrize("before", [[], ["sklearn"]])
def test_keras_sees_only_packages_that_are_loaded_already(before, tmp_path):
    (tmp_path / "keras.py").write_text(LIKE_KERAS)
    loaded = "".join(f"import {name}" for name in before)
    run(PACKAGES, str(tmp_path), loaded, before)
