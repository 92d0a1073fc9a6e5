"""Writes what the real Optax computes, as data for `parity.test.ts`.

    python tests/parity/generate.py

Three tables below say what is generated: CASES (transformations, wrappers, aliases), FUNCTIONS (pure functions of
trees) and SCHEDULES. To cover something new, add a row here and a row of the same name in `cases.ts`.

Each row holds the Optax expression as text. It is evaluated, and it is stored beside the numbers, so what a reader
of the data sees is what ran. In an expression, `dtype` is the dtype of the run, and `wide(schedule)` is the schedule
evaluated at a step of that dtype: at the int32 counter of a state, `count / 10` is a float32 in JAX even with x64
enabled, and the schedule is off by 1e-8. We compare with what the schedule means, not with that accident.

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
    trees: tuple[str, ...] | None = None  # by default all of them for a name without a variant, otherwise 'nested'
    dtypes: tuple[str, ...] = DTYPES
    gradients: str = 'plain'  # 'nonfinite' has NaN and infinities at NONFINITE
    extra: Callable[[int], dict[str, float]] | None = None  # step -> extra arguments of `update`, stored with the case
    run: str = 'plain'  # how to drive it: a key of RUNNERS
    scale: str = 'updates'  # errors count relative to the leaf's updates; 'params' where updates are their differences


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
LABELS_FN = "lambda tree: {key: 'b' if key == 'bias' else 'a' for key in tree}"

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
    # Accumulation
    Case('trace', 'optax.trace(0.9)'),
    Case('trace/nesterov', 'optax.trace(0.9, nesterov=True)'),
    Case('trace/zero_decay', 'optax.trace(0.0)'),
    Case('trace/accumulator_float32', 'optax.trace(0.9, accumulator_dtype=jnp.float32)', dtypes=('float64',)),
    Case('trace/accumulator_bfloat16', 'optax.trace(0.9, accumulator_dtype=jnp.bfloat16)', dtypes=('float32',)),
    Case('ema', 'optax.ema(0.9)'),
    Case('ema/no_debias', 'optax.ema(0.9, debias=False)'),
    Case('ema/accumulator_float32', 'optax.ema(0.9, accumulator_dtype=jnp.float32)', dtypes=('float64',)),
    Case('ema/accumulator_bfloat16', 'optax.ema(0.9, accumulator_dtype=jnp.bfloat16)', dtypes=('float32',)),
    # Adding and clipping
    Case('add_decayed_weights', 'optax.add_decayed_weights(0.01)'),
    Case('add_decayed_weights/default', 'optax.add_decayed_weights()'),
    Case('add_decayed_weights/schedule', f'optax.add_decayed_weights({LINEAR})'),
    Case('add_decayed_weights/mask', f'optax.add_decayed_weights(0.1, {MASK})'),
    Case('add_decayed_weights/mask_prefix', f'optax.add_decayed_weights(0.1, {PREFIX_MASK})'),
    Case('add_decayed_weights/mask_function', f'optax.add_decayed_weights(0.1, {MASK_FN})'),
    Case('add_decayed_weights/schedule_mask', f'optax.add_decayed_weights({LINEAR}, {MASK})'),
    Case('clip', 'optax.clip(0.5)'),
    Case('clip_by_global_norm', 'optax.clip_by_global_norm(1.0)'),
    Case('clip_by_global_norm/inactive', 'optax.clip_by_global_norm(1e6)'),
    Case('clip_by_global_norm/sometimes', 'optax.clip_by_global_norm(6.0)'),
    Case('clip_by_block_rms', 'optax.clip_by_block_rms(0.5)'),
    Case('clip_by_block_rms/inactive', 'optax.clip_by_block_rms(1e6)'),
    # Wrappers
    Case('masked', 'optax.masked(optax.scale_by_adam(), True)'),
    Case('masked/tree', f'optax.masked(optax.adam(0.1), {MASK})'),
    Case('masked/prefix', f'optax.masked(optax.adam(0.1), {PREFIX_MASK})'),
    Case('masked/function', f'optax.masked(optax.sgd(0.1, 0.9), {MASK_FN})'),
    Case('masked/nothing', 'optax.masked(optax.adam(0.1), False)'),
    Case('masked/tuple', 'optax.masked(optax.trace(0.9), (True, False, False, True))', trees=('conv',)),
    Case('masked/norm', f'optax.masked(optax.clip_by_global_norm(1.0), {MASK})'),
    Case('freeze', 'optax.freeze(True)'),
    Case('freeze/tree', f'optax.chain(optax.adam(0.1), optax.freeze({MASK}))'),
    Case('freeze/prefix', f'optax.chain(optax.freeze({PREFIX_MASK}), optax.trace(0.9))'),
    Case(
        'partition',
        f"optax.partition({{'a': optax.adam(0.1), 'b': optax.sgd(0.1, 0.9), 'c': optax.set_to_zero()}}, {LABELS})",
        trees=('nested',),
    ),
    Case(
        'partition/prefix',
        "optax.partition({'a': optax.adam(0.1), 'b': optax.scale_by_rms(), 'c': optax.identity()},"
        f' {PREFIX_LABELS})',
    ),
    Case(
        'partition/function',
        f"optax.partition({{'a': optax.sgd({LINEAR}), 'b': optax.lion(0.01)}}, {LABELS_FN})",
    ),
    Case(
        'partition/norm_per_label',
        "optax.partition({'a': optax.clip_by_global_norm(1.0), 'b': optax.clip_by_global_norm(0.5),"
        f" 'c': optax.clip_by_global_norm(2.0)}}, {LABELS})",
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
    ),
    Case(
        'multi_steps/skip_large_updates',
        'optax.MultiSteps(optax.adam(0.1), 2,'
        ' should_skip_update_fn=partial(optax.skip_large_updates, max_squared_norm=40.0), accumulator_dtype=dtype)',
        gradients='nonfinite',
    ),
    Case('multi_steps/accumulator_float32', 'optax.MultiSteps(optax.sgd(0.1), 3)', dtypes=('float64',)),
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
    Case('apply_if_finite/skips', 'optax.apply_if_finite(optax.sgd(0.1, 0.9), 5)', gradients='nonfinite'),
    Case('apply_if_finite/gives_in', 'optax.apply_if_finite(optax.adam(0.1), 2)', gradients='nonfinite'),
    Case('apply_if_finite/at_once', f'optax.apply_if_finite(optax.sgd({LINEAR}), 0)', gradients='nonfinite'),
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
    Case('adamw/mask', f'optax.adamw(0.05, weight_decay=0.1, mask={MASK})'),
    Case('adamw/mask_function', f'optax.adamw(0.05, weight_decay=0.1, mask={MASK_FN})'),
    Case(
        'adamw/all',
        'optax.adamw(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4, weight_decay=0.02, nesterov=True)',
    ),
    Case('lion', 'optax.lion(0.01)'),
    Case('lion/schedule', f'optax.lion({LINEAR})'),
    Case('lion/all', f'optax.lion(0.01, b1=0.7, b2=0.9, weight_decay=0.1, mask={MASK})'),
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
]


@dataclass(frozen=True)
class Function:
    """One row: a pure function (gradients of a step, params) -> tree or number, applied at each step."""

    name: str
    expression: str
    fold: bool = False  # whether the result is the `params` of the next step
    dtypes: tuple[str, ...] = DTYPES


FUNCTIONS = [
    Function('apply_updates', 'lambda gradients, params: optax.apply_updates(params, gradients)', fold=True),
    Function(
        'incremental_update',
        'lambda gradients, params: optax.incremental_update(gradients, params, 0.1)',
        fold=True,
    ),
    Function('tree_norm', 'lambda gradients, params: optax.tree.norm(gradients)'),
    Function('tree_norm/squared', 'lambda gradients, params: optax.tree.norm(gradients, squared=True)'),
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

    names = {'optax': optax, 'jax': jax, 'jnp': jnp, 'partial': partial, 'dtype': jnp.dtype(dtype), 'wide': wide}
    return eval(expression, names)


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
        'results': results,
    }


def trees_for(row):
    return getattr(row, 'trees', None) or (('nested',) if '/' in row.name else tuple(SHAPES))


def run_dtype(dtype):
    """Everything of one dtype. The process must have been started for it, see `main`."""
    jax.config.update('jax_platforms', 'cpu')
    jax.config.update('jax_enable_x64', dtype == 'float64')
    trees = {name: make_tree(name) for name in SHAPES}
    write(
        f'{dtype}.json',
        {
            **header(),
            'dtype': dtype,
            'cases': [
                run_case(case, name, trees[name], dtype)
                for case in CASES
                if dtype in case.dtypes
                for name in trees_for(case)
            ],
            'functions': [
                run_function(function, name, trees[name], dtype)
                for function in FUNCTIONS
                if dtype in function.dtypes
                for name in trees_for(function)
            ],
        },
    )
    if dtype == 'float64':
        schedules = [run_schedule(schedule) for schedule in SCHEDULES]
        write('schedules.json', {**header(), 'steps': SCHEDULE_STEPS, 'schedules': schedules})


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
        if len(run) < len(DTYPES):
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
    if errors[0][0] > tolerance:
        raise ValueError(f'ill-conditioned: {[error for error in errors if error[0] > tolerance]}')


def main():
    DATA.mkdir(exist_ok=True)
    write_trees()
    for run in [subprocess.Popen([sys.executable, __file__, '--dtype', dtype]) for dtype in DTYPES]:
        if run.wait() != 0:
            raise SystemExit(run.returncode)
    check_conditioning()
    for path in sorted(DATA.glob('*.json')):
        print(f'{path.stat().st_size / 1e6:6.2f} MB  {path.name}')


if __name__ == '__main__':
    if sys.argv[1:2] == ['--dtype']:
        run_dtype(sys.argv[2])
    else:
        main()
