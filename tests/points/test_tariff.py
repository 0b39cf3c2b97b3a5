"""What a thanks is worth is data, and every entry says by which version and why."""

from datetime import UTC, datetime

import pytest

from incident_service import points
from incident_service.foundation import clock
from incident_service.points import Circumstance, Reason
from incident_service.points.tariff import TariffBroken, read_tariff

HEAD = '[[tariff]]\nversion = "1"\nin_force_from = 2026-01-01\njoined_max = 1\nsource = "x"\n'
LINE = '[[tariff.line]]\nreason = "first_report"\ncategory = "*"\npoints = 7\nsource = "x"\n'
BROKEN = {
    "no source": '[[tariff.line]]\nreason = "first_report"\ncategory = "*"\npoints = 1',
    "half points": '[[tariff.line]]\nreason = "first_report"\ncategory = "*"\npoints = 1.5\nsource = "x"',
    "too many": '[[tariff.line]]\nreason = "first_report"\ncategory = "*"\npoints = 10001\nsource = "x"',
    "unknown reason": '[[tariff.line]]\nreason = "smile"\ncategory = "*"\npoints = 1\nsource = "x"',
    "more than all": '[[tariff.share]]\nreason = "joined_report"\npercent = 101\nsource = "x"',
    "unknown period": '[[tariff.cap]]\nperiod = "week"\nreasons = ["first_report"]\npoints = 1\nsource = "x"',
    "twice": LINE * 2,
}


@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN)
def test_a_broken_tariff_stops_the_start(tmp_path, lines):
    path = tmp_path / "tariff.toml"
    path.write_text(f"{HEAD}{lines}\n", encoding="utf-8")
    with pytest.raises(TariffBroken):
        read_tariff(path)


def test_a_version_that_stands_there_twice_stops_the_start(tmp_path):
    path = tmp_path / "tariff.toml"
    path.write_text(HEAD * 2, encoding="utf-8")
    with pytest.raises(TariffBroken):
        read_tariff(path)


def test_the_version_counts_whose_day_has_come(app, tmp_path):
    path = tmp_path / "tariff.toml"
    later = HEAD.replace('"1"', '"2"').replace("2026", "2027") + LINE.replace("7", "8")
    path.write_text(later + HEAD + LINE, encoding="utf-8")
    shipped, app.extensions["tariff"] = app.extensions["tariff"], read_tariff(path)
    try:
        for moment, worth in ((datetime(2026, 12, 31, 15, 59, tzinfo=UTC), (7, "1", [])),
                              (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), (8, "2", []))):       # midnight in Nanchang
            with clock.stopped(moment):
                assert points.worth(Reason.FIRST_REPORT, "fire_lane") == worth
    finally:
        app.extensions["tariff"] = shipped


@pytest.mark.parametrize(("reason", "category", "circumstances", "worth"), [
    (Reason.FIRST_REPORT, "fire_lane", (), 10),
    (Reason.FIRST_REPORT, "suggestion", (), 5),
    (Reason.JOINED_REPORT, "fire_lane", (), 3),
    (Reason.FIRST_REPORT, "fire_lane", (Circumstance.WEAK_PHOTO,), 5),
    (Reason.FIRST_REPORT, "fire_lane", (Circumstance.LATE,), 10),
    (Reason.GRID_MANAGEMENT, "fire_lane", (), 5),
    (Reason.GRID_MANAGEMENT, "fire_lane", (Circumstance.LATE,), 2),
])
def test_the_shipped_tariff(app, reason, category, circumstances, worth):
    assert points.worth(reason, category, circumstances=circumstances).points == worth


def test_a_condition_s_own_line_counts_before_its_category_s(tmp_path):
    path = tmp_path / "tariff.toml"
    severe = LINE.replace('"*"', '"fire_lane"').replace("7", "9") + 'condition = "severe"\n'
    path.write_text(HEAD + LINE + severe, encoding="utf-8")
    version, = read_tariff(path)
    assert [version.worth("first_report", "fire_lane", each) for each in ("severe", "mild")] == [9, 7]
