"""The commands on a Dask cluster whose workers are killed: the same files.

The scheduler and the workers are processes of their own, over loopback. These
tests need the extra `dask`; `make beam` makes an environment for them.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from tests.support import two_kinds_run
from tests.support.synthetic import tone, write_folder
from tests.support.two_kinds_run import files_below

for package in ("apache_beam", "distributed"):
    pytest.importorskip(package, reason="the extra `dask` is not installed")

pytestmark = pytest.mark.slow
SECONDS = 300  # a job that does not move for so long has failed
PARTS = {
    "predict": "out.partial/parts-*/*.json",
    "embed": "out.partial/parts-*/*.json",
    "prepare": "out/*.decoded/*.json",
}


class Cluster:
    """A scheduler and its workers, each started by its own command."""

    def __init__(self, folder):
        self._folder = folder
        self.file = folder / "scheduler.json"
        self._processes = []
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0")

    def _start(self, part, *more):
        with open(self._folder / "log.txt", "a") as log:
            process = subprocess.Popen(
                [
                    *[sys.executable, "-m", "dask", part, *more],
                    *["--scheduler-file", str(self.file), "--no-dashboard"],
                ],
                cwd=self._folder,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def options(self):
        """The pipeline options of a job on this cluster."""
        return f"--runner=DaskRunner --dask_scheduler_file={self.file}"

    def start_worker(self):
        return self._start("worker", "--nthreads", "1", "--no-nanny")

    def close(self):
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    two_kinds_run.write_run(workdir)
    return workdir


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Sixty that are whole, one cut off, one broken, one with an odd name."""
    folder = tmp_path_factory.mktemp("recordings")
    for number in range(62):
        samples = tone(50 * (number + 1), 1, seed=number)
        soundfile.write(folder / f"{number}.wav", samples, 16000)
    os.truncate(folder / "6.wav", 20_001)
    os.rename(folder / "7.wav", os.fsencode(folder) + b"/\xff.wav")
    (folder / "broken.wav").write_text("no audio")
    return folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Twenty shards of clips, one clip of them broken."""
    folder = tmp_path_factory.mktemp("clips")
    write_folder(folder, takes=640, seconds=0.05, rate_hz=8000)
    (folder / "low" / "0.wav").write_text("no audio")
    return folder


def wait_until(condition, job):
    """Waits as long as the job runs."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert job.poll() is None, "the job ended before"
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("name", PARTS)
def test_two_workers_are_killed_and_a_third_joins(
    name, cluster, workdir, recordings, clips, tmp_path
):
    if name == "prepare":
        arguments = [str(clips), "--skip_bad_files", "--store_dir"]
    else:
        arguments = ["--workdir", str(workdir), "--hop_s", "0.01"]
        arguments += [str(recordings), "--output"]
    (tmp_path / "here").mkdir()
    status = call(name, [*arguments, str(tmp_path / "here" / "out")])

    there = tmp_path / "there"
    there.mkdir()
    workers = [cluster.start_worker() for _ in range(2)]
    command = [*arguments, str(there / "out")]
    command += ["--beam", f"--beam_options={cluster.options()}"]
    with subprocess.Popen(
        [sys.executable, "-m", "audio_diffstride", name, *command]
    ) as job:
        left_over = []
        for worker, finished in zip(workers, (5, 10)):
            wait_until(
                lambda: len(list(there.glob(PARTS[name]))) >= finished, job
            )
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            left_over.append(len(list(there.glob(PARTS[name]))))
        # Nobody is left, so the third does the rest.
        assert max(left_over) < (20 if name == "prepare" else 63)
        cluster.start_worker()
    assert job.returncode == status
    assert files_below(there) == files_below(tmp_path / "here")
    assert os.listdir(there) == os.listdir(tmp_path / "here")


def run(elements, start, options):
    parser = argparse.ArgumentParser()
    beam_jobs.add_flags(parser)
    args = parser.parse_args(["--beam", f"--beam_options={options}"])
    beam_jobs.run(elements, start, beam_jobs.options(args))


def test_a_worker_starts_once_however_many_elements_it_gets(cluster, tmp_path):
    folders = [tmp_path / name for name in ("starts", "elements")]

    def start():
        tempfile.mkstemp(dir=folders[0])
        return lambda element: tempfile.mkstemp(dir=folders[1])

    for folder in folders:
        folder.mkdir()
    cluster.start_worker()
    run([(number,) for number in range(200)], start, cluster.options())
    assert [len(os.listdir(folder)) for folder in folders] == [1, 200]


def test_a_mistake_that_a_worker_finds_is_one_sentence(cluster):
    def start():
        def refuse(element):
            raise UserError(f"{element[0]} is odd")

        return refuse

    cluster.start_worker()
    with pytest.raises(UserError, match=r"^7 is odd$"):
        run([(7,)], start, cluster.options())
