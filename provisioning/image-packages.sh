#!/usr/bin/env bash
# Installs the Debian packages that build an image and run it in QEMU. Without root it names the one line to run.
set -euo pipefail
wanted=()
need() { command -v "$1" >/dev/null 2>&1 || wanted+=("$2"); }
PATH="$PATH:/usr/sbin:/sbin"
need arch-test arch-test
need genimage genimage
need mcopy mtools
need mke2fs e2fsprogs
need mkfs.vfat dosfstools
need mmdebstrap mmdebstrap
need qemu-aarch64-static qemu-user-static
need update-binfmts binfmt-support
need zstd zstd
need qemu-system-aarch64 qemu-system-arm
need qemu-img qemu-utils
need fdtput device-tree-compiler
[ "${#wanted[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"
else
  echo "Packages are missing:  sudo apt-get install -y --no-install-recommends ${wanted[*]}" >&2
  exit 1
fi
