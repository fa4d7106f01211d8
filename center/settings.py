"""What an operator can set; every default is good for one province."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from appliance.wire.batch import MAX_BYTES
from appliance.wire.receipt import MAX_NEXT_AFTER_S

_LOCAL_ID = r"^[A-Za-z0-9_-]{1,32}$"
_GZIP_OVERHEAD = 64 * 1024  # incompressible content grows a little


class Settings(BaseModel):
    """Frozen, validated settings of one running center."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=200, description="URL under which boxes reach it")]
    name: Annotated[str, Field(pattern=_LOCAL_ID, description="id in receipts")] = "center"
    next_after_s: Annotated[
        int,
        Field(ge=4, le=MAX_NEXT_AFTER_S * 4 // 5, description="seconds between a box's visits, on average"),
    ] = 300
    confirm: Annotated[bool, Field(description="an operator confirms each enrolment")] = False
    max_body_bytes: Annotated[int, Field(ge=1, description="largest body as sent (compressed)")] = (
        MAX_BYTES + _GZIP_OVERHEAD
    )
    body_timeout_s: Annotated[float, Field(gt=0, description="seconds a body may take to arrive")] = 120.0
    workers: Annotated[int, Field(ge=1, description="batches verified at the same time")] = 2
    max_requests: Annotated[
        int, Field(ge=1, description="requests inside at once; more are told to wait")
    ] = 64
    retry_after_s: Annotated[int, Field(ge=1, description="seconds to wait when busy or full")] = 30
    confirm_after_s: Annotated[
        int, Field(ge=1, description="seconds between a waiting box's questions whether it was confirmed")
    ] = 60
