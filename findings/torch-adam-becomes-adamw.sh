#!/usr/bin/env bash
# PyTorch 2.13: an Adam that loads the state of an AdamW is an AdamW from then on: where its decay acts is an entry of the state.
# Guess: the class says whether decay is part of the gradient (Adam) or of the step (AdamW); a state holds moments and hyperparameters.
# Seen (2026-11-29, Python 3.11, CPU): after load_state_dict, torch.optim.Adam has decoupled_weight_decay True and moves 10 to 9.4 at lr 0.1, decay 0.5,
# gradient 1, where Adam moves it to 9.9. No warning.
# In Gradchain: decay is a part of the chain and no entry of a state, and the state of one is refused by the other.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import torch


def step(optimizer, param):
  param.grad = torch.tensor([1.0])
  optimizer.step()


def parameter():
  return torch.nn.Parameter(torch.tensor([10.0]))


options = {'lr': 0.1, 'weight_decay': 0.5}
source = parameter()
adamw = torch.optim.AdamW([source], **options)
step(adamw, source)

param = parameter()
adam = torch.optim.Adam([param], **options)
before = adam.param_groups[0]['decoupled_weight_decay']
adam.load_state_dict(adamw.state_dict())
after = adam.param_groups[0]['decoupled_weight_decay']
step(adam, param)
print(f'torch {torch.__version__}: {type(adam).__name__}.decoupled_weight_decay {before} -> {after}; 10 moved to {param.item():.4f}')
if not (before is False and after is True and abs(param.item() - 9.4) < 1e-3):
  raise SystemExit('CHANGED: an Adam stays an Adam')
PY
venv/bin/python run.py
