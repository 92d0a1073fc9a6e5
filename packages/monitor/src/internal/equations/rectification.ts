// The numbers of RAdam: how well a second moment is known, which no formula of one variable gives.
import { pow } from '@gradchain/core/numbers'
import type { Part, Term, Terms } from './terms.js'

/**
 * The number of each step as the share r by which RAdam rectifies, for one of some decays β, with what it is made of:
 *
 *     ρ∞ = 2 / (1 − β) − 1
 *     ρₜ = ρ∞ − 2 t βᵗ / (1 − βᵗ)
 *     rₜ = √((ρₜ − 4) (ρₜ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρₜ))
 *
 * `null` where it is none.
 */
export const rectification = (
  terms: Terms,
  values: readonly number[],
  steps: readonly number[],
  step: Term,
  decays: readonly number[]
): readonly [Part, Part, Part] | null => {
  const decay = decays.find((beta) =>
    values.every((value, i) => Math.abs(value - shareAt(beta, steps[i] as number)) <= 1e-9 * value)
  )
  if (decay === undefined) return null
  const symbol = (field: string, kind: 'number' | 'part'): Part['symbol'] =>
    terms.symbol({
      family: { key: `rectification ${field} ${decay}`, kind, field },
      leaf: null,
      when: kind === 'part' ? 'now' : 'after'
    })
  const [most, length, share] = [symbol('ρ∞', 'part'), symbol('ρ', 'number'), symbol('r', 'number')]
  const less = (of: Term, by: number): Term => terms.minus(of, terms.number(by))
  const power = terms.power(terms.number(decay), step)
  const lost = terms.over(terms.times(step, power), terms.minus(terms.number(1), power))
  const above = terms.times(less(length, 4), less(length, 2), most)
  return [
    { symbol: share, value: terms.root(terms.over(above, terms.times(less(most, 4), less(most, 2), length))) },
    { symbol: length, value: terms.minus(most, terms.scaled(2, lost)) },
    { symbol: most, value: terms.number(longest(decay)) }
  ]
}

const longest = (decay: number): number => 2 / (1 - decay) - 1

const shareAt = (decay: number, step: number): number => {
  const [most, left] = [longest(decay), pow(decay, step)]
  const length = most - (2 * step * left) / (1 - left)
  return Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length))
}
