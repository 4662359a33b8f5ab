#!/usr/bin/env bash
# Pin what the stacks of requirements/*.in need, anew: requirements/*.txt.
#
#   tools/lock.sh [stack|forks|old ...]      (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
cd requirements
for name in "${@:-stack forks old}"; do
  for stack in $name; do
    rm -f "$stack.txt"
    ../.venv/bin/uv pip compile -q --universal --no-annotate --no-header \
      --python-version 3.10 --override overrides.txt "$stack.in" -o "$stack.txt"
    # Three '=': a build such as 2.14.1+cpu satisfies '==', and breaks torchvision.
    sed -i -E 's/^(torch|torchvision)==/\1===/' "$stack.txt"
    sed -i "1i # Made by tools/lock.sh from $stack.in, common.in and overrides.txt." "$stack.txt"
  done
done
