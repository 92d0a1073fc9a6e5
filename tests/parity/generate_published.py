"""Writes what optimizers and schedules compute that are in no framework: by the code of their authors, or of a collection of such.

    pip install torch==2.13.0 numpy==2.4.6
    git clone https://github.com/kozistr/pytorch_optimizer && git -C pytorch_optimizer checkout 7a076d2f
    git clone https://github.com/liuyz0/FOCUS && git -C FOCUS checkout bdda7f8c
    git clone https://github.com/generativeai-tue/vsgd && git -C vsgd checkout ab7a2f53
    git clone https://github.com/TianjinYellow/StableSPAM && git -C StableSPAM checkout 6a66da1e
    git clone https://github.com/oval-group/ali-g && git -C ali-g checkout c40de147
    git clone https://github.com/kvfrans/splus && git -C splus checkout d96bd16b
    git clone https://github.com/jie040109/Conda && git -C Conda checkout 449af713
    git clone https://github.com/xichen-fy/Fira && git -C Fira checkout 5c28b134
    python tests/parity/generate_published.py .
"""

import importlib
import importlib.metadata
import importlib.util
import json
import math
import sys
import types
import warnings
from pathlib import Path

warnings.simplefilter('ignore')
CLONES = Path(sys.argv[1]).resolve()

import torch  # noqa: E402

torch.set_default_dtype(torch.float64)


