// The site as it is built, in a real browser: every page opens without an error, what links name is there, and the playground draws.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest'
import { installedChromium, launch } from '../browser/chromium.js'
import { faultsOf } from '../browser/faultsOf.js'
import { filesIn, root } from '../docs/files.js'
import { leftOut } from '../packed/leftOut.js'

const DIST = 'site/.vitepress/dist'
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json'
}

const chromium = installedChromium()
let pages: readonly string[] = []
let server: Server
let address = ''
let browser: Awaited<ReturnType<typeof launch>>

const textOf = (name: string): string => readFileSync(join(root, DIST, name), 'utf8')

beforeAll(async () => {
  // Waited for, not blocked on: Vitest wants to hear from its worker in these minutes.
  await promisify(execFile)(process.execPath, [join(root, 'site/build.mjs')], { maxBuffer: Infinity })
  pages = filesIn(DIST, (path) => path.endsWith('.html')).map((path) => path.slice(DIST.length + 1))
  if (chromium === undefined) return
  server = createServer(({ url = '/' }, response) => {
    const path = join(root, DIST, new URL(url, 'http://site').pathname.replace(/\/$/, '/index.html'))
    if (!existsSync(path)) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'text/plain' }).end(readFileSync(path))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await launch(chromium)
})

afterAll(async () => {
  server?.close()
  await browser?.end()
})

