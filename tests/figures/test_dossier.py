"""A demonstration site stands beside its standard: the newest look counts, a returned visit proves nothing."""

from datetime import timedelta

import pytest

from wujin_field.cast import phone, sealed, settle, visit_claim
from wujin_field.cast.registers import keep_registers
from wujin_field.db import db, local_day, to_ms, utc_now, writing
from wujin_field.domain import load_pack
from wujin_field.figures.dossier import dossier
from wujin_field.models import RegisterEntry, Ruling
from wujin_field.sync.intake import Sender

PLACE, TODAY = "柳溪村消防宣传室", local_day(utc_now())


@pytest.fixture
def site(app):
    with app.app_context():
        with writing() as session:
            town = settle(session)
            keep_registers(session, town, TODAY)
            device, _ = phone(session, town.person("陈大山"))
        yield Site(app, town, device)


class Site:
    def __init__(self, app, town, device):
        self.app, self.town, self.device = app, town, device

    def looked(self, days_ago, **answers):
        at = to_ms(utc_now() - timedelta(days=days_ago, hours=1))
        claim = visit_claim(self.device, self.town.venue(PLACE))
        said = {code.replace("_", "-"): {"value": value} for code, value in answers.items()}
        claim |= {"started_at": at, "ended_at": at + 600_000, "answers": said}
        sender = Sender(self.device.id, self.device.person_id)
        assert self.app.extensions["intake"].take_claim("visit", claim["id"], sealed(claim), sender).status == 201
        return claim["id"]

    def dossier(self):
        entry = db.session.query(RegisterEntry).filter_by(kind="demonstration_site", title=PLACE).one()
        return dossier(db.session(), load_pack(), entry, TODAY)

    def met(self):
        return {demand.code for demand in self.dossier().demands if demand.met}


def test_nothing_is_met_before_somebody_looked(site):
    found = site.dossier()
    assert (found.met, len(found.demands)) == (0, 6)


def test_the_newest_look_counts_and_not_seen_says_nothing(site):
    site.looked(9, DX_01="ok", DX_02="ok", DX_03="fail")
    site.looked(2, DX_01="unseen", DX_02="fail", DX_03="ok")
    assert site.met() == {"DX-01", "DX-03"}


def test_a_returned_visit_proves_nothing(site):
    visit = site.looked(3, DX_01="ok")
    assert site.met() == {"DX-01"}
    with writing() as session:
        who = site.town.person("罗静").id
        session.add(Ruling(visit_id=visit, revision=1, result="unclear", reason="看不清", decided_by_id=who))
    assert site.met() == set()
