"""Do the tests bite? Changes the code in small ways, and runs its tests.

    .venv/bin/python .ci/mutants.py --output mutants.csv
    .venv/bin/python .ci/mutants.py --only evaluation/metrics.py --sample 50

A mutant is the package with one change, such as `<` in place of `<=`. Tests
that still pass have let it survive. Each module of `TESTED` has the tests that
must kill its mutants. The sample is drawn by --seed, from all modules alike.
The same --output continues where it stopped.

A mutant that does the same as the code, such as one of a cache's size, cannot
be killed. equivalent_mutants.toml lists them with the reason. They are not run.
"""

from __future__ import annotations

import argparse
import ast
import copy
import csv
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = "audio_diffstride"
EQUIVALENT = ROOT / ".ci" / "equivalent_mutants.toml"
# {module: test files that must kill its mutants}
TESTED = {
    "layers/spectral.py": "layers/spectral_test.py "
    "layers/spectral_properties_test.py "
    "layers/spectral_pooling_test.py layers/folding_test.py "
    "layers/diffstride_test.py",
    "layers/diffstride.py": "layers/layer_sizes_test.py "
    "layers/diffstride_test.py layers/folding_test.py",
    "layers/axis_products.py": "layers/axis_products_test.py",
    "layers/folding.py": "layers/folding_test.py",
    "layers/folding_resampling.py": "layers/folding_test.py "
    "layers/diffstride_test.py",
    "layers/stride_bounds.py": "layers/diffstride_test.py",
    "datasets/windows.py": "datasets/windows_test.py datasets/augmentation "
    "datasets/shares_test.py datasets/windows_properties_test.py",
    "datasets/balance.py": "datasets/balance_test.py",
    "recordings/splits.py": "recordings/splits_test.py",
    "evaluation/bootstrap.py": "evaluation/bootstrap_test.py "
    "evaluation/resamples_test.py",
    "evaluation/metrics.py": "evaluation/metrics_test.py",
    "evaluation/pooling.py": "evaluation/pooling_test.py",
    "evaluation/shared_recordings.py": "evaluation/shared_recordings_test.py",
    "predict/journal.py": "predict/journal_test.py",
    "predict/streams.py": "predict/streams_test.py",
    "predict/windowing.py": "predict/windowing_test.py",
    "predict/detections.py": "predict/detections_test.py",
    "training/checkpoints.py": "training/checkpoints_test.py",
    "calibration/thresholds.py": "calibration/thresholds_test.py",
    "calibration/temperature.py": "calibration/temperature_test.py",
    "calibration/reliability.py": "calibration/reliability_test.py",
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
}
_COLUMNS = ("module", "line", "number", "before", "after", "outcome")


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """The small changes of one node of the syntax tree."""
    changed = copy.deepcopy(node)
    match changed:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            changed.ops = [_COMPARISONS[type(op)]()]
        case ast.BinOp(op=op) if type(op) in _OPERATIONS:
            changed.op = _OPERATIONS[type(op)]()
        case ast.BoolOp(op=op):
            changed.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            changed = operand
        case ast.Constant(value=bool(value)):
            changed.value = not value
        case ast.Constant(value=int(value) | float(value)):
            changed.value = value + 1
        case ast.If(test=test) | ast.IfExp(test=test):
            changed.test = ast.UnaryOp(ast.Not(), test)
        case _:
            return
    yield changed


def mutants(source: str) -> Iterator[tuple[int, str, str, str]]:
    """Yields line, before, after, and the whole source of each mutant.

    Before and after are the statement that differs, on one line.
    """
    tree = ast.parse(source)
    unchanged = ast.unparse(tree)
    skipped = {id(each) for each in _skipped(tree)}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            values = value if isinstance(value, list) else [value]
            for place, node in enumerate(values):
                if not isinstance(node, ast.AST) or id(node) in skipped:
                    continue
                for changed in changes(node):
                    ast.copy_location(changed, node)
                    _put(parent, field, value, place, changed)
                    text = ast.unparse(ast.fix_missing_locations(tree))
                    _put(parent, field, value, place, node)
                    line = getattr(node, "lineno", 0)
                    yield line, *_difference(unchanged, text), text


def _put(
    parent: ast.AST, field: str, value: object, place: int, node: ast.AST
) -> None:
    if isinstance(value, list):
        value[place] = node
    else:
        setattr(parent, field, node)


def _skipped(tree: ast.AST) -> Iterator[ast.AST]:
    """What only type checkers and readers look at."""
    for node in ast.walk(tree):
        for field in ("annotation", "returns", "decorator_list"):
            value = getattr(node, field, None) or []
            for each in value if isinstance(value, list) else [value]:
                yield from ast.walk(each)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(
            node.test
        ):
            yield from ast.walk(node)


