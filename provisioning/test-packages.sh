#!/usr/bin/env bash
# Installs the Debian packages that the tests start as real programs. Without root it names the one line to run.
set -euo pipefail
wanted=()
need() { command -v "$1" >/dev/null 2>&1 || wanted+=("$2"); }
need git git
need systemd-analyze systemd
need unshare util-linux
need chromium chromium
# Into /usr/sbin, which is not in everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin"
need mcopy mtools
need mkfs.vfat dosfstools
need sfdisk fdisk
need pdftoppm poppler-utils
need mkfs.ext4 e2fsprogs
need qemu-io qemu-utils
need qemu-storage-daemon qemu-system-common
[ "${#wanted[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${wanted[@]}"
else
  echo "Packages are missing:  sudo apt-get install -y ${wanted[*]}" >&2
  exit 1
fi
