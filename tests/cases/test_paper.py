"""A case on paper: readable Chinese, the pictures, and nobody's name but those of staff."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from incident_service.accounts import Role
from tests.factories import a_picture, an_account

LONG = "消防通道被<b>占用</b>&，请尽快处理。😀𠮷\x1f" * 170


@pytest.fixture
def number(town, phone_of, run_jobs):
    said = phone_of(town.resident).report(a_picture(), a_picture(), a_picture(), description=LONG[:3900],
                                          address="幸福路12号").json["case_number"]
    run_jobs()
    phone_of(town.officer).send(f"/cases/{said}/rectification", {"note": "已挪车"}, [a_picture()])
    run_jobs()
    return said


def test_a_case_is_printed_with_its_words_and_pictures(number, town, phone_of):
    answer = phone_of(town.desk).get(f"/cases/{number}/case.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    pages = PdfReader(BytesIO(answer.data)).pages
    text = "".join(page.extract_text() for page in pages)
    for words in (number, "幸福路12号", "消防通道被<b>占用</b>&", "已整改", "已挪车", "居民-", "整改后"):
        assert words in text, words
    assert sum(len(page.images) for page in pages) == 4
    assert town.resident.name not in text and town.resident.phone not in text


def test_it_speaks_the_readers_language(number, town, phone_of):
    answer = phone_of(town.desk).get(f"/cases/{number}/case.pdf", **{"Accept-Language": "en"})
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    assert "What was reported" in text and "rectified" in text


def test_it_is_for_the_desk_and_the_supervisors_of_its_area(number, town, phone_of):
    assert phone_of(an_account(Role.DESK, "360199")).get(f"/cases/{number}/case.pdf").status_code == 404
    assert phone_of(town.manager).get(f"/cases/{number}/case.pdf").status_code == 403
