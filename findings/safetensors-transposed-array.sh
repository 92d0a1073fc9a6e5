#!/usr/bin/env bash
# safetensors 0.8.0, safetensors.numpy.save: a transposed array is written with its own shape and the bytes of the array it is a view of.
# Guess: a view is copied into order or refused, as safetensors.torch refuses one.
# Seen (2026-11-29, Python 3.11, numpy 2.4): arange(6).reshape(2, 3).T comes back as [[0, 1], [2, 3], [4, 5]], with no error at either end.
# So optimizer states exported from JAX or NumPy after a transposition are wrong for every reader. In Gradchain's terms: check one value after an export.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet safetensors==0.8.0 numpy
cat > run.py <<'PY'
import numpy as np
from safetensors.numpy import load, save

whole = np.arange(6).reshape(2, 3)
back = load(save({'x': whole.T}))['x']
print(f'safetensors 0.8.0: saved {whole.T.tolist()}, loaded {back.tolist()}')
if back.tolist() != [[0, 1], [2, 3], [4, 5]]:
  raise SystemExit('CHANGED: transposed arrays are copied or refused')
PY
venv/bin/python run.py
