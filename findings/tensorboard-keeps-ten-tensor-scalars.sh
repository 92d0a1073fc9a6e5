#!/usr/bin/env bash
# TensorBoard 2.21: of scalars that were written as tensors, as its own summary API of version 2 does, EventAccumulator keeps ten; of simple_value all.
# Guess: two ways to write a scalar are read alike, and the default limit of scalars, 10 000, holds for both.
# Seen (2026-11-30, Python 3.11), 1000 steps of each in one file: Scalars() has 1000 of the one, Tensors() 10 of the other, drawn at random with the last one among them,
# and the tag of the other is not under scalars.
# In Gradchain: tensorBoardEvents writes scalars as simple_value.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip install --quiet tensorboard==2.21.0 'setuptools<81' numpy
cat > run.py <<'PY'
import tempfile

import tensorboard.version
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.scalar.summary import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

folder = tempfile.mkdtemp()
writer = EventFileWriter(folder)
for step in range(1000):
  value = Summary.Value(tag='simple', simple_value=step)
  writer.add_event(Event(step=step, wall_time=step, summary=Summary(value=[value])))
  writer.add_event(Event(step=step, wall_time=step, summary=scalar_pb('tensor', float(step))))
writer.close()

events = EventAccumulator(folder)
events.Reload()
kept = [event.step for event in events.Tensors('tensor')]
print(f"TensorBoard {tensorboard.version.VERSION}: {len(events.Scalars('simple'))} scalars, {len(kept)} tensors: {kept}")
if len(events.Scalars('simple')) != 1000 or len(kept) != 10 or kept[-1] != 999 or events.Tags()['scalars'] != ['simple']:
  raise SystemExit('CHANGED: other numbers of scalars are kept')
PY
venv/bin/python run.py
