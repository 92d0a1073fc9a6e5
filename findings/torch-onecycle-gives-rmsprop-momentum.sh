#!/usr/bin/env bash
# PyTorch 2.13: OneCycleLR on an RMSprop that was made without momentum switches momentum on, at 0.95.
# Guess: a schedule of the learning rate changes learning rates; cycle_momentum cycles a momentum that is there, and complains where there is none.
# Seen (2026-11-29, Python 3.11, CPU): RMSprop(momentum=0) has momentum 0.95 once OneCycleLR is constructed, and a momentum buffer after its first step.
# In Gradchain: oneCycleSchedule is a rate and oneCycleMomentum another schedule, which acts where it is given.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import torch

param = torch.nn.Parameter(torch.tensor([1.0]))
optimizer = torch.optim.RMSprop([param], lr=0.01, momentum=0)
before = optimizer.param_groups[0]['momentum']
torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=10)
after = optimizer.param_groups[0]['momentum']
param.grad = torch.tensor([1.0])
optimizer.step()
buffered = 'momentum_buffer' in optimizer.state[param]
print(f'torch {torch.__version__}: momentum {before} -> {after}, a buffer of momentum after one step: {buffered}')
if not (before == 0 and after == 0.95 and buffered):
  raise SystemExit('CHANGED: momentum 0 stays 0')
PY
venv/bin/python run.py
