"""What a submitted report carries: a QR to its verification page, and the lines beside it."""

from io import BytesIO

import msgspec
import qrcode

from .paper import Paper, Seal


def sealed(paper: Paper, digest: str, address: str) -> Paper:
    """The paper as it is printed once it was handed in."""
    lines = ["扫码核对本件：内容、版本和数字是否与报送时一致。", f"内容摘要 SHA-256：{digest[:16]}…", paper.checkpoint]
    return msgspec.structs.replace(paper, seal=Seal(address, tuple(line for line in lines if line)))


def qr_png(address: str) -> bytes:
    """The same address gives the same bytes."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, box_size=6)
    code.add_data(address)
    out = BytesIO()
    code.make_image().get_image().convert("1").save(out, "PNG")
    return out.getvalue()
