import { elementwise } from './elementwise.js'
import { groupingBlind } from './groupingBlind.js'
import { idempotent } from './idempotent.js'
import { linear } from './linear.js'
import { odd } from './odd.js'
import { scaleBlind } from './scaleBlind.js'
import { schedule } from './schedule.js'
import { shrinking } from './shrinking.js'
import { stateless } from './stateless.js'
import { wrapper } from './wrapper.js'

/** The laws of some transformations, of wrappers and of schedules: by family, then by name. */
export const families = {
  elementwise,
  groupingBlind,
  odd,
  scaleBlind,
  linear,
  idempotent,
  shrinking,
  stateless,
  wrapper,
  schedule
} as const
