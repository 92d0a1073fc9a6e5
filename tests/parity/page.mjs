// Writes docs/parity.md out of what the last run of the parity tests measured: `npm run parity:page` does both.
import { readFileSync, writeFileSync } from 'node:fs'

/** @typedef {{ name: string, expression: string, dtype: string, relative: number | null, ulps: number | null, because?: string }} Row */
/** @typedef {{ versions: Record<string, string>, rows: Row[] }} Report */

/** @param {string} name @returns {Report} */
const read = (name) => JSON.parse(readFileSync(new URL(`./.cache/${name}.json`, import.meta.url), 'utf8'))

const transformations = read('transformations')
const schedules = read('schedules')

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
| \`exponential_decay\` with a rate of 0 is constant, with a negative one NaN | refused | misuse |
| an \`exponent\` or \`power\` of 0 never moves; a negative \`transition_begin\` counts as 0 | refused | nothing is repaired in silence |
| \`warmup_cosine_decay_schedule\` with a peak of 0 ignores the end value | it ends at the end value | what was asked for |
| one-cycle phases that fall on the same step lose a factor | both count | a dictionary key is no reason |
| \`join_schedules\` drops schedules when there are too few boundaries; members see negative steps | refused; they do not | a typo should not train |
| the decay of a bfloat16 or float16 moment is rounded to that dtype (0.9 becomes 0.8984, 0.999 becomes 1) | moments are computed in float32 and rounded when they are stored | \`muDtype\` saves memory and nothing else |
| counters saturate at 2³¹ − 1 | counters are exact to 2⁵³ | |
| a mask that is a function is given the updates when it updates | it is given the params, always | |
| \`apply_updates\` broadcasts; \`tree_map\` of unequal trees fails without a path | refused, with the path | |
| \`lookahead\` wants pairs of fast and slow params | takes params and keeps the slow ones in its state | params in are params out |
| the state of \`sgd\`, \`scale_by_rms\`, \`add_decayed_weights\` … depends on the options | one factory, one shape of state | a type one can write down |
| \`masked\` passes gradients where the mask is false | kept, as others rely on it | \`freeze\` gives zeros |

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

## Schedules

At steps 0 to 30, 100, 1 000 and 1 000 000, in float64.

| case | Optax | float64 |
|---|---|---|
${table(schedules.rows, (rows) => [worst(rows)]).join('\n')}
`

writeFileSync(new URL('../../docs/parity.md', import.meta.url), page)
