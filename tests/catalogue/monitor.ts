import {
  descentCosine,
  effectiveLearningRate,
  everySteps,
  measured,
  normOf,
  signalToNoise,
  statisticsOf,
  updateRatio
} from '@gradchain/monitor'
import type { CatalogueRow } from './row.js'
import { functionsOf, linearInBoth } from './shared.js'

/** What `@gradchain/monitor` exports. */
export const monitor: readonly CatalogueRow[] = [
  {
    name: 'measured',
    kind: 'wrapper',
    make: () => (inner) =>
      measured(inner, {
        ratio: updateRatio(),
        norms: normOf('gradients', { by: 'leaf' }),
        rate: effectiveLearningRate(),
        cosine: everySteps(2, descentCosine()),
        signal: signalToNoise(),
        params: statisticsOf('params')
      }),
    laws: linearInBoth,
    optax: null
  },
  // What is wrong with a run.
  ...functionsOf('explain'),
  ...functionsOf('diagnose', 'gradientFlow'),
  // Tools of the training loop.
  ...functionsOf('earlyStopping', 'fitLoop', 'learningRateFinder', 'learningRateSweep', 'overfitOneBatch'),
  ...functionsOf('scaleLearningRate', 'timeUpdate'),
  // Pictures.
  ...functionsOf('plotHistograms', 'plotLandscape', 'plotLearningRateFinder', 'plotRun', 'plotSchedule'),
  ...functionsOf('toHtml', 'toSvg', 'toText'),
  // Logs.
  ...functionsOf('tensorBoardEvents', 'tensorBoardHeader', 'tensorBoardHparams', 'toCsv', 'toJsonLines'),
  // Measures of steps.
  ...functionsOf('averaged', 'clippedShare', 'deadUnits', 'decades', 'descentCosine', 'effectiveLearningRate'),
  ...functionsOf('everySteps', 'histogramOf', 'normOf', 'scalarsOf', 'signalToNoise', 'statisticsOf', 'updateRatio')
]
