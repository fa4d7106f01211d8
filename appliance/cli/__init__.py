"""``motcua …``: one command for the box, the technician and the center.

Other parts add their commands through the entry-point group ``motcua.commands``, so that this package imports
none of them.
"""

import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer

from appliance import __version__
from appliance.cli import accounts, ctl, doctor, firstboot, hotspot, journal, office, public, settings, spare
from appliance.errors import MotcuaError

GROUP = "motcua.commands"


def build(*, lean: bool = False) -> typer.Typer:
    """Return the application with every command that is installed.

    Args:
        lean: only the box's own: the service need not hold the center's and the technician's tools in memory.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, help="motcua: the one-stop counter hall.")

    @app.callback(invoke_without_command=True)
    def root(
        *, version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False
    ) -> None:
        if version:
            typer.echo(__version__)
            raise typer.Exit

    settings.register(app)
    office.register(app)
    public.register(app)
    hotspot.register(app)
    journal.register(app)
    accounts.register(app)
    ctl.register(app)
    spare.register(app)
    doctor.register(app)
    firstboot.register(app)
    if not lean:
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
            point.load()(app)
    return app


def main() -> None:
    """Run the command line; our own errors become one line, in English, and exit status 1."""
    try:
        build(lean=sys.argv[1:2] in (["office"], ["public"], ["hotspot"], ["firstboot"]))()
    except MotcuaError as error:
        typer.echo(f"motcua: {error}", err=True)
        sys.exit(1)
