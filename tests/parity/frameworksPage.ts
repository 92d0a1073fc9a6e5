// What docs/frameworks.md is made of: the defaults of each framework side by side.
import { keras, pytorch, tensorflowjs, timm } from '@gradchain/frameworks'
import { muon, scaleByMuon, scaleByShape } from '@gradchain/matrix'
import {
  type AnyGradientTransformation,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  lion,
  nadam,
  ndarray,
  rmsprop,
  scaleByLearningRate,
  sgd
} from 'gradchain'
import { oursOf } from './ours.js'

type Table = Readonly<Record<string, () => AnyGradientTransformation>>

/** The call of a framework's function, with its defaults as far as it has them. */
export const calls: Table = {
  'SGD/PyTorch': () => pytorch.sgd(1e-3, { momentum: 0.9 }),
  'SGD/Keras': () => keras.sgd(1e-3, { momentum: 0.9 }),
  'SGD/TensorFlow.js': () => tensorflowjs.momentum(1e-3, 0.9),
  'SGD/Optax': () => sgd(1e-3, { momentum: 0.9 }),
  'Adam/PyTorch': () => pytorch.adam(),
  'Adam/Keras': () => keras.adam(),
  'Adam/TensorFlow.js': () => tensorflowjs.adam(),
  'Adam/Optax': () => adam(1e-3),
  'AdamW/PyTorch': () => pytorch.adamw(),
  'AdamW/Keras': () => keras.adamw(),
  'AdamW/timm': () => timm.adamw(),
  'AdamW/Optax': () => adamw(1e-3),
  'Nadam/PyTorch': () => pytorch.nadam(),
  'Nadam/Keras': () => keras.nadam(),
  'Nadam/Optax': () => nadam(1e-3),
  'Adamax/PyTorch': () => pytorch.adamax(),
  'Adamax/Keras': () => keras.adamax(),
  'Adamax/TensorFlow.js': () => tensorflowjs.adamax(),
  'Adamax/Optax': () => adamax(1e-3),
  'Adagrad/PyTorch': () => pytorch.adagrad(),
  'Adagrad/Keras': () => keras.adagrad(),
  'Adagrad/TensorFlow.js': () => tensorflowjs.adagrad(1e-3),
  'Adagrad/Optax': () => adagrad(1e-3),
  'Adadelta/PyTorch': () => pytorch.adadelta(),
  'Adadelta/Keras': () => keras.adadelta(),
  'Adadelta/TensorFlow.js': () => tensorflowjs.adadelta(),
  'Adadelta/Optax': () => adadelta(1e-3),
  'RMSprop/PyTorch': () => pytorch.rmsprop(),
  'RMSprop/Keras': () => keras.rmsprop(),
  'RMSprop/TensorFlow.js': () => tensorflowjs.rmsprop(1e-3),
  'RMSprop/timm': () => timm.rmsproptf(),
  'RMSprop/Optax': () => rmsprop(1e-3),
  'Lion/Keras': () => keras.lion(),
  'Lion/timm': () => timm.lion(),
  'Lion/Optax': () => lion(1e-3),
  'Adafactor/PyTorch': () => pytorch.adafactor(),
  'Adafactor/Keras': () => keras.adafactor(),
  'Adafactor/Optax': () => adafactor(1e-3),
  'Muon/PyTorch': () => pytorch.muon(),
  'Muon/Keras': () => keras.muon(),
  'Muon/Optax': () => muon(1e-3)
}

