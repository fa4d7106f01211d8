"""``motcua hotspot retention …``: what is recorded of sessions, which cannot be read here; taking it out."""

from pathlib import Path
from typing import Annotated

import typer

STATE_DIR = Path("/var/lib/motcua-hotspot")
State = Annotated[Path, typer.Option(help="The gate's state directory.")]
_BROKEN = 1


def register(hotspot: typer.Typer) -> None:
    """Add the commands."""
    retention = typer.Typer(
        no_args_is_help=True, help="Records of sessions, where the province's policy asks for them."
    )
    hotspot.add_typer(retention, name="retention")

    @retention.command()
    def status(state_dir: State = STATE_DIR) -> None:
        """Say what is recorded and verify the chain; exit 1 when it is broken."""
        from appliance.hotspot.recording import FOLDER
        from appliance.records.errors import BrokenChainError, RecordsFolderError
        from appliance.records.files import month_files, verified

        folder = state_dir / FOLDER
        try:
            files = month_files(folder)
            if not files:
                typer.echo(f"no records in {folder} / không có bản ghi nào")
                return
            dates = sorted(each.month or "" for each in files)
            torn = [each for each in month_files(folder, with_torn=True) if each.is_torn]
            found = verified([each.path for each in files], is_live=True)
        except (BrokenChainError, RecordsFolderError) as error:
            typer.echo(f"motcua hotspot: {error}", err=True)
            raise typer.Exit(_BROKEN) from error
        link = found.link
        if link is None:
            typer.echo("no records / không có bản ghi nào")
            return
        typer.echo(f"records: {found.lines}, numbers {found.first} to {link.seq}, chains {found.chains}")
        typer.echo(f"months: {dates[0] or 'not dated yet'} to {dates[-1] or 'not dated yet'}")
        typer.echo(f"chain {link.chain} of {link.device}, head {link.head}")
        typer.echo(f"sealed to: {', '.join(sorted(found.keys))}")
        typer.echo(f"not recorded: {found.missed}; torn ends set aside: {len(torn)}")
        typer.echo("the chain is whole and cannot be read here / chuỗi nguyên vẹn, ở đây không đọc được")

    @retention.command()
    def export(
        *,
        out: Annotated[Path, typer.Option("--dir", help="A new or empty folder, such as one on a stick.")],
        state_dir: State = STATE_DIR,
    ) -> None:
        """Copy the records as they are, with a list by which the province sees that none is missing."""
        from appliance.hotspot.recording import FOLDER
        from appliance.records.errors import RecordsError, RecordsFolderError
        from appliance.records.export import export as do

        try:
            done = do(state_dir / FOLDER, out)
        except (RecordsError, RecordsFolderError) as error:
            typer.echo(f"motcua hotspot: {error}", err=True)
            raise typer.Exit(_BROKEN) from error
        typer.echo(f"{out}: {done.lines} records, up to {0 if done.link is None else done.link.seq}")

    @retention.command()
    def destroy(state_dir: State = STATE_DIR) -> None:
        """Destroy what was kept long enough, where no gate runs that does it; by a clock that is trusted."""
        from appliance.hotspot.ledger import swept
        from appliance.hotspot.moment import believed
        from appliance.hotspot.recording import FOLDER

        folder, now = state_dir / FOLDER, believed()
        if not folder.is_dir():
            return
        if not now.trusted:
            typer.echo("no clock is trusted yet: nothing was destroyed / chưa tin được đồng hồ: chưa hủy gì")
            return
        for name in swept(folder, now.local_day()[:7]):
            typer.echo(f"destroyed / đã hủy: {name}")
