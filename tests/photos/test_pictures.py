"""Pictures that are taken: decoded once, upright, in sRGB, small, and with nothing but their pixels left."""

import os
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms

from tests.photos.pictures import (
    CORNERS,
    POINT,
    STORED,
    WHITE,
    a_jpeg,
    a_scene,
    a_turned,
    an_exif,
    file_of,
    noise,
)

EVERY_KIND = {
    "baseline JPEG": ("RGB", "JPEG", {}),
    "progressive JPEG": ("RGB", "JPEG", {"progressive": True}),
    "grey JPEG": ("L", "JPEG", {}),
    "CMYK JPEG": ("CMYK", "JPEG", {}),
    "MPO": ("RGB", "MPO", {"save_all": True, "append_images": [a_scene((64, 48))]}),
    "PNG": ("RGB", "PNG", {}),
    "palette PNG": ("P", "PNG", {}),
    "palette PNG with a see-through colour": ("P", "PNG", {"transparency": 3}),
    "black and white PNG": ("1", "PNG", {}),
    "PNG with alpha": ("RGBA", "PNG", {}),
    "grey PNG with alpha": ("LA", "PNG", {}),
    "16-bit PNG": ("I;16", "PNG", {}),
    "WebP": ("RGB", "WEBP", {}),
    "lossless WebP with alpha": ("RGBA", "WEBP", {"lossless": True}),
}
MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
COLOURED = [name for name in EVERY_KIND if not name.startswith(("grey", "black", "16-bit", "palette"))]


def opened(data):
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def corners(picture):
    width, height = picture.size
    return [picture.getpixel((x, y)) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]


def differs_by(found, meant):
    return max(abs(a - b) for one, other in zip(found, meant, strict=True) for a, b in zip(one, other, strict=True))


def of_kind(kind, size=(640, 480)):
    """The scene as a file of this kind."""
    mode, suffix, options = EVERY_KIND[kind]
    scene = a_scene(size, "L").convert(mode) if mode == "I;16" else a_scene(size, mode)
    return file_of(scene, suffix, **options)


@pytest.mark.parametrize("size", [(640, 480), (3000, 2250)], ids=["small", "large"])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_picture_from_a_phone_is_taken(press, on_disk, kind, size):
    picture = press.inspect(on_disk(of_kind(kind, size)))
    assert (picture.media_type, picture.width, picture.height) == (MEDIA_TYPES[EVERY_KIND[kind][1]], *size)
    thumb = opened(picture.thumb)
    assert (thumb.format, thumb.mode, thumb.size) == ("JPEG", "RGB", (320, 240))


@pytest.mark.parametrize("kind", COLOURED)
def test_colours_stay_what_they_were(press, on_disk, kind):
    thumb = opened(press.inspect(on_disk(of_kind(kind))).thumb)
    assert differs_by(corners(thumb), CORNERS) < 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_a_picture_held_in_any_of_eight_ways_comes_out_upright(press, on_disk, kind, orientation):
    path = on_disk(a_turned(orientation, kind))
    picture = press.inspect(path)
    assert (picture.width, picture.height, picture.orientation) == (640, 480, orientation)
    for copy in (picture.thumb, press.screen(path)):
        assert differs_by(corners(opened(copy)), CORNERS) < 12


def test_the_same_scene_has_the_same_fingerprint_however_it_was_held(press, on_disk):
    prints = {press.inspect(on_disk(a_turned(orientation))).fingerprint for orientation in STORED}
    assert len(prints) == 1
    assert -(2**63) <= prints.pop() < 2**63


def test_a_recompressed_picture_keeps_its_fingerprint_and_another_one_has_another(press, on_disk):
    waves = noise((12, 9)).resize((1200, 900), Image.Resampling.BICUBIC)
    first, again, other = (press.inspect(on_disk(data)).fingerprint for data in (
        file_of(waves, quality=95), file_of(waves.resize((800, 600)), quality=50),
        file_of(noise((12, 9)).resize((1200, 900), Image.Resampling.BICUBIC))))
    assert ((first ^ again) & (2**64 - 1)).bit_count() <= 4
    assert ((first ^ other) & (2**64 - 1)).bit_count() >= 12


