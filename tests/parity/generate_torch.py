"""Writes what the real PyTorch computes, as data for `torch.test.ts`.

    python tests/parity/generate_torch.py

The table below says what is generated. To cover something new, add a row here and a row of the same name in `torch.ts`.

The params and gradients are those of `data/trees.json`, which `generate.py` writes. Each row holds the PyTorch expression as
text: it is evaluated, and it is stored beside the numbers, so what a reader of the data sees is what ran. PyTorch has no
updates, it changes params in place: the params after each step are stored, and an update is the difference of two of them.
"""

import json
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

COMMAND = 'python tests/parity/generate_torch.py'
DATA = Path(__file__).parent / 'data'
DTYPES = ('float64', 'float32')

# ---------------------------------------------------------------------------------------------------------------------
# The table
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One row: an optimizer, run over all gradients of each of `trees`. Everything but the trees is Python text."""

    name: str  # PyTorch's name, then a slash and the variant
    optimizer: str  # what makes the optimizer, of `params`
    gradients: str | None = None  # what is done with the gradients of `params` before each step
    scheduler: str | None = None  # what makes the scheduler of `optimizer`, stepped after it
    average: str | None = None  # what makes the averaged model of `model`
    averaged: str = 't >= 1'  # whether the model is averaged after step `t`; after step 0 is before the first one
    result: str | None = None  # what is recorded; by default `params`, or those of the averaged model
    trees: tuple[str, ...] = ('small',)

    def expression(self):
        """All of it, as a reader is shown it."""
        updated = f'{self.average}, updated after step t if {self.averaged}' if self.average else None
        parts = (self.optimizer, self.gradients, self.scheduler, updated, self.result)
        return '; '.join(part for part in parts if part)


FALLING = 'torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t))'
SGD = 'torch.optim.SGD(params, lr=0.1)'
BOTH = ('small', 'nested')

CASES = [
    Case('SGD', 'torch.optim.SGD(params, lr=0.1)', trees=BOTH),
    Case('SGD/momentum', 'torch.optim.SGD(params, lr=0.1, momentum=0.9)'),
    Case('SGD/nesterov', 'torch.optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True)'),
    Case('SGD/dampening', 'torch.optim.SGD(params, lr=0.1, momentum=0.9, dampening=0.4)'),
    Case('SGD/weight_decay', 'torch.optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.1)'),
    Case('SGD/maximize', 'torch.optim.SGD(params, lr=0.1, momentum=0.9, maximize=True)'),
    Case('SGD/maximize_weight_decay', 'torch.optim.SGD(params, lr=0.1, weight_decay=0.1, maximize=True)'),
    Case('SGD/scheduler', 'torch.optim.SGD(params, lr=0.5, momentum=0.9)', scheduler=FALLING),
    Case(
        'SGD/all',
        'torch.optim.SGD(params, lr=0.5, momentum=0.8, dampening=0.3, weight_decay=0.05, maximize=True)',
        scheduler=FALLING,
    ),
    Case(
        'SGD/param_groups',
        "torch.optim.SGD([{'params': params[1:2]}, {'params': [params[0], params[2]], 'lr': 0.01, 'momentum': 0.5}],"
        ' lr=0.1)',
    ),
    Case('Adam', 'torch.optim.Adam(params, lr=0.1)', trees=BOTH),
    Case('Adam/eps', 'torch.optim.Adam(params, lr=0.1, betas=(0.8, 0.95), eps=0.01)'),
    Case('Adam/weight_decay', 'torch.optim.Adam(params, lr=0.1, weight_decay=0.1)'),
    Case('Adam/decoupled_weight_decay', 'torch.optim.Adam(params, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)'),
    Case('Adam/maximize', 'torch.optim.Adam(params, lr=0.1, weight_decay=0.1, maximize=True)'),
    Case('Adam/scheduler', 'torch.optim.Adam(params, lr=0.5)', scheduler=FALLING),
    Case('Adam/amsgrad', 'torch.optim.Adam(params, lr=0.1, amsgrad=True)'),
    Case('Adam/amsgrad_eps', 'torch.optim.Adam(params, lr=0.1, betas=(0.7, 0.8), eps=0.01, amsgrad=True)'),
    Case('AdamW', 'torch.optim.AdamW(params, lr=0.1)'),
    Case('AdamW/weight_decay', 'torch.optim.AdamW(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.2)'),
    Case('AdamW/amsgrad', 'torch.optim.AdamW(params, lr=0.1, amsgrad=True)'),
    Case('AdamW/scheduler', 'torch.optim.AdamW(params, lr=0.5, weight_decay=0.1)', scheduler=FALLING),
    Case(
        'AdamW/param_groups',
        "torch.optim.AdamW([{'params': params[1:2]}, {'params': [params[0], params[2]], 'weight_decay': 0}],"
        ' lr=0.1, weight_decay=0.1)',
    ),
    Case('NAdam', 'torch.optim.NAdam(params, lr=0.1)'),
    Case('NAdam/momentum_decay', 'torch.optim.NAdam(params, lr=0.1, betas=(0.7, 0.8), eps=0.01, momentum_decay=0.3)'),
    Case('NAdam/weight_decay', 'torch.optim.NAdam(params, lr=0.1, weight_decay=0.1)'),
    Case(
        'NAdam/decoupled_weight_decay',
        'torch.optim.NAdam(params, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)',
    ),
    Case('RAdam', 'torch.optim.RAdam(params, lr=0.1)'),
    Case('RAdam/eps', 'torch.optim.RAdam(params, lr=0.1, betas=(0.8, 0.9), eps=0.01)'),
    Case('RAdam/weight_decay', 'torch.optim.RAdam(params, lr=0.1, weight_decay=0.1)'),
    Case(
        'RAdam/decoupled_weight_decay',
        'torch.optim.RAdam(params, lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)',
    ),
    Case('Adamax', 'torch.optim.Adamax(params, lr=0.1)'),
    Case('Adamax/eps', 'torch.optim.Adamax(params, lr=0.1, betas=(0.8, 0.9), eps=0.01)'),
    Case('Adamax/weight_decay', 'torch.optim.Adamax(params, lr=0.1, weight_decay=0.1)'),
    Case('Adagrad', 'torch.optim.Adagrad(params, lr=0.1)'),
    Case('Adagrad/eps', 'torch.optim.Adagrad(params, lr=0.1, eps=0.01)'),
    Case('Adagrad/lr_decay', 'torch.optim.Adagrad(params, lr=0.1, lr_decay=0.3)'),
    Case('Adagrad/initial_accumulator_value', 'torch.optim.Adagrad(params, lr=0.1, initial_accumulator_value=0.5)'),
    Case('Adagrad/weight_decay', 'torch.optim.Adagrad(params, lr=0.1, weight_decay=0.1)'),
    Case('Adadelta', 'torch.optim.Adadelta(params)'),
    Case('Adadelta/eps', 'torch.optim.Adadelta(params, lr=0.5, rho=0.8, eps=0.01)'),
    Case('Adadelta/weight_decay', 'torch.optim.Adadelta(params, eps=0.01, weight_decay=0.1)'),
    Case('RMSprop', 'torch.optim.RMSprop(params, lr=0.1)'),
    Case('RMSprop/eps', 'torch.optim.RMSprop(params, lr=0.1, alpha=0.8, eps=0.01)'),
    Case('RMSprop/centered', 'torch.optim.RMSprop(params, lr=0.1, centered=True)'),
    Case('RMSprop/momentum', 'torch.optim.RMSprop(params, lr=0.1, momentum=0.9)'),
    Case('RMSprop/scheduler', 'torch.optim.RMSprop(params, lr=0.5, momentum=0.9)', scheduler=FALLING),
    Case('RMSprop/weight_decay', 'torch.optim.RMSprop(params, lr=0.1, weight_decay=0.1)'),
    Case(
        'RMSprop/all',
        'torch.optim.RMSprop(params, lr=0.1, alpha=0.9, eps=0.01, weight_decay=0.1, momentum=0.8, centered=True)',
        scheduler=FALLING,
    ),
    Case('Rprop', 'torch.optim.Rprop(params, lr=0.1)'),
    Case('Rprop/all', 'torch.optim.Rprop(params, lr=0.1, etas=(0.6, 1.5), step_sizes=(0.05, 0.2))'),
    Case('ASGD', 'torch.optim.ASGD(params, lr=0.1, lambd=0.1, t0=3)'),
    Case(
        'ASGD/average',
        'torch.optim.ASGD(params, lr=0.1, lambd=0.1, t0=3)',
        result="[optimizer.state[p]['ax'] for p in params]",
    ),
    Case('ASGD/weight_decay', 'torch.optim.ASGD(params, lr=0.1, lambd=0.1, alpha=0.5, t0=3, weight_decay=0.2)'),
    Case('Adafactor', 'torch.optim.Adafactor(params, lr=0.05, eps=(1e-15, 1e-3))'),
    Case('Adafactor/cap', 'torch.optim.Adafactor(params, lr=0.7, eps=(1e-15, 1e-3), weight_decay=0, d=2.0)'),
    Case('clip_grad_value_', SGD, gradients='torch.nn.utils.clip_grad_value_(params, 0.5)'),
    Case('clip_grad_norm_', SGD, gradients='torch.nn.utils.clip_grad_norm_(params, 1.0)', trees=BOTH),
    Case('clip_grad_norm_/inactive', SGD, gradients='torch.nn.utils.clip_grad_norm_(params, 1e6)'),
    Case('clip_grad_norm_/l1', SGD, gradients='torch.nn.utils.clip_grad_norm_(params, 1.0, norm_type=1)'),
    Case('clip_grad_norm_/l3', SGD, gradients='torch.nn.utils.clip_grad_norm_(params, 1.0, norm_type=3)'),
    Case('clip_grad_norm_/inf', SGD, gradients="torch.nn.utils.clip_grad_norm_(params, 1.0, norm_type=float('inf'))"),
    Case('AveragedModel', SGD, average='torch.optim.swa_utils.AveragedModel(model)'),
    Case(
        'AveragedModel/swa',
        'torch.optim.SGD(params, lr=0.1, momentum=0.9)',
        average='torch.optim.swa_utils.AveragedModel(model)',
        averaged='t >= 5 and t % 2 == 1',
    ),
    Case(
        'AveragedModel/ema',
        SGD,
        average='torch.optim.swa_utils.AveragedModel(model,'
        ' multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))',
        averaged='t >= 0',
    ),
    Case(
        'AveragedModel/ema_after',
        SGD,
        average='torch.optim.swa_utils.AveragedModel(model,'
        ' multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))',
    ),
]

# ---------------------------------------------------------------------------------------------------------------------
# Running
# ---------------------------------------------------------------------------------------------------------------------


class Model(torch.nn.Module):
    def __init__(self, params):
        super().__init__()
        self.params = torch.nn.ParameterList(params)


def to_torch(tree, flat, dtype):
    return [torch.tensor(leaf, dtype=dtype).reshape(of['shape']) for leaf, of in zip(flat, tree['leaves'])]


def run_case(case, tree, dtype):
    """Eagerly, in the dtype also of PyTorch's own scalars: NAdam keeps the product of its momenta in the default one."""
    torch.set_default_dtype(dtype)
    params = [torch.nn.Parameter(leaf) for leaf in to_torch(tree, tree['params'], dtype)]
    names = {'torch': torch, 'params': params, 'model': Model(params)}
    evaluate = lambda text: eval(text, names)
    optimizer = names['optimizer'] = evaluate(case.optimizer)
    scheduler = evaluate(case.scheduler) if case.scheduler else None
    average = evaluate(case.average) if case.average else None
    recorded = []
    for names['t'], gradient in enumerate([None, *tree['gradients']['plain']]):
        if gradient is not None:
            for param, leaf in zip(params, to_torch(tree, gradient, dtype)):
                param.grad = leaf
            if case.gradients:
                evaluate(case.gradients)
            optimizer.step()
            if scheduler:
                scheduler.step()
        if average and evaluate(case.averaged):
            average.update_parameters(names['model'])
        if gradient is not None:
            is_averaged = average and average.n_averaged > 0  # until then, the params are what there is
            result = evaluate(case.result) if case.result else average.module.params if is_averaged else params
            recorded.append([leaf.detach().numpy().reshape(-1).copy() for leaf in result])
    return recorded