/** The chain that it is. */
export const chains: Table = {
  'SGD/PyTorch': () => sgd(1e-3, { momentum: 0.9 }),
  'SGD/Keras': () => sgd(1e-3, { momentum: 0.9, lrPlacement: 'inside' }),
  'SGD/TensorFlow.js': () => sgd(1e-3, { momentum: 0.9 }),
  'SGD/Optax': () => sgd(1e-3, { momentum: 0.9 }),
  'Adam/PyTorch': () => adam(1e-3),
  'Adam/Keras': () => adam(1e-3, { eps: 1e-7, epsPlacement: 'hat' }),
  'Adam/TensorFlow.js': () => adam(1e-3, { eps: 1e-7 }),
  'Adam/Optax': () => adam(1e-3),
  'AdamW/PyTorch': () => adamw(1e-3, { weightDecay: 0.01 }),
  'AdamW/Keras': () => adamw(1e-3, { weightDecay: 0.004, eps: 1e-7, epsPlacement: 'hat' }),
  'AdamW/timm': () => adamw(1e-3, { weightDecay: 0.01 }),
  'AdamW/Optax': () => adamw(1e-3),
  'Nadam/PyTorch': () => nadam(2e-3, { momentumDecay: 4e-3 }),
  'Nadam/Keras': () => nadam(1e-3, { momentumDecay: 1, eps: 1e-7 }),
  'Nadam/Optax': () => nadam(1e-3),
  'Adamax/PyTorch': () => adamax(2e-3),
  'Adamax/Keras': () => adamax(1e-3, { eps: 1e-7, epsInMax: false }),
  'Adamax/TensorFlow.js': () => adamax(2e-3, { eps: 1e-7, epsInMax: false }),
  'Adamax/Optax': () => adamax(1e-3),
  'Adagrad/PyTorch': () => adagrad(1e-2, { initialAccumulatorValue: 0, eps: 1e-10, epsInSqrt: false }),
  'Adagrad/Keras': () => adagrad(1e-3),
  'Adagrad/TensorFlow.js': () => adagrad(1e-3),
  'Adagrad/Optax': () => adagrad(1e-3),
  'Adadelta/PyTorch': () => adadelta(),
  'Adadelta/Keras': () => adadelta(1e-3, { rho: 0.95, eps: 1e-7 }),
  'Adadelta/TensorFlow.js': () => sgd(1e-3),
  'Adadelta/Optax': () => adadelta(1e-3),
  'RMSprop/PyTorch': () => rmsprop(1e-2, { decay: 0.99, epsInSqrt: false, lrPlacement: 'outside' }),
  'RMSprop/Keras': () => rmsprop(1e-3, { eps: 1e-7 }),
  'RMSprop/TensorFlow.js': () => rmsprop(1e-3, { eps: 1e-7 }),
  'RMSprop/timm': () => rmsprop(1e-2, { eps: 1e-10, initialScale: 1 }),
  'RMSprop/Optax': () => rmsprop(1e-3),
  'Lion/Keras': () => lion(1e-3, { weightDecay: 0 }),
  'Lion/timm': () => lion(1e-4, { weightDecay: 0 }),
  'Lion/Optax': () => lion(1e-3),
  'Adafactor/PyTorch': () => adafactor((t) => Math.min(1e-2, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 }),
  'Adafactor/Keras': () => adafactor((t) => Math.min(1e-3, 1 / Math.sqrt(t + 1)), { minDimSizeToFactor: 1 }),
  'Adafactor/Optax': () => adafactor(1e-3),
  'Muon/PyTorch': () =>
    chain(
      scaleByMuon({ debias: false, eps: 1e-30 }),
      scaleByShape({ weightDimensionNumbers: { reductionAxis: 1, outputAxis: 0 } }),
      addDecayedWeights(0.1),
      scaleByLearningRate(1e-3)
    ),
  'Muon/Keras': () =>
    chain(
      scaleByMuon({ debias: false, eps: 5e-9 }),
      scaleByShape({ consistentRms: 0.2 }),
      addDecayedWeights(0.004),
      scaleByLearningRate(1e-3)
    ),
  'Muon/Optax': () => muon(1e-3)
}

/** What differs, rule by rule. */
const words: Readonly<Record<string, readonly string[]>> = {
  SGD: [
    'With a number for a learning rate all are the same. A schedule acts on all of the momentum in PyTorch, Optax and TensorFlow.js; in Keras a step keeps the rate it was taken with.',
    'A weight decay goes through the momentum in PyTorch; in Keras it acts on the params.',
    'Default learning rates: 1e-3 in PyTorch, 1e-2 in Keras, none in the others.'
  ],
  Adam: [
    'epsilon is 1e-8 in PyTorch and Optax, 1e-7 in Keras and TensorFlow.js.',
    'Keras adds it before the correction of the second moment, where it weighs up to 32 times as much; the others after.',
    '`amsgrad` takes the largest moment before its correction in PyTorch and Keras, after it in Optax.',
    'A weight decay is an L2 penalty in PyTorch; in Keras it is decoupled, also in Adam.'
  ],
  AdamW: [
    'The default decay is 0.01 in PyTorch and timm, 0.004 in Keras, 1e-4 in Optax; in all it is times the learning rate.',
    'What else differs is what differs in Adam.'
  ],
  Nadam: [
    'The momentum warms up: with ψ = 0.004 in PyTorch and timm, with 1 in Keras, not at all in Optax.',
    "PyTorch's learning rate is twice that of the others, its product of momenta a float32."
  ],
  Adamax: [
    'The learning rate is 2e-3, that of the paper, in PyTorch and TensorFlow.js.',
    'epsilon is added to the gradient inside the maximum in PyTorch and Optax, to the maximum in Keras and TensorFlow.js.'
  ],
  Adagrad: [
    'The sum of squares begins at 0 in PyTorch and at 0.1 elsewhere, so that only there the first step is the learning rate.',
    'epsilon is 1e-10 outside the root in PyTorch, 1e-7 inside it elsewhere.'
  ],
  Adadelta: [
    'The learning rate is 1, that of the paper, in PyTorch, and 1e-3 in Keras and TensorFlow.js; ρ is 0.9 or, in Keras, 0.95.',
    'That of TensorFlow.js divides by the mean square before the gradient came in, by which it is plain descent.'
  ],
  RMSprop: [
    'The mean reaches back 100 steps in PyTorch, 10 elsewhere; none corrects it, so that the first step is 10 or 3.2 learning rates.',
    "epsilon is outside the root in PyTorch, inside elsewhere; timm's mean square begins at 1.",
    'The learning rate acts on the momentum in PyTorch and goes into it elsewhere.'
  ],
  Lion: [
    'The updates are equal. Optax decays by 1e-3, the others not at all; the learning rate of Keras is ten times that of the paper.'
  ],
  Adafactor: [
    'On a matrix of 4 × 3, all of it 1, whose gradient is that of the others times 1, 2, …, 12.',
    'Optax factors only from 128 rows and columns, the others every matrix; they cap the learning rate by 1 / √t.',
    'The default learning rates: 1e-2 in PyTorch, 1e-3 in Keras, none in Optax; in transformers 1e-2 that it finds itself.'
  ],
  Muon: [
    'On the same matrix as Adafactor.',
    'A matrix is [out, in] in PyTorch and [in, out] in Optax and Keras. The update is multiplied by √max(1, out / in) in PyTorch and Optax, by 0.2 √max(in, out) in Keras.',
    'The default decay is 0.1 in PyTorch, 0.004 in Keras, 0 in Optax.',
    'The momentum is corrected for its start in Optax alone. Iterations are in bfloat16 in PyTorch, whatever the dtype, and here in that of the params.',
    'What is no matrix is refused in PyTorch and goes to Adam in the others: to that of Keras, with its own decay of 0.004, or to NAdam in Optax, whose `nesterov` is that of both.'
  ]
}

