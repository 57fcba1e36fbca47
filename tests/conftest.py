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


@pytest.fixture(scope="module")
def eager_forward():
    """Predictions of a module without a graph; see `tests.support.eager`."""
    from tests.support.eager import predicting_eagerly

    with predicting_eagerly():
        yield


@pytest.fixture
def compiled_forward():
    """Predictions of a test by graphs, in a module with `eager_forward`."""
    from tests.support.eager import predicting_compiled

    with predicting_compiled():
        yield
