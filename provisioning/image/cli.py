"""``motcua image …``: makes what is written to a card."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from provisioning.image.packages import Profile

CACHE: Final = Path("/var/cache/motcua-image")
MIB: Final = 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands."""
    image = typer.Typer(no_args_is_help=True, help="The image of a box.")
    app.add_typer(image, name="image")

    @image.callback()
    def commands() -> None:
        pass

    @image.command()
    def build(
        out: Annotated[Path, typer.Option(help="Directory for the image, its package list and the log.")],
        profile: Annotated[Profile, typer.Option(help="What the box is for.")] = Profile.OFFICE,
        mirror: Annotated[
            str | None, typer.Option(help="Debian mirror; without it that of this machine's apt.")
        ] = None,
        security_mirror: Annotated[
            str | None, typer.Option(help="Mirror of Debian's security updates, with --mirror.")
        ] = None,
        cache: Annotated[Path, typer.Option(help="Keeps packages and wheels between builds.")] = CACHE,
        *,
        fresh: Annotated[
            bool, typer.Option("--fresh", help="Fetch Debian's newest packages, not those of the last build.")
        ] = False,
    ) -> None:
        """Build an image from Debian's archive and this source tree; as root."""
        _build(out, profile, mirror, security_mirror, cache, is_fresh=fresh)


def _build(
    out: Path, profile: Profile, mirror: str | None, security: str | None, cache: Path, *, is_fresh: bool
) -> None:
    from appliance.clock import KernelTime
    from provisioning.image.builder import build
    from provisioning.image.mirrors import Mirrors, discover, read_sources
    from provisioning.image.workshop import SOURCE, Workshop, check_machine

    check_machine()
    mirrors = discover(read_sources()) if mirror is None else Mirrors(mirror.rstrip("/"), security)
    out.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    time = KernelTime()
    begun = time.boot_ms()

    def say(step: str) -> None:
        typer.echo(f"{(time.boot_ms() - begun) // 1000:5d} s  {step}")

    log = out / "build.log"
    log.write_bytes(b"")
    with tempfile.TemporaryDirectory(prefix="motcua-image-") as scratch:
        shop = Workshop(Path(scratch), cache.resolve(), log, _epoch_s(SOURCE), say)
        built = build(shop, profile, mirrors, out, is_fresh=is_fresh)
    say("Done")
    size = built.packed.stat().st_size / MIB
    typer.echo(f"{built.image}  sha256 {built.sha256}")
    typer.echo(f"{built.packed}  {size:.0f} MiB")
    typer.echo(f"{built.sbom}")


def _epoch_s(source: Path) -> int:
    """Return the time of the source: the caller's, or that of the last commit, seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is not None:
        return int(given)
    command = ["git", "-c", "safe.directory=*", "-C", str(source), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    newest = max(int(path.stat().st_mtime) for path in source.glob("*.toml"))
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip() else newest
