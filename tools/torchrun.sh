#!/usr/bin/env bash
# What dist_train.sh and dist_test.sh share: TOOL PROCESSES ARGUMENTS...
#
# On one machine a free port is taken, so that several runs fit side by side; on several
# (NNODES, NODE_RANK, MASTER_ADDR) all must name the same one, PORT (29500).
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$folder/../.venv/bin/python}
[ -x "$python" ] || python=python
if [ "${NNODES:-1}" = 1 ] && [ -z "${PORT:-}" ]; then
  place=(--standalone --local_addr=127.0.0.1)
else
  place=(--nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}"
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}")
fi
exec "$python" "$folder/start_processes.py" "${place[@]}" --nproc_per_node="$2" \
  "$folder/$1" "${@:3}" --launcher pytorch
