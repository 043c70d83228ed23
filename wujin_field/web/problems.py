"""Every refusal we utter: code, sentence, what to do next. RFC 9457 for phones, a page for people."""

import errno
import random
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, request
from sqlalchemy.exc import DatabaseError, DataError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from ..config import PHOTO_BYTES_MAX
from ..db import db
from ..sync.envelope import Refused
from ..sync.vault import VaultAway
from . import limits, logs
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
    "hazard_twice": ("同一处隐患回看了两次。", "请打开这条记录，只留一次再交。"),
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
    "out_of_order": ("服务器暂时不能收东西。", "记录都还在手机里，过一会儿会自动再交。"),
    "too_slow": ("网络太慢，传到一半停住了。", "会自动再交一次。"),
    "too_many_at_once": ("同时交的太多。", "会自动再交一次。"),
    "too_many_today": ("这部手机今天交的太多了。", "记录都还在手机里，过些时候会自动再交。"),
    "too_many_aside": ("这部手机有太多记录要人工处理。", "记录都还在手机里，请联系内勤。"),
    "too_many_reports": ("今天已经报告过几次了。", "站里会来看，请明天再试，或打电话给消防工作站。"),
    "phone_stopped": ("这部手机已经停用。", "没交的会留存，内勤看过再收。"),
    "bad_request": ("请求不完整。", "请返回上一页再试一次。"),
    "forbidden": ("这里不归您管。", "需要的话请联系站里内勤。"),
    "not_found": ("没有这个页面，或者不归您看。", "请从首页重新进入。"),
    "wrong_method": ("不能这样打开这个地址。", "请从首页重新进入。"),
    "broken": ("服务器出了点问题。", "您填的内容没有丢，请过一会儿再试。"),
}
# Where nobody has a record on a phone, the same troubles in words for a page.
ON_A_PAGE = {
    "busy": ("现在太忙，没有轮到您。", "请过一会儿再试。刚才填的没有存上，退回上一页还在。"),
    "out_of_order": ("这个页面暂时打不开。", "存好的都还在，请过一会儿再试。"),
    "disk_full": ("服务器存满了。", "刚才填的没有存上，请告诉管服务器的人。"),
    "photo_too_large": ("交上来的东西太大。", "请退回上一页，换一个小一点的。"),
    "too_many_today": ("今天从这里交上来的太多了。", "请明天再交。"),
    "too_many_at_once": ("您还有几件事正在做。", "请等做完一件再来。刚才填的没有存上，退回上一页还在。"),
}
OF_STATUS = {400: "bad_request", 401: "not_signed_in", 403: "forbidden", 404: "not_found", 405: "wrong_method",
             411: "length_required", 413: "photo_too_large", 503: "busy"}  # fmt: skip
# Come again after so many seconds, or up to twice as many: forty phones must not knock together.
WAIT_S = {"too_many_at_once": 2, "too_many_today": 1800, "too_many_aside": 1800, "too_many_reports": 3600}
# What a database calls its troubles: SQLite by name, PostgreSQL by SQLSTATE.
TROUBLES = {
    "disk_full": ("SQLITE_FULL", "53100", "53400"),
    "read_only": ("SQLITE_READONLY", "25006"),
    "database_held": ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "57014", "40001", "40P01", "53300"),
}
FULL, READ_ONLY = {errno.ENOSPC, errno.EDQUOT}, {errno.EROFS}


def init(app: Flask) -> None:
    app.before_request(_lead_within)
    app.register_error_handler(Refused, lambda error: refuse(error.status, error.code, error.at))
    app.register_error_handler(SQLAlchemyError, _trouble)
    app.register_error_handler(OSError, _trouble)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def refuse(status: int, code: str, at: str = "") -> Response:
    """The answer for a phone or a page, in the reader's language."""
    phone, platform = request.path.startswith("/sync/"), request.path.startswith("/api/")
    what, then = (say(sentence) for sentence in (SENTENCES if phone else SENTENCES | ON_A_PAGE)[code])
    g.refusal = code
    if not (phone or platform):
        return _later(show("shared/problem.html", status=status, what=what, then=then, code=code), code)
    _hear_out()
    kind = f"{current_app.config['SETTINGS'].public_url}/help#{code}"  # RFC 9457: a title of our own needs a type of our own
    body = {"type": kind, "status": status, "code": code, "title": what, "detail": then}
    response = jsonify(body | ({"field": at} if at else {}))
    response.status_code, response.mimetype = status, "application/problem+json"
    return _later(response, code)


