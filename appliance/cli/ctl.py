"""``motcua ctl``: every verb of the hall from a shell, over the office's socket."""

import json
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

Socket = Annotated[Path, typer.Option("--socket", help="The office's Unix socket.")]
DEFAULT = Path("/run/motcua/office.sock")
Officer = Annotated[str | None, typer.Option(help="Who commands.")]
Request = Annotated[str | None, typer.Option(help="Idempotency id; the same again gets the first answer.")]
Counter = Annotated[str, typer.Argument(help="The counter's id.")]
Ticket = Annotated[str, typer.Argument(help="The ticket's key, such as 2026-11-23/A/12.")]
ANSWER_S = 35.0
STICK_S = 150.0  # longer than the office waits for its stick, so that its own sentence arrives
PLAIN = ("close", "call-next", "recall", "start", "no-show", "hold", "recycle")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    ctl = typer.Typer(no_args_is_help=True, help="Command a running office.")
    app.add_typer(ctl, name="ctl")
    _add_hall(ctl)
    _add_counters(ctl)
    _add_day(ctl)


def call(
    socket: Path,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    timeout_s: float = ANSWER_S,
) -> None:
    """Ask the office and print its answer as JSON; exit 1 with its sentence when it refuses."""
    import httpx2

    with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(socket)), timeout=timeout_s) as client:
        try:
            answer = client.request(method, f"http://office{path}", json=body)
        except httpx2.TransportError as error:
            typer.echo(
                f"motcua: no office answers at {socket} ({error}); is motcua-office running?", err=True
            )
            raise typer.Exit(1) from error
    value = answer.json()
    if answer.is_error:
        typer.echo(f"motcua: {value.get('detail')} [{value.get('title')}]", err=True)
        raise typer.Exit(1)
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def new_request(request: str | None) -> str:
    """Return the caller's idempotency id, or one of our own."""
    return request or f"ctl-{uuid.uuid4().hex}"


def _add_hall(ctl: typer.Typer) -> None:
    @ctl.command()
    def hall(socket: Socket = DEFAULT) -> None:
        """Show the hall as it is."""
        call(socket, "GET", "/v1/hall")

    @ctl.command()
    def health(socket: Socket = DEFAULT) -> None:
        """Show what is wrong and how the uplink stands."""
        call(socket, "GET", "/v1/health")

    @ctl.command()
    def setup(socket: Socket = DEFAULT) -> None:
        """Show whether the box is set up, and what was wrong with the card at its last start."""
        call(socket, "GET", "/v1/setup")

    @ctl.command()
    def deliver(socket: Socket = DEFAULT) -> None:
        """Ask the uplink to deliver now."""
        call(socket, "POST", "/v1/uplink/deliver", {})

    @ctl.command()
    def stick(socket: Socket = DEFAULT) -> None:
        """Take receipts from the USB stick and write to it what the center has not receipted."""
        call(socket, "POST", "/v1/uplink/stick", timeout_s=STICK_S)

    @ctl.command()
    def issue(
        service: Annotated[str, typer.Argument(help="The service's id.")],
        priority: str = "none",
        request: Request = None,
        socket: Socket = DEFAULT,
    ) -> None:
        """Take a number."""
        body = {"service": service, "priority": priority, "request": new_request(request)}
        call(socket, "POST", "/v1/tickets", body)

    @ctl.command()
    def rate(
        counter: Counter,
        level: Annotated[int, typer.Argument(help="1 is worst.")],
        request: Request = None,
        socket: Socket = DEFAULT,
    ) -> None:
        """Press a satisfaction button."""
        body = {"counter": counter, "level": level, "request": new_request(request)}
        call(socket, "POST", "/v1/ratings", body)

    for verb in ("cancel", "return", "leave"):
        _add_ticket_verb(ctl, verb)


def _add_ticket_verb(ctl: typer.Typer, verb: str) -> None:
    @ctl.command(name=verb, help=f"{verb.capitalize()} a ticket.")
    def act(
        ticket: Ticket, officer: Officer = None, request: Request = None, socket: Socket = DEFAULT
    ) -> None:
        body = {"ticket": ticket, "officer": officer, "request": new_request(request)}
        call(socket, "POST", f"/v1/tickets/{verb}", body)


def _add_counters(ctl: typer.Typer) -> None:
    for verb in PLAIN:
        _add_counter_verb(ctl, verb)

    def post(socket: Path, counter: str, verb: str, officer: str | None, **more: Any) -> None:  # noqa: ANN401
        body = {"officer": officer, "request": new_request(None), **more}
        call(socket, "POST", f"/v1/counters/{counter}/{verb}", body)

    @ctl.command(name="open")
    def open_counter(counter: Counter, officer: Officer = None, socket: Socket = DEFAULT) -> None:
        """Open a counter."""
        post(socket, counter, "open", officer)

    @ctl.command()
    def pause(
        counter: Counter, reason: str | None = None, officer: Officer = None, socket: Socket = DEFAULT
    ) -> None:
        """Pause a counter."""
        post(socket, counter, "pause", officer, reason=reason)

    @ctl.command(name="call")
    def call_ticket(
        counter: Counter, ticket: Ticket, officer: Officer = None, socket: Socket = DEFAULT
    ) -> None:
        """Call one particular ticket."""
        post(socket, counter, "call", officer, ticket=ticket)

    @ctl.command()
    def resume(counter: Counter, ticket: Ticket, officer: Officer = None, socket: Socket = DEFAULT) -> None:
        """Take a ticket on hold up again."""
        post(socket, counter, "resume", officer, ticket=ticket)

    @ctl.command()
    def complete(
        counter: Counter, stage: str | None = None, officer: Officer = None, socket: Socket = DEFAULT
    ) -> None:
        """Complete the ticket at a counter; STAGE is receive or return."""
        post(socket, counter, "complete", officer, stage=stage)

    @ctl.command()
    def transfer(
        counter: Counter,
        to_service: str | None = None,
        to_counter: str | None = None,
        officer: Officer = None,
        socket: Socket = DEFAULT,
    ) -> None:
        """Send the person at a counter on to a service or a counter."""
        post(socket, counter, "transfer", officer, to_service=to_service, to_counter=to_counter)


def _add_counter_verb(ctl: typer.Typer, verb: str) -> None:
    @ctl.command(name=verb, help=f"{verb.replace('-', ' ').capitalize()} at a counter.")
    def act(
        counter: Counter, officer: Officer = None, request: Request = None, socket: Socket = DEFAULT
    ) -> None:
        body = {"officer": officer, "request": new_request(request)}
        call(socket, "POST", f"/v1/counters/{counter}/{verb}", body)


def _add_day(ctl: typer.Typer) -> None:
    @ctl.command(name="day-open")
    def day_open(officer: Officer = None, socket: Socket = DEFAULT) -> None:
        """Open the closed business day again."""
        call(socket, "POST", "/v1/day/open", {"officer": officer, "request": new_request(None)})

    @ctl.command(name="day-close")
    def day_close(officer: Officer = None, socket: Socket = DEFAULT) -> None:
        """End the business day."""
        call(socket, "POST", "/v1/day/close", {"officer": officer, "request": new_request(None)})
