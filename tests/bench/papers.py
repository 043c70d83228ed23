"""What the papers cost: time, size and memory, each beside its target; the ratios are taken in one run.

    .venv/bin/python tests/bench/papers.py [month villages half-year pictures rows] [--visits 1000000]

month      annex 2 of one village, 8 entries × 3 photographs of 300 to 400 KB, asked for over HTTP: the first time, when
           the small copies are not made yet, and again
villages   the zip of all eleven as Word, through `wujin serve`; the most memory the server held meanwhile
half-year  the table of a station with so many visits, counted already
pictures   720 from stored copies: our writer and plain python-docx; the memory of 72 and of 7,200
rows       a list of 100,000 rows of 15 cells: our writer and openpyxl write-only
"""

import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from PIL import Image

from wujin_field.cast import activity_claim, phone, photo_line, sealed, settle, visit_claim
from wujin_field.cast.pictures import PHOTOS
from wujin_field.cli import prepared
from wujin_field.config import STATION_ZONE, read_settings
from wujin_field.db import db, local_day, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.figures import tallies
from wujin_field.reports import docx, xlsx
from wujin_field.reports.paper import Paper, Photos, Picture
from wujin_field.reports.sheet import Sheet
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender

HERE = Path(__file__).parent
LAST = local_day(utc_now()).replace(day=1) - timedelta(days=1)
MONTH = f"{LAST:%Y-%m}"
DAYS = (2, 4, 9, 11, 16, 18, 23, 25)
MB = 1024 * 1024


def verdict(what: str, got: float, most: float, unit: str) -> None:
    print(f"  {what}: {got:.2f} {unit}, at most {most:g}: {'met' if got <= most else 'MISSED'}", flush=True)


