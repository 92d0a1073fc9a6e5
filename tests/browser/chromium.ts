import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

/** Where Debian has it; `CHROMIUM` names another one. */
const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome'
]

/** The browser of this machine; `undefined` where there is none. */
export const installedChromium = (): string | undefined => PLACES.find((file) => file !== '' && existsSync(file))

/** Starts it with a profile of its own, and with further flags, and gives what ends it. */
export const launch = async (
  file: string,
  flags: readonly string[] = []
): Promise<{ context: BrowserContext; end: () => Promise<void> }> => {
  const profile = mkdtempSync(join(tmpdir(), 'gradchain-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: file,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...flags
    ]
  })
  const end = async () => {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
  return { context, end }
}
