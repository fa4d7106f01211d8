#!/usr/bin/env bash
# systemd-analyze verify over our units, with their programs replaced by one that exists on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v systemd-analyze >/dev/null 2>&1; then
  bash provisioning/test-packages.sh
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for unit in systemd/*.service; do
  sed -E 's!^(Exec[A-Za-z]+)=[^ ]*!\1=/bin/true!' "$unit" >"$scratch/$(basename "$unit")"
done
cp systemd/*.socket systemd/*.timer systemd/*.mount systemd/*.path "$scratch"
systemd-analyze verify --man=no "$scratch"/*.service "$scratch"/*.socket "$scratch"/*.timer "$scratch"/*.mount \
  "$scratch"/*.path
echo "units: $(find systemd -name '*.service' -o -name '*.socket' -o -name '*.timer' -o -name '*.mount' -o -name '*.path' | wc -l) verified"
