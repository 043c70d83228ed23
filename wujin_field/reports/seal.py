"""What a submitted report carries: a QR to its verification page, and the lines beside it."""

from io import BytesIO

import qrcode

from .paper import Paper, Seal


def sealed(paper: Paper, digest: str, address: str, checkpoint: str = "") -> Paper:
    """The paper with its seal; `checkpoint` is the newest signed one in words, or ''."""
    lines = ["扫码核对本件：内容、版本和数字是否与报送时一致。", f"内容摘要 SHA-256：{digest[:16]}…", checkpoint]
    return _with(paper, Seal(address, tuple(line for line in lines if line)))


def _with(paper: Paper, seal: Seal) -> Paper:
    return Paper(**{name: getattr(paper, name) for name in paper.__struct_fields__} | {"seal": seal})


def qr_png(address: str) -> bytes:
    """The same address gives the same bytes."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2, box_size=6)
    code.add_data(address)
    out = BytesIO()
    code.make_image().get_image().convert("1").save(out, "PNG")
    return out.getvalue()
