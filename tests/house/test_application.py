"""Making the application leaves nothing open: a supervisor forks many processes from one."""

import subprocess
import sys

MADE = """
import os, threading
before = set(os.listdir("/proc/self/fd"))
from incident_service.app import create_app
app = create_app("testing", SHOW_DEMO=True)
links = [os.readlink(f"/proc/self/fd/{each}") for each in set(os.listdir("/proc/self/fd")) - before
         if os.path.exists(f"/proc/self/fd/{each}")]
print(threading.active_count(), [each for each in links if each.startswith("socket:")])
"""


def test_making_the_application_opens_no_socket_and_starts_no_thread():
    done = subprocess.run([sys.executable, "-c", MADE], capture_output=True, text=True, check=True)
    assert done.stdout == "1 []\n"
