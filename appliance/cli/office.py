"""``motcua office run``: the service itself."""

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from appliance.cli.service import lean, settled
from appliance.stopping import Stop

if TYPE_CHECKING:
    from appliance.config import ConfigError, Settings
    from appliance.office.root import Office
    from appliance.web.examiner import Examiner

CONFIG = Path("/etc/motcua/office.toml")
Config = Annotated[Path, typer.Option("--config", help="The office.toml.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    office = typer.Typer(no_args_is_help=True, help="The office service.")
    app.add_typer(office, name="office")
    _add_run(office)
    _add_claim(office)
    _add_procedures(office)


def _add_run(office: typer.Typer) -> None:
    @office.command()
    def run(
        config: Config = CONFIG,
        ca_file: Annotated[
            Path | None, typer.Option(help="PEM certificates of the center's TLS, instead of uplink.ca_file.")
        ] = None,
        deliver_every_s: Annotated[
            float | None, typer.Option(help="Deliver this often instead of as configured.", min=0.05)
        ] = None,
        setup: Annotated[
            Path | None,
            typer.Option(
                help="Data directory. With it, an office.toml that is missing or wrong is shown on"
                " one page (setup mode) until there is another."
            ),
        ] = None,
        log: Annotated[str, typer.Option(help="Log level: debug, info, warning, error.")] = "info",
    ) -> None:
        """Run the office until SIGTERM or SIGINT."""
        lean()
        from appliance.config import ConfigError, load
        from appliance.logs import configure

        configure(log)
        with Stop() as stop:
            try:
                settings = load(config)
            except ConfigError as error:
                if setup is None:
                    raise
                _setup_mode(config, setup, error, stop)
                return
            with closing(_open(settings, config, ca_file, deliver_every_s)):
                typer.echo(f"office {settings.office.device} is open at {settings.api.socket}")
                stop.wait()


def _open(
    settings: "Settings", config: Path, ca_file: Path | None, deliver_every_s: float | None
) -> "Office":
    with settled():
        from appliance.office.root import Office, Surroundings

        around = Surroundings(
            ca_file=ca_file,
            deliver_every_s=deliver_every_s,
            config_path=config,
            examiner=_doctor(config, ca_file),
        )
        return Office.open(settings, config.read_bytes(), around)


def _doctor(config: Path, ca_file: Path | None) -> "Examiner":
    """Return the doctor for his page; he is above the office, so the office is given him."""
    from appliance.doctor.box import Around
    from appliance.doctor.for_pages import OfficeExaminer

    return OfficeExaminer(config, Around(ca_file=ca_file))


def _setup_mode(config: Path, data: Path, error: "ConfigError", stop: Stop) -> None:
    """Show what is wrong until there are settings; whoever started this process then starts it again."""
    from appliance.setup_mode import SetupMode

    with closing(SetupMode.open(config, data, error)) as running:
        typer.echo(f"this box is not set up: see port {', '.join(map(str, running.ports)) or '-'}")
        running.wait(stop)


def _add_claim(office: typer.Typer) -> None:
    @office.command()
    def claim(
        text: Annotated[str, typer.Argument(help="The one-time claim, <device>.<secret>.")],
        config: Config = CONFIG,
    ) -> None:
        """Leave a claim for the office: it enrolls with it when it has a line, and then forgets it."""
        from appliance.config import load
        from appliance.journal.journal import write_durably
        from appliance.office.enrolment import CLAIM
        from appliance.wire.enrolment import Claim

        settings = load(config)
        parsed = Claim.parse(text)
        if parsed.device != settings.office.device:
            typer.echo(
                f"motcua: this claim is for {parsed.device}, but office.device is {settings.office.device}",
                err=True,
            )
            raise typer.Exit(1)
        settings.office.data_dir.mkdir(parents=True, exist_ok=True)
        path = settings.office.data_dir / CLAIM
        write_durably(path, f"{parsed}\n".encode(), 0o600)
        owner = settings.office.data_dir.stat()
        if os.geteuid() == 0:  # the service is not root and must be able to read it
            os.chown(path, owner.st_uid, owner.st_gid)
        typer.echo("the claim is in place; motcua-office uses it at its next start")


def _add_procedures(office: typer.Typer) -> None:
    procedures = typer.Typer(no_args_is_help=True, help="The catalog of administrative procedures.")
    office.add_typer(procedures, name="procedures")

    @procedures.command("import")
    def take_over(
        file: Annotated[Path, typer.Argument(help="CSV, UTF-8: code,name,documents,fee,time,where,link.")],
        config: Config = CONFIG,
    ) -> None:
        """Let the catalog be this list, all of it or nothing; phones see it within a minute."""
        from appliance.config import load
        from appliance.procedures import store, table

        folder = load(config).office.data_dir
        found, problems = table.parse(file.read_bytes())
        for each in problems:
            english, vietnamese = each.said()
            typer.echo(f"{file.name}: {vietnamese} / {english}", err=True)
        if problems:
            typer.echo("motcua: chưa nhận danh sách này / nothing was taken over", err=True)
            raise typer.Exit(1)
        folder.mkdir(parents=True, exist_ok=True)
        store.replace(folder, found)
        owner = folder.stat()
        if os.geteuid() == 0:  # the service is not root and must be able to read it
            os.chown(folder / store.FILE_NAME, owner.st_uid, owner.st_gid)
        typer.echo(f"đã nhận {len(found)} thủ tục / procedures taken over: {len(found)}")

    @procedures.command("list")
    def listed(config: Config = CONFIG) -> None:
        """Say which procedures are in the catalog."""
        from appliance.config import load
        from appliance.procedures import store

        for each in store.procedures(load(config).office.data_dir):
            typer.echo(f"{each.code}  {each.name}")
