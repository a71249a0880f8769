"""Serves the local pictures of a catalogue, by item: a client never names a file."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from bot.api.sites import DEFAULT
from retrieval.catalogue import Catalogue
from retrieval.images import TYPES, local_image

KEPT_SECONDS = 3_600  # in a browser's cache


def image_routes(catalogues: Mapping[str, Catalogue]) -> APIRouter:
    """`GET /images/{item_id}?site=`: the file of the item's picture in the catalogue of a site, or 404."""

    def image(item_id: str, site: str = DEFAULT) -> Response:
        if site not in catalogues:
            return Response(status_code=404)
        catalogue = catalogues[site]
        written = catalogue[item_id].image if item_id in catalogue else ""
        try:
            path = local_image(written, catalogue.folder)
        except ValueError:
            return Response(status_code=404)
        return FileResponse(path, media_type=TYPES[path.suffix.lower()], headers={"Cache-Control": f"max-age={KEPT_SECONDS}"})

    routes = APIRouter()
    routes.add_api_route("/images/{item_id:path}", image, methods=["GET"], response_model=None)
    return routes
