#!/usr/bin/env bash
# Evaluate on several processes of this machine, or of several machines.
#
#   tools/dist_test.sh CONFIG CHECKPOINT PROCESSES [options of test.py]
#
# Several machines: see dist_train.sh.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
exec "$(dirname "$0")/torchrun.sh" test.py "$3" "$1" "$2" "${@:4}"
