"""What TensorFlow writes while it starts, and what of it is shown."""

import os
import pathlib
import subprocess
import sys
import threading

import pytest

from audio_diffstride.terminal import quiet_start

ROOT = pathlib.Path(__file__).parents[2]
KNOWN = b"""\
WARNING: All log messages before absl::InitializeLog() is called are written \
to STDERR
I0000 00:00:1795295568.228411   23469 port.cc:153] oneDNN custom operations
I0000 00:00:1795295568.228804   23469 cudart_stub.cc:31] Could not find cuda
I0000 00:00:1795295568.576649     469 cpu_feature_guard.cc:227] This TensorFlow
To enable the following instructions: AVX2 FMA, in other operations, rebuild
E0000 00:00:1795295573.404569   23469 cuda_platform.cc:52] failed call to cuInit
E0000 00:00:1795295573.404569   23469 cuda_dnn.cc:8579] Unable to register cuDNN
E0926 21:12:47.404569   23469 cuda_fft.cc:485] Unable to register cuFFT factory
W0000 00:00:1795295573.404569   23469 computation_placer.cc:177] computation \
placer already registered
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
fully_quantize: 0, inference_type: 6, input_inference_type: FLOAT32
"""
OTHERS = b"""\
warning: two recordings are equal
E0000 00:00:1795295573.404569   23469 bfc_allocator.cc:52] out of memory
F0000 00:00:1795295573.404569   23469 cpu_feature_guard.cc:52] AVX is missing
 I0000 00:00:1795295568.228411   23469 port.cc:153] quoted
Traceback (most recent call last):

ImportError: no such file
"""
# A package of this name, which writes as TensorFlow does.
FAKE = f"""
import os
os.write(2, {KNOWN!r})
class config:
    def list_physical_devices():
        os.write(2, {KNOWN + b"devices" + bytes([10])!r})
"""


def python(code, folder=ROOT, **environment):
    """What a new process prints on stderr, and its exit status."""
    path = os.pathsep.join([str(folder), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
    )
    return done.stderr, done.returncode


def test_known_lines_are_dropped_and_others_keep_their_order(capfd):
    lines = [*KNOWN.splitlines(True), *OTHERS.splitlines(True)]
    with quiet_start.filtered():
        os.write(2, b"".join(lines[::2] + lines[1::2]))
        os.write(2, b"a line without an end")
    os.write(2, b"\n" + KNOWN)
    others = OTHERS.splitlines(True)
    shown = b"".join(
        line for line in lines[::2] + lines[1::2] if line in others
    )
    printed = capfd.readouterr().err.encode()
    assert printed == shown + b"a line without an end\n" + KNOWN


def test_overlapping_threads_leave_the_descriptor_as_it_was(capfd):
    before = os.fstat(2).st_ino
    inside, outside = threading.Event(), threading.Event()

    def first():
        with quiet_start.filtered():
            inside.set()
            outside.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    with quiet_start.filtered():  # still inside when the first one ends
        outside.set()
        thread.join()
    assert os.fstat(2).st_ino == before
    os.write(2, b"shown")
    assert capfd.readouterr().err == "shown"


def test_an_exception_passes_and_the_descriptor_is_restored(capfd):
    with pytest.raises(ValueError), quiet_start.filtered():
        os.write(2, KNOWN + b"before it\n")
        raise ValueError
    os.write(2, b"after it\n")
    assert capfd.readouterr().err == "before it\nafter it\n"


def test_the_last_words_of_a_crash_are_shown():
    code = (
        "import os\nfrom audio_diffstride.terminal import quiet_start\n"
        f"with quiet_start.filtered():\n    os.write(2, {KNOWN!r})\n"
        "    os.write(2, b'last words')\n    os.abort()\n"
    )
    printed, status = python(code)
    assert (printed, status) == (b"last words", -6)


def test_a_file_that_took_the_place_of_stderr_is_not_written(tmp_path):
    path = tmp_path / "file"
    code = (
        "import os\nfrom audio_diffstride.terminal import quiet_start\n"
        f"file = os.open({str(path)!r}, os.O_WRONLY | os.O_CREAT)\n"
        "assert file == 2\n"
        "with quiet_start.filtered():\n    os.write(2, b'content')\n"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize(
    ("backend", "shown"), [("tensorflow", b"devices\n"), ("jax", b"")]
)
def test_tensorflow_is_imported_and_lists_its_devices_quietly(
    backend, shown, tmp_path
):
    (tmp_path / "tensorflow.py").write_text(FAKE)
    code = (
        "import importlib.util, logging, os, sys\n"
        "from audio_diffstride.terminal import quiet_start\n"
        "for level in ('0', '1', '2', '3', 'x', ''):\n"
        "    os.environ['TF_CPP_MIN_LOG_LEVEL'] = level\n"
        "    quiet_start.install()\n"
        "    wanted = '3' if level == '3' else '2'\n"
        "    assert os.environ['TF_CPP_MIN_LOG_LEVEL'] == wanted\n"
        "assert importlib.util.find_spec('tensorflow')\n"  # imports nothing
        "assert 'tensorflow' not in sys.modules\n"
        "import tensorflow\n"
        "assert tensorflow.__file__ and tensorflow.config\n"
        "logging.getLogger('tensorflow').warning('retracing')\n"
    )
    printed = python(code, tmp_path, KERAS_BACKEND=backend)
    assert printed == (shown, 0)


def test_why_tensorflow_cannot_be_imported_is_shown(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        f"{FAKE}os.write(2, b'a library is missing')\nraise ImportError('why')"
    )
    code = (
        "from audio_diffstride.terminal import quiet_start\n"
        "quiet_start.install()\nimport tensorflow\n"
    )
    printed, status = python(code, tmp_path)
    assert status == 1
    assert printed.startswith(b"a library is missingTraceback")
    assert printed.endswith(b"ImportError: why\n")