def main():
    trees = {tree['name']: tree for tree in json.loads((DATA / 'trees.json').read_text())['trees']}
    cases = [
        {
            'name': case.name,
            'expression': case.expression(),
            'tree': name,
            'params': {dtype: run_case(case, trees[name], getattr(torch, dtype)) for dtype in DTYPES},
        }
        for case in CASES
        for name in case.trees
    ]
    check_conditioning(cases)
    versions = {'torch': torch.__version__, 'numpy': np.__version__, 'python': platform.python_version()}
    path = DATA / 'torch.json'
    path.write_text(render({'command': COMMAND, 'versions': versions, 'cases': cases}) + '\n')
    json.loads(path.read_text())
    print(f'{path.stat().st_size / 1e6:6.2f} MB  {path.name}')


def check_conditioning(cases, tolerance=2e-5):
    """PyTorch in float32 must agree with PyTorch in float64 within the tolerance of the float32 comparison.

    Errors are relative to the largest magnitude that the leaf has at any step.
    """
    errors = []
    for case in cases:
        scales = [max(np.abs(leaf).max() for leaf in leaves) or 1.0 for leaves in zip(*case['params']['float64'])]
        for step, (wide, narrow) in enumerate(zip(*(case['params'][dtype] for dtype in DTYPES))):
            for leaf, (a, b) in enumerate(zip(wide, narrow)):
                if not (np.isfinite(a).all() and np.isfinite(b).all()):
                    raise ValueError(f'not finite: {case["name"]}')
                errors.append((float(np.abs(a - b).max() / scales[leaf]), case['name'], case['tree'], step, leaf))
    errors.sort(reverse=True)
    print('float32 and float64 part most in (error, case, tree, step, leaf)', *errors[:3], sep='\n  ')
    if errors[0][0] > tolerance:
        raise ValueError(f'ill-conditioned: {[error for error in errors if error[0] > tolerance]}')


# ---------------------------------------------------------------------------------------------------------------------
# Writing, in the form of `generate.py`
# ---------------------------------------------------------------------------------------------------------------------


def number(x):
    """The shortest decimal that reads back as x: exactly as float64, after rounding to float32 for a float32."""
    text = str(x) if isinstance(x, np.float32) else repr(float(x))
    if isinstance(x, np.float32) and np.float32(float(text)) != x:
        text = repr(float(x))
    return text.removesuffix('.0')


def render(value, indent=''):
    """JSON with one line for each step."""
    inner = indent + ' '
    if isinstance(value, list) and value and all(isinstance(v, np.ndarray) for v in value):
        return '[' + ','.join('[' + ','.join(number(x) for x in leaf) + ']' for leaf in value) + ']'
    if isinstance(value, list):
        return '[\n' + ',\n'.join(inner + render(v, inner) for v in value) + '\n' + indent + ']'
    if isinstance(value, dict):
        rows = [f'{inner}{json.dumps(key)}: {render(v, inner)}' for key, v in value.items()]
        return '{\n' + ',\n'.join(rows) + '\n' + indent + '}'
    return json.dumps(value, ensure_ascii=False)


if __name__ == '__main__':
    main()
