#!/usr/bin/env bash
# Keras 3.15.1, schedules.CosineDecay: warmup_steps without warmup_target does nothing, and initial_learning_rate means two things.
# Guess: warmup_steps alone warms up from 0 to initial_learning_rate.
# Seen (2026-11-29, torch backend): CosineDecay(1.0, 10, warmup_steps=5) begins at 1 and decays at once; with warmup_target=1.0 the first argument is
# where the warmup begins, so the same call goes from 1 to 1.
# In Gradchain: warmupCosineDecaySchedule names initValue and peakValue.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet keras==3.15.1 torch==2.13.0 numpy
cat > run.py <<'PY'
import keras

CosineDecay = keras.optimizers.schedules.CosineDecay
steps = (0, 1, 2)
without = [round(float(CosineDecay(1.0, 10, warmup_steps=5)(step)), 4) for step in steps]
plain = [round(float(CosineDecay(1.0, 10)(step)), 4) for step in steps]
to_target = [round(float(CosineDecay(0.0, 10, warmup_target=1.0, warmup_steps=5)(step)), 4) for step in steps]
print(f'keras {keras.__version__}: warmup_steps alone {without}, no warmup {plain}, with a target {to_target}')
if not (without == plain and to_target == [0.0, 0.2, 0.4]):
  raise SystemExit('CHANGED: warmup_steps alone warms up, or is refused')
PY
KERAS_BACKEND=torch venv/bin/python run.py 2>/dev/null
