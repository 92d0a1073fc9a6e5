"""Writes what the real PyTorch's schedulers do, as data for `torchSchedules.test.ts`.

    python tests/parity/generate_torch_schedules.py

The table SCHEDULES says what is generated. To cover something new, add a row here and a row of the same name in
`torchSchedules.ts`. Each row holds the PyTorch expression as text. It is evaluated, and it is stored beside the numbers,
so what a reader of the data sees is what ran. In an expression, `optimizer` is SGD with the row's learning rate, or Adam
where the row says so, and `read` says what is recorded at each step: the learning rate, the momentum, or β₁ of Adam.

Schedulers are stepped as a user does, after the optimizer, and never asked for a closed form. All is in float64: these
are numbers of Python.
"""

import json
import platform
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.optim import lr_scheduler

COMMAND = 'python tests/parity/generate_torch_schedules.py'
FILE = Path(__file__).parent / 'data' / 'torch_schedules.json'
STEPS = 48

READERS = {
    'lr': lambda group: group['lr'],
    'momentum': lambda group: group['momentum'],
    'beta1': lambda group: group['betas'][0],
}


@dataclass(frozen=True)
class Schedule:
    """One row: a scheduler, stepped for `steps` values."""

    name: str  # PyTorch's name, then a slash and the variant
    expression: str  # what makes the scheduler
    lr: float = 0.3  # learning rate of the optimizer before the scheduler changes it
    read: str = 'lr'  # a key of READERS
    steps: int = STEPS  # how many values; one cycle has no more than its total


CYCLE = 'lr_scheduler.CyclicLR(optimizer, 0.01, 0.5, '
ONE = 'lr_scheduler.OneCycleLR(optimizer, 0.5, '
RESTARTS = 'lr_scheduler.CosineAnnealingWarmRestarts(optimizer, '

