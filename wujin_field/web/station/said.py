"""How the desk calls the columns of a record and what was done to it, for its history and for two clerks at one form."""

from ...domain import load_pack
from ..pages import name_of, say
from . import station
from .venues import area_names


def said_field(name: str) -> str:
    """Nothing for columns that nobody needs to read about."""
    return {
        "zh": say("名称"), "name": say("姓名"), "area_id": say("村（社区）"), "venue_kind": say("场所类型"),
        "place_type": say("归入五进"), "address": say("地址"), "focus": say("重点"), "contact_note": say("备注"),
        "opening": say("开放时间"), "keeper": say("谁来管"), "team_size": say("队员"), "reason": say("原因"),
        "code": say("编号"), "from": say("原来的名称"), "visits": say("走访"), "point_accuracy_m": say("误差（米）"),
        "count": say("几件"), "spot": say("放在哪里"), "made_on": say("出厂日期"), "serviced_on": say("上次维修"),
    }.get(name, "")  # fmt: skip


def said_value(name: str, value: object) -> str:
    if value in (None, ""):
        return say("空")
    if isinstance(value, bool):
        return say("是") if value else say("否")
    if name == "area_id":
        return area_names().get(str(value), "")
    return name_of(name, str(value)) if name in load_pack() else str(value)


def said_change(what: str) -> str:
    return {
        "added": say("新建"), "added_on_the_spot": say("走访时发现，新建"), "imported": say("从表格导入"), "edited": say("修改"),
        "moved": say("改到另一个村（社区）"), "merged": say("并入另一条"), "took_over": say("并进来一条"), "retired": say("停用"),
        "brought_back": say("恢复使用"), "surveyed": say("现场定点"), "undone": say("撤销导入"), "reprinted": say("换了新码"),
        "code_active": say("海报贴上了"), "code_lost": say("海报丢了"), "code_retired": say("海报换下了"),
        "serviced": say("维修了"), "gone": say("撤走了"),
    }.get(what, what)  # fmt: skip


@station.app_context_processor
def _words() -> dict:
    return {"said_field": said_field, "said_value": said_value, "said_change": said_change}
