#!/usr/bin/env bash
# timm 1.0.29, Lars: without weight decay it adapts nothing and is plain SGD.
# Guess: the trust ratio is the point of LARS, and decay an option beside it: a decay of 1e-9 and one of 0 are alike.
# Seen (2026-11-29, torch 2.13, CPU): weights of 2, gradients of 0.5, rate 0.1: without decay they move by 0.05, with a decay of 1e-9 by 0.0002.
# In Gradchain: lars scales by the trust ratio with and without decay, as Optax's does; timm's rule is sgd.
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
Lars = importlib.import_module('timm.optim.lars').Lars


def moved(decay):
  param = torch.nn.Parameter(torch.full((2, 2), 2.0, dtype=torch.float64))
  optimizer = Lars([param], lr=0.1, weight_decay=decay)
  param.grad = torch.full_like(param, 0.5)
  optimizer.step()
  return 2 - param[0, 0].item()


none, tiny = moved(0.0), moved(1e-9)
print(f'timm 1.0.29, Lars: moved by {none:.6f} without decay, by {tiny:.6f} with a decay of 1e-9')
if not (abs(none - 0.05) < 1e-9 and abs(tiny - 0.0002) < 1e-6):
  raise SystemExit('CHANGED: the trust ratio no longer depends on decay being there')
PY
venv/bin/python run.py
