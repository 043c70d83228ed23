"""安全宣传“五进”作品报送表 (R200, R203): with its unit filled in; the rest is the work's own."""

from ..ask import Ask
from ..paper import Paper
from .forms import form_paper


def paper(ask: Ask) -> Paper:
    return form_paper(
        ask, {"报送单位": ask.unit.zh, "作品类型": " ".join(f"□{kind}" for kind in ask.layout["work_types"])}
    )
