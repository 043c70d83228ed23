"""A phone with a key of its own, and the backup that it would export."""

import hashlib
import io
import json
import zipfile

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from wujin_field.cast import activity_claim, phone, photo_line, picture, sealed, visit_claim
from wujin_field.db import utc_now, writing
from wujin_field.models import Device
from wujin_field.sync.receipt import base64url


class SigningPhone:
    """Somebody's phone, that signs what it freezes."""

    def __init__(self, town, name, signs=True):
        self.key = ec.generate_private_key(ec.SECP256R1())
        with writing() as session:
            self.device, self.token = phone(session, town.person(name))
            if signs:
                session.get_one(Device, self.device.id).public_key = self.key.public_key().public_bytes(
                    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
                )
        self.mill, self.files, self.items = town.venue("禾丰粮油加工厂"), {}, []

    def visited(self, seq=1, **fields):
        """An activity, one visit with one photo, and their places in the backup."""
        now = utc_now()
        body = picture(seq, now)
        activity = activity_claim(self.device, self.mill.area, now, seq=2 * seq)
        visit = visit_claim(
            self.device, self.mill, activity["id"], photos=[photo_line(body, now)], seq=2 * seq + 1, **fields
        )
        for claim in (activity, visit):
            self.keep(claim)
        self.keep_photo(body)
        return visit

    def keep(self, claim, signer=None):
        body = sealed(claim)
        r, s = decode_dss_signature((signer or self).key.sign(body, ec.ECDSA(hashes.SHA256())))
        name = f"claims/{claim['kind']}-{claim['id']}-{claim['revision']}.json"
        self.files[name] = body
        self.items.append({
            "kind": claim["kind"], "id": claim["id"], "revision": claim["revision"], "state": "waiting", "file": name,
            "digest": hashlib.sha256(body).hexdigest(), "signature": base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big")),
        })  # fmt: skip

    def keep_photo(self, body):
        sha256 = hashlib.sha256(body).hexdigest()
        self.files[f"photos/{sha256}.jpg"] = body
        self.items.append({"kind": "photo", "id": sha256, "revision": 1, "digest": sha256, "state": "waiting"})

    def exported(self, packed=zipfile.ZIP_STORED) -> bytes:
        manifest = {"format": "wujin-rescue", "version": 1, "made_at": 1, "items": self.items, "lost": []}
        return zipped(
            {**self.files, "manifest.json": json.dumps(manifest).encode(), "说明.txt": "备份".encode()}, packed
        )


def zipped(files: dict[str, bytes], packed=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as whole:
        for name, body in files.items():
            whole.writestr(name, body)
    return out.getvalue()
