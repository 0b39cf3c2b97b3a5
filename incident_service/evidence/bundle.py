"""What goes into the evidence bundle of a case."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from incident_service import cases, photos
from incident_service.accounts import Account
from incident_service.cases import Dossier, Picture
from incident_service.evidence.archive import Entry, plain, streamed
from incident_service.foundation import signing
from incident_service.foundation.problems import NotFound
from incident_service.photos import Photo, PhotoNotReady, Size, Status

COPIES = (Size.THUMB, Size.SCREEN)
RETRY_AFTER_S = 2
GUIDE = """案卷证据包 / Evidence bundle

manifest.json lists every file with its SHA-256; manifest.sig is its Ed25519 signature. To check both:

    flask evidence verify FILE --public-key KEY.pem

or by hand, with the installation's public key (GET /api/v1/evidence-key), got from the city and not with this file:

    openssl pkeyutl -verify -pubin -inkey KEY.pem -rawin -in manifest.json -sigfile manifest.sig
    sha256sum, for each file of the manifest
"""


def bundle(number: str, *, by: Account, original_requests: Sequence[UUID] = ()) -> Iterator[bytes]:
    """The evidence bundle of a case, a piece at a time. What may be refused is refused before the first piece.

    Every original in it is written down as looked at. Raises CaseUnknown, NotAKeeper, PhotoNotReady; OriginalSealed
    for originals without a consent, NotFound for a request of another case.
    """
    file = cases.dossier(number, by=by)
    if any(picture.photo.status is Status.SEALED for picture in file.pictures):
        raise PhotoNotReady(retry_after_s=RETRY_AFTER_S)
    shown = cases.look_in_bundle(file.case, original_requests, by=by)
    about = {"case": file.case.number, "version": file.facts["version"],
             "key": signing.fingerprint(signing.read_public_key(signing.public_key().encode()))}
    return streamed(_entries(file, shown, _side_by_side(file)), about, signing.sign)


def _entries(file: Dossier, shown: Sequence[Photo], beside: bytes | None) -> Iterator[Entry]:
    yield Entry("README.txt", [GUIDE.encode()])
    yield Entry("case.json", [plain(file.facts)])
    yield Entry("history.json", [plain(file.history)])
    yield Entry("photos.json", [plain([_described(each, shown) for each in file.pictures])])
    for picture in file.pictures:
        for size in COPIES:
            if jpeg := _copy(picture.photo, size):
                yield Entry(f"photos/{picture.stage}-{picture.photo.id}-{size}.jpg", [jpeg])
    if beside:
        yield Entry("side-by-side.jpg", [beside])
    for photo in shown:
        yield Entry(f"originals/{photo.id}.{photo.media_type.partition('/')[2]}", photos.pieces(photo.sha256))


def _copy(photo: Photo, size: Size) -> bytes | None:
    """A clean copy; None where there is none."""
    try:
        return photos.read(photo, size)
    except NotFound:
        return None


def _side_by_side(file: Dossier) -> bytes | None:
    try:
        return cases.read_side_by_side(file.case)
    except NotFound:
        return None


def _described(picture: Picture, shown: Sequence[Photo]) -> dict[str, Any]:
    """A picture and the digest of its sealed original."""
    photo = picture.photo
    columns = ("id", "sha256", "byte_count", "media_type", "width", "height", "received_at", "captured_claim",
               "captured_at", "status", "revision")
    return {name: getattr(photo, name) for name in columns} | {
        "stage": picture.stage, "position": picture.position, "sent_by": picture.sent_by,
        "original_included": photo in shown}
