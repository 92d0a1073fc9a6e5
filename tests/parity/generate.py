"""Writes what the real Optax computes, as data for `parity.test.ts`.

    python tests/parity/generate.py               everything, in some minutes
    python tests/parity/generate.py sgd 'adam/'   the rows whose names begin so; the others stay, and stay in place

Three tables below say what is generated: CASES (transformations, wrappers, aliases), FUNCTIONS (pure functions of
trees) and SCHEDULES. To cover something new, add a row here and a row of the same name in `cases/`.

Each row holds the Optax expression as text. It is evaluated, and it is stored beside the numbers, so what a reader
of the data sees is what ran. In an expression, `dtype` is the dtype of the run, and `wide(schedule)` is the schedule
evaluated at a step of that dtype: at the int32 counter of a state, `count / 10` is a float32 in JAX even with x64
enabled, and the schedule is off by 1e-8. We compare with what the schedule means, not with that accident.
`of_loss(tx, loss)` is `tx`, minimising a loss of params: what it is handed are its gradients. `emit(tx, f)` is `tx`, emitting `f(updates, state)` in place of its updates: so what is in a state is compared, too.

Optax is run eagerly, operation by operation, once per dtype in a process of its own: float64 with `jax_enable_x64`,
float32 without it, because Optax's own constants and counters depend on that flag.
"""

import json
import math
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

COMMAND = 'python tests/parity/generate.py'
DATA = Path(__file__).parent / 'data'
DTYPES = ('float64', 'float32')
STEPS = 12

