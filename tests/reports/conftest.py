"""青禾镇柳溪村 and its papers: the layouts as shipped, one village's month, and pictures that can be told apart."""

import io
import tomllib
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

import wujin_field
from wujin_field.reports.facts import ActivityFact, MonthFacts, PictureFact
from wujin_field.reports.weeks import report_weeks

LAYOUTS = Path(wujin_field.__path__[0]) / "domain" / "pack" / "reports.toml"


@pytest.fixture(scope="session")
def layouts():
    return {layout["code"]: layout for layout in tomllib.loads(LAYOUTS.read_text("utf-8"))["report"]}


@pytest.fixture
def monthly_layout(layouts):
    return layouts["annex2_monthly"]


@pytest.fixture
def plan_layout(layouts):
    return layouts["annex1_plan"]


@pytest.fixture
def month():
    """month(2026, 11, activities=…) → the facts of Liuxi village."""

    def facts(year, month, **more):
        weeks = tuple(report_weeks(year, month, "sunday"))
        return MonthFacts(
            **{"town": "青禾镇", "area": "柳溪村", "weeks": weeks, "due_day": 28, **more}, year=year, month=month
        )

    return facts


@pytest.fixture
def outing():
    """outing("2026-11-03", "企业", "检查灭火器", pictures=3) → an activity whose pictures are named after it."""

    def activity(day, place_zh="企业", text="检查灭火器", pictures=0, named=None):
        name = named or day
        shown = tuple(PictureFact(f"{name}/{i}") for i in range(1, pictures + 1))
        return ActivityFact(name, date.fromisoformat(day), place_zh, text, shown)

    return activity


@pytest.fixture(scope="session")
def jpeg():
    """jpeg("red", (40, 30)) → a JPEG of that colour and size in pixels."""

    def picture(color="red", size=(40, 30), kind="JPEG"):
        out = io.BytesIO()
        Image.new("RGB", size, color).save(out, kind)
        return out.getvalue()

    return picture
