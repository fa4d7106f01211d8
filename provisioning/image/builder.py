"""Builds one image from beginning to end."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from provisioning.image import base, pack, sbom, toolchain, tree, wheels
from provisioning.image.mirrors import Mirrors
from provisioning.image.packages import PROFILES, Profile
from provisioning.image.workshop import Workshop, enable_emulation


@dataclass(frozen=True, slots=True)
class Built:
    """What came out.

    Args:
        image: the card image, as it is written to a card.
        packed: the same, compressed.
        sbom: the list of packages with their versions.
        sha256: of the plain image.
    """

    image: Path
    packed: Path
    sbom: Path
    sha256: str


def build(shop: Workshop, profile: Profile, mirrors: Mirrors, out: Path, *, is_fresh: bool = False) -> Built:
    """Build an image.

    Args:
        shop: where to work; ``check_machine`` found nothing missing.
        profile: what the box is for.
        mirrors: of Debian.
        out: directory of the result, which exists.
        is_fresh: fetch Debian's newest packages instead of using the base system in the cache.

    Raises:
        ImageError: what failed, with the log's name.
    """
    enable_emulation()
    name = f"motcua-{profile}"
    system = base.make_base(shop, PROFILES[profile], mirrors, is_fresh=is_fresh)
    fetched = wheels.fetch(shop)
    tools = toolchain.make_toolchain(shop, mirrors)
    made = [wheels.build_gpio(shop, tools), wheels.build_own(shop)]
    root = tree.unpack(shop, system)
    tree.configure(shop, root, profile)
    tree.install_python(shop, root, tools, fetched, made)

    listed = [*fetched.glob("*.whl"), *made]
    text = sbom.render(profile, shop.epoch_s, (root / sbom.STATUS).read_text(encoding="utf-8"), listed)
    bill = out / f"{name}.sbom.json"
    bill.write_text(text, encoding="utf-8")
    shared = root / "usr/share/motcua"
    shared.mkdir()
    shutil.copyfile(bill, shared / bill.name)

    boot, data, parts = shop.scratch / "boot", shop.scratch / "data", shop.scratch / "parts"
    parts.mkdir()
    tree.take_boot(root, boot)
    tree.make_overlays(shop, boot)
    tree.take_data(root, data)
    tree.strip(root)
    for folder in (root, boot, data):
        tree.settle(folder, shop.epoch_s)
    pack.make_root(shop, root, parts)
    pack.make_boot(shop, boot, parts)
    pack.make_data(shop, data, parts)
    image = out / f"{name}.img"
    pack.make_card(shop, parts, image)
    packed = pack.compress(shop, image)
    with image.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    (out / f"{image.name}.sha256").write_text(f"{digest}  {image.name}\n")
    return Built(image, packed, bill, digest)
