import { accSgd } from '../accSgd.js'
import { acprop } from '../acprop.js'
import { adabelief } from '../adabelief.js'
import { adabound } from '../adabound.js'
import { adadelta } from '../adadelta.js'
import { adafactor } from '../adafactor.js'
import { adagrad } from '../adagrad.js'
import { adahessian } from '../adahessian.js'
import { adai } from '../adai.js'
import { adam } from '../adam.js'
import { adamAtan2 } from '../adamAtan2.js'
import { adamax } from '../adamax.js'
import { adamaxw } from '../adamaxw.js'
import { adamod } from '../adamod.js'
import { adamp } from '../adamp.js'
import { adamw } from '../adamw.js'
import { adan } from '../adan.js'
import { adanorm } from '../adanorm.js'
import { adapnm } from '../adapnm.js'
import { ademamix } from '../ademamix.js'
import { adopt } from '../adopt.js'
import { aggmo } from '../aggmo.js'
import { alig } from '../alig.js'
import { amos } from '../amos.js'
import { amsgrad } from '../amsgrad.js'
import { ano } from '../ano.js'
import { asgd } from '../asgd.js'
import { avagrad } from '../avagrad.js'
import { cocob } from '../cocob.js'
import { dadaptAdamw } from '../dadaptAdamw.js'
import { diffgrad } from '../diffgrad.js'
import { dog } from '../dog.js'
import { dowg } from '../dowg.js'
import { dpsgd } from '../dpsgd.js'
import { focus } from '../focus.js'
import { fromage } from '../fromage.js'
import { ftrl } from '../ftrl.js'
import { heavyBall } from '../heavyBall.js'
import { kate } from '../kate.js'
import { lamb } from '../lamb.js'
import { lambw } from '../lambw.js'
import { laprop } from '../laprop.js'
import { lars } from '../lars.js'
import { lion } from '../lion.js'
import { madgrad } from '../madgrad.js'
import { mirrorDescent } from '../mirrorDescent.js'
import { momo } from '../momo.js'
import { momoAdam } from '../momoAdam.js'
import { msvag } from '../msvag.js'
import { nadam } from '../nadam.js'
import { nadamw } from '../nadamw.js'
import { noisySgd } from '../noisySgd.js'
import { novograd } from '../novograd.js'
import { optimisticAdam } from '../optimisticAdam.js'
import { optimisticAdamV2 } from '../optimisticAdamV2.js'
import { optimisticGradientDescent } from '../optimisticGradientDescent.js'
import { padam } from '../padam.js'
import { pid } from '../pid.js'
import { pnm } from '../pnm.js'
import { polyakSgd } from '../polyakSgd.js'
import { prodigy } from '../prodigy.js'
import { qhadam } from '../qhadam.js'
import { qhm } from '../qhm.js'
import { radabelief } from '../radabelief.js'
import { radam } from '../radam.js'
import { ranger } from '../ranger.js'
import { ranger21 } from '../ranger21.js'
import { rmsprop } from '../rmsprop.js'
import { rprop } from '../rprop.js'
import { scheduleFreeAdamw } from '../scheduleFreeAdamw.js'
import { scheduleFreeRadam } from '../scheduleFreeRadam.js'
import { scheduleFreeSgd } from '../scheduleFreeSgd.js'
import { sgd } from '../sgd.js'
import { sgdp } from '../sgdp.js'
import { sgdSaI } from '../sgdSaI.js'
import { signSgd } from '../signSgd.js'
import { signum } from '../signum.js'
import { simplifiedAdemamix } from '../simplifiedAdemamix.js'
import { sm3 } from '../sm3.js'
import { sophia } from '../sophia.js'
import { sparseAdam } from '../sparseAdam.js'
import { stableAdamw } from '../stableAdamw.js'
import { stableSpam } from '../stableSpam.js'
import { swats } from '../swats.js'
import { tam } from '../tam.js'
import { tiger } from '../tiger.js'
import { vsgd } from '../vsgd.js'
import { yogi } from '../yogi.js'

/**
 * The optimizers by their names, for programs that are told at run time which one to take.
 *
 * Whoever imports it carries all of them; an import by name carries one.
 *
 * @example
 * Object.keys(optimizers).slice(0, 3) // => ['accSgd', 'acprop', 'adabelief']
 *
 * @see createOptimizer
 */
export const optimizers = {
  accSgd,
  acprop,
  adabelief,
  adabound,
  adadelta,
  adafactor,
  adagrad,
  adai,
  adahessian,
  adam,
  adamAtan2,
  adamax,
  adamaxw,
  adamod,
  adamp,
  adamw,
  adan,
  adanorm,
  adapnm,
  ademamix,
  adopt,
  aggmo,
  alig,
  amos,
  amsgrad,
  ano,
  asgd,
  avagrad,
  cocob,
  dadaptAdamw,
  diffgrad,
  dog,
  dowg,
  dpsgd,
  focus,
  fromage,
  ftrl,
  heavyBall,
  kate,
  lamb,
  lambw,
  laprop,
  lars,
  lion,
  madgrad,
  mirrorDescent,
  momo,
  momoAdam,
  msvag,
  nadam,
  nadamw,
  noisySgd,
  novograd,
  optimisticAdam,
  optimisticAdamV2,
  optimisticGradientDescent,
  padam,
  pid,
  pnm,
  polyakSgd,
  prodigy,
  qhadam,
  qhm,
  radabelief,
  radam,
  ranger,
  ranger21,
  rmsprop,
  rprop,
  scheduleFreeAdamw,
  scheduleFreeRadam,
  scheduleFreeSgd,
  sgd,
  sgdSaI,
  sgdp,
  signSgd,
  signum,
  simplifiedAdemamix,
  sm3,
  sophia,
  sparseAdam,
  stableAdamw,
  stableSpam,
  swats,
  tam,
  tiger,
  vsgd,
  yogi
} as const

/** The name of an optimizer. */
export type OptimizerName = keyof typeof optimizers
