"""What the tests of several modules share."""

import gc
import os

import pytest

from tests.support.synthetic import write_folder

# A worker per core: TensorFlow's own threads would only get in their way. No
# test module is imported yet, so TensorFlow is not either.
for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

gc.disable()  # until all is imported: it stays anyway


def pytest_collection_finish(session):
    """Leaves what is imported out of garbage collection."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A folder of own recordings, prepared."""
    from audio_diffstride.recordings import preparation

    folder = tmp_path_factory.mktemp("own")
    write_folder(folder / "own", seconds=0.5)
    return preparation.prepare(folder / "own", store_dir=folder / "stores")
