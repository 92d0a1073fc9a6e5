#!/usr/bin/env bash
# Keras 3.15.1, gradient_accumulation_steps: a learning rate schedule is asked for the micro-step, while `iterations` and the optimizer count real steps.
# Guess: one count; a schedule written for 1000 steps lasts 1000 updates.
# Seen (2026-11-29, torch backend, CPU): accumulation of 2, rates 1, 0.1, 0.01 with boundaries after 1 and 2, gradient 1 from 1:
# 1, 0, 0, -0.01, -0.01, -0.02, ...: the second real update has the third rate already.
# In Gradchain: multiSteps counts real steps for everything inside it; t => s(2 t + 1) is Keras's schedule.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet keras==3.15.1 torch==2.13.0 numpy
cat > run.py <<'PY'
import keras
import torch

schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1, 2], [1.0, 0.1, 0.01])
optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=2)
weight = keras.Variable([1.0])
optimizer.build([weight])
seen = []
for _ in range(6):
  optimizer.apply([torch.tensor([1.0])], [weight])
  seen.append(round(float(keras.ops.convert_to_numpy(weight)[0]), 4))
steps = int(keras.ops.convert_to_numpy(optimizer.iterations))
print(f'keras {keras.__version__}: {seen}, iterations {steps}')
if not (seen == [1.0, 0.0, 0.0, -0.01, -0.01, -0.02] and steps == 3):
  raise SystemExit('CHANGED: the schedule counts otherwise')
PY
KERAS_BACKEND=torch venv/bin/python run.py 2>/dev/null
