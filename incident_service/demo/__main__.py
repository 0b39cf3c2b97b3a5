"""`make demo`: the story of 2021-12-19 played against the running service, each step with its time."""

import sys
import time
from random import Random
from typing import Any

from config.base import Base
from incident_service.demo.caller import Caller, CallFailed
from incident_service.demo.people import LATITUDE, LONGITUDE, PASSWORD
from incident_service.demo.pictures import lane

WAIT_S_MAX = 10.0
LOOK_AGAIN_S = 0.01


class StoryStuck(Exception):
    """A step of the story did not happen in time."""


class Story:
    """Plays the steps and prints them as they happen."""

    def __init__(self, host: str, port: int) -> None:
        self.began = time.monotonic()
        self.host, self.port, self.chance = host, port, Random()

    def phone_of(self, number: str) -> Caller:
        """Somebody's phone, signed in."""
        caller = Caller(self.host, self.port)
        caller.sign_in(number, PASSWORD)
        return caller

    def tell(self, line: str) -> None:
        """Print a step with the seconds since the report."""
        sys.stdout.write(f"{time.monotonic() - self.began:8.3f} s  {line}\n")

    def wait(self, what: str, look: Any) -> Any:
        """Look until `look` gives something. Raises StoryStuck after ten seconds."""
        until = time.monotonic() + WAIT_S_MAX
        while time.monotonic() < until:
            if found := look():
                return found
            time.sleep(LOOK_AGAIN_S)
        raise StoryStuck(f"nothing within {WAIT_S_MAX:.0f} s: {what}")

    def play(self) -> None:
        """From a photo to points. Raises CallFailed and StoryStuck."""
        resident, manager, officer, desk, supervisor = (self.phone_of(f"1390000000{n}") for n in (1, 2, 3, 4, 5))
        before = {who: who.get("/api/v1/me/points") for who in (resident, manager, officer)}
        photo = lane(with_car=True, chance=self.chance)
        self.began = time.monotonic()
        number = self.report(resident, photo)
        self.pushed(number, manager, officer)
        self.rectified(number, officer)
        self.closed(number, manager)
        for who, name in ((resident, "居民"), (manager, "网格管理员"), (officer, "交警队员（不奖励）")):
            now = who.get("/api/v1/me/points")
            waiting = f"（公示或审核中 {now['pending']}）" if now["pending"] else ""
            self.tell(f"邻里福分 {name}：{sum(before[who].values())} → {sum(now.values())}{waiting}")
        for event in desk.get(f"/api/v1/cases/{number}/events")["items"]:
            self.tell(f"案卷历史 {event['sequence']:>2} {event['at'][11:23]} {event['move']} · {event['by']}")
        self.figures(supervisor)

    def report(self, resident: Caller, photo: bytes) -> str:
        """A resident uploads the photo; the case is there in the answer."""
        said = resident.send("/api/v1/reports", {
            "longitude": LONGITUDE, "latitude": LATITUDE, "coordinate_system": "wgs84", "category": "fire_lane",
            "description": "小汽车停在消防通道上", "address": "3 栋旁"}, [photo])
        self.tell(f"居民上报，案卷 {said['case_number']} 已生成（{said['status']}）")
        return said["case_number"]

    def pushed(self, number: str, *responders: Caller) -> None:
        """Both phones have it."""
        for name, phone in zip(("网格管理员", "交警队员"), responders, strict=True):
            self.wait(f"推送给{name}", lambda phone=phone: any(
                each["case_number"] == number for each in phone.get("/api/v1/me/notifications?limit=5")["items"]))
            self.tell(f"已推送到{name}的手机")
        for sentence in responders[0].get(f"/api/v1/cases/{number}")["explanation"]:
            self.tell(f"派遣依据 {sentence}")

    def rectified(self, number: str, officer: Caller) -> None:
        """The officer accepts, deals with it and sends the rectified photo."""
        officer.post(f"/api/v1/cases/{number}/acceptance")
        self.tell("交警队员签收")
        officer.send(f"/api/v1/cases/{number}/rectification", {"note": "车辆已驶离"},
                     [lane(with_car=False, chance=self.chance)])
        self.tell("交警队员上传整改后的图片")

    def closed(self, number: str, manager: Caller) -> None:
        """Staff press 结案."""
        status = manager.post(f"/api/v1/cases/{number}/closure", {"note": "现场已核查"})["status"]
        self.tell(f"网格管理员结案（{status}）")

    def figures(self, supervisor: Caller) -> None:
        """The supervisor's response times have it."""
        total = supervisor.get("/api/v1/supervision/response-times?group_by=category")["total"]
        self.tell(f"督查：案卷 {total['cases']}，已结 {total['closed']}，限内 {total['within_limit']}；"
                  f"派遣→处置 中位 {total['to_rectify']['p50']:.3f} 秒")


def main() -> int:
    """Play the story; 0 when it came to its end."""
    try:
        Story(Base.HOST, Base.PORT).play()
    except ConnectionError:
        sys.stderr.write(f"Nothing answers at {Base.HOST}:{Base.PORT}. Start the service first: make run\n")
        return 1
    except (CallFailed, StoryStuck) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
