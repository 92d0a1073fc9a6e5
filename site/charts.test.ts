import { expect, test } from 'vitest'
import { charts } from './charts.mjs'

const table = (head: string, ...rows: string[]) => `${head}\n${head.replace(/[^|]+/g, ' --- ')}\n${rows.join('\n')}\n`

test('a table of times gets a bar for each, on a logarithmic scale, ours apart', () => {
  const text = table('|  | threads | ns |', '| loop | 1 | 10 |', '| **gradchain** | 2 | 1 |', '| copy | 1 | 1 000 |')
  const html = charts(`before\n\n${text}\nafter`)
  expect([...html.matchAll(/width:([\d.]+)%/g)].map(([, width]) => width)).toStrictEqual(['33.3', '0.5', '100.0'])
  expect([...html.matchAll(/class="label">([^<]+)/g)].map(([, label]) => label)).toStrictEqual([
    'loop, 1 thread',
    'gradchain, 2 threads',
    'copy, 1 thread'
  ])
  expect([...html.matchAll(/left:([\d.]+)%">([^<]*)/g)].map(([, left, value]) => `${value} at ${left}`)).toStrictEqual([
    '1 at 0.0',
    '10 at 33.3',
    '100 at 66.7',
    '1000 at 100.0'
  ])
  expect(html.match(/class="row own"/g)).toHaveLength(1)
  expect(html.endsWith(`${text}\nafter`)).toBe(true)
})

test('what is no number has no bar, and markup is text', () => {
  const html = charts(table('|  | ms |', '| <b> {{ x }} | 1 |', '| other | 2 |', '| none | – |', '| zero | 0 |'))
  expect(html.match(/class="bar"/g)).toHaveLength(2)
  expect(html.slice(0, html.indexOf('</figure>'))).not.toMatch(/<b>|\{\{/)
})

test.each([table('| a | b |', '| x | 1 |', '| y | 2 |'), table('| a | ns |', '| x | 1 |'), 'no table'])(
  'any other text stays as it is',
  (text) => {
    expect(charts(text)).toBe(text)
  }
)
