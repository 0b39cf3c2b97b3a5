"""Uploads on their way in: straight into files, hashed and counted, and gone again unless they are kept."""

import hashlib
import os
import time
import tracemalloc
from datetime import timedelta
from io import BytesIO

import pytest
from flask import request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from incident_service import photos
from incident_service.foundation.problems import BadRequest
from incident_service.photos.incoming import spool_of
from incident_service.photos.stores import Folder

MEGABYTE = 1024 * 1024
HEAD = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="1.jpg"\r\n\r\n'


def incoming(store):
    return sorted(store.incoming.glob("*"))


def test_an_upload_lies_beside_the_store_hashed_and_counted_while_its_request_runs(store, uploaded):
    contents = [os.urandom(3 * MEGABYTE), b"a small one"]
    with uploaded(*contents) as files:
        assert [file.read() for file in files] == contents
        for file, content in zip(files, contents, strict=True):
            spool = spool_of(file)
            assert (spool.sha256, spool.byte_count) == (hashlib.sha256(content).hexdigest(), len(content))
            assert spool.path.read_bytes() == content
            assert spool.path.stat().st_mode & 0o077 == 0
        assert len(incoming(store)) == 2
    assert incoming(store) == []


def test_a_large_upload_is_never_in_memory_as_a_whole(app, store):
    body = BytesIO(HEAD + bytes(10 * MEGABYTE) + b"\r\n--b--\r\n")
    with app.test_request_context("/", method="POST", input_stream=body, content_length=len(body.getbuffer()),
                                  content_type="multipart/form-data; boundary=b"):
        tracemalloc.start()
        try:
            assert spool_of(request.files["photos"]).byte_count == 10 * MEGABYTE
            assert tracemalloc.get_traced_memory()[1] < MEGABYTE
        finally:
            tracemalloc.stop()


def test_a_photo_over_the_limit_is_refused_by_its_number(app, store, uploaded, monkeypatch):
    monkeypatch.setitem(app.config, "PHOTO_BYTES_MAX", 2 * MEGABYTE)
    with uploaded(bytes(2 * MEGABYTE), b"small"):
        pass
    with pytest.raises(photos.PhotoTooLarge) as problem, uploaded(b"small", bytes(2 * MEGABYTE + 1)):
        pass
    told = problem.value.as_json(language="zh", instance="")
    assert (told["status"], told["errors"][0]["pointer"]) == (413, "#/photos/1")
    assert told["detail"] == "第 2 张照片超过 2 MB，请压缩后再上传"
    assert incoming(store) == []


@pytest.mark.parametrize("cut", [100, 5000])
def test_a_body_cut_off_in_the_middle_leaves_nothing(app, store, cut):
    with (app.test_request_context(
            "/", method="POST", input_stream=BytesIO((HEAD + bytes(10_000))[:cut]),
            environ_overrides={"CONTENT_LENGTH": "20000"}, content_type="multipart/form-data; boundary=b"),
          pytest.raises(HTTPException)):
        request.files.getlist("photos")
    assert incoming(store) == []


def test_a_body_without_its_end_is_no_photo_and_leaves_nothing(app, store):
    with app.test_request_context("/", method="POST", input_stream=BytesIO(HEAD + bytes(10_000)),
                                  content_type="multipart/form-data; boundary=b"):
        with pytest.raises(BadRequest):
            request.files.getlist("photos")
        assert len(incoming(store)) == 1
    assert incoming(store) == []


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_a_form_that_cannot_be_read_is_no_empty_form(app, store, content_type):
    with (app.test_request_context("/", method="POST", input_stream=BytesIO(b"--b\r\n\xff"), content_type=content_type),
          pytest.raises(BadRequest)):
        _ = request.form


def test_a_form_of_too_many_parts_is_too_large(app, store, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_FORM_PARTS", 2)
    body = b"".join(b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(3)) + b"--b--\r\n"
    with (app.test_request_context("/", method="POST", input_stream=BytesIO(body),
                                   content_type="multipart/form-data; boundary=b"),
          pytest.raises(RequestEntityTooLarge)):
        _ = request.form


def test_uploads_left_by_a_crash_are_swept_but_not_those_of_running_requests(app, store, uploaded):
    with uploaded(b"of a running request"):
        left = store.incoming / "upload-left-behind"
        left.write_bytes(b"half a photo")
        os.utime(left, (time.time() - 7200,) * 2)
        assert photos.sweep_incoming() == 1
        assert len(incoming(store)) == 1
        assert photos.sweep_incoming(older_than=timedelta(hours=1)) == 0


def test_without_a_place_for_uploads_the_store_is_away(app, store, uploaded, tmp_path, monkeypatch):
    (tmp_path / "in the way").write_text("a file where the folder should be")
    monkeypatch.setitem(app.extensions, "photo_store", Folder(tmp_path / "in the way"))
    with pytest.raises(photos.StoreAway), uploaded(b"a photo"):
        pass


def test_a_full_disk_is_a_store_that_is_away(app, store, uploaded, monkeypatch):
    monkeypatch.setattr("incident_service.photos.incoming._private", lambda *_: os.open("/dev/full", os.O_RDWR))
    with pytest.raises(photos.StoreAway), uploaded(b"a photo"):
        pass
