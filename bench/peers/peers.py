"""SciPy and OR-Tools on an instance: peers.py FILE ortools|scipy TURNS. Prints what lemon.cc prints; building isn't timed."""
import json
import sys
import time

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

LEFT_OUT = 10_000_000


def read(path):
    a = np.fromfile(path, dtype="<i4")
    t, e, cap, m = (int(x) for x in a[:4])
    arcs = a[4:].reshape(m, 3)
    return t, e, cap, arcs


def ortools(t, e, cap, arcs, turns):
    sink = t + e
    tail = np.concatenate([arcs[:, 0], np.arange(t, t + e), np.arange(t)]).astype(np.int32)
    head = np.concatenate([arcs[:, 1] + t, np.full(e + t, sink)]).astype(np.int32)
    room = np.concatenate([np.ones(len(arcs)), np.full(e, cap), np.ones(t)]).astype(np.int64)
    cost = np.concatenate([arcs[:, 2], np.zeros(e), np.full(t, LEFT_OUT)]).astype(np.int64)
    supply = np.concatenate([np.ones(t), np.zeros(e), [-t]]).astype(np.int64)
    best, total, left = 1e18, 0, 0
    for _ in range(turns):
        f = min_cost_flow.SimpleMinCostFlow()
        f.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)
        f.set_nodes_supplies(np.arange(t + e + 1, dtype=np.int32), supply)
        at = time.perf_counter()
        if f.solve() != f.OPTIMAL:
            raise SystemExit("OR-Tools found no optimum")
        best = min(best, 1000 * (time.perf_counter() - at))
        total = int(f.optimal_cost())
        left = int(f.flows(np.arange(len(arcs) + e, len(arcs) + e + t, dtype=np.int32)).sum())
    return {"cost": total, "unassigned": left, "solve_ms": round(best, 3)}


def scipy(t, e, cap, arcs, turns):
    # A column for each unit of capacity and one for leaving each ticket out. Zero means no arc: costs are raised by one.
    m = len(arcs)
    row = np.concatenate([np.repeat(arcs[:, 0], cap), np.arange(t)])
    col = np.concatenate([(np.repeat(arcs[:, 1].astype(np.int64) * cap, cap) + np.tile(np.arange(cap), m)), e * cap + np.arange(t)])
    cost = np.concatenate([np.repeat(arcs[:, 2], cap), np.full(t, LEFT_OUT)]).astype(np.float64) + 1
    g = csr_matrix((cost, (row, col)), shape=(t, e * cap + t))
    best = 1e18
    for _ in range(turns):
        at = time.perf_counter()
        r, c = min_weight_full_bipartite_matching(g)
        best = min(best, 1000 * (time.perf_counter() - at))
    total = int(np.asarray(g[r, c]).sum()) - t
    return {"cost": total, "unassigned": int((c >= e * cap).sum()), "solve_ms": round(best, 3)}


if __name__ == "__main__":
    path, which, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print(json.dumps({"ortools": ortools, "scipy": scipy}[which](*read(path), turns)))
