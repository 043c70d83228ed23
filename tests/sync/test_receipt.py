"""A receipt verifies with the instance's public key, as a browser would check it, and nothing else does."""

import stat

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from wujin_field.canonical import canonical
from wujin_field.sync.receipt import Signer, base64url, from_base64url, is_public_key, verifies

STATEMENT = {"kind": "visit", "id": "01930c2e-0000-7000-8000-00000000f001", "digest": "ab" * 32, "revision": 1,
             "server_seq": 7, "received_at": 1_762_131_600_000, "instance": "01930c2e-0000-7000-8000-000000000001"}  # fmt: skip


@pytest.fixture
def signer(tmp_path):
    return Signer(tmp_path / "signing-key.pem")


def check(receipt, public_key):
    """As WebCrypto does it, with nothing of ours but the canonical bytes. Raises InvalidSignature."""
    body, raw = {key: value for key, value in receipt.items() if key != "sig"}, from_base64url(receipt["sig"])
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(public_key))
    key.verify(der, canonical(body), ec.ECDSA(hashes.SHA256()))


def test_a_receipt_verifies_with_the_public_key(signer):
    for number in range(50):  # r and s begin with a zero byte now and then
        receipt = signer.signed(STATEMENT | {"server_seq": number})
        check(receipt, signer.public_key)
        assert len(from_base64url(receipt["sig"])) == 64


@pytest.mark.parametrize("field", STATEMENT)
def test_an_altered_receipt_does_not(signer, field):
    receipt = signer.signed(STATEMENT)
    receipt[field] = receipt[field] + 1 if isinstance(receipt[field], int) else receipt[field][::-1]
    with pytest.raises(InvalidSignature):
        check(receipt, signer.public_key)


def test_another_instances_key_does_not_vouch(signer, tmp_path):
    with pytest.raises(InvalidSignature):
        check(signer.signed(STATEMENT), Signer(tmp_path / "other.pem").public_key)


def test_the_key_survives_a_restart_and_is_the_owners_alone(signer, tmp_path):
    check(signer.signed(STATEMENT), Signer(tmp_path / "signing-key.pem").public_key)
    assert stat.S_IMODE((tmp_path / "signing-key.pem").stat().st_mode) == 0o600


def phone_signature(key, body):
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(key.sign(body, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def public(key):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_a_phones_signature_is_its_own_over_these_bytes_only():
    mine, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    signature = phone_signature(mine, b"body")
    assert verifies(public(mine), signature, b"body")
    assert not verifies(public(mine), signature, b"Body")
    assert not verifies(public(other), signature, b"body")


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), b"\xff" * 64, bytes(65), bytes(1000)])
def test_no_nonsense_is_a_signature(signature):
    assert not verifies(public(ec.generate_private_key(ec.SECP256R1())), signature, b"body")


@pytest.mark.parametrize("raw", [b"", bytes(65), b"\x04" + bytes(64), b"\x02" * 33, b"\x04" + b"\xff" * 64])
def test_no_nonsense_is_a_public_key(raw):
    assert not is_public_key(raw)


def test_a_real_point_is_a_public_key_but_not_its_short_form():
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    assert is_public_key(public(key))
    assert not is_public_key(key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


@pytest.mark.parametrize("length", range(70))
def test_base64url_reads_back_without_padding(length):
    raw = bytes(range(length))
    assert from_base64url(base64url(raw)) == raw
    assert "=" not in base64url(raw)


def test_bytes_have_one_spelling_alone():
    """Else unused bits of the last sign could be changed, and nobody would see it."""
    signature = base64url(bytes(range(64)))
    assert signature[-1] == "w"
    for other in (signature[:-1] + "x", signature + "==", signature + " ", signature[:8] + "\n" + signature[8:]):
        with pytest.raises(ValueError):
            from_base64url(other)
