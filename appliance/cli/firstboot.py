"""``motcua firstboot``: take over what a technician put on the card; at every start, before the office."""

from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.service import settled

SETUP_MODE = 3


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def firstboot(
        card: Annotated[Path, typer.Option(help="Where the card's FAT partition is mounted.")] = Path(
            "/boot/firmware"
        ),
        data: Annotated[Path, typer.Option(help="The data directory.")] = Path("/var/lib/motcua"),
        config: Annotated[Path, typer.Option(help="The office.toml to make.")] = Path(
            "/etc/motcua/office.toml"
        ),
        network: Annotated[Path, typer.Option(help="Directory of systemd-networkd's files.")] = Path(
            "/etc/systemd/network"
        ),
        *,
        stick: Annotated[Path, typer.Option(help="Where a backup stick is mounted.")] = Path("/media/motcua"),
        hotspot: Annotated[
            Path | None, typer.Option(help="Where the public WiFi keeps its sessions; a reset empties it.")
        ] = None,
    ) -> None:
        """Set the box up from motcua.toml; exit 3 in setup mode, when it is wrong or missing."""
        with settled():
            from appliance.firstboot import FirstBoot, Outcome, Places
            from appliance.logs import configure
            from appliance.setup_notice import SetupNotice

        configure()
        outcome = FirstBoot(Places(card, data.absolute(), config.absolute(), network, stick, hotspot)).run()
        notice = SetupNotice.read(data)
        for mistake in notice.mistakes if notice is not None else ():
            typer.echo(f"{mistake.place}: {mistake.message_vi}", err=True)
        typer.echo(outcome.value)
        if outcome is Outcome.SETUP_MODE:
            raise typer.Exit(SETUP_MODE)
