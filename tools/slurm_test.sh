#!/usr/bin/env bash
# Evaluate on a Slurm cluster.
#
#   tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT [options of test.py]
#
# How many processes: see slurm_train.sh.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
exec "$(dirname "$0")/srun.sh" test.py "$@"
