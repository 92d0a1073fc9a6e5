"""Writes what code computes that is in no package: that of authors, or of a library between two releases.

    pip install torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 scipy==1.17.1
    git clone https://github.com/gbaydin/hypergradient-descent && git -C hypergradient-descent checkout 020d608
    git clone https://github.com/pytorch/opacus && git -C opacus checkout 4d0ebc84
    git clone https://github.com/google-deepmind/optax && git -C optax checkout 2edbcbe2
    python tests/parity/generate_authors.py hypergradient-descent opacus optax
"""

import importlib.metadata
import importlib.util
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter('ignore')
HYPERGRADIENT, OPACUS, OPTAX = (Path(folder).resolve() for folder in sys.argv[1:4])
sys.path[:0] = [str(HYPERGRADIENT), str(OPTAX)]

import jax  # noqa: E402

jax.config.update('jax_enable_x64', True)
import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402
import torch  # noqa: E402
from hypergrad import SGDHD, AdamHD  # noqa: E402

torch.set_default_dtype(torch.float64)


def hypergradient(make, **options):
    """Eight steps on half the sum of h w² from (1, -2, 0.5): the params, and the learning rate."""
    w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    curvature = torch.tensor([1.0, 3.0, 10.0])
    optimizer = make([w], lr=0.02, hypergrad_lr=1e-4, **options)
    steps = []
    for _ in range(8):
        w.grad = (curvature * w.detach()).clone()
        optimizer.step()
        steps.append({'w': w.tolist(), 'learningRate': float(optimizer.param_groups[0]['lr'])})
    return steps


def accountant():
    """What the accountant of Opacus gives for whole orders."""
    spec = importlib.util.spec_from_file_location('rdp', OPACUS / 'opacus/accountants/analysis/rdp.py')
    rdp = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rdp)
    orders = list(range(2, 257))

    def spent(phases, delta):
        total = sum(rdp.compute_rdp(q=q, noise_multiplier=sigma, steps=steps, orders=orders) for q, sigma, steps in phases)
        epsilon, order = rdp.get_privacy_spent(orders=orders, rdp=total, delta=delta)
        names = ('sampleRate', 'noiseMultiplier', 'steps')
        return {
            'phases': [dict(zip(names, phase)) for phase in phases],
            'delta': delta,
            'epsilon': float(epsilon),
            'order': int(order),
        }

    return [
        spent([(256 / 60_000, 1.12, 14_063)], 1e-5),
        spent([(0.01, 1.0, 1000)], 1e-5),
        spent([(1.0, 4.0, 10)], 1e-6),
        spent([(0.1, 0.7, 50)], 1e-3),
        spent([(1e-3, 0.5, 10_000)], 1e-7),
        spent([(0.01, 1.0, 1000), (0.02, 2.0, 500)], 1e-5),
    ]


def masked_prodigy():
    """Three steps of Prodigy that decays one leaf of two."""
    tx = optax.contrib.prodigy(
        0.5,
        betas=(0.8, 0.95),
        eps=1e-3,
        estim_lr0=0.1,
        weight_decay=0.1,
        weight_decay_mask={'w': True, 'b': False},
    )
    params = {'w': jnp.array([4.0, -2.0]), 'b': jnp.array([3.0])}
    state = tx.init(params)
    steps = []
    for w, b in (([3.0, -8.0], [1.0]), ([1.0, 5.0], [-2.0]), ([2.0, -1.0], [0.5])):
        updates, state = tx.update({'w': jnp.array(w), 'b': jnp.array(b)}, state, params)
        params = optax.apply_updates(params, updates)
        steps.append({'grads': {'w': w, 'b': b}, 'params': {name: leaf.tolist() for name, leaf in params.items()}})
    return steps


data = {
    'versions': {
        'hypergradient-descent': '020d608',
        'opacus': '4d0ebc84',
        'optax': f'{optax.__version__} 2edbcbe2',
        'torch': importlib.metadata.version('torch'),
        'jax': importlib.metadata.version('jax'),
    },
    'hypergradient': {
        'sgd': hypergradient(SGDHD),
        'momentum': hypergradient(SGDHD, momentum=0.9),
        'adam': hypergradient(AdamHD),
    },
    'accountant': accountant(),
    'prodigy': masked_prodigy(),
}
path = Path(__file__).parent / 'data' / 'authors.json'
path.write_text(json.dumps(data, indent=1) + '\n', encoding='utf-8')
