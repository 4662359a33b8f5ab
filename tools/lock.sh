#!/usr/bin/env bash
# Pin what the stacks of requirements/*.in need, anew: requirements/*.txt.
#
#   tools/lock.sh [stack|forks|old ...]      (default: all)
set -euo pipefail
cd "$(dirname "$0")/../requirements"
[ $# -gt 0 ] || set -- stack forks old
for stack in "$@"; do
  # No --output: uv would keep the versions that the old file has.
  pins=$(../.venv/bin/uv pip compile -q --universal --no-annotate --no-header \
    --python-version 3.10 --override overrides.txt "$stack.in")
  {
    echo "# Made by tools/lock.sh from $stack.in, common.in and overrides.txt."
    # Three '=': a build such as 2.15.0+cpu satisfies '==', and breaks torchvision.
    sed -E 's/^(torch|torchvision)==/\1===/' <<<"$pins"
  } >"$stack.txt"
done
