"""Log lines of a process: one JSON object each, the libraries' too, whatever is in them."""

import json
import subprocess
import sys

LINES = """
import logging, structlog
from incident_service.foundation import logs
logs.open_logs()
log = structlog.get_logger("house")
with logs.request("edge-0001"):
    log.info("usual", number=3, phone="tel 13812345678")
log.warning("half-a-character", said="\\ud83d")
log.info("much", number=2 ** 70, kinds={1: None}, of=object)
logging.getLogger("library").warning("said %s of %s", 3, 4)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
"""


def test_every_line_is_json():
    run = subprocess.run([sys.executable, "-c", LINES], capture_output=True, text=True, check=True)
    usual, half, much, library, failed = map(json.loads, run.stderr.splitlines())
    assert {name: usual[name] for name in ("event", "level", "logger", "number", "phone", "request_id")} == {
        "event": "usual", "level": "info", "logger": "house", "number": 3, "phone": "tel 1**********",
        "request_id": "edge-0001"}
    assert (half["said"], half["level"]) == ("\ud83d", "warning")
    assert (much["number"], much["kinds"], much["of"]) == (2 ** 70, {"1": None}, "<class 'object'>")
    assert (library["event"], library["logger"]) == ("said 3 of 4", "library")
    assert "ZeroDivisionError" in failed["exception"]
    assert all(each["timestamp"].endswith("Z") for each in (usual, half, much, library, failed))
