"""安全宣传“五进”成果案例报送表 (R200, R204): from the register; without an entry the year's own figures stand ready."""

from ...figures.totals import sums
from ...figures.works import entry_of
from ..ask import Ask
from ..paper import Paper
from .forms import form_paper, from_register, ticked


def paper(ask: Ask) -> Paper:
    entry = entry_of(ask.session, "case_submission", ask.unit, ask.span.first, ask.span.last, ask.about)
    places = {code: ask.pack.name("place_type", code) for code in ask.pack["place_type"]}
    if entry is None:
        effect = ask.text("effect", ask.layout["effect_zh"], sums(ask.counted)).text
        return form_paper(ask, {"报送单位": ask.unit.zh, "五进类别": ticked(places), "成效（数据）": effect,
                                "实施地点和时间": f"{ask.place}，{ask.window}"})  # fmt: skip
    said = from_register(ask, entry)
    values = {"案例名称": entry.title, "五进类别": ticked(places, said["place_type"]), "实施地点和时间": said["where"],
              "背景和问题": said["problem"], "主要做法": said["way"], "成效（数据）": said["result"],
              "可复制的经验": said["copy"], "佐证材料": said["proof"] or said["files"], "单位意见": said["opinion"]}  # fmt: skip
    return form_paper(ask, {"报送单位": ask.unit.zh, **values})