def _difference(one: str, other: str) -> tuple[str, str]:
    """The first line of each text that differs: statements are never broken."""
    lines = zip(one.splitlines(), other.splitlines())
    before, after = next(pair for pair in lines if pair[0] != pair[1])
    return before.strip(), after.strip()


def outcome(root: pathlib.Path, tests: str, limit_s: int) -> str:
    """killed, survived, or timeout: of the tests, in a process of its own."""
    child = os.fork()
    if not child:
        os.setsid()
        os.chdir(root)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        sys.path.insert(0, str(root))
        import pytest

        options = ["-x", "-q", "-p", "no:cacheprovider"]
        files = [f"tests/{file}" for file in tests.split()]
        os._exit(pytest.main([*options, *files]))
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(limit_s)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    if os.WIFSIGNALED(status):
        return "timeout"
    return "killed" if os.WEXITSTATUS(status) else "survived"


def main() -> None:
    """Makes mutants, runs the tests of each, and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=TESTED, default=[*TESTED])
    parser.add_argument("--sample", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit_s", type=int, default=300)
    parser.add_argument("--output", default="mutants.csv")
    args = parser.parse_args()
    every = []
    for module in args.only:
        source = (ROOT / PACKAGE / module).read_text("utf-8")
        found = [*mutants(source)]
        equivalent = _equivalent(module, found)
        every += [
            (module, number, *mutant)
            for number, mutant in enumerate(found)
            if number not in equivalent
        ]
    sample = random.Random(args.seed).sample(
        every, min(args.sample, len(every))
    )
    output = pathlib.Path(args.output)
    rows = []
    if output.exists():
        with open(output, newline="", encoding="utf-8") as file:
            rows = [*csv.DictReader(file)]
    done = {(row["module"], int(row["number"])) for row in rows}
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    _import_libraries()
    with tempfile.TemporaryDirectory() as folder:
        root = _copy(pathlib.Path(folder) / "checkout")
        for tests in {TESTED[module] for module in args.only}:
            if outcome(root, tests, args.limit_s) != "survived":
                raise SystemExit(f"tests/{tests} fail without any change")
        for module, number, line, before, after, text in sorted(sample):
            if (module, number) in done:
                continue
            path = root / PACKAGE / module
            original = path.read_text("utf-8")
            path.write_text(text, "utf-8")
            result = outcome(root, TESTED[module], args.limit_s)
            path.write_text(original, "utf-8")
            values = (module, line, number, before, after, result)
            rows.append(dict(zip(_COLUMNS, values)))
            with open(output, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, _COLUMNS)
                writer.writeheader()
                writer.writerows(rows)
    _print(rows)


def _equivalent(
    module: str, found: list[tuple[int, str, str, str]]
) -> set[int]:
    """The numbers of the mutants of a module that are listed to do the same."""
    numbers = set()
    with open(EQUIVALENT, "rb") as file:
        listed = tomllib.load(file)["mutant"]
    for one in (row for row in listed if row["module"] == module):
        same = {
            number
            for number, (_, before, after, _) in enumerate(found)
            if before.replace(one["before"], one["after"], 1) == after
        }
        if not same:
            raise SystemExit(f"{EQUIVALENT}: {one} is no mutant any more")
        numbers |= same
    return numbers


def _import_libraries() -> None:
    """So that each child, a fork, need not. The package itself is not."""
    import keras
    import scipy.signal
    import sklearn.metrics

    assert keras and scipy and sklearn
    assert PACKAGE not in sys.modules


def _copy(root: pathlib.Path) -> pathlib.Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    return root


def _print(rows: list[dict]) -> None:
    for module in [*dict.fromkeys(row["module"] for row in rows), ""]:
        some = [r for r in rows if module in ("", r["module"])]
        killed = sum(r["outcome"] != "survived" for r in some)
        share = f"{killed} of {len(some)} killed, {killed / len(some):.0%}"
        print(f"{module or 'all'}: {share}")
    for row in rows:
        if row["outcome"] == "survived":
            where = f"{row['module']}:{row['line']}"
            before, after = _shortened(row["before"], row["after"])
            print(f"survived {where}: {before} -> {after}")


def _shortened(before: str, after: str) -> tuple[str, str]:
    """The part of two statements that differs, and some of what is around."""
    first = len(os.path.commonprefix([before, after]))
    begin = max(0, first - 40)
    return before[begin : first + 40], after[begin : first + 40]


if __name__ == "__main__":
    main()
