"""``motcua hotspot …``: the gate of the public WiFi itself, what this box's radio can do, and a test."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from appliance.cli import retention
from appliance.cli.doctor import Lang
from appliance.cli.service import lean, settled

LINK_DIR = Path("/run/motcua-gate")
STATE_DIR = Path("/var/lib/motcua-hotspot")
RUN_DIR = Path("/run/motcua-hotspot")
RESOLVERS = Path("/run/systemd/resolve/resolv.conf")
LinkDir = Annotated[Path, typer.Option(help="Where the office puts up the settings: hotspot.link_dir.")]
ConfigFile = Annotated[
    Path | None, typer.Option(help="An office.toml, instead of the settings in --link-dir.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    hotspot = typer.Typer(no_args_is_help=True, help="The public WiFi.")
    app.add_typer(hotspot, name="hotspot")
    retention.register(hotspot)

    @hotspot.command()
    def run(  # noqa: PLR0917 - typer calls it by name
        link_dir: LinkDir = LINK_DIR,
        config: ConfigFile = None,
        state_dir: Annotated[Path, typer.Option(help="Where sessions outlive a reboot.")] = STATE_DIR,
        run_dir: Annotated[
            Path, typer.Option(help="Where the engines' files and the gate's socket are.")
        ] = RUN_DIR,
        resolvers: Annotated[Path, typer.Option(help="File with the resolvers of the line.")] = RESOLVERS,
        public_user: Annotated[
            str, typer.Option(help="The Unix user of the strangers' app.")
        ] = "motcua-public",
        office_user: Annotated[str, typer.Option(help="The Unix user of the office.")] = "motcua",
        log: Annotated[str, typer.Option(help="Log level: debug, info, warning, error.")] = "info",
    ) -> None:
        """Keep the gate until SIGTERM or SIGINT; ends at once when the settings offer no WiFi."""
        lean()
        with settled():
            from appliance.hotspot.programs import Places
            from appliance.hotspot.running import Options, serve
            from appliance.hotspot.serving import Callers
            from appliance.logs import configure
            from appliance.sockets.gate import FILE, SOCKET

        configure(log)
        options = Options(
            rules=link_dir / FILE if config is None else config,
            places=Places(state_dir, run_dir),
            socket=run_dir / SOCKET,
            callers=Callers(public_user, office_user),
            resolvers=resolvers,
        )
        asyncio.run(serve(options))

    @hotspot.command()
    def capabilities(
        interface: Annotated[str, typer.Argument(help="The radio's interface.")] = "wlan0",
    ) -> None:
        """Say what the radio can do, as it says itself: clients, isolation, WPA3, OWE; and the queues."""
        from appliance.hotspot.capabilities import line_report, line_shaper, radio, report

        rows = [*report(asyncio.run(radio(interface))), line_report(asyncio.run(line_shaper()))]
        for what, answer, answer_vi in rows:
            typer.echo(f"{what}: {answer}" + (f" / {answer_vi}" if answer_vi != answer else ""))

    _add_selftest(hotspot)


def _add_selftest(hotspot: typer.Typer) -> None:
    @hotspot.command()
    def selftest(
        link_dir: LinkDir = LINK_DIR,
        config: ConfigFile = None,
        run_dir: Annotated[Path, typer.Option(help="Where the gate's files are.")] = RUN_DIR,
        lang: Annotated[Lang, typer.Option(help="Language of the sheet.")] = Lang.VI,
        *,
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON, in both languages.")] = False,
        leave: Annotated[
            bool, typer.Option("--leave", help="Leave the findings for the staff app, too.")
        ] = False,
    ) -> None:
        """Prove, as root, that the gate keeps a guest out who did not agree; real guests do not notice.

        Exits with 0 if it stands, 2 if something is open or broken, 3 if it could not be tried.
        """
        lean()
        from appliance.doctor import sheet
        from appliance.doctor.examination import exit_code
        from appliance.doctor.gate_test import leaving, trial
        from appliance.errors import MotcuaError
        from appliance.hotspot.moment import believed
        from appliance.hotspot.programs import Places
        from appliance.hotspot.running import wanted
        from appliance.logs import configure
        from appliance.sockets.gate import FILE
        from appliance.sockets.gate_test import FILE as RESULT

        configure("critical")
        try:
            settings = wanted(link_dir / FILE if config is None else config)
            if settings is None:
                raise typer.BadParameter("the settings want no public WiFi")
            findings = trial.examine(trial.Subject(settings, Places(run_dir, run_dir)))
        except MotcuaError as error:
            findings = trial.not_tried(error)
        if leave:
            leaving.leave(leaving.told(findings, believed().wire_at), run_dir / RESULT)
        if as_json:
            typer.echo(json.dumps(sheet.as_json(findings), ensure_ascii=False, indent=2))
        else:
            typer.echo(sheet.sheet(findings, "", lang.value, "motcua hotspot selftest"), nl=False)
        raise typer.Exit(exit_code(findings))
