"""``motcua check``: what is wrong with an office.toml, before it is used."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def check(
        path: Annotated[Path, typer.Argument(help="The office.toml to check.")],
    ) -> None:
        """Check an office.toml: every problem with its key, value and remedy; exit 1 if there is any."""
        from appliance.config import check as problems_of

        problems = problems_of(path)
        for problem in problems:
            typer.echo(problem.line(path.name), err=True)
        if problems:
            raise typer.Exit(1)
        typer.echo(f"{path.name}: ok")
