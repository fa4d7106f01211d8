"""The API on the box's own Unix socket: whoever may open it is the technician at the box."""

from typing import Any

from fastapi import FastAPI

from appliance import __version__
from appliance.desk.commands import Command
from appliance.desk.desk import Desk
from appliance.desk.lanes import Lane
from appliance.web.api import Ask, Views, answered, routes
from appliance.web.problems import RESPONSES, install


def create_app(desk: Desk, views: Views) -> FastAPI:
    """Return the API over a running desk."""
    app = FastAPI(
        title="motcua office",
        version=__version__,
        description="The counter hall of one office. Every change carries a request id: the same id again "
        "gets the first answer and causes nothing new.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=RESPONSES,
    )
    install(app)

    async def ask(command: Command, lane: Lane) -> dict[str, Any]:
        return await answered(desk, command, lane)

    def asker() -> Ask:
        return ask

    @app.get("/v1/setup", tags=["views"], summary="What was wrong with the card at the last start")
    def setup() -> dict[str, Any]:
        notice = views.setup()
        return {"is_set_up": True, "mistakes": []} if notice is None else notice.told()

    app.include_router(routes("/v1", desk, views, asker))
    return app
