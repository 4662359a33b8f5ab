#!/usr/bin/env bash
# Make an environment: a pinned stack of requirements/ and this project in it (editable).
#
#   tools/setup_env.sh [stack|forks|old]
#
# `make setup` runs it. The stack (default) goes to .venv, the others to .venv-forks and
# .venv-old. Wheels only: no compiler, no Python headers. Does nothing the second time.
#
# PYTHON   the interpreter to build on, 3.10 to 3.13; 3.10 or 3.11 for old (default:
#          found on PATH)
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.8
STACK=${1:-stack}
LOCK=requirements/$STACK.txt
VENV=$PWD/.venv
[ "$STACK" = stack ] || VENV=$PWD/.venv-$STACK
LOG=$VENV/setup.log
NEWEST=13
[ "$STACK" = old ] && NEWEST=11

say() { printf '[setup %3ds] %s\n' "$SECONDS" "$*"; }

fail() { # what happened, what to do
  printf '\n[setup] FAILED: %s\n[setup] Remedy: %s\n' "$1" "$2" >&2
  exit 1
}

step() { # label, expected duration, remedy, command...
  local label=$1 expected=$2 remedy=$3
  shift 3
  say "$label ($expected)"
  "$@" >>"$LOG" 2>&1 && return
  tail -n 25 "$LOG" >&2
  fail "$label; the whole output is in $LOG" "$remedy"
}

usable_python() {
  "$1" -c "import sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, $NEWEST))" \
    2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
    if usable_python "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  fail "no Python 3.10 to 3.$NEWEST with the venv module among: ${PYTHON:-python3 ...}" \
    "install one (Debian: apt-get install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3.11"
}

make_venv() {
  "$1" -m venv --clear "$VENV" && "$VENV/bin/python" -m pip install -q uv==$UV_VERSION
}

install() { "$VENV/bin/uv" pip install --python "$VENV/bin/python" --no-deps "$@"; }

[ -f "$LOCK" ] || fail "no stack '$STACK'" 'say stack, forks or old'
stamp=$(cat "$LOCK" pyproject.toml setup.py tools/setup_env.sh | cksum)
if [ "$(cat "$VENV/complete" 2>/dev/null || true)" = "$stamp $VENV" ]; then
  exit 0
fi

network='check the network (behind a mirror set UV_DEFAULT_INDEX and PIP_INDEX_URL) and run the command again: it goes on from here'
python=$(find_python)
say "setting up $(basename "$VENV") with $("$python" --version) (half a minute and the download of 3 GB; 6 GB)"
if ! usable_python "$VENV/bin/python" || [ ! -x "$VENV/bin/uv" ]; then
  say 'creating it (10 s)'
  made=$(make_venv "$python" 2>&1) || {
    echo "$made" >&2
    fail "creating $VENV" "python3-venv may be missing (Debian: apt-get install python3-venv); $network"
  }
fi
rm -f "$VENV/complete"
step "installing torch and the toolboxes of $LOCK" 'half a minute and the download' \
  "$network" install -r "$LOCK"
step 'installing hrnet_mm, editable' '5 s' "$network" install --editable .
step 'importing everything once' '20 s' "rm -rf $VENV, and run the command again" \
  "$VENV/bin/python" -c 'import hrnet_mm, mmdet.models, mmseg.models, mmpretrain.models, mmpose.models'
echo "$stamp $VENV" >"$VENV/complete"
say 'ready'
