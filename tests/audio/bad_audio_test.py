"""Every malformed or odd recording is read right or refused in a sentence."""

import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.audio import truncation
from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError, one_line
from audio_diffstride.predict import streams
from audio_diffstride.recordings import preparation
from tests.support import bad_audio, finished_run, odd_audio
from tests.support.synthetic import write_store

ROOT = pathlib.Path(__file__).parents[2]
READ = [case for case in bad_audio.CASES if not case.refused]
REFUSED = [case for case in bad_audio.CASES if case.refused]


def name_of(case):
    return one_line(os.fsdecode(case.name))


def stream(path):
    return np.concatenate(list(streams.read_blocks(path)))


def assert_right(case, samples):
    assert samples.dtype == np.int16
    assert abs(len(samples) - case.samples) <= case.tolerance
    if case.peak is not None:
        peak = np.abs(samples.astype(int)).max() / 32768
        assert peak == pytest.approx(case.peak, abs=0.02)


@pytest.mark.parametrize("case", READ, ids=name_of)
def test_what_is_odd_is_read_right(case, tmp_path):
    path = odd_audio.write(case, tmp_path)
    samples = read_audio(path)
    assert_right(case, samples)
    np.testing.assert_array_equal(stream(path), samples)
    assert streams.find_recordings([tmp_path])[0][0] == path


@pytest.mark.parametrize("case", READ, ids=name_of)
def test_only_what_is_cut_off_is_told_to_be(case, tmp_path):
    path = odd_audio.write(case, tmp_path)
    told = truncation.find(path)
    if case.cut_off is None:
        assert told is None
    else:
        assert case.name in told
        assert re.search(case.cut_off, told), told


@pytest.mark.parametrize("case", REFUSED, ids=name_of)
@pytest.mark.parametrize("read", [read_audio, stream])
def test_what_is_broken_is_refused_in_a_sentence(read, case, tmp_path):
    path = odd_audio.write(case, tmp_path)
    with pytest.raises(UserError, match=case.refused) as error:
        read(path)
    assert case.name in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("suffix", [".vox", ".gsm", ".au", ".raw", ""])
def test_text_is_no_audio_whatever_it_is_called(suffix, tmp_path):
    path = tmp_path / f"text{suffix}"
    path.write_text("of these libsndfile would take the name for the format")
    for read in (read_audio, stream):
        with pytest.raises(UserError, match="cannot be read as audio"):
            read(path)


