"""Every paper by its code: ask, compose, write. A new kind is one line here and one file beside it."""

from collections.abc import Callable
from typing import BinaryIO

import msgspec

from ...models.organisation import station_above
from .. import docx, pdf, xlsx
from ..ask import Ask, NothingToPrint, Words
from ..docx import Bytes
from ..paper import Paper
from . import (
    annex1_plan,
    annex2_monthly,
    annual_summary,
    bulletin,
    campaign_plan,
    campaign_summary,
    case_form,
    half_year_table,
    hazard_ledger,
    reminder_card,
    score_sheet,
    service_record,
    sign_in_list,
    spot_check_sheet,
    venue_history,
    work_form,
)  # fmt: skip

__all__ = ["KINDS", "WRITERS", "Ask", "NothingToPrint", "Words", "compose", "write"]

KINDS: dict[str, Callable[[Ask], Paper]] = {
    module.__name__.rpartition(".")[2]: module.paper
    for module in (
        annex2_monthly, annex1_plan, half_year_table, annual_summary, work_form, case_form, hazard_ledger, bulletin,
        score_sheet, spot_check_sheet, venue_history, service_record, campaign_plan, campaign_summary, sign_in_list,
        reminder_card,
    )
}  # fmt: skip
ACROSS_LINE = 56  # characters of a head line on a page that is turned
WRITERS = {"docx": docx.write, "pdf": pdf.write, "xlsx": xlsx.write}


def compose(ask: Ask) -> Paper:
    """Raises NothingToPrint, ValueError for what is no period of this kind, KeyError for an unknown kind."""
    return _official(ask, KINDS[ask.kind](ask))


def _official(ask: Ask, paper: Paper) -> Paper:
    """The document number before the mark, as GB/T 9704 has it for an annex that travels alone (R120); in the head or at
    the foot the station's name, unless something else says it (R119)."""
    mark = "　".join(filter(None, (ask.words.number, paper.mark)))
    station, told = (
        station_above(ask.session, ask.unit.area),
        (paper.unit, *paper.title_lines, *paper.head, *paper.foot),
    )
    if station is None or any(station.zh in line for line in told):
        return msgspec.structs.replace(paper, mark=mark)
    line = ask.layout.get("station_line") or ask.pack.files["reports"].get("station_line", "{station}")
    line = line.format(station=station.zh)
    if paper.head:
        joined = f"{paper.head[0]}　{line}"
        one_line = paper.across and len(joined) <= ACROSS_LINE
        head = (joined, *paper.head[1:]) if one_line else (line, *paper.head)
        return msgspec.structs.replace(paper, mark=mark, head=head)
    return msgspec.structs.replace(paper, mark=mark, foot=(*paper.foot, line))


def write(paper: Paper, form: str, picture: Bytes, out: BinaryIO) -> None:
    """form: docx, pdf or xlsx."""
    WRITERS[form](paper, picture, out)
