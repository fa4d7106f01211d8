"""The commands that provisioning adds to ``motcua``."""

import typer


def register(app: typer.Typer) -> None:
    """Add them."""
    from provisioning.demo import cli as demo
    from provisioning.image import cli as image

    demo.register(app)
    image.register(app)
