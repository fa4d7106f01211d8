"""``motcua public run``: the strangers' app itself."""

from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.service import lean, stopped

LINK_DIR = Path("/run/motcua-link")
PORT = 8081


def register(app: typer.Typer) -> None:
    """Add the commands."""
    public = typer.Typer(no_args_is_help=True, help="The strangers' app, for citizens' phones.")
    app.add_typer(public, name="public")

    @public.callback()
    def root() -> None:
        """Keep `run` a word of its own."""

    @public.command()
    def run(
        link_dir: Annotated[
            Path, typer.Option(help="Where the office's socket is: public.link_dir of its settings.")
        ] = LINK_DIR,
        port: Annotated[
            int,
            typer.Option(help="Port, unless systemd hands over a socket; 0 takes any.", min=0, max=65_535),
        ] = PORT,
        log: Annotated[str, typer.Option(help="Log level: debug, info, warning, error.")] = "info",
    ) -> None:
        """Serve phones until SIGTERM or SIGINT; reads no settings but what the office puts up for it."""
        lean()
        from appliance.logs import configure
        from appliance.public.running import PublicApp, listening

        stop = stopped()
        configure(log)
        running = PublicApp.open(link_dir, listening(port))
        try:
            typer.echo(f"phones are served on port {', '.join(str(each) for each in running.ports)}")
            stop.wait()
        finally:
            running.close()
