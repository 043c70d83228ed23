"""The one writer: groups what came in, one durable commit for all, then answers. Nothing is acknowledged early.

Several threads that each commit to one SQLite file wait for its lock and for an fsync each; one thread that
commits for all of them was measured three to six times as fast, at full durability.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from sqlalchemy import Connection, Engine

from ..quick import quick

Answer = TypeVar("Answer")
Job = tuple[Callable[[Connection], object], Future]
Outcome = tuple[object, BaseException | None]
Attempt = Callable[[Connection, Callable[[Connection], object]], Outcome]
GROUP_MAX = 64
PATIENCE_S = 60  # a commit that waits for a lost standby waits for ever; whoever asked must not


class Writer:
    """write(job) runs job(connection) inside a durable transaction shared with its neighbours, and returns its answer."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def write(self, job: Callable[[Connection], Answer]) -> Answer:
        """Returns after the commit; raises what the job or the commit raised, and then nothing of it is stored.

        Raises TimeoutError when there is no answer in time: then it may be stored later, or never.
        """
        self._ensure_running()
        future: Future = Future()
        self._jobs.put((job, future))
        try:
            return future.result(PATIENCE_S)
        except TimeoutError:
            future.cancel()
            raise

    def _ensure_running(self) -> None:
        # Started on first use: gunicorn forks its workers after the app was made, and threads do not survive a fork.
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            group = [(job, future) for job, future in self._next_group() if future.set_running_or_notify_cancel()]
            self._commit_together(group)

    def _next_group(self) -> list[Job]:
        group = [self._jobs.get()]
        while len(group) < GROUP_MAX and not self._jobs.empty():
            group.append(self._jobs.get())
        return group

    def _commit_together(self, group: list[Job]) -> None:
        try:
            outcomes = self._transaction(group, _trusting)
        except _OneFailed:
            outcomes = self._transaction(group, _apart)
        for (_, future), (answer, fault) in zip(group, outcomes, strict=True):
            future.set_exception(fault) if fault else future.set_result(answer)

    def _transaction(self, group: list[Job], attempt: Attempt) -> list[Outcome]:
        """Raises _OneFailed when a job failed that nothing protects its neighbours from; then nothing is stored."""
        try:
            options = {"writing": True, "carried": {}, "jobs": len(group)}
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                line = quick(connection)
                return [attempt(line, job) for job, _ in group]
        except _OneFailed:
            raise
        except BaseException as error:
            return [(None, error)] * len(group)


class _OneFailed(Exception):
    pass


def _trusting(connection: Connection, job: Callable[[Connection], object]) -> Outcome:
    """Nearly no job ever fails: the group goes without savepoints, and is done again with them when one does."""
    try:
        return job(connection), None
    except Exception as error:
        if connection.invalidated:
            raise
        raise _OneFailed from error


def _apart(connection: Connection, job: Callable[[Connection], object]) -> Outcome:
    """One job in a savepoint: its failure undoes itself and leaves its neighbours' work standing."""
    try:
        with connection.begin_nested():
            return job(connection), None
    except Exception as error:
        if connection.invalidated:  # the server is gone, and with it what the neighbours wrote
            raise
        connection.get_execution_options()["carried"].clear()
        return None, error