/** A tab, and what went wrong in it. */
const open = async (context: TestContext): Promise<{ page: Page; errors: string[] }> => {
  if (chromium === undefined) return leftOut(context, 'there is no Chromium here (apt-get install chromium)')
  const page = await browser.context.newPage()
  // How long something takes says nothing about the site; what never comes is stopped by Vitest.
  page.setDefaultTimeout(0)
  // A page loads beforehand what its links lead to, unless data is to be saved: here every page is opened anyway.
  await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }))
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${page.url()}: ${message.text()}`)
  })
  return { page, errors }
}

/** Opens a page, and waits until Vue has taken it over. */
const visit = async (page: Page, name: string): Promise<void> => {
  // Another hash alone would not load the page again.
  await page.goto('about:blank')
  await page.goto(`${address}/${name}`, { waitUntil: 'load' })
  await page.waitForFunction(() => '__vue_app__' in (document.querySelector('#app') ?? {}))
}

describe('what is built', () => {
  test('every page of the documentation, every package and every folder of exports has a page', () => {
    const wanted = [
      ...filesIn('docs', (path) => path.endsWith('.md') && path !== 'docs/guide.md').map((path) => path.slice(5)),
      ...filesIn('packages', (path) => /^packages\/[^/]+\/README\.md$/.test(path)),
      'api/transforms/clipping.md',
      'guide/schedules.md',
      'start.md'
    ].map((path) => path.replace('README.md', 'index.md').replace(/\.md$/, '.html').toLowerCase())
    expect(wanted.filter((name) => !pages.includes(name))).toEqual([])
    expect(pages.length).toBeGreaterThan(200)
  })

  test('every link leads to a page, and to a place on it', () => {
    const texts = new Map(pages.map((name) => [name, textOf(name)]))
    const places = new Map(
      [...texts].map(([name, text]) => [name, new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id))])
    )
    const dead = [...texts].flatMap(([name, text]) =>
      [...text.matchAll(/<a[^>]* href="([/#][^"]*)"/g)].flatMap(([, link = '']) => {
        const [path = '', place = ''] = link.replaceAll('&amp;', '&').split('#').map(decodeURIComponent)
        const to = path === '' ? name : path.slice(1).replace(/(^|\/)$/, '$1index.html')
        const isThere =
          place === '' ? texts.has(to) || existsSync(join(root, DIST, to)) : (places.get(to)?.has(place) ?? false)
        return isThere ? [] : [`${name}: ${link}`]
      })
    )
    expect(dead).toEqual([])
  })
})

const TABS = 4

test('every page opens without an error, and is no wider than a telephone', async (context) => {
  const tabs = await Promise.all(Array.from({ length: TABS }, () => open(context)))
  const wide: string[] = []
  const rest = pages.filter((name) => name !== '404.html')
  await Promise.all(
    tabs.map(async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 })
      for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
        await visit(page, name)
        if ((await page.evaluate(() => document.documentElement.scrollWidth)) > 390) wide.push(name)
      }
      await page.close()
    })
  )
  expect(tabs.flatMap(({ errors }) => errors)).toEqual([])
  expect(wide).toEqual([])
}, 1_200_000)

test('the first screen says what it is, how to install it, and has an example', async (context) => {
  const { page, errors } = await open(context)
  await page.setViewportSize({ width: 1280, height: 800 })
  await visit(page, 'index.html')
  for (const text of ['Optimizers for TypeScript', 'npm install gradchain', 'console.log']) {
    const box = await page.locator('.VPHome').getByText(text).first().boundingBox()
    expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThan(800)
  }
  await page.close()
  expect(errors).toEqual([])
})

test('in a chart of the bench, a number of the axis stands at its line, on a telephone too', async (context) => {
  const { page, errors } = await open(context)
  await visit(page, 'bench/results.html')
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 })
    const off = await page.evaluate(() =>
      [...document.querySelectorAll('.bars')].flatMap((chart) => {
        const scale = chart.querySelector('.scale')?.getBoundingClientRect() ?? new DOMRect()
        const numbers = [...chart.querySelectorAll('.axis span')]
        return numbers.map((number, i) => {
          const { left, right } = number.getBoundingClientRect()
          return Math.abs((left + right) / 2 - (scale.left + (scale.width * i) / (numbers.length - 1)))
        })
      })
    )
    expect(off.length).toBeGreaterThan(30)
    expect(Math.max(...off)).toBeLessThan(2)
  }
  await page.close()
  expect(errors).toEqual([])
})

/** One of each kind. */
const SEEN = [
  'index.html',
  'start.html',
  'guide/losses.html',
  'bench/results-modern.html',
  'api/transforms/clipping.html'
]

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test.each(SEEN)('%s is readable for everyone, on a phone too', async (...given) => {
    const [name = ''] = given
    const { page, errors } = await open(given.at(-1) as unknown as TestContext)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await visit(page, name)
    expect(await faultsOf(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    await page.close()
    expect(width).toBeLessThanOrEqual(390)
    expect(errors).toEqual([])
  })
})

describe('the playground', () => {
  const at = async (context: TestContext, hash = '') => {
    const { page, errors } = await open(context)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await visit(page, `playground.html${hash}`)
    await page.waitForSelector('[data-picture="landscape"] svg')
    return { page, errors }
  }

  test('draws the paths of two chains, their heights and equations', async (context) => {
    const { page, errors } = await at(context)
    expect(await page.locator('[data-picture="landscape"] svg path').count()).toBeGreaterThan(10)
    expect(await page.locator('[data-picture="heights"] svg').count()).toBeGreaterThan(0)
    expect(await page.locator('.equations math').count()).toBeGreaterThan(3)
    await page.close()
    expect(errors).toEqual([])
  })

  test.each(['light', 'dark'] as const)('%s, it is readable for everyone, on a phone too', async (...given) => {
    const [colorScheme = 'light'] = given
    const { page, errors } = await at(given.at(-1) as unknown as TestContext)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await faultsOf(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    // It draws anew, as narrow as the page has become.
    await page.waitForFunction(() => (document.querySelector('[data-picture="heights"] svg')?.clientWidth ?? 999) < 390)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await page.close()
    expect(errors).toEqual([])
  })

  test('a part that is clicked goes into the chain, and its schedule is drawn', async (context) => {
    const { page, errors } = await at(context)
    await page.locator('summary', { hasText: 'Add: After' }).click()
    await page.locator('.choices button', { hasText: 'warmupCosine' }).click()
    expect(await page.locator('#playground-chain').inputValue()).toContain('chain(\n  adam(0.1),\n')
    await page.waitForSelector('[data-picture="schedule"] svg')
    await page.locator('button[aria-label^="Remove adam"]').click()
    expect(await page.locator('#playground-chain').inputValue()).not.toContain('adam')
    await page.close()
    expect(errors).toEqual([])
  })

  test('what is typed wrong is said, and draws nothing wrong', async (context) => {
    const { page, errors } = await at(context)
    await page.locator('#playground-chain').fill('adamW(0.1)')
    expect(await page.locator('.problem').first().textContent()).toContain('did you mean "adamw"?')
    // What cannot be read stays as it was typed: nothing can be added to it.
    await page.locator('#playground-chain').fill('chain(sgd(0.1), ')
    await page.locator('summary', { hasText: 'Add: After' }).click()
    expect(await page.locator('.choices button:not([disabled])').count()).toBe(0)
    await page.locator('#playground-chain').fill('sgd(0.1)')
    await page.locator('.choices button', { hasText: 'warmupCosine' }).click()
    expect(await page.locator('#playground-chain').inputValue()).toContain('chain(\n  sgd(0.1),\n')
    await page.close()
    expect(errors).toEqual([])
  })

  test('a link carries what was chosen, and nothing else', async (context) => {
    const chosen = new URLSearchParams({
      chain: "namedChain({ '<b>bold</b>': sgd(0.01) })",
      beside: '',
      problem: 'beale',
      steps: '17'
    })
    const { page, errors } = await at(context, `#${chosen}`)
    expect(await page.locator('#playground-problem').inputValue()).toBe('beale')
    expect(await page.locator('#playground-steps').inputValue()).toBe('17')
    expect(await page.locator('.playground b').count()).toBe(0)
    await page.locator('#playground-steps').fill('23')
    await page.locator('#playground-steps').blur()
    await page.waitForFunction(() => location.hash.includes('steps=23'))
    await page.close()
    expect(errors).toEqual([])
  })

  test.each([
    ['namedChain({ __proto__: sgd(0.01) })', 'a key __proto__ is refused'],
    ['constructor(1)', 'constructor'],
    ['sgd((() => (globalThis.ran = 1))())', 'only a factory, by its name, can be called'],
    ['<b>sgd</b>', 'Unexpected token']
  ])('a link with %s is refused in a sentence, and runs nothing', async (...given) => {
    const [chain, said] = given
    const { page, errors } = await at(given.at(-1) as unknown as TestContext, `#${new URLSearchParams({ chain })}`)
    expect(await page.locator('.problem').first().textContent()).toContain(said)
    expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false)
    expect(await page.locator('.playground b').count()).toBe(0)
    await page.close()
    expect(errors).toEqual([])
  })

  test('a chain that gets away is said to, and what is drawn is within the picture', async (context) => {
    const { page, errors } = await at(context, `#${new URLSearchParams({ chain: 'sgd(10)', beside: 'adam(0.1)' })}`)
    expect(await page.locator('.problem').textContent()).toMatch(
      /^this chain gets away: the function is (Infinity|NaN) at step \d+\. Try a smaller learning rate\.$/
    )
    const drawn = await page.locator('.picture svg').evaluateAll((all) => all.map((svg) => svg.outerHTML).join(''))
    expect(drawn).not.toMatch(/NaN|Infinity|e\+/)
    await page.close()
    expect(errors).toEqual([])
  })

  test('the number of steps that is taken is the one that stands there', async (context) => {
    const { page, errors } = await at(context)
    const steps = page.locator('#playground-steps')
    for (const [typed, taken] of [
      ['99999', '5000'],
      ['0', '5000'],
      ['2.5', '5000'],
      ['7', '7']
    ] as const) {
      await steps.fill(typed)
      await steps.blur()
      expect(await steps.inputValue()).toBe(taken)
    }
    await page.close()
    expect(errors).toEqual([])
  })

  test('by keys alone a part is added, and the link is copied, or else one is told where it is', async (context) => {
    const { page, errors } = await at(context)
    const press = async (name: string, key: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab')
        if ((await page.evaluate(() => document.activeElement?.textContent)) === name) break
      }
      await page.keyboard.press(key)
    }
    await press('Copy the link', 'Enter')
    await page.waitForFunction(() => /Copied|address of this page/.test(document.body.textContent ?? ''))
    await press('Add: Before', 'Enter')
    await press('clip(0.5)', 'Enter')
    expect(await page.locator('#playground-chain').inputValue()).toBe('chain(\n  adam(0.1),\n  clip(0.5)\n)')
    await page.close()
    expect(errors).toEqual([])
  })

  test('the speed of this browser is measured', async (context) => {
    const { page, errors } = await at(context)
    await page.locator('#playground-measure').click()
    await page.waitForFunction(() => document.body.textContent?.includes('million params a second'))
    await page.close()
    expect(errors).toEqual([])
  })
})
