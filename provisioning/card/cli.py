"""``motcua provision …``: cards for a list of sites, and their labels."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from appliance.errors import MotcuaError

if TYPE_CHECKING:
    from provisioning.card.copying import Progress
    from provisioning.card.fleet import Fleet, Target
    from provisioning.card.sites import Site

_FAILED = 1
_commands = typer.Typer(
    name="provision", help="The technician's tools: cards and labels.", no_args_is_help=True
)

Sites = Annotated[
    Path, typer.Option("--csv", help="The list of sites: commune, device, role, ….", dir_okay=False)
]
Claims = Annotated[Path, typer.Option(help="The file of `motcua center claim --csv --out`.", dir_okay=False)]
Image = Annotated[Path, typer.Option(help="The unpacked .img file.", exists=True, dir_okay=False)]
Center = Annotated[str, typer.Option(help="URL of the center.")]
CenterId = Annotated[str, typer.Option(help="The center's id, as its receipts name it.")]
Thumbprint = Annotated[str, typer.Option(help="Thumbprint that `motcua center keys` prints.")]
Ca = Annotated[
    Path | None,
    typer.Option(help="PEM certificates of the province's own CA, for every card.", dir_okay=False),
]
Out = Annotated[Path | None, typer.Option(help="Folder for one image file per box.", file_okay=False)]
Device = Annotated[Path | None, typer.Option(help="Card reader to write to, such as /dev/sdX.")]
Papers = Annotated[
    Path | None,
    typer.Option(help="Folder for setup codes, labels and summary; without it --out.", file_okay=False),
]
Only = Annotated[str | None, typer.Option(help="Only the box with this id.")]
Sure = Annotated[bool, typer.Option("--i-know", help="Take a large disk, or one that is not removable.")]


def register(app: typer.Typer) -> None:
    """Add ``provision`` and its commands."""
    app.add_typer(_commands)


@contextmanager
def _told() -> Iterator[None]:
    """Turn our errors into sentences in both languages and exit status 1."""
    try:
        yield
    except MotcuaError as error:
        typer.echo(error.vi(), err=True)
        if str(error) != error.vi():
            typer.echo(str(error), err=True)
        raise typer.Exit(_FAILED) from error


@_commands.command()
def card(
    *,
    csv: Sites,
    claims: Claims,
    image: Image,
    center: Center,
    center_id: CenterId,
    thumbprint: Thumbprint,
    ca: Ca = None,
    out: Out = None,
    device: Device = None,
    papers: Papers = None,
    only: Only = None,
    i_know: Sure = False,
) -> None:
    """Write the card of a box to a reader, or an image file for each box, and read it back."""
    from provisioning.card.errors import ChoiceError

    with _told():
        sites, fleet, folder = _begin(
            (csv, claims, image), (center, center_id, thumbprint), ca, papers or out, only
        )
        if device is not None and len(sites) > 1:
            raise ChoiceError(
                reason=f"the list has {len(sites)} boxes; choose one with --only, or use fleet",
                reason_vi=f"danh sách có {len(sites)} thiết bị; hãy chọn một với --only, hoặc dùng fleet",
            )
        target = _target(out, device, is_sure=i_know, is_asked=False)
        for site in sites:
            with _progress(site) as progress:
                path, copied = fleet.make(site, target, progress)
            typer.echo(f"{site.device}: {path} ok, sha256 {copied.sha256}")
        _write_labels(folder)


@_commands.command()
def fleet(
    *,
    csv: Sites,
    claims: Claims,
    image: Image,
    center: Center,
    center_id: CenterId,
    thumbprint: Thumbprint,
    ca: Ca = None,
    out: Out = None,
    device: Device = None,
    papers: Papers = None,
    i_know: Sure = False,
) -> None:
    """Make cards for a whole list, going on after a bad one; what became of each is in summary.csv."""
    with _told():
        sites, many, folder = _begin(
            (csv, claims, image), (center, center_id, thumbprint), ca, papers or out, None
        )
        target = _target(out, device, is_sure=i_know, is_asked=True)
        has_failed = False
        with _progress(None) as progress:
            for result in many.make_all(sites, target, progress):
                has_failed |= result.result != "ok"
                typer.echo(f"{result.device}: {result.result} {result.detail or result.target}")
        _write_labels(folder)
    if has_failed:
        raise typer.Exit(_FAILED)


@_commands.command()
def labels(
    *,
    codes: Annotated[
        Path, typer.Option(help="The setup-codes.csv of earlier cards.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="The PDF to write.", dir_okay=False)],
) -> None:
    """Print the labels again: A4 sheets of 2 x 7, 99.1 x 38.1 mm."""
    from provisioning.card import labels as drawing
    from provisioning.card import papers

    with _told():
        sheets = drawing.write(papers.read(codes), out)
    typer.echo(f"{out}: {sheets} A4")


def _begin(
    files: tuple[Path, Path, Path],
    center: tuple[str, str, str],
    ca: Path | None,
    folder: Path | None,
    only: str | None,
) -> "tuple[Sequence[Site], Fleet, Path]":
    from appliance.accounts.passwords import Argon2Hasher
    from provisioning.card import fleet as making
    from provisioning.card import sites as listing
    from provisioning.card.authority import read_authority
    from provisioning.card.errors import ChoiceError
    from provisioning.card.mbr import fat_partition

    csv, claims, image = files
    if folder is None:
        raise ChoiceError(
            reason="give --out, or --device and --papers",
            reason_vi="hãy ghi --out, hoặc --device và --papers",
        )
    facts = listing.CenterFacts(*center, ca=None if ca is None else read_authority(ca))
    sites = making.only(listing.read(csv, claims, facts), only)
    fat_partition(image)
    folder.mkdir(parents=True, exist_ok=True)
    return sites, making.Fleet(image, facts, folder, Argon2Hasher().hash), folder


def _target(out: Path | None, device: Path | None, *, is_sure: bool, is_asked: bool) -> "Target":
    from provisioning.card.disks import Disks
    from provisioning.card.errors import ChoiceError
    from provisioning.card.fleet import Drive, Folder

    if (out is None) == (device is None):
        raise ChoiceError(
            reason="give one of --out and --device", reason_vi="chỉ ghi một trong hai: --out hoặc --device"
        )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        return Folder(out)
    if device is None:
        raise AssertionError
    disks = Disks()
    return Drive(device, lambda path: disks.check(path, is_sure=is_sure), _ask if is_asked else None)


def _ask(site: "Site") -> None:
    typer.confirm(f"{site.device} · {site.name}: đã cắm thẻ? / is its card in?", abort=True)


@contextmanager
def _progress(site: "Site | None") -> "Iterator[Progress]":
    """Show how far a card is, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    words = {"write": "ghi", "verify": "kiểm tra"}
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(site.device if site is not None else "")

        def tell(what: str, done: int, total: int) -> None:
            bars.update(task, description=words.get(what, what), completed=done, total=total)

        yield tell


def _write_labels(folder: Path) -> None:
    from provisioning.card import labels as drawing
    from provisioning.card import papers

    kept = folder / papers.FILE_NAME
    if kept.exists():
        drawing.write(papers.read(kept), folder / "labels.pdf")
        typer.echo(f"{folder / 'labels.pdf'}; {kept}")
