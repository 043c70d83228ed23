"""The way of a venue's owner to one hazard: the venue's code and a token that only this hazard has."""

import base64
import hashlib
import hmac

from flask import current_app

from ..models import Hazard


def token_of(hazard_id: str) -> str:
    """Derived, never stored: whoever reads the database cannot make one (HMAC-SHA-256, 120 bits)."""
    secret = current_app.config["SETTINGS"].secret_key.encode()
    raw = hmac.new(secret, f"hazard of its owner {hazard_id}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(raw[:15]).decode()


def is_token(hazard_id: str, token: str) -> bool:
    return token.isascii() and hmac.compare_digest(token_of(hazard_id), token)


def address_of(hazard: Hazard) -> str | None:
    """What the notice's QR code says; None while no poster hangs there."""
    code = hazard.venue.code if hazard.venue else None
    return f"{current_app.config['SETTINGS'].public_url}/v/{code}/hazards/{token_of(hazard.id)}" if code else None
