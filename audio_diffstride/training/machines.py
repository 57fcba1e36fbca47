"""Several processes that train one model, on one machine or many.

Environment variables say which processes belong together. They are Keras's
KERAS_DISTRIBUTION_JOB_ADDRESSES, _NUM_PROCESSES and _PROCESS_ID, or those of
SLURM, which JAX reads. All processes compute. Process 0 also decides, prints
and writes.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from audio_diffstride.errors import UserError

_KERAS = "KERAS_DISTRIBUTION_"
_SLURM = (
    "SLURM_JOB_ID",
    "SLURM_STEP_NODELIST",
    "SLURM_NTASKS",
    "SLURM_PROCID",
    "SLURM_LOCALID",
)
_START_TIMEOUT_S = 300
# Words in the errors of JAX's runtimes for CPU and GPU after a lost process.
_LOST_PROCESS_WORDS = ("Gloo", "NCCL", "UNAVAILABLE", "heartbeat")
_T = TypeVar("_T")
_joined = False


def join() -> None:
    """Joins the other processes of the run, if the environment names any.

    Call it before anything is computed.

    Raises:
        UserError: for wrong variables, a backend that trains in one process
            only, or processes that cannot be reached.
    """
    global _joined
    arguments = _from_environment(os.environ)
    if arguments is None:
        return
    from audio_diffstride import backends  # seconds of Keras

    if backends.name() != "jax":
        raise UserError(
            "the environment names several processes, but KERAS_BACKEND is "
            f"{backends.name()}, which trains in one here; set "
            f"KERAS_BACKEND=jax, or {_KERAS}NUM_PROCESSES=1 to train alone"
        )
    # Else JAX logs a lost process before our message does.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    # Else JAX aborts this process when another ends, before our message.
    jax.config.update("jax_enable_recoverability", True)
    jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            **arguments, initialization_timeout=_START_TIMEOUT_S
        )
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"the processes of this run did not find each other within "
            f"{_START_TIMEOUT_S} s ({str(error).splitlines()[0][:120]}); start "
            "the same command on all, with one address that all can reach"
        ) from error
    _joined = True


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """Arguments of `jax.distributed.initialize`; None for one process.

    >>> _from_environment({"KERAS_DISTRIBUTION_NUM_PROCESSES": "1"})
    >>> _from_environment({name: "2" for name in _SLURM})
    {}
    """
    given = {
        name: environment.get(_KERAS + name, "")
        for name in ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")
    }
    if not any(given.values()):
        in_step = all(environment.get(name) for name in _SLURM)
        return {} if in_step and environment["SLURM_NTASKS"] != "1" else None
    count, index = given["NUM_PROCESSES"], given["PROCESS_ID"]
    if count == "1":
        return None
    if not (count.isdecimal() and int(count) > 1):
        raise UserError(
            f"{_KERAS}NUM_PROCESSES is {count!r}, but must be the number of "
            "processes of the run"
        )
    if not (index.isdecimal() and int(index) < int(count)):
        raise UserError(
            f"{_KERAS}PROCESS_ID is {index!r}, but must be a whole number "
            f"from 0 to {int(count) - 1}"
        )
    address = given["JOB_ADDRESSES"].split(",")[0]
    if not address.rpartition(":")[2].isdecimal() or ":" not in address:
        raise UserError(
            f"{_KERAS}JOB_ADDRESSES is {given['JOB_ADDRESSES']!r}, but must "
            "begin with HOST:PORT of process 0"
        )
    return {
        "coordinator_address": address,
        "num_processes": int(count),
        "process_id": int(index),
        "cluster_detection_method": "deactivate",
    }


def count() -> int:
    """The number of processes of the run."""
    if not _joined:
        return 1
    import jax

    return jax.process_count()


def index() -> int:
    """The number of this process, from 0."""
    if not _joined:
        return 0
    import jax

    return jax.process_index()


def is_first() -> bool:
    """Whether this is the process that decides, prints and writes."""
    return index() == 0


@contextlib.contextmanager
def only_first_prints() -> Iterator[None]:
    """Silences the standard output of all processes but process 0."""
    if is_first():
        yield
        return
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def broadcast_from_first(decide: Callable[[], _T]) -> _T:
    """Calls a function in process 0 and returns its result in all processes.

    Args:
        decide: returns a value that JSON can hold.

    Raises:
        UserError: in all processes, if the function raises it.
    """
    if count() == 1:
        return decide()
    answer: dict[str, Any] = {}
    if is_first():
        try:
            answer = {"value": decide()}
        except UserError as error:
            answer = {"error": str(error)}
    answer = _broadcast(answer)
    if "error" in answer:
        raise UserError(answer["error"])
    return answer["value"]


def after_first(make: Callable[[], _T]) -> _T:
    """Calls a function in process 0, and then in the others.

    So the others find on the disk what process 0 has written.
    """
    made: list[_T] = []
    broadcast_from_first(lambda: made.append(make()))
    return made[0] if made else make()


def _broadcast(answer: dict[str, Any]) -> dict[str, Any]:
    import numpy as np
    from jax.experimental import multihost_utils

    text = np.frombuffer(json.dumps(answer).encode(), np.uint8)
    share = multihost_utils.broadcast_one_to_all
    size = int(share(np.int32(len(text))))
    return json.loads(bytes(share(np.resize(text, size))))


@contextlib.contextmanager
def explain_lost_process(remedy: Callable[[], str]) -> Iterator[None]:
    """Explains the runtime's error when another process has ended.

    Args:
        remedy: returns what to do, for the message.

    Raises:
        UserError: in place of the runtime's error.
    """
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if count() == 1 or not any(
            word in str(error) for word in _LOST_PROCESS_WORDS
        ):
            raise
        raise UserError(
            f"another process of this run has ended; {remedy()}"
        ) from error
