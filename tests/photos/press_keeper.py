"""Keeps presses on a socket, as the service's supervisor does: forks them, and forks anew whoever dies."""

import json
import os
import signal
import socket
import sys

from incident_service.photos.press import Limits, serve


def main(descriptor: int, count: int, limits: Limits) -> None:
    """Keep `count` presses alive until told to stop."""
    listening = socket.socket(fileno=descriptor)
    children: set[int] = set()

    def stop(*_: object) -> None:
        for child in children:
            os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        while len(children) < count:
            child = os.fork()
            if not child:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                serve(listening, limits)
            children.add(child)
        children.discard(os.wait()[0])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Limits(**json.loads(sys.argv[3])))
