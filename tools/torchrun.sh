#!/usr/bin/env bash
# What dist_train.sh and dist_test.sh share: TOOL PROCESSES ARGUMENTS...
#
# On one machine a free port is taken, so that several runs fit side by side; on several
# (NNODES, NODE_RANK, MASTER_ADDR) all must name the same one, PORT (29500).
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$folder/../.venv/bin/python}
[ -x "$python" ] || python=python
free_port='import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
if [ "${NNODES:-1}" = 1 ]; then
  PORT=${PORT:-$("$python" -c "$free_port")}
fi
exec "$python" -m torch.distributed.run \
  --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc_per_node="$2" \
  --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
  "$folder/$1" "${@:3}" --launcher pytorch
