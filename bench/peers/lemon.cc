// LEMON's network simplex on an instance: lemon FILE TURNS. Prints cost, tickets left out and the milliseconds of run() alone,
// the best of TURNS.
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>
using namespace lemon;
int main(int argc, char **argv) {
  FILE *f = fopen(argv[1], "rb");
  int turns = argc > 2 ? atoi(argv[2]) : 3;
  int32_t h[4];
  if (!f || fread(h, 4, 4, f) != 4) return 2;
  int T = h[0], E = h[1], cap = h[2], M = h[3];
  std::vector<int32_t> a(3 * (size_t)M);
  if (fread(a.data(), 4, a.size(), f) != a.size()) return 2;
  typedef SmartDigraph G;
  G g;
  g.reserveNode(T + E + 2);
  g.reserveArc(M + T + E);
  for (int i = 0; i < T + E + 1; i++) g.addNode();
  G::Node sink = g.nodeFromId(T + E);
  for (int i = 0; i < M; i++) g.addArc(g.nodeFromId(a[3 * i]), g.nodeFromId(T + a[3 * i + 1]));
  for (int e = 0; e < E; e++) g.addArc(g.nodeFromId(T + e), sink);
  for (int t = 0; t < T; t++) g.addArc(g.nodeFromId(t), sink);
  G::ArcMap<int> up(g, 1);
  G::ArcMap<int64_t> cost(g, 0);
  G::NodeMap<int> sup(g, 0);
  for (int i = 0; i < M; i++) cost[g.arcFromId(i)] = a[3 * i + 2];
  for (int e = 0; e < E; e++) up[g.arcFromId(M + e)] = cap;
  for (int t = 0; t < T; t++) cost[g.arcFromId(M + E + t)] = 10000000, sup[g.nodeFromId(t)] = 1;
  sup[sink] = -T;
  double best = 1e18;
  int64_t total = 0;
  int left = 0;
  for (int k = 0; k < turns; k++) {
    NetworkSimplex<G, int, int64_t> ns(g);
    ns.upperMap(up).costMap(cost).supplyMap(sup);
    auto t0 = std::chrono::steady_clock::now();
    if (ns.run() != NetworkSimplex<G, int, int64_t>::OPTIMAL) return 3;
    double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - t0).count();
    if (ms < best) best = ms;
    total = ns.totalCost<int64_t>();
    left = 0;
    for (int t = 0; t < T; t++) left += ns.flow(g.arcFromId(M + E + t));
  }
  printf("{\"cost\":%lld,\"unassigned\":%d,\"solve_ms\":%.3f}\n", (long long)total, left, best);
}
