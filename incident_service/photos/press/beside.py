"""Before and after in one picture, each under its caption."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.Image import Resampling

from incident_service.photos.press.decoding import jpeg, opened
from incident_service.photos.press.limits import Limits

HEIGHT = 720
BAR = 40
GAP = 8
PAPER, INK = (0, 0, 0), (255, 255, 255)


def lay_side_by_side(before: Path, limits: Limits, *, after: str, captions: Sequence[str]) -> bytes:
    """Two copies made here, at one height, with their captions burned in, as JPEG. Raises Refused."""
    halves = [_half(path, limits) for path in (before, Path(after))]
    sheet = Image.new("RGB", (sum(each.width for each in halves) + GAP, HEIGHT + BAR), PAPER)
    pen, left = ImageDraw.Draw(sheet), 0
    for half, caption in zip(halves, captions, strict=True):
        sheet.paste(half, (left, BAR))
        pen.text((left + GAP, BAR // 2), caption, fill=INK, font=_font(pen, caption, half.width - 2 * GAP), anchor="lm")
        left += half.width + GAP
    return jpeg(sheet)


def _half(path: Path, limits: Limits) -> Image.Image:
    """One picture at the common height; never narrower than its caption can be read."""
    with opened(path, limits) as (_, picture):
        width = max(1, round(picture.width * HEIGHT / picture.height))
        shown = picture.convert("RGB").resize((width, HEIGHT), Resampling.BICUBIC)
    frame = Image.new("RGB", (max(width, HEIGHT // 2), HEIGHT), PAPER)
    frame.paste(shown, ((frame.width - width) // 2, 0))
    return frame


def _font(pen: ImageDraw.ImageDraw, caption: str, width: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, as large as the caption's half allows."""
    fonts = [ImageFont.load_default(size) for size in (24, 20, 16, 12)]
    return next((font for font in fonts if pen.textlength(caption, font=font) <= width), fonts[-1])
