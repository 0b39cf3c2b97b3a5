"""Real presses: forked children behind a real socket, some of which meet a picture they do not survive."""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict

import pytest

from incident_service.photos.press import INLINE, Limits, Press, PressAway, Reason, Refused
from tests.photos.pictures import a_jpeg, a_scene, file_of, png_that_claims

MEGABYTE = 1024 * 1024


@contextmanager
def presses(folder, *, count=1, limits=None):
    """Presses at work; gives the way to reach them."""
    limits = limits or Limits()
    address = str(folder / "press.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(address)
        listening.listen(64)
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.photos.press_keeper", str(listening.fileno()), str(count),
             json.dumps(asdict(limits))],
            pass_fds=[listening.fileno()])
        try:
            yield Press(address, limits)
        finally:
            keeper.terminate()
            keeper.wait(10)


@pytest.fixture(scope="module")
def forked(tmp_path_factory):
    """Two presses under the usual limits, for tests in which nobody dies."""
    with presses(tmp_path_factory.mktemp("press"), count=2) as press:
        yield press


@pytest.fixture
def endless(tmp_path):
    """A picture whose reading never ends: a pipe that nobody writes to."""
    path = tmp_path / "endless.jpg"
    os.mkfifo(path)
    return path


def test_a_forked_press_says_what_one_in_this_process_says(forked, press, on_disk):
    path = on_disk(a_jpeg((2000, 1500), orientation=6, position=(115.93, 28.69), taken="2026:01:02 03:04:05"))
    assert forked.inspect(path) == press.inspect(path)
    assert forked.screen(path) == press.screen(path)


@pytest.mark.parametrize(("data", "reason", "seems"), [
    (b"", Reason.EMPTY, ""), (b"%PDF-1.7", Reason.TYPE, "PDF"), (png_that_claims(9000, 9000), Reason.PIXELS, ""),
    (a_jpeg()[:3000], Reason.BROKEN, ""),
])
def test_a_refusal_crosses_the_socket_with_its_reason(forked, on_disk, data, reason, seems):
    path = on_disk(data)
    for ask in (forked.inspect, forked.screen):
        with pytest.raises(Refused) as refused:
            ask(path)
        assert (refused.value.reason, refused.value.seems) == (reason, seems)


def test_many_callers_are_all_served(forked, on_disk):
    paths = [on_disk(a_jpeg((640 + number, 480))) for number in range(24)]
    widths = {}
    callers = [threading.Thread(target=lambda path=path: widths.update({path: forked.inspect(path).width}))
               for path in paths]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert widths == {path: 640 + number for number, path in enumerate(paths)}


def test_a_picture_that_takes_too_long_kills_its_press_and_the_next_one_is_served(tmp_path, on_disk, endless):
    good = on_disk(a_jpeg())
    with presses(tmp_path, limits=Limits(seconds_max=1)) as press:
        with pytest.raises(Refused) as refused:
            press.inspect(endless)
        assert refused.value.reason is Reason.DEADLY
        assert press.inspect(good).width == 640
        assert len(press.screen(good)) > 1000


def test_a_deadly_picture_holds_up_nobody_while_another_press_is_free(tmp_path, on_disk, endless):
    good = on_disk(a_jpeg())
    with presses(tmp_path, count=2, limits=Limits(seconds_max=1.5)) as press:
        assert press.inspect(good).width == 640
        outcome = []
        deadly = threading.Thread(target=lambda: outcome.append(refusal_of(press, endless)))
        deadly.start()
        for _ in range(10):
            assert press.inspect(good).width == 640
        assert deadly.is_alive()
        deadly.join()
    assert outcome == [Reason.DEADLY]


def test_a_picture_behind_deadly_ones_waits_and_is_served(tmp_path, on_disk, endless):
    """Three pictures take all their time before ours, which is longer than one picture's work may last."""
    good = on_disk(a_jpeg())
    with presses(tmp_path, limits=Limits(seconds_max=1)) as press:
        outcome = []
        deadly = [threading.Thread(target=lambda: outcome.append(refusal_of(press, endless))) for _ in range(3)]
        for each in deadly:
            each.start()
        assert press.inspect(good).width == 640
        for each in deadly:
            each.join()
    assert outcome == [Reason.DEADLY] * 3


def refusal_of(press, path):
    try:
        press.inspect(path)
    except Refused as refused:
        return refused.reason


def test_a_picture_that_needs_too_much_memory_is_refused_and_the_next_one_is_served(tmp_path, on_disk):
    hungry, good = on_disk(file_of(a_scene((7000, 7000), "RGBA"), "PNG")), on_disk(a_jpeg())
    with presses(tmp_path, limits=Limits(memory_bytes_max=96 * MEGABYTE)) as press:
        assert refusal_of(press, hungry) is Reason.DEADLY
        assert press.inspect(good).width == 640


def test_under_the_usual_limit_even_a_huge_picture_is_taken(forked, on_disk):
    assert forked.inspect(on_disk(file_of(a_scene((7000, 7000), "RGBA"), "PNG"))).width == 7000


def test_without_any_press_nothing_is_said_about_the_picture(tmp_path, on_disk):
    with pytest.raises(PressAway):
        Press(str(tmp_path / "press.sock"), Limits()).inspect(on_disk(a_jpeg()))


def test_a_press_too_busy_to_answer_says_nothing_about_the_picture(tmp_path, on_disk):
    address = str(tmp_path / "press.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(address)
        listening.listen(1)                              # nobody accepts
        with pytest.raises(PressAway):
            Press(address, Limits(wait_seconds_max=0.1)).inspect(on_disk(a_jpeg()))


@pytest.mark.parametrize("where", ["inline", "forked"])
def test_a_file_that_is_not_there_is_not_the_pictures_fault(where, forked, tmp_path):
    with pytest.raises(PressAway):
        (forked if where == "forked" else Press(INLINE, Limits())).inspect(tmp_path / "gone.jpg")


def test_a_press_in_no_hurry_counts_the_work_and_not_the_waiting(tmp_path, on_disk, endless):
    limits = Limits(seconds_max=0.5, wait_seconds_max=2).unhurried()
    with presses(tmp_path, limits=limits) as press, pytest.raises(PressAway):
        press.screen(endless)


def test_a_press_in_no_hurry_is_still_killed_by_too_much_work(tmp_path, on_disk):
    laborious = on_disk(file_of(a_scene((6000, 6000)), "PNG"))
    with presses(tmp_path, limits=Limits(seconds_max=0.05).unhurried()) as press:
        with pytest.raises(Refused) as refused:
            press.screen(laborious)
        assert refused.value.reason is Reason.DEADLY
        assert len(press.screen(on_disk(a_jpeg((16, 16))))) > 100