# ---------------------------------------------------------------------------------------------------------------------
# The tables
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One row: a transformation, run for STEPS steps on each of `trees`."""

    name: str  # Optax's name, then a slash and the variant
    expression: str  # what makes the transformation
    trees: tuple[str, ...] | None = None  # by default WHOLE for a name without a variant, otherwise 'small'
    dtypes: tuple[str, ...] = DTYPES
    gradients: str = 'plain'  # 'nonfinite' has NaN and infinities at NONFINITE
    extra: Callable[[int], dict[str, float]] | None = None  # step -> extra arguments of `update`, stored with the case
    run: str = 'plain'  # how to drive it: a key of RUNNERS
    scale: str = 'updates'  # errors count relative to the leaf's updates; 'params' where updates are their differences
    is_random: bool = False  # the two dtypes have other random numbers, so that one does not check the other


WHOLE = ('vector', 'nested', 'conv')  # what is compared at least once for everything
WIDE = ('float64',)  # dtypes, where a comparison in float32 would be one of rounding errors, see `check_conditioning`
NESTED = ('nested',)  # where a mask, labels or gradients are made for it
RANKS = ('small', 'ranks')  # where the rank of an array matters
NO_SCALARS = ('vector', 'conv', 'ranks')  # what Optax refuses arrays of rank 0 for

LINEAR = 'wide(optax.linear_schedule(0.1, 0.01, 8))'
COSINE = 'wide(optax.warmup_cosine_decay_schedule(0.0, 0.2, 3, 10, end_value=0.01))'

# Booleans and labels for the tree 'nested': leaf by leaf, and as a prefix of it.
MASK = (
    "{'kernel': True, 'bias': False, 'layers': [{'w': True, 'b': False}, {'w': False, 'b': True}],"
    " 'head': {'scale': False, 'inner': {'shift': True}}}"
)
PREFIX_MASK = "{'kernel': True, 'bias': False, 'layers': [True, False], 'head': True}"
MASK_FN = "lambda tree: {key: key != 'bias' for key in tree}"
LABELS = (
    "{'kernel': 'a', 'bias': 'b', 'layers': [{'w': 'a', 'b': 'b'}, {'w': 'c', 'b': 'b'}],"
    " 'head': {'scale': 'c', 'inner': {'shift': 'a'}}}"
)
PREFIX_LABELS = "{'kernel': 'a', 'bias': 'b', 'layers': ['a', 'c'], 'head': 'b'}"
SMALL_MASK = "{'kernel': True, 'bias': False, 'scale': True}"
OTHER_MASK = "{'kernel': False, 'bias': True, 'scale': True}"
LABELS_FN = "lambda tree: {key: 'b' if key == 'bias' else 'a' for key in tree}"

# Leaves of at least two axes, as stacks of matrices.
MATRICES = 'lambda params: jax.tree.map(lambda p: p.ndim > 1, params)'
LAST_TWO = 'lambda params: jax.tree.map(lambda p: optax.contrib.MuonDimensionNumbers(-2, -1), params)'
# Matrices of the tree 'conv'.
GALORE_AXES = (
    '(optax.contrib.GaLoreDimensionNumbers((0, 1, 2), 3), None, None, optax.contrib.GaLoreDimensionNumbers(1, 0))'
)

# Optax emits each update of Rprop one step late; this is that of the step.
IN_TIME = 'lambda updates, state: state.prev_updates'
IN_TIME_ALIAS = 'lambda updates, state: optax.tree.scale(-1, state[0].prev_updates)'

UNITWISE_CLIP = (
    'lambda updates, params: jax.tree.map(lambda g, p: optax.transforms.unitwise_clip('
    'optax.transforms.unitwise_norm(g), optax.transforms.unitwise_norm(p), g%s), updates, params)'
)
MEASURED = (
    "emit(optax.monitor({'mean': %s}),"
    " lambda updates, state: optax.tree.scale(state.measurements['mean'], updates))"
)


def falling(step):
    """A loss that falls below 1 and below 0."""
    return {'value': 1.5 - 0.15625 * step}


def uneven(step):
    """A loss with rests, rises and small and large falls."""
    return {'value': [3.0, 2.0, 2.25, 1.5, 1.5, 1.375, 1.75, 1.0, 1.0, 1.25, 1.0, 0.9375][step]}


# A loss whose Hessian is diagonal, one whose Hessian is not, and the gradient of the first, smaller in later rounds.
QUARTIC = 'lambda params: sum(jnp.sum((p - 0.5) ** 4 + p * p) for p in jax.tree.leaves(params))'
SQUARED_NORM = 'lambda params: sum(jnp.sum(p * p) for p in jax.tree.leaves(params)) ** 2 / 4'
GRAD_FN = 'lambda params, i: jax.tree.map(lambda p: (4 * (p - 0.5) ** 3 + 2 * p) / (1 + i), params)'

# A loss to search.
BOWL = 'lambda params: sum(jnp.sum((p - 0.5) ** 2 + p ** 4 / 8) for p in jax.tree.leaves(params))'

CASES = [
    # Core
    Case('identity', 'optax.identity()'),
    Case('set_to_zero', 'optax.set_to_zero()'),
    Case(
        'stateless',
        'optax.stateless(lambda updates, params: jax.tree.map(lambda g, p: 3 * g / (1 + p * p), updates, params))',
    ),
    Case('stateless_with_tree_map', 'optax.stateless_with_tree_map(lambda g, p: g * p)'),
    Case(
        'chain',
        'optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam(), optax.add_decayed_weights(0.01),'
        f' optax.scale_by_learning_rate({COSINE}))',
    ),
    Case('chain/one', 'optax.chain(optax.trace(0.9))'),
    Case(
        'chain/nested',
        'optax.chain(optax.chain(optax.clip(1.0), optax.trace(0.8)), optax.chain(optax.ema(0.5), optax.scale(-0.1)))',
    ),
    Case(
        'chain/three_norms',
        'optax.chain(optax.clip_by_global_norm(2.0), optax.trace(0.9), optax.clip_by_global_norm(1.0),'
        ' optax.scale_by_rms(), optax.clip_by_global_norm(0.5), optax.scale(-1.0))',
    ),
    Case(
        'chain/extra_args',
        'optax.chain(optax.scale(-0.1), optax.GradientTransformationExtraArgs(optax.init_empty_state,'
        ' lambda updates, state, params=None, *, value, **extra:'
        ' (jax.tree.map(lambda g: value * g, updates), state)), optax.trace(0.5))',
        extra=lambda step: {'value': 1.5 - 0.125 * step},
    ),
    Case(
        'named_chain',
        "optax.named_chain(('clip', optax.clip_by_global_norm(1.0)), ('adam', optax.scale_by_adam()),"
        " ('scale', optax.scale(-0.1)))",
    ),
    # Scaling
    Case('scale', 'optax.scale(-0.3)'),
    Case('scale_by_learning_rate', 'optax.scale_by_learning_rate(0.1)'),
    Case('scale_by_learning_rate/schedule', f'optax.scale_by_learning_rate({LINEAR})'),
    Case('scale_by_learning_rate/flip_sign', 'optax.scale_by_learning_rate(0.1, flip_sign=False)'),
    Case('scale_by_learning_rate/schedule_flip_sign', f'optax.scale_by_learning_rate({LINEAR}, flip_sign=False)'),
    Case('scale_by_schedule', f'optax.scale_by_schedule({LINEAR})'),
    Case('scale_by_schedule/function', 'optax.scale_by_schedule(wide(lambda count: -1 / (2 + count)))'),
    Case(
        'scale_by_schedule/join',
        'optax.scale_by_schedule(wide(optax.join_schedules([optax.constant_schedule(-0.5),'
        ' optax.exponential_decay(-0.5, 3, 0.5)], [4])))',
    ),
    Case('scale_by_sign', 'optax.scale_by_sign()'),
    Case('scale_by_trust_ratio', 'optax.chain(optax.scale_by_trust_ratio(), optax.scale(-0.1))'),
    Case('scale_by_trust_ratio/min_norm', 'optax.scale_by_trust_ratio(min_norm=0.5)'),
    Case('scale_by_trust_ratio/trust_coefficient', 'optax.scale_by_trust_ratio(trust_coefficient=0.01)'),
    Case('scale_by_trust_ratio/eps', 'optax.scale_by_trust_ratio(eps=0.1)'),
    Case('scale_by_trust_ratio/all', 'optax.scale_by_trust_ratio(min_norm=0.1, trust_coefficient=0.3, eps=0.01)'),
    Case('scale_by_param_block_norm', 'optax.scale_by_param_block_norm()'),
    Case('scale_by_param_block_norm/min_scale', 'optax.scale_by_param_block_norm(min_scale=2.0)'),
    Case('scale_by_param_block_rms', 'optax.scale_by_param_block_rms()'),
    Case('scale_by_param_block_rms/min_scale', 'optax.scale_by_param_block_rms(min_scale=1.0)'),
    Case('normalize_by_update_norm', 'optax.normalize_by_update_norm()'),
    Case('normalize_by_update_norm/all', 'optax.normalize_by_update_norm(scale_factor=-0.3, eps=0.1)'),
    Case('centralize', 'optax.centralize()'),
    Case('centralize/ranks', 'optax.centralize()', trees=('ranks',)),
    Case('scale_by_distance_over_gradients', 'optax.scale_by_distance_over_gradients(param_dtype=dtype)', dtypes=WIDE),
    Case(
        'scale_by_distance_over_gradients/descent',
        'optax.scale_by_distance_over_gradients(reps_rel=0.1, param_dtype=dtype, global_scale=-1.0)',
    ),
    Case(
        'scale_by_distance_over_gradients/all',
        'optax.scale_by_distance_over_gradients(reps_rel=0.01, eps=0.5, global_scale=-0.7)',
    ),
    Case('scale_by_polyak', 'optax.scale_by_polyak()', extra=falling),
    Case('scale_by_polyak/f_min', 'optax.scale_by_polyak(f_min=0.5, max_learning_rate=2.0)', extra=falling),
    Case('scale_by_polyak/max_learning_rate', 'optax.scale_by_polyak(max_learning_rate=0.01)', extra=falling),
    Case('scale_by_polyak/eps', 'optax.scale_by_polyak(eps=3.0)', extra=falling),
    Case('scale_by_polyak/sps_plus', "optax.scale_by_polyak(f_min=0.5, variant='sps+')", extra=falling),
    # Moments
    Case('scale_by_adam', 'optax.scale_by_adam()'),
    Case('scale_by_adam/betas', 'optax.scale_by_adam(b1=0.8, b2=0.95)'),
    Case('scale_by_adam/zero_betas', 'optax.scale_by_adam(b1=0.0, b2=0.0)'),
    Case('scale_by_adam/eps', 'optax.scale_by_adam(eps=0.01)'),
    Case('scale_by_adam/eps_root', 'optax.scale_by_adam(eps_root=0.001)'),
    Case('scale_by_adam/nesterov', 'optax.scale_by_adam(nesterov=True)'),
    Case('scale_by_adam/all', 'optax.scale_by_adam(b1=0.7, b2=0.97, eps=1e-4, eps_root=1e-5, nesterov=True)'),
    Case('scale_by_adam/mu_dtype', 'optax.scale_by_adam(mu_dtype=jnp.bfloat16)', dtypes=('float32',)),
    Case('scale_by_rms', 'optax.scale_by_rms()'),
    Case('scale_by_rms/decay', 'optax.scale_by_rms(decay=0.99)'),
    Case('scale_by_rms/eps', 'optax.scale_by_rms(eps=0.01)'),
    Case('scale_by_rms/initial_scale', 'optax.scale_by_rms(initial_scale=0.5)'),
    Case('scale_by_rms/eps_outside', 'optax.scale_by_rms(eps_in_sqrt=False)'),
    Case('scale_by_rms/bias_correction', 'optax.scale_by_rms(bias_correction=True)'),
    Case(
        'scale_by_rms/all',
        'optax.scale_by_rms(decay=0.8, eps=0.001, initial_scale=0.1, eps_in_sqrt=False, bias_correction=True)',
    ),
    Case('scale_by_stddev', 'optax.scale_by_stddev()'),
    Case(
        'scale_by_stddev/all',
        'optax.scale_by_stddev(decay=0.8, eps=0.001, initial_scale=0.5, eps_in_sqrt=False, bias_correction=True)',
    ),
    Case('scale_by_lion', 'optax.scale_by_lion()'),
    Case('scale_by_lion/betas', 'optax.scale_by_lion(b1=0.6, b2=0.8)'),
    Case('scale_by_lion/smooth', "optax.scale_by_lion(mode='smooth')"),
    Case('scale_by_lion/smooth_beta', "optax.scale_by_lion(mode='smooth', smooth_beta=3.0)"),
    Case('scale_by_lion/refined', "optax.scale_by_lion(mode='refined')"),
    Case('scale_by_adamax', 'optax.scale_by_adamax()'),
    Case('scale_by_adamax/betas', 'optax.scale_by_adamax(b1=0.7, b2=0.9)'),
    Case('scale_by_adamax/eps', 'optax.scale_by_adamax(eps=0.01)'),
    Case('scale_by_adan', 'optax.scale_by_adan()'),
    Case('scale_by_adan/betas', 'optax.scale_by_adan(b1=0.9, b2=0.8, b3=0.95)'),
    Case('scale_by_adan/eps', 'optax.scale_by_adan(eps=0.01)'),
    Case('scale_by_adan/eps_root', 'optax.scale_by_adan(eps_root=0.001)'),
    Case('scale_by_amsgrad', 'optax.scale_by_amsgrad()'),
    Case('scale_by_amsgrad/betas', 'optax.scale_by_amsgrad(b1=0.8, b2=0.9)'),
    Case('scale_by_amsgrad/eps', 'optax.scale_by_amsgrad(eps=0.01, eps_root=0.001)'),
    Case('scale_by_amsgrad/no_bias_correction_mu', 'optax.scale_by_amsgrad(bias_correction_mu=False)'),
    Case('scale_by_amsgrad/no_bias_correction_nu', 'optax.scale_by_amsgrad(bias_correction_nu=False)'),
    Case('scale_by_amsgrad/mu_dtype', 'optax.scale_by_amsgrad(mu_dtype=jnp.float32)', dtypes=WIDE),
    Case('scale_by_belief', 'optax.scale_by_belief()'),
    Case('scale_by_belief/betas', 'optax.scale_by_belief(b1=0.8, b2=0.95)'),
    Case('scale_by_belief/eps', 'optax.scale_by_belief(eps=0.01, eps_root=0.001)'),
    Case('scale_by_belief/nesterov', 'optax.scale_by_belief(nesterov=True)'),
    Case('scale_by_yogi', 'optax.scale_by_yogi()'),
    Case('scale_by_yogi/betas', 'optax.scale_by_yogi(b1=0.8, b2=0.9)'),
    Case('scale_by_yogi/eps', 'optax.scale_by_yogi(eps=0.1, eps_root=0.01)'),
    Case('scale_by_yogi/initial_accumulator_value', 'optax.scale_by_yogi(initial_accumulator_value=0.1)'),
    Case('scale_by_radam', 'optax.scale_by_radam()', dtypes=WIDE),
    Case('scale_by_radam/betas', 'optax.scale_by_radam(b1=0.7, b2=0.9)'),
    Case('scale_by_radam/never_known', 'optax.scale_by_radam(b2=0.5)'),
    Case('scale_by_radam/eps', 'optax.scale_by_radam(b2=0.95, eps=0.01, eps_root=0.001)'),
    Case('scale_by_radam/threshold', 'optax.scale_by_radam(threshold=8.0)', dtypes=WIDE),
    Case('scale_by_radam/nesterov', 'optax.scale_by_radam(b2=0.95, nesterov=True)'),
    Case(
        'tree_update_moment',
        'optax.stateless(lambda updates, params: optax.tree.update_moment(updates, params, 0.9, 3))',
    ),
    Case(
        'tree_update_infinity_moment',
        'optax.stateless(lambda updates, params: optax.tree.update_infinity_moment(updates, params, 0.9, 0.01))',
    ),
    Case(
        'tree_bias_correction',
        'optax.stateless(lambda updates, params: optax.tree.bias_correction(updates, 0.9, 2))',
    ),
    Case('scale_by_rss', 'optax.scale_by_rss()'),
    Case('scale_by_rss/from_zero', 'optax.scale_by_rss(initial_accumulator_value=0.0)'),
    Case('scale_by_rss/all', 'optax.scale_by_rss(initial_accumulator_value=0.5, eps=0.01)'),
    Case('scale_by_adadelta', 'optax.scale_by_adadelta()'),
    Case('scale_by_adadelta/all', 'optax.scale_by_adadelta(rho=0.7, eps=0.001)'),
    Case('scale_by_novograd', 'optax.scale_by_novograd()'),
    Case('scale_by_novograd/betas', 'optax.scale_by_novograd(b1=0.7, b2=0.8)'),
    Case('scale_by_novograd/eps', 'optax.scale_by_novograd(eps=0.01, eps_root=0.001)'),
    Case('scale_by_novograd/weight_decay', 'optax.scale_by_novograd(weight_decay=0.1)'),
    Case(
        'scale_by_novograd/mu_dtype',
        'emit(optax.scale_by_novograd(mu_dtype=jnp.float32), lambda updates, state: optax.tree.cast(updates, dtype))',
        dtypes=WIDE,
    ),
    Case('scale_by_sm3', 'optax.scale_by_sm3()', trees=NO_SCALARS),
    Case('scale_by_sm3/betas', 'optax.scale_by_sm3(b1=0.5, b2=0.9)', trees=('ranks',)),
    Case('scale_by_sm3/eps', 'optax.scale_by_sm3(b1=0.0, eps=0.1)', trees=('ranks',)),
    Case('scale_by_factored_rms', 'optax.scale_by_factored_rms()'),
    Case('scale_by_factored_rms/factored', 'optax.scale_by_factored_rms(min_dim_size_to_factor=2)', trees=WHOLE),
    Case('scale_by_factored_rms/ranks', 'optax.scale_by_factored_rms(min_dim_size_to_factor=1)', trees=('ranks',)),
    Case(
        'scale_by_factored_rms/not_factored',
        'optax.scale_by_factored_rms(factored=False, min_dim_size_to_factor=1)',
    ),
    Case('scale_by_factored_rms/decay_rate', 'optax.scale_by_factored_rms(decay_rate=0.5)'),
    Case(
        'scale_by_factored_rms/epsilon',
        'optax.scale_by_factored_rms(min_dim_size_to_factor=2, epsilon=0.01)',
    ),
    Case(
        'scale_by_factored_rms/step_offset',
        'optax.scale_by_factored_rms(step_offset=-5, min_dim_size_to_factor=2)',
    ),
    Case(
        'scale_by_factored_rms/decay_rate_fn',
        'optax.scale_by_factored_rms(min_dim_size_to_factor=2, decay_rate_fn=lambda step, rate:'
        ' jnp.minimum(0.9, 1 - jnp.asarray(step + 1, dtype) ** -rate))',
        trees=RANKS,
    ),
    Case('scale_by_rprop', f'emit(optax.scale_by_rprop(0.1), {IN_TIME})'),
    Case('scale_by_rprop/etas', f'emit(optax.scale_by_rprop(0.1, eta_minus=0.2, eta_plus=1.5), {IN_TIME})'),
    Case(
        'scale_by_rprop/bounds',
        f'emit(optax.scale_by_rprop(0.1, min_step_size=0.08, max_step_size=0.13), {IN_TIME})',
    ),
    Case('scale_by_optimistic_gradient', 'optax.scale_by_optimistic_gradient()'),
    Case('scale_by_optimistic_gradient/all', 'optax.scale_by_optimistic_gradient(alpha=0.7, beta=0.3)'),
    # Moments: contrib
    Case('scale_by_acprop', 'optax.contrib.scale_by_acprop()'),
    Case('scale_by_acprop/all', 'optax.contrib.scale_by_acprop(b1=0.7, b2=0.97, eps=1e-3, eps_root=1e-4)'),
    Case('scale_by_ademamix', 'optax.contrib.scale_by_ademamix()'),
    Case(
        'scale_by_ademamix/all',
        'optax.contrib.scale_by_ademamix(b1=0.7, b2=0.97, b3=0.98, alpha=3.0, eps=1e-3, eps_root=1e-4)',
    ),
    Case(
        'scale_by_ademamix/schedules',
        'optax.contrib.scale_by_ademamix(b3=wide(optax.linear_schedule(0.9, 0.999, 8)),'
        ' alpha=wide(optax.linear_schedule(0.0, 5.0, 8)))',
    ),
    Case('scale_by_simplified_ademamix', 'optax.contrib.scale_by_simplified_ademamix()'),
    Case(
        'scale_by_simplified_ademamix/all',
        'optax.contrib.scale_by_simplified_ademamix(b1=0.9, b2=0.8,'
        ' alpha=wide(optax.linear_schedule(0.0, 5.0, 8)), eps=1e-3, eps_root=1e-4)',
    ),
    Case('scale_by_adopt', 'optax.contrib.scale_by_adopt()', dtypes=WIDE),
    Case('scale_by_adopt/betas', 'optax.contrib.scale_by_adopt(b1=0.7, b2=0.8, eps=0.1)'),
    Case('scale_by_adopt/nesterov', 'optax.contrib.scale_by_adopt(nesterov=True)', dtypes=WIDE),
    Case('scale_by_adopt/no_clipping', 'optax.contrib.scale_by_adopt(use_clipping=False)', dtypes=WIDE),
    Case(
        'scale_by_adopt/clip_value_fn',
        'optax.contrib.scale_by_adopt(clip_value_fn=lambda step: 0.1 * step)',
        dtypes=WIDE,
    ),
    # Accumulation
    Case('trace', 'optax.trace(0.9)'),
    Case('trace/nesterov', 'optax.trace(0.9, nesterov=True)'),
    Case('trace/zero_decay', 'optax.trace(0.0)'),
    Case('trace/accumulator_float32', 'optax.trace(0.9, accumulator_dtype=jnp.float32)', dtypes=WIDE),
    Case('trace/accumulator_bfloat16', 'optax.trace(0.9, accumulator_dtype=jnp.bfloat16)', dtypes=('float32',)),
    Case('ema', 'optax.ema(0.9)'),
    Case('ema/no_debias', 'optax.ema(0.9, debias=False)'),
    Case('ema/accumulator_float32', 'optax.ema(0.9, accumulator_dtype=jnp.float32)', dtypes=WIDE),
    Case('ema/accumulator_bfloat16', 'optax.ema(0.9, accumulator_dtype=jnp.bfloat16)', dtypes=('float32',)),
    Case('apply_every', 'optax.apply_every()'),
    Case('apply_every/three', 'optax.chain(optax.adam(0.1), optax.apply_every(3))'),
    # Adding and clipping
    Case('add_decayed_weights', 'optax.add_decayed_weights(0.01)'),
    Case('add_decayed_weights/default', 'optax.add_decayed_weights()'),
    Case('add_decayed_weights/schedule', f'optax.add_decayed_weights({LINEAR})'),
    Case('add_decayed_weights/mask', f'optax.add_decayed_weights(0.1, {MASK})', trees=NESTED),
    Case('add_decayed_weights/mask_prefix', f'optax.add_decayed_weights(0.1, {PREFIX_MASK})', trees=NESTED),
    Case('add_decayed_weights/mask_function', f'optax.add_decayed_weights(0.1, {MASK_FN})'),
    Case('add_decayed_weights/schedule_mask', f'optax.add_decayed_weights({LINEAR}, {MASK})', trees=NESTED),
    Case('clip', 'optax.clip(0.5)'),
    Case('clip_by_global_norm', 'optax.clip_by_global_norm(1.0)'),
    Case('clip_by_global_norm/inactive', 'optax.clip_by_global_norm(1e6)'),
    Case('clip_by_global_norm/sometimes', 'optax.clip_by_global_norm(6.0)'),
    Case('clip_by_block_rms', 'optax.clip_by_block_rms(0.5)'),
    Case('clip_by_block_rms/inactive', 'optax.clip_by_block_rms(1e6)'),
    Case('add_noise', 'optax.add_noise(0.01, 0.55, key=7)', is_random=True),
    Case('add_noise/large', 'optax.add_noise(2.0, -0.3, key=2026)', trees=RANKS, is_random=True),
    Case('adaptive_grad_clip', 'optax.adaptive_grad_clip(0.1)'),
    Case('adaptive_grad_clip/ranks', 'optax.adaptive_grad_clip(0.01)', trees=('ranks',)),
    Case('adaptive_grad_clip/inactive', 'optax.adaptive_grad_clip(1e6)'),
    Case('adaptive_grad_clip/eps', 'optax.adaptive_grad_clip(0.5, eps=1.0)'),
    Case('adaptive_grad_clip/axis', 'optax.adaptive_grad_clip(0.1, axis=1)', trees=('ranks',)),
    Case('adaptive_grad_clip/axes', 'optax.adaptive_grad_clip(0.1, axis=(0, -1))', trees=('ranks',)),
    Case(
        'unitwise_norm',
        'optax.stateless(lambda updates, params: jax.tree.map(optax.transforms.unitwise_norm, updates))',
        trees=(*WHOLE, 'ranks'),
    ),
    Case(
        'unitwise_norm/axis',
        'optax.stateless(lambda updates, params:'
        ' jax.tree.map(lambda g: optax.transforms.unitwise_norm(g, axis=-1), updates))',
        trees=('ranks',),
    ),
    Case('unitwise_clip', f'optax.stateless({UNITWISE_CLIP % ""})'),
    Case('unitwise_clip/div_eps', f'optax.stateless({UNITWISE_CLIP % ", div_eps=2.0"})'),
    Case('zero_nans', 'optax.zero_nans()'),
    Case('zero_nans/nonfinite', 'optax.zero_nans()', gradients='nonfinite', trees=NESTED),
    Case(
        'zero_nans/found_nan',
        'emit(optax.zero_nans(), lambda updates, state: jax.tree.map(jnp.full_like, updates, state.found_nan))',
        gradients='nonfinite',
        trees=NESTED,
    ),
    Case('keep_params_nonnegative', 'optax.keep_params_nonnegative()'),
    Case('keep_params_nonnegative/after_sgd', 'optax.chain(optax.sgd(0.1), optax.keep_params_nonnegative())'),
    # Wrappers
    Case('masked', 'optax.masked(optax.scale_by_adam(), True)'),
    Case('masked/tree', f'optax.masked(optax.adam(0.1), {MASK})', trees=NESTED),
    Case('masked/prefix', f'optax.masked(optax.adam(0.1), {PREFIX_MASK})', trees=NESTED),
    Case('masked/function', f'optax.masked(optax.sgd(0.1, 0.9), {MASK_FN})'),
    Case('masked/nothing', 'optax.masked(optax.adam(0.1), False)'),
    Case('masked/tuple', 'optax.masked(optax.trace(0.9), (True, False, False, True))', trees=('conv',)),
    Case('masked/norm', f'optax.masked(optax.clip_by_global_norm(1.0), {MASK})', trees=NESTED),
    Case('freeze', 'optax.freeze(True)'),
    Case('freeze/tree', f'optax.chain(optax.adam(0.1), optax.freeze({MASK}))', trees=NESTED),
    Case('freeze/prefix', f'optax.chain(optax.freeze({PREFIX_MASK}), optax.trace(0.9))', trees=NESTED),
    Case(
        'partition',
        f"optax.partition({{'a': optax.adam(0.1), 'b': optax.sgd(0.1, 0.9), 'c': optax.set_to_zero()}}, {LABELS})",
        trees=('nested',),
    ),
    Case(
        'partition/prefix',
        "optax.partition({'a': optax.adam(0.1), 'b': optax.scale_by_rms(), 'c': optax.identity()},"
        f' {PREFIX_LABELS})',
        trees=NESTED,
    ),
    Case(
        'partition/function',
        f"optax.partition({{'a': optax.sgd({LINEAR}), 'b': optax.lion(0.01)}}, {LABELS_FN})",
    ),
    Case(
        'partition/norm_per_label',
        "optax.partition({'a': optax.clip_by_global_norm(1.0), 'b': optax.clip_by_global_norm(0.5),"
        f" 'c': optax.clip_by_global_norm(2.0)}}, {LABELS})",
        trees=NESTED,
    ),
    Case(
        'partition/tuple',
        "optax.partition({'a': optax.trace(0.9), 'b': optax.scale(2.0)}, ('a', 'b', 'b', 'a'))",
        trees=('conv',),
    ),
    Case('multi_steps', 'optax.MultiSteps(optax.sgd(0.1), 3, accumulator_dtype=dtype)'),
    Case('multi_steps/one', 'optax.MultiSteps(optax.adam(0.1), 1, accumulator_dtype=dtype)'),
    Case('multi_steps/adam', f'optax.MultiSteps(optax.adam({LINEAR}), 3, accumulator_dtype=dtype)'),
    Case(
        'multi_steps/schedule',
        'optax.MultiSteps(optax.sgd(0.1, 0.9), lambda gradient_step: jnp.where(gradient_step < 2, 2, 3),'
        ' accumulator_dtype=dtype)',
    ),
    Case('multi_steps/sum', 'optax.MultiSteps(optax.sgd(0.1), 3, use_grad_mean=False, accumulator_dtype=dtype)'),
    Case(
        'multi_steps/skip_not_finite',
        'optax.MultiSteps(optax.adam(0.1), 2, should_skip_update_fn=optax.skip_not_finite, accumulator_dtype=dtype)',
        gradients='nonfinite',
        trees=NESTED,
    ),
    Case(
        'multi_steps/skip_large_updates',
        'optax.MultiSteps(optax.adam(0.1), 2,'
        ' should_skip_update_fn=partial(optax.skip_large_updates, max_squared_norm=40.0), accumulator_dtype=dtype)',
        gradients='nonfinite',
        trees=NESTED,
    ),
    Case('multi_steps/accumulator_float32', 'optax.MultiSteps(optax.sgd(0.1), 3)', dtypes=WIDE),
    Case(
        'lookahead',
        'optax.lookahead(optax.sgd(0.1), sync_period=3, slow_step_size=0.3)',
        run='lookahead',
        scale='params',
    ),
    Case(
        'lookahead/adam',
        'optax.lookahead(optax.adam(0.1), sync_period=3, slow_step_size=0.3)',
        run='lookahead',
        scale='params',
    ),
    Case(
        'lookahead/reset_state',
        'optax.lookahead(optax.adam(0.1), sync_period=3, slow_step_size=0.3, reset_state=True)',
        run='lookahead',
        scale='params',
    ),
    Case(
        'lookahead/every_step',
        'optax.lookahead(optax.sgd(0.1, 0.9), sync_period=1, slow_step_size=0.5)',
        run='lookahead',
        scale='params',
    ),
    Case('apply_if_finite', 'optax.apply_if_finite(optax.adam(0.1), 2)'),
    Case('apply_if_finite/skips', 'optax.apply_if_finite(optax.sgd(0.1, 0.9), 5)', gradients='nonfinite', trees=NESTED),
    Case('apply_if_finite/gives_in', 'optax.apply_if_finite(optax.adam(0.1), 2)', gradients='nonfinite', trees=NESTED),
    Case(
        'apply_if_finite/at_once',
        f'optax.apply_if_finite(optax.sgd({LINEAR}), 0)',
        gradients='nonfinite',
        trees=NESTED,
    ),
    Case(
        'conditionally_transform',
        'optax.conditionally_transform(optax.clip_by_global_norm(1.0), lambda step: step % 3 == 1)',
    ),
    Case('conditionally_transform/adam', 'optax.conditionally_transform(optax.adam(0.1), lambda step: step < 4)'),
    Case(
        'conditionally_transform/value',
        'optax.conditionally_transform(optax.adam(0.1), lambda step, value: (value < 1.0) | (step == 1),'
        ' forward_extra_args=True)',
        extra=falling,
    ),
    Case('conditionally_mask', 'optax.conditionally_mask(optax.adam(0.1), lambda step: step % 3 != 1)'),
    Case(
        'conditionally_mask/value',
        'optax.conditionally_mask(optax.sgd(0.1, 0.9), lambda step, value: value < 1.0, forward_extra_args=True)',
        extra=falling,
    ),
    Case('selective_transform', 'optax.transforms.selective_transform(optax.adam(0.1), freeze_mask=False)'),
    Case(
        'selective_transform/mask',
        f'optax.transforms.selective_transform(optax.clip_by_global_norm(1.0), freeze_mask={MASK})',
        trees=NESTED,
    ),
    Case(
        'selective_transform/prefix',
        f'optax.transforms.selective_transform(optax.adam({LINEAR}), freeze_mask={PREFIX_MASK})',
        trees=NESTED,
    ),
    Case('flatten', 'optax.flatten(optax.adam(0.1))'),
    Case('flatten/blocks', 'optax.flatten(optax.chain(optax.scale_by_trust_ratio(), optax.clip_by_block_rms(0.1)))'),
    # State that moves with the run
    Case('inject_hyperparams', 'optax.inject_hyperparams(optax.sgd)(0.1, momentum=0.9)'),
    Case(
        'inject_hyperparams/schedules',
        f'optax.inject_hyperparams(optax.adam)({COSINE}, b1={LINEAR}, b2=0.99)',
    ),
    Case(
        'inject_hyperparams/stateful',
        'optax.inject_hyperparams(optax.sgd)(Following(0.1), momentum=0.9)',
        extra=falling,
    ),
    Case(
        'inject_hyperparams/hyperparams',
        f"emit(optax.inject_hyperparams(optax.sgd)({LINEAR}),"
        " lambda updates, state: optax.tree.scale(state.hyperparams['learning_rate'], updates))",
    ),
    Case('reduce_on_plateau', 'optax.contrib.reduce_on_plateau()', extra=falling),
    Case('reduce_on_plateau/patience', 'optax.contrib.reduce_on_plateau(patience=2)', extra=uneven),
    Case('reduce_on_plateau/factor', 'optax.contrib.reduce_on_plateau(factor=0.5, patience=1)', extra=uneven),
    Case('reduce_on_plateau/rtol', 'optax.contrib.reduce_on_plateau(patience=1, rtol=0.2)', extra=uneven),
    Case('reduce_on_plateau/atol', 'optax.contrib.reduce_on_plateau(patience=1, rtol=0.0, atol=0.6)', extra=uneven),
    Case(
        'reduce_on_plateau/cooldown',
        'optax.contrib.reduce_on_plateau(factor=0.5, patience=1, cooldown=2)',
        extra=uneven,
    ),
    Case(
        'reduce_on_plateau/accumulation_size',
        'optax.contrib.reduce_on_plateau(factor=0.5, patience=1, accumulation_size=2)',
        extra=uneven,
    ),
    Case(
        'reduce_on_plateau/min_scale',
        'optax.contrib.reduce_on_plateau(factor=0.5, patience=1, min_scale=0.2)',
        extra=uneven,
    ),
    Case(
        'reduce_on_plateau/all',
        'optax.chain(optax.adam(0.1), optax.contrib.reduce_on_plateau(factor=0.3, patience=2, rtol=0.05, atol=0.01,'
        ' cooldown=1, accumulation_size=2, min_scale=0.01))',
        extra=uneven,
    ),
    Case('snapshot', "optax.snapshot('norm', optax.tree.norm)"),
    Case(
        'snapshot/measurement',
        "emit(optax.snapshot('norm', optax.tree.norm),"
        " lambda updates, state: optax.tree.scale(state.measurement['norm'], updates))",
    ),
    Case(
        'snapshot/tree',
        "emit(optax.chain(optax.snapshot('raw', lambda updates: updates), optax.scale_by_adam()),"
        " lambda updates, state: state[0].measurement['raw'])",
    ),
    Case('monitor', "optax.monitor({'norm': optax.tree.norm})"),
    Case(
        'monitor/measurements',
        "emit(optax.monitor({'norm': optax.tree.norm, 'moved': optax.trace(0.9)}), lambda updates, state:"
        " optax.tree.scale(state.measurements['norm'], state.measurements['moved']))",
    ),
    Case('measure_with_ema', MEASURED % 'optax.measure_with_ema(optax.tree.norm, 0.9)'),
    Case('measure_with_ema/no_debias', MEASURED % 'optax.measure_with_ema(optax.tree.norm, 0.5, debias=False)'),
    Case(
        'measure_with_ema/accumulator_float32',
        MEASURED % 'optax.measure_with_ema(optax.tree.norm, 0.9, accumulator_dtype=jnp.float32)',
        dtypes=WIDE,
    ),
    Case(
        'measure_with_ema/is_clipped',
        MEASURED % 'optax.measure_with_ema(lambda updates: jnp.asarray(optax.tree.norm(updates) > 5, dtype), 0.8)',
    ),
    # Aliases
    Case('sgd', 'optax.sgd(0.1)'),
    Case('sgd/momentum', 'optax.sgd(0.1, momentum=0.9)'),
    Case('sgd/zero_momentum', 'optax.sgd(0.1, momentum=0.0)'),
    Case('sgd/nesterov', 'optax.sgd(0.1, momentum=0.9, nesterov=True)'),
    Case('sgd/schedule', f'optax.sgd({COSINE})'),
    Case('sgd/schedule_momentum', f'optax.sgd({LINEAR}, momentum=0.9)'),
    Case('adam', 'optax.adam(0.05)'),
    Case('adam/schedule', f'optax.adam({COSINE})'),
    Case('adam/all', 'optax.adam(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, nesterov=True)'),
    Case('adamw', 'optax.adamw(0.05)'),
    Case('adamw/schedule', f'optax.adamw({LINEAR})'),
    Case('adamw/weight_decay', 'optax.adamw(0.05, weight_decay=0.1)'),
    Case('adamw/mask', f'optax.adamw(0.05, weight_decay=0.1, mask={MASK})', trees=NESTED),
    Case('adamw/mask_function', f'optax.adamw(0.05, weight_decay=0.1, mask={MASK_FN})'),
    Case(
        'adamw/all',
        'optax.adamw(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, weight_decay=0.02, nesterov=True)',
    ),
    Case('lion', 'optax.lion(0.01)'),
    Case('lion/schedule', f'optax.lion({LINEAR})'),
    Case('lion/all', f'optax.lion(0.01, b1=0.7, b2=0.9, weight_decay=0.1, mask={MASK})', trees=NESTED),
    Case('rmsprop', 'optax.rmsprop(0.05)'),
    Case('rmsprop/schedule', f'optax.rmsprop({COSINE})'),
    Case('rmsprop/centered', 'optax.rmsprop(0.05, centered=True)'),
    Case('rmsprop/momentum', 'optax.rmsprop(0.05, momentum=0.9)'),
    Case('rmsprop/schedule_momentum', f'optax.rmsprop({LINEAR}, momentum=0.9)'),
    Case('rmsprop/nesterov', 'optax.rmsprop(0.05, momentum=0.8, nesterov=True)'),
    Case('rmsprop/initial_scale', 'optax.rmsprop(0.05, initial_scale=1.0)'),
    Case('rmsprop/bias_correction', 'optax.rmsprop(0.05, bias_correction=True)'),
    Case('rmsprop/eps_outside', 'optax.rmsprop(0.05, eps=0.001, eps_in_sqrt=False)'),
    Case(
        'rmsprop/all',
        'optax.rmsprop(0.05, decay=0.8, eps=0.001, initial_scale=0.5, eps_in_sqrt=False, centered=True, momentum=0.8,'
        ' nesterov=True, bias_correction=True)',
    ),
    Case('adabelief', 'optax.adabelief(0.05)'),
    Case('adabelief/schedule', f'optax.adabelief({COSINE})'),
    Case('adabelief/all', 'optax.adabelief(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, nesterov=True)'),
    Case(
        'adabelief/decay',
        f'optax.chain(optax.scale_by_belief(), optax.add_decayed_weights(0.1, {SMALL_MASK}),'
        ' optax.scale_by_learning_rate(0.05))',
    ),
    Case('adadelta', 'optax.adadelta(1.0)'),
    Case('adadelta/schedule', f'optax.adadelta({LINEAR})'),
    Case(
        'adadelta/all',
        f'optax.adadelta(0.5, rho=0.8, eps=1e-3, weight_decay=0.1, weight_decay_mask={SMALL_MASK})',
    ),
    Case('adafactor', 'optax.adafactor()'),
    Case('adafactor/schedule', f'optax.adafactor({COSINE}, min_dim_size_to_factor=2)'),
    Case('adafactor/decay', 'optax.adafactor(0.1, decay_rate=0.5, decay_offset=-3)'),
    Case(
        'adafactor/decay_in_float64',
        'optax.chain(optax.scale_by_factored_rms(min_dim_size_to_factor=2, decay_rate_fn=lambda step, rate:'
        ' 1 - jnp.asarray(step + 1, dtype) ** -rate), optax.clip_by_block_rms(1.0), optax.scale(0.1),'
        ' optax.scale_by_param_block_rms(), optax.scale(-1))',
        trees=('nested', 'ranks'),
    ),
    Case('adafactor/no_parameter_scale', 'optax.adafactor(0.1, multiply_by_parameter_scale=False)'),
    Case('adafactor/clipping', 'optax.adafactor(0.1, clipping_threshold=0.5)'),
    Case('adafactor/no_clipping', 'optax.adafactor(0.1, clipping_threshold=None)'),
    Case('adafactor/momentum', 'optax.adafactor(0.1, momentum=0.9, dtype_momentum=dtype)'),
    Case('adafactor/momentum_float32', 'optax.adafactor(0.1, momentum=0.9)', dtypes=WIDE),
    Case(
        'adafactor/weight_decay',
        f'optax.adafactor(0.1, weight_decay_rate=0.1, weight_decay_mask={SMALL_MASK})',
    ),
    Case('adafactor/weight_decay_schedule', f'optax.adafactor(0.1, weight_decay_rate={LINEAR})'),
    Case('adafactor/eps', 'optax.adafactor(0.1, eps=0.01, factored=False, min_dim_size_to_factor=2)'),
    Case('adagrad', 'optax.adagrad(0.1)'),
    Case('adagrad/schedule', f'optax.adagrad({LINEAR})'),
    Case('adagrad/all', 'optax.adagrad(0.1, initial_accumulator_value=0.5, eps=0.01)'),
    Case('adamax', 'optax.adamax(0.05)'),
    Case('adamax/schedule', f'optax.adamax({COSINE})'),
    Case('adamax/all', 'optax.adamax(0.05, b1=0.8, b2=0.95, eps=1e-3)'),
    Case('adamaxw', 'optax.adamaxw(0.05)'),
    Case('adamaxw/schedule', f'optax.adamaxw({LINEAR})'),
    Case(
        'adamaxw/all',
        f'optax.adamaxw(0.05, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1, mask={SMALL_MASK})',
    ),
    Case('adan', 'optax.adan(0.05)'),
    Case('adan/schedule', f'optax.adan({COSINE})'),
    Case(
        'adan/all',
        'optax.adan(0.05, b1=0.9, b2=0.8, b3=0.95, eps=1e-3, eps_root=1e-4, weight_decay=0.1,'
        f' mask={SMALL_MASK})',
    ),
    Case('amsgrad', 'optax.amsgrad(0.05)'),
    Case('amsgrad/schedule', f'optax.amsgrad({LINEAR})'),
    Case('amsgrad/all', 'optax.amsgrad(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4)'),
    Case('amsgrad/uncorrected', 'optax.amsgrad(0.05, bias_correction_mu=False, bias_correction_nu=False)'),
    Case('amsgrad/mu_dtype', 'optax.amsgrad(0.05, mu_dtype=jnp.bfloat16)', dtypes=('float32',)),
    Case('fromage', 'optax.fromage(0.05)'),
    Case('fromage/schedule', f'optax.fromage({COSINE})'),
    Case('fromage/min_norm', 'optax.fromage(0.3, min_norm=1.0)'),
    Case('lamb', 'optax.lamb(0.05)'),
    Case('lamb/schedule', f'optax.lamb({LINEAR}, weight_decay={COSINE})'),
    Case(
        'lamb/all',
        f'optax.lamb(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, weight_decay=0.1, mask={SMALL_MASK})',
    ),
    Case('lars', 'optax.lars(1.0)'),
    Case('lars/schedule', f'optax.lars({LINEAR}, weight_decay={COSINE})'),
    Case('lars/masks', f'optax.lars(0.1, 0.1, {SMALL_MASK}, trust_ratio_mask={OTHER_MASK})'),
    Case('lars/all', 'optax.lars(0.5, 0.1, trust_coefficient=0.1, eps=0.01, momentum=0.5, nesterov=True)'),
    Case('nadam', 'optax.nadam(0.05)'),
    Case('nadam/schedule', f'optax.nadam({LINEAR})'),
    Case('nadam/all', 'optax.nadam(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4)'),
    Case('nadam/mu_dtype', 'optax.nadam(0.05, mu_dtype=jnp.float32)', dtypes=WIDE),
    Case('nadamw', 'optax.nadamw(0.05)'),
    Case('nadamw/schedule', f'optax.nadamw({COSINE}, weight_decay={LINEAR})'),
    Case(
        'nadamw/all',
        'optax.nadamw(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, weight_decay=0.1,'
        f' mask={SMALL_MASK})',
    ),
    Case('nadamw/mu_dtype', 'optax.nadamw(0.05, mu_dtype=jnp.float32)', dtypes=WIDE),
    Case('noisy_sgd', 'optax.noisy_sgd(0.1, key=7)', is_random=True),
    Case('noisy_sgd/schedule', f'optax.noisy_sgd({LINEAR}, key=8)', is_random=True),
    Case('noisy_sgd/all', 'optax.noisy_sgd(0.1, eta=0.5, gamma=0.9, key=9)', is_random=True),
    Case('novograd', 'optax.novograd(0.05)'),
    Case('novograd/schedule', f'optax.novograd({LINEAR})'),
    Case('novograd/all', 'optax.novograd(0.05, b1=0.8, b2=0.6, eps=1e-3, eps_root=1e-4, weight_decay=0.1)'),
    Case('optimistic_adam', 'optax.optimistic_adam(0.05)', dtypes=WIDE),
    Case('optimistic_adam/optimism', 'optax.optimistic_adam(0.05, optimism=0.2)', dtypes=WIDE),
    Case(
        'optimistic_adam/all',
        'optax.optimistic_adam(0.05, 0.2, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, nesterov=False)',
    ),
    Case('optimistic_adam/mu_dtype', 'optax.optimistic_adam(0.05, mu_dtype=jnp.float32)', dtypes=WIDE),
    Case('optimistic_adam_v2', 'optax.optimistic_adam_v2(0.05)', dtypes=WIDE),
    Case('optimistic_adam_v2/schedule', f'optax.optimistic_adam_v2({COSINE})', dtypes=WIDE),
    Case(
        'optimistic_adam_v2/all',
        'optax.optimistic_adam_v2(0.05, alpha=0.7, beta=0.3, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4,'
        ' nesterov=False)',
    ),
    Case('optimistic_adam_v2/mu_dtype', 'optax.optimistic_adam_v2(0.05, mu_dtype=jnp.float32)', dtypes=WIDE),
    Case('optimistic_gradient_descent', 'optax.optimistic_gradient_descent(0.05)'),
    Case('optimistic_gradient_descent/schedule', f'optax.optimistic_gradient_descent({LINEAR})'),
    Case('optimistic_gradient_descent/all', 'optax.optimistic_gradient_descent(0.05, alpha=0.7, beta=0.3)'),
    Case('polyak_sgd', 'optax.polyak_sgd()', extra=falling),
    Case('polyak_sgd/schedule', f'optax.polyak_sgd(10.0, scaling={LINEAR})', extra=falling),
    Case('polyak_sgd/all', "optax.polyak_sgd(0.5, 2.0, f_min=0.5, eps=0.1, variant='sps+')", extra=falling),
    Case('radam', 'optax.radam(0.05)', dtypes=WIDE),
    Case('radam/schedule', f'optax.radam({COSINE})', dtypes=WIDE),
    Case(
        'radam/all',
        'optax.radam(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, threshold=4.5, nesterov=True)',
    ),
    Case('rprop', f'emit(optax.rprop(0.1), {IN_TIME_ALIAS})'),
    Case(
        'rprop/all',
        'emit(optax.rprop(0.1, eta_minus=0.3, eta_plus=1.4, min_step_size=0.02, max_step_size=0.2),'
        f' {IN_TIME_ALIAS})',
    ),
    Case('sign_sgd', 'optax.sign_sgd(0.1)'),
    Case('sign_sgd/schedule', f'optax.sign_sgd({LINEAR})'),
    Case('signum', 'optax.signum(0.1)'),
    Case('signum/schedule', f'optax.signum({COSINE})'),
    Case('signum/beta', 'optax.signum(0.1, beta=0.6)'),
    Case('signum/accumulator_float32', 'optax.signum(0.1, accumulator_dtype=jnp.float32)', dtypes=WIDE),
    Case('sm3', 'optax.sm3(0.1)', trees=NO_SCALARS),
    Case('sm3/momentum', 'optax.sm3(0.1, momentum=0.5)', trees=('ranks',)),
    Case(
        'sm3/schedule',
        f'optax.chain(optax.scale_by_sm3(), optax.scale_by_learning_rate({LINEAR}))',
        trees=('ranks',),
    ),
    Case('yogi', 'optax.yogi(0.05)'),
    Case('yogi/schedule', f'optax.yogi({LINEAR})'),
    Case('yogi/all', 'optax.yogi(0.05, b1=0.8, b2=0.95, eps=0.1)'),
    # Learning rates that nobody has to choose: contrib
    Case('dog', 'optax.contrib.dog()', dtypes=WIDE),
    Case('dog/schedule', f"optax.contrib.dog({COSINE}, init_step=('distance', 0.5), eps=0.1)"),
    Case('dog/learning_rate', "optax.contrib.dog(init_step=('learning_rate', 0.01))"),
    Case(
        'dog/weight_decay',
        f"optax.contrib.dog(0.5, init_step=('heuristic', 0.01), weight_decay=0.1, mask={SMALL_MASK})",
    ),
    Case('dowg', 'optax.contrib.dowg()'),
    Case('dowg/schedule', f'optax.contrib.dowg({COSINE}, init_estim_sq_dist=0.25, eps=0.01)'),
    Case('dowg/weight_decay', f'optax.contrib.dowg(0.5, weight_decay=0.1, mask={SMALL_MASK})'),
    Case('cocob', 'optax.contrib.cocob()', scale='params'),
    Case('cocob/schedule', f'optax.contrib.cocob({COSINE}, alpha=10.0, eps=1e-4)', scale='params'),
    Case('cocob/weight_decay', f'optax.contrib.cocob(0.5, weight_decay=0.1, mask={SMALL_MASK})', scale='params'),
    Case('scale_by_cocob', 'optax.contrib.scale_by_cocob()', scale='params'),
    Case('madgrad', 'optax.contrib.madgrad(0.05)', scale='params'),
    Case('madgrad/schedule', f'optax.contrib.madgrad({COSINE}, momentum=0.5)', scale='params'),
    Case('madgrad/all', 'optax.contrib.madgrad(0.05, momentum=0.0, weight_decay=0.1, eps=1e-3)', scale='params'),
    Case('scale_by_madgrad', 'optax.contrib.scale_by_madgrad(0.05)', scale='params'),
    Case('prodigy', 'optax.contrib.prodigy()', dtypes=WIDE),
    Case('prodigy/schedule', f'optax.contrib.prodigy({LINEAR}, estim_lr0=1e-2)'),
    Case(
        'prodigy/all',
        'optax.contrib.prodigy(0.5, betas=(0.8, 0.95), beta3=0.9, eps=1e-3, estim_lr0=0.1, estim_lr_coef=0.5,'
        ' weight_decay=0.1)',
    ),
    Case('prodigy/safeguard_warmup', f'optax.contrib.prodigy({COSINE}, estim_lr0=0.1, safeguard_warmup=True)'),
    Case('dadapt_adamw', 'optax.contrib.dadapt_adamw()', dtypes=WIDE),
    Case('dadapt_adamw/schedule', f'optax.contrib.dadapt_adamw({LINEAR}, estim_lr0=1e-2)'),
    Case(
        'dadapt_adamw/all',
        'optax.contrib.dadapt_adamw(0.5, betas=(0.8, 0.95), eps=1e-3, estim_lr0=0.1, weight_decay=0.1)',
    ),
    Case('momo', 'optax.contrib.momo()', extra=falling, dtypes=WIDE),
    Case('momo/schedule', f'optax.contrib.momo({COSINE}, beta=0.5)', extra=uneven),
    Case('momo/lower_bound', 'optax.contrib.momo(0.1, lower_bound=0.5, weight_decay=0.1)', extra=uneven),
    Case(
        'momo/adapt_lower_bound',
        'optax.contrib.momo(0.1, lower_bound=-0.5, weight_decay=0.1, adapt_lower_bound=True)',
        extra=falling,
    ),
    Case('momo_adam', 'optax.contrib.momo_adam()', extra=falling, dtypes=WIDE),
    Case('momo_adam/schedule', f'optax.contrib.momo_adam({COSINE}, b1=0.5, b2=0.9)', extra=uneven),
    Case(
        'momo_adam/lower_bound',
        'optax.contrib.momo_adam(0.1, eps=1e-3, lower_bound=0.5, weight_decay=0.1)',
        extra=uneven,
    ),
    Case(
        'momo_adam/adapt_lower_bound',
        'optax.contrib.momo_adam(0.1, lower_bound=-0.5, weight_decay=0.1, adapt_lower_bound=True)',
        extra=falling,
    ),
    # Wrappers: contrib
    Case('schedule_free', 'optax.contrib.schedule_free(optax.sgd(0.1), 0.1)', scale='params'),
    Case(
        'schedule_free/adam',
        'optax.contrib.schedule_free(optax.adam(0.1, b1=0.0), 0.1, b1=0.6, weight_lr_power=0.5)', scale='params',
    ),
    Case(
        'schedule_free/schedule',
        f'optax.contrib.schedule_free(optax.sgd({COSINE}), {COSINE}, b1=0.95)', scale='params',
    ),
    Case('schedule_free/last', 'optax.contrib.schedule_free(optax.sgd(0.1), 0.1, b1=1.0)', scale='params'),
    Case(
        'schedule_free/eval_params',
        'emit(optax.contrib.schedule_free(optax.sgd(0.1), 0.1), lambda updates, state:'
        ' optax.contrib.schedule_free_eval_params(state, updates))',
    ),
    Case('schedule_free_sgd', 'optax.contrib.schedule_free_sgd()', scale='params'),
    Case(
        'schedule_free_sgd/all',
        'optax.contrib.schedule_free_sgd(0.5, warmup_steps=4, b1=0.8, weight_decay=0.1, weight_lr_power=1.0)',
        scale='params',
    ),
    Case('schedule_free_adamw', 'optax.contrib.schedule_free_adamw()', scale='params'),
    Case(
        'schedule_free_adamw/all',
        'optax.contrib.schedule_free_adamw(0.5, warmup_steps=4, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1,'
        ' weight_lr_power=1.0)',
        scale='params',
    ),
    Case('mechanize', 'optax.contrib.mechanize(optax.sgd(1.0))', dtypes=WIDE, scale='params'),
    Case(
        'mechanize/adam',
        f'optax.contrib.mechanize(optax.adam({COSINE}), weight_decay=0.1, eps=1e-6, s_init=0.1, num_betas=3)',
        dtypes=WIDE,
        scale='params',
    ),
    # Curvature
    Case(
        'scale_by_lbfgs',
        f'of_loss(optax.chain(optax.scale_by_lbfgs(), optax.scale(-0.5)), {BOWL})',
        scale='params',
    ),
    Case(
        'scale_by_lbfgs/memory',
        'of_loss(optax.chain(optax.scale_by_lbfgs(memory_size=3, scale_init_precond=False), optax.scale(-0.125)),'
        f' {BOWL})',
        scale='params',
    ),
    Case('lbfgs', f'of_loss(optax.lbfgs(), {BOWL})', scale='params'),
    Case('lbfgs/from_state', f'of_loss(optax.lbfgs(), {BOWL}, optax.value_and_grad_from_state)', scale='params'),
    Case(
        'lbfgs/backtracking',
        'of_loss(optax.lbfgs(0.5, memory_size=2, scale_init_precond=False,'
        f' linesearch=optax.scale_by_backtracking_linesearch(20)), {BOWL})',
        scale='params',
    ),
    Case('lbfgs/alone', f'of_loss(optax.lbfgs({LINEAR}, linesearch=None), {BOWL})', scale='params'),
    Case(
        'scale_by_backtracking_linesearch',
        f'of_loss(optax.chain(optax.scale(-1), optax.scale_by_backtracking_linesearch(20)), {BOWL})',
        scale='params',
    ),
    Case(
        'scale_by_backtracking_linesearch/all',
        'of_loss(optax.chain(optax.trace(0.5), optax.scale(-2), optax.scale_by_backtracking_linesearch(40,'
        ' slope_rtol=0.3, decrease_factor=0.6, increase_factor=1.25, max_learning_rate=1.5, atol=1e-3, rtol=1e-2,'
        f' store_grad=True)), {BOWL})',
        scale='params',
    ),
    Case(
        'scale_by_zoom_linesearch',
        f'of_loss(optax.chain(optax.scale(-0.01), optax.scale_by_zoom_linesearch(20)), {BOWL})',
        scale='params',
        dtypes=WIDE,
    ),
    Case(
        'scale_by_zoom_linesearch/all',
        'of_loss(optax.chain(optax.scale(-1), optax.scale_by_zoom_linesearch(20, max_learning_rate=0.75, tol=1e-3,'
        ' increase_factor=1.5, slope_rtol=0.01, curv_rtol=0.5, approx_dec_rtol=None, stepsize_precision=1e-3,'
        f" initial_guess_strategy='one')), {BOWL})",
        scale='params',
        dtypes=WIDE,
    ),
    Case('normalize', 'optax.contrib.normalize()'),
    Case(
        'sam',
        'optax.contrib.sam(optax.sgd(0.1), optax.chain(optax.contrib.normalize(), optax.sgd(0.05)))', scale='params',
    ),
    Case(
        'sam/sync_period',
        'optax.contrib.sam(optax.adam(0.1), optax.chain(optax.contrib.normalize(), optax.sgd(0.05, momentum=0.9)),'
        ' sync_period=3)',
        scale='params',
    ),
    Case(
        'sam/keep_state',
        'optax.contrib.sam(optax.adam(0.1), optax.sgd(0.05, momentum=0.9), sync_period=4, reset_state=False)',
        scale='params',
    ),
    Case(
        'sam/opaque',
        'given(optax.contrib.sam(optax.adam(0.1), optax.chain(optax.contrib.normalize(), optax.sgd(0.05)),'
        f' sync_period=3, opaque_mode=True), grad_fn={GRAD_FN})',
    ),
    Case('sophia', f'given(optax.contrib.sophia(0.1), obj_fn={QUARTIC})', dtypes=WIDE),
    Case(
        'sophia/all',
        'given(optax.contrib.sophia(0.1, b1=0.8, b2=0.9, eps=1e-3, weight_decay=0.1,'
        f' weight_decay_mask={SMALL_MASK}, gamma=0.5, clip_threshold=2.0, update_interval=3), obj_fn={QUARTIC})',
    ),
    Case(
        'sophia/no_clipping',
        f'given(optax.contrib.sophia(0.1, eps=0.1, clip_threshold=None), obj_fn={QUARTIC})',
    ),
    Case(
        'sophia/random',
        'given(optax.contrib.sophia(0.1, gamma=1.0, update_interval=2, hessian_diagonal_fn='
        f'optax.contrib.hutchinson_estimator_diag_hessian(jax.random.PRNGKey(7))), obj_fn={SQUARED_NORM})',
        is_random=True,
    ),
    Case(
        'hutchinson_estimator_diag_hessian',
        f'given(optax.chain(optax.contrib.hutchinson_estimator_diag_hessian(), optax.scale(0.001)), obj_fn={QUARTIC})',
    ),
    Case(
        'hutchinson_estimator_diag_hessian/key',
        'given(optax.chain(optax.contrib.hutchinson_estimator_diag_hessian(jax.random.PRNGKey(7)),'
        f' optax.scale(-0.001)), obj_fn={SQUARED_NORM})',
        is_random=True,
    ),
    # Aliases: contrib
    Case(
        'differentially_private_aggregate',
        'of_examples(optax.contrib.differentially_private_aggregate(2.0, 0.0, key=7))',
    ),
    Case(
        'differentially_private_aggregate/no_clipping',
        'of_examples(optax.contrib.differentially_private_aggregate(1e9, 0.0, key=7))',
    ),
    Case(
        'differentially_private_aggregate/noise',
        'of_examples(optax.contrib.differentially_private_aggregate(2.0, 0.3, key=jax.random.key(7)))',
        trees=WHOLE,
        is_random=True,
    ),
    Case('dpsgd', 'of_examples(optax.contrib.dpsgd(0.1, 2.0, 0.0, 7))'),
    Case('dpsgd/schedule', f'of_examples(optax.contrib.dpsgd({LINEAR}, 2.0, 0.3, 8))', is_random=True),
    Case('dpsgd/momentum', 'of_examples(optax.contrib.dpsgd(0.1, 2.0, 0.3, 9, momentum=0.9))', is_random=True),
    Case(
        'dpsgd/nesterov',
        'of_examples(optax.contrib.dpsgd(0.1, 2.0, 0.0, 9, momentum=0.9, nesterov=True))',
    ),
    Case('acprop', 'optax.contrib.acprop(0.05)'),
    Case('acprop/schedule', f'optax.contrib.acprop({COSINE})'),
    Case(
        'acprop/all',
        'optax.contrib.acprop(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, weight_decay=0.1,'
        f' mask={SMALL_MASK})',
        dtypes=WIDE,
    ),
    Case('ademamix', 'optax.contrib.ademamix(0.05)'),
    Case('ademamix/schedule', f'optax.contrib.ademamix({COSINE})'),
    Case(
        'ademamix/all',
        'optax.contrib.ademamix(0.05, b1=0.8, b2=0.95, b3=0.97, alpha=2.0, eps=1e-3, eps_root=1e-4,'
        f' weight_decay=0.1, mask={SMALL_MASK})',
    ),
    Case('simplified_ademamix', 'optax.contrib.simplified_ademamix(0.05)'),
    Case(
        'simplified_ademamix/all',
        f'optax.contrib.simplified_ademamix({COSINE}, b1=0.8, b2=0.9, alpha=2.0, eps=1e-3, eps_root=1e-4,'
        f' weight_decay=0.1, mask={SMALL_MASK})',
    ),
    Case('adopt', 'optax.contrib.adopt(0.05)', dtypes=WIDE),
    Case('adopt/schedule', f'optax.contrib.adopt({COSINE})', dtypes=WIDE),
    Case(
        'adopt/all',
        'optax.contrib.adopt(0.05, b1=0.8, b2=0.95, eps=0.01, nesterov=True, clip_value_fn=lambda step: 0.3 * step)',
    ),
    # Matrices
    Case(
        'scale_by_muon',
        f'optax.masked(optax.contrib.scale_by_muon(nesterov=False, weight_dimension_numbers={LAST_TWO}), {MATRICES})',
        trees=('nested', 'conv'),
    ),
    Case(
        'scale_by_shape',
        f'optax.masked(optax.contrib._muon.scale_by_shape({LAST_TWO}), {MATRICES})',
        trees=('nested', 'conv'),
    ),
    Case(
        'scale_by_shape/consistent_rms',
        f'optax.masked(optax.contrib._muon.scale_by_shape({LAST_TWO}, 0.3), {MATRICES})',
        trees=('nested', 'conv'),
    ),
    Case('muon', 'optax.contrib.muon(0.02)'),
    Case('muon/schedule', f'optax.contrib.muon({LINEAR})', trees=NESTED),
    Case(
        'muon/all',
        'optax.contrib.muon(0.02, beta=0.9, eps=1e-3, weight_decay=0.1, nesterov=False, consistent_rms=0.2, adam_b1=0.8,'
        f' adam_b2=0.95, adam_eps_root=1e-4, adam_weight_decay=0.02, adam_learning_rate={LINEAR})',
        trees=NESTED,
    ),
    Case('muon/adaptive', 'optax.contrib.muon(0.02, adaptive=True)', trees=NESTED),
    Case('muon/dion', "optax.contrib.muon(0.02, ns_coeffs='dion')", trees=NESTED),
    Case('muon/steps', 'optax.contrib.muon(0.02, ns_steps=3)', trees=NESTED),
    Case('muon/aol', "optax.contrib.muon(0.02, preconditioning='aol')", trees=NESTED),
    Case('muon/schatten', "optax.contrib.muon(0.02, preconditioning='schatten')", trees=NESTED),
    Case('muon/spectral', "optax.contrib.muon(0.02, preconditioning='spectral')", trees=NESTED),
    Case(
        'muon/dimension_numbers',
        'optax.contrib.muon(0.02, muon_weight_dimension_numbers=lambda params: jax.tree.map('
        'lambda p: optax.contrib.MuonDimensionNumbers((0, 1, 2), 3) if p.ndim == 4 else None, params))',
        trees=('conv',),
    ),
    Case(
        'muon/batches',
        'optax.contrib.muon(0.02, muon_weight_dimension_numbers=lambda params: jax.tree.map('
        'lambda p: optax.contrib.MuonDimensionNumbers(-1, 1) if p.ndim == 4 else None, params))',
        trees=('conv',),
    ),
    # Low rank
    Case('scale_by_galore', 'optax.contrib.scale_by_galore(rank=2)'),
    Case(
        'scale_by_galore/gap',
        'optax.contrib.scale_by_galore(rank=1, update_proj_gap=3, base_optimizer=optax.scale_by_rms())',
        trees=NESTED,
    ),
    Case(
        'scale_by_galore/dimension_numbers',
        'optax.contrib.scale_by_galore(rank=1, scale=0.25, base_optimizer=optax.scale_by_lion(),'
        f' weight_dimension_numbers={GALORE_AXES})',
        trees=('conv',),
    ),
    Case('galore', 'optax.contrib.galore(0.05, rank=1)'),
    Case(
        'galore/all',
        f'optax.contrib.galore({COSINE}, rank=1, update_proj_gap=100, scale=0.5, base_optimizer=optax.trace(0.5),'
        f' weight_decay=0.1, mask={SMALL_MASK})',
    ),
]


@dataclass(frozen=True)
class Function:
    """One row: a pure function (gradients of a step, params) -> tree or number, applied at each step."""

    name: str
    expression: str
    fold: bool = False  # whether the result is the `params` of the next step
    result: str = 'tree'  # 'tree', one like the params, or 'number'
    trees: tuple[str, ...] | None = None  # as for a Case
    dtypes: tuple[str, ...] = DTYPES


# Three examples for each leaf: the gradients, twice their difference to the params, nothing.
EXAMPLES = 'jax.tree.map(lambda g, p: jnp.stack([g, 2 * (g - p), 0 * g]), gradients, params)'
GLOBAL_CLIP = f'lambda gradients, params: optax.per_example_global_norm_clip({EXAMPLES}, 6.0)'
LAYER_CLIP = f'lambda gradients, params: optax.per_example_layer_norm_clip({EXAMPLES}, 6.0'
# A positive definite matrix a out of each leaf v, v vᵀ / ‖v‖² + diag(1 … n) / n, and a vector that is made of both. Compiled once
# for each shape: eagerly, the loops inside would be compiled again for each leaf and step.
OF_DEFINITE = (
    '(lambda f: lambda gradients, params: jax.tree.map(f, gradients))(jax.jit(lambda g: (lambda a, v: %s)('
    'jnp.outer(g.ravel(), g.ravel()) / jnp.vdot(g, g) + jnp.diag(jnp.arange(1, g.size + 1, dtype=dtype) / g.size),'
    ' g.ravel()).reshape(g.shape)))'
)
# What is assigned to each element of a leaf, one more than its number, where a pair costs the square of the difference of a
# gradient and a param. Compiled once for each shape.
ASSIGNED = (
    '(lambda f: lambda gradients, params: jax.tree.map(f, gradients, params))(jax.jit(lambda g, p: (lambda u, v:'
    ' (lambda ij: jnp.zeros(u.size, dtype).at[ij[0]].set(1.0 + ij[1]))(optax.assignment.hungarian_algorithm('
    'jnp.square(u[:, None] - (%s)[None, :]))).reshape(g.shape))(g.ravel(), p.ravel())))'
)
# Three examples, and a product of two with what is no batch.
MICROBATCHED = (
    'lambda gradients, params: optax.microbatching.microbatch(lambda examples, params: jax.tree.map('
    'lambda x, p: jnp.sum(x, 0) * p, examples, params), 0, 1, %%s)(%s, params)' % EXAMPLES
)
# A function with kinks, smoothed, and the derivative of its product with the gradients.
PERTURBED = (
    'lambda gradients, params: optax.perturbations.make_perturbed_fun(lambda tree: jax.tree.map(jnp.abs, tree), %s)('
    'jax.random.key(7), params)'
)
PERTURBED_GRAD = (
    'lambda gradients, params: jax.grad(lambda p: optax.tree.vdot(gradients, optax.perturbations.make_perturbed_fun('
    'lambda tree: jax.tree.map(jnp.abs, tree), %s)(jax.random.key(7), p)))(params)'
)
COUNTS = 'lambda gradients, params: jax.tree.map(jnp.full_like, params, (%s)(gradients, params)[1])'


# A projection of the gradients, and the gradient by the params of what is left of the gradients along the projected params.
PROJECTED = 'lambda gradients, params: optax.projections.%s'
PULLED = 'lambda gradients, params: jax.grad(lambda x: optax.tree.vdot(gradients, optax.projections.%s))(params)'
BOUNDS = 'jax.tree.map(lambda p: -jnp.abs(p), {0}), jax.tree.map(lambda p: p * p, {0})'
CUBE = 'lambda gradients, params: jax.tree.map(lambda g, p: optax.projections.projection_hypercube(g, %s), gradients, params)'
# Where Optax leaves an element of 0 as it is, the result may not be on the sphere.
NO_ZEROS = 'jax.tree.map(lambda g: jnp.where(g == 0, 0.25, g), gradients)'
BY_SCALE = (
    'lambda gradients, params: optax.tree.scale(jax.grad(lambda s: optax.tree.vdot(gradients,'
    ' optax.projections.projection_simplex(params, s)))(jnp.asarray(2, dtype)), params)'
)

FUNCTIONS = [
    Function('apply_updates', 'lambda gradients, params: optax.apply_updates(params, gradients)', fold=True),
    Function(
        'incremental_update',
        'lambda gradients, params: optax.incremental_update(gradients, params, 0.1)',
        fold=True,
    ),
    Function('periodic_update', 'lambda gradients, params: optax.periodic_update(gradients, params, 6, 3)'),
    Function('periodic_update/between', 'lambda gradients, params: optax.periodic_update(gradients, params, 7, 3)'),
    Function('tree_norm', 'lambda gradients, params: optax.tree.norm(gradients)', result='number'),
    Function(
        'tree_norm/squared',
        'lambda gradients, params: optax.tree.norm(gradients, squared=True)',
        result='number',
    ),
    Function('per_example_global_norm_clip', f'{GLOBAL_CLIP}[0]', trees=NESTED),
    Function(
        'per_example_global_norm_clip/count',
        f'lambda gradients, params: jnp.asarray(({GLOBAL_CLIP})(gradients, params)[1], dtype)',
        result='number',
        trees=NESTED,
    ),
    Function('per_example_layer_norm_clip', f'{LAYER_CLIP})[0]', trees=NESTED),
    Function('per_example_layer_norm_clip/counts', COUNTS % f'{LAYER_CLIP})', trees=NESTED),
    Function('per_example_layer_norm_clip/not_uniform', f'{LAYER_CLIP}, uniform=False)[0]', trees=NESTED),
    Function(
        'per_example_layer_norm_clip/not_uniform_counts',
        COUNTS % f'{LAYER_CLIP}, uniform=False)',
        trees=NESTED,
    ),
    Function('matrix_inverse_pth_root', OF_DEFINITE % 'optax.matrix_inverse_pth_root(a, 4)[0] @ v'),
    Function('matrix_inverse_pth_root/inverse', OF_DEFINITE % 'optax.matrix_inverse_pth_root(a, 1)[0] @ v'),
    Function('matrix_inverse_pth_root/square', OF_DEFINITE % 'optax.matrix_inverse_pth_root(a, 2)[0] @ v'),
    Function(
        'matrix_inverse_pth_root/all',
        OF_DEFINITE
        % 'optax.matrix_inverse_pth_root(a, 8, num_iters=5, ridge_epsilon=0.01, error_tolerance=1e-3)[0] @ v',
    ),
    Function(
        'matrix_inverse_pth_root/error',
        OF_DEFINITE % 'optax.matrix_inverse_pth_root(a, 2, num_iters=3)[1] * v',
        trees=('vector',),
    ),
    Function('hungarian_algorithm', ASSIGNED % 'v', dtypes=WIDE),
    Function('hungarian_algorithm/tall', ASSIGNED % 'v[: (v.size + 1) // 2]', dtypes=WIDE),
    Function('make_perturbed_fun', PERTURBED % '5', dtypes=WIDE),
    Function(
        'make_perturbed_fun/normal',
        PERTURBED % '3, 0.5, optax.perturbations.Normal(), use_baseline=False',
        dtypes=WIDE,
    ),
    Function('make_perturbed_fun/gradient', PERTURBED_GRAD % '5', dtypes=WIDE),
    Function(
        'make_perturbed_fun/gradient_all',
        PERTURBED_GRAD % '3, 0.5, optax.perturbations.Normal(), use_baseline=False',
        dtypes=WIDE,
    ),
    Function('microbatch', MICROBATCHED % "optax.microbatching.AccumulationType.SUM"),
    Function('microbatch/mean', MICROBATCHED % "optax.microbatching.AccumulationType.MEAN"),
    Function('microbatch/running_mean', MICROBATCHED % "optax.microbatching.AccumulationType.RUNNING_MEAN"),
    Function('nnls', OF_DEFINITE % 'optax.nnls(a, v, 50)'),
    Function('nnls/matrix', OF_DEFINITE % 'optax.nnls(a, v[:, None], 20, L=4.0)[:, 0]'),
    Function('power_iteration', OF_DEFINITE % 'optax.power_iteration(a)[1]'),
    Function('power_iteration/value', OF_DEFINITE % 'optax.power_iteration(a)[0] * v'),
    Function('power_iteration/key', OF_DEFINITE % 'optax.power_iteration(a, key=jax.random.PRNGKey(7))[1]'),
    Function(
        'power_iteration/all',
        OF_DEFINITE % 'optax.power_iteration(a, v0=v, num_iters=9, error_tolerance=0.01)[1]',
    ),
    Function('power_iteration/function', OF_DEFINITE % 'optax.power_iteration(lambda x: a @ x, v0=v)[1]'),
    # Projections
    Function('projection_non_negative', PROJECTED % 'projection_non_negative(gradients)'),
    Function('projection_non_negative/gradient', PULLED % 'projection_non_negative(x)'),
    Function('projection_box', PROJECTED % f'projection_box(gradients, {BOUNDS.format("params")})'),
    Function('projection_box/gradient', PULLED % f'projection_box(x, {BOUNDS.format("gradients")})'),
    Function('projection_hypercube', CUBE % 'jnp.abs(p)'),
    Function('projection_hypercube/number', CUBE % '0.25'),
    Function('projection_simplex', PROJECTED % 'projection_simplex(gradients)'),
    Function('projection_simplex/scale', PROJECTED % 'projection_simplex(gradients, 3.5)'),
    Function('projection_simplex/gradient', PULLED % 'projection_simplex(x, 2.0)'),
    Function('projection_simplex/by_scale', BY_SCALE),
    Function('projection_l1_sphere', PROJECTED % f'projection_l1_sphere({NO_ZEROS})', dtypes=WIDE),
    Function('projection_l1_sphere/scale', PROJECTED % f'projection_l1_sphere({NO_ZEROS}, 40.0)'),
    Function('projection_l1_sphere/gradient', PULLED % 'projection_l1_sphere(x, 2.0)'),
    Function('projection_l1_ball', PROJECTED % 'projection_l1_ball(gradients)', dtypes=WIDE),
    Function('projection_l1_ball/inside', PROJECTED % 'projection_l1_ball(gradients, 1000.0)'),
    Function('projection_l1_ball/gradient', PULLED % 'projection_l1_ball(x, 1.5)'),
    Function('projection_l2_sphere', PROJECTED % 'projection_l2_sphere(gradients)'),
    Function('projection_l2_sphere/scale', PROJECTED % 'projection_l2_sphere(gradients, 3.5)'),
    Function('projection_l2_sphere/gradient', PULLED % 'projection_l2_sphere(x, 2.0)'),
    Function('projection_l2_ball', PROJECTED % 'projection_l2_ball(gradients)'),
    Function('projection_l2_ball/inside', PROJECTED % 'projection_l2_ball(gradients, 1000.0)'),
    Function('projection_l2_ball/gradient', PULLED % 'projection_l2_ball(x, 0.5)'),
    Function('projection_linf_ball', PROJECTED % 'projection_linf_ball(gradients)'),
    Function('projection_linf_ball/scale', PROJECTED % 'projection_linf_ball(gradients, 0.25)'),
    Function('projection_linf_ball/gradient', PULLED % 'projection_linf_ball(x, 0.5)'),
    Function('projection_vector', PROJECTED % 'projection_vector(gradients, params)'),
    Function('projection_vector/gradient', PULLED % 'projection_vector(x, gradients)'),
    Function('projection_hyperplane', PROJECTED % 'projection_hyperplane(gradients, params, 0.75)'),
    Function(
        'projection_hyperplane/gradient',
        PULLED % 'projection_hyperplane(x, jax.tree.map(jnp.sin, gradients), 0.75)',
        dtypes=WIDE,
    ),
    Function('projection_halfspace', PROJECTED % 'projection_halfspace(gradients, params, 0.75)'),
    Function('projection_halfspace/inside', PROJECTED % 'projection_halfspace(gradients, params, 1000.0)'),
    Function(
        'projection_halfspace/gradient',
        PULLED % 'projection_halfspace(x, jax.tree.map(jnp.sin, gradients), -1.5)',
        dtypes=WIDE,
    ),
]


@dataclass(frozen=True)
class Schedule:
    """One row: a schedule, evaluated at SCHEDULE_STEPS."""

    name: str
    expression: str


SCHEDULE_STEPS = [*range(31), 100, 1000, 1_000_000]

WARMUP_COSINE = "{'init_value': 0.0, 'peak_value': %s, 'decay_steps': %d, 'warmup_steps': %d, 'end_value': %s}"

SCHEDULES = [
    Schedule('constant_schedule', 'optax.constant_schedule(0.3)'),
    Schedule('linear_schedule', 'optax.linear_schedule(1.0, 0.1, 10)'),
    Schedule('linear_schedule/up', 'optax.linear_schedule(0.0, 0.7, 7, transition_begin=3)'),
    Schedule('polynomial_schedule', 'optax.polynomial_schedule(1.0, 0.1, 2, 10)'),
    Schedule('polynomial_schedule/begin', 'optax.polynomial_schedule(0.9, 0.01, 3, 11, transition_begin=5)'),
    Schedule('polynomial_schedule/root', 'optax.polynomial_schedule(0.2, 1.0, 0.5, 13)'),
    Schedule('piecewise_constant_schedule', 'optax.piecewise_constant_schedule(0.5)'),
    Schedule('piecewise_constant_schedule/two', 'optax.piecewise_constant_schedule(0.5, {5: 0.3, 12: 0.1})'),
    Schedule('piecewise_constant_schedule/unsorted', 'optax.piecewise_constant_schedule(1.0, {9: 0.0, 3: 2.0})'),
    Schedule('piecewise_interpolate_schedule', "optax.piecewise_interpolate_schedule('linear', 0.7, {})"),
    Schedule(
        'piecewise_interpolate_schedule/linear',
        "optax.piecewise_interpolate_schedule('linear', 1.0, {4: 0.1, 8: 0.01, 20: 30.0})",
    ),
    Schedule(
        'piecewise_interpolate_schedule/cosine',
        "optax.piecewise_interpolate_schedule('cosine', 0.3, {5: 4.0, 17: 0.2})",
    ),
    Schedule('exponential_decay', 'optax.exponential_decay(1.0, 5, 0.7)'),
    Schedule('exponential_decay/staircase', 'optax.exponential_decay(1.0, 4, 0.5, staircase=True)'),
    Schedule('exponential_decay/begin', 'optax.exponential_decay(0.3, 6, 0.9, transition_begin=7)'),
    Schedule('exponential_decay/end_value', 'optax.exponential_decay(1.0, 5, 0.5, end_value=0.05)'),
    Schedule(
        'exponential_decay/growth',
        'optax.exponential_decay(0.1, 3, 1.5, transition_begin=2, staircase=True, end_value=0.9)',
    ),
    Schedule('exponential_decay/end_before_begin', 'optax.exponential_decay(0.05, 10, 0.5, 4, end_value=0.1)'),
    Schedule('cosine_decay_schedule', 'optax.cosine_decay_schedule(0.4, 10)'),
    Schedule('cosine_decay_schedule/alpha', 'optax.cosine_decay_schedule(0.4, 12, alpha=0.1)'),
    Schedule('cosine_decay_schedule/exponent', 'optax.cosine_decay_schedule(0.4, 14, alpha=0.02, exponent=1.7)'),
    Schedule('warmup_constant_schedule', 'optax.warmup_constant_schedule(0.1, 0.8, 6)'),
    Schedule('warmup_cosine_decay_schedule', 'optax.warmup_cosine_decay_schedule(0.0, 1.0, 5, 20)'),
    Schedule(
        'warmup_cosine_decay_schedule/all',
        'optax.warmup_cosine_decay_schedule(0.05, 0.6, 4, 18, end_value=0.02, exponent=2.0)',
    ),
    Schedule('warmup_cosine_decay_schedule/no_warmup', 'optax.warmup_cosine_decay_schedule(0.05, 0.6, 0, 18)'),
    Schedule('warmup_exponential_decay_schedule', 'optax.warmup_exponential_decay_schedule(0.0, 1.0, 5, 6, 0.8)'),
    Schedule(
        'warmup_exponential_decay_schedule/all',
        'optax.warmup_exponential_decay_schedule(0.1, 0.9, 4, 3, 0.6, transition_begin=5, staircase=True,'
        ' end_value=0.1)',
    ),
    Schedule('cosine_onecycle_schedule', 'optax.cosine_onecycle_schedule(20, 0.5)'),
    Schedule(
        'cosine_onecycle_schedule/all',
        'optax.cosine_onecycle_schedule(17, 0.5, pct_start=0.45, div_factor=10.0, final_div_factor=100.0)',
    ),
    Schedule('linear_onecycle_schedule', 'optax.linear_onecycle_schedule(20, 0.5)'),
    Schedule(
        'linear_onecycle_schedule/all',
        'optax.linear_onecycle_schedule(19, 0.5, pct_start=0.4, pct_final=0.7, div_factor=10.0,'
        ' final_div_factor=100.0)',
    ),
    Schedule(
        'sgdr_schedule',
        f'optax.sgdr_schedule([{WARMUP_COSINE % (1.0, 8, 2, 0.1)}, {WARMUP_COSINE % (0.5, 12, 3, 0.05)}])',
    ),
    Schedule(
        'join_schedules',
        'optax.join_schedules([optax.linear_schedule(0.0, 1.0, 4), optax.constant_schedule(0.6),'
        ' optax.cosine_decay_schedule(0.6, 9)], [4, 10])',
    ),
]

# ---------------------------------------------------------------------------------------------------------------------
# The trees: params and gradients, made of float32 numbers so that both dtypes share them
# ---------------------------------------------------------------------------------------------------------------------

SHAPES = {
    'vector': (5,),
    'nested': {
        'kernel': (3, 4),
        'bias': (4,),
        'layers': [{'w': (2, 3), 'b': (3,)}, {'w': (3, 2), 'b': (2,)}],
        'head': {'scale': (), 'inner': {'shift': (2,)}},
    },
    'conv': [(2, 3, 2, 2), (7,), (1,), (2, 5)],
    'small': {'kernel': (2, 3), 'bias': (3,), 'scale': ()},
    'ranks': {'a': (2, 1, 3), 'b': (2, 2, 1, 2, 2), 'c': (1, 4), 'd': (3, 2, 4)},
}
TUPLES = {'conv'}  # a list of leaves that Optax is given as a tuple

# One lone trouble, then three in a row, then one more; (step, leaf, index) -> value.
NONFINITE = {
    (2, 0, 1): math.nan,
    (5, 0, 0): math.inf,
    (6, 3, 2): math.nan,
    (6, 0, 3): -math.inf,
    (7, 0, 1): math.nan,
    (10, 1, 0): -math.inf,
}


def is_shape(node):
    return isinstance(node, tuple) and all(isinstance(n, int) for n in node)


def leaves_of(node, path=''):
    """[(path, shape)] of a node of SHAPES, in the order JAX visits leaves (keys sorted)."""
    if is_shape(node):
        return [(path, node)]
    if isinstance(node, dict):
        children = [(f'{path}.{key}' if path else key, node[key]) for key in sorted(node)]
    else:
        children = [(f'{path}[{i}]', child) for i, child in enumerate(node)]
    return [leaf for child_path, child in children for leaf in leaves_of(child, child_path)]


def random_numbers(rng, shape):
    """Signs and magnitudes spread over two decades; every number is a float32."""
    numbers = rng.choice([-1.0, 1.0], shape) * 10.0 ** rng.uniform(-1.5, 0.5, shape)
    return numbers.astype(np.float32).astype(np.float64)


def make_tree(name):
    """{'leaves', 'params', 'gradients': {'plain', 'nonfinite'}}; a tree is the list of its leaves, row by row."""
    rng = np.random.default_rng([2026, list(SHAPES).index(name)])
    leaves = leaves_of(SHAPES[name])
    params = [random_numbers(rng, shape).reshape(-1) for _, shape in leaves]
    plain = []
    for step in range(STEPS):
        gradients = [random_numbers(rng, shape).reshape(-1) for _, shape in leaves]
        for leaf in gradients[1::3]:  # every third leaf is small, in some steps tiny
            leaf *= 2.0**-10 if step % 4 else 2.0**-20
        if step == 8:  # one step is large
            for leaf in gradients:
                leaf *= 64.0
        gradients[0][2] = 0.0  # one entry never moves
        if step in (0, 4):  # another rests at times, at the first step too
            gradients[-1][-1] = 0.0
        plain.append(gradients)
    nonfinite = [[leaf.copy() for leaf in gradients] for gradients in plain]
    if name == 'nested':
        for (step, leaf, index), value in NONFINITE.items():
            nonfinite[step][leaf][index] = value
    return {'leaves': leaves, 'params': params, 'gradients': {'plain': plain, 'nonfinite': nonfinite}}


def to_jax(name, flat, dtype):
    """The tree `name` as Optax is given it, from its leaves in order."""
    arrays = iter([jnp.asarray(leaf.reshape(shape), dtype) for leaf, (_, shape) in zip(flat, leaves_of(SHAPES[name]))])

    def build(node):
        if is_shape(node):
            return next(arrays)
        if isinstance(node, dict):
            built = {key: build(node[key]) for key in sorted(node)}
            return {key: built[key] for key in node}
        return [build(child) for child in node]

    tree = build(SHAPES[name])
    return tuple(tree) if name in TUPLES else tree


def from_jax(tree, dtype):
    """The leaves in order, row by row; refuses a leaf whose dtype was changed on the way."""
    flat = [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]
    for leaf in flat:
        if leaf.dtype != dtype:
            raise TypeError(f'a leaf is {leaf.dtype}, expected {dtype}')
    return [leaf.reshape(-1) for leaf in flat]


# ---------------------------------------------------------------------------------------------------------------------
# Running
# ---------------------------------------------------------------------------------------------------------------------


def evaluate(expression, dtype):
    def wide(schedule):
        return lambda count: schedule(jnp.asarray(count, dtype))

    names = {
        'optax': optax,
        'jax': jax,
        'jnp': jnp,
        'partial': partial,
        'dtype': jnp.dtype(dtype),
        'wide': wide,
        'emit': emit,
        'given': given,
        'of_loss': of_loss,
        'of_examples': of_examples,
        'Following': Following,
    }
    return eval(expression, names)


def emit(tx, f):
    """`tx`, emitting `f(updates, state)` in place of its updates."""
    tx = optax.with_extra_args_support(tx)

    def update(updates, state, params=None, **extra):
        updates, state = tx.update(updates, state, params, **extra)
        return f(updates, state), state

    return optax.GradientTransformationExtraArgs(tx.init, update)


def given(tx, **functions):
    """`tx`, with extra arguments that are functions, which the data cannot hold."""
    return optax.GradientTransformationExtraArgs(
        tx.init, lambda updates, state, params=None, **extra: tx.update(updates, state, params, **functions, **extra)
    )


def of_loss(tx, loss, value_and_grad=lambda loss: lambda params, state: jax.value_and_grad(loss)(params)):
    """`tx` on a loss: handed its gradient at the params, whatever the data have, its value there and the loss itself."""
    tx = optax.with_extra_args_support(tx)

    # A search is a loop, which is compiled: once for all steps.
    @jax.jit
    def searched(state, params):
        value, grad = value_and_grad(loss)(params, state=state)
        return tx.update(grad, state, params, value=value, grad=grad, value_fn=loss)

    def update(_, state, params=None):
        return searched(state, params)

    return optax.GradientTransformation(tx.init, update)


def of_examples(tx):
    """`tx`, handed three examples for each leaf: the gradients, twice their difference to the params, nothing."""

    def update(gradients, state, params=None):
        stacked = jax.tree.map(lambda g, p: jnp.stack([g, 2 * (g - p), 0 * g]), gradients, params)
        return tx.update(stacked, state, params)

    return optax.GradientTransformation(tx.init, update)


class Following:
    """A stateful schedule: a rate that moves halfway to the value of the loss, times a factor."""

    def __init__(self, factor):
        self.factor = factor

    def init(self):
        return jnp.asarray(1.0)

    def update(self, state, **extra):
        return (state + extra['value']) / 2

    def __call__(self, state, **extra):
        return self.factor * state


def run_plain(tx, params, gradients, extras):
    """Yields what is recorded at each step."""
    state = tx.init(params)
    for gradient, extra in zip(gradients, extras):
        updates, state = tx.update(gradient, state, params, **extra)
        params = optax.apply_updates(params, updates)
        yield {'updates': updates, 'params': params}


def run_lookahead(tx, params, gradients, extras):
    """Optax moves a pair of params; `updates` and `params` are the fast ones of the pair."""
    pair = optax.LookaheadParams.init_synced(params)
    for step in run_plain(tx, pair, gradients, extras):
        yield {'updates': step['updates'].fast, 'params': step['params'].fast, 'slow': step['params'].slow}


RUNNERS = {'plain': run_plain, 'lookahead': run_lookahead}


def run_case(case, tree_name, tree, dtype):
    params = to_jax(tree_name, tree['params'], dtype)
    gradients = [to_jax(tree_name, gradient, dtype) for gradient in tree['gradients'][case.gradients]]
    extras = [case.extra(step) if case.extra else {} for step in range(STEPS)]
    steps = list(RUNNERS[case.run](evaluate(case.expression, dtype), params, gradients, extras))
    out = {
        'name': case.name,
        'expression': case.expression,
        'tree': tree_name,
        'gradients': case.gradients,
        'scale': case.scale,
    }
    if case.is_random:
        out['random'] = True
    if case.extra:
        out['extra'] = extras
    out['updates'] = [from_jax(step['updates'], dtype) for step in steps]
    if 'slow' in steps[0]:
        out['slow'] = [from_jax(step['slow'], dtype) for step in steps]
    out['params'] = from_jax(steps[-1]['params'], dtype)
    return out


def run_function(function, tree_name, tree, dtype):
    apply = evaluate(function.expression, dtype)
    params = to_jax(tree_name, tree['params'], dtype)
    results = []
    for gradient in tree['gradients']['plain']:
        result = apply(to_jax(tree_name, gradient, dtype), params)
        params = result if function.fold else params
        results.append(from_jax(result, dtype))
    return {
        'name': function.name,
        'expression': function.expression,
        'tree': tree_name,
        'fold': function.fold,
        'result': function.result,
        'results': results,
    }


def trees_for(row):
    return row.trees or (('small',) if '/' in row.name else WHOLE)


def run_dtype(dtype, prefixes):
    """Everything of one dtype. The process must have been started for it, see `main`."""
    jax.config.update('jax_platforms', 'cpu')
    jax.config.update('jax_enable_x64', dtype == 'float64')
    trees = {name: make_tree(name) for name in SHAPES}
    before = kept(f'{dtype}.json') if prefixes else {'cases': {}, 'functions': {}}

    def run_all(kind, run, rows):
        return [
            run(row, name, trees[name], dtype)
            if row.name.startswith(prefixes or '') or (row.name, name) not in before[kind]
            else before[kind][row.name, name]
            for row in rows
            if dtype in row.dtypes
            for name in trees_for(row)
        ]

    cases = run_all('cases', run_case, CASES)
    functions = run_all('functions', run_function, FUNCTIONS)
    write(f'{dtype}.json', {**header(), 'dtype': dtype, 'cases': cases, 'functions': functions})
    if dtype == 'float64' and not prefixes:
        schedules = [run_schedule(schedule) for schedule in SCHEDULES]
        write('schedules.json', {**header(), 'steps': SCHEDULE_STEPS, 'schedules': schedules})


def kept(name):
    """What a file holds, by name and tree."""

    def arrays(value):
        if isinstance(value, dict):
            return {key: arrays(v) for key, v in value.items()}
        if not isinstance(value, list):
            return value
        if all(not isinstance(v, (dict, list)) for v in value):
            return np.array([float(v) for v in value])
        return [arrays(v) for v in value]

    content = json.loads((DATA / name).read_text(), parse_int=float)  # an int would lose the sign of −0
    return {
        kind: {
            (run['name'], run['tree']): {k: v if k == 'extra' else arrays(v) for k, v in run.items()}
            for run in content[kind]
        }
        for kind in ('cases', 'functions')
    }


def run_schedule(schedule):
    """Evaluated at steps of float64, see `wide`."""
    value = evaluate(f'wide({schedule.expression})', 'float64')
    values = [np.asarray(value(step), np.float64) for step in SCHEDULE_STEPS]
    return {'name': schedule.name, 'expression': schedule.expression, 'values': np.stack(values)}


def write_trees():
    def structure(node):
        if is_shape(node):
            return None
        if isinstance(node, dict):
            return {key: structure(child) for key, child in node.items()}
        return [structure(child) for child in node]

    trees = []
    for name in SHAPES:
        tree = make_tree(name)
        gradients = tree['gradients'] if name == 'nested' else {'plain': tree['gradients']['plain']}
        trees.append(
            {
                'name': name,
                'structure': structure(SHAPES[name]),
                'leaves': [{'path': path, 'shape': list(shape)} for path, shape in tree['leaves']],
                'params': tree['params'],
                'gradients': gradients,
            }
        )
    write('trees.json', {**header(), 'trees': trees})


# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------


def header():
    return {
        'command': COMMAND,
        'versions': {
            'optax': optax.__version__,
            'jax': jax.__version__,
            'jaxlib': jax.lib.__version__,
            'numpy': np.__version__,
            'python': platform.python_version(),
        },
    }


def number(x):
    """The shortest decimal that reads back as x: exactly as float64, after rounding to float32 for a float32."""
    if not np.isfinite(x):
        return '"NaN"' if np.isnan(x) else '"Infinity"' if x > 0 else '"-Infinity"'
    if isinstance(x, np.float32):
        text = str(x)
        text = text if np.float32(float(text)) == x else repr(float(x))
    else:
        text = repr(float(x))
    return text.removesuffix('.0')


def render(value, indent=''):
    """JSON with one line for each innermost list and each small object."""
    if isinstance(value, np.ndarray):
        return '[' + ','.join(number(x) for x in value) + ']'
    inner = indent + ' '
    if isinstance(value, list) and value and not all(isinstance(v, (int, float, str)) for v in value):
        if all(isinstance(v, np.ndarray) for v in value):  # the leaves of one tree
            return '[' + ','.join(render(v) for v in value) + ']'
        return '[\n' + ',\n'.join(inner + render(v, inner) for v in value) + '\n' + indent + ']'
    if isinstance(value, dict) and any(isinstance(v, (dict, list, np.ndarray)) and len(v) for v in value.values()):
        if 'path' not in value:
            rows = [f'{inner}{json.dumps(key)}: {render(v, inner)}' for key, v in value.items()]
            return '{\n' + ',\n'.join(rows) + '\n' + indent + '}'
    return json.dumps(value)


def write(name, content):
    path = DATA / name
    path.write_text(render(content) + '\n')
    json.loads(path.read_text())


# ---------------------------------------------------------------------------------------------------------------------
# Checking that the cases are evidence
# ---------------------------------------------------------------------------------------------------------------------


def largest(*leaves):
    """The largest finite magnitude, 1 where all is zero: what errors are relative to."""
    finite = [abs(x) for leaf in leaves for x in np.array(leaf, np.float64) if math.isfinite(x)]
    return max(finite, default=0.0) or 1.0


def check_conditioning(tolerance=2e-5):
    """Optax in float32 must agree with Optax in float64 within the tolerance of the float32 comparison.

    Otherwise the case (a sign near a tie, a difference of near equals) compares rounding errors, not rules.
    """
    runs = {}
    for dtype in DTYPES:
        for case in json.loads((DATA / f'{dtype}.json').read_text())['cases']:
            runs.setdefault((case['name'], case['tree']), {})[dtype] = case
    errors = []
    for key, run in runs.items():
        if len(run) < len(DTYPES) or 'random' in run['float64']:
            continue
        wide, narrow = run['float64'], run['float32']
        for step in range(STEPS):
            for leaf, (a, b) in enumerate(zip(wide['updates'][step], narrow['updates'][step])):
                a, b = np.array(a, np.float64), np.array(b, np.float64)
                finite = np.isfinite(a)
                if (np.isfinite(b) != finite).any():
                    raise ValueError(f'{key}: not finite at different places at step {step}')
                scale = largest(a, wide['params'][leaf]) if wide['scale'] == 'params' else largest(a)
                errors.append((float(np.abs(a[finite] - b[finite]).max(initial=0.0) / scale), *key, step, leaf))
    errors.sort(reverse=True)
    print('float32 and float64 part most in (error, case, tree, step, leaf)', *errors[:3], sep='\n  ')
    ill = sorted({error[1:3] for error in errors if error[0] > tolerance})
    if ill:
        raise ValueError(f'ill-conditioned: {ill}')


def main(prefixes):
    DATA.mkdir(exist_ok=True)
    write_trees()
    for run in [subprocess.Popen([sys.executable, __file__, '--dtype', dtype, *prefixes]) for dtype in DTYPES]:
        if run.wait() != 0:
            raise SystemExit(run.returncode)
    check_conditioning()
    for path in sorted(DATA.glob('*.json')):
        print(f'{path.stat().st_size / 1e6:6.2f} MB  {path.name}')


if __name__ == '__main__':
    if sys.argv[1:2] == ['--dtype']:
        run_dtype(sys.argv[2], tuple(sys.argv[3:]))
    else:
        main(sys.argv[1:])
