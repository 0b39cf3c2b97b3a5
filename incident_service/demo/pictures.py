"""Drawing the two photos of the story: a car on a fire lane, and the lane free again.

Each is drawn from another spot and with other things about, so that no two look alike: the same photo again would be
taken for one that was used before.
"""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIZE = (1600, 1200)
WALLS = ("#d8c7ac", "#8d6f5a", "#4f5b66", "#a8452f", "#e6e2da", "#37403a")
GROUNDS = ("#5b5e63", "#3c3e42", "#8b8a84", "#a39a89")
THINGS = ("#2e5e34", "#d6b23a", "#f0f0ee", "#26272b", "#7a3b96", "#c96a2b")
LINE, CAR, GLASS, TYRE = "#d9362b", "#2f5f9e", "#bcd3e6", "#1c1c1e"


def lane(*, with_car: bool, chance: Random) -> bytes:
    """A JPEG of the fire lane. `chance` puts the camera somewhere and scatters things around."""
    image = Image.effect_noise(SIZE, 18).convert("RGB")
    picture = Image.blend(Image.new("RGB", SIZE, chance.choice(GROUNDS)), image, 0.12)
    draw = ImageDraw.Draw(picture)
    _scene(draw, chance)
    _things(draw, chance)
    if with_car:
        _car(draw, 420 + chance.randint(-160, 160), 560 + chance.randint(-20, 60))
    out = BytesIO()
    _from_somewhere(picture, chance).save(out, "JPEG", quality=88)
    return out.getvalue()


def _scene(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    """A house with windows, and a lane hatched in red."""
    draw.rectangle((0, 0, SIZE[0], 420), fill=chance.choice(WALLS))
    for x in range(90, SIZE[0], 240):
        draw.rectangle((x, 90, x + 120, 300), fill=f"#{chance.randint(0x30, 0x70):02x}4a5e", outline="#efe6d8", width=8)
    draw.rectangle((120, 520, 1480, 1100), outline=LINE, width=14)
    for x in range(160, 1440, 160):
        draw.line((x, 1090, x + 120, 1000), fill=LINE, width=12)


def _things(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    """Trees, bins and washing, in front of the house."""
    for _ in range(14):
        x, y, side = chance.randint(0, SIZE[0]), chance.randint(0, 1000), chance.randint(60, 260)
        shape = chance.choice((draw.ellipse, draw.rectangle))
        shape((x, y, x + side, y + side * chance.uniform(0.5, 1.6)), fill=chance.choice(THINGS))


def _from_somewhere(picture: Image.Image, chance: Random) -> Image.Image:
    """The part of the scene that a camera sees: three quarters of it, and nearly all of the lane."""
    left, top = chance.randint(0, SIZE[0] // 4), chance.randint(0, SIZE[1] // 4)
    box = (left, top, left + SIZE[0] * 3 // 4, top + SIZE[1] * 3 // 4)
    return picture.resize(SIZE, box=box)


def _car(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.rounded_rectangle((x, y + 120, x + 760, y + 330), 60, fill=CAR)
    draw.polygon([(x + 140, y + 130), (x + 240, y), (x + 540, y), (x + 650, y + 130)], fill=CAR)
    draw.polygon([(x + 190, y + 125), (x + 262, y + 28), (x + 376, y + 28), (x + 376, y + 125)], fill=GLASS)
    draw.polygon([(x + 400, y + 125), (x + 400, y + 28), (x + 524, y + 28), (x + 600, y + 125)], fill=GLASS)
    for wheel in (x + 90, x + 520):
        draw.ellipse((wheel, y + 250, wheel + 150, y + 400), fill=TYRE)
        draw.ellipse((wheel + 45, y + 295, wheel + 105, y + 355), fill="#9a9a9e")
