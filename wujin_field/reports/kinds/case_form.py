"""安全宣传“五进”成果案例报送表 (R200, R204): numbers, not adjectives; the year's own figures stand ready."""

from ...figures.totals import sums
from ..ask import Ask
from ..paper import Paper
from .forms import form_paper


def paper(ask: Ask) -> Paper:
    effect = ask.text("effect", ask.layout["effect_zh"], sums(ask.counted)).text
    places = " ".join(f"□{ask.pack.name('place_type', code)}" for code in ask.pack["place_type"])
    return form_paper(ask, {"报送单位": ask.unit.zh, "五进类别": places, "成效（数据）": effect,
                            "实施地点和时间": f"{ask.place}，{ask.window}"})  # fmt: skip
