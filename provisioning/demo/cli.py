"""``motcua demo``: the main job on loopback, with every device emulated."""

import json
import random  # noqa: TID251 - the demo's chance is seeded by the caller
import tempfile
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        *,
        headless: Annotated[
            bool, typer.Option("--headless", help="Play a scripted day at high speed.")
        ] = False,
        citizens: Annotated[int, typer.Option(help="Headless: how many come.", min=1)] = 60,
        seed: Annotated[int, typer.Option(help="Of the script's chance.")] = 7,
        out: Annotated[Path | None, typer.Option(help="Directory to keep; a new one without it.")] = None,
        seconds: Annotated[float | None, typer.Option(help="End the live view after so long.")] = None,
        host: Annotated[
            str | None,
            typer.Option(help="This machine's address on the LAN: serve the pages to phones, too."),
        ] = None,
        log: Annotated[str, typer.Option(help="Log level: debug, info, warning, error.")] = "error",
    ) -> None:
        """One office and its province, with emulated buttons, keypad and panel, and every page."""
        from appliance.logs import configure

        configure(log)
        folder = out or Path(tempfile.mkdtemp(prefix="motcua-demo-"))
        if folder.exists() and any(folder.iterdir()):
            typer.echo(f"motcua: {folder} is not empty; give --out a new directory", err=True)
            raise typer.Exit(1)
        if headless:
            _headless(folder, citizens, seed)
        else:
            _live(folder, seed, seconds, host)


def _headless(folder: Path, citizens: int, seed: int) -> None:
    from provisioning.demo.day import play

    result = play(folder, citizens, random.Random(seed))  # noqa: S311 - a script, not a secret
    for problem in result.problems:
        typer.echo(f"motcua: {problem}", err=True)
    typer.echo(json.dumps(result.summary, ensure_ascii=False))
    if result.problems:
        raise typer.Exit(1)


def _live(folder: Path, seed: int, seconds: float | None, host: str | None) -> None:
    from provisioning.demo.live import run
    from provisioning.demo.scene import Scene

    scene = Scene.open(folder, has_pages=True, host=host)
    try:
        run(scene, seed=seed, seconds=seconds)
    finally:
        scene.close()
    typer.echo(f"{folder}")
