"""The commands that provisioning adds to ``motcua``."""

import typer


def register(app: typer.Typer) -> None:
    """Add them."""
    from provisioning.card import cli as card
    from provisioning.demo import cli as demo
    from provisioning.image import cli as image

    demo.register(app)
    card.register(app)
    image.register(app)
