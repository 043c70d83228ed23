"""Every refusal we utter: code, sentence, what to do next. RFC 9457 for phones, a page for people."""

from contextlib import suppress

from flask import Flask, Response, current_app, jsonify, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from ..config import PHOTO_BYTES_MAX
from ..sync.envelope import Refused
from .pages import say, show

# code: what happened, what to do. The phone shows both beside the item that was set aside.
SENTENCES = {
    "not_signed_in": ("这部手机的登录已经过期。", "记录都还在手机里，请找内勤重新开通。"),
    "not_json": ("收到的内容不是有效的记录。", "会自动再交一次。"),
    "not_canonical": ("收到的记录写法不规范。", "请更新页面后再交。"),
    "too_deep": ("收到的记录层次太深。", "请更新页面后再交。"),
    "key_twice": ("收到的记录里有重复的字段。", "请更新页面后再交。"),
    "not_an_integer": ("收到的记录里有不是整数的数字。", "请更新页面后再交。"),
    "wrong_shape": ("记录里有一项填得不对。", "请打开这条记录改一下再交。"),
    "unknown_code": ("记录里有一个选项这里不认识。", "请更新页面后再交。"),
    "other_address": ("记录的编号对不上。", "请导出备份并联系内勤。"),
    "ends_before_it_starts": ("结束时间早于开始时间。", "请检查手机时间后再交。"),
    "photo_twice": ("同一张照片列了两次。", "请删掉重复的一张再交。"),
    "photo_not_listed": ("有一项提到的照片不在记录里。", "请打开这条记录重新选照片。"),
    "claim_too_large": ("这条记录太长。", "请把文字缩短后再交。"),
    "photo_too_large": ("照片文件太大。", "请重新拍一张。"),
    "too_many_pixels": ("照片尺寸太大。", "请重新拍一张。"),
    "not_a_picture": ("这个文件不是照片。", "请重新拍一张。"),
    "length_required": ("没有说明内容有多长。", "会自动再交一次。"),
    "cut_short": ("传到一半断了。", "会自动再交一次。"),
    "digest_missing": ("没有带上校验值。", "请更新页面后再交。"),
    "digest_differs": ("传输中内容变了。", "会自动再交一次。"),
    "conflict": ("同一条记录交来了两个不同的版本。", "两份都留着，内勤会看一下。"),
    "other_person": ("这条记录是另一个人的。", "已经留存，内勤会看一下。"),
    "not_returned": ("这条记录已经收到，没有退回就不能改。", "需要改请联系抽查员。"),
    "not_the_next_revision": ("修改的先后顺序对不上。", "已经留存，内勤会看一下。"),
    "busy": ("服务器正忙。", "会自动再交一次。"),
    "disk_full": ("服务器存满了。", "记录都还在手机里，请告诉站里。"),
    "bad_request": ("请求不完整。", "请返回上一页再试一次。"),
    "forbidden": ("这里不归您管。", "需要的话请联系站里内勤。"),
    "not_found": ("没有这个页面，或者不归您看。", "请从首页重新进入。"),
    "wrong_method": ("不能这样打开这个地址。", "请从首页重新进入。"),
    "broken": ("服务器出了点问题。", "您填的内容没有丢，请过一会儿再试。"),
}
OF_STATUS = {400: "bad_request", 401: "not_signed_in", 403: "forbidden", 404: "not_found", 405: "wrong_method",
             411: "length_required", 413: "photo_too_large", 503: "busy"}  # fmt: skip


def init(app: Flask) -> None:
    app.register_error_handler(Refused, lambda error: refuse(error.status, error.code, error.at))
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def refuse(status: int, code: str, at: str = "") -> Response:
    """The answer for a phone or a page, in the reader's language."""
    what, then = (say(sentence) for sentence in SENTENCES[code])
    if not request.path.startswith("/sync/"):
        return show("shared/problem.html", status=status, what=what, then=then, code=code)
    _hear_out()
    body = {"type": "about:blank", "status": status, "code": code, "title": what, "detail": then}
    response = jsonify(body | ({"field": at} if at else {}))
    response.status_code, response.mimetype = status, "application/problem+json"
    if status in (429, 503, 507):
        response.headers["Retry-After"] = "30"
    return response


def _hear_out() -> None:
    """Take the rest of what is being sent: a browser that is hung up on while it sends never reads why."""
    stream, left = request.environ["wsgi.input"], 2 * PHOTO_BYTES_MAX
    with suppress(OSError):
        while request.environ.get("wsgi.input_terminated") and left > 0 and (part := stream.read(min(left, 65536))):
            left -= len(part)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    return refuse(error.code, OF_STATUS.get(error.code, "bad_request"))


def _database(error: OperationalError) -> Response:
    current_app.logger.error("database: %s", error.orig)
    full = "full" in str(error.orig)
    return refuse(507 if full else 503, "disk_full" if full else "busy")


def _broken(error: Exception) -> Response:
    if isinstance(error, OSError) and error.errno == 28:
        return refuse(507, "disk_full")
    current_app.logger.exception("unexpected")
    return refuse(500, "broken")
