"""Workbooks as people make them."""

import io

from openpyxl import Workbook

VENUES = ["编号", "名称", "村（社区）", "场所类型", "归入五进", "地址", "纬度", "经度", "重点", "备注"]
PLAN = ["单位", "开始日期", "结束日期", "计划“五进”村社", "宣传重点", "负责人"]
PEOPLE = ["姓名", "单位", "身份", "权限", "另外负责的村（社区）"]


def book(header, *rows, title=None, edit=None):
    """An open .xlsx; `edit` may spoil it."""
    made = Workbook()
    page = made.active
    for row in ([title] if title else []) + [header, *rows]:
        page.append(list(row))
    if edit:
        edit(page)
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    return out


def shop(name, area="柳溪村", kind="临街门面", **more):
    told = {"名称": name, "村（社区）": area, "场所类型": kind} | more
    return [told.get(column) for column in VENUES]
