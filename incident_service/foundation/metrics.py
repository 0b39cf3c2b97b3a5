"""What this installation is doing, for Prometheus: counters of all processes in one answer."""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

REQUEST_SECONDS = Histogram(
    "incident_request_seconds", "Time to answer a request", ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))
PUSH_SECONDS = Histogram(
    "incident_report_to_push_seconds", "From a report received to both notifications stored",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30, 60, 600))
JOBS_DONE = Counter("incident_jobs_total", "Jobs run by workers", ["job", "outcome"])


def exposition(gauges: Iterable[tuple[str, str, dict[str, float]]]) -> bytes:
    """The text Prometheus reads: this installation's counters and the `gauges` (name, help, {label: value})."""
    registry = CollectorRegistry()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder and Path(folder).is_dir():
        MultiProcessCollector(registry)                  # type: ignore[no-untyped-call]
    else:
        for metric in (REQUEST_SECONDS, PUSH_SECONDS, JOBS_DONE):
            registry.register(metric)
    registry.register(_Given(gauges))                    # type: ignore[arg-type]
    return generate_latest(registry)


class _Given:
    """Gauges whose values were looked up for this one answer."""

    def __init__(self, gauges: Iterable[tuple[str, str, dict[str, float]]]) -> None:
        self.gauges = list(gauges)

    def collect(self) -> Iterable[Metric]:
        for name, help, values in self.gauges:
            family = GaugeMetricFamily(name, help, labels=["of"])
            for label, value in values.items():
                family.add_metric([label], value)
            yield family
