"""From a file to pixels: opened under limits, shrunk while loading, upright, in sRGB, with nothing but pixels left."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pi_heif  # type: ignore[import-untyped]
from PIL import AvifImagePlugin, Image, ImageCms
from PIL.Image import Resampling, Transpose

from incident_service.photos.press.formats import HEAD_BYTES, Format, format_of, name_of
from incident_service.photos.press.limits import Limits
from incident_service.photos.press.refusals import Reason, Refused

pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1          # one picture, one core

SRGB = ImageCms.createProfile("sRGB")
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM, 5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
}
JPEG_QUALITY = 82


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[tuple[Format, Image.Image]]:
    """The picture at `path`, its header read and none of its pixels. Raises Refused, also for what fails inside."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        kind = format_of(head)
        if kind is None:
            raise Refused(Reason.TYPE if head else Reason.EMPTY, name_of(head))
        with _refusing(), Image.open(file, formats=[kind.decoder]) as picture:
            if picture.width * picture.height > limits.pixels_max:
                raise Refused(Reason.PIXELS)
            yield kind, picture


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn every way in which a decoder gives up on a stranger's bytes into a refusal."""
    try:
        with warnings.catch_warnings(action="ignore"):
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Refused(Reason.PIXELS) from bomb
    except MemoryError as fault:
        raise Refused(Reason.DEADLY) from fault
    except Exception as fault:
        raise Refused(Reason.BROKEN) from fault


def shrunk(picture: Image.Image, side: int, by: Resampling) -> Image.Image:
    """The picture decoded and made to fit a square of `side`, never enlarged.

    The draft is explicit: it lets JPEG decode at a half, a quarter or an eighth, which `thumbnail` alone does not.
    """
    target = fitted(picture.size, side)
    picture.draft(None, target)
    return resizable(picture).resize(target, by, reducing_gap=2.0)


def fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The largest size of the same shape within a square of `side`; a smaller picture keeps its own."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def resizable(picture: Image.Image) -> Image.Image:
    """The picture in a mode whose pixels may be averaged: no palette, no single bits, no 16-bit words."""
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if picture.mode == "1":
        return picture.convert("L")
    return picture.convert("I") if picture.mode.startswith("I;16") else picture


def plain(picture: Image.Image, orientation: int, icc: bytes | None) -> Image.Image:
    """The picture upright, on white, in sRGB."""
    if orientation in UPRIGHT:
        picture = picture.transpose(UPRIGHT[orientation])
    return in_srgb(opaque(eight_bit(picture)), icc)


def eight_bit(picture: Image.Image) -> Image.Image:
    """The picture with 16-bit grey scaled down; converting alone would clip it to white."""
    return picture.point(lambda value: value * (1 / 256)).convert("L") if picture.mode == "I" else picture


def opaque(picture: Image.Image) -> Image.Image:
    """The picture with whatever shines through it on white."""
    if "A" not in picture.getbands():
        return picture
    over = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")


def in_srgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """The picture in sRGB by its own colour profile; a profile that is broken or of another mode is ignored."""
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(BytesIO(icc))
            return ImageCms.profileToProfile(picture, profile, SRGB, outputMode="RGB") or picture.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return picture.convert("RGB")


def jpeg(picture: Image.Image) -> bytes:
    """The pixels as a JPEG with no metadata whatsoever."""
    picture.info.clear()
    written = BytesIO()
    picture.save(written, "JPEG", quality=JPEG_QUALITY, subsampling="4:2:0")
    return written.getvalue()
