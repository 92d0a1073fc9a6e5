#!/usr/bin/env bash
# PyTorch 2.13: torch.optim.ASGD steps with the learning rate of the step before: a rate that a scheduler, or a hand, has changed acts one step late.
# Guess: as in every other optimizer of torch.optim, a step is made with the lr that the group has when step() is called.
# Seen (2026-11-30, Python 3.11, CPU), gradient 1, lambd 0, alpha 0, lr 0.1 for two steps and then 0.01: ASGD moves by 0.1, 0.1, 0.1, 0.01; SGD by 0.1, 0.1, 0.01,
# 0.01. The rate of the next step, eta, is computed at the end of a step and kept in the state.
# In Gradchain: asgd takes the rate of its own step; a state that came from PyTorch goes on with the rate that the schedule has now.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import torch


def moves(make):
  param = torch.nn.Parameter(torch.tensor([10.0], dtype=torch.float64))
  optimizer = make([param])
  seen = []
  for rate in [0.1, 0.1, 0.01, 0.01]:
    optimizer.param_groups[0]['lr'] = rate
    before = param.item()
    param.grad = torch.ones_like(param)
    optimizer.step()
    seen.append(round(before - param.item(), 6))
  return seen


asgd = moves(lambda params: torch.optim.ASGD(params, lr=0.1, lambd=0.0, alpha=0.0))
sgd = moves(lambda params: torch.optim.SGD(params, lr=0.1))
print(f'torch {torch.__version__}: ASGD moves by {asgd}, SGD by {sgd}')
if asgd != [0.1, 0.1, 0.1, 0.01] or sgd != [0.1, 0.1, 0.01, 0.01]:
  raise SystemExit('CHANGED: the rate of a step of ASGD is another')
PY
venv/bin/python run.py
