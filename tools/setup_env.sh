#!/usr/bin/env bash
# Make .venv: the pinned stack of requirements/ and this project in it (editable).
#
#   tools/setup_env.sh        what `make setup` runs; does nothing the second time,
#                             goes on where it was after an interruption
#
# PYTHON           the interpreter to build on, 3.10 to 3.12 (default: found on PATH)
# HRNET_MM_CACHE   where compiled wheels are kept (default: ~/.cache/hrnet_mm)
# MMCV_WHEEL       path or URL of a ready onedl-mmcv wheel, instead of compiling one
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.8
MMCV=onedl-mmcv==2.3.6
MMPOSE=mmpose==1.3.2
XTCOCO=xtcocotools==1.14.3
CACHE=${HRNET_MM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hrnet_mm}
VENV=$PWD/.venv
LOG=$VENV/setup.log
BUILD_REQUIREMENTS=(torch===2.13.0 numpy setuptools wheel ninja psutil cython packaging)

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
  "$1" -c 'import sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' \
    2>/dev/null
}

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.10}; do
    if usable_python "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  fail "no Python 3.10, 3.11 or 3.12 with the venv module among: ${PYTHON:-python3 ...}" \
    "install one (Debian: apt-get install python3 python3-venv python3-dev) or name it: make setup PYTHON=/path/to/python3.11"
}

uv() { "$VENV/bin/uv" pip "$@" --python "$VENV/bin/python"; }

install() { # packages, at the versions of stack.txt
  uv install --no-build-isolation --constraint requirements/stack.txt \
    --override requirements/overrides.txt "$@"
}

make_venv() {
  "$1" -m venv --clear "$VENV" && "$VENV/bin/python" -m pip install -q uv==$UV_VERSION
}

wheel_key() { # one compiled wheel fits one torch, Python, mmcv, machine and CUDA or not
  "$VENV/bin/python" - "$MMCV" <<'PY'
import platform, sys, torch
device = f'cuda{torch.version.cuda}' if torch.cuda.is_available() else 'cpu'
python = f'cp{sys.version_info.major}{sys.version_info.minor}'
print(sys.argv[1].replace('==', '-'), f'torch{torch.__version__}', python,
      platform.machine(), device, sep='_')
PY
}