/** Whether a rule is shown on a matrix, as it is nothing special on a number. */
export const onMatrix = (rule: string): boolean => rule.startsWith('Adafactor') || rule.startsWith('Muon')

/** w after each of ten steps: w = 1 at first, and gₜ = ½ cos t. */
export const course = (tx: AnyGradientTransformation, isMatrix: boolean): readonly number[] => {
  const { init, update } = tx as unknown as Driven
  const filled = (at: (i: number) => number) =>
    ndarray(
      Float64Array.from({ length: 12 }, (_, i) => at(i)),
      [4, 3]
    )
  let params: unknown = { w: isMatrix ? filled(() => 1) : 1 }
  let state = init(params)
  return Array.from({ length: 10 }, (_, i) => {
    const g = 0.5 * Math.cos(i + 1)
    const [updates, next] = update({ w: isMatrix ? filled((k) => (k + 1) * g) : g }, state, params)
    params = apply(params, updates)
    state = next
    const { w } = params as { readonly w: number | { readonly data: Float64Array } }
    return typeof w === 'number' ? w : (w.data[0] ?? Number.NaN)
  })
}

interface Driven {
  readonly init: (params: unknown) => unknown
  readonly update: (updates: unknown, state: unknown, params: unknown) => readonly [unknown, unknown]
}
const apply = applyUpdates as (params: unknown, updates: unknown) => unknown

const code = (text: string): string => `\`${text}\``

/** The lines of a table whose first row is its head, in columns, as the formatter leaves them. */
const aligned = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const [head = '', ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))))
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body]
}

/** The page. */
export const page = (): string => {
  const texts = { calls: oursOf('./frameworksPage.ts', 'calls'), chains: oursOf('./frameworksPage.ts', 'chains') }
  const sections = Object.entries(words).map(([rule, sentences]) => {
    const rows = Object.entries(calls)
      .filter(([name]) => name.startsWith(`${rule}/`))
      .map(([name, make]) => {
        const steps = course(make(), onMatrix(rule))
        const shown = [1, 2, 10].map((step) => (steps[step - 1] ?? Number.NaN).toFixed(11))
        const [, framework = ''] = name.split('/')
        const cells = [framework, code(texts.calls.get(name)?.text ?? ''), ...shown]
        return [...cells, code(texts.chains.get(name)?.text ?? '')]
      })
    return [
      `## ${rule}`,
      '',
      ...aligned([['', '', 'step 1', 'step 2', 'step 10', 'the chain'], ...rows]),
      '',
      ...sentences.map((sentence) => `- ${sentence}`)
    ].join('\n')
  })
  return `# One name, many optimizers

What the defaults of each framework do: w after steps 1, 2 and 10, from w = 1, with the gradient ½ cos t at step t = 1, 2, …, in float64.
Where a framework has no default for the learning rate it is 1e-3. \`pytorch\`, \`keras\`, \`tensorflowjs\` and \`timm\` are those of
[\`@gradchain/frameworks\`](../packages/frameworks), which are compared with the real ones, PyTorch 2.13, Keras 3.15, TensorFlow.js 4.22,
transformers 5.18 and timm 1.0.29; the chains and the rows of Optax, our own defaults, are Gradchain's. This page is written by
\`npm run frameworks:page\`.

${sections.join('\n\n')}
`
}
