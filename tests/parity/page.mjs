// Writes docs/parity.md out of what the last run of the parity tests measured: `npm run parity:page` does both.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** @typedef {{ name: string, expression: string, ours?: string, dtype: string, relative: number | null, ulps: number | null, because?: string }} Row */
/** @typedef {{ versions: Record<string, string>, rows: Row[] }} Report */

/** @typedef {{ name: string, kind: string, optax: string | null, torch: string[], torchSchedules: string[] }} Symbol */

/** @param {string} name @returns {Report} */
const read = (name) => JSON.parse(readFileSync(new URL(`./.cache/${name}.json`, import.meta.url), 'utf8'))

const transformations = read('transformations')
const schedules = read('schedules')
const losses = read('losses')
const torch = read('torch')
const halves = read('halves')
const torchSchedules = existsSync(new URL('./.cache/torchSchedules.json', import.meta.url))
  ? read('torchSchedules')
  : { versions: {}, rows: [] }
/** @type {{ symbols: Symbol[], schedulers: Record<string, string> }} */
const { symbols, schedulers } = JSON.parse(readFileSync(new URL('./.cache/symbols.json', import.meta.url), 'utf8'))

/** @param {Row[]} rows */
const worst = (rows) => {
  const row = rows.reduce((a, b) => ((b.relative ?? Infinity) > (a.relative ?? Infinity) ? b : a))
  return row.relative === 0 ? 'exact' : `${row.relative?.toExponential(1)} (${row.ulps} ulp)`
}

/** @param {Row[]} rows @param {string} dtype */
const cell = (rows, dtype) => {
  const some = rows.filter((row) => row.dtype === dtype)
  return some.length === 0 ? '–' : worst(some)
}

/** @param {string} text */
const code = (text) => `\`${text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\``

/** Optax's name as the cases have it: `optax.contrib.MultiSteps` is `multi_steps`. @param {string} optax */
const caseOf = (optax) =>
  optax
    .replace(/^optax\.(contrib\.|transforms\.)?/, '')
    .replace('tree.', 'tree_')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()

/** The rows of a symbol of Optax: its own cases, or else those whose expression uses it. @param {string | null} optax */
const optaxRows = (optax) => {
  if (optax === null) return []
  const rows = [...transformations.rows, ...schedules.rows, ...losses.rows]
  const own = rows.filter((row) => row.name.split('/')[0] === caseOf(optax))
  return own.length > 0 ? own : rows.filter((row) => row.expression.split(/[^\w.]/).includes(optax))
}

/** @param {Symbol} symbol */
const torchRows = (symbol) => [
  ...torch.rows.filter((row) => symbol.torch.includes(row.name)),
  ...torchSchedules.rows.filter((row) => symbol.torchSchedules.includes(row.name))
]

/** Leaves out what differs on purpose, but where there is nothing else. @param {Row[]} rows @param {string} dtype */
const symbolCell = (rows, dtype) => {
  const meant = rows.filter((row) => row.because === undefined && row.dtype === dtype)
  return meant.length > 0 ? cell(meant, dtype) : cell(rows, dtype).replace(/\)$/, ') \\*')
}

const symbolTable = [...symbols]
  .sort((a, b) => (a.name < b.name ? -1 : 1))
  .map((symbol) => {
    const [optax, pytorch] = [optaxRows(symbol.optax), torchRows(symbol)]
    const cells = [optax, pytorch].flatMap((rows) => [symbolCell(rows, 'float64'), symbolCell(rows, 'float32')])
    return `| \`${symbol.name}\` | ${symbol.optax === null ? '–' : code(symbol.optax)} | ${cells.join(' | ')} |`
  })

/** @param {Row[]} rows @param {(rows: Row[]) => string[]} columns */
const torchTable = (rows, columns) => {
  /** @type {Map<string, Row[]>} */
  const byName = new Map()
  for (const row of rows) byName.set(row.name, [...(byName.get(row.name) ?? []), row])
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, some]) => {
      const ours = some[0]?.ours ?? schedulers[name]
      const cells = [code(some[0]?.expression ?? ''), ours === undefined ? '–' : code(ours), ...columns(some)]
      return `| ${cells.join(' | ')} |`
    })
}

