"""What requests bring lies in memory while there is room, and in files otherwise; room is never lost."""

import gc

import pytest
from waitress.adjustments import Adjustments

from incident_service.operations.arriving import BODY_BYTES_MAX, ROOM_BYTES, Arriving, Room

BODY = b"x" * Adjustments.inbuf_overflow


@pytest.fixture(autouse=True)
def room(monkeypatch):
    """Room for two bodies."""
    room = Room(2 * len(BODY))
    monkeypatch.setattr(Arriving, "room", room)
    return room


def arriving(length, body=b""):
    request = Arriving(Adjustments())
    request.received(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)
    if body:
        request.received(body)
    return request


def is_in_a_file(request):
    return request.body_rcv.getbuf().overflowed


def test_a_body_lies_in_memory_until_it_is_answered(room):
    request = arriving(len(BODY), BODY)
    assert request.completed and not is_in_a_file(request)
    assert request.get_body_stream().read() == BODY
    assert room.left == len(BODY)
    request.close()
    del request
    assert room.left == 2 * len(BODY)


def test_without_room_a_body_lies_in_a_file_and_is_the_same(room):
    some = [arriving(len(BODY), BODY) for _ in range(3)]
    assert [is_in_a_file(each) for each in some] == [False, False, True]
    assert [each.get_body_stream().read() for each in some] == [BODY] * 3
    assert room.left == 0
    for each in some:
        each.close()


def test_a_caller_who_goes_away_leaves_the_room_to_others(room):
    request = arriving(len(BODY), BODY[:1000])
    assert room.left == len(BODY)
    del request
    gc.collect()
    assert room.left == 2 * len(BODY)


@pytest.mark.parametrize("length", [100, len(BODY) - 1, BODY_BYTES_MAX + 1])
def test_what_is_small_or_very_large_takes_no_room(room, length):
    room.left = ROOM_BYTES
    request = arriving(length)
    assert (room.left, request.completed) == (ROOM_BYTES, False)
