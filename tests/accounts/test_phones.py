"""How telephone numbers are understood and shown."""

import pytest

from incident_service import accounts
from incident_service.accounts.people import PhoneTaken
from incident_service.accounts.phones import normalise
from incident_service.foundation.problems import Invalid


@pytest.mark.parametrize("written", [
    "13900000001", "139 0000 0001", "139-0000-0001", "+8613900000001", "008613900000001", "１３９０００００００１",
])
def test_one_number_is_one_number_however_it_is_written(written):
    assert normalise(written) == "+8613900000001"


@pytest.mark.parametrize("written", ["", "1", "12345678901", "+99913900000001", "no number", "13900000001" * 4, "\x00"])
def test_what_is_no_number_is_not_taken_for_one(written):
    assert normalise(written) is None


@pytest.mark.parametrize(("phone", "shown"), [
    ("+8613900000001", "139****0001"), ("+85251234567", "852****4567"), ("+4312345", "****45"), (None, None),
])
def test_others_see_part_of_a_number(phone, shown):
    assert accounts.mask(phone) == shown


def test_a_number_belongs_to_one_account(app):
    accounts.add_person("13900000001", "张三")
    with pytest.raises(PhoneTaken):
        accounts.add_person("+86 139 0000 0001", "李四")


def test_nobody_is_added_without_a_number(app):
    with pytest.raises(Invalid):
        accounts.add_person("110", "张三")
