"""A shipped photograph as if taken just now: fresh Exif, the same pixels. See photos/LICENCES.md."""

from datetime import datetime
from functools import cache
from pathlib import Path

from PIL import ExifTags, Image

from ..config import STATION_ZONE

PHOTOS = sorted((Path(__file__).parent.parent / "photos").glob("*.jpg"))
NAMES = [path.stem for path in PHOTOS]
APP1 = b"\xff\xe1"
Degrees = tuple[float, float, float]


def picture(n: int, taken_at: datetime, lat_e7: int | None = None, lon_e7: int | None = None) -> bytes:
    """JPEG number `n` (any integer, they come round) with this time and WGS-84 position in its Exif."""
    before, after = _parts(n % len(PHOTOS))
    exif = _exif(taken_at, lat_e7, lon_e7).tobytes()
    return before + APP1 + (len(exif) + 2).to_bytes(2, "big") + exif + after


@cache
def _parts(n: int) -> tuple[bytes, bytes]:
    """What stands before and after the Exif segment; all our photographs have one, right behind their JFIF segment."""
    body = PHOTOS[n].read_bytes()
    start = body.index(APP1)
    return body[:start], body[start + 2 + int.from_bytes(body[start + 2 : start + 4], "big") :]


def _exif(taken_at: datetime, lat_e7: int | None, lon_e7: int | None) -> Image.Exif:
    local, exif = taken_at.astimezone(STATION_ZONE), Image.Exif()
    stamp = local.strftime("%Y:%m:%d %H:%M:%S")
    exif.update({ExifTags.Base.Make: "Demo", ExifTags.Base.Model: "Phone", ExifTags.Base.DateTime: stamp})
    exif.get_ifd(ExifTags.IFD.Exif).update({
        ExifTags.Base.DateTimeOriginal: stamp, ExifTags.Base.OffsetTimeOriginal: "+08:00",
        ExifTags.Base.SubsecTimeOriginal: f"{local.microsecond // 1000:03}",
    })  # fmt: skip
    if lat_e7 is not None and lon_e7 is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({
            ExifTags.GPS.GPSLatitudeRef: "N" if lat_e7 >= 0 else "S", ExifTags.GPS.GPSLatitude: _degrees(lat_e7),
            ExifTags.GPS.GPSLongitudeRef: "E" if lon_e7 >= 0 else "W", ExifTags.GPS.GPSLongitude: _degrees(lon_e7),
        })  # fmt: skip
    return exif


def _degrees(value_e7: int) -> Degrees:
    """Degrees, minutes, seconds, as Exif wants them."""
    minutes, seconds = divmod(abs(value_e7) * 36 // 1000, 6000)  # hundredths of a second
    return float(minutes // 60), float(minutes % 60), seconds / 100
