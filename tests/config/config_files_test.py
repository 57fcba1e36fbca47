"""Configs from Python files and from JSON: what is wrong is one sentence."""

import copy
import json
import math
import pathlib
import random
import re

import pytest

from audio_diffstride.config import config_fields, config_files
from audio_diffstride.errors import UserError
from configs import default

ROOT = pathlib.Path(__file__).parents[2]
CONFIGS = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "configs").glob("*.py")
    if path.stem != "__init__"
)
OF_OWN_RECORDINGS = tuple(
    f"configs/{name}.py"
    for name in ("audio_files", "study", "esc10", "esc50", "urbansound8k")
)


def nested():
    return json.loads(default.get_config("small").to_json_best_effort())


def error_of(file, overrides=None) -> str:
    """The error message for a file."""
    with pytest.raises(UserError) as error:
        config_files.load(str(file), overrides)
    sentence = str(error.value)
    assert "\n" not in sentence and len(sentence) < 400, sentence
    return sentence


@pytest.mark.parametrize("variant", ["", ":small"])
@pytest.mark.parametrize("name", CONFIGS)
def test_every_config_of_the_project_is_allowed(name, variant, monkeypatch):
    monkeypatch.chdir(ROOT)
    own = {"data.path": "birds"} if name in OF_OWN_RECORDINGS else {}
    config_files.load(name + variant, own)


