#!/bin/sh
# Gives the last partition the rest of the card. One sector is written, once: it is the old table or the new one.
set -eu
root=$(findmnt --noheadings --output SOURCE --nofsroot /)
disk=/dev/$(lsblk --noheadings --output PKNAME "$root" | head -n 1)
size=$(cat "/sys/class/block/${disk#/dev/}/size")
number=4
part=$(lsblk --noheadings --list --output NAME "$disk" | sed -n "$((number + 1))p")
start=$(cat "/sys/class/block/$part/start")
now=$(cat "/sys/class/block/$part/size")
# 4 MiB at the end stay free, and less than that is not worth a write.
wanted=$(((size - start) / 8192 * 8192))
if [ "$wanted" -le "$now" ]; then
  exit 0
fi
echo ", $wanted" | sfdisk --lock=yes --quiet --no-reread --no-tell-kernel --force --partno "$number" "$disk"
# The kernel is told first, then everybody: no mount may meet the device while udev looks at it again.
partx --update --nr "$number" "$disk"
udevadm settle --timeout=60 || true