def test_a_folder_in_place_of_a_recording_is_refused(tmp_path):
    for read in (read_audio, stream):
        with pytest.raises(UserError, match="is not a file"):
            read(tmp_path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    # By hand, for root may read everything.
    path = odd_audio.write(READ[0], tmp_path)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    for read in (read_audio, stream):
        with pytest.raises(UserError, match="as audio: Permission denied"):
            read(path)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A class folder with every case, and one with sound recordings."""
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("odd", "sound"):
        (folder / name).mkdir()
    for case in bad_audio.CASES:
        odd_audio.write(case, folder / "odd")
    for number in range(12):
        tone = 0.4 * np.sin(np.arange(8000) * (number + 1) / 20)
        soundfile.write(folder / "sound" / f"{number}.wav", tone, 16000)
    return folder


def section(printed, kind):
    """The lines of a kind of problem."""
    _, _, rest = printed.partition(f"\n{kind}: ")
    count, *lines = rest.partition("\n\n")[0].splitlines()
    assert int(count) == len(lines)
    return "\n".join(lines)


def test_the_check_lists_exactly_the_bad_ones(corpus, capsys):
    assert call("check", [str(corpus)]) == 1
    printed = capsys.readouterr().out
    unreadable = section(printed, "unreadable")
    truncated = section(printed, "truncated")
    assert len(unreadable.splitlines()) == len(REFUSED)
    for case in REFUSED:
        assert f"odd/{name_of(case)} " in unreadable
    cut_off = [case for case in READ if case.cut_off]
    assert len(truncated.splitlines()) == len(cut_off)
    for case in cut_off:
        assert f"odd/{name_of(case)} " in truncated
    for case_name, kind in (
        ("silence.wav", "silent"),
        ("constant.wav", "silent"),
        ("very_loud.wav", "clipped"),
        ("10_ms.wav", "too short"),
    ):
        assert f"odd/{case_name}" in section(printed, kind)


def test_a_store_holds_all_that_can_be_read_and_nothing_else(
    corpus, tmp_path, capsys
):
    folder = tmp_path / "stores"
    present = tmp_path / "present"
    shutil.copytree(corpus, present, symlinks=True, ignore=_links_and_pipes)
    with pytest.raises(UserError, match="cannot be read"):
        preparation.prepare(corpus, store_dir=folder)
    assert not folder.exists() or not list(folder.iterdir())
    capsys.readouterr()
    store = preparation.prepare(corpus, store_dir=folder, skip_bad_files=True)
    told = capsys.readouterr().err
    assert told.count("warning: left out: ") == len(REFUSED)
    warned = [
        line
        for line in told.splitlines()
        if "is cut off" in line and "left out" not in line
    ]
    assert len(warned) == sum(case.cut_off is not None for case in READ)
    held = {}
    for split in store.num_examples:
        clips = store.examples(split)
        for index, file in enumerate(clips.files):
            held[file] = clips[index]
    for case in READ:
        name = os.fsdecode(case.name).encode(errors="backslashreplace")
        assert_right(case, held.pop(f"odd/{name.decode()}"))
    assert sorted(held) == sorted(f"sound/{n}.wav" for n in range(12))
    # What is there and cannot be decoded stops it as well.
    with pytest.raises(UserError, match="recordings cannot be used"):
        preparation.prepare(present, store_dir=folder)
    assert len(list(folder.iterdir())) == 1


def _links_and_pipes(folder, names):
    return [n for n in names if n.startswith(("link", "pipe"))]


@pytest.mark.slow
def test_the_commands_end_without_a_traceback(corpus, tmp_path):
    store = write_store(tmp_path / "store")
    workdir = finished_run.write(tmp_path / "run", [store])
    output = tmp_path / "o.csv"
    commands = {
        ("check", corpus): 1,
        ("predict", corpus, "--workdir", workdir) + ("--output", output): 1,
    }
    for command, status in commands.items():
        done = subprocess.run(
            [sys.executable, "-m", "audio_diffstride", *map(str, command)],
            cwd=ROOT,
            capture_output=True,
            timeout=300,
        )
        assert done.returncode == status
        assert b"Traceback" not in done.stderr
    with open(f"{output}.errors.csv", newline="") as file:
        listed = [row["file"] for row in csv.DictReader(file)]
    assert len(listed) == len(REFUSED) + sum(
        case.cut_off is not None for case in READ
    )
    with open(output, newline="") as file:
        heard = {row["file"] for row in csv.DictReader(file)}
    assert len(heard) == len(READ) + 12


@pytest.mark.slow
def test_three_hours_are_streamed_in_the_memory_of_a_minute(tmp_path):
    path = tmp_path / "long.wav"
    hours = 3 * 3600 * 16000 * 2  # bytes
    with open(path, "wb") as file:
        file.write(odd_audio.wav(b"", data_bytes=hours))
        file.truncate(44 + hours)  # a hole, which costs no disk
    code = (
        "import resource, sys\n"
        "from audio_diffstride.predict import streams\n"
        "import numpy, soundfile\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "blocks = streams.read_blocks(sys.argv[1])\n"
        "print(sum(1 for _ in streams.cut_windows(blocks, 16000, 16000)))\n"
        "print(peak() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    windows, grown_kb = map(int, done.stdout.split())
    assert windows == 3 * 3600
    assert grown_kb * 1024 < hours / 10
