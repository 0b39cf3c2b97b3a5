"""Checking a bundle with nothing but the public key: no database, no installation."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from incident_service.evidence.archive import FORMAT, MANIFEST, SIGNATURE
from incident_service.foundation.words import Words, both

CHUNK_BYTES = 1024 * 1024
MANIFEST_BYTES_MAX = 16 * 1024 * 1024
SIGNATURE_BYTES = 64
BROKEN = (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, KeyError, TypeError)


class NoBundle(Exception):
    """The file is no evidence bundle, or its manifest was not signed with this key. `sentence` says why."""

    def __init__(self, sentence: Words) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def check(path: Path, key: Ed25519PublicKey) -> tuple[dict[str, Any], list[Words]]:
    """The signed manifest, and what in the bundle is not as it says. Raises NoBundle."""
    try:
        with ZipFile(path) as archive:
            manifest = _signed_manifest(archive, key)
            return manifest, list(_differences(archive, manifest))
    except BROKEN as error:
        raise NoBundle(both("不是完整的证据包", "This is no whole evidence bundle")) from error


def _signed_manifest(archive: ZipFile, key: Ed25519PublicKey) -> dict[str, Any]:
    names = archive.namelist()
    if len(names) != len(set(names)) or any(each.compress_type != ZIP_STORED for each in archive.infolist()):
        raise NoBundle(both("证据包结构异常", "The bundle is not built as bundles are"))
    manifest = _read(archive, MANIFEST, MANIFEST_BYTES_MAX)
    try:
        key.verify(_read(archive, SIGNATURE, SIGNATURE_BYTES), manifest)
    except InvalidSignature as error:
        raise NoBundle(both("签名无效：清单被改动，或不是由此密钥签署",
                            "The signature is wrong: the manifest was changed, or another key signed it")) from error
    facts = orjson.loads(manifest)
    if facts["format"] != FORMAT:
        raise NoBundle(both("未知的证据包格式", "A bundle of an unknown form"))
    return facts


def _read(archive: ZipFile, name: str, bytes_max: int) -> bytes:
    if archive.getinfo(name).file_size > bytes_max:
        raise NoBundle(both("证据包结构异常", "The bundle is not built as bundles are"))
    return archive.read(name)


def _differences(archive: ZipFile, manifest: dict[str, Any]) -> Iterator[Words]:
    there = set(archive.namelist()) - {MANIFEST, SIGNATURE}
    for each in manifest["files"]:
        name = each["name"]
        if name not in there:
            yield both("缺少 {name}", "missing {name}", name=name)
        elif _digest(archive, name) != each["sha256"]:
            yield both("被改动 {name}", "changed {name}", name=name)
    for name in sorted(there - {each["name"] for each in manifest["files"]}):
        yield both("多出 {name}", "added {name}", name=name)


def _digest(archive: ZipFile, name: str) -> str | None:
    """The digest of a file in the bundle; None when it cannot even be read."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as file:
            for piece in iter(lambda: file.read(CHUNK_BYTES), b""):
                digest.update(piece)
    except (BadZipFile, EOFError):
        return None
    return digest.hexdigest()
