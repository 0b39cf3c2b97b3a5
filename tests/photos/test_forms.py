"""A form is read as werkzeug reads it, wherever in it a boundary lies and whatever looks like one."""

from io import BytesIO
from random import Random

import pytest
from werkzeug.formparser import MultiPartParser

from incident_service.photos import forms
from incident_service.photos.forms import MultipartReader

BOUNDARY = b"a-phone"
NEARLY = [b"\r\n--a-phon", b"x--a-phone", b"\r\n--a-phonf", b"\r\n", b"\n--a", b"\r\r\n-"]


class File(BytesIO):
    """What a part was written into, and in how many pieces."""

    pieces = 0

    def write(self, part: bytes) -> int:        # type: ignore[override]
        self.pieces += 1
        return super().write(part)


def read_by(reader: type[MultiPartParser], body: bytes) -> tuple[object, object]:
    """What a reader makes of a body, werkzeug's own with pieces as large as ours."""
    parser = reader(stream_factory=lambda **_: File(), buffer_size=forms.READ_BYTES)
    form, files = parser.parse(BytesIO(body), BOUNDARY, len(body))
    return form, [(name, each.filename, each.stream.read()) for name, each in files.items(multi=True)]


def a_form(*files: bytes) -> bytes:
    """A form with a field before the files and one after."""
    field = b'--a-phone\r\nContent-Disposition: form-data; name="words"\r\n\r\n\xe6\xb6\x88\xe9\x98\xb2\r\n'
    parts = (b'--a-phone\r\nContent-Disposition: form-data; name="photos"; filename="1.jpg"\r\n\r\n' + each + b"\r\n"
             for each in files)
    return field + b"".join(parts) + field + b"--a-phone--\r\n"


def test_a_form_is_read_as_werkzeug_reads_it(monkeypatch):
    chance = Random(20211219)
    for _ in range(300):
        monkeypatch.setattr(forms, "READ_BYTES", chance.choice([40, 64, 100, 257, 1000]))
        body = a_form(*(b"".join(chance.choice([chance.randbytes(chance.randrange(90)), *NEARLY])
                                 for _ in range(chance.randrange(40))) for _ in range(chance.randrange(1, 4))))
        assert read_by(MultipartReader, body) == read_by(MultiPartParser, body)


@pytest.mark.parametrize("place", range(30))
def test_a_boundary_is_found_wherever_what_was_read_ends(monkeypatch, place):
    monkeypatch.setattr(forms, "READ_BYTES", 50)
    content = bytes(200 + place) + NEARLY[0] + bytes(60)
    _, files = read_by(MultipartReader, a_form(content, content))
    assert files == [("photos", "1.jpg", content)] * 2


@pytest.mark.parametrize("cut", [150, 300, 450])
def test_a_form_that_ends_too_soon_is_none(monkeypatch, cut):
    monkeypatch.setattr(forms, "READ_BYTES", 60)
    with pytest.raises(ValueError, match="cannot parse"):
        read_by(MultipartReader, a_form(bytes(400))[:cut])


def test_the_bytes_of_a_file_pass_in_few_pieces():
    _, files = MultipartReader(stream_factory=lambda **_: File()).parse(
        BytesIO(a_form(bytes(4 * forms.READ_BYTES))), BOUNDARY, 0)
    assert files["photos"].stream.pieces <= 12
