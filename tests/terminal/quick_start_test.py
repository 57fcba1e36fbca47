"""Keras loads without collections and without packages that it can miss."""

import subprocess
import sys

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
{}
quick_start.install()
import keras
loaded = {}
for name in ("matplotlib", "sklearn"):
    assert (name in sys.modules) == (name in loaded), name
import matplotlib, sklearn
"""


def run(program, *values):
    done = subprocess.run(
        [sys.executable, "-c", program.format(*values)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_no_collection_while_keras_loads_and_none_at_the_end():
    run(PROGRAM, "", True)


def test_who_switched_collections_off_finds_them_off():
    run(PROGRAM, "gc.disable()", False)


def test_keras_loads_no_package_that_it_only_wraps():
    run(PACKAGES, "", ())


def test_a_package_that_is_loaded_before_keras_stays():
    run(PACKAGES, "import sklearn", ("sklearn",))
