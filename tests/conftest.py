"""What the tests of several modules begin with."""

import pytest

from tests.support.synthetic import write_folder


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A folder of own recordings, prepared."""
    from audio_diffstride.recordings import preparation

    folder = tmp_path_factory.mktemp("own")
    write_folder(folder / "own", seconds=0.5)
    return preparation.prepare(folder / "own", store_dir=folder / "stores")
