#!/bin/bash
# The hall's screen: "fits" says whether this machine has the memory for it, "run" shows the office's page. Words that
# follow "run" are the browser's. Nothing is kept: what the browser writes is in the runtime directory, which is memory.
set -euo pipefail
host=127.0.0.1
port=${MOTCUA_SCREEN_PORT:-8080}
page=http://$host:$port/screen
least_mib=700
patience_s=60
alone_s=${MOTCUA_SCREEN_ALONE_S:-600}
look_s=$(((alone_s + 11) / 12))

fits() {
  local total_kib
  total_kib=$(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' "${MOTCUA_MEMINFO:-/proc/meminfo}")
  if [ "${total_kib:-0}" -lt $((least_mib * 1024)) ]; then
    echo "no browser on HDMI: this machine has $((${total_kib:-0} / 1024)) MiB of memory, and it needs $least_mib MiB" \
      "beside the office; use a Raspberry Pi with 1 GB or more for a screen"
    return 1
  fi
}

# Whether the office, or its setup mode, answers; which page it shows is its own affair.
# The first line of what the office answers; nothing if it does not.
status() {
  local line=
  {
    exec 3<>"/dev/tcp/$host/$port" || return 0
  } 2>/dev/null
  printf 'GET /screen HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$host:$port" >&3 || true
  IFS= read -r -t 5 line <&3 || true
  exec 3>&- 3<&-
  printf '%s\n' "$line"
}

answers() {
  [[ $(status) == HTTP/1.* ]]
}

# Office and no page: a browser that was slow to begin may have lost it for good, and shows black.
is_alone() {
  ! grep -q " 0100007F:$(printf %04X "$port") 01 " "${MOTCUA_TCP:-/proc/net/tcp}" &&
    [[ $(status) == HTTP/1.?\ [23]* ]]
}

wait_for_office() {
  local waited_s=0
  until answers; do
    if [ $((waited_s % patience_s)) -eq 0 ]; then
      echo "waiting for the office at $page; see systemctl status motcua-office, and web.loopback_port in office.toml" \
        "(it must be $port)"
    fi
    sleep 1
    waited_s=$((waited_s + 1))
  done
}

# A mouse that somebody plugs in shows no arrow: a theme of one transparent point.
hide_pointer() {
  local theme=$1/pointer/motcua/cursors name
  mkdir -p "$theme"
  # Xcursor: header, one entry of a table, one image of 1 x 1 at 0, 0 without delay, ARGB.
  printf 'Xcur\20\0\0\0\0\0\1\0\1\0\0\0\2\0\375\377\1\0\0\0\34\0\0\0\44\0\0\0\2\0\375\377\1\0\0\0\1\0\0\0' >"$theme/default"
  printf '\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >>"$theme/default"
  for name in left_ptr pointer hand2 hand1 text xterm not-allowed; do
    ln -sf default "$theme/$name"
  done
  export XCURSOR_PATH=$1/pointer XCURSOR_THEME=motcua XCURSOR_SIZE=1
}

run() {
  local place=${XDG_RUNTIME_DIR:?is not set: the unit makes this directory}
  wait_for_office
  hide_pointer "$place"
  # Drawn by the processor: no driver to hang, and no compiler for it on the card (docs/adr/0025).
  export LIBSEAT_BACKEND=${LIBSEAT_BACKEND:-seatd} WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
  echo "showing $page"
  # Its processes give each other 15 s to be found, too little for a card that has just begun.
  cage -d -- chromium --ipc-connection-timeout=300 \
    --kiosk --ozone-platform=wayland --disable-gpu --force-device-scale-factor=1 \
    --user-data-dir="$place/profile" --disk-cache-size=16777216 --renderer-process-limit=2 \
    --password-store=basic --no-first-run --no-default-browser-check --noerrdialogs --hide-crash-restore-bubble \
    --disable-breakpad --disable-crash-reporter --disable-background-networking --disable-component-update \
    --disable-sync --disable-pinch --overscroll-history-navigation=0 --lang=vi --enable-auto-reload \
    --autoplay-policy=no-user-gesture-required "$@" "$page" &
  watch $!
}

# Wait for the browser, and end it where the office has been there for long and nobody follows its page.
watch() {
  local browser=$1 nap since_s=0
  while true; do
    sleep "$look_s" &
    nap=$!
    wait -n "$browser" "$nap" || true
    kill -0 "$browser" 2>/dev/null || break
    since_s=$((since_s + look_s))
    if ! is_alone; then
      since_s=0
    elif [ "$since_s" -ge "$alone_s" ] && kill "$browser" 2>/dev/null; then
      echo "the browser has not followed the office's page for $since_s s: it is begun anew"
      wait "$browser" || true
      return 1
    fi
  done
  kill "$nap" 2>/dev/null || true
  wait "$browser"
}

case "${1:-}" in
  fits) fits ;;
  run) shift && run "$@" ;;
  *)
    echo "write fits or run" >&2
    exit 2
    ;;
esac
