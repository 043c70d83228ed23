"""安全宣传“五进”作品报送表 (R200, R203): filled in from the register, or with its unit alone, for a pen."""

from ...figures.works import entry_of
from ..ask import Ask
from ..paper import Paper
from .forms import form_paper, from_register, ticked


def paper(ask: Ask) -> Paper:
    entry = entry_of(ask.session, "work_submission", ask.unit, ask.span.first, ask.span.last, ask.about)
    kinds = {kind: kind for kind in ask.layout["work_types"]}
    if entry is None:
        return form_paper(ask, {"报送单位": ask.unit.zh, "作品类型": ticked(kinds)})
    said = from_register(ask, entry)
    values = {"作品名称": entry.title, "作品类型": ticked(kinds, said["work_type"]), "主题": said["topic"],
              "适用对象": said["audience"], "时长或篇幅": said["length"], "首发平台和日期": said["first_shown"],
              "原创或转载": said["origin"], "作者单位": said["author"], "作品简介（200字内）": said["summary"],
              "版权与肖像授权": said["rights"], "附件清单": said["files"], "单位意见": said["opinion"]}  # fmt: skip
    return form_paper(ask, {"报送单位": ask.unit.zh, **values})