def load(path):
    """A file of a clone as a module by itself, without the package around it."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, CLONES / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


chebyshev = load('pytorch_optimizer/pytorch_optimizer/lr_scheduler/chebyshev.py')
rex = load('pytorch_optimizer/pytorch_optimizer/lr_scheduler/rex.py')
proportion = load('pytorch_optimizer/pytorch_optimizer/lr_scheduler/proportion.py')


def cycle(steps, smallest, largest):
    """The steps of a cycle of Chebyshev, in fractal order."""
    values = chebyshev.get_chebyshev_steps(steps, smallest, largest)
    return [float(value) for value in values[chebyshev.get_chebyshev_permutation(steps)]]


def rex_schedule():
    """REX over five steps, from its first."""
    schedule = rex.REXScheduler(torch.optim.SGD([torch.zeros(1)], lr=1.0), 5, 0.3, 0.05)
    schedule.step_t = 0
    return schedule


def along_rex():
    """A value that follows REX."""
    schedule = rex_schedule()
    schedule.step()
    follower = proportion.ProportionScheduler(schedule, 0.3, 0.05, 2.0, 0.5)
    values = [follower.get_lr()]
    for _ in range(6):
        schedule.step()
        values.append(follower.step())
    return values


followed = rex_schedule()
schedules = {
    'chebyshev': {'8': cycle(8, 0.1, 1.0), '16': cycle(16, 0.05, 2.0)},
    'rex': [followed.step() for _ in range(7)],
    'proportion': along_rex(),
}

START = {'a': [[1.0, -2.0, 0.5], [0.25, 4.0, -8.0]], 'b': [0.5, -1.0]}


def gradients(step):
    """Gradients of no particular form, with a zero, and a spike at the fifth step."""
    spike = 30.0 if step == 5 else 1.0
    a = [[spike * math.cos(step * (1.3 + j) + 2 * i + 0.7 * j * j) for j in range(3)] for i in range(2)]
    return {'a': a, 'b': [0.0 if step == 2 else math.sin(step), 0.1 * math.cos(3 * step)]}


def trajectory(make, loss=None):
    """The params after each of twelve steps."""
    params = {name: torch.tensor(leaf, requires_grad=True) for name, leaf in START.items()}
    optimizer = make(list(params.values()))
    steps = []
    for step in range(1, 13):
        grads = gradients(step)
        for name, leaf in params.items():
            leaf.grad = torch.tensor(grads[name])
        if loss is None:
            optimizer.step()
        else:
            optimizer.step(lambda: loss(step))
        steps.append({name: leaf.detach().tolist() for name, leaf in params.items()})
    return steps


focus = load('FOCUS/focus.py').FOCUS
vsgd = load(next(CLONES.glob('vsgd/**/vsgd.py')).relative_to(CLONES)).VSGD
spam = load('StableSPAM/galore_torch/stablespam.py').StableSPAM
splus = load('splus/torch/splus.py').SPlus
alig = load('ali-g/alig/th/alig.py').AliG

# Both ask transformers for nothing but a version, and have singular vectors in float32 unless that is what `torch.float` is.
sys.modules['transformers.utils.versions'] = types.SimpleNamespace(require_version=lambda _: None)
torch.float = torch.float64
for package, folder in (('conda_torch', 'Conda/conda_torch'), ('optimizer_torch', 'Fira/optimizer_torch')):
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [str(CLONES / folder)]
conda = importlib.import_module('conda_torch.conda').Conda
fira = importlib.import_module('optimizer_torch.fira_adamw').AdamW


def of_matrices(make, lr, betas, eps, **options):
    """An optimizer with options for matrices, and none for vectors."""

    def made(params):
        groups = [{'params': params[:1], 'proj_type': 'std', **options}, {'params': params[1:]}]
        return make(groups, lr=lr, betas=betas, eps=eps, no_deprecation_warning=True)

    return made


def value(step):
    """A loss that is small now and then."""
    return 1.5 + math.cos(step)


optimizers = {
    'focus': trajectory(lambda p: focus(p, lr=0.01, betas=(0.5, 0.75), gamma=0.25, weight_decay=0.1)),
    'focus/defaults': trajectory(lambda p: focus(p, lr=0.01)),
    'vsgd': trajectory(lambda p: vsgd(p, ghattg=5.0, ps=1e-3, tau1=0.5, tau2=0.25, lr=0.05, weight_decay=0.1, eps=1e-3)),
    'vsgd/defaults': trajectory(lambda p: vsgd(p)),
    'stableSpam': trajectory(
        lambda p: spam(
            p,
            lr=0.05,
            betas=(0.8, 0.9),
            eps=1e-3,
            weight_decay=0.1,
            gamma1=0.5,
            gamma2=0.75,
            gamma3=0.6,
            update_proj_gap=7,
        )
    ),
    'stableSpam/defaults': trajectory(lambda p: spam(p)),
    'splus': trajectory(lambda p: splus(p, lr=0.05, b1=0.8, b2=0.9, inverse_every=3, weight_decay=0.0)),
    'splus/defaults': trajectory(lambda p: splus(p, weight_decay=0.0)),
    'conda': trajectory(of_matrices(conda, 0.05, (0.8, 0.9), 1e-3, update_proj_gap=3, scale=0.25)),
    'conda/defaults': trajectory(of_matrices(conda, 1e-3, (0.9, 0.999), 1e-8, update_proj_gap=2000, scale=1.0)),
    'fira': trajectory(of_matrices(fira, 0.05, (0.8, 0.9), 1e-3, rank=1, update_proj_gap=100, alpha=0.25)),
    'fira/defaults': trajectory(of_matrices(fira, 1e-3, (0.9, 0.999), 1e-6, rank=1, update_proj_gap=200, alpha=1.0)),
    'alig': trajectory(lambda p: alig(p, max_lr=0.1, momentum=0.9, eps=0.5), value),
    'alig/defaults': trajectory(lambda p: alig(p, max_lr=1.0), value),
}

data = {
    'versions': {
        'pytorch_optimizer': '7a076d2f',
        'FOCUS': 'bdda7f8c',
        'vsgd': 'ab7a2f53',
        'StableSPAM': '6a66da1e',
        'ali-g': 'c40de147',
        'splus': 'd96bd16b',
        'Conda': '449af713',
        'Fira': '5c28b134',
        'torch': importlib.metadata.version('torch'),
    },
    'schedules': schedules,
    'start': START,
    'gradients': [gradients(step) for step in range(1, 13)],
    'values': [value(step) for step in range(1, 13)],
    'optimizers': optimizers,
}
path = Path(__file__).parent / 'data' / 'published.json'
path.write_text(json.dumps(data, indent=1) + '\n', encoding='utf-8')
