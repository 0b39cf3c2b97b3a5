"""What this installation is doing, for Prometheus: the counters of all its processes in one answer."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# The library decides when it is first imported: with the supervisor's folder the processes count into files there.
ARE_SHARED = values.ValueClass is not values.MutexValue

REQUEST_SECONDS = Histogram(
    "incident_request_seconds", "Time to answer a request", ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10))
PUSH_SECONDS = Histogram(
    "incident_report_to_push_seconds", "From a report received to both notifications stored",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30, 60, 600))
JOBS_DONE = Counter("incident_jobs_total", "Jobs run by workers", ["job", "outcome"])


class Gauge(NamedTuple):
    """A figure looked up for one answer: one value, or one for each value of `label`."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""

    @classmethod
    def single(cls, name: str, help: str, value: float) -> "Gauge":
        """A gauge without a label."""
        return cls(name, help, {"": value})

    def family(self) -> Metric:
        """The same in the library's words."""
        family = GaugeMetricFamily(self.name, self.help, labels=[self.label] if self.label else [])
        for value_of_label, value in self.values.items():
            family.add_metric([value_of_label] if self.label else [], value)
        return family


def exposition(gauges: Iterable[Gauge], folder: Path) -> bytes:
    """The text Prometheus reads: the counters (of all processes, from `folder`, where they share one) and `gauges`."""
    registry = CollectorRegistry()
    if ARE_SHARED:
        MultiProcessCollector(registry, path=str(folder))
    else:
        for metric in (REQUEST_SECONDS, PUSH_SECONDS, JOBS_DONE):
            registry.register(metric)
    registry.register(_Given(gauges))
    return generate_latest(registry)


class _Given:
    """Gauges as the library wants them."""

    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self.gauges = list(gauges)

    def collect(self) -> Iterable[Metric]:
        return (gauge.family() for gauge in self.gauges)
