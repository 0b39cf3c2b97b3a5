"""Processes: forking a child that cannot outlive its parent, and keeping each of them small."""

import ctypes
import gc
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
KEPT_BYTES = 4 * 1024 * 1024
COLLECT_AFTER = 20_000                          # objects more than before
GIVING_WAY = 19                                 # in the kernel's measure its last: a sixtieth of the others' weight
OWN_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


def fork(run: Callable[[], None], *, name: str) -> int:
    """Start a child that does `run` and ends; its pid. In `ps -o comm` it is called incident-`name`."""
    parent = os.getpid()
    with _signals_held():
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _become_child(run, parent, name)
    return pid


def _become_child(run: Callable[[], None], parent: int, name: str) -> NoReturn:
    """However `run` ends, this process ends here: nothing of its parent's further way is for it."""
    code = 1
    try:
        _forget_signals()
        die_with(parent)
        _prctl(PR_SET_NAME, f"incident-{name}".encode())
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


@contextmanager
def _signals_held() -> Iterator[None]:
    """No signal in between: in a child not yet itself it would speak with its parent's voice."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, OWN_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forget_signals() -> None:
    """A child ends at SIGTERM. The terminal's Ctrl-C reaches it too, but stopping is for the supervisor to order."""
    signal.set_wakeup_fd(-1)
    for number in OWN_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, OWN_SIGNALS)


def die_with(parent: int, number: int = signal.SIGKILL) -> None:
    """Have this process get signal `number` when `parent` dies, a `kill -9` included. Survives an exec.

    Linux alone knows this; elsewhere it does nothing.
    """
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:                  # it died before we asked
        os.kill(os.getpid(), number)


def _prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def give_way(run: Callable[[], None]) -> None:
    """Do `run` in this process with the time that nobody else wants: nearly none on a busy machine, all on an idle one.

    Only for what holds no lock that others wait for. Where the kernel knows idle work, whoever wakes up also takes the
    core from it at once, and does not wait for its slice to end.
    """
    os.nice(GIVING_WAY)
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    run()


def share_memory() -> None:
    """Before forking: what lives now stays, so the collector need not touch (and so copy) it in every child; and it
    looks for cycles less often than after every 700 objects, which a report makes many times over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def spare_memory() -> None:
    """Have the C library keep few arenas: many threads, little each. glibc only.

    Freed memory goes back to the kernel, except for as much as a request moves about: to give back and fetch anew
    every buffer of an upload costs more than the rest of reading it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)


def allow_many_files() -> None:
    """Raise the soft limit of open files to the hard one: each connected phone is a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
