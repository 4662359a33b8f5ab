#!/usr/bin/env bash
# What slurm_train.sh and slurm_test.sh share: TOOL PARTITION JOB_NAME ARGUMENTS...
#
# The processes find together by themselves: the first node and a port of the job.
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$folder/../.venv/bin/python}
[ -x "$python" ] || python=python
gpus=${GPUS:-8}
per_node=${GPUS_PER_NODE:-8}
[ "$gpus" -ge "$per_node" ] || per_node=$gpus
if [ "$gpus" = 0 ]; then
  place=(--ntasks="${NTASKS:-2}")
else
  place=(--gres="gpu:$per_node" --ntasks="$gpus" --ntasks-per-node="$per_node")
fi
# shellcheck disable=SC2086
exec srun --partition="$2" --job-name="$3" "${place[@]}" \
  --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 ${SRUN_ARGS:-} \
  "$python" -u "$folder/$1" "${@:4}" --launcher slurm
