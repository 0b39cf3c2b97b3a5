"""Drawing the two photos of the story: a car on a fire lane, and the lane free again."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIZE = (1600, 1200)
ASPHALT, WALL, LINE, CAR, GLASS, TYRE = "#5b5e63", "#b9a58c", "#d9362b", "#2f5f9e", "#bcd3e6", "#1c1c1e"


def lane(*, with_car: bool, chance: Random) -> bytes:
    """A JPEG of the fire lane. `chance` scatters the light, so that no two pictures are alike byte for byte."""
    image = Image.effect_noise(SIZE, 18).convert("RGB")
    picture = Image.blend(Image.new("RGB", SIZE, ASPHALT), image, 0.12)
    draw = ImageDraw.Draw(picture)
    _scene(draw, chance)
    if with_car:
        _car(draw, 420 + chance.randint(-60, 60), 560 + chance.randint(-20, 20))
    out = BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _scene(draw: ImageDraw.ImageDraw, chance: Random) -> None:
    """A house with windows, and a lane hatched in red."""
    draw.rectangle((0, 0, SIZE[0], 420), fill=WALL)
    for x in range(90, SIZE[0], 240):
        draw.rectangle((x, 90, x + 120, 300), fill=f"#{chance.randint(0x30, 0x70):02x}4a5e", outline="#efe6d8", width=8)
    draw.rectangle((120, 520, 1480, 1100), outline=LINE, width=14)
    for x in range(160, 1440, 160):
        draw.line((x, 1090, x + 120, 1000), fill=LINE, width=12)


def _car(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.rounded_rectangle((x, y + 120, x + 760, y + 330), 60, fill=CAR)
    draw.polygon([(x + 140, y + 130), (x + 240, y), (x + 540, y), (x + 650, y + 130)], fill=CAR)
    draw.polygon([(x + 190, y + 125), (x + 262, y + 28), (x + 376, y + 28), (x + 376, y + 125)], fill=GLASS)
    draw.polygon([(x + 400, y + 125), (x + 400, y + 28), (x + 524, y + 28), (x + 600, y + 125)], fill=GLASS)
    for wheel in (x + 90, x + 520):
        draw.ellipse((wheel, y + 250, wheel + 150, y + 400), fill=TYRE)
        draw.ellipse((wheel + 45, y + 295, wheel + 105, y + 355), fill="#9a9a9e")
