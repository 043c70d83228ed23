"""Receipts: what was taken in, when, under which digest; signed with this instance's P-256 key.

The phone keeps our public key from its enrolment and believes nothing but a signature that verifies.
"""

import base64
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ..canonical import plain
from ..config import write_private

ALGORITHM = ec.ECDSA(hashes.SHA256())


class Signer:
    """This instance's key; made on first start and kept 0600 in the data folder."""

    def __init__(self, path: Path):
        if not path.exists():
            write_private(path, _new_key())
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    @property
    def public_key(self) -> str:
        """The raw public key (65 bytes, uncompressed point) in base64url, as WebCrypto imports it."""
        return base64url(
            self._key.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
        )

    def signed(self, statement: dict) -> dict:
        """The statement with `sig` over its RFC 8785 bytes."""
        r, s = decode_dss_signature(self._key.sign(plain(statement), ALGORITHM))
        return {**statement, "sig": base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}


def verifies(public_key: bytes, signature: bytes, body: bytes) -> bool:
    """Is `signature` (r‖s, 64 bytes, as WebCrypto makes it) the owner's of `public_key` over `body`?"""
    if len(signature) != 64:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key).verify(der, body, ALGORITHM)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(raw: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return len(raw) == 65


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Only the one spelling that base64url() gives: no padding, no stray bits, no foreign signs. Raises ValueError."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