SCHEDULES = [
    Schedule('StepLR', 'lr_scheduler.StepLR(optimizer, 10)'),
    Schedule('StepLR/gamma', 'lr_scheduler.StepLR(optimizer, 7, gamma=0.5)'),
    Schedule('StepLR/growth', 'lr_scheduler.StepLR(optimizer, 9, gamma=1.5)'),
    Schedule('MultiStepLR', 'lr_scheduler.MultiStepLR(optimizer, [5, 30])'),
    Schedule('MultiStepLR/gamma', 'lr_scheduler.MultiStepLR(optimizer, [3, 8, 21, 40], gamma=0.6)'),
    Schedule('MultiStepLR/twice', 'lr_scheduler.MultiStepLR(optimizer, [6, 11, 11], gamma=0.5)'),
    Schedule('MultiStepLR/none', 'lr_scheduler.MultiStepLR(optimizer, [])'),
    Schedule('ExponentialLR', 'lr_scheduler.ExponentialLR(optimizer, 0.95)'),
    Schedule('ExponentialLR/fast', 'lr_scheduler.ExponentialLR(optimizer, 0.5)'),
    Schedule('LambdaLR/inverse_time', 'lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + 0.5 * t / 4))'),
    Schedule('LambdaLR/inverse_time_staircase', 'lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + 0.5 * (t // 4)))'),
    Schedule(
        'LambdaLR/noam',
        'lr_scheduler.LambdaLR(optimizer, lambda t: 64**-0.5 * min((t + 1) ** -0.5, (t + 1) * 8**-1.5))',
        lr=2.0,
    ),
    Schedule(
        'LambdaLR/inverse_sqrt',
        'lr_scheduler.LambdaLR(optimizer, lambda t: t / 8 if t < 8 else 1 / ((t + 12) / 20) ** 0.5)',
    ),
    Schedule('LinearLR', 'lr_scheduler.LinearLR(optimizer)'),
    Schedule('LinearLR/all', 'lr_scheduler.LinearLR(optimizer, 0.1, 0.8, 12)'),
    Schedule('ConstantLR', 'lr_scheduler.ConstantLR(optimizer, 0.25, 6)'),
    Schedule('PolynomialLR', 'lr_scheduler.PolynomialLR(optimizer, 20, power=2.0)'),
    Schedule('CosineAnnealingLR', 'lr_scheduler.CosineAnnealingLR(optimizer, 47, eta_min=0.02)'),
    Schedule('CosineAnnealingLR/past_the_end', 'lr_scheduler.CosineAnnealingLR(optimizer, 10, eta_min=0.02)'),
    Schedule('CosineAnnealingWarmRestarts', RESTARTS + '10)'),
    Schedule('CosineAnnealingWarmRestarts/eta_min', RESTARTS + '7, eta_min=0.02)'),
    Schedule('CosineAnnealingWarmRestarts/double', RESTARTS + '5, T_mult=2, eta_min=0.01)'),
    Schedule('CosineAnnealingWarmRestarts/triple', RESTARTS + '1, T_mult=3)'),
    Schedule('CyclicLR', CYCLE + 'step_size_up=6)'),
    Schedule('CyclicLR/momentum', CYCLE + 'step_size_up=6)', read='momentum'),
    Schedule('CyclicLR/up_down', CYCLE + 'step_size_up=4, step_size_down=9)'),
    Schedule('CyclicLR/triangular2', CYCLE + "step_size_up=5, mode='triangular2')"),
    Schedule('CyclicLR/triangular2_up_down', CYCLE + "step_size_up=8, step_size_down=3, mode='triangular2')"),
    Schedule(
        'CyclicLR/triangular2_momentum',
        CYCLE + "step_size_up=5, mode='triangular2', base_momentum=0.7, max_momentum=0.9)",
        read='momentum',
    ),
    Schedule('CyclicLR/exp_range', CYCLE + "step_size_up=5, mode='exp_range', gamma=0.97)"),
    Schedule('CyclicLR/exp_range_up_down', CYCLE + "step_size_up=3, step_size_down=7, mode='exp_range', gamma=0.9)"),
    Schedule('CyclicLR/exp_range_one', CYCLE + "step_size_up=5, mode='exp_range')"),
    Schedule('CyclicLR/default', 'lr_scheduler.CyclicLR(optimizer, 0.01, 0.5)', steps=64),
    Schedule('OneCycleLR', ONE + f'{STEPS})'),
    Schedule('OneCycleLR/momentum', ONE + f'{STEPS})', read='momentum'),
    Schedule('OneCycleLR/beta1', ONE + f'{STEPS}, base_momentum=0.7, max_momentum=0.9)', read='beta1'),
    Schedule('OneCycleLR/factors', ONE + f'{STEPS}, pct_start=0.45, div_factor=10, final_div_factor=50)'),
    Schedule('OneCycleLR/linear', ONE + f"{STEPS}, pct_start=0.25, anneal_strategy='linear', final_div_factor=7)"),
    Schedule('OneCycleLR/linear_momentum', ONE + f"{STEPS}, pct_start=0.25, anneal_strategy='linear')", read='momentum'),
    Schedule('OneCycleLR/three_phase', ONE + f'{STEPS}, three_phase=True)'),
    Schedule('OneCycleLR/three_phase_momentum', ONE + f'{STEPS}, three_phase=True)', read='momentum'),
    Schedule(
        'OneCycleLR/three_phase_linear',
        ONE + f"{STEPS}, three_phase=True, pct_start=0.4, anneal_strategy='linear', div_factor=5, final_div_factor=3)",
    ),
    Schedule(
        'OneCycleLR/three_phase_linear_momentum',
        ONE + f"{STEPS}, three_phase=True, pct_start=0.4, anneal_strategy='linear', base_momentum=0.1)",
        read='momentum',
    ),
    Schedule('OneCycleLR/no_rise', ONE + f'{STEPS}, pct_start=0.0)'),
    Schedule('OneCycleLR/short', ONE + '3)', steps=3),
    Schedule('OneCycleLR/shorter', ONE + '2, pct_start=0.25, three_phase=True)', steps=2),
    Schedule('OneCycleLR/one', ONE + '1)', steps=1),
    Schedule(
        'LambdaLR/wsd',
        'lr_scheduler.LambdaLR(optimizer, lambda t: t / 5 if t < 5 else 1 if t < 30'
        ' else max(0.0, 1 - ((t - 30) / 12) ** 0.5))',
    ),
]


def run(row):
    torch.manual_seed(0)
    weight = torch.zeros(1, requires_grad=True)
    if row.read == 'beta1':
        optimizer = torch.optim.Adam([weight], lr=row.lr)
    else:
        optimizer = torch.optim.SGD([weight], lr=row.lr, momentum=0.9)
    scheduler = eval(row.expression, {'lr_scheduler': lr_scheduler, 'optimizer': optimizer})
    values = []
    for step in range(row.steps):
        values.append(float(READERS[row.read](optimizer.param_groups[0])))
        if step + 1 < row.steps:
            optimizer.step()
            scheduler.step()
    return {'name': row.name, 'expression': row.expression, 'lr': row.lr, 'read': row.read, 'values': values}


def main():
    warnings.simplefilter('error')
    header = {
        'command': COMMAND,
        'versions': {'torch': torch.__version__.split('+')[0], 'python': platform.python_version()},
    }
    rows = ',\n'.join(f'  {json.dumps(run(row))}' for row in SCHEDULES)
    fields = ''.join(f' {json.dumps(key)}: {json.dumps(value)},\n' for key, value in header.items())
    FILE.write_text(f'{{\n{fields} "schedules": [\n{rows}\n ]\n}}\n')
    json.loads(FILE.read_text())
    print(f'{FILE.stat().st_size / 1e6:6.2f} MB  {FILE.name}, {len(SCHEDULES)} schedules')


if __name__ == '__main__':
    main()
