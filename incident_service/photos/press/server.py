"""The press: a forked child that looks at strangers' pictures one at a time, and may die of one.

Time and memory are bounded by the kernel, not by goodwill: the alarm kills even inside a decoder's C code.
"""

import os
import resource
import signal
import socket
from pathlib import Path

from PIL import Image

from incident_service.photos.press.limits import Limits
from incident_service.photos.press.protocol import BEGUN, perform, read_request

CALLER_SECONDS_MAX = 5


def serve(listening: socket.socket, limits: Limits) -> None:
    """Answer one request after the other, for ever. Runs in a process of its own: it gives up freedoms for good."""
    confine(limits)
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(CALLER_SECONDS_MAX)
            try:
                answer(connection, limits)
            except OSError:
                continue                        # the caller went away; whoever comes next is served


def confine(limits: Limits) -> None:
    """Bound the memory of this process, and let the alarms kill it."""
    for alarm in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(alarm, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {alarm})
    Image.MAX_IMAGE_PIXELS = limits.pixels_max
    space = address_space() + limits.memory_bytes_max
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        space = min(space, hard)
    resource.setrlimit(resource.RLIMIT_AS, (space, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(connection: socket.socket, limits: Limits) -> None:
    """Do what one caller asks. If the picture kills this process, the caller sees the connection end."""
    request = read_request(connection)
    if request is None:
        return
    set_alarms(limits)
    connection.sendall(BEGUN)
    reply = perform(request, limits)
    for clock in (signal.ITIMER_REAL, signal.ITIMER_PROF):
        signal.setitimer(clock, 0)
    connection.sendall(reply.packed())


def set_alarms(limits: Limits) -> None:
    """Have this process killed when its time is up; in no hurry, also when it hangs and its caller has long gone."""
    if limits.in_no_hurry:
        signal.setitimer(signal.ITIMER_PROF, limits.seconds_max)
        signal.setitimer(signal.ITIMER_REAL, limits.answer_seconds_max + CALLER_SECONDS_MAX)
    else:
        signal.setitimer(signal.ITIMER_REAL, limits.seconds_max)


def address_space() -> int:
    """Bytes of address space this process holds already; the limit is for what a picture adds. 0 where unknown."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
