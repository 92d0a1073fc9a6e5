import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const entry = (folder: string) => file(`./packages/${folder}/index.ts`)
const source = (name: string) => entry(`${name}/src`)

// What is slow or of another kind has a project of its own; every other test file is in `unit`, so none gets lost.
const aboutSources = ['parity', 'docs']
const special = [...aboutSources, 'site']
// These see the packages from outside, as packed/setup.ts installs them.
const outside = ['packaging', 'runtimes', 'browser']
// What wants a device has its processes to itself.
const onDevice = ['{packages,examples}/webgpu/src/**/*.test.ts', 'tests/webgpu/**/*.test.ts']
// What takes minutes stands beside what it is about.
const soaks = '**/*.soak.test.ts'

// Most of what runs here runs a few times and makes short-lived arrays: code that is compiled simply, but at once, and more room
// between two collections of garbage, take a fifth of the time away. Threads that collect it would take cores from the tests.
const execArgv = ['--always-sparkplug', '--max-semi-space-size=64', '--single-threaded-gc']

const byVite = { setupFiles: [file('./tests/seed.ts')] }

// Node loads the sources by itself: through Vite's runner each use of what is imported calls a getter, and every file goes through
// another process, which took a quarter of the time. Who watches has that runner, as it knows which files a test depends on.
const byNode = process.argv.includes('run')
  ? {
      setupFiles: [file('./tests/sources/register.mjs'), ...byVite.setupFiles],
      // What tells Node how to read the sources comes before what is one of them.
      sequence: { setupFiles: 'list' as const },
      experimental: { viteModuleRunner: false, nodeLoader: false },
      execArgv: [...execArgv, '--enable-source-maps']
    }
  : { ...byVite, execArgv }

export default defineConfig({
  resolve: {
    alias: {
      gradchain: source('gradchain'),
      '@gradchain/core/bytes': entry('core/src/bytes'),
      '@gradchain/core/engine': entry('core/src/foreign'),
      '@gradchain/core/numbers': entry('core/src/numbers'),
      '@gradchain/core/random': entry('core/src/random'),
      '@gradchain/core/tree': entry('core/src/algebra'),
      '@gradchain/core': source('core'),
      '@gradchain/schedules': source('schedules'),
      '@gradchain/transforms': source('transforms'),
      '@gradchain/optimizers': source('optimizers'),
      '@gradchain/matrix': source('matrix'),
      '@gradchain/losses': source('losses'),
      '@gradchain/curvature': source('curvature'),
      '@gradchain/search': source('search'),
      '@gradchain/tfjs': source('tfjs'),
      '@gradchain/webgpu': source('webgpu'),
      '@gradchain/jax-js': source('jax-js'),
      '@gradchain/checkpoint/node': entry('checkpoint/src/node'),
      '@gradchain/checkpoint/browser': entry('checkpoint/src/browser'),
      '@gradchain/checkpoint/keras': entry('checkpoint/src/keras'),
      '@gradchain/checkpoint': source('checkpoint'),
      '@gradchain/distributed/node': entry('distributed/src/node'),
      '@gradchain/distributed': source('distributed'),
      '@gradchain/monitor/plot': entry('monitor/src/plot'),
      '@gradchain/monitor/svg': entry('monitor/src/svg'),
      '@gradchain/monitor': source('monitor'),
      '@gradchain/frameworks/keras': entry('frameworks/src/keras'),
      '@gradchain/frameworks/pytorch': entry('frameworks/src/pytorch'),
      '@gradchain/frameworks/tensorflowjs': entry('frameworks/src/tensorflowjs'),
      '@gradchain/frameworks/timm': entry('frameworks/src/timm'),
      '@gradchain/frameworks/transformers': entry('frameworks/src/transformers'),
      '@gradchain/frameworks': source('frameworks'),
      '@gradchain/laws': source('laws')
    }
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // How long a test takes says nothing about what it tests: machines are slow, or busy.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Files share what they import: else half of the time went into loading the same modules again, and into warming
          // them up. What a test changes of the world it changes back.
          isolate: false,
          ...byNode,
          include: [
            '{packages,examples}/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
            'site/{,src/}*.test.ts',
            'tests/**/*.test.ts'
          ],
          exclude: [
            '**/node_modules/**',
            soaks,
            ...onDevice,
            ...[...special, ...outside, 'mpi'].map((name) => `tests/${name}/**`)
          ]
        }
      },
      {
        extends: true,
        test: {
          name: 'webgpu',
          testTimeout: 300_000,
          hookTimeout: 300_000,
          isolate: false,
          ...byNode,
          include: onDevice,
          exclude: ['**/node_modules/**', soaks]
        }
      },
      {
        extends: true,
        test: {
          // Processes of its own, of which there are more than cores: those of one file at a time.
          name: 'mpi',
          ...byVite,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          include: ['tests/mpi/**/*.test.ts']
        }
      },
      {
        extends: true,
        test: { name: 'soak', ...byVite, testTimeout: 3_600_000, include: [soaks], exclude: ['**/node_modules/**'] }
      },
      {
        extends: true,
        test: {
          // The laws of the rows of the catalogue once more, on other cases and on more of them.
          name: 'thorough',
          testTimeout: 3_600_000,
          isolate: false,
          ...byNode,
          include: ['tests/laws/*.[0-9].test.ts'],
          env: { FC_SEED: '2', FC_NUM_RUNS: '9' }
        }
      },
      ...[...special, ...outside].map((name) => ({
        extends: true as const,
        test: {
          name,
          ...(aboutSources.includes(name) ? { isolate: false, ...byNode } : byVite),
          include: [`tests/${name}/**/*.test.ts`],
          globalSetup: outside.includes(name) ? ['tests/packed/setup.ts'] : [],
          testTimeout: 300_000,
          hookTimeout: 1_200_000
        }
      }))
    ]
  }
})
