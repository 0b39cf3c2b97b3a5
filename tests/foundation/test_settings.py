"""A setting that cannot be meant stops the start, and says its name."""

import os
import subprocess
import sys

import pytest

from config import environment
from config.environment import SettingMissing

SETTING = "SIGN_IN_LIMIT_PER_PHONE"


@pytest.mark.parametrize("value", ["10 a minute", "ten", "10 per 5 minuets", "1 per minute;", "0 per hour", " "])
def test_a_limit_that_is_none_is_refused_with_its_name(monkeypatch, value):
    monkeypatch.setenv(SETTING, value)
    with pytest.raises(SettingMissing, match=SETTING):
        environment.limit(SETTING, "1 per hour")


@pytest.mark.parametrize(("value", "limit"), [
    ("10 per 5 minutes", "10 per 5 minutes"), ("1/minute; 5 per hour", "1/minute; 5 per hour"), ("none", ""),
    ("", "1 per hour"),
])
def test_a_limit_is_taken_as_it_is_written(monkeypatch, value, limit):
    monkeypatch.setenv(SETTING, value)
    assert environment.limit(SETTING, "1 per hour") == limit


def test_a_typo_in_a_limit_stops_the_start_with_one_line():
    done = subprocess.run([sys.executable, "-c", "from incident_service.app import create_app; create_app()"],
                          env=os.environ | {SETTING: "10 per 5 minuets"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{SETTING} is '10 per 5 minuets'")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("value", [
    "ftp://x/y", "/var/photos", "photos", "file://photos", "file:", "file://elsewhere/photos", "s3://", "s3:///prefix",
    "s3:bucket", "s3://[bucket", "bucket/prefix", " ",
])
def test_a_photo_store_that_is_none_is_refused_with_its_name(monkeypatch, value):
    monkeypatch.setenv("PHOTO_STORE", value)
    with pytest.raises(SettingMissing, match=r"^PHOTO_STORE is .*; it must be file:///folder or s3://bucket/prefix\.$"):
        environment.photo_store("PHOTO_STORE", "file:///photos")


@pytest.mark.parametrize("value", ["file:///var/photos", "file://localhost/var/photos", "s3://bucket", "s3://bucket/a/b"])
def test_a_photo_store_is_taken_as_it_is_written(monkeypatch, value):
    monkeypatch.setenv("PHOTO_STORE", value)
    assert environment.photo_store("PHOTO_STORE", "file:///photos") == value
