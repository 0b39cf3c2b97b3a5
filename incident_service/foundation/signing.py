"""The installation's signing key: Ed25519, made once, kept with the other keys."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from flask import current_app

from incident_service.foundation import keys

FILE = "evidence.key"


def sign(message: bytes) -> bytes:
    """The installation's signature over `message`: 64 bytes, the same for the same message."""
    return _private_key().sign(message)


def is_signed(message: bytes, signature: bytes) -> bool:
    """Whether `signature` is this installation's over `message`."""
    try:
        _private_key().public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_key() -> str:
    """The key with which anybody checks what was signed here, as PEM."""
    return _private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """The key in a PEM file. Raises ValueError when there is none, or one of another kind."""
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("This is no Ed25519 public key.")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """What people compare: the SHA-256 of the 32 bytes of a public key."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def has_key() -> bool:
    """Whether this installation has ever made its key."""
    return (current_app.config["KEYS_DIR"] / FILE).exists()


def _private_key() -> Ed25519PrivateKey:
    pem = keys.kept_secret(current_app.config["KEYS_DIR"] / FILE, _new_key)
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{FILE} holds no Ed25519 key.")
    return key


def _new_key() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
