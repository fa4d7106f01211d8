"""``motcua center wifi-records …``: the key that records of WiFi sessions are sealed to, and opening them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from appliance.records.errors import RecordsError, RecordsFolderError
from center.errors import CenterError
from center.wifi_records import Opening, load_key, make_key, write_csv, write_json

_INCOMPLETE = 1
_USAGE = 2


def register(center: typer.Typer) -> None:
    """Add the commands."""
    records = typer.Typer(no_args_is_help=True, help="Records of WiFi sessions that boxes sealed.")
    center.add_typer(records, name="wifi-records")
    records.command()(keygen)
    records.command("open")(open_records)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (RecordsError, RecordsFolderError) as error:
        typer.echo(f"motcua center: {error}", err=True)
        raise typer.Exit(_INCOMPLETE) from error
    except CenterError as error:
        typer.echo(f"motcua center: {error}", err=True)
        raise typer.Exit(_USAGE) from error


def keygen(
    key: Annotated[Path, typer.Option(help="A new file for the private key, mode 0600.", dir_okay=False)],
) -> None:
    """Make the key that records are sealed to; print what the policy's file says of it."""
    with _told():
        jwk = make_key(key).public.jwk()
    typer.echo("# for retention.toml; the private key is what opens the records: keep two copies, offline")
    typer.echo("[key]")
    for name in ("kty", "crv", "x", "kid"):
        typer.echo(f'{name} = "{jwk[name]}"')


def open_records(
    files: Annotated[list[Path], typer.Argument(help="Exported folders or files of one box.", exists=True)],
    *,
    key: Annotated[Path, typer.Option(help="The file that keygen wrote.", dir_okay=False)],
    form: Annotated[Literal["json", "csv"], typer.Option("--format", help="What is written.")] = "json",
) -> None:
    """Write the records to stdout, verified; exit 1 when a line is broken, missing or for another key."""
    with _told():
        opening = Opening(load_key(key), files)
        try:
            (write_csv if form == "csv" else write_json)(opening.rows(), sys.stdout)
        finally:
            sys.stdout.flush()
        for kid, count in sorted(opening.foreign.items()):
            typer.echo(f"motcua center: {count} records are sealed to another key, {kid}", err=True)
        for remark in opening.remarks:
            typer.echo(f"motcua center: {remark}", err=True)
        found = opening.found
        last = 0 if found.link is None else found.link.seq
        typer.echo(f"{found.lines} records, numbers {found.first} to {last}, {found.missed} missed", err=True)
    raise typer.Exit(0 if opening.is_complete else _INCOMPLETE)
