"""Ports of the pages on which nobody answers while the office runs."""

import socket

from appliance.config import Settings
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("page_ports", "pages: ports", "trang web: cổng")
CONNECT_S = 3.0


def check(box: Box) -> Finding:
    """Connect to every port that the settings name, on this machine."""
    if box.settings is None or box.office is None:
        return CONDITION.skipped(Both("the office does not answer", "chương trình quầy không trả lời"))
    ports = _ports(box.settings)
    silent = [port for port in ports if not _answers(port)]
    if silent:
        listed = ", ".join(map(str, silent))
        return CONDITION.broken(
            Both(f"nobody answers on {listed}", f"không có trang ở cổng {listed}"),
            Both(
                "see [web] and [public] in office.toml, motcua-public.socket, and what else took the port",
                "xem [web] và [public] trong office.toml, motcua-public.socket, và chương trình chiếm cổng",
            ),
        )
    listed = ", ".join(map(str, ports))
    return CONDITION.well(Both(f"open: {listed}", f"đang mở: {listed}"))


def _ports(settings: Settings) -> list[int]:
    wanted = []
    if settings.web.listen != "off":
        wanted.append(settings.web.loopback_port)
    if settings.web.listen == "lan":
        wanted.append(settings.web.port)
    if settings.public.listen == "on":
        wanted.append(settings.public.port)
    return [port for port in wanted if port]  # 0 is any free one: nobody knows which


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), CONNECT_S).close()
    except OSError:
        return False
    return True
