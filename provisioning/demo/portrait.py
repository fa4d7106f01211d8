"""A picture of a real run for the README: ``python -m provisioning.demo.portrait docs/demo.svg``."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from appliance.clock import monotonic_s
from appliance.logs import configure
from provisioning.demo.scene import Scene
from provisioning.demo.session import Session
from provisioning.demo.view import draw

# Rich's own frame loads fonts from a server; this one takes what the reader has.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>motcua demo</title>
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">\
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
<rect width="{width}" height="{height}" rx="8" fill="#101418"/>
<text x="20" y="28" font-family="monospace" font-size="16" fill="#8a939c">$ make demo</text>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""
TURN_S = 0.25


def paint(session: Session, width: int, height: int) -> Console:
    """Return a console that recorded one screen."""
    console = Console(
        record=True,
        width=width,
        height=height,
        file=io.StringIO(),
        color_system="truecolor",
        force_terminal=True,
    )
    console.print(draw(session.picture(), width, height), end="")
    return console


def main(
    target: Annotated[Path, typer.Argument(help="Written: .svg, or .txt for plain text.")],
    *,
    seconds: Annotated[float, typer.Option(help="How long the office runs first.")] = 75.0,
    seed: Annotated[int, typer.Option(help="Of the script's chance.")] = 7,
    width: Annotated[int, typer.Option(help="Columns.")] = 112,
    height: Annotated[int, typer.Option(help="Rows.")] = 34,
) -> None:
    """Run the demo for a while and keep what its screen shows then."""
    configure("error")
    scene = Scene.open(Path(tempfile.mkdtemp(prefix="motcua-portrait-")), has_pages=True)
    try:
        with Session.open(scene, seed=seed, script=True) as session:
            started_s = monotonic_s()
            while monotonic_s() - started_s < seconds:
                session.turn(TURN_S)
                session.unread()
            console = paint(session, width, height)
    finally:
        scene.close()
    if target.suffix == ".svg":
        text = console.export_svg(title="motcua demo", code_format=SVG, unique_id="motcua")
    else:
        text = console.export_text()
    target.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{target}: {len(text.encode())} bytes\n")


if __name__ == "__main__":
    typer.run(main)
