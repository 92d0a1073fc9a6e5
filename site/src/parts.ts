// What can be put into a chain by clicking, with arguments that do something one can see.

/** Parts under a heading. */
export interface PartGroup {
  readonly title: string
  readonly parts: readonly string[]
}

export const partGroups: readonly PartGroup[] = [
  {
    title: 'Optimizers',
    parts: [
      'sgd(1e-3, { momentum: 0.9 })',
      'adam(0.1)',
      'adamw(0.1, { weightDecay: 1e-3 })',
      'nadam(0.1)',
      'lion(0.01)',
      'rmsprop(0.01)',
      'adagrad(1)',
      'adabelief(0.05)',
      'yogi(0.1)',
      'prodigy(1)',
      'scheduleFreeSgd(1e-3)'
    ]
  },
  {
    title: 'Before',
    parts: [
      'clipByGlobalNorm(1)',
      'clip(0.5)',
      'centralize()',
      'zeroNans()',
      'addNoise({ eta: 0.01, gamma: 0.55, key: 0 })'
    ]
  },
  {
    title: 'Moments',
    parts: ['scaleByAdam()', 'scaleByRms()', 'scaleByLion()', 'trace(0.9)', 'ema(0.9)', 'scaleBySign()']
  },
  {
    title: 'After',
    parts: [
      'addDecayedWeights(0.01)',
      'scaleByLearningRate(0.1)',
      'scaleByLearningRate(cosineDecaySchedule({ initValue: 0.1, decaySteps: 200 }))',
      'scaleByLearningRate(warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.2, warmupSteps: 20, decaySteps: 200, endValue: 0 }))'
    ]
  }
]

/** Chains to begin with. */
export const examples: readonly { readonly title: string; readonly chain: string; readonly beside: string }[] = [
  { title: 'Adam beside momentum', chain: 'adam(0.1)', beside: 'sgd(1e-3, { momentum: 0.9 })' },
  {
    title: 'clipped, with warmup',
    chain:
      'chain(\n  clipByGlobalNorm(1),\n  scaleByAdam(),\n  scaleByLearningRate(warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.2, warmupSteps: 20, decaySteps: 200, endValue: 0 }))\n)',
    beside: 'adam(0.1)'
  },
  { title: 'without a learning rate', chain: 'prodigy(1)', beside: 'adam(0.1)' }
]
