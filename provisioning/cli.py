"""The commands that provisioning adds to ``motcua``."""

import typer


def register(app: typer.Typer) -> None:
    """Add them."""
    from provisioning.card import cli as card
    from provisioning.demo import cli

    cli.register(app)
    card.register(app)
