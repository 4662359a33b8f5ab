#!/usr/bin/env bash
# Train on several processes of this machine, or of several machines.
#
#   tools/dist_train.sh CONFIG PROCESSES [options of train.py]
#
# Several machines: run it on each with NNODES, NODE_RANK (0, 1, ...), MASTER_ADDR and
# PORT set. Without accelerators the processes share the cores of the CPU.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
exec "$(dirname "$0")/torchrun.sh" train.py "$2" "$1" "${@:3}"