def test_a_config_survives_json_unchanged(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    config = config_files.load("configs/multitask.py:small")
    path = tmp_path / "config.json"
    path.write_text(config.to_json_best_effort(indent=2))
    again = config_files.load(str(path))
    assert again.to_dict() == config.to_dict()
    assert again.to_json_best_effort() == config.to_json_best_effort()
    assert again.is_locked
    changed = config_files.load(str(path), {"model.width": "0.5", "seed": "3"})
    assert (changed.model.width, changed.seed) == (0.5, 3)
    changed = changed.copy_and_resolve_references()
    with changed.unlocked():
        changed.model.width, changed.seed = config.model.width, config.seed
    assert changed.to_dict() == config.to_dict()


RATE, MAX_HZ = "front_end.sample_rate_hz", "front_end.max_hz"


@pytest.mark.parametrize("file", ["recordings:small", "configs/quickstart.py"])
@pytest.mark.parametrize(
    "rate_hz, edge_hz",
    [(16000, 7800), (44100, 21498.75), (8000, 3900), (256000, 124800)],
)
def test_the_band_of_a_recipe_follows_the_rate(
    file, rate_hz, edge_hz, monkeypatch
):
    monkeypatch.chdir(ROOT)
    own = {"data.path": "birds"} if file.startswith("rec") else {}
    config = config_files.load(file, own | {RATE: str(rate_hz)})
    assert config.front_end.max_hz == edge_hz
    assert f'"max_hz": {float(edge_hz)}' in config.to_json_best_effort()
    own |= {RATE: str(rate_hz), MAX_HZ: "3000"}
    assert config_files.load(file, own).front_end.max_hz == 3000


SETS_BOTH = """
from configs import default
def get_config():
    config = default.get_config()
    config.front_end.max_hz = 4000.0
    config.front_end.sample_rate_hz = 44100
    return config
"""


def test_a_band_that_is_set_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    path = tmp_path / "own.py"
    path.write_text(SETS_BOTH)
    assert config_files.load(str(path)).front_end.max_hz == 4000
    path.write_text(SETS_BOTH.replace("config.front_end.max_hz = 4000.0", ""))
    assert config_files.load(str(path)).front_end.max_hz == 21498.75
    config = config_files.load(str(path), {RATE: "22050"})
    assert config.front_end.max_hz == 10749.375
    # The numbers of a run's config stay, whatever flags set.
    stored = tmp_path / "config.json"
    stored.write_text(config.to_json_best_effort())
    again = config_files.load(str(stored), {RATE: "48000"})
    assert again.front_end.max_hz == 10749.375


def test_the_documented_rates_are_allowed():
    text = (ROOT / "docs" / "howto" / "configs.md").read_text("utf-8")
    section = text.partition("## Sample rate and band")[2].partition("\n## ")[0]
    commands = re.findall(r"^\| [^|]+ \| `(--config[^|]+)` \|", section, re.M)
    assert len(commands) == 3
    for command in commands:
        flags = [flag.split("=") for flag in command.split("--config.")[1:]]
        fields = {name: value.strip("` ") for name, value in flags}
        config = config_files.load("recordings", fields | {"data.path": "x"})
        rate_hz = config.front_end.sample_rate_hz
        assert config.front_end.max_hz == pytest.approx(0.4875 * rate_hz)


PYTHON = [
    ("syntax error", "def get_config(:\n", "fails: invalid syntax"),
    ("no function", "x = 1\n", "has no function get_config"),
    ("raises", "def get_config():\n  1 / 0\n", r"zero \(ZeroDivisionError"),
    ("raises nothing to say", "raise KeyError()\n", "fails: KeyError"),
    ("exits", "import sys\nsys.exit(0)\n", r"fails: 0 \(SystemExit"),
    ("imports what is not there", "import nosuch\n", "No module named"),
    ("gives nothing", "def get_config():\n  pass\n", "gives NoneType, not"),
    ("gives a list", "get_config = list\n", "gives list, not the fields"),
    ("gives no fields", "get_config = dict\n", "has no field seed; it must"),
    ("no callable", "get_config = 3\n", "fails: 'int' object is not callable"),
    ("null byte", "\0\n", "fails: source code"),
]


@pytest.mark.parametrize(
    "text, message", [c[1:] for c in PYTHON], ids=[c[0] for c in PYTHON]
)
def test_a_python_file_that_fails_is_an_error(text, message, tmp_path):
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        config_files.load(str(path))
    assert error_of(path).startswith(str(path))


def json_cases():
    """(name, text, part of the error message)."""
    good = nested()
    unknown = copy.deepcopy(good)
    unknown["model"]["widht"] = 1
    missing = copy.deepcopy(good)
    del missing["training"]["schedule"]
    code = copy.deepcopy(good)
    code["seed"] = "__import__('os').system('touch marker')"
    return [
        ("empty", "", "is damaged: Expecting value"),
        ("cut off", json.dumps(good)[:300], "is damaged"),
        ("no object", "[1, 2]", "gives list, not the fields"),
        ("null", "null", "gives NoneType"),
        ("empty object", "{}", "has no field seed"),
        ("a field unknown", json.dumps(unknown), "no field model.widht; did"),
        ("a field missing", json.dumps(missing), "no field training.schedule"),
        ("twice", '{"seed": 1, "seed": 2}', "'seed' is there twice"),
        ("deep", "[" * 100_000, "is damaged"),
        ("digits", '{"seed": ' + "9" * 5000 + "}", "is damaged"),
        ("mark", "\ufeff{}", "is damaged"),
        ("code", json.dumps(code), "seed is \"__import__('os')"),
        ("nan", json.dumps(good | {"window_s": math.nan}), "window_s is nan"),
    ]


@pytest.mark.parametrize(
    "text, message",
    [c[1:] for c in json_cases()],
    ids=[c[0] for c in json_cases()],
)
def test_a_json_file_without_a_config_is_an_error(
    text, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = pathlib.Path("config.json")
    path.write_text(text)
    assert message in error_of(path)
    assert list(tmp_path.iterdir()) == [tmp_path / path]  # nothing was run


@pytest.mark.parametrize(
    "file, message",
    [
        ("nowhere.py", "--config nowhere.py does not exist"),
        ("nowhere.json", "--config nowhere.json does not exist"),
        ("nowhere.py:small", "--config nowhere.py does not exist"),
        ("folder", "--config is 'folder', but must be a .py"),
        ("folder.py", "folder.py fails: "),
        ("folder.json", "folder.json cannot be read: Is a directory"),
        ("config.json:small", "but must be a .py"),
        ("config.yaml", "but must be a .py"),
        ("", "--config is '', but must be a .py"),
        ("bytes.json", "bytes.json is damaged: it is not UTF-8"),
        ("default.py:smal", "default.py fails: the only variant is :small"),
    ],
)
def test_a_missing_or_unreadable_file_is_an_error(
    file, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("folder", "folder.py", "folder.json"):
        pathlib.Path(name).mkdir()
    pathlib.Path("bytes.json").write_bytes(b"\xff\xfe{}")
    pathlib.Path("config.json").write_text(json.dumps(nested()))
    source = (ROOT / "configs" / "default.py").read_text()
    pathlib.Path("default.py").write_text(source)
    assert message in error_of(file)


def test_flags_are_checked_before_the_file_is_read():
    sentence = error_of("nowhere.py", {"model.width": "abc"})
    assert sentence.startswith("the flags: model.width is 'abc', but must be")


VALUES = (
    *(None, True, False, 0, 1, -1, 2**31, 10**30, 0.5, -0.0, 1e-300, 1e300),
    *(math.nan, math.inf, "", "a", "\0", "1", "\udcff", "x" * 1000),
    *([], [1], [[2, 2]], {}, {"seed": 1}, [[[[]]]], [None, True]),
)


def mutated(rng):
    """The bytes of a config with one to three random changes."""

    def value():  # a copy: a later change may reach into it
        return copy.deepcopy(rng.choice(VALUES))

    content = nested()
    for _ in range(rng.randint(1, 3)):
        section = content
        name = rng.choice([*config_fields.FIELDS])
        for part in name.split(".")[:-1]:
            inner = section.get(part)
            section = inner if isinstance(inner, dict) else section
        key = name.split(".")[-1]
        what = rng.randrange(8)
        if what == 0:
            section.pop(key, None)
        elif what == 1:
            section[key + rng.choice("xyz.")] = value()
        elif what == 2 and isinstance(section.get(key), list):
            section[key] = section[key] + [value()]
        elif what == 3:
            content[name.split(".")[0]] = value()
        elif what == 4:
            section[key] = value()
        elif isinstance(section.get(key), (int, float)):
            section[key] *= rng.choice([0.5, 2, 2.0])
    data = bytearray(json.dumps(content).encode())
    if rng.random() < 0.3:
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    if rng.random() < 0.1:
        del data[rng.randrange(len(data)) :]
    return bytes(data)


def read_mutations(path, count, seed) -> tuple[int, int]:
    """The numbers of allowed and of refused mutations."""
    rng = random.Random(seed)
    allowed = 0
    for _ in range(count):
        path.write_bytes(mutated(rng))
        try:
            config = config_files.load(str(path))
        except UserError as error:
            assert "\n" not in str(error) and len(str(error)) < 600, error
            continue
        allowed += 1
        # Allowed: it is the same after another time through JSON.
        path.write_text(config.to_json_best_effort())
        assert config_files.load(str(path)).to_dict() == config.to_dict()
    return allowed, count - allowed


def test_mutations_are_configs_or_refused(tmp_path):
    allowed, refused = read_mutations(tmp_path / "c.json", 200, seed=0)
    assert allowed > 5 and refused > 100


@pytest.mark.slow
def test_ten_thousand_mutations_are_configs_or_refused(tmp_path):
    allowed, refused = read_mutations(tmp_path / "c.json", 10_000, seed=1)
    assert allowed > 200 and refused > 5000
