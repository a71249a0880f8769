"""The routes of a visitor's rights: see the profile with its evidence, correct it, take everything away, be forgotten."""

from typing import Any

from fastapi import APIRouter, Response

from bot.api.door import TheDoor, TheVisitor
from bot.api.models import CorrectionIn
from bot.api.problems import documented
from bot.logs import looked

routes = APIRouter(prefix="/api/v1", tags=["rights"])


@routes.get("/profile", responses=documented(401, 403, 429))
def profile(door: TheDoor, visitor: TheVisitor) -> dict[str, Any]:
    """What is held of the visitor: preferences, conditions and items, each with its evidence and its name in a correction."""
    looked("profile", visitor.user, "api")
    return door.held(visitor).told()


@routes.patch("/profile", responses=documented(401, 403, 413, 422, 429))
def correct_profile(correction: CorrectionIn, door: TheDoor, visitor: TheVisitor) -> dict[str, Any]:
    """Take something back or set it right; the answer is the profile after it."""
    entry = door.held(visitor).correction(correction.how, correction.target, correction.weight)
    door.recommender.correct(entry)
    return door.held(visitor).told()


@routes.delete("/profile", status_code=204, responses=documented(401, 403, 429))
def forget_visitor(door: TheDoor, visitor: TheVisitor) -> Response:
    """Erase everything that is held of the visitor."""
    door.recommender.forget(visitor.user)
    return Response(status_code=204)


@routes.get("/export", responses=documented(401, 403, 429))
def export(door: TheDoor, visitor: TheVisitor, response: Response) -> dict[str, Any]:
    """Everything that is held of the visitor, to take away."""
    looked("export", visitor.user, "api")
    response.headers["Content-Disposition"] = 'attachment; filename="parley-export.json"'
    return door.held(visitor).export()
