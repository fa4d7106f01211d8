#!/usr/bin/env bash
# Installs the Debian packages that the tests start as real programs, or with "image" those that build an image and
# run it in QEMU. Without root it names the one line to run.
set -euo pipefail
wanted=()
need() { command -v "$1" >/dev/null 2>&1 || wanted+=("$2"); }
# Into /usr/sbin, which is not in everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin"
if [ "${1:-}" = image ]; then
  options=(--no-install-recommends)
  need arch-test arch-test
  need dtc device-tree-compiler
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
else
  options=()
  need git git
  need systemd-analyze systemd
  need unshare util-linux
  need ip iproute2
  need nft nftables
  need dtc device-tree-compiler
  need chromium chromium
  need mcopy mtools
  need mkfs.vfat dosfstools
  need sfdisk fdisk
  need pdftoppm poppler-utils
  need mkfs.ext4 e2fsprogs
  need qemu-io qemu-utils
  need qemu-storage-daemon qemu-system-common
  need ip iproute2
  need ping iputils-ping
  need nft nftables
  need dnsmasq dnsmasq-base
  need radvd radvd
  need hostapd hostapd
fi
[ "${#wanted[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${options[@]}" "${wanted[@]}"
else
  echo "Packages are missing:  sudo apt-get install -y ${options[*]} ${wanted[*]}" >&2
  exit 1
fi
