"""The commands that provisioning adds to ``motcua``."""

import typer


def register(app: typer.Typer) -> None:
    """Add them."""
    from provisioning.demo import cli

    cli.register(app)
