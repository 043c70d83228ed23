"""月度工作情况（附件2）: R169-R171. The clerk orders pictures, words sentences, leaves entries out; figures are the record's."""

from dataclasses import replace

from ...figures.stamps import stamps
from ...periods import numbers_of
from ..ask import Ask
from ..content import month_paper, monthly_report
from ..facts import ActivityFact, MonthFacts, PictureFact
from ..gather import month_facts
from ..paper import Paper

Marks = dict[str, tuple[str, ...]]


def paper(ask: Ask) -> Paper:
    return month_paper(
        monthly_report(chosen(ask, month_facts(ask.session, ask.pack, ask.unit, *numbers_of(ask.period))), ask.layout)
    )


def chosen(ask: Ask, facts: MonthFacts) -> MonthFacts:
    """The facts of a month as the clerk wants them printed."""
    words = ask.words
    shown = {picture.sha256 for one in (*facts.activities, *facts.carried) for picture in one.pictures}
    marks = stamps(ask.session, ask.path, shown, ask.unit.zh) if words.stamped else {}
    return replace(
        facts, activities=_picked(ask, facts.activities, marks), carried=_picked(ask, facts.carried, marks),
        reviewer=words.reviewer,
        person=words.person or facts.person, public=words.public is not False,
    )  # fmt: skip


def _picked(ask: Ask, activities: tuple[ActivityFact, ...], marks: Marks) -> tuple[ActivityFact, ...]:
    return tuple(_worded(ask, activity, marks) for activity in activities if activity.id not in ask.words.left_out)


def _worded(ask: Ask, activity: ActivityFact, marks: Marks) -> ActivityFact:
    text = ask.words.texts.get(activity.id, activity.text)
    ordered = in_order(activity.pictures, ask.words.photos.get(activity.id, []))
    stamped = tuple(replace(picture, stamp=marks.get(picture.sha256, ())) for picture in ordered)
    return replace(activity, text=text, pictures=stamped)


def in_order(pictures: tuple[PictureFact, ...], wanted: list[str]) -> tuple[PictureFact, ...]:
    """The wanted ones first, in their order; then those that came since, as the record has them."""
    place = {sha256: n for n, sha256 in enumerate(wanted)}
    return tuple(sorted(pictures, key=lambda picture: place.get(picture.sha256, len(place))))
