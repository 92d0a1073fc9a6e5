import { fromDescription } from 'gradchain'
import { expect, test } from 'vitest'
import { descriptionOf } from './chainText.js'
import { examples, partGroups } from './parts.js'

const texts = [...partGroups.flatMap(({ parts }) => parts), ...examples.flatMap(({ chain, beside }) => [chain, beside])]

test.each(texts)('%s is a transformation', (text) => {
  expect(fromDescription(descriptionOf(text))).toHaveProperty('update')
})
