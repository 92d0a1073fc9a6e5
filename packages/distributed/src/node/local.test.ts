// What is refused; what threads do is tested in tests/mpi, where the sources are bundled for them.
import { expect, test } from 'vitest'
import { local } from './local.js'

const module = new URL('file:///rank.js')

test.each<[string, () => Promise<unknown>, string]>([
  ['zero ranks', () => local(0, module), 'localGroup: size must be a whole number from 1 to 256, got 0'],
  ['no URL', () => local(1, './rank.js' as never), 'local: module must be the URL of a module, got "./rank.js"'],
  ['no time', () => local(1, module, { timeout: NaN }), 'localGroup: timeout must be a number of milliseconds > 0'],
  [
    'an option',
    () => local(1, module, { args: [] } as never),
    'local: there is no option args; there are data, timeout'
  ]
])('%s is refused', async (_what, call, sentence) => {
  await expect(call()).rejects.toThrow(sentence)
})
