"""``motcua journal``: read, verify and export what the box recorded, while it runs or from a copied card."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path, typer.Option("--data", help="The data directory.", exists=True, file_okay=False, dir_okay=True)
]
DEFAULT = Path("/var/lib/motcua")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    journal = typer.Typer(no_args_is_help=True, help="The journal: show, verify, export.")
    app.add_typer(journal, name="journal")
    _add_show(journal)
    _add_verify(journal)
    _add_export(journal)


def _add_show(journal: typer.Typer) -> None:
    @journal.command()
    def show(
        data: Folder = DEFAULT,
        last: Annotated[int, typer.Option(help="How many of the last events.", min=1)] = 20,
        kind: Annotated[str | None, typer.Option(help="Only kinds that begin with this.")] = None,
    ) -> None:
        """Show the last events, one line each."""
        from collections import deque

        from appliance.journal.source import sources
        from appliance.wire.event import check_line

        kept: deque[str] = deque(maxlen=last)
        for source in sources(data):
            for line in source.all_lines():
                event = check_line(line)
                if kind is None or event.kind.startswith(kind):
                    facts = " ".join(
                        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in event.data.items()
                    )
                    kept.append(f"{event.seq:>7} {event.at} {event.clock:<8} {event.kind:<18} {facts}")
        typer.echo("\n".join(kept))


def _add_verify(journal: typer.Typer) -> None:
    @journal.command()
    def verify(data: Folder = DEFAULT) -> None:
        """Recompute every hash of every epoch; exit 1 if anything is not as it was written."""
        from appliance.journal.audit import audit

        reports = audit(data)
        for report in reports:
            typer.echo(str(report))
        if not reports:
            typer.echo(f"{data}: no journal here", err=True)
        if not reports or any(report.damage for report in reports):
            raise typer.Exit(1)


def _add_export(journal: typer.Typer) -> None:
    @journal.command()
    def export(
        data: Folder = DEFAULT,
        out: Annotated[Path | None, typer.Option(help="A file; without it, standard output.")] = None,
        epoch: Annotated[str | None, typer.Option(help="Only this epoch.")] = None,
    ) -> None:
        """Write the events' lines unchanged, oldest epoch first, as NDJSON."""
        from appliance.journal.source import sources

        target = out.open("wb") if out is not None else sys.stdout.buffer
        count = 0
        try:
            for source in sources(data):
                if epoch is None or source.epoch == epoch:
                    for line in source.all_lines():
                        target.write(line + b"\n")
                        count += 1
        finally:
            if out is not None:
                target.close()
        typer.echo(f"{count} events", err=True)
