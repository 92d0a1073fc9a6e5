/** What a method of SciPy does on a problem, with its defaults and exact derivatives. */
export interface ScipyRun {
  /** How often it asked for f. */
  readonly calls: number
  /** After how many of these f − minimum was at most a millionth of what it was at the start; `null` if never. */
  readonly reached: number | null
  /** What f was in the end. */
  readonly value: number
}

/** Methods of SciPy 1.17.1. */
export type ScipyMethod = 'BFGS' | 'L-BFGS-B' | 'CG' | 'Newton-CG' | 'trust-exact'

/** What SciPy 1.17.1 was observed to do, [calls, reached, value] by method. */
const observed: Readonly<Record<string, Readonly<Record<ScipyMethod, readonly [number, number | null, number]>>>> = {
  rosenbrock: {
    BFGS: [39, 36, 2.53530823e-15],
    'L-BFGS-B': [44, 41, 2.80764971e-12],
    CG: [78, 58, 1.87380867e-14],
    'Newton-CG': [105, 103, 3.0315055e-10],
    'trust-exact': [26, 24, 3.33125299e-19]
  },
  freudenstein_roth: {
    BFGS: [10, null, 48.9842537],
    'L-BFGS-B': [20, null, 48.9842537],
    CG: [34, null, 48.9842537],
    'Newton-CG': [14, null, 48.9842537],
    'trust-exact': [8, null, 48.9842537]
  },
  powell_badly_scaled: {
    BFGS: [194, 56, 1.88916278e-22],
    'L-BFGS-B': [4, null, 0.135188173],
    CG: [105, null, 1.49514314e-6],
    'Newton-CG': [5, null, 0.0903383577],
    'trust-exact': [115, 35, 6.43402666e-21]
  },
  brown_badly_scaled: {
    BFGS: [27, 22, 5.72336386e-31],
    'L-BFGS-B': [25, 20, 2.06153711e-15],
    CG: [49, 33, 1.35536243e-20],
    'Newton-CG': [5, 4, 1.10897457e-31],
    'trust-exact': [401, null, 370851151000.0]
  },
  beale: {
    BFGS: [17, 14, 1.95119979e-16],
    'L-BFGS-B': [16, 13, 1.94838506e-15],
    CG: [41, 24, 2.06258094e-11],
    'Newton-CG': [15, 13, 1.83720281e-26],
    'trust-exact': [8, 7, 5.15434617e-13]
  },
  himmelblau: {
    BFGS: [16, 14, 1.05698357e-13],
    'L-BFGS-B': [16, 13, 1.12845979e-14],
    CG: [22, 16, 2.12023322e-13],
    'Newton-CG': [13, 11, 4.35475517e-24],
    'trust-exact': [8, 7, 3.89849815e-12]
  },
  jennrich_sampson: {
    BFGS: [49, 45, 124.362182],
    'L-BFGS-B': [24, null, 214.341826],
    CG: [57, 46, 124.362182],
    'Newton-CG': [12, 10, 124.362182],
    'trust-exact': [10, 8, 124.362182]
  },
  helical_valley: {
    BFGS: [35, 29, 1.02191726e-15],
    'L-BFGS-B': [32, 27, 1.90781671e-11],
    CG: [88, 47, 2.70553743e-13],
    'Newton-CG': [23, 20, 1.62532434e-12],
    'trust-exact': [9, 8, 1.86119536e-12]
  },
  bard: {
    BFGS: [24, 20, 0.00821487731],
    'L-BFGS-B': [24, 20, 0.00821487731],
    CG: [31, 21, 0.00821487731],
    'Newton-CG': [15, 12, 0.00821487731],
    'trust-exact': [14, 13, 0.0082148775]
  },
  gaussian: {
    BFGS: [5, null, 1.14358778e-8],
    'L-BFGS-B': [4, null, 1.17672147e-8],
    CG: [5, null, 1.13255579e-8],
    'Newton-CG': [3, 3, 1.12793277e-8],
    'trust-exact': [2, null, 1.12927123e-8]
  },
  meyer: {
    BFGS: [440, 268, 87.9458552],
    'L-BFGS-B': [33, null, 112123.438],
    CG: [1405, null, 27390.5743],
    'Newton-CG': [12, null, 323057.996],
    'trust-exact': [256, 178, 87.9458552]
  },
  box_3d: {
    BFGS: [28, 20, 1.03642326e-11],
    'L-BFGS-B': [38, 24, 7.75969387e-13],
    CG: [36, 19, 8.32568196e-9],
    'Newton-CG': [24, 18, 7.71229765e-18],
    'trust-exact': [16, 14, 1.00288152e-9]
  },
  powell_singular: {
    BFGS: [40, 17, 3.97753624e-9],
    'L-BFGS-B': [30, 19, 2.39040357e-8],
    CG: [114, 28, 2.18601991e-8],
    'Newton-CG': [23, 15, 5.77118154e-10],
    'trust-exact': [14, 10, 1.1808063e-7]
  },
  wood: {
    BFGS: [106, 98, 9.4588841e-15],
    'L-BFGS-B': [20, null, 7.87695499],
    CG: [115, 23, 4.50892371e-18],
    'Newton-CG': [825, null, 2.88715948],
    'trust-exact': [43, 40, 4.75447802e-12]
  },
  kowalik_osborne: {
    BFGS: [34, 33, 0.000307505613],
    'L-BFGS-B': [34, 33, 0.000307505857],
    CG: [93, 89, 0.000307506927],
    'Newton-CG': [16, 15, 0.000307505607],
    'trust-exact': [9, 9, 0.000307505607]
  },
  brown_dennis: {
    BFGS: [36, 27, 85822.2016],
    'L-BFGS-B': [19, 13, 85822.2016],
    CG: [61, 26, 85822.2016],
    'Newton-CG': [14, 9, 85822.2016],
    'trust-exact': [11, 10, 85822.2016]
  },
  osborne1: {
    BFGS: [66, 46, 5.4648947e-5],
    'L-BFGS-B': [43, null, 7.69970858e-5],
    CG: [2490, null, 5.55352835e-5],
    'Newton-CG': [15, null, 0.000300096084],
    'trust-exact': [33, 23, 5.46489471e-5]
  },
  biggs_exp6: {
    BFGS: [45, null, 0.00565564995],
    'L-BFGS-B': [42, null, 0.00565564993],
    CG: [165, null, 0.00565565744],
    'Newton-CG': [508, 500, 2.57836532e-7],
    'trust-exact': [37, 36, 1.62968871e-9]
  },
  watson_6: {
    BFGS: [38, 23, 0.00228767007],
    'L-BFGS-B': [55, 48, 0.00228767006],
    CG: [645, 342, 0.00228767127],
    'Newton-CG': [26, 25, 0.00228769164],
    'trust-exact': [12, 10, 0.00228767005]
  },
  rosenbrock_10: {
    BFGS: [122, 91, 3.60263476e-12],
    'L-BFGS-B': [45, 42, 6.48484195e-19],
    CG: [63, 53, 3.20123071e-16],
    'Newton-CG': [105, 103, 1.51575224e-9],
    'trust-exact': [23, 22, 7.41136695e-13]
  },
  powell_singular_12: {
    BFGS: [74, 32, 1.18122411e-8],
    'L-BFGS-B': [41, 21, 7.73173934e-9],
    CG: [152, 63, 2.59868984e-9],
    'Newton-CG': [23, 15, 1.73135446e-9],
    'trust-exact': [15, 10, 9.64292995e-8]
  },
  penalty1_10: {
    BFGS: [68, 20, 7.17074929e-5],
    'L-BFGS-B': [20, 14, 7.44664422e-5],
    CG: [262, 14, 7.09577182e-5],
    'Newton-CG': [47, 10, 7.08888921e-5],
    'trust-exact': [15, 12, 7.46700968e-5]
  },
  variably_dimensioned_10: {
    BFGS: [21, 13, 2.42634765e-13],
    'L-BFGS-B': [20, 13, 7.66206664e-24],
    CG: [23, 11, 31.7174997],
    'Newton-CG': [15, 10, 1.75002875e-26],
    'trust-exact': [15, 10, 1.74707299e-26]
  },
  trigonometric_10: {
    BFGS: [27, null, 2.79506401e-5],
    'L-BFGS-B': [29, null, 2.7950921e-5],
    CG: [48, null, 2.79513133e-5],
    'Newton-CG': [15, null, 2.79505612e-5],
    'trust-exact': [11, null, 2.79506459e-5]
  },
  brown_almost_linear_10: {
    BFGS: [12, 4, 1.00768292e-13],
    'L-BFGS-B': [18, 4, 7.08831263e-12],
    CG: [30, 9, 1.51710559e-10],
    'Newton-CG': [8, 2, 2.10502012e-14],
    'trust-exact': [7, 4, 2.12628658e-9]
  },
  discrete_boundary_10: {
    BFGS: [21, 20, 9.288638e-13],
    'L-BFGS-B': [41, 40, 1.24257782e-11],
    CG: [252, 249, 6.73704869e-10],
    'Newton-CG': [5, 4, 2.22830146e-25],
    'trust-exact': [3, 3, 8.07880442e-13]
  },
  broyden_tridiagonal_10: {
    BFGS: [28, 23, 2.93385971e-13],
    'L-BFGS-B': [18, 12, 1.31033661e-10],
    CG: [46, 24, 9.44621308e-13],
    'Newton-CG': [10, 8, 1.11000666e-12],
    'trust-exact': [6, 5, 3.10821758e-17]
  },
  linear_full_rank_5_10: {
    BFGS: [4, 4, 5.0],
    'L-BFGS-B': [3, 3, 5.0],
    CG: [3, 3, 5.0],
    'Newton-CG': [2, 2, 5.0],
    'trust-exact': [4, 4, 5.0]
  },
  chebyquad_8: {
    BFGS: [31, 29, 0.00351687373],
    'L-BFGS-B': [27, 25, 0.00351687373],
    CG: [54, 48, 0.00351687373],
    'Newton-CG': [18, 17, 0.00351687373],
    'trust-exact': [16, 16, 0.00351687376]
  }
}

/** What a method of SciPy did on a problem. */
export const scipyRun = (problem: string, method: ScipyMethod): ScipyRun => {
  const found = observed[problem]?.[method]
  if (found === undefined) throw new Error(`nobody ran ${method} on ${problem}`)
  const [calls, reached, value] = found
  return { calls, reached, value }
}