precompile_torch_headers() { # folder: each of mmcv's 78 files starts with these headers
  local include
  include=$("$VENV/bin/python" -c 'from torch.utils.cpp_extension import include_paths as p
print(*(f"-isystem {path}" for path in p()))')
  echo '#include <torch/types.h>' >"$1/torch_types.hpp"
  # The flags must be those of the build, or the compiler ignores the result.
  # shellcheck disable=SC2086
  "${CXX:-c++}" -x c++-header $OPERATOR_FLAGS -fPIC -std=c++17 $include \
    -DTORCH_API_INCLUDE_EXTENSION_H -DTORCH_EXTENSION_NAME=_ext \
    "$1/torch_types.hpp" -o "$1/torch_types.hpp.gch"
}

compile_operators() { # folder: leaves a wheel in folder/dist
  local build=$1 flags
  # Without -O the flags here would replace Python's own and leave the operators slow.
  OPERATOR_FLAGS='-O2 -g0 -DNDEBUG -w'
  mkdir -p "$build/headers" "$build/dist"
  if [ ! -d "$build/source" ]; then
    "$VENV/bin/python" -m pip download "$MMCV" --no-binary :all: --no-deps \
      --no-build-isolation --no-cache-dir -d "$build/sdist"
    mkdir "$build/source.part"
    tar -xzf "$build"/sdist/*.tar.gz -C "$build/source.part" --strip-components 1
    mv "$build/source.part" "$build/source"
  fi
  precompile_torch_headers "$build/headers" || echo 'no precompiled headers: slower'
  flags="$OPERATOR_FLAGS -include $build/headers/torch_types.hpp"
  CFLAGS=$flags CXXFLAGS=$flags MMCV_WITH_OPS=1 MAX_JOBS=${MAX_JOBS:-$(nproc)} \
    "$VENV/bin/python" -m pip wheel "$build/source" --no-deps --no-build-isolation \
    --no-cache-dir -v -w "$build/dist"
}

watch_compiler() { # process: a line every half minute, from ninja's own counter
  local pid=$1 started=$SECONDS spent compiled all
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    spent=$((SECONDS - started))
    [ $((spent % 30)) -eq 29 ] || continue
    IFS=/ read -r compiled all <<<"$(grep -oE '^ *\[[0-9]+/[0-9]+\]' "$LOG" |
      tail -n 1 | tr -d '[] ')"
    [ -z "${compiled:-}" ] || say "  compiled $compiled of $all files, about" \
      "$((spent * (all - compiled) / compiled)) s to go"
  done
}

operator_wheel() { # sets WHEEL: the given one, the kept one, or one compiled now
  local key build
  WHEEL=${MMCV_WHEEL:-}
  [ -z "$WHEEL" ] || return 0
  key=$(wheel_key)
  WHEEL=$(ls "$CACHE/wheels/$key"/*.whl 2>/dev/null || true)
  [ -z "$WHEEL" ] || { say "using the operators compiled before: $WHEEL" && return 0; }
  command -v "${CXX:-c++}" >/dev/null || fail 'no C++ compiler (c++) on PATH' \
    'install one (Debian: apt-get install g++), or set MMCV_WHEEL to a ready onedl-mmcv wheel'
  build=$CACHE/build/$key
  mkdir -p "$build" "$CACHE/wheels/$key"
  say "compiling $MMCV for $key (2 to 5 min on 2 cores, once per machine)"
  compile_operators "$build" >>"$LOG" 2>&1 &
  watch_compiler $!
  wait $! || { tail -n 25 "$LOG" >&2; fail "compiling $MMCV; the whole output is in $LOG" \
    'read the last lines above; Python headers missing: apt-get install python3-dev; otherwise set MMCV_WHEEL to a ready onedl-mmcv wheel'; }
  mv "$build"/dist/*.whl "$CACHE/wheels/$key/"
  rm -rf "$build"
  WHEEL=$(ls "$CACHE/wheels/$key"/*.whl)
}

network='check the network (behind a mirror set UV_DEFAULT_INDEX and PIP_INDEX_URL) and run the command again: it goes on from here'
stamp=$(cat requirements/stack.* requirements/overrides.txt setup.py tools/setup_env.sh | cksum)
if [ "$(cat "$VENV/complete" 2>/dev/null || true)" = "$stamp $VENV" ]; then
  exit 0
fi

python=$(find_python)
say "setting up .venv with $("$python" --version) (1 min and the download, 3 to 7 where the operators are compiled; 6 GB)"
if ! usable_python "$VENV/bin/python" || [ ! -x "$VENV/bin/uv" ]; then
  rm -rf "$VENV" && mkdir "$VENV" && mkdir -p "$CACHE"
  say 'creating .venv (10 s)'
  make_venv "$python" >"$CACHE/venv.log" 2>&1 || {
    tail -n 25 "$CACHE/venv.log" >&2
    fail 'creating .venv' "python3-venv may be missing (Debian: apt-get install python3-venv); $network"
  }
fi
rm -f "$VENV/complete"
step 'installing torch and the build tools' 'about 1 min, 2.5 GB to download' "$network" \
  install "${BUILD_REQUIREMENTS[@]}"
step 'installing the toolboxes' 'about 1 min' "$network" install -r requirements/stack.in
operator_wheel
step 'installing onedl-mmcv' '5 s' "remove $CACHE/wheels and run the command again" \
  install --no-deps "$WHEEL"
# mmpose asks for chumpy, which does not build any more and is never imported;
# the wheel of xtcocotools was built for NumPy 1.
step 'installing mmpose' '1 min' "$network" \
  install --no-deps --no-binary xtcocotools "$MMPOSE" "$XTCOCO"
step 'installing hrnet_mm, editable' '5 s' "$network" install --no-deps --editable .
step 'importing everything once' '20 s' "rm -rf .venv, and run the command again" \
  "$VENV/bin/python" -c 'import hrnet_mm, mmdet.models, mmseg.models, mmpose.models, mmcv.ops'
echo "$stamp $VENV" >"$VENV/complete"
say 'ready'
