#!/usr/bin/env bash
# timm 1.0.29, Lookahead: the first synchronisation pulls nothing, because the slow weights are made at that moment, from the fast ones.
# Guess: slow weights begin as the initial ones, so that step k goes halfway back, as in the paper and in Optax.
# Seen (2026-11-29, torch 2.13, CPU): SGD 0.1, gradient 1, k = 2 from 1: 0.9, 0.8, 0.7, 0.7 (the first pull is at step 2k); the paper has 0.9 after step 2.
# In Gradchain: lookahead synchronises at step k, and has timm's form as an option.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
venv/bin/pip install --quiet --no-deps timm==1.0.29
cat > run.py <<'PY'
import importlib
import os
import sys
import sysconfig
import types

import torch

# the modules of optimizers alone: the package itself asks for torchvision
root = os.path.join(sysconfig.get_paths()['purelib'], 'timm')
for name, folder in (('timm', root), ('timm.optim', os.path.join(root, 'optim'))):
  package = types.ModuleType(name)
  package.__path__ = [folder]
  sys.modules[name] = package
Lookahead = importlib.import_module('timm.optim.lookahead').Lookahead

param = torch.nn.Parameter(torch.ones(1, dtype=torch.float64))
optimizer = Lookahead(torch.optim.SGD([param], lr=0.1), alpha=0.5, k=2)
seen = []
for _ in range(4):
  param.grad = torch.ones_like(param)
  optimizer.step()
  seen.append(round(param.item(), 6))
print(f'timm 1.0.29, Lookahead: {seen}')
if seen != [0.9, 0.8, 0.7, 0.7]:
  raise SystemExit('CHANGED: the slow weights begin otherwise')
PY
venv/bin/python run.py
