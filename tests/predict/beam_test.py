"""The commands on Apache Beam: the same files as without it.

These tests need the extra `beam`; `make beam` makes an environment for them.
"""

import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.predict import formats
from audio_diffstride.predict import recordings as one_by_one
from audio_diffstride.recordings import beam_decoding
from tests.support import two_kinds_run
from tests.support.synthetic import tone, write_folder
from tests.support.two_kinds_run import files_below

pytest.importorskip("apache_beam", reason="the extra `beam` is not installed")

ROOT = pathlib.Path(__file__).parents[2]
TWO_PROCESSES = "--direct_num_workers=2 --direct_running_mode=multi_processing"


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    two_kinds_run.write_run(workdir)
    return workdir


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Six that are whole, one cut off, one broken, one with an odd name."""
    folder = tmp_path_factory.mktemp("recordings")
    for number in range(8):
        samples = tone(200 * (number + 1), 0.3 + number, seed=number)
        soundfile.write(folder / f"{number}.wav", samples, 16000)
    os.truncate(folder / "6.wav", 100_001)
    (folder / "broken.wav").write_text("no audio")
    os.rename(folder / "7.wav", os.fsencode(folder) + b"/\xff.wav")
    return folder


def arguments(workdir, recordings, output, *more):
    return [
        *["--workdir", str(workdir), "--hop_s", "0.1", "--threshold", "0.4"],
        *["--output", str(output), str(recordings), *more],
    ]


@pytest.fixture(scope="module")
def local(workdir, recordings, tmp_path_factory):
    """What the local command makes, as CSV."""
    folder = tmp_path_factory.mktemp("local")
    command = arguments(workdir, recordings, folder / "out")
    assert call("predict", command) == 1
    return files_below(folder)


@pytest.mark.parametrize("kind", [*formats.TABLES, *formats.PER_RECORDING])
def test_every_output_is_that_of_the_local_command(
    kind, workdir, recordings, tmp_path
):
    made = []
    for name, more in (("local", []), ("beam", ["--beam"])):
        more = [*more, "--format", kind, "--merge"]
        folder = tmp_path / name
        command = arguments(workdir, recordings, folder / "out", *more)
        assert call("predict", command) == 1
        made.append(files_below(folder))
    assert made[0] == made[1]
    assert pathlib.Path("out.errors.csv") in made[0]


def test_relative_paths_are_reported_as_they_were_given(
    workdir, recordings, tmp_path, monkeypatch
):
    monkeypatch.chdir(recordings)
    command = arguments(workdir, "broken.wav", tmp_path / "o.csv", "0.wav")
    assert call("predict", [*command, "--beam"]) == 1
    assert "0.wav,0.0" in (tmp_path / "o.csv").read_text()
    errors = (tmp_path / "o.csv.errors.csv").read_text()
    assert errors.startswith("file,error\nbroken.wav,broken.wav cannot be")


def test_workers_that_die_after_they_wrote_leave_no_row_twice(
    workdir, recordings, local, tmp_path, monkeypatch
):
    predict = one_by_one.predict_recording
    tries = collections.Counter()

    def dying(index, *more):
        tries[index] += 1
        predict(index, *more)
        raise RuntimeError("died")

    monkeypatch.setattr(one_by_one, "predict_recording", dying)
    # Of the runners in this process the one that tries again: four times.
    options = "--beam_options=--runner=BundleBasedDirectRunner"
    command = arguments(
        workdir, recordings, tmp_path / "out", "--beam", options
    )
    for _ in range(9):  # a job that failed for good is started again
        try:
            assert call("predict", command) == 1
            break
        except UserError as error:
            assert "the Beam job failed (RuntimeError: died)" in str(error)
    assert tries == dict.fromkeys(range(9), 1)  # what is finished is kept
    assert files_below(tmp_path) == local


def test_a_job_that_failed_resumes_with_what_is_not_finished(
    workdir, recordings, local, tmp_path, monkeypatch
):
    predicted = []

    def failing(index, *more):
        if index == 4:
            raise KeyError("seven")
        predicted.append(index)
        return predict(index, *more)

    predict = one_by_one.predict_recording
    command = arguments(workdir, recordings, tmp_path / "out", "--beam")
    with monkeypatch.context() as patch:
        patch.setattr(one_by_one, "predict_recording", failing)
        with pytest.raises(
            UserError, match="^the Beam job failed .KeyError: seven.$"
        ):
            call("predict", command)
        before = sorted(predicted)
        predicted.clear()
        patch.setattr(
            one_by_one,
            "predict_recording",
            lambda i, *more: predicted.append(i) or predict(i, *more),
        )
        assert call("predict", command) == 1
    assert sorted(before + predicted) == list(range(9))
    assert files_below(tmp_path) == local


@pytest.mark.parametrize("options", ["", TWO_PROCESSES])
def test_a_mistake_that_a_worker_finds_is_one_sentence(options, capfd):
    parsed = beam_jobs.options(_flags(["--beam", f"--beam_options={options}"]))
    with pytest.raises(UserError, match=r"^7 is odd$"):
        beam_jobs.run([(7,)], _start, parsed)
    if not options:  # other processes print what they like
        assert "Traceback" not in capfd.readouterr().err


def _start():
    return _refuse


def _refuse(element):
    raise UserError(f"{element[0]} is odd")


def _flags(argv):
    parser = argparse.ArgumentParser()
    beam_jobs.add_flags(parser)
    return parser.parse_args(argv)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--direct_num_workers=x", "^--beam_options .*: argument --direct_num"),
        ("runner=DirectRunner", "begins with runner=DirectRunner, which is no"),
        ("--job_name='a", "cannot be read: No closing quotation"),
    ],
)
def test_options_that_cannot_be_read_are_one_sentence(options, message):
    with pytest.raises(UserError, match=message):
        beam_jobs.options(_flags(["--beam", f"--beam_options={options}"]))


def test_a_store_made_by_two_processes_is_the_local_one(tmp_path, monkeypatch):
    monkeypatch.setattr(beam_decoding, "_SHARD_RECORDINGS", 5)
    folder = write_folder(tmp_path / "own", rate_hz=8000)
    (folder / "low" / "0.wav").write_text("no audio")
    command = [str(folder), "--skip_bad_files", "--store_dir"]
    beam = ["--beam", f"--beam_options={TWO_PROCESSES}"]
    assert call("prepare", [*command, str(tmp_path / "here")]) == 0
    assert call("prepare", [*command, str(tmp_path / "there"), *beam]) == 0
    here, there = (files_below(tmp_path / name) for name in ("here", "there"))
    assert here == there and len(here) == 8


@pytest.mark.slow
def test_killed_at_any_moment_two_processes_end_in_the_same_bytes(
    workdir, recordings, local, tmp_path
):
    command = [
        *[sys.executable, "-m", "audio_diffstride", "predict", "--beam"],
        f"--beam_options={TWO_PROCESSES}",
        *arguments(workdir, recordings, tmp_path / "out"),
    ]
    kills = 0
    for wanted in (2, 9, 10_000):
        with subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            while process.poll() is None:
                done = list(tmp_path.glob("out.partial/parts-*/*"))
                if len(done) >= wanted:
                    os.killpg(process.pid, signal.SIGKILL)
                    kills += 1
                    break
                time.sleep(0.001)
    assert kills == 2 and process.returncode == 1
    assert files_below(tmp_path) == local
