"""``motcua restore`` and ``motcua day``: when a box died, and another one goes on."""

from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.ctl import DEFAULT as SOCKET
from appliance.cli.ctl import Socket, call, new_request
from appliance.cli.office import CONFIG

DATA = Path("/var/lib/motcua")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _add_restore(app)
    day = typer.Typer(no_args_is_help=True, help="The business day, when a box was replaced.")
    app.add_typer(day, name="day")
    _add_resume(day)


def _add_restore(app: typer.Typer) -> None:
    @app.command()
    def restore(
        stick: Annotated[Path, typer.Option("--from", help="Where the stick is mounted.", exists=True)],
        claim: Annotated[str, typer.Option(help="A new claim for the same device.")],
        data: Annotated[Path, typer.Option(help="The data directory of this box, unused.")] = DATA,
        config: Annotated[
            Path, typer.Option(help="Where the backup's office.toml goes if there is none.")
        ] = CONFIG,
    ) -> None:
        """Go on with today's numbers on this box from a backup stick; then start motcua-office."""
        from appliance.clock import KernelTime
        from appliance.office.restoring import restore as do
        from appliance.queueing.day import open_tickets
        from appliance.queueing.ticket import new_label
        from appliance.wire.enrolment import Claim

        done = do(stick, data, Claim.parse(claim), KernelTime(), config)
        hall = done.state.hall
        numbers = ", ".join(new_label(series, number) for series, number in sorted(hall.numbers.items()))
        typer.echo(f"restored up to event {done.after.seq} of epoch {done.after.epoch}")
        if done.unverified:
            typer.echo(f"behind it {done.unverified} events could be read: their numbers are not given again")
        typer.echo(f"the new epoch is {done.epoch}; accounts: {done.accounts}")
        typer.echo(
            f"day {hall.day}, in the hall: {len(open_tickets(hall))}, next numbers: {numbers or 'A001'}"
        )
        typer.echo(f"settings: {done.config or f'those in {config}'}")
        typer.echo(
            "if somebody holds a higher number, start motcua-office and run: motcua day resume --from NUMBER"
        )


def _add_resume(day: typer.Typer) -> None:
    @day.command()
    def resume(
        labels: Annotated[
            list[str], typer.Option("--from", help="The last number that was given, such as A138.")
        ],
        officer: Annotated[str | None, typer.Option(help="Who commands.")] = None,
        request: Annotated[str | None, typer.Option(help="Idempotency id.")] = None,
        socket: Socket = SOCKET,
    ) -> None:
        """Go on behind the last number given today, where this box does not know of it; once a series."""
        body = {"labels": [label.upper() for label in labels], "officer": officer}
        call(socket, "POST", "/v1/day/resume", {**body, "request": new_request(request)})
