"""What a User-Agent says, as the person at the desk would say it: 安卓手机 · 微信."""

MACHINES = {"iPhone": "iPhone", "iPad": "iPad", "Harmony": "HarmonyOS", "Android": "Android", "Windows": "Windows",
            "Macintosh": "Mac", "Linux": "Linux"}  # fmt: skip
BROWSERS = {"MicroMessenger": "WeChat", "DingTalk": "DingTalk", "HuaweiBrowser": "Huawei", "MiuiBrowser": "Mi", "UCBrowser": "UC",
            "EdgA": "Edge", "Edg/": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip


def browser_name(label: str) -> str:
    """Two proper names, or as much of the label as says something."""
    found = [next((name for mark, name in marks.items() if mark in label), "") for marks in (MACHINES, BROWSERS)]
    return " · ".join(part for part in found if part) or label[:24]
