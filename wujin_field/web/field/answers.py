"""PUT /sync/answers/<answer_id>: what a visitor says to a flag, or a 与记录不符, of their own. May arrive twice."""

import json

from flask import Response, abort, jsonify, request

from ...db import utc_now, writing
from ...sync.envelope import Refused, is_id
from ...sync.flags import NotYours, take_answer
from .. import guard
from . import sync

BYTES_MAX = 16 * 1024


@sync.put("/answers/<answer_id>")
def put_answer(answer_id: str) -> tuple[Response, int]:
    """201 kept now, 200 kept before, 404 not yours, 413 too long, 422 no answer, 429 enough for a day."""
    if not is_id(answer_id):
        abort(404)
    if (request.content_length or 0) > BYTES_MAX:
        raise Refused(413, "claim_too_large")
    try:
        said = json.loads(request.get_data())
        with writing() as session:
            fresh = take_answer(session, guard.caller().person_id, answer_id, said, utc_now())
    except NotYours:
        abort(404)
    except (ValueError, RecursionError) as error:
        raise Refused(422, "wrong_shape", "text") from error
    return jsonify(id=answer_id), 201 if fresh else 200
