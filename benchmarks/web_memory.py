"""Memory of the web processes after 500 uploads of 2 MB: flat.

The floor is what they hold after a warm-up of 50 uploads; what each process holds alone is counted (unique set size).
"""

import psutil

from benchmarks import installations, phones
from benchmarks.processes import another_process
from benchmarks.reading import reader
from benchmarks.telling import claim, table

WARM_UP, UPLOADS, ROUNDS, CLIENTS = 50, 500, 5, 4
GROWTH_MB_MAX = 5.0


def run(repeats: int) -> None:
    """One run: what 500 uploads leave does not depend on how often they are sent."""
    with (installations.folder() as home, installations.databases("SQLite", home, "service") as urls,
          installations.service(home / "service", urls["service"]) as service, reader(urls["service"]) as seen,
          another_process() as elsewhere):
        target = phones.sign_in(service.host, service.port)
        rows, sent = [], 0
        for reports in (WARM_UP, *[UPLOADS // ROUNDS] * ROUNDS):
            elsewhere.submit(phones.in_a_row, target, CLIENTS, reports).result().check()
            seen.wait_until_nothing_is_owed()
            sent += reports
            rows.append((sent, *_web_mb(service.family())))
    table(("uploads", *(f"web {number} MB" for number in range(1, len(rows[0])))), rows)
    growth = max(last - first for first, last in zip(rows[0][1:], rows[-1][1:], strict=True))
    claim(f"after {UPLOADS} uploads a web process grew by {growth:.1f} MB (at most {GROWTH_MB_MAX:.0f})",
          holds=growth <= GROWTH_MB_MAX)


def _web_mb(family: list[psutil.Process]) -> list[float]:
    """What each web process holds for itself, in MB."""
    return [each.memory_full_info().uss / 2**20 for each in family if "web" in each.name()]
