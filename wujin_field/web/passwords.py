"""What is said of a password or a sign-in that does not do."""

from .pages import say


def sentence(code: str) -> str:
    return {
        "too_short": say("密码至少要八个字符。"),
        "too_long": say("密码太长了，最多二百个字符。"),
        "too_common": say("这个密码太多人用，很容易猜中，请换一个。"),
        "like_the_name": say("密码里不要带登录的姓名。"),
        "name_taken": say("已经有人用这个登录名了，请在后面加上单位。"),
        "wrong": say("姓名、密码或动态口令不对。"),
        "too_often": say("试得太多了，请一小时后再试，或者找内勤要一个开通链接。"),
    }[code]
