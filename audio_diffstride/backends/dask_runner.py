"""Apache Beam's runner on a Dask cluster, with defaults that fit our jobs.

Beam does not list this runner, and cuts a job into partitions of 128 elements.
Our elements are whole recordings, or shards of them. So 100 recordings would
all go to one worker.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from audio_diffstride.errors import UserError
from audio_diffstride.terminal import packages

_NAME = "DaskRunner"
_RUNNER = f"apache_beam.runners.dask.dask_runner.{_NAME}"


def complete(pipeline_options: Any) -> None:
    """Completes Beam's options if they ask for this runner.

    The runner is found by its short name, and its own options are read. A
    partition has one element, unless --dask_npartitions or
    --dask_partition_size says otherwise.

    Args:
        pipeline_options: changed in place.

    Raises:
        UserError: if Dask is not installed.
    """
    from apache_beam.options.pipeline_options import StandardOptions

    standard = pipeline_options.view_as(StandardOptions)
    if standard.runner not in (_NAME, _RUNNER):
        return
    packages.require("distributed", "dask")
    from apache_beam.runners.dask.dask_runner import DaskOptions

    standard.runner = _RUNNER
    partitions = pipeline_options.view_as(DaskOptions)
    if not (partitions.npartitions or partitions.partition_size):
        partitions.partition_size = 1


@contextlib.contextmanager
def connected(result: Any) -> Iterator[None]:
    """Leaves the cluster when the block ends, if the job runs on this runner.

    The scheduler then forgets what is left of the job.

    Args:
        result: of the pipeline. The block waits for it.

    Raises:
        UserError: if the scheduler lost the job. Beam takes that for its end.
    """
    client = getattr(result, "client", None)
    if client is None:
        yield
        return
    # The error below says what its tracebacks say.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        yield
        if any(future.cancelled() for future in result.futures):
            raise UserError(
                "Dask's scheduler has ended, or lost the job; start it and its "
                "workers again, then the same command to continue"
            )
    finally:
        client.close()
