"""Garbage is collected as before, but not while Keras loads or at the end."""

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
from audio_diffstride.terminal import garbage
garbage.install()
garbage.install()
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


def run(before, enabled):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before, enabled)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_no_collection_while_keras_loads_and_none_at_the_end():
    run("", True)


def test_who_switched_collections_off_finds_them_off(tmp_path):
    # A module in the place of Keras, which takes seconds to load.
    (tmp_path / "keras.py").write_text("made = [[] for _ in range(200_000)]")
    run(f"sys.path.insert(0, {str(tmp_path)!r}); gc.disable()", False)
