"""What the tests of pictures share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.datastructures import FileStorage

from incident_service import photos
from incident_service.foundation.database import new_id
from incident_service.foundation.transaction import transaction
from incident_service.photos import Photo, SpoolingRequest
from incident_service.photos.press import INLINE, Limits, Press
from incident_service.photos.stores import Store
from tests.factories import an_account
from tests.servers.s3 import BUCKET, start_s3

Uploaded = Callable[..., AbstractContextManager[list[FileStorage]]]


@pytest.fixture
def on_disk(tmp_path: Path) -> Callable[[bytes], Path]:
    """Puts bytes into a file and gives its path."""
    numbers = count()

    def put(content: bytes) -> Path:
        path = tmp_path / f"picture-{next(numbers)}"
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def press() -> Press:
    """A press that works in this very process."""
    return Press(INLINE, Limits())


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3 API server of our own, for this session."""
    with start_s3(tmp_path_factory.mktemp("s3")) as url:
        yield url


def access_to(url: str) -> dict[str, str]:
    """How to reach the S3 API server at `url`."""
    return {"endpoint": url, "region": "us-east-1", "access_key_id": "test", "secret_access_key": "test"}


@pytest.fixture
def store(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The application's photo store, empty: a local folder."""
    return opened(app, monkeypatch, PHOTO_STORE=f"file://{tmp_path / 'photos'}")


@pytest.fixture
def bucket(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_url: str) -> Store:
    """The application's photo store, empty: in a bucket."""
    return opened(app, monkeypatch, PHOTO_STORE=f"s3://{BUCKET}/{new_id()}", PHOTO_STORE_ACCESS=access_to(s3_url),
                  DATA_DIR=tmp_path)


def opened(app: Flask, monkeypatch: pytest.MonkeyPatch, **settings: object) -> Store:
    """The photo store of an application with these settings, for this test."""
    for name, value in settings.items():
        monkeypatch.setitem(app.config, name, value)
    monkeypatch.delitem(app.extensions, "photo_store", raising=False)
    monkeypatch.setattr(app, "request_class", SpoolingRequest)
    kept = photos.store()
    monkeypatch.setitem(app.extensions, "photo_store", kept)
    return kept


@pytest.fixture
def uploaded(app: Flask) -> Uploaded:
    """A request with these files, while it runs; gives them as a view gets them."""
    @contextmanager
    def sent(*contents: bytes) -> Iterator[list[FileStorage]]:
        files = [(BytesIO(content), f"{number}.jpg") for number, content in enumerate(contents)]
        context = app.test_request_context("/", method="POST", data={"photos": files})
        with closing(context.request.environ["wsgi.input"]), context:
            yield request.files.getlist("photos")

    return sent


@pytest.fixture
def received(uploaded: Uploaded) -> Callable[..., list[Photo]]:
    """Takes files in and keeps them, as a room that uses photos does."""
    def take(*contents: bytes) -> list[Photo]:
        sender = an_account()
        with uploaded(*contents) as files:
            sealed = photos.take_in(files)
            with transaction():
                return photos.keep(sealed, by_id=sender.id)

    return take
