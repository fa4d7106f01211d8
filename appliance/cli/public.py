"""``motcua public run``: the strangers' app itself."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.service import lean, settled
from appliance.stopping import Stop

LINK_DIR = Path("/run/motcua-link")
GATE_DIR = Path("/run/motcua-hotspot")
PORT = 8081


def register(app: typer.Typer) -> None:
    """Add the commands."""
    public = typer.Typer(no_args_is_help=True, help="The strangers' app, for citizens' phones.")
    app.add_typer(public, name="public")

    @public.callback()
    def root() -> None:
        """Keep `run` a word of its own."""

    @public.command()
    def run(  # noqa: PLR0917 - typer calls it by name
        link_dir: Annotated[
            Path, typer.Option(help="Where the office's socket is: public.link_dir of its settings.")
        ] = LINK_DIR,
        port: Annotated[
            int,
            typer.Option(help="Port, unless systemd hands over a socket; 0 takes any.", min=0, max=65_535),
        ] = PORT,
        # We may pass through it and not look around in it; before the gate's first start it is not there.
        gate_dir: Annotated[
            Path, typer.Option(help="Where the gate of the public WiFi answers.", readable=False)
        ] = GATE_DIR,
        portal_port: Annotated[
            int | None,
            typer.Option(help="Port of the WiFi's portal, likewise; without it none.", min=0, max=65_535),
        ] = None,
        portal_https_port: Annotated[
            int | None, typer.Option(help="The same over https.", min=0, max=65_535)
        ] = None,
        log: Annotated[str, typer.Option(help="Log level: debug, info, warning, error.")] = "info",
    ) -> None:
        """Serve phones until SIGTERM or SIGINT; reads no settings but what the office puts up for it."""
        lean()
        with Stop() as stop:
            with settled():
                from appliance.logs import configure
                from appliance.public.running import Places, PublicApp, listening

                configure(log)
                sockets = listening(port, portal_port, portal_https_port)
                running = PublicApp.open(Places(link_dir, gate_dir), sockets)
            with closing(running):
                typer.echo(f"phones are served on port {', '.join(str(each) for each in running.ports)}")
                stop.wait()
