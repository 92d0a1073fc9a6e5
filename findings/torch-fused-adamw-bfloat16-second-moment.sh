#!/usr/bin/env bash
# PyTorch 2.13: with params in bfloat16, torch.optim.AdamW(fused=True) and fused=False settle at second moments that differ by a factor of two.
# Guess: fused is the same arithmetic in one kernel, so that the states agree to roundings; and a second moment of gradients that are all 1 goes to 1.
# Seen (2026-11-30, Python 3.11, CPU), gradient 1, betas (0.9, 0.999): exp_avg_sq after 100, 1000 and 3000 steps is 0.0981, 0.5, 0.5 without fused and 0.0977,
# 0.25, 0.25 with it, where 0.0952, 0.632 and 0.950 are right. Steps of 1e-3 are lost in eight bits of a fraction, at another value in each.
# In Gradchain: moments of params in bfloat16 are float32 unless somebody asks otherwise, and quantizedState rounds them stochastically.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import torch


def moments(fused):
  param = torch.nn.Parameter(torch.ones(1, dtype=torch.bfloat16))
  optimizer = torch.optim.AdamW([param], lr=1e-3, fused=fused)
  seen = []
  for step in range(1, 3001):
    param.grad = torch.ones_like(param)
    optimizer.step()
    if step in (100, 1000, 3000):
      seen.append(round(optimizer.state[param]['exp_avg_sq'].item(), 4))
  return seen


single, fused = moments(False), moments(True)
print(f'torch {torch.__version__}: exp_avg_sq after 100, 1000, 3000 steps is {single}, fused {fused}')
if single != [0.0981, 0.5, 0.5] or fused != [0.0977, 0.25, 0.25]:
  raise SystemExit('CHANGED: the second moment settles elsewhere')
PY
venv/bin/python run.py