def _later(response: Response, code: str) -> Response:
    if response.status_code in (429, 503, 507):
        seconds = WAIT_S.get(code, 20)
        response.headers["Retry-After"] = str(random.randint(seconds, 2 * seconds))
    return response


def _hear_out() -> None:
    """Take the rest of what is being sent: a browser that is hung up on while it sends never reads why."""
    stream, left = request.environ["wsgi.input"], 2 * PHOTO_BYTES_MAX
    if isinstance(stream, limits.Body):
        stream.hurry(limits.HEAR_OUT_S)
        with suppress(SQLAlchemyError):
            db.session.close()  # listening needs no connection
    with suppress(OSError, Refused):
        while request.environ.get("wsgi.input_terminated") and left > 0 and (part := stream.read(min(left, 65536))):
            left -= len(part)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = refuse(error.code, OF_STATUS.get(error.code, "bad_request"))
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def _lead_within() -> AnyResponse | None:
    """A slash too few or too many: Werkzeug would lead to the Host header's site, which anybody may have written."""
    moved = request.routing_exception
    if not isinstance(moved, RequestRedirect):
        return None
    parts = urlsplit(moved.new_url)
    path = "/" + parts.path.lstrip("/")
    return redirect(f"{path}?{parts.query}" if parts.query else path, moved.code)


def _trouble(error: Exception) -> Response:
    """Below us something is full, held, read-only or away: the phone keeps what it has and comes again."""
    if _no_text(error):
        return refuse(400, "bad_request")
    fault = fault_of(error)
    if not fault:
        return _broken(error)
    g.trouble = {"fault": fault, "cause": " ".join(_names(error))}
    if fault == "disk_full":
        return refuse(507, "disk_full")
    return refuse(503, "busy" if fault == "database_held" else "out_of_order")


def _no_text(error: Exception) -> bool:
    """PostgreSQL holds no NUL and no half character in a text; whoever typed one into a search is told so."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, DataError) and state in (None, "22021")


def fault_of(error: Exception) -> str:
    """A code of /healthz for what the machine did to us; nothing for an error of our own."""
    if isinstance(error, SQLAlchemyError):
        return _database_fault(error)
    if isinstance(error, OSError):
        return _store_fault(error)
    return ""


def _database_fault(error: SQLAlchemyError) -> str:
    names = list(_names(error))
    for fault, troubles in TROUBLES.items():
        if any(name.startswith(troubles) for name in names):
            return fault
    if any(name.startswith("SQLITE_IOERR") for name in names) and _crowded():
        return "disk_full"
    if isinstance(error, NoConnection):
        return "database_held"
    away = isinstance(error, (OperationalError, InterfaceError, InternalError)) or type(error) is DatabaseError
    return "database_away" if away else ""


def _crowded() -> bool:
    with suppress(OSError):
        return limits.crowded(current_app.config["SETTINGS"])
    return False


def _names(error: BaseException | None) -> Iterator[str]:
    """The drivers' names for it, the first cause last; never their words, which may quote a value."""
    while error is not None:
        cause = getattr(error, "orig", None)
        name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
        code = errno.errorcode.get(getattr(error, "errno", None) or 0)
        yield name or code or type(error).__name__
        error = error.__context__ if cause is None else cause.__context__


def _store_fault(error: OSError) -> str:
    if error.errno in FULL:
        return "disk_full"
    if error.errno in READ_ONLY:
        return "read_only"
    if isinstance(error, TimeoutError) and error.errno is None:  # the writer's patience ran out
        return "database_held"
    ours = error.errno is None and not isinstance(error, VaultAway)  # a template that is not there
    missing = isinstance(error, FileNotFoundError) and request.method in ("GET", "HEAD")
    return "" if ours or missing else "store_away"


def _broken(error: Exception) -> Response:
    g.trouble = logs.place_of(error)
    return refuse(500, "broken")
