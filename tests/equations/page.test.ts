import { expect, test } from 'vitest'
import { page } from './page.js'

// Where it has changed on purpose, `npx vitest run --project unit tests/equations/page -u` writes it anew.
test('docs/equations.md is what explain says', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/equations.md')
})
