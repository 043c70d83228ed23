"""五进计划表（附件1）: R165-R168."""

from ...periods import numbers_of
from ..ask import Ask, NothingToPrint
from ..content import plan_paper, plan_table
from ..gather import plan_facts
from ..paper import Paper


def paper(ask: Ask) -> Paper:
    year = numbers_of(ask.period)[0]
    facts = plan_facts(ask.session, ask.unit, year)
    if facts is None:
        raise NothingToPrint(f"{ask.unit.zh}还没有{year}年的计划表")
    return plan_paper(plan_table(facts, ask.layout))
