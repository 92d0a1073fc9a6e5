#!/usr/bin/env bash
# PyTorch 2.13: an optimizer's state whose keys have become strings, as they do in JSON, is loaded without a word and then not used.
# Guess: load_state_dict matches '0' with 0, or refuses what it cannot match, as a module's load_state_dict does.
# Seen (2026-11-29, Python 3.11, CPU): the moments are kept under the key '0', which nobody reads; the next step is step 1, with fresh moments.
# In Gradchain: a state is plain data that may go through JSON, and one that does not fit the params is refused with the path.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet torch==2.13.0 numpy
cat > run.py <<'PY'
import torch


def made():
  param = torch.nn.Parameter(torch.tensor([1.0]))
  return param, torch.optim.AdamW([param], lr=0.1)


def steps(param, optimizer, count):
  for _ in range(count):
    param.grad = torch.tensor([1.0])
    optimizer.step()


param, optimizer = made()
steps(param, optimizer, 5)
saved = optimizer.state_dict()
through_json = {'state': {str(key): value for key, value in saved['state'].items()}, 'param_groups': saved['param_groups']}


def resumed(state):
  param, optimizer = made()
  optimizer.load_state_dict(state)
  steps(param, optimizer, 1)
  return optimizer.state[param]['step'].item()


whole, lost = resumed(saved), resumed(through_json)
print(f'torch {torch.__version__}: after 5 saved steps and one more, step is {whole:.0f}; with string keys {lost:.0f}')
if (whole, lost) != (6, 1):
  raise SystemExit('CHANGED: string keys are matched or refused now')
PY
venv/bin/python run.py