/** @param {Row[]} rows @param {(rows: Row[]) => string[]} columns */
const table = (rows, columns) => {
  /** @type {Map<string, Row[]>} */
  const byName = new Map()
  for (const row of rows) byName.set(row.name, [...(byName.get(row.name) ?? []), row])
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, some]) =>
        `| ${name} | \`${some[0]?.expression.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\` | ${columns(some).join(' | ')} |`
    )
}

/** @param {Row[]} rows @param {string} dtype */
const unitsOf = (rows, dtype) => {
  const { ulps } = rows.find((row) => row.dtype === dtype) ?? { ulps: null }
  return ulps === 0 ? 'exact' : (ulps?.toFixed(1) ?? '–')
}

const { versions } = transformations
const page = `# Numbers: where they come from, and where they differ

Every transformation, wrapper, alias and schedule is compared with the real Optax ${versions['optax']} (jax ${versions['jax']}), run
by [tests/parity/generate.py](../tests/parity/generate.py) on trees of several shapes over 12 steps, with default and other
hyperparameters. In float64 our updates must be within 1e-12 of the largest update of their leaf, in float32 within 2e-5:
there Optax computes bias corrections and schedules in float32, and ours, which are float64 rounded once, are the closer ones.

## Where we differ on purpose

| Optax | here | why |
|---|---|---|
| \`MultiSteps\` selects by multiplying, so that one NaN stays in the accumulator for good | it spoils the one update it belongs to; \`skipNotFinite\` skips it without a trace | a run should not die of one batch |
| \`scale_by_learning_rate(None)\` drops the minus sign, and the params ascend | the learning rate is required | a default must descend |
| linear, polynomial and exponential schedules with zero transition steps stay at their initial value | they are at their end value | the limit of short transitions |
| \`projection_box\` and \`projection_hypercube\` refuse a number as a bound of a tree | numbers, trees and prefixes are bounds | their documentation says so |
| \`projection_l1_sphere\` leaves zeros as they are, and is then inside of the sphere; \`projection_l2_sphere\` of 0 is NaN | one of the nearest points | a projection is in its set |
| \`exponential_decay\` with a rate of 0 is constant, with a negative one NaN | refused | misuse |
| an \`exponent\` or \`power\` of 0 never moves; a negative \`transition_begin\` counts as 0 | refused | nothing is repaired in silence |
| \`warmup_cosine_decay_schedule\` with a peak of 0 ignores the end value | it ends at the end value | what was asked for |
| one-cycle phases that fall on the same step lose a factor | both count | a dictionary key is no reason |
| \`join_schedules\` drops schedules when there are too few boundaries; members see negative steps | refused; they do not | a typo should not train |
| the decay of a bfloat16 or float16 moment is rounded to that dtype (0.9 becomes 0.8984, 0.999 becomes 1) | moments are computed in float32 and rounded when they are stored | \`muDtype\` saves memory and nothing else |
| what is kept of bfloat16 and float16 params (moments, traces, sums) is 16-bit, and stands still where it moves by less than half a unit: Adam's update of a gradient that is always 1 ends near 2 | it is float32; \`muDtype\`, \`nuDtype\` and \`accumulatorDtype\` give Optax's dtypes | half precision is for storing params, not for adding up |
| counters saturate at 2³¹ − 1 | counters are exact to 2⁵³ | |
| a mask that is a function is given the updates when it updates | it is given the params, always | |
| \`apply_updates\` broadcasts; \`tree_map\` of unequal trees fails without a path | refused, with the path | |
| \`lookahead\` wants pairs of fast and slow params | takes params and keeps the slow ones in its state | params in are params out |
| the state of \`sgd\`, \`scale_by_rms\`, \`add_decayed_weights\` … has another type with other options | one factory, one type of state, with the same fields; what the options leave nothing to remember of (the trace of \`sgd\` without momentum) is \`null\`, the empty tree, in its field | a type one can write down, and no memory for zeros; what remembers more needs a state that does, so that one made with other options is refused by its path |
| \`masked\` passes gradients where the mask is false | kept, as others rely on it | \`freeze\` gives zeros |
| \`scale_by_adan\` and \`adan\` weigh the change of the gradient with 1 − b2 | with \`differenceWeight\`, b2 by default | b2 is the share that is kept, 1 minus that of the paper; \`1 - b2\` gives Optax's numbers, and is what is compared |
| \`scale_by_rprop\` and \`rprop\` emit each update one step late, zeros at first | each at its own step | the definition, and PyTorch; what Optax has computed at the step is what is compared |
| \`scale_by_rss\` and \`scale_by_sm3\` have updates of 0 where a sum of squares is NaN | NaN stays NaN | trouble shows; \`zeroNans\` and \`applyIfFinite\` are for it |
| \`apply_every\` multiplies its sum by 0, so that one NaN stays in it for good | it spoils the one sum it belongs to | a run should not die of one batch |
| \`scale_by_stddev\` takes the root of a variance that rounding has left below zero: NaN | it is taken for zero then |  |
| \`scale_by_factored_rms\` and \`adafactor\` compute the decay rate in float32, and NaN before \`step_offset\` | in float64; before \`stepOffset\` it is that of step 0 | seven digits of float64 would be wrong |
| \`adafactor\` keeps its average, \`MultiSteps\` its sum and \`scale_by_distance_over_gradients\` the first params in float32 | in the dtype of the params by default, the first two in float32 where those are 16-bit | what is float64 stays float64 |
| \`scale_by_radam\` with a threshold below 4 takes the root of a negative number: NaN | refused | below 4 there is no variance |
| \`clip_by_global_norm(0.0)\` and \`normalize_by_update_norm(eps=0.0)\` make NaN of updates of zero | the first is refused, the second gives zeros |  |
| \`scale_by_distance_over_gradients\` turns arrays of rank 0 into arrays of one element; \`scale_by_sm3\` fails on them | they stay what they are |  |
| \`adadelta()\` ascends, \`noisy_sgd()\` and \`add_noise\` have the key 0 with a warning | \`adadelta()\` descends with the learning rate 1; the key is required | a default must descend; noise that is the same in every run must be asked for |
| \`optimistic_adam\`, \`sm3\` and \`novograd\`'s weight decay know no schedules | they do | a number is its constant schedule everywhere |
| \`inject_hyperparams\` rounds hyperparameters to the widest dtype of the params | they are numbers, float64 | 0.999 in float32 is off by 1e-5 where 1 − b2 counts |
| \`reduce_on_plateau\` with a patience of 0 reduces at improvements; it refuses rtol = atol = 0 | refused; allowed, any fall being better |  |
| \`snapshot\` begins with a measurement of the params, \`monitor\` with none | both with one of updates of zero | a state has one structure, from the first |
| \`flatten\` widens mixed dtypes | refused, with a path of each | what comes out has the dtype that went in |
| \`muon\` makes fewer steps than \`ns_steps\` with a list of coefficients that is shorter, and refuses a longer one as "not enough" | the last triple is repeated, what is too much is left out | \`steps\` steps are what was asked for |
| \`contrib.schedule_free\` with \`b1=0\` makes all params NaN; a warm-up of 0 steps has the learning rate 0 for ever | the first is refused, as the average would be nowhere; the second is no warm-up | |
| \`contrib.prodigy\` and \`contrib.dadapt_adamw\` make everything NaN when the first gradient, or the learning rate of the first step, is zero | the estimate stays | a warm-up begins at 0 |
| \`contrib.normalize\` makes NaN of updates of zero | zeros | |
| \`contrib.sam\` with \`sync_period=1\` steps from the params of the step before; neither form takes extra arguments of its parts | it is the optimizer; both hand them on | |
| \`contrib.madgrad\` takes the root of the step in float32 | in float64 | eight digits of float64 would be wrong |
| \`contrib.dog\`, \`prodigy\`, \`momo\`, \`mechanize\` … keep their numbers in the narrowest dtype of the params | in float64 | an estimate that grows by less than half a unit would stand still |
| \`kl_divergence\` has slopes of NaN by a target of 0, \`kl_divergence_with_log_targets\` is NaN where the logarithm of one is −∞ | both are finite there: what did not happen adds nothing, and has no slope | 0 log 0 is 0 |
| \`triplet_margin_loss\` takes no absolute values, so that a distance of an odd degree is none | it is the norm of that degree | a distance is not below 0 |
| a label that is the number of no class is taken for another, or gives NaN | refused, with its place | nothing is repaired in silence |
| \`huber_loss\`, \`hinge_loss\`, \`log_cosh\` … broadcast | arrays of different shapes are refused, with both | nothing is broadcast unasked |
| \`ntxent\` of a batch without a pair of one label is NaN | it is 0 | a batch that says nothing should not end a run |
| \`binary_dice_loss(apply_sigmoid=False)\` refuses probabilities that are not 1 | they are taken | of one class there is nothing to sum up |
| bias corrections and running means divide by a number for each element | they multiply by its reciprocal | processors multiply several times as fast as they divide; within one and a half units in the last place |

## What Optax's core has and this has not

| Optax | why |
|---|---|
| \`with_extra_args_support\` | every transformation takes and hands on what others need; its type says what it needs itself |
| \`inject_stateful_hyperparams\`, \`schedules.WrappedSchedule\` | \`injectHyperparams\` takes numbers, schedules and stateful schedules alike |
| \`tree.conj\`, \`tree.real\` | there are no complex dtypes |
| \`tree.unwrap_random_key_data\` | keys are plain data |
| \`scale_gradient\` | it is about differentiation, which happens elsewhere |
| \`contrib.split_real_and_imaginary\` | there are no complex dtypes |
| \`experimental.aggregating\` | gradients of examples are an extra argument, of whatever transformation needs them; their mean is what \`multiSteps\` takes, which does what \`accumulate_avg_updates\` does, and their variance is a measure for \`monitor\` |
| \`microbatching.micro_vmap\`, \`micro_grad\` and \`reshape_batch_axis\` | they stand on \`jax.vmap\` and on how compiled code lays out arrays; \`microbatch\` takes any function of a batch |
| \`num_real_microbatches\` of \`microbatching.microbatch\` | a shorter batch needs no compiling |
| \`verbose\` and \`print_win_rate_every_n_steps\` of \`contrib.sophia\`, \`verbose\` of line searches | a transformation prints nothing; \`monitor\` measures |
| \`multi_transform\`, \`safe_int32_increment\`, \`tree_utils.*\`, \`tree_map_params\` … | older names of \`partition\`, and so on; what Optax itself calls deprecated has no second name here |
| \`safe_increment\` | counters are exact to 2⁵³ |
| \`safe_norm\`, \`safe_root_mean_squares\` | \`norm\` and \`rms\` have the slope 0 at 0; \`max(norm(x), least)\` is what is left of them |
| \`second_order.hessian_diag\`, \`fisher_diag\` | deprecated there; \`hvp\`, and \`hutchinsonDiagonal\` and \`diagonalFisher\` of \`@gradchain/curvature\` |
| \`assignment.base_hungarian_algorithm\` | \`hungarianAlgorithm\` has its rows in order |
| \`static_args\`, \`hyperparam_dtype\` of \`inject_hyperparams\` | the factory is given the numbers that are named, all else is written in it; numbers are float64 |
| \`mask_compatible_extra_args\` of \`masked\` and \`partition\` | extra arguments are handed on as they are |
| \`forward_extra_args\` of \`conditionally_transform\` and \`conditionally_mask\` | extra arguments are always handed on, and conditions that need some say so by their type |
| \`is_leaf\` of \`tree.map_params\` | what is left out of a tree is \`null\`, which has no leaves |
| \`associative_reduction\` of \`tree.sum\`, \`precision\` of \`power_iteration\`, \`unroll\` of \`nnls\` | how it is computed is specified, and the same everywhere |
| \`argnames\` and \`in_axes\` of \`microbatching.microbatch\` | examples lie along the first axis of the arguments that \`argnums\` counts |
| \`batch_axis_name\` of \`contrib.sam\` | \`allReduceMean\` of \`@gradchain/distributed\` is part of either chain |
| \`multi_normal\` | a distribution, and legacy in Optax |

## Every symbol

The largest difference from Optax and from PyTorch over all cases that use the symbol, but for those that differ on purpose, below;
\\* where all of them do, – where there are none.

| here | Optax | Optax, float64 | Optax, float32 | PyTorch, float64 | PyTorch, float32 |
|---|---|---|---|---|---|
${symbolTable.join('\n')}

## Transformations

The largest difference of any step and leaf, relative to the largest update of the leaf.

| case | Optax | float64 | float32 |
|---|---|---|---|
${table(
  transformations.rows.filter((row) => row.because === undefined),
  (rows) => [cell(rows, 'float64'), cell(rows, 'float32')]
).join('\n')}

Differing on purpose:

| case | Optax | float64 | float32 | why |
|---|---|---|---|---|
${table(
  transformations.rows.filter((row) => row.because !== undefined),
  (rows) => [cell(rows, 'float64'), cell(rows, 'float32'), rows[0]?.because ?? '']
).join('\n')}

## Params of 16 bits

With the options that keep moments in 16 bits, as Optax does; without them they are float32, and better
([decision 5](decisions/0005-what-is-kept-of-16-bit-params-is-float32.md)). Optax rounds every operation to 16 bits, here each update is
rounded once: what is compared is one step after another from the params that Optax has, in units in the last place of the largest update.
\`half\` is the dtype; Optax's expressions need none, for its moments have that of the params.

| Optax | here | bfloat16 | float16 |
|---|---|---|---|
${torchTable(halves.rows, (rows) => ['bfloat16', 'float16'].map((dtype) => unitsOf(rows, dtype))).join('\n')}

## Schedules

At steps 0 to 30, 100, 1 000 and 1 000 000, in float64.

| case | Optax | float64 |
|---|---|---|
${table(schedules.rows, (rows) => [worst(rows)]).join('\n')}

## Losses

What comes out, the gradients of its sum, and in float64 products of the Hessian with a vector, against the real Optax and JAX, run by
[tests/parity/generate_losses.py](../tests/parity/generate_losses.py): the largest difference, relative to the largest number of the array.

| Optax | here | float64 | float32 |
|---|---|---|---|
${torchTable(
  losses.rows.filter((row) => row.because === undefined),
  (rows) => [cell(rows, 'float64'), cell(rows, 'float32')]
).join('\n')}

Differing on purpose:

| Optax | here | float64 | float32 | why |
|---|---|---|---|---|
${torchTable(
  losses.rows.filter((row) => row.because !== undefined),
  (rows) => [cell(rows, 'float64'), cell(rows, 'float32'), rows[0]?.because ?? '']
).join('\n')}

## PyTorch

Compared with the real PyTorch ${torch.versions['torch']}, run by [tests/parity/generate_torch.py](../tests/parity/generate_torch.py) on the
same params and gradients: the params after every step, relative to the largest that the leaf ever has. In float64 they must be
within 1e-12, in float32 within 2e-5. Where our default is another, the expression has the options that give PyTorch's numbers.
Step 0 is before the first one.

| PyTorch | here | float64 | float32 |
|---|---|---|---|
${torchTable(
  torch.rows.filter((row) => row.because === undefined),
  (rows) => [cell(rows, 'float64'), cell(rows, 'float32')]
).join('\n')}

Differing on purpose:

| PyTorch | here | float64 | float32 | why |
|---|---|---|---|---|
${torchTable(
  torch.rows.filter((row) => row.because !== undefined),
  (rows) => [cell(rows, 'float64'), cell(rows, 'float32'), rows[0]?.because ?? '']
).join('\n')}

What is not compared, as no option gives it:

| PyTorch | here | why |
|---|---|---|
| the first \`update_parameters\` of an \`AveragedModel\` copies the params, so that an average that decays begins after the first step | \`emaParams\` begins with the params it is initialised with, as if \`update_parameters\` had been called before the first step; with \`debias\`, from nothing | the average does not depend on when it is first looked at |
| \`RAdam\` rectifies when ρ > 5 | when ρ ≥ \`threshold\` | Optax's rule; they differ only where ρ is exactly 5 |
| \`Adafactor\` keeps its estimates above eps², and their mean above eps, which is that of the dtype by default | \`eps\` is added to each square | Optax's rule; \`eps=(1e-15, 1e-3)\` makes them the same |
| \`Rprop\` multiplies two gradients to compare their signs, so that tiny ones count as 0 | it remembers the sign | the product of 1e-30 and 1e-30 is 0 in float32 |

Schedulers, at every step, in float64; \`initValue\` is the learning rate of the optimizer, and what else has a name stands in
[tests/parity/torchSchedules.ts](../tests/parity/torchSchedules.ts):

| PyTorch | here | float64 |
|---|---|---|
${torchTable(
  torchSchedules.rows.filter((row) => row.because === undefined),
  (rows) => [worst(rows)]
).join('\n')}
`

writeFileSync(new URL('../../docs/parity.md', import.meta.url), page)
