"""What the source must not do, whatever it is given to read."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[1]
SOURCES = sorted(
    path
    for folder in ("audio_diffstride", "configs", "data", "examples", "studies")
    for path in (ROOT / folder).rglob("*.py")
) + sorted(ROOT.glob("*.py"))

# Modules that run what they read, or let a shell do so.
FORBIDDEN_MODULES = set(
    "pickle cPickle dill cloudpickle joblib shelve marshal yaml code runpy "
    "subprocess ctypes".split()
)
FORBIDDEN_CALLS = set("eval exec compile __import__".split())
# These start git, or this very Python, with arguments of their own making.
MAY_START_PROCESSES = (
    "audio_diffstride/benchmark/commands.py",
    "audio_diffstride/benchmark/devices.py",
    "audio_diffstride/benchmark/large.py",
    "audio_diffstride/benchmark/memory.py",
    "audio_diffstride/benchmark/pipeline.py",
    "audio_diffstride/sweep/running.py",
    "audio_diffstride/runs/provenance.py",
    "audio_diffstride/terminal/quiet_start.py",
)
# module.function
FORBIDDEN_FUNCTIONS = {
    ("os", "system"),
    ("os", "popen"),
    ("tempfile", "mktemp"),
    ("tf", "py_function"),
}
# Methods that write what an archive says where it says.
FORBIDDEN_METHODS = {"extract", "extractall", "unpack_archive"}
FORBIDDEN_KEYWORDS = {
    "allow_pickle": True,
    "safe_mode": False,
    "shell": True,
    "enable_unsafe_deserialization": True,
}


def offences(source: str):
    """Yields what a source does that it must not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        for name in names:
            if name.split(".")[0] in FORBIDDEN_MODULES:
                yield f"import {name}"
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id in FORBIDDEN_CALLS:
            yield function.id
        if isinstance(function, ast.Attribute):
            owner = getattr(function.value, "id", "")
            if (owner, function.attr) in FORBIDDEN_FUNCTIONS:
                yield f"{owner}.{function.attr}"
            if function.attr in FORBIDDEN_METHODS:
                yield function.attr
            if "unsafe_deserialization" in function.attr:
                yield function.attr
        for keyword in node.keywords:
            value = getattr(keyword.value, "value", None)
            if FORBIDDEN_KEYWORDS.get(keyword.arg) is value is not None:
                yield f"{keyword.arg}={value}"


@pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: str(path.relative_to(ROOT))
)
def test_nothing_that_is_read_is_run(path):
    found = list(offences(path.read_text("utf-8")))
    starts = path.relative_to(ROOT).as_posix() in MAY_START_PROCESSES
    assert found == (["import subprocess"] if starts else [])


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from dill import loads",
        "import joblib.parallel",
        "import yaml",
        "eval(x)",
        "exec(x)",
        "np.load(f, allow_pickle=True)",
        "keras.models.load_model(f, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
        "tarfile.open(f).extractall()",
        "os.system(x)",
        "f(x, shell=True)",
    ],
)
def test_the_search_finds_what_it_is_for(source):
    assert len(list(offences(source))) == 1
