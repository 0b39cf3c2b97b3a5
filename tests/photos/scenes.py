"""Streets drawn by lot, and what people do to a picture before they send it again."""

from collections.abc import Callable
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from incident_service.photos.press.decoding import fitted
from incident_service.photos.press.fingerprint import Look, looks_of
from incident_service.photos.press.work import THUMB_SIDE

SIZE = (1280, 960)
Picture = Image.Image


def a_street(chance: Random, size: tuple[int, int] = SIZE) -> Picture:
    """A sky, some houses with windows, things on the ground, grain: no two alike."""
    width, height = size
    picture, horizon = Image.new("RGB", size), chance.randint(height // 5, height * 2 // 3)
    pen = ImageDraw.Draw(picture)
    _sky_and_ground(pen, chance, size, horizon)
    for _ in range(chance.randint(2, 7)):
        _house(pen, chance, width, horizon)
    for _ in range(chance.randint(2, 12)):
        _thing(pen, chance, size, horizon)
    grain = Image.effect_noise((width // 2, height // 2), chance.randint(5, 60)).resize(size).convert("RGB")
    blurred = ImageFilter.GaussianBlur(chance.uniform(0, 1.5))
    return Image.blend(picture, grain, chance.uniform(0.05, 0.2)).filter(blurred)


def _colour(chance: Random) -> tuple[int, int, int]:
    return chance.randint(20, 235), chance.randint(20, 235), chance.randint(20, 235)


def _sky_and_ground(pen: ImageDraw.ImageDraw, chance: Random, size: tuple[int, int], horizon: int) -> None:
    sky, ground = _colour(chance), _colour(chance)
    for y in range(size[1]):
        light, colour = 0.8 + 0.4 * y / size[1], sky if y < horizon else ground
        pen.line((0, y, size[0], y), fill=tuple(min(255, int(each * light)) for each in colour))


def _house(pen: ImageDraw.ImageDraw, chance: Random, width: int, horizon: int) -> None:
    left, top = chance.randint(-width // 12, width), chance.randint(0, horizon)
    wide = chance.randint(width // 16, width // 3)
    step = chance.randint(width // 40, width // 14)
    pen.rectangle((left, top, left + wide, horizon + chance.randint(0, width // 16)), fill=_colour(chance))
    for x in range(left + step // 3, left + wide - step // 2, step):
        for y in range(top + step // 3, horizon - step // 2, step):
            pen.rectangle((x, y, x + step // 2, y + step // 2), fill=_colour(chance))


def _thing(pen: ImageDraw.ImageDraw, chance: Random, size: tuple[int, int], horizon: int) -> None:
    width, height = size
    x, y, side = chance.randint(0, width), chance.randint(horizon, height), chance.randint(width // 40, width // 4)
    box, colour = (x, y, x + side, y + side * chance.uniform(0.3, 1.2)), _colour(chance)
    kind = chance.choice(["oval", "box", "pole", "heap"])
    if kind == "oval":
        pen.ellipse(box, fill=colour)
    elif kind == "box":
        pen.rectangle(box, fill=colour)
    elif kind == "pole":
        pen.line((x, y, chance.randint(0, width), chance.randint(0, height)), fill=colour, width=1 + width // 100)
    else:
        pen.polygon([(x + chance.randint(-side, side), y + chance.randint(-side, side)) for _ in range(5)], fill=colour)


def compressed(picture: Picture, quality: int = 85) -> Picture:
    """The picture after it went through a JPEG."""
    written = BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=quality)
    return Image.open(written).convert("RGB")


def _recompressed(picture: Picture, chance: Random) -> Picture:
    return compressed(picture, chance.choice((25, 40, 55, 70)))


def _resized(picture: Picture, chance: Random) -> Picture:
    scale = chance.choice((0.3, 0.4, 0.5, 0.75, 1.3))
    return compressed(picture.resize((round(picture.width * scale), round(picture.height * scale))))


def _brightened(picture: Picture, chance: Random) -> Picture:
    return compressed(ImageEnhance.Brightness(picture).enhance(chance.choice((0.6, 0.75, 1.25, 1.4))))


def _cropped(picture: Picture, chance: Random) -> Picture:
    """Up to 5 % of each side's length gone, from wherever."""
    (left, lost_x), (top, lost_y) = ((chance.random(), chance.uniform(0.02, 0.05)) for _ in range(2))
    box = (left * lost_x, top * lost_y, 1 - (1 - left) * lost_x, 1 - (1 - top) * lost_y)
    return compressed(picture.crop(tuple(
        round(part * side) for part, side in zip(box, picture.size * 2, strict=True))))         # type: ignore[arg-type]


def _screenshot(picture: Picture, chance: Random) -> Picture:
    """Bars above and below, with a clock in one of them; or a frame all around."""
    even = chance.choice(("black", "white", "#202124"))
    if chance.random() < 0.3:
        return compressed(ImageOps.expand(picture, round(picture.width * chance.uniform(0.03, 0.15)), even))
    above, below = (round(picture.height * chance.uniform(0.08, 0.5)) for _ in range(2))
    shot = Image.new("RGB", (picture.width, picture.height + above + below), even)
    shot.paste(picture, (0, above))
    ImageDraw.Draw(shot).text((20, 8), "12:34   LTE   88 %", fill="gray", font_size=max(12, picture.width // 45))
    return compressed(shot)


def _mirrored(picture: Picture, _: Random) -> Picture:
    return compressed(ImageOps.mirror(picture))


ALTERED: dict[str, Callable[[Picture, Random], Picture]] = {
    "recompressed": _recompressed, "resized": _resized, "brightened": _brightened, "cropped": _cropped,
    "screenshot": _screenshot, "mirrored": _mirrored,
}
RECALL_MIN = {"recompressed": 0.95, "resized": 0.95, "brightened": 0.95, "cropped": 0.8, "screenshot": 0.8,
              "mirrored": 0.8}


def looks(picture: Picture) -> tuple[Look, Look]:
    """What the press would say of the picture's look."""
    small = picture.convert("RGB").resize(fitted(picture.size, THUMB_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return looks_of(small)
