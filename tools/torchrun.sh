#!/usr/bin/env bash
# What dist_train.sh and dist_test.sh share: TOOL PROCESSES ARGUMENTS...
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$folder/../.venv/bin/python}
[ -x "$python" ] || python=python
exec "$python" -m torch.distributed.run \
  --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc_per_node="$2" \
  --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
  "$folder/$1" "${@:3}" --launcher pytorch
