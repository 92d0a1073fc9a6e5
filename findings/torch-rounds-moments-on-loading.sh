#!/usr/bin/env bash
# PyTorch 2.13: load_state_dict rounds the moments of an optimizer to the dtype of their params, without a word.
# Guess: a state is loaded as it was saved: float32 moments of bfloat16 params stay float32, or are refused.
# Seen (2026-11-29, Python 3.11, CPU): for a bfloat16 param, exp_avg 0.12345679 in float32 is 0.12353516 in bfloat16 after loading; step alone stays float32.
# In Gradchain: fromPytorch takes moments in their dtype or a wider one, and refuses a narrower one with the entry and both dtypes.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import torch

param = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.bfloat16))
optimizer = torch.optim.AdamW([param], lr=0.1)
param.grad = torch.tensor([0.25], dtype=torch.bfloat16)
optimizer.step()

state = optimizer.state_dict()
state['state'][0]['exp_avg'] = torch.tensor([0.123456789])
optimizer.load_state_dict(state)
loaded = optimizer.state[param]['exp_avg']

print(f'torch {torch.__version__}: exp_avg was float32 {0.123456789:.8f}, is {loaded.dtype} {loaded.item():.8f}')
if loaded.dtype != torch.bfloat16:
  raise SystemExit('CHANGED: moments keep their dtype now')
PY
venv/bin/python run.py
