"""A visitor's own session as a scripted conversation, where the setting `developer` is on."""

from fastapi import APIRouter
from fastapi.responses import Response

from bot.api.door import TheDoor, TheVisitor
from bot.api.problems import Problem, documented
from bot.logs import looked

YAML = "text/yaml"
NAME = "conversation.conv.yaml"

routes = APIRouter(prefix="/api/v1", tags=["developers"])


@routes.get(
    "/sessions/{session_id}/script", response_class=Response,
    responses={200: {"content": {YAML: {"schema": {"type": "string"}}}}, **documented(401, 403, 404, 422, 429)},
)  # fmt: skip
def session_script(session_id: str, door: TheDoor, visitor: TheVisitor) -> Response:
    """The visitor's session as a file for `parley test`, without personal data; only where the setting `developer` is on."""
    if door.script is None:
        raise Problem(404, "Sessions are saved as tests only where the setting developer is on.")
    found = door.recommender.log.session(visitor.user, session_id)
    if found is None:
        raise Problem(404, f"There is no session {session_id[:80]!r} of yours.")
    looked("script", visitor.user, "api")
    return Response(door.script(found), media_type=YAML, headers={"Content-Disposition": f'attachment; filename="{NAME}"'})
