"""Evaluations that pycma 4.5.0 takes to a target, seed by seed, and its constants: python golden.py > golden.json

    pip install cma==4.5.0
"""

import json
import sys
import warnings

import cma
import numpy as np

SEEDS = range(1, 52)


def powers(count, base):
    return [base ** (i / (count - 1)) for i in range(count)]


ELLIPSOID = np.array(powers(10, 1e6))
CIGAR = np.array([1.0] + [1e6] * 9)
TABLET = np.array([1e6] + [1.0] * 9)


def rosenbrock(x):
    return sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rastrigin(x):
    return sum(10 + x**2 - 10 * np.cos(2 * np.pi * x))


def even_powers(x):
    return sum(x ** np.array(5 * [2] + 5 * [6]))


# Name: function, start, sigma, target, options, restarts, bipop.
CASES = {
    "sphere": (lambda x: sum(x**2), 10 * [1.0], 0.5, 1e-9, {}, 0, False),
    "ellipsoid": (lambda x: sum(ELLIPSOID * x**2), 10 * [1.0], 0.5, 1e-9, {}, 0, False),
    "cigar": (lambda x: sum(CIGAR * x**2), 10 * [1.0], 0.5, 1e-9, {}, 0, False),
    "tablet": (lambda x: sum(TABLET * x**2), 10 * [1.0], 0.5, 1e-9, {}, 0, False),
    "evenPowers": (even_powers, 10 * [1.0], 0.5, 1e-9, {}, 0, False),
    "rosenbrock": (rosenbrock, 5 * [0.0], 0.5, 1e-9, {}, 0, False),
    "boundedSphere": (lambda x: sum((x - 1) ** 2), 5 * [0.5], 0.3, 1e-9, {"bounds": [0, 1]}, 0, False),
    "rastriginIpop": (rastrigin, 5 * [3.0], 2.0, 1e-6, {}, 9, False),
    "rastriginBipop": (rastrigin, 5 * [3.0], 2.0, 1e-6, {}, 9, True),
    "separableEllipsoid": (lambda x: sum(ELLIPSOID * x**2), 10 * [1.0], 0.5, 1e-9, {"CMA_diagonal": True}, 0, False),
}


def evaluations(f, start, sigma, target, options, restarts, bipop, seed):
    """How many evaluations it takes until one is not above the target; None when there is none."""
    count, hit = 0, None

    def counted(x):
        nonlocal count, hit
        count += 1
        value = float(f(np.asarray(x)))
        if hit is None and value <= target:
            hit = count
        return value

    settings = {"seed": seed, "ftarget": target, "verbose": -9, "maxfevals": 200000, **options}
    cma.fmin2(counted, start, sigma, settings, restarts=restarts, bipop=bipop)
    return hit


def strategy(n, options={}):
    es = cma.CMAEvolutionStrategy(n * [1.0], 0.5, {"seed": 1, "verbose": -9, **options})
    es.tell(*(lambda points: (points, [sum(x**2) for x in points]))(es.ask()))
    return es


def constants(n):
    es = strategy(n)
    found = es.sm.parameters(mueff=es.sp.weights.mueff, lam=es.sp.popsize)
    return {
        "n": n,
        "popsize": es.sp.popsize,
        "mu": es.sp.weights.mu,
        "mueff": es.sp.weights.mueff,
        "c1": found["c1"],
        "cmu": found["cmu"],
        "cc": es.sp.cc,
        "chi": es.const.chiN,
        "cs": es.adapt_sigma.cs,
        "damps": es.adapt_sigma.damps,
        "weights": list(es.sp.weights),
        "maxiter": es.opts["maxiter"],
        "tolstagnation": es.opts["tolstagnation"],
    }


def larger(n, popsize):
    es = strategy(n, {"popsize": popsize})
    return {"n": n, "popsize": popsize, "damps": es.adapt_sigma.damps, "last": es.sp.weights[-1]}


def separable(n):
    sp = strategy(n).sp
    return {"n": n, "popsize": sp.popsize, "c1": sp.c1_sep, "cmu": sp.cmu_sep, "cc": sp.cc_sep}


def main():
    warnings.simplefilter("ignore")
    data = {
        "version": cma.__version__,
        "constants": [constants(n) for n in (1, 2, 3, 5, 10, 20, 50, 100)],
        "larger": [larger(n, popsize) for n, popsize in ((2, 24), (5, 64), (10, 160), (20, 12), (30, 1000))],
        "separable": separable(10),
        "evaluations": {},
    }
    for name, case in CASES.items():
        data["evaluations"][name] = [evaluations(*case, seed) for seed in SEEDS]
        print(name, file=sys.stderr)
    json.dump(data, sys.stdout)
    print()


if __name__ == "__main__":
    main()
