"""Writes what the real Keras, transformers and timm compute, as data for `frameworks.test.ts`.

    python tests/parity/generate_frameworks.py [keras] [transformers] [timm] [pytorch]

The tables below say what is generated, one file for each framework; without arguments, all. To cover something new, add a row
here and a row of the same name in `frameworks/`. Of PyTorch these are the rows that `generate_torch.py` has not: those that
belong to a function of `@gradchain/frameworks` and to nothing else.

The params and gradients are those of `data/trees.json`, as in `generate_torch.py`: the params after each step are stored, in
float64. A schedule is asked for its values at steps 0, 1, 2, …. Each row holds the expression as text; it is evaluated, and it is
stored beside the numbers.
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
import types
from dataclasses import dataclass
from pathlib import Path

os.environ['KERAS_BACKEND'] = 'torch'

import numpy as np
import torch

from generate_torch import DATA, render, to_torch

COMMAND = 'python tests/parity/generate_frameworks.py'
STEPS = 30
# Values that fall, stay, all but stay, and rise again.
METRICS = (5.0, 4.0, 4.0, 4.0, 3.0, 2.9999, 2.9998, 2.0) + (2.0,) * 10 + (1.0,) + (1.5,) * 11
BOTH = ('small', 'nested')


@dataclass(frozen=True)
class Case:
    """One row: an optimizer, run over all gradients of each of `trees`."""

    name: str  # the name of our function, then a slash and the variant
    optimizer: str  # what makes the optimizer, of `params` where the framework wants them
    trees: tuple[str, ...] = ('small',)
    scheduler: str | None = None  # what makes a scheduler of PyTorch, stepped after it
    averaged: bool = False  # whether it is the average of the params that Keras keeps, and not they, which is stored
    before: str | None = None  # what is executed before it, to leave out casts to narrower dtypes than that of the params


@dataclass(frozen=True)
class Schedule:
    """One row: a schedule, asked for `steps` values."""

    name: str
    expression: str  # what makes it; of `optimizer`, whose learning rate is `lr`, where the framework wants one
    lr: float = 0.3
    steps: int = STEPS
    metrics: tuple[float, ...] = ()  # the values it is told, one for each step; stored is the learning rate that follows


# ---------------------------------------------------------------------------------------------------------------------
# The tables
# ---------------------------------------------------------------------------------------------------------------------

# Muon iterates in bfloat16 and timm's RAdam computes in float32, whatever the dtype.
IN_FULL = 'torch.Tensor.bfloat16 = lambda x: x.clone()'
TIMM_MUON_IN_FULL = 'timm.optim.muon.zeropower_via_newtonschulz.__defaults__ = (1e-7, 1.0, torch.float64, False)'
TIMM_RADAM_IN_FULL = 'torch.Tensor.float = lambda x: x'

KERAS_FALLING = 'keras.optimizers.schedules.InverseTimeDecay(0.5, 1, 1.0)'
KERAS_CASES = [
    Case('sgd', 'keras.optimizers.SGD()', trees=BOTH),
    Case('sgd/momentum', 'keras.optimizers.SGD(0.1, momentum=0.9)'),
    Case('sgd/nesterov', 'keras.optimizers.SGD(0.1, momentum=0.8, nesterov=True)'),
    Case('sgd/schedule', f'keras.optimizers.SGD({KERAS_FALLING}, momentum=0.9, weight_decay=0.1)'),
    Case('sgd/weight_decay', 'keras.optimizers.SGD(0.1, weight_decay=0.1)'),
    Case('sgd/clipnorm', 'keras.optimizers.SGD(0.1, clipnorm=0.5)', trees=BOTH),
    Case('sgd/clipvalue', 'keras.optimizers.SGD(0.1, clipvalue=0.3)'),
    Case('sgd/global_clipnorm', 'keras.optimizers.SGD(0.1, global_clipnorm=0.7)', trees=BOTH),
    Case('adam', 'keras.optimizers.Adam()', trees=BOTH),
    Case('adam/options', 'keras.optimizers.Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=0.01)'),
    Case('adam/amsgrad', 'keras.optimizers.Adam(0.1, beta_1=0.7, beta_2=0.8, epsilon=0.01, amsgrad=True)'),
    Case('adam/weight_decay', 'keras.optimizers.Adam(0.1, weight_decay=0.1)'),
    Case('adam/schedule', f'keras.optimizers.Adam({KERAS_FALLING}, weight_decay=0.1)'),
    Case('adamw', 'keras.optimizers.AdamW()'),
    Case('adamw/options', 'keras.optimizers.AdamW(0.1, weight_decay=0.2, beta_1=0.8, beta_2=0.95, epsilon=0.01)'),
    Case('adamw/amsgrad', 'keras.optimizers.AdamW(0.1, beta_2=0.8, amsgrad=True)'),
    Case('nadam', 'keras.optimizers.Nadam()'),
    Case('nadam/options', 'keras.optimizers.Nadam(0.1, beta_1=0.7, beta_2=0.8, epsilon=0.01, weight_decay=0.1)'),
    Case('adamax', 'keras.optimizers.Adamax()'),
    Case('adamax/options', 'keras.optimizers.Adamax(0.1, beta_1=0.7, beta_2=0.8, epsilon=0.1, weight_decay=0.1)'),
    Case('adagrad', 'keras.optimizers.Adagrad()'),
    Case('adagrad/options', 'keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.5, epsilon=0.1, weight_decay=0.1)'),
    Case('adadelta', 'keras.optimizers.Adadelta()'),
    Case('adadelta/options', 'keras.optimizers.Adadelta(0.7, rho=0.8, epsilon=0.01, weight_decay=0.1)'),
    Case('rmsprop', 'keras.optimizers.RMSprop()'),
    Case('rmsprop/options', 'keras.optimizers.RMSprop(0.1, rho=0.8, epsilon=0.01, weight_decay=0.1)'),
    Case('rmsprop/momentum', f'keras.optimizers.RMSprop({KERAS_FALLING}, rho=0.8, momentum=0.9, epsilon=0.01)'),
    Case('rmsprop/centered', 'keras.optimizers.RMSprop(0.1, momentum=0.5, epsilon=0.1, centered=True)'),
    Case('lion', 'keras.optimizers.Lion()'),
    Case('lion/options', 'keras.optimizers.Lion(0.1, beta_1=0.8, beta_2=0.7, weight_decay=0.1)'),
    Case('lamb', 'keras.optimizers.Lamb()', trees=BOTH),
    Case('lamb/options', 'keras.optimizers.Lamb(0.1, beta_1=0.8, beta_2=0.95, epsilon=0.01)'),
    Case('lamb/weight_decay', 'keras.optimizers.Lamb(0.1, weight_decay=0.5)'),
    Case('muon', 'keras.optimizers.Muon()', trees=BOTH),
    Case(
        'muon/options',
        'keras.optimizers.Muon(0.1, adam_beta_1=0.8, adam_beta_2=0.95, adam_weight_decay=0.2, epsilon=0.01, weight_decay=0.1,'
        ' momentum=0.8, ns_steps=3, nesterov=False, rms_rate=None, adam_lr_ratio=0.5)',
    ),
    Case('adafactor', 'keras.optimizers.Adafactor()', trees=BOTH),
    Case('adafactor/options', 'keras.optimizers.Adafactor(0.6, beta_2_decay=-0.6, epsilon_2=0.1, clip_threshold=0.5)'),
    Case('adafactor/weight_decay', 'keras.optimizers.Adafactor(0.3, weight_decay=0.5)'),
    Case('adafactor/relative_step', 'keras.optimizers.Adafactor(0.6, relative_step=False)'),
    Case('adafactor/accumulation', 'keras.optimizers.Adafactor(0.6, gradient_accumulation_steps=3, weight_decay=0.1)'),
    Case('ftrl', 'keras.optimizers.Ftrl()', trees=BOTH),
    Case(
        'ftrl/options',
        'keras.optimizers.Ftrl(0.1, learning_rate_power=-0.4, initial_accumulator_value=0.2, l1_regularization_strength=0.05,'
        ' l2_regularization_strength=0.3, l2_shrinkage_regularization_strength=0.2, beta=0.1)',
    ),
    Case('ftrl/schedule', f'keras.optimizers.Ftrl({KERAS_FALLING}, weight_decay=0.1)'),
    Case('scheduleFreeAdamw', 'apart(keras.optimizers.ScheduleFreeAdamW())', trees=BOTH),
    Case('scheduleFreeAdamw/options', 'apart(keras.optimizers.ScheduleFreeAdamW(0.1, beta_1=0.8, beta_2=0.95, epsilon=0.01, warmup_steps=4))'),
    Case('scheduleFreeAdamw/weight_decay', f'apart(keras.optimizers.ScheduleFreeAdamW({KERAS_FALLING}, weight_decay=0.1))'),
    Case('sgd/accumulation', f'keras.optimizers.SGD({KERAS_FALLING}, momentum=0.9, weight_decay=0.1, clipvalue=0.3, gradient_accumulation_steps=3)'),
    Case('sgd/loss_scale_factor', 'keras.optimizers.SGD(0.1, clipvalue=0.3, loss_scale_factor=4.0)'),
    Case('adam/accumulation', f'keras.optimizers.Adam({KERAS_FALLING}, gradient_accumulation_steps=2)'),
    Case('adam/ema', 'keras.optimizers.Adam(0.1, use_ema=True)', trees=BOTH, averaged=True),
    Case('adam/ema_momentum', 'keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.7, gradient_accumulation_steps=2)', averaged=True),
    Case('adam/ema_overwrite', 'keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3)'),
    Case('adam/ema_overwrite_accumulation', 'keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2, gradient_accumulation_steps=3)'),
    Case('adamw/exclude', "excluding(keras.optimizers.AdamW(0.1, weight_decay=0.2), ['bias', 'sc.le'])", trees=BOTH),
    Case('muon/exclude', "excluding(keras.optimizers.Muon(0.1, weight_decay=0.2, adam_weight_decay=0.3), ['bias', 'kernel'])"),
]

KS = 'keras.optimizers.schedules.'
KERAS_SCHEDULES = [
    Schedule('exponentialDecay', KS + 'ExponentialDecay(0.3, 7, 0.8)'),
    Schedule('exponentialDecay/staircase', KS + 'ExponentialDecay(0.3, 7, 0.8, staircase=True)'),
    Schedule('inverseTimeDecay', KS + 'InverseTimeDecay(0.3, 7, 0.8)'),
    Schedule('inverseTimeDecay/staircase', KS + 'InverseTimeDecay(0.3, 7, 0.8, staircase=True)'),
    Schedule('piecewiseConstantDecay', KS + 'PiecewiseConstantDecay([3, 8, 20], [0.3, 0.2, 0.5, 0.1])'),
    Schedule('polynomialDecay', KS + 'PolynomialDecay(0.3, 20)'),
    Schedule('polynomialDecay/power', KS + 'PolynomialDecay(0.3, 20, end_learning_rate=0.02, power=2.0)'),
    Schedule('polynomialDecay/cycle', KS + 'PolynomialDecay(0.3, 8, end_learning_rate=0.02, power=1.5, cycle=True)'),
    Schedule('cosineDecay', KS + 'CosineDecay(0.3, 20)'),
    Schedule('cosineDecay/warmup', KS + 'CosineDecay(0.0, 15, alpha=0.1, warmup_target=0.3, warmup_steps=6)'),
    Schedule('cosineDecay/no_target', KS + 'CosineDecay(0.3, 15, alpha=0.1, warmup_steps=6)'),
    Schedule('cosineDecayRestarts', KS + 'CosineDecayRestarts(0.3, 4)'),
    Schedule('cosineDecayRestarts/options', KS + 'CosineDecayRestarts(0.3, 5, t_mul=1.3, m_mul=0.7, alpha=0.1)'),
    Schedule('cosineDecayRestarts/same', KS + 'CosineDecayRestarts(0.3, 7, t_mul=1.0, m_mul=0.9)'),
]

TS = 'transformers.optimization.get_'
W = 'num_warmup_steps=5'
T = W + ', num_training_steps=25'
TRANSFORMERS_SCHEDULES = [
    Schedule('constant', TS + 'constant_schedule(optimizer)'),
    Schedule('constantWithWarmup', TS + f'constant_schedule_with_warmup(optimizer, {W})'),
    Schedule('constantWithWarmup/none', TS + 'constant_schedule_with_warmup(optimizer, num_warmup_steps=0)'),
    Schedule('linear', TS + f'linear_schedule_with_warmup(optimizer, {T})'),
    Schedule('cosine', TS + f'cosine_schedule_with_warmup(optimizer, {T})'),
    Schedule('cosine/cycles', TS + f'cosine_schedule_with_warmup(optimizer, {T}, num_cycles=1.3)'),
    Schedule('cosineWithRestarts', TS + f'cosine_with_hard_restarts_schedule_with_warmup(optimizer, {T})'),
    Schedule('cosineWithRestarts/cycles', TS + f'cosine_with_hard_restarts_schedule_with_warmup(optimizer, {T}, num_cycles=3)'),
    Schedule('polynomial', TS + f'polynomial_decay_schedule_with_warmup(optimizer, {T})'),
    Schedule('polynomial/power', TS + f'polynomial_decay_schedule_with_warmup(optimizer, {T}, lr_end=0.02, power=2.0)'),
    Schedule('inverseSqrt', TS + f'inverse_sqrt_schedule(optimizer, {W})'),
    Schedule('inverseSqrt/timescale', TS + f'inverse_sqrt_schedule(optimizer, {W}, timescale=20)'),
    Schedule('inverseSqrt/no_warmup', TS + 'inverse_sqrt_schedule(optimizer, num_warmup_steps=0)'),
    Schedule('cosineWithMinLr', TS + f'cosine_with_min_lr_schedule_with_warmup(optimizer, {T}, min_lr=0.03)'),
    Schedule('cosineWithMinLr/rate', TS + f'cosine_with_min_lr_schedule_with_warmup(optimizer, {T}, num_cycles=0.8, min_lr_rate=0.2)'),
    Schedule('cosineWarmupWithMinLr', TS + f'cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, {T}, min_lr=0.03)'),
    Schedule('cosineWarmupWithMinLr/rate', TS + f'cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, {T}, min_lr_rate=0.2, warmup_lr_rate=0.1)'),
    Schedule('greedyLR', TS + 'greedy_schedule(optimizer)', metrics=METRICS),
    Schedule('greedyLR/options', TS + 'greedy_schedule(optimizer, factor=0.5, patience=1, threshold=0.001, cooldown=1, warmup=2, min_lr=0.05, max_lr=0.5)', metrics=METRICS),
    Schedule('greedyLR/reset', TS + "greedy_schedule(optimizer, mode='max', factor=0.5, patience=0, threshold=0.1, threshold_mode='rel', min_lr=0.1, reset_start=2, cooldown=1)", metrics=METRICS),
    Schedule('warmupStableDecay', TS + f'wsd_schedule(optimizer, {T}, num_decay_steps=8)'),
    Schedule('warmupStableDecay/linear', TS + f"wsd_schedule(optimizer, {W}, num_decay_steps=8, num_stable_steps=7, warmup_type='cosine', decay_type='linear', min_lr_ratio=0.2)"),
    Schedule('warmupStableDecay/sqrt', TS + f"wsd_schedule(optimizer, {W}, num_decay_steps=8, num_stable_steps=7, warmup_type='1-sqrt', decay_type='1-sqrt', min_lr_ratio=0.2)"),
    Schedule('warmupStableDecay/cycles', TS + f'wsd_schedule(optimizer, {W}, num_decay_steps=8, num_stable_steps=7, num_cycles=1.2, min_lr_ratio=0.1)'),
]

ADAFACTOR = 'transformers.optimization.Adafactor(params'
TRANSFORMERS_CASES = [
    Case('adafactor', ADAFACTOR + ')', trees=BOTH),
    Case('adafactor/fixed', ADAFACTOR + ', lr=0.05, relative_step=False, scale_parameter=False, warmup_init=False)'),
    Case('adafactor/scaled', ADAFACTOR + ', lr=0.05, relative_step=False, clip_threshold=0.5, decay_rate=-0.6, eps=(1e-30, 0.1))'),
    Case('adafactor/beta1', ADAFACTOR + ', beta1=0.8, weight_decay=0.5)'),
    Case('adafactor/warmup_init', ADAFACTOR + ', warmup_init=True)'),
    Case('adafactor/weight_decay', ADAFACTOR + ', weight_decay=0.5)'),
]

TC = 'timm.scheduler.cosine_lr.CosineLRScheduler(optimizer, '
TT = 'timm.scheduler.tanh_lr.TanhLRScheduler(optimizer, '
TP = 'timm.scheduler.poly_lr.PolyLRScheduler(optimizer, '
TL = 'timm.scheduler.plateau_lr.PlateauLRScheduler(optimizer, '
TIMM_SCHEDULES = [
    Schedule('cosine', TC + 't_initial=20)'),
    Schedule('cosine/warmup', TC + 't_initial=20, lr_min=0.01, warmup_t=4, warmup_lr_init=0.02)'),
    Schedule('cosine/warmup_prefix', TC + 't_initial=20, lr_min=0.01, warmup_t=4, warmup_lr_init=0.02, warmup_prefix=True)'),
    Schedule('cosine/cycles', TC + 't_initial=6, cycle_decay=0.5, cycle_limit=3, warmup_t=2)'),
    Schedule('cosine/cycle_mul', TC + 't_initial=5, cycle_mul=1.5, cycle_decay=0.8, cycle_limit=4, lr_min=0.01)'),
    Schedule('cosine/k_decay', TC + 't_initial=20, k_decay=1.5)'),
    Schedule('tanh', TT + 't_initial=20)'),
    Schedule('tanh/options', TT + 't_initial=9, lb=-5.0, ub=4.0, lr_min=0.01, cycle_decay=0.5, cycle_limit=2, warmup_t=3, warmup_lr_init=0.02)'),
    Schedule('tanh/warmup_prefix', TT + 't_initial=9, cycle_mul=2.0, cycle_limit=3, warmup_t=3, warmup_prefix=True)'),
    Schedule('poly', TP + 't_initial=20)'),
    Schedule('poly/options', TP + 't_initial=8, power=2.0, lr_min=0.01, cycle_decay=0.5, cycle_limit=2, warmup_t=3, warmup_prefix=True, k_decay=1.5)'),
    Schedule('poly/cycle_mul', TP + 't_initial=5, cycle_mul=1.5, cycle_limit=2)'),
    Schedule('step', 'timm.scheduler.step_lr.StepLRScheduler(optimizer, decay_t=7, decay_rate=0.5)'),
    Schedule('step/warmup', 'timm.scheduler.step_lr.StepLRScheduler(optimizer, decay_t=7, decay_rate=0.5, warmup_t=3, warmup_lr_init=0.02)'),
    Schedule('step/no_prefix', 'timm.scheduler.step_lr.StepLRScheduler(optimizer, decay_t=7, decay_rate=0.5, warmup_t=3, warmup_prefix=False)'),
    Schedule('multistep', 'timm.scheduler.multistep_lr.MultiStepLRScheduler(optimizer, decay_t=[4, 11, 20], decay_rate=0.5)'),
    Schedule('multistep/warmup', 'timm.scheduler.multistep_lr.MultiStepLRScheduler(optimizer, decay_t=[4, 11], decay_rate=0.5, warmup_t=3, warmup_lr_init=0.02)'),
    Schedule('noisy', TC + 't_initial=20, noise_range_t=30)'),
    Schedule('plateau', TL + 'patience_t=2)', metrics=METRICS),
    Schedule('plateau/warmup', TL + "decay_rate=0.5, patience_t=1, threshold=0.01, cooldown_t=2, warmup_t=5, warmup_lr_init=0.02, lr_min=0.05, mode='min')", metrics=METRICS),
    Schedule('multistep/no_prefix', 'timm.scheduler.multistep_lr.MultiStepLRScheduler(optimizer, decay_t=[4, 11], decay_rate=0.5, warmup_t=6, warmup_prefix=False)'),
]

TO = 'timm.optim.'
SLOWER = 'torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t))'
USE_MUON = '[dict(params=[p for p in params if p.ndim == 2], use_muon=True), dict(params=[p for p in params if p.ndim < 2])]'
TIMM_CASES = [
    Case('adamw', TO + 'adamw.AdamWLegacy(params)'),
    Case('adamw/options', TO + 'adamw.AdamWLegacy(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.2)'),
    Case('nadam', TO + 'nadam.NAdamLegacy(params)'),
    Case('nadam/options', TO + 'nadam.NAdamLegacy(params, lr=0.1, betas=(0.7, 0.8), eps=0.01, weight_decay=0.1, schedule_decay=0.3)'),
    Case('adabelief', TO + 'adabelief.AdaBelief(params, rectify=False)'),
    Case('adabelief/options', TO + 'adabelief.AdaBelief(params, lr=0.1, betas=(0.7, 0.8), eps=0.01, weight_decay=0.1, rectify=False)'),
    Case('adan', TO + 'adan.Adan(params, foreach=False)'),
    Case('adan/options', TO + 'adan.Adan(params, lr=0.1, betas=(0.9, 0.8, 0.95), eps=0.01, weight_decay=0.1, no_prox=True, foreach=False)'),
    Case('adan/prox', TO + 'adan.Adan(params, lr=0.1, weight_decay=0.1, foreach=False)'),
    Case('lamb', TO + 'lamb.Lamb(params)', trees=BOTH),
    Case('lamb/options', TO + 'lamb.Lamb(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.1, max_grad_norm=None)'),
    Case('lamb/no_decay', TO + 'lamb.Lamb(params, lr=0.1, weight_decay=0)'),
    Case('lamb/always_adapt', TO + 'lamb.Lamb(params, lr=0.1, weight_decay=0, always_adapt=True)'),
    Case('lamb/decoupled_decay', TO + 'lamb.Lamb(params, lr=0.1, weight_decay=0.1, decoupled_decay=True)'),
    Case('lars', TO + 'lars.Lars(params, lr=0.1, momentum=0.9)'),
    Case('lars/weight_decay', TO + 'lars.Lars(params, lr=0.5, momentum=0.9, weight_decay=0.1, trust_coeff=0.1)', trees=BOTH),
    Case('lars/always_adapt', TO + 'lars.Lars(params, lr=0.5, momentum=0.9, nesterov=True, always_adapt=True)'),
    Case('lion', TO + 'lion.Lion(params, foreach=False)'),
    Case('lion/options', TO + 'lion.Lion(params, lr=0.1, betas=(0.8, 0.7), weight_decay=0.1, foreach=False)'),
    Case('novograd', TO + 'nvnovograd.NvNovoGrad(params)', trees=('nested',)),
    Case('novograd/options', TO + 'nvnovograd.NvNovoGrad(params, lr=0.1, betas=(0.8, 0.7), eps=0.01, weight_decay=0.1)', trees=('nested',)),
    Case('rmsproptf', TO + 'rmsprop_tf.RMSpropTF(params)'),
    Case('rmsproptf/momentum', TO + 'rmsprop_tf.RMSpropTF(params, lr=0.1, alpha=0.8, eps=0.01, momentum=0.9, weight_decay=0.1)', scheduler='torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t))'),
    Case('rmsproptf/outside', TO + 'rmsprop_tf.RMSpropTF(params, lr=0.1, momentum=0.9, lr_in_momentum=False)', scheduler='torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + t))'),
    Case('rmsproptf/decoupled_decay', TO + 'rmsprop_tf.RMSpropTF(params, lr=0.1, eps=0.1, weight_decay=0.1, decoupled_decay=True)'),
    Case('sgdw', TO + 'sgdw.SGDW(params, foreach=False)'),
    Case('sgdw/options', TO + 'sgdw.SGDW(params, lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True, foreach=False)'),
    Case('sgdw/dampening', TO + 'sgdw.SGDW(params, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.1, foreach=False)'),
    Case('sgdw/caution', TO + 'sgdw.SGDW(params, lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True, caution=True, foreach=False)'),
    Case('adamw/caution', TO + 'adamw.AdamWLegacy(params, lr=0.1, weight_decay=0.1, caution=True)'),
    Case('lamb/caution', TO + 'lamb.Lamb(params, lr=0.1, weight_decay=0.1, caution=True)'),
    Case('lion/caution', TO + 'lion.Lion(params, lr=0.1, weight_decay=0.1, caution=True, foreach=False)'),
    Case('lars/trust_clip', TO + 'lars.Lars(params, lr=0.5, momentum=0.9, weight_decay=0.1, trust_coeff=0.2, trust_clip=True)'),
    Case('lars/larc', TO + 'lars.Lars(params, lr=0.5, always_adapt=True, trust_coeff=0.2, trust_clip=True)', trees=BOTH, scheduler=SLOWER),
    Case('rmsproptf/caution', TO + 'rmsprop_tf.RMSpropTF(params, lr=0.1, momentum=0.9, weight_decay=0.1, caution=True)'),
    Case('nadamw', TO + 'nadamw.NAdamW(params, foreach=False)', trees=BOTH),
    Case('nadamw/options', TO + 'nadamw.NAdamW(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.2, foreach=False)'),
    Case('nadamw/caution', TO + 'nadamw.NAdamW(params, lr=0.1, caution=True, foreach=False)'),
    Case('radam', TO + 'radam.RAdamLegacy(params)', before=TIMM_RADAM_IN_FULL),
    Case('radam/options', TO + 'radam.RAdamLegacy(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.2)', before=TIMM_RADAM_IN_FULL),
    Case('radabelief', TO + 'adabelief.AdaBelief(params)'),
    Case('radabelief/options', TO + 'adabelief.AdaBelief(params, lr=0.1, betas=(0.7, 0.9), eps=0.01, weight_decay=0.1)'),
    Case('adopt', TO + 'adopt.Adopt(params)', trees=BOTH),
    Case('adopt/options', TO + 'adopt.Adopt(params, lr=0.1, betas=(0.8, 0.9), eps=0.1, clip_exp=0.1, weight_decay=0.1)'),
    Case('adopt/decoupled', TO + 'adopt.Adopt(params, lr=0.1, clip_exp=None, weight_decay=0.1, decoupled=True, caution=True)'),
    Case('laprop', TO + 'laprop.LaProp(params)', trees=BOTH),
    Case('laprop/options', TO + 'laprop.LaProp(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.1)', scheduler=SLOWER),
    Case('laprop/caution', TO + 'laprop.LaProp(params, lr=0.1, weight_decay=0.1, caution=True)'),
    Case('madgrad', TO + 'madgrad.MADGRAD(params)', trees=BOTH),
    Case('madgrad/options', TO + 'madgrad.MADGRAD(params, lr=0.1, momentum=0.5, weight_decay=0.1, eps=0.01)', scheduler=SLOWER),
    Case('madgrad/no_momentum', TO + 'madgrad.MADGRAD(params, lr=0.1, momentum=0)'),
    Case('madgrad/decoupled_decay', TO + 'madgrad.MADGRAD(params, lr=0.1, weight_decay=0.1, decoupled_decay=True)', scheduler=SLOWER),
    Case('mars', TO + 'mars.Mars(params)', trees=BOTH),
    Case('mars/options', TO + 'mars.Mars(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.1, gamma=0.2, lr_1d_factor=0.5, betas_1d=(0.7, 0.9))', trees=BOTH),
    Case('mars/optimize_1d', TO + 'mars.Mars(params, lr=0.1, optimize_1d=True, caution=True)', trees=BOTH),
    Case('mars/lion', TO + "mars.Mars(params, lr=0.1, weight_decay=0.1, mars_type='lion', caution=True)"),
    Case('muon', TO + f'muon.Muon({USE_MUON}, eps=1e-30)', trees=BOTH, before=TIMM_MUON_IN_FULL),
    Case('muon/nesterov', TO + f'muon.Muon({USE_MUON}, eps=1e-30, lr=0.1, weight_decay=0.1, momentum=0.8, nesterov=True, adjust_lr_fn=\'original\', fallback_lr_scale=0.5, betas=(0.8, 0.9))', trees=BOTH, before=TIMM_MUON_IN_FULL),
    Case('muon/polar_express', TO + f"muon.Muon({USE_MUON}, eps=1e-30, ns_coefficients='polar_express', ns_steps=7, adjust_lr_fn='rms_to_rms')", before=TIMM_MUON_IN_FULL),
    Case('muon/triple', TO + f'muon.Muon({USE_MUON}, eps=1e-30, ns_coefficients=(2, -1.5, 0.5), ns_steps=3)', before=TIMM_MUON_IN_FULL),
    Case('muon/routing', TO + 'muon.Muon(params)', trees=('nested', 'conv'), before=TIMM_MUON_IN_FULL),
    Case('adamuon', TO + f"muon.Muon({USE_MUON}, eps=1e-30, algo='adamuon')", trees=BOTH, before=TIMM_MUON_IN_FULL),
    Case('adamuon/nesterov', TO + f"muon.Muon({USE_MUON}, eps=1e-30, lr=0.1, weight_decay=0.1, nesterov=True, algo='adamuon', betas=(0.8, 0.9), adjust_lr_fn='rms_to_rms')", before=TIMM_MUON_IN_FULL),
    Case('adafactor', TO + 'adafactor.Adafactor(params)', trees=BOTH),
    Case('adafactor/options', TO + 'adafactor.Adafactor(params, min_dim_size_to_factor=1, eps_scale=0.1, clip_threshold=0.5, decay_rate=-0.6, weight_decay=0.5, warmup_init=True)', trees=BOTH),
    Case('adafactor/lr', TO + 'adafactor.Adafactor(params, lr=0.05, betas=(0.9, 0.999), weight_decay=0.5, caution=True)'),
    Case('adafactor/betas', TO + 'adafactor.Adafactor(params, betas=(0.8, 0.999), weight_decay=0.5)'),
    Case('adafactorbv', TO + 'adafactor_bv.AdafactorBigVision(params, lr=0.01, momentum_dtype=torch.float64)', trees=BOTH),
    Case('adafactorbv/options', TO + 'adafactor_bv.AdafactorBigVision(params, lr=0.05, min_dim_size_to_factor=2, decay_rate=0.6, beta2_cap=0.7, momentum=None, weight_decay=0.1, unscaled_wd=True)', trees=BOTH),
    Case('adafactorbv/caution', TO + 'adafactor_bv.AdafactorBigVision(params, lr=0.05, momentum_dtype=torch.float64, weight_decay=0.1, caution=True)'),
    Case('adafactorbv/corrected', TO + 'adafactor_bv.AdafactorBigVision(params, lr=0.1, momentum_dtype=torch.float64, weight_decay=0.1, corrected_weight_decay=True)', scheduler=SLOWER),
    Case('adamp', TO + 'adamp.AdamP(params)', trees=BOTH),
    Case('adamp/options', TO + 'adamp.AdamP(params, lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.1, delta=2, wd_ratio=0.5)', trees=BOTH),
    Case('adamp/nesterov', TO + 'adamp.AdamP(params, lr=0.1, weight_decay=0.1, nesterov=True)', trees=('nested',)),
    Case('sgdp', TO + 'sgdp.SGDP(params, lr=0.1)', trees=BOTH),
    Case('sgdp/options', TO + 'sgdp.SGDP(params, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.1, eps=0.01, delta=2, wd_ratio=0.5)', trees=BOTH),
    Case('sgdp/nesterov', TO + 'sgdp.SGDP(params, lr=0.1, momentum=0.8, weight_decay=0.1, nesterov=True)', trees=('nested',)),
    Case('adamw/corrected', TO + 'adamw.AdamWLegacy(params, lr=0.1, weight_decay=0.1, corrected_weight_decay=True)', scheduler=SLOWER),
    Case('nadamw/corrected', TO + 'nadamw.NAdamW(params, lr=0.1, weight_decay=0.1, corrected_weight_decay=True, foreach=False)', scheduler=SLOWER),
    Case('adopt/corrected', TO + 'adopt.Adopt(params, lr=0.1, weight_decay=0.1, decoupled=True, corrected_weight_decay=True)', scheduler=SLOWER),
    Case('lamb/corrected', TO + 'lamb.Lamb(params, lr=0.1, weight_decay=0.1, decoupled_decay=True, corrected_weight_decay=True)', scheduler=SLOWER),
    Case('laprop/corrected', TO + 'laprop.LaProp(params, lr=0.1, weight_decay=0.1, corrected_weight_decay=True)', scheduler=SLOWER),
    Case('lion/corrected', TO + 'lion.Lion(params, lr=0.1, weight_decay=0.1, corrected_weight_decay=True, foreach=False)', scheduler=SLOWER),
    Case('rmsproptf/corrected', TO + 'rmsprop_tf.RMSpropTF(params, lr=0.1, weight_decay=0.1, decoupled_decay=True, corrected_weight_decay=True)', scheduler=SLOWER),
    Case('sgdw/corrected', TO + 'sgdw.SGDW(params, lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True, corrected_weight_decay=True, foreach=False)', scheduler=SLOWER),
]

SCHED = 'torch.optim.'
PLATEAU = SCHED + 'lr_scheduler.ReduceLROnPlateau(optimizer, '
MATRICES = '[p for p in params if p.ndim == 2]'
PYTORCH_SCHEDULES = [
    Schedule('MultiplicativeLR', SCHED + 'lr_scheduler.MultiplicativeLR(optimizer, lambda t: 1 - 0.02 * t)'),
    Schedule(
        'SequentialLR',
        SCHED + 'lr_scheduler.SequentialLR(optimizer, [torch.optim.lr_scheduler.LinearLR(optimizer, 0.2, total_iters=4),'
        ' torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20), torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)], milestones=[4, 18])',
    ),
    Schedule(
        'ChainedScheduler',
        SCHED + 'lr_scheduler.ChainedScheduler([torch.optim.lr_scheduler.LinearLR(optimizer, 0.2, total_iters=4),'
        ' torch.optim.lr_scheduler.StepLR(optimizer, 7, 0.5), torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)])',
    ),
    Schedule('ReduceLROnPlateau', PLATEAU + 'patience=2)', metrics=METRICS),
    Schedule('ReduceLROnPlateau/default', PLATEAU + 'factor=0.1)', metrics=METRICS),
    Schedule(
        'ReduceLROnPlateau/options',
        PLATEAU + "mode='max', factor=0.5, patience=1, threshold=0.01, threshold_mode='abs', cooldown=2, min_lr=0.02, eps=0.001)",
        metrics=METRICS,
    ),
    Schedule('swalr', SCHED + 'swa_utils.SWALR(optimizer, swa_lr=0.05)'),
    Schedule('swalr/linear', SCHED + "swa_utils.SWALR(optimizer, swa_lr=0.05, anneal_epochs=7, anneal_strategy='linear')"),
]
PYTORCH_CASES = [
    Case('defaults/SGD', 'torch.optim.SGD(params)'),
    Case('defaults/Adam', 'torch.optim.Adam(params)'),
    Case('defaults/AdamW', 'torch.optim.AdamW(params)'),
    Case('defaults/NAdam', 'torch.optim.NAdam(params)'),
    Case('defaults/RAdam', 'torch.optim.RAdam(params)'),
    Case('defaults/Adamax', 'torch.optim.Adamax(params)'),
    Case('defaults/Adagrad', 'torch.optim.Adagrad(params)'),
    Case('defaults/Adadelta', 'torch.optim.Adadelta(params)'),
    Case('defaults/RMSprop', 'torch.optim.RMSprop(params)'),
    Case('defaults/Rprop', 'torch.optim.Rprop(params)'),
    Case('defaults/ASGD', 'torch.optim.ASGD(params)'),
    Case('defaults/Adafactor', 'torch.optim.Adafactor(params)'),
    Case('Adafactor/weight_decay', 'torch.optim.Adafactor(params, lr=0.3, beta2_decay=-0.6, eps=(None, 0.1), weight_decay=0.5, maximize=True)'),
    Case('AdamW/maximize', 'torch.optim.AdamW(params, lr=0.1, weight_decay=0.1, maximize=True)'),
    Case('ASGD/all', 'torch.optim.ASGD(params, lr=0.1, lambd=0.2, alpha=0.6, t0=2, weight_decay=0.1, maximize=True)'),
    Case('Rprop/maximize', 'torch.optim.Rprop(params, lr=0.1, maximize=True)'),
    Case('Muon', f'torch.optim.Muon({MATRICES})', trees=BOTH, before=IN_FULL),
    Case(
        'Muon/options',
        f"torch.optim.Muon({MATRICES}, lr=0.1, weight_decay=0.2, momentum=0.8, nesterov=False, ns_coefficients=(2, -1.5, 0.5),"
        " ns_steps=3, adjust_lr_fn='match_rms_adamw')",
        before=IN_FULL,
    ),
    Case('RMSprop/maximize', 'torch.optim.RMSprop(params, lr=0.1, weight_decay=0.1, maximize=True)'),
]

# ---------------------------------------------------------------------------------------------------------------------
# Running
# ---------------------------------------------------------------------------------------------------------------------


def stub(name, top):
    """Stands in for a package whose own import wants more than what is used of it, so that its modules import one by one."""
    package = types.ModuleType(name)
    package.__path__ = [str(Path(top, *name.split('.')[1:]))]
    sys.modules[name] = package


def names_of(framework):
    """What expressions are evaluated with."""
    if framework == 'keras':
        import keras

        keras.backend.set_floatx('float64')

        def excluding(optimizer, names):
            optimizer.exclude_from_weight_decay(var_names=names)
            return optimizer

        def apart(optimizer):
            # On PyTorch Keras changes the point z in place before it reads what it has kept as the old one.
            def assign_sub(variable, value):
                variable._value = torch.nn.Parameter(variable.value.detach() - value)

            optimizer.assign_sub = assign_sub
            return optimizer

        return {'keras': keras, 'excluding': excluding, 'apart': apart}
    if framework == 'transformers':
        import transformers.optimization

        return {'transformers': transformers}
    if framework == 'timm':
        top = importlib.util.find_spec('timm').submodule_search_locations[0]
        for name in ('timm', 'timm.optim', 'timm.scheduler'):
            stub(name, top)
        modules = {text.split('(')[0].rpartition('.')[0] for text in
                   [case.optimizer for case in TIMM_CASES] + [row.expression for row in TIMM_SCHEDULES]}
        for module in sorted(modules):
            importlib.import_module(module)
            parent, _, leaf = module.rpartition('.')
            setattr(sys.modules[parent], leaf, sys.modules[module])
            setattr(sys.modules['timm'], parent.rpartition('.')[2], sys.modules[parent])
        return {'timm': sys.modules['timm'], 'torch': torch}
    return {'torch': torch}


def run_keras(case, tree, names):
    keras = names['keras']
    params = [
        keras.Variable(np.array(leaf).reshape(of['shape']), dtype='float64', name=of['path'])
        for leaf, of in zip(tree['params'], tree['leaves'])
    ]
    optimizer = eval(case.optimizer, names)
    optimizer.build(params)
    recorded = []
    for gradient in tree['gradients']['plain']:
        optimizer.apply([leaf.to('cpu') for leaf in to_torch(tree, gradient, torch.float64)], params)
        stored = optimizer._model_variables_moving_average if case.averaged else params
        recorded.append([keras.ops.convert_to_numpy(leaf).reshape(-1).copy() for leaf in stored])
    return recorded


def run_torch(case, tree, names):
    params = [torch.nn.Parameter(leaf) for leaf in to_torch(tree, tree['params'], torch.float64)]
    optimizer = eval(case.optimizer, {**names, 'params': params})
    scheduler = eval(case.scheduler, {**names, 'optimizer': optimizer}) if case.scheduler else None
    recorded = []
    casts = torch.Tensor.bfloat16, torch.Tensor.float
    if case.before:
        exec(case.before, names)
    for gradient in tree['gradients']['plain']:
        for param, leaf in zip(params, to_torch(tree, gradient, torch.float64)):
            param.grad = leaf
        optimizer.step()
        if scheduler:
            scheduler.step()
        recorded.append([leaf.detach().numpy().reshape(-1).copy() for leaf in params])
    torch.Tensor.bfloat16, torch.Tensor.float = casts
    return recorded


def run_schedule(row, framework, names):
    if framework == 'keras':
        schedule = eval(row.expression, names)
        return [float(schedule(step)) for step in range(row.steps)]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=row.lr)
    scheduler = eval(row.expression, {**names, 'optimizer': optimizer})
    values = []
    for step, metric in enumerate(row.metrics, start=1):
        scheduler.step(*((step, metric) if framework == 'timm' else (metric,)))
        values.append(float(optimizer.param_groups[0]['lr']))
    for step in range(0 if row.metrics else row.steps):
        if framework == 'timm':
            scheduler.step(step)
        values.append(float(optimizer.param_groups[0]['lr']))
        if framework != 'timm' and step + 1 < row.steps:
            optimizer.step()
            scheduler.step()
    return values


FRAMEWORKS = {
    'keras': (KERAS_CASES, KERAS_SCHEDULES),
    'transformers': (TRANSFORMERS_CASES, TRANSFORMERS_SCHEDULES),
    'timm': (TIMM_CASES, TIMM_SCHEDULES),
    'pytorch': (PYTORCH_CASES, PYTORCH_SCHEDULES),
}


def main():
    torch.set_default_dtype(torch.float64)
    trees = {tree['name']: tree for tree in json.loads((DATA / 'trees.json').read_text())['trees']}
    for framework in sys.argv[1:] or FRAMEWORKS:
        cases, schedules = FRAMEWORKS[framework]
        names = names_of(framework)
        run = run_keras if framework == 'keras' else run_torch
        versions = {'torch': torch.__version__.split('+')[0], 'python': platform.python_version()}
        if framework != 'pytorch':
            versions[framework] = importlib.metadata.version(framework)
        content = {
            'command': COMMAND,
            'versions': versions,
            'cases': [
                {
                    'name': case.name,
                    'expression': '; '.join(
                        part
                        for part in (case.optimizer, case.scheduler, case.before)
                        if part
                    ),
                    'tree': tree,
                    'params': {'float64': run(case, trees[tree], names)},
                }
                for case in cases
                for tree in case.trees
            ],
            'schedules': [
                {
                    'name': row.name,
                    'expression': row.expression,
                    'values': run_schedule(row, framework, names),
                }
                for row in schedules
            ],
        }
        path = DATA / f'{framework}.json'
        path.write_text(render(content) + '\n')
        json.loads(path.read_text())
        print(f'{path.stat().st_size / 1e6:6.2f} MB  {path.name}')


if __name__ == '__main__':
    main()
