"""``motcua doctor``, ``motcua bench-storage``, ``motcua support-bundle``: what a technician asks of a box."""

import json
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from appliance.cli.office import CONFIG, Config
from appliance.cli.service import lean

Data = Annotated[Path | None, typer.Option("--data", help="The data directory, if not as office.toml says.")]
Socket = Annotated[
    Path | None, typer.Option("--socket", help="The office's socket, if not as office.toml says.")
]
CaFile = Annotated[
    Path | None, typer.Option(help="PEM certificates of the center's TLS, instead of uplink.ca_file.")
]
GIB = 1 << 30
VERDICTS = {
    "good": "✓ thẻ tốt / good",
    "slow": "! thẻ chậm: bấm nút vẫn được ghi, đèn sáng trễ / slow: every press is kept, some lamps are late",
    "change the card": "✗ HÃY THAY THẺ NHỚ / CHANGE THE CARD",
    "no card": "? đây không phải thẻ nhớ, hoặc thẻ báo đã ghi khi chưa ghi / memory, or a card that lies",
}
VERDICT_EXIT = {"good": 0, "slow": 1, "change the card": 2, "no card": 1}


class Lang(StrEnum):
    """Language of what is printed."""

    VI = "vi"
    EN = "en"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    _add_doctor(app)
    _add_bench_storage(app)
    _add_support_bundle(app)


def _add_doctor(app: typer.Typer) -> None:
    @app.command()
    def doctor(
        config: Config = CONFIG,
        data: Data = None,
        socket: Socket = None,
        *,
        ca_file: CaFile = None,
        endurance_gib: Annotated[
            int | None, typer.Option(help="GiB that the card's maker says may be written to it.", min=1)
        ] = None,
        lang: Annotated[Lang, typer.Option(help="Language of the sheet.")] = Lang.VI,
        log: Annotated[
            str, typer.Option(help="Log level, for who looks for a bug of the doctor.")
        ] = "critical",
        as_json: Annotated[bool, typer.Option("--json", help="Print JSON, in both languages.")] = False,
    ) -> None:
        """Look the box over: 0 all is well, 1 warnings, 2 something is broken, 3 it could not look."""
        lean()
        from appliance.doctor import sheet
        from appliance.doctor.box import Around, Box
        from appliance.doctor.examination import examine, exit_code
        from appliance.logs import configure

        configure(log)
        endurance = None if endurance_gib is None else endurance_gib * GIB
        box = Box.find(config, data, socket, Around(ca_file=ca_file, endurance_bytes=endurance))
        findings = examine(box)
        if as_json:
            typer.echo(json.dumps(sheet.as_json(findings), ensure_ascii=False, indent=2))
        else:
            name = "" if box.settings is None else box.settings.office.device
            typer.echo(sheet.sheet(findings, name, lang.value), nl=False)
        raise typer.Exit(exit_code(findings))


def _add_bench_storage(app: typer.Typer) -> None:
    @app.command("bench-storage")
    def bench_storage(
        folder: Annotated[
            Path | None, typer.Option("--dir", help="A directory on the card; without it the data directory.")
        ] = None,
        seconds: Annotated[float, typer.Option(help="How long to measure.", min=1, max=600)] = 10.0,
        config: Config = CONFIG,
    ) -> None:
        """Measure how fast this card makes a press durable, and say what to do with it."""
        lean()
        from appliance.doctor import storage
        from appliance.doctor.box import Box

        for number in (signal.SIGTERM, signal.SIGHUP):  # ended in order: nothing is left behind
            signal.signal(number, lambda number, _frame: sys.exit(128 + number))
        where = Box.find(config).folder if folder is None else folder
        measured = storage.measure(where, seconds)
        for name, times in (("journal", measured.journal), ("4 KiB", measured.bare)):
            typer.echo(
                f"{name:<8} {times.count:>5} x  p50 {times.p50:8.2f} ms  p95 {times.p95:8.2f} ms"
                f"  p99 {times.p99:8.2f} ms  worst {times.worst:8.2f} ms"
            )
        typer.echo(VERDICTS[measured.verdict.value])
        raise typer.Exit(VERDICT_EXIT[measured.verdict.value])


def _add_support_bundle(app: typer.Typer) -> None:
    @app.command("support-bundle")
    def support_bundle(
        out: Annotated[Path, typer.Option(help="The file to write, such as support.tar.gz.")],
        config: Config = CONFIG,
        data: Data = None,
        socket: Socket = None,
        *,
        ca_file: CaFile = None,
    ) -> None:
        """Write what a box can tell about itself, without secrets, names and addresses, into one file."""
        lean()
        from appliance.doctor.box import Around, Box
        from appliance.doctor.bundle.writing import write_bundle
        from appliance.doctor.examination import examine
        from appliance.logs import configure

        configure("critical")
        box = Box.find(config, data, socket, Around(ca_file=ca_file))
        pieces = write_bundle(box, examine(box), out)
        typer.echo(f"{out}: {out.stat().st_size >> 10} KiB, {len(pieces)} pieces")
