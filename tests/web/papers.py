"""柳溪村 with a month of outings, and the desks of those who make, read and receive its papers."""

from datetime import datetime, timedelta
from io import BytesIO

from docx import Document

from wujin_field.cast import activity_claim, phone, photo_line, picture, sealed, settle, visit_claim
from wujin_field.config import STATION_ZONE
from wujin_field.db import db, local_day, utc_now, writing
from wujin_field.sync.gate import Header
from wujin_field.sync.intake import Sender

LAST = local_day(utc_now()).replace(day=1) - timedelta(days=1)  # in the month that is over
MONTH = f"{LAST:%Y-%m}"
AT = f"/station/reports/liuxi/{MONTH}/annex2_monthly"


class Village:
    """陈大山's phone in 柳溪村; 赵春兰 and 何敏 at their desks."""

    def __init__(self, app, town=None):
        self.app = app
        with app.app_context(), writing() as session:
            self.town = town or settle(session)
            self.phones = {
                name: phone(session, self.town.person(name)) for name in ("陈大山", "赵春兰", "何敏", "罗静")
            }

    def at(self, name):
        client = self.app.test_client()
        client.set_cookie("wujin_device", self.phones[name][1])
        return client

    def outing(self, day, text, photos=3, arrived=True, place="禾丰粮油加工厂", **fields):
        """One activity with one visit; its id and the digests of its pictures."""
        device, intake = self.phones["陈大山"][0], self.app.extensions["intake"]
        sender, at = Sender(device.id, device.person_id), datetime(LAST.year, LAST.month, day, 10, tzinfo=STATION_ZONE)
        venue = self.town.venue(place)
        activity = activity_claim(device, venue.area, at, entry_text=text, **fields)
        bodies = [picture(day * 10 + n, at) for n in range(photos)]
        lines = [photo_line(body, at, "overview") for body in bodies]
        visit = visit_claim(device, venue, activity["id"], at, photos=lines)
        for claim in (activity, visit):
            assert intake.take_claim(claim["kind"], claim["id"], sealed(claim), sender).status == 201
        for body, line in zip(bodies, lines, strict=True) if arrived else ():
            self._keep(body, line["sha256"], sender)
        return activity["id"], [line["sha256"] for line in lines]

    def _keep(self, body, sha256, sender):
        vault = self.app.extensions["vault"]
        file = vault.incoming()
        file.write(body)
        vault.keep(file, sha256)
        file.close()
        self.app.extensions["intake"].take_photo(sha256, len(body), Header("image/jpeg", 100, 75), sender)

    def held(self, query):
        with self.app.app_context():
            return db.session.scalars(query).all()


def texts(answer):
    """The paragraphs of a Word file, those in its tables too, in reading order."""
    assert answer.status_code == 200, answer.status_code
    body = Document(BytesIO(answer.data)).element.body
    told = (
        "".join(node.text or "" for node in p.iter() if node.tag.endswith("}t"))
        for p in body.iter()
        if p.tag.endswith("}p")
    )
    return [text for text in told if text]
