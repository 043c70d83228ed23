"""A calendar that phones can read: whole days, no line too long, words escaped."""

from datetime import UTC, date, datetime

from wujin_field.reports.ics import Day, write_ics

NOW = datetime(2026, 11, 4, 2, tzinfo=UTC)


def written(*days):
    return write_ics("柳溪村", days, NOW)


def test_a_day_ends_where_the_next_begins():
    text = written(Day("due-1", date(2026, 11, 28), date(2026, 11, 28), "月报"))
    assert "DTSTART;VALUE=DATE:20261128\r\nDTEND;VALUE=DATE:20261129\r\n" in text
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")


def test_no_line_is_longer_than_the_rule_and_no_character_is_cut():
    text = written(Day("plan-1", date(2026, 11, 2), date(2026, 11, 8), "上门讲解" * 40))
    lines = text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert "上门讲解" * 40 in text.replace("\r\n ", "")


def test_words_cannot_break_out_of_their_line():
    text = written(Day("x", date(2026, 11, 2), date(2026, 11, 2), "a;b,c\\d\nEND:VCALENDAR"))
    assert "SUMMARY:a\\;b\\,c\\\\d\\nEND:VCALENDAR\r\n" in text


def test_it_reminds_at_nine_in_the_morning():
    text = written(Day("x", date(2026, 11, 28), date(2026, 11, 28), "月报", alarms=(3, 0)))
    assert "TRIGGER:-PT63H" in text
    assert "TRIGGER:PT9H" in text
