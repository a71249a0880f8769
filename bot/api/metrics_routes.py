"""`GET /metrics`, in Prometheus's format, for those who look after this machine."""

import ipaddress

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.api.problems import Problem

routes = APIRouter()


@routes.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """What is counted and timed. Only this machine and its private network may look."""
    if not _is_near(request.client.host if request.client else ""):
        raise Problem(404, "GET /metrics: Not Found")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