def photograph(number: int) -> bytes:
    """As a phone sends it: 1600 pixels, 300 to 400 KB, no two alike."""
    with Image.open(PHOTOS[number % len(PHOTOS)]) as shipped:
        large = shipped.convert("RGB").resize((1600, 1600 * shipped.height // shipped.width))
    grain = Image.effect_noise(large.size, 24 + number % 8).convert("RGB")
    out = io.BytesIO()
    Image.blend(large, grain, 0.12).save(out, "JPEG", quality=76)
    return out.getvalue()


def town(folder: Path):
    """A data folder with the cast and a clerk's key."""
    (folder / "demo").touch()
    app = prepared(read_settings(env={}, data_dir=folder, public_url="http://localhost"))
    with app.app_context(), writing() as session:
        cast = settle(session)
        devices = {name: phone(session, cast.person(name)) for name in ("陈大山", "何敏")}
    return app, cast, devices


def outings(app, cast, device, units) -> None:
    """Eight in the month in each village, three photographs each."""
    intake, vault = app.extensions["intake"], app.extensions["vault"]
    sender, number = Sender(device.id, device.person_id), 0
    for unit in units:
        venue = next(venue for venue in cast.venues.values() if venue.area.path.startswith(unit.area.path))
        for day in DAYS:
            at = datetime(LAST.year, LAST.month, day, 10, tzinfo=STATION_ZONE)
            bodies = [photograph(number + n) for n in range(3)]
            number += 3
            lines = [photo_line(body, at) for body in bodies]
            activity = activity_claim(
                device, unit.area, at, entry_text="上门讲解冬季用火用电常识，查找身边隐患，发放宣传资料。"
            )
            for claim in (activity, visit_claim(device, venue, activity["id"], at, photos=lines)):
                intake.take_claim(claim["kind"], claim["id"], sealed(claim), sender)
            for body, line in zip(bodies, lines, strict=True):
                with vault.incoming() as file:
                    file.write(body)
                    vault.keep(file, line["sha256"])
                intake.take_photo(line["sha256"], len(body), Header("image/jpeg", 1600, 1200), sender)


def month(folder: Path) -> None:
    app, cast, devices = town(folder)
    outings(app, cast, devices["陈大山"][0], [cast.units["liuxi"]])
    client = app.test_client()
    client.set_cookie("wujin_device", devices["何敏"][1])
    print("annex 2, 8 entries × 3 photographs")
    for number, form in enumerate(("docx", "docx", "pdf", "pdf", "xlsx")):
        began, spent = time.perf_counter(), time.process_time()
        body = client.get(f"/station/reports/liuxi/{MONTH}/annex2_monthly.{form}").data
        took, spent = time.perf_counter() - began, time.process_time() - spent
        again = " again" if number in (1, 3) else " the first time" if number in (0, 2) else ""
        verdict(f"{form}{again} ({spent:.2f} s of the processor)", took, 1, "s")
        verdict(f"{form} size", len(body) / MB, 4, "MB")


def villages(folder: Path) -> None:
    """Through the real server, as a clerk's tap starts it."""
    app, cast, devices = town(folder)
    outings(app, cast, devices["陈大山"][0], cast.committees())
    with app.app_context():
        db.engine.dispose()
    print("eleven villages, one zip")
    sys.path.insert(0, str(HERE.parent / "journeys"))
    sys.path.insert(0, str(HERE.parent))
    from patience import until
    from ports import free_port

    port = free_port()
    command = [sys.executable, "-m", "wujin_field", "serve", "--port", str(port)]
    env = {"WUJIN_DATA_DIR": str(folder), "WUJIN_PUBLIC_URL": f"http://localhost:{port}", "PATH": "/usr/bin:/bin"}
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: urlopen(f"http://localhost:{port}/healthz", timeout=2).status == 200)
        for again in ("the first time", "again"):
            took, size = bundled(f"http://localhost:{port}", devices["何敏"][1])
            verdict(f"docx {again} ({size / MB:.1f} MB)", took, 12, "s")
        verdict("most memory of the server", memory(server.pid), 250, "MB")
    finally:
        server.terminate()
        server.wait(30)


def bundled(url: str, token: str) -> tuple[float, int]:
    """Seconds from the tap to the file, and its bytes."""
    began, headers = time.perf_counter(), {"Cookie": f"wujin_device={token}", "Origin": url}
    tap = Request(f"{url}/station/reports/{MONTH}/annex2_monthly/bundle", b"form=docx", headers)
    with urlopen(tap, timeout=30) as answer:  # led on to the job's page
        job = answer.url
    while True:
        with suppress(HTTPError), urlopen(Request(f"{job}/file", headers=headers), timeout=30) as answer:
            return time.perf_counter() - began, len(answer.read())
        time.sleep(0.05)


def memory(pid: int) -> float:
    """MB: the peak of the fattest of the server's processes that answer people."""
    ids = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    return max(peak(one) for one in (str(pid), *ids))


def peak(pid: str) -> float:
    """MB; the kernel's own mark, which a process does not take over from the one that started it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def half_year(folder: Path, visits: int) -> None:
    sys.path.insert(0, str(HERE))
    from monday import fill

    app, cast, devices = town(folder)
    with app.app_context():
        fill(cast, devices["陈大山"][0], visits)
        with writing() as session:
            tallies.rebuild(session, load_pack())
        db.session.remove()
    client = app.test_client()
    client.set_cookie("wujin_device", devices["何敏"][1])
    print(f"half-year table, a station with {visits:,} visits in two years")
    for form in ("docx", "pdf", "xlsx"):
        times, spent = [], time.process_time()
        for _ in range(3):
            began = time.perf_counter()
            assert client.get(f"/station/reports/station/{LAST.year}-H2/half_year_table.{form}").status_code == 200
            times.append(time.perf_counter() - began)
        spent = (time.process_time() - spent) / 3
        verdict(f"{form} ({spent:.2f} s of the processor)", statistics.median(times), 1, "s")


def paper_of(number: int) -> Paper:
    blocks = [
        Photos(tuple(Picture("图片1", f"{n + i:064x}", "缺") for i in range(3)), str(n)) for n in range(0, number, 3)
    ]
    return Paper("annex2_monthly", ("标题",), tuple(blocks), "柳溪村", "2026-11-01")


def small(number: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((640, 480), 20 + number % 60).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def pictures(folder: Path) -> None:
    print("720 pictures from stored copies")
    stored = folder / "stored"
    stored.mkdir()
    for number in range(720):
        (stored / f"{number}.jpg").write_bytes(small(number))
    ours = timed(lambda: written(stored, 720, folder / "ours.docx"))
    theirs = timed(lambda: plainly(stored, folder / "theirs.docx"))
    print(f"  ours {ours:.2f} s, python-docx {theirs:.2f} s of the processor")
    verdict("ours to python-docx", ours / theirs, 1 / 20, f"(1 : {theirs / ours:.0f})")
    for form in ("docx", "xlsx"):
        peaks = {number: in_a_process(held, stored, number, folder / f"{number}.{form}") for number in (72, 7200)}
        print(f"  memory of {form}: {peaks[72]:.0f} MB for 72, {peaks[7200]:.0f} MB for 7,200")
        verdict(f"{form}, 7,200 to 72", peaks[7200] / peaks[72], 1.25, "×")


def written(stored: Path, number: int, out: Path) -> None:
    write = {".docx": docx.write, ".xlsx": xlsx.write}[out.suffix]
    with out.open("wb") as file:
        write(paper_of(number), lambda shown: (stored / f"{int(shown.sha256, 16) % 720}.jpg").read_bytes(), file)


def plainly(stored: Path, out: Path) -> None:
    from docx import Document
    from docx.shared import Mm

    document = Document()
    for number in range(720):
        document.add_picture(str(stored / f"{number}.jpg"), width=Mm(50))
    document.save(str(out))


def held(stored: Path, number: int, out: Path) -> float:
    written(stored, number, out)
    return peak("self")


def in_a_process(what, *given):
    """A process of its own: what one peak held must not count for the next."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(what, given)


def rows(folder: Path) -> None:
    print("a list of 100,000 rows × 15 cells")
    lines = [[f"禾丰粮油{n}", n, "2026-11-03", n * 0.5, *["消防宣传"] * 11] for n in range(100_000)]
    ours, theirs = timed(lambda: our_sheet(lines)), timed(lambda: their_sheet(lines))
    print(f"  ours {ours:.2f} s, openpyxl write-only {theirs:.2f} s of the processor")
    verdict("ours to openpyxl", ours / theirs, 1 / 4, f"(1 : {theirs / ours:.1f})")


def our_sheet(lines: list) -> None:
    sheet = Sheet(io.BytesIO(), "清单", "2026-11-01")
    for line in lines:
        sheet.add(line)
    sheet.close()


def their_sheet(lines: list) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet()
    for line in lines:
        page.append(line)
    book.save(io.BytesIO())


def timed(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


PARTS = {"month": month, "villages": villages, "half-year": half_year, "pictures": pictures, "rows": rows}


def compiled() -> None:
    """As pip installs: without it the first PDF would also pay for compiling a hundred modules of fpdf2."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", "import fpdf, uharfbuzz"], env=environment, check=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS) + "; all of them when none is named")
    asked.add_argument("--visits", type=int, default=1_000_000)
    given = asked.parse_args()
    if strange := set(given.parts) - set(PARTS):
        asked.error(f"no such part: {', '.join(sorted(strange))}")
    compiled()
    for part in given.parts or PARTS:
        folder = Path(tempfile.mkdtemp(prefix="wujin-papers-"))
        PARTS[part](folder, *([given.visits] if part == "half-year" else []))
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
