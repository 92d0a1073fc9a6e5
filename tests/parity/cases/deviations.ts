const narrow = (tolerance: number) => ({
  tolerance,
  because: 'Optax rounds the decay itself to the dtype of the accumulator (0.9 is 0.8984 in bfloat16); we do not.'
})

const adafactorDecay = {
  tolerance: 2e-7,
  because: 'Optax computes the decay rate 1 − (t + 1)^−c in float32 whatever the dtype; we compute it in float64.'
}

const radamShare = {
  tolerance: 2e-11,
  because:
    'With β₂ = 0.999 the length ρ of the average is a difference of numbers near 2000, which amplifies the rounding of β₂ᵗ' +
    ' by 10⁵; ours is within 3e-12 of the exact one.'
}

const madgradRoot = {
  tolerance: 1e-7,
  because: 'Optax takes the root of the number of steps in float32 whatever the dtype; we take it in float64.'
}

const galoreDirections = {
  tolerance: 2e-5,
  because:
    "Optax decomposes gradients in float32 whatever the dtype, and LAPACK's rounding is not ours; we decompose in float64."
}

/**
 * Where another result than Optax's is meant: the tolerance that takes its place, and why.
 *
 * @see DESIGN.md, section 10
 */
export const deviations: Readonly<Record<string, { readonly tolerance: number; readonly because: string }>> = {
  'scale_by_adam/mu_dtype': narrow(8e-2),
  scale_by_galore: galoreDirections,
  'scale_by_galore/gap': galoreDirections,
  'scale_by_galore/dimension_numbers': galoreDirections,
  galore: galoreDirections,
  'galore/all': galoreDirections,
  'trace/accumulator_float32': narrow(5e-6),
  'trace/accumulator_bfloat16': narrow(8e-2),
  'ema/accumulator_float32': narrow(5e-6),
  'ema/accumulator_bfloat16': narrow(8e-2),
  'scale_by_amsgrad/mu_dtype': narrow(5e-6),
  'scale_by_novograd/mu_dtype': {
    tolerance: 2e-7,
    because: 'Optax emits the momentum as it is kept, rounded to float32; ours is emitted whole.'
  },
  'amsgrad/mu_dtype': narrow(8e-2),
  'nadam/mu_dtype': narrow(5e-6),
  'nadamw/mu_dtype': narrow(5e-6),
  'optimistic_adam/mu_dtype': narrow(5e-6),
  'optimistic_adam_v2/mu_dtype': narrow(5e-6),
  'measure_with_ema/accumulator_float32': narrow(5e-6),
  'adafactor/momentum_float32': narrow(5e-6),
  scale_by_factored_rms: adafactorDecay,
  'scale_by_factored_rms/factored': adafactorDecay,
  'scale_by_factored_rms/ranks': adafactorDecay,
  'scale_by_factored_rms/not_factored': adafactorDecay,
  'scale_by_factored_rms/decay_rate': adafactorDecay,
  'scale_by_factored_rms/epsilon': adafactorDecay,
  'scale_by_factored_rms/step_offset': adafactorDecay,
  adafactor: adafactorDecay,
  'adafactor/schedule': adafactorDecay,
  'adafactor/decay': adafactorDecay,
  'adafactor/no_parameter_scale': adafactorDecay,
  'adafactor/clipping': adafactorDecay,
  'adafactor/no_clipping': adafactorDecay,
  'adafactor/momentum': adafactorDecay,
  'adafactor/weight_decay': adafactorDecay,
  'adafactor/weight_decay_schedule': adafactorDecay,
  'adafactor/eps': adafactorDecay,
  scale_by_radam: radamShare,
  'scale_by_radam/threshold': radamShare,
  radam: radamShare,
  'radam/schedule': radamShare,
  madgrad: madgradRoot,
  'madgrad/schedule': madgradRoot,
  'madgrad/all': madgradRoot,
  scale_by_madgrad: madgradRoot,
  dadapt_adamw: {
    tolerance: 1e-11,
    because:
      'With β₂ = 0.999 the estimate is divided by 1 − √β₂, a difference of numbers near 1, which amplifies its rounding.'
  },
  'multi_steps/accumulator_float32': {
    tolerance: 1e-7,
    because:
      'Optax rounds each gradient to the accumulator before it adds it; ours adds it whole and rounds what is kept'
  }
}
