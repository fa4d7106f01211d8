"""The composition root of ``motcua-hotspot``: reads the settings, builds the gate, serves its socket."""

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path

import structlog
from pydantic import ValidationError

from appliance.clock import KernelTime
from appliance.config import ConfigError, Settings, load
from appliance.config.hotspot import Hotspot
from appliance.hotspot import links, shaper
from appliance.hotspot.capability_file import leave, look_at
from appliance.hotspot.errors import RulesMissingError
from appliance.hotspot.firewall import NftFirewall
from appliance.hotspot.gate import Gate, Wanted
from appliance.hotspot.moment import clock_over
from appliance.hotspot.policy.plan import Surroundings
from appliance.hotspot.programs import Places
from appliance.hotspot.recording import Asked
from appliance.hotspot.serving import Callers, GateServer
from appliance.sockets import abilities as report
from appliance.sockets import gate as messages
from appliance.sockets.errors import BadLineError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What ``motcua hotspot run`` is told.

    Attributes:
        rules: file that the office writes; or an office.toml.
        places: of the gate's own files.
        socket: where it answers.
        callers: whom.
        resolvers: file with the resolvers of the line.
    """

    rules: Path
    places: Places
    socket: Path
    callers: Callers
    resolvers: Path


def wanted(path: Path) -> Wanted | None:
    """Read the settings; None where they want no WiFi.

    Raises:
        RulesMissingError: there are none, or they are not ours.
        ConfigError: it is an office.toml with problems.
    """
    if path.suffix == ".toml":
        settings = load(path)
        if not settings.hotspot.enabled:
            return None
        return Wanted(
            settings.hotspot,
            settings.portal.port,
            _asked_here(settings),
            settings.web.port or messages.STAFF_PORT,
        )
    try:
        rules = messages.Rules.of(path.read_bytes())
        hotspot = Hotspot.model_validate_json(rules.hotspot)
        asked = _asked(path.with_name(messages.RETENTION_FILE), hotspot)
        return Wanted(hotspot, rules.portal_port, asked, rules.staff_port)
    except FileNotFoundError:
        return None  # the office removes what it does not want
    except OSError as error:
        raise RulesMissingError(path=path, reason=error.strerror) from None
    except (BadLineError, ValidationError) as error:
        raise RulesMissingError(path=path, reason=str(error).splitlines()[0]) from None


def _asked(path: Path, hotspot: Hotspot) -> Asked | None:
    """Return what the office says of the policy; None where the settings name none."""
    if hotspot.retention_file is None:
        return None
    try:
        told = messages.Retention.of(path.read_bytes())
    except (OSError, BadLineError) as error:
        log.warning("retention.not_told", reason=str(error))
        return Asked("", None, None, hotspot.retention_mib)
    return Asked(told.device, told.policy, told.terms, hotspot.retention_mib)


def _asked_here(settings: Settings) -> Asked | None:
    """Return what the policy's file says, where no office is asked."""
    hotspot, text = settings.hotspot, None
    if hotspot.retention_file is None:
        return None
    from appliance.config.retention import read_policy

    try:
        text = read_policy(hotspot.retention_file)
    except ConfigError as error:
        log.warning("retention.not_told", reason=str(error))
    return Asked(settings.office.device, text, None, hotspot.retention_mib)


async def serve(options: Options) -> None:
    """Run the gate until SIGTERM or SIGINT, or until the settings turn the hotspot off."""
    stop, off = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    now = wanted(options.rules)
    if now is None:
        log.info("hotspot.off")
        return
    system = KernelTime()
    firewall = NftFirewall.open()
    # Others pass through to the socket and see nothing on their way.
    options.places.run.mkdir(parents=True, exist_ok=True, mode=0o711)
    clock = clock_over(system)
    found, seen = await look_at(now.hotspot, clock.now().wire_at), now.hotspot
    leave(found.capabilities, options.socket.with_name(report.FILE))
    gate = Gate(
        now,
        abilities=found.abilities,
        surroundings=Surroundings(resolv_file=options.resolvers),
        firewall=firewall,
        links=links,
        clock=clock,
        wall_us=system.wall_us,
        places=options.places,
        shaper=shaper,
    )

    async def reread() -> None:
        nonlocal found, seen
        fresh = wanted(options.rules)
        if fresh is None:
            off.set()
            stop.set()
            return
        if _radio(fresh.hotspot) != _radio(seen) or not found.capabilities.is_there:
            # Kept although the settings may be refused: the office shows why by what was found.
            found, seen = await look_at(fresh.hotspot, clock.now().wire_at), fresh.hotspot
            leave(found.capabilities, options.socket.with_name(report.FILE))
        await gate.change(fresh, found.abilities)

    await gate.open()
    running = asyncio.create_task(gate.run())
    server = await GateServer.open(gate, options.callers, reread, options.socket)
    log.info("hotspot.serving", socket=str(options.socket))
    try:
        await stop.wait()
    finally:
        await server.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await gate.close(is_off=off.is_set())
        firewall.close()


def _radio(hotspot: Hotspot) -> tuple[str, str]:
    return hotspot.radio, hotspot.interface