@pytest.mark.parametrize(("size", "thumb", "screen"), [
    ((4000, 3000), (320, 240), (1280, 960)), ((3000, 4000), (240, 320), (960, 1280)),
    ((1280, 1280), (320, 320), (1280, 1280)), ((200, 100), (200, 100), (200, 100)), ((1, 1), (1, 1), (1, 1)),
    ((9000, 4), (320, 1), (1280, 1)),
])
def test_copies_fit_their_square_and_are_never_enlarged(press, on_disk, size, thumb, screen):
    path = on_disk(a_jpeg(size))
    assert opened(press.inspect(path).thumb).size == thumb
    assert opened(press.screen(path)).size == screen


def test_what_shines_through_is_white(press, on_disk):
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert differs_by(corners(opened(press.inspect(on_disk(file_of(clear, "PNG"))).thumb)), [(255, 255, 255)] * 4) < 3


@pytest.mark.parametrize("side", [64, 3000])
def test_sixteen_bits_of_grey_are_scaled_and_not_clipped(press, on_disk, side):
    grey = Image.new("I;16", (side, side), 0x8000)
    assert differs_by(corners(opened(press.inspect(on_disk(file_of(grey, "PNG"))).thumb)), [(128, 128, 128)] * 4) < 3


def test_colours_of_another_profile_are_brought_to_srgb(press, on_disk):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert differs_by(corners(opened(press.inspect(on_disk(file_of(a_scene(), icc_profile=lab))).thumb)), CORNERS) < 12
    swapped = press.inspect(on_disk(file_of(a_scene(), icc_profile=profile_with_red_and_blue_swapped()))).thumb
    meant = [(blue, green, red) for red, green, blue in CORNERS]
    assert differs_by(corners(opened(swapped)), meant) < 25


def profile_with_red_and_blue_swapped():
    """An sRGB profile that says red where it means blue: conversion must visibly do something."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return data.replace(b"rXYZ", b"tmpX", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tmpX", b"bXYZ", 1)


@pytest.mark.parametrize("profile", [b"", b"nonsense", os.urandom(600)])
def test_a_broken_colour_profile_is_ignored(press, on_disk, profile):
    thumb = opened(press.inspect(on_disk(file_of(a_scene(), icc_profile=profile))).thumb)
    assert differs_by(corners(thumb), CORNERS) < 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_copies_carry_no_metadata_whatsoever(press, on_disk, kind):
    secret = b"<x:xmpmeta>a secret place</x:xmpmeta>"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = an_exif(position=POINT, device=("Make", "a secret phone"), taken="2026:01:02 03:04:05")
    options = {"JPEG": {"comment": b"a secret remark", "xmp": secret}, "PNG": {}, "WEBP": {"xmp": secret}}[kind]
    path = on_disk(with_iptc(file_of(a_scene(), kind, exif=exif, icc_profile=icc, dpi=(72, 72), **options)))
    for copy in (press.inspect(path).thumb, press.screen(path)):
        assert segments(copy) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}          # JFIF, tables, frame, scan: nothing else
        assert not any(word in copy for word in (b"Exif", b"secret", b"ICC_PROFILE", b"Photoshop", b"8BIM", b"xmp"))


def with_iptc(data):
    """The JPEG with an IPTC block in front; other kinds unchanged."""
    if not data.startswith(b"\xff\xd8"):
        return data
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0d\x1c\x02\x78\0\x08a secret"
    return data[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]


def segments(jpeg):
    """The kinds of segment in front of a JPEG's pixels."""
    found, at = set(), 2
    while 0xDA not in found:
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2:at + 4], "big")
    return found


def test_a_large_picture_is_shrunk_while_it_is_decoded(press, on_disk, monkeypatch):
    drafts = []
    plugin = type(Image.open(BytesIO(a_jpeg())))
    draft = plugin.draft
    monkeypatch.setattr(plugin, "draft", lambda self, mode, size: drafts.append(draft(self, mode, size)) or drafts[-1])
    path = on_disk(a_jpeg((4000, 3000)))
    press.inspect(path)
    press.screen(path)
    assert [box[1][2:] for box in drafts] == [(500, 375), (2000, 1500)]


def test_white_stays_white(press, on_disk):
    assert ImageChops.difference(
        opened(press.inspect(on_disk(file_of(Image.new("RGB", (64, 64), WHITE)))).thumb),
        Image.new("RGB", (64, 64), WHITE)).getextrema() == ((0, 0), (0, 0), (0, 0))
