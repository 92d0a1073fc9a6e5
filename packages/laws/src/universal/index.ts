import { absentParamsRest } from './absentParamsRest.js'
import { argumentsUntouched } from './argumentsUntouched.js'
import { chainIsAssociative } from './chainIsAssociative.js'
import { deterministic } from './deterministic.js'
import { enginesAgree } from './enginesAgree.js'
import { finiteStaysFinite } from './finiteStaysFinite.js'
import { identityIsUnit } from './identityIsUnit.js'
import { keysGoByName } from './keysGoByName.js'
import { lazyIsConcrete } from './lazyIsConcrete.js'
import { likeGradients } from './likeGradients.js'
import { noSharedBuffers } from './noSharedBuffers.js'
import { operandsUntouched } from './operandsUntouched.js'
import { plainState } from './plainState.js'
import { resumesFromSavedState } from './resumesFromSavedState.js'
import { stateKeepsForm } from './stateKeepsForm.js'
import { stepIsUpdateAndApply } from './stepIsUpdateAndApply.js'
import { transientIsStep } from './transientIsStep.js'

/** The laws of every transformation, by name. */
export const universal = {
  deterministic,
  argumentsUntouched,
  operandsUntouched,
  noSharedBuffers,
  likeGradients,
  stateKeepsForm,
  plainState,
  finiteStaysFinite,
  identityIsUnit,
  chainIsAssociative,
  lazyIsConcrete,
  enginesAgree,
  stepIsUpdateAndApply,
  transientIsStep,
  resumesFromSavedState,
  keysGoByName,
  absentParamsRest
} as const
