"""What a User-Agent says, as the person at the desk would say it: 安卓手机 · 微信."""

MACHINES = {"iPhone": "iPhone", "iPad": "iPad", "Harmony": "HarmonyOS", "Android": "Android", "Windows": "Windows",
            "Macintosh": "Mac", "Linux": "Linux"}  # fmt: skip
BROWSERS = {"MicroMessenger": "WeChat", "DingTalk": "DingTalk", "HuaweiBrowser": "Huawei", "MiuiBrowser": "Mi", "UCBrowser": "UC",
            "EdgA": "Edge", "Edg/": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip

# Apps that open pages inside themselves: no start without signal there. The phone knows the same ones (wujin-app.js).
IN_APPS = ("MicroMessenger", "DingTalk", "AlipayClient", "Weibo", " QQ/", "BytedanceWebview", "aweme")


def inside_another_app(agent: str) -> bool:
    return any(mark in agent for mark in IN_APPS)


def browser_name(label: str) -> str:
    """Two proper names, or as much of the label as says something."""
    found = [next((name for mark, name in marks.items() if mark in label), "") for marks in (MACHINES, BROWSERS)]
    return " · ".join(part for part in found if part) or label[:24]
