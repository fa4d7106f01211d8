"""``motcua center …``: run the center, make claims, audit and hand out what was delivered."""

import io
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import structlog
import typer
from pydantic import ValidationError

from appliance.sheet import SheetError
from appliance.stopping import Stop
from center import claims, cli_wifi_records
from center import register as registry
from center.ancestry import export_lines
from center.audit import audit_device
from center.clock import SystemClock
from center.errors import (
    CenterError,
    KeyFileError,
    RegisterError,
    StoreDamagedError,
    StoreMissingError,
    StoreUnavailableError,
)
from center.keys import ROOT_FILE, CenterKeys
from center.reception import Reception
from center.register import Place
from center.settings import Settings
from center.stick import Stick
from center.store.port import Store
from center.store.records import Device
from center.store.sqlite import SqliteStore

_INCOMPLETE = 1
_USAGE = 2

Db = Annotated[Path, typer.Option("--db", help="The store's file.", dir_okay=False)]
DeviceOption = Annotated[str, typer.Option("--device", help="The box's id.")]

_commands = typer.Typer(name="center", help="The province's server.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add ``center`` and its commands."""
    cli_wifi_records.register(_commands)
    app.add_typer(_commands)


@contextmanager
def _told() -> Iterator[None]:
    """Turn our errors into a sentence on stderr and an exit code: 1 for the store's trouble, 2 for usage."""
    try:
        yield
    except (StoreUnavailableError, StoreDamagedError) as error:
        typer.echo(f"motcua center: {error}", err=True)
        raise typer.Exit(_INCOMPLETE) from error
    except (CenterError, SheetError, ValidationError) as error:
        vi = f"{error.vi()}\n" if isinstance(error, SheetError) else ""
        typer.echo(f"motcua center: {vi}{error}", err=True)
        raise typer.Exit(_USAGE) from error


@contextmanager
def _store(open_store: Callable[[Path], SqliteStore], db: Path) -> Iterator[Store]:
    with _told():
        store = open_store(db)
        try:
            yield store
        finally:
            store.close()


def _known(store: Store, device: str) -> Device:
    found = store.device(device)
    if found is None:
        raise RegisterError(
            field="device", value=device, reason="not in the register", remedy="see `motcua center devices`"
        )
    return found


@_commands.command()
def run(
    *,
    db: Db,
    keys: Annotated[Path, typer.Option(help="Folder of the center's keys; made at the first start.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8700,
    url: Annotated[str | None, typer.Option(help="URL under which boxes reach it.")] = None,
    name: Annotated[str, typer.Option(help="This center's id in receipts.")] = "center",
    next_after_s: Annotated[
        int, typer.Option(min=4, max=483_840, help="Seconds between a box's visits, on average.")
    ] = 300,
    confirm: Annotated[bool, typer.Option("--confirm", help="An operator confirms each enrolment.")] = False,
) -> None:
    """Take batches until SIGTERM or SIGINT."""
    from center.serve import CenterServer

    with (
        _logging(),
        Stop() as stop,
        _told(),
        CenterServer.start(
            db,
            keys,
            host=host,
            port=port,
            url=url,
            name=name,
            next_after_s=next_after_s,
            confirm=confirm,
        ) as center,
    ):
        typer.echo(f"listening on {host} port {center.port} as {center.url}")
        typer.echo(f"root key thumbprint {center.keys.root_thumbprint}")
        sys.stdout.flush()
        stop.wait()


@_commands.command("keys")
def show_keys(
    *,
    keys: Annotated[Path, typer.Option(help="Folder of the center's keys; made when absent.")],
) -> None:
    """Print the thumbprint of the root key, which provisioning files pin."""
    with _told():
        typer.echo(CenterKeys.open(keys).root_thumbprint)


@_commands.command()
def claim(
    *,
    db: Db,
    device: Annotated[str | None, typer.Option(help="The box's id.")] = None,
    site: Annotated[str | None, typer.Option(help="The office's id.")] = None,
    role: Annotated[str, typer.Option(help="office, hotspot or display.")] = "office",
    expires_days: Annotated[int, typer.Option(min=1, max=730, help="Days the claim stays good.")] = 60,
    sites: Annotated[
        Path | None,
        typer.Option(
            "--csv", help="CSV with commune (or site), device, role: many at once, or none.", dir_okay=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="With --csv: the new file for the claims, mode 0600; else stdout.", dir_okay=False),
    ] = None,
) -> None:
    """Make one-time claims; each is shown once and only its hash is kept."""
    if (sites is None) == (device is None or site is None):
        raise typer.BadParameter("give --device and --site, or --csv")
    if out is not None and (sites is None or out.exists()):
        raise typer.BadParameter(
            "--out goes with --csv and names a new file: claims that exist are not replaced"
        )
    valid = timedelta(days=expires_days)
    now = SystemClock().now()
    with _store(SqliteStore.open, db) as store:
        if sites is None:
            with store.transaction():
                made = registry.make_claim(store, Place(device or "", site or "", role), now, valid)
            typer.echo(str(made))
            return
        _claim_many(store, sites, out, timedelta(days=expires_days))


def _claim_many(store: Store, sites: Path, out: Path | None, valid: timedelta) -> None:
    text = io.StringIO()
    try:
        with store.transaction():  # all of the list or nothing
            made = claims.make(store, claims.read(sites), SystemClock().now(), valid)
            claims.write(text, made)
            if out is not None:
                claims.keep(out, text.getvalue())
    except StoreUnavailableError:
        if out is not None:  # not committed: what is in it opens nothing
            out.unlink(missing_ok=True)
        raise
    typer.echo(text.getvalue().rstrip("\n") if out is None else f"{out}: {len(made)} claims")


@_commands.command()
def confirm(
    *,
    db: Db,
    device: DeviceOption,
    kid: Annotated[
        str | None, typer.Option(help="Thumbprint the box shows; without it, those waiting.")
    ] = None,
) -> None:
    """Let in a key that waits, after comparing its thumbprint with the one the box shows."""
    with _store(SqliteStore.open, db) as store:
        if kid is None:
            waiting = [one for one in store.claims(device) if one.waits_for_operator]
            for one in waiting:
                typer.echo(f"{one.device} {one.used_by} waiting since {one.used_at}")
            raise typer.Exit(0 if waiting else _INCOMPLETE)
        with store.transaction():
            registry.confirm(store, device, kid, SystemClock().now())
        typer.echo(f"{device} {kid} confirmed")


@_commands.command()
def export(
    *,
    db: Db,
    device: DeviceOption,
    epoch: Annotated[str | None, typer.Option(help="Only this epoch.")] = None,
    out: Annotated[Path | None, typer.Option(help="File to write instead of stdout.", dir_okay=False)] = None,
) -> None:
    """Write the stored lines, byte for byte as they came, NDJSON."""
    with _store(SqliteStore.open_reader, db) as store:
        _known(store, device)
        if epoch is not None and store.epoch(device, epoch) is None:
            raise RegisterError(
                field="epoch", value=epoch, reason=f"not held of {device}", remedy="see the audit"
            )
        if out is None:
            _write(store, device, epoch, sys.stdout.buffer)
        else:
            with out.open("wb") as file:
                _write(store, device, epoch, file)


def _write(store: Store, device: str, epoch: str | None, file: BinaryIO) -> None:
    file.writelines(export_lines(store, device, epoch))
    file.flush()


@_commands.command("import")
def import_stick(
    folder: Annotated[
        Path, typer.Argument(help="Where the USB stick is mounted.", exists=True, file_okay=False)
    ],
    *,
    db: Db,
    keys: Annotated[Path, typer.Option(help="Folder of the center's keys.")],
    name: Annotated[str, typer.Option(help="This center's id in receipts, as `run` has it.")] = "center",
) -> None:
    """Take the batches of a USB stick and leave receipts beside them; exit 0 when all are taken or known."""
    with _told(), _logging(logging.ERROR):
        if not db.is_file():
            raise StoreMissingError(path=db)
        # A mistyped folder must not become new keys, whose receipts no box believes.
        if not (keys / ROOT_FILE).exists():
            raise KeyFileError(
                path=keys, reason="no keys are there", remedy="give the folder that `run` uses"
            )
        own_keys = CenterKeys.open(keys)
        with _store(SqliteStore.open, db) as store:
            settings = Settings(url="stick", name=name)  # the URL matters to enrolments alone
            stick = Stick(folder, store, Reception(store, own_keys, settings, SystemClock()))
            is_complete = True
            for told in stick.exchange():
                typer.echo(told.sentence())
                is_complete &= told.is_good
    raise typer.Exit(0 if is_complete else _INCOMPLETE)


@contextmanager
def _logging(level: int = logging.INFO) -> Iterator[None]:
    """Log to standard error, whatever that is at the time, one line each."""
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(bool_as_flag=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


@_commands.command()
def audit(
    *,
    db: Db,
    device: Annotated[str | None, typer.Option(help="Only this box.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of sentences.")] = False,
) -> None:
    """Recompute every hash; exit 0 when all is complete, 1 when something is missing or damaged."""
    with _store(SqliteStore.open_reader, db) as store:
        devices = store.devices() if device is None else [_known(store, device)]
        audits = []
        for one in devices:
            audits.append(audit_device(store, one))
            if not as_json:
                for sentence in audits[-1].sentences():
                    typer.echo(sentence)
        if as_json:
            typer.echo(orjson.dumps([one.to_json() for one in audits], option=orjson.OPT_INDENT_2).decode())
    raise typer.Exit(0 if all(one.is_complete for one in audits) else _INCOMPLETE)


@_commands.command()
def devices(db: Db) -> None:
    """List devices, their keys, and keys that wait for an operator."""
    with _store(SqliteStore.open_reader, db) as store:
        for one in store.devices():
            stored = sum(epoch.upto for epoch in store.epochs(one.device))
            state = f"{one.state.value} {one.reason}".rstrip()
            typer.echo(f"{one.device} site {one.site} {one.role} {stored} events {state}")
            for key in store.keys(one.device):
                retired = f", retired {key.retired_at}: {key.retired_because}" if key.retired_at else ""
                typer.echo(f"  key {key.kid} enrolled {key.enrolled_at}, serial {key.serial}{retired}")
        for one_claim in store.claims():
            if one_claim.waits_for_operator:
                typer.echo(f"{one_claim.device} {one_claim.used_by} waiting since {one_claim.used_at}")


@_commands.command("retire-key")
def retire_key(
    *,
    db: Db,
    kid: Annotated[str, typer.Option(help="Thumbprint of the key.")],
    reason: Annotated[str, typer.Option(help="Why, for the register.")] = "by an operator",
) -> None:
    """Take nothing more under a key: a stolen, lost or discarded box."""
    with _store(SqliteStore.open, db) as store:
        with store.transaction():
            retired = registry.retire_key(store, kid, reason, SystemClock().now())
        typer.echo(f"{retired.device} {kid} retired {retired.retired_at}")
