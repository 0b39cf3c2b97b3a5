"""What a file is by its first bytes: never by its name, nor by what the sender says of it."""

from collections.abc import Iterable
from dataclasses import dataclass

HEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of picture we take: its name on screens, its media type, and the decoder that reads it."""

    name: str
    media_type: str
    decoder: str


JPEG = Format("JPEG", "image/jpeg", "JPEG")             # baseline, progressive, CMYK, and MPO from phones
PNG = Format("PNG", "image/png", "PNG")
WEBP = Format("WebP", "image/webp", "WEBP")
HEIC = Format("HEIC", "image/heic", "HEIF")
AVIF = Format("AVIF", "image/avif", "AVIF")
TAKEN = (JPEG, PNG, WEBP, HEIC, AVIF)

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}

SIGNATURES = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
REFUSED_SIGNATURES = (
    (b"GIF8", "GIF"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"%PDF", "PDF"), (b"PK\3\4", "ZIP"),
    (b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL ", "JPEG XL"), (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"<svg", "SVG"), (b"<?xml", "XML"), (b"<!doctype html", "HTML"), (b"<html", "HTML"),
)


def format_of(head: bytes) -> Format | None:
    """The format whose signature `head` (the first HEAD_BYTES) bears, if we take it.

    AVIF shares the generic brands of HEIC/HEIF and is told apart by its own.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if named := brands(head):
        return AVIF if named & AVIF_BRANDS else HEIC if named & HEIC_BRANDS else None
    return next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)


def name_of(head: bytes) -> str:
    """What a file we do not take seems to be; empty when nothing is known of it."""
    if brands(head):
        return "video"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _first(REFUSED_SIGNATURES, head) or _first(REFUSED_SIGNATURES, text.lower())


def brands(head: bytes) -> set[bytes]:
    """The major and compatible brands of an ISO media file; none for any other."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12]} | {head[at:at + 4] for at in range(16, end, 4)}


def _first(signatures: Iterable[tuple[bytes, str]], head: bytes) -> str:
    return next((name for signature, name in signatures if head.startswith(signature)), "")
