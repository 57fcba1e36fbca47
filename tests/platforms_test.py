"""What differs between systems is said where it matters."""

import ast
import pathlib

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "audio_diffstride"
FILES = sorted(PACKAGE.rglob("*.py"))
# Only Linux, or only POSIX, has these. One module may ask for them.
NOT_EVERYWHERE = {
    ("os", "sched_getaffinity"),
    ("os", "sysconf"),
    ("os", "fork"),
    ("os", "geteuid"),
    ("os", "mkfifo"),
    ("signal", "SIGKILL"),
    ("signal", "SIGHUP"),
    ("signal", "SIGPIPE"),
}
MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty"}
ASKS = {"audio/threads.py", "runs/hardware.py"}


def writes_text(call):
    """Whether a call writes text: `open(path, "w")` or `x.write_text(text)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "write_text" and (
            not isinstance(call.func.value, ast.Name)
            or call.func.value.id != "atomic"
        )
    mode = call.args[1] if len(call.args) > 1 else None
    return (
        isinstance(call.func, ast.Name)
        and call.func.id == "open"
        and isinstance(mode, ast.Constant)
        and str(mode.value) in ("w", "a", "x", "w+")
    )


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_text_has_the_same_bytes_on_every_system(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and writes_text(node):
            if ast.unparse(node.args[0]) == "os.devnull":
                continue
            given = {keyword.arg for keyword in node.keywords}
            assert {"newline", "encoding"} <= given, f"line {node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_what_one_system_lacks_is_asked_for_in_one_module(path):
    if path.relative_to(PACKAGE).as_posix() in ASKS:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in NOT_EVERYWHERE
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & MODULES
