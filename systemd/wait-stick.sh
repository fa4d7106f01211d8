#!/bin/sh
# A card that asks for a backup stick (motcua.toml, [restore]) has its box wait for one, and not for ever.
set -eu
card=${1:-/boot/firmware/motcua.toml}
stick=/dev/disk/by-label/MOTCUA
if ! grep -Eq "from[[:space:]]*=[[:space:]]*[\"']usb[\"']" "$card"; then
  exit 0
fi
udevadm wait --timeout=20 "$stick"
timeout 20 systemctl start media-motcua.mount
