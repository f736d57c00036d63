// Loops over storage graphs: the fast twin of reference/, which is the definition.
//
// Each function does the same steps in the same order as the Python text of its name, in double
// precision and without contraction, so that both find the same plan, ties included. Arrays come
// from StorageGraph and Problem, which have checked every id; sizes are checked again here.

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using i32 = int32_t;
using i64 = int64_t;
using u64 = uint64_t;
using u8 = uint8_t;
using std::vector;

constexpr double INF = std::numeric_limits<double>::infinity();
constexpr double SLIGHT = 1e-9;      // relative: below it, a difference is rounding
constexpr double EQUAL = 1e-12;      // relative: members that share a maximum
constexpr i32 NONE = -1;
constexpr size_t MOST_GROUPS = 64, MOST_NEAR = 4000;  // that one kick looks at

struct Wrong {
  const char* what;
};

template <class T>
struct View {
  T* at = nullptr;
  size_t n = 0;
  T& operator[](size_t k) const { return at[k]; }
};

struct Edges {
  View<const i32> source, target;
  View<const double> storage, recreation;
  View<const i32> in, out, out_edge;
  i32 vertices = 0, count = 0;
};

struct Groups {
  View<const i32> start, member, of_start, of;
  View<const double> budget;
  i32 count = 0;
};

// ---- minimum arborescence

struct Heaps {  // skew heaps of edges, with an addend that is handed down late
  vector<i32> left, right;
  vector<double> key, late;

  explicit Heaps(const View<const double>& weight)
      : left(weight.n, NONE), right(weight.n, NONE), key(weight.at, weight.at + weight.n),
        late(weight.n, 0.0) {}

  void hand_down(i32 a) {
    const double z = late[a];
    if (z == 0.0) return;
    if (left[a] >= 0) key[left[a]] += z, late[left[a]] += z;
    if (right[a] >= 0) key[right[a]] += z, late[right[a]] += z;
    late[a] = 0.0;
  }

  i32 merge(i32 a, i32 b) {
    if (a < 0) return b;
    if (b < 0) return a;
    i32 root = NONE, last = NONE;
    while (a >= 0 && b >= 0) {
      if (key[b] < key[a]) std::swap(a, b);
      hand_down(a);
      if (last < 0) root = a;
      else left[last] = a;
      const i32 next = right[a];
      right[a] = left[a];
      left[a] = NONE;
      last = a;
      a = next;
    }
    left[last] = a >= 0 ? a : b;
    return root;
  }

  i32 pop(i32 a) {
    hand_down(a);
    return merge(left[a], right[a]);
  }
};

struct Union {  // by size, without compression, so that it can be undone
  vector<i32> up;
  vector<i32> child, size;  // history

  explicit Union(i32 n) : up(n, NONE) {}

  i32 find(i32 x) const {
    while (up[x] >= 0) x = up[x];
    return x;
  }

  bool join(i32 x, i32 y) {
    i32 a = find(x), b = find(y);
    if (a == b) return false;
    if (up[a] > up[b]) std::swap(a, b);
    child.push_back(b), size.push_back(up[b]);
    up[a] += up[b];
    up[b] = a;
    return true;
  }

  void undo(size_t to) {
    while (child.size() > to) {
      const i32 b = child.back(), a = up[b];
      up[b] = size.back();
      up[a] -= up[b];
      child.pop_back(), size.pop_back();
    }
  }
};

struct Cycle {
  i32 vertex;
  size_t time;
  vector<i32> edges;
};

void arborescence(const Edges& g, const View<const double>& weight, const View<i32>& plan) {
  Heaps heaps(weight);
  Union sets(g.vertices);
  vector<i32> heap(g.vertices, NONE), row, seen(g.vertices, NONE), chosen(g.vertices, NONE);
  vector<i32> path_edge, path;
  vector<Cycle> cycles;
  for (i32 v = 1; v < g.vertices; v++) {
    row.clear();
    for (i32 e = g.in[v]; e < g.in[v + 1]; e++) row.push_back(e);
    while (row.size() > 1) {
      size_t kept = 0;
      for (size_t i = 0; i + 1 < row.size(); i += 2) row[kept++] = heaps.merge(row[i], row[i + 1]);
      if (row.size() % 2) row[kept++] = row.back();
      row.resize(kept);
    }
    if (!row.empty()) heap[v] = row[0];
  }
  seen[0] = 0;
  for (i32 s = 0; s < g.vertices; s++) {
    i32 u = sets.find(s);
    path_edge.clear(), path.clear();
    while (seen[u] < 0) {
      i32 e, from;
      do {
        e = heap[u];
        if (e < 0) throw Wrong{"a matrix cannot be reached"};
        heap[u] = heaps.pop(e);
        from = sets.find(g.source[e]);
      } while (from == u);
      const i32 rest = heap[u];
      if (rest >= 0) heaps.late[rest] -= heaps.key[e], heaps.key[rest] -= heaps.key[e];
      path_edge.push_back(e), path.push_back(u);
      seen[u] = s;
      u = from;
      if (seen[u] != s || u == 0) continue;
      i32 merged = NONE;
      size_t at = path.size();
      const size_t time = sets.child.size();
      do merged = heaps.merge(merged, heap[path[--at]]);
      while (sets.join(u, path[at]));
      u = sets.find(u);
      heap[u] = merged;
      seen[u] = NONE;
      cycles.push_back({u, time, vector<i32>(path_edge.begin() + at, path_edge.end())});
      path_edge.resize(at), path.resize(at);
    }
    for (i32 e : path_edge) chosen[sets.find(g.target[e])] = e;
  }
  for (size_t i = cycles.size(); i-- > 0;) {
    const Cycle& cycle = cycles[i];
    sets.undo(cycle.time);
    const i32 e = chosen[cycle.vertex];
    for (i32 f : cycle.edges) chosen[sets.find(g.target[f])] = f;
    chosen[sets.find(g.target[e])] = e;
  }
  plan[0] = NONE;
  for (i32 v = 1; v < g.vertices; v++) plan[v] = chosen[v];
}

// ---- shortest paths

void shortest_paths(const Edges& g, const View<double>& distance, const View<i32>& plan) {
  constexpr i32 OUTSIDE = -1, DONE = -2;
  vector<i32> place(g.vertices, OUTSIDE), heap;
  for (i32 v = 0; v < g.vertices; v++) distance[v] = INF, plan[v] = NONE;
  distance[0] = 0.0;
  heap.push_back(0);
  place[0] = 0;
  while (!heap.empty()) {
    const i32 u = heap[0], last = heap.back();
    heap.pop_back();
    const size_t size = heap.size();
    size_t i = 0;
    while (true) {
      size_t c = 2 * i + 1;
      if (c >= size) break;
      if (c + 1 < size && distance[heap[c + 1]] < distance[heap[c]]) c++;
      if (distance[heap[c]] >= distance[last]) break;
      heap[i] = heap[c];
      place[heap[i]] = (i32)i;
      i = c;
    }
    if (size) heap[i] = last, place[last] = (i32)i;
    place[u] = DONE;
    for (i32 j = g.out[u]; j < g.out[u + 1]; j++) {
      const i32 e = g.out_edge[j], v = g.target[e];
      const double to = distance[u] + g.recreation[e];
      const bool nearer = to < distance[v];
      if (!nearer &&
          !(to == distance[v] && place[v] >= 0 && g.storage[e] < g.storage[plan[v]]))
        continue;
      distance[v] = to;
      plan[v] = e;
      size_t at;
      if (place[v] < 0) at = heap.size(), heap.push_back(v);
      else at = (size_t)place[v];
      while (at > 0) {
        const size_t above = (at - 1) / 2;
        if (distance[heap[above]] <= to) break;
        heap[at] = heap[above];
        place[heap[at]] = (i32)at;
        at = above;
      }
      heap[at] = v;
      place[v] = (i32)at;
    }
  }
}

// ---- trees

void distances(const Edges& g, const View<const i32>& plan, const View<double>& distance) {
  vector<i32> stack;
  for (i32 v = 0; v < g.vertices; v++) distance[v] = -1.0;
  distance[0] = 0.0;
  for (i32 v = 1; v < g.vertices; v++) {
    i32 x = v;
    while (distance[x] < 0) {
      stack.push_back(x);
      if ((i32)stack.size() > g.vertices || plan[x] < 0) throw Wrong{"the plan is no tree"};
      x = g.source[plan[x]];
    }
    for (; !stack.empty(); stack.pop_back()) {
      const i32 y = stack.back();
      distance[y] = distance[g.source[plan[y]]] + g.recreation[plan[y]];
    }
  }
}

struct Links {  // children of each vertex, as doubly linked lists
  vector<i32> child, next, previous;

  Links(const Edges& g, const View<const i32>& plan)
      : child(g.vertices, NONE), next(g.vertices, NONE), previous(g.vertices, NONE) {
    for (i32 v = g.vertices - 1; v > 0; v--) put(v, g.source[plan[v]]);
  }
  explicit Links(i32 n) : child(n, NONE), next(n, NONE), previous(n, NONE) {}

  void put(i32 v, i32 below) {
    previous[v] = NONE;
    next[v] = child[below];
    if (child[below] >= 0) previous[child[below]] = v;
    child[below] = v;
  }

  void take(i32 v, i32 from) {
    if (previous[v] >= 0) next[previous[v]] = next[v];
    else child[from] = next[v];
    if (next[v] >= 0) previous[next[v]] = previous[v];
  }
};

// LAST: depth first over `tree`; a vertex beyond alpha times its shortest path is put on it.
void balance(const Edges& g, const View<const i32>& tree, const View<const double>& nearest,
             const View<const i32>& shortest, double alpha, const View<i32>& plan) {
  Links links(g, tree);
  vector<double> d(g.vertices, INF);
  vector<i32> stack{0}, path;
  d[0] = 0.0;
  for (i32 v = 0; v < g.vertices; v++) plan[v] = NONE;
  while (!stack.empty()) {
    const i32 v = stack.back();
    stack.pop_back();
    if (v) {
      const i32 e = tree[v];
      const double to = d[g.source[e]] + g.recreation[e];
      if (to < d[v]) d[v] = to, plan[v] = e;
      if (d[v] > alpha * nearest[v] * (1 + EQUAL)) {
        path.clear();
        for (i32 x = v; x && d[x] > nearest[x]; x = g.source[shortest[x]]) path.push_back(x);
        for (size_t i = path.size(); i-- > 0;)
          d[path[i]] = nearest[path[i]], plan[path[i]] = shortest[path[i]];
      }
    }
    for (i32 c = links.child[v]; c >= 0; c = links.next[c]) stack.push_back(c);
  }
}

// In preorder, a vertex beyond its ceiling is put on its shortest path.
void chop(const Edges& g, const View<const i32>& tree, const View<const double>& ceiling,
          const View<const double>& nearest, const View<const i32>& shortest,
          const View<i32>& plan) {
  Links links(g, tree);
  vector<double> d(g.vertices, INF);
  vector<i32> stack{0}, path;
  d[0] = 0.0;
  for (i32 v = 0; v < g.vertices; v++) plan[v] = tree[v];
  while (!stack.empty()) {
    const i32 v = stack.back();
    stack.pop_back();
    if (v) {
      const double to = d[g.source[plan[v]]] + g.recreation[plan[v]];
      if (to < d[v]) d[v] = to;
      if (d[v] > ceiling[v]) {
        path.clear();
        for (i32 x = v; x && d[x] > nearest[x]; x = g.source[shortest[x]]) path.push_back(x);
        for (size_t i = path.size(); i-- > 0;)
          d[path[i]] = nearest[path[i]], plan[path[i]] = shortest[path[i]];
      }
    }
    for (i32 c = links.child[v]; c >= 0; c = links.next[c]) stack.push_back(c);
  }
}

bool is_below(const Edges& g, const i32* plan, i32 x, i32 top) {
  for (; x; x = g.source[plan[x]])
    if (x == top) return true;
  return false;
}

void shared_costs(const Edges& g, const Groups& q, const View<const i32>& plan,
                  const View<double>& cost) {
  vector<i32> stamp(g.vertices, NONE);
  for (i32 s = 0; s < q.count; s++) {
    double sum = 0.0;
    for (i32 j = q.start[s]; j < q.start[s + 1]; j++)
      for (i32 x = q.member[j]; x && stamp[x] != s; x = g.source[plan[x]])
        stamp[x] = s, sum += g.recreation[plan[x]];
    cost[s] = sum;
  }
}

// ---- PAS-MT: the printed swaps, with everything kept that a swap does not change

struct Swaps {
  const Edges& g;
  const Groups& q;
  const View<i32>& plan;
  const bool parallel;
  Links links;
  vector<double> d, rec;
  vector<u8> broken;
  vector<i32> count;                               // of (broken group, member below)
  vector<vector<std::pair<i32, double>>> caps;     // parallel: (group, largest drop of its maximum)
  vector<vector<i32>> capped;                      // parallel: vertices with caps of a group
  vector<double> score;                            // of the best swap at each vertex
  vector<u8> is_free;
  vector<i32> best;
  vector<i32> winner;                              // a tournament of vertices
  size_t leaves = 1;
  vector<i32> dirty, stamp, touched, group_stamp, moved, depth, farthest;
  i32 now = 0;
  i64 left = 0;                                    // broken groups

  Swaps(const Edges& graph, const Groups& groups, const View<i32>& tree, bool is_parallel)
      : g(graph), q(groups), plan(tree), parallel(is_parallel),
        links(graph, View<const i32>{tree.at, tree.n}), d(graph.vertices), rec(groups.count),
        broken(groups.count, 0), count(graph.vertices, 0),
        caps(is_parallel ? graph.vertices : 0), capped(is_parallel ? groups.count : 0),
        score(graph.vertices, -1.0), is_free(graph.vertices, 0), best(graph.vertices, NONE),
        stamp(graph.vertices, NONE), group_stamp(groups.count, NONE), depth(graph.vertices, NONE) {
    distances(g, View<const i32>{plan.at, plan.n}, View<double>{d.data(), d.size()});
    for (i32 s = 0; s < q.count; s++) {
      measure(s);
      if (broken[s]) take_in(s);
    }
    while (leaves < (size_t)g.vertices) leaves *= 2;
    winner.assign(2 * leaves, NONE);
    for (i32 v = 1; v < g.vertices; v++) evaluate(v), winner[leaves + v] = v;
    for (size_t i = leaves; i-- > 1;) winner[i] = better(winner[2 * i], winner[2 * i + 1]);
  }

  void measure(i32 s) {
    double sum = 0.0;
    for (i32 j = q.start[s]; j < q.start[s + 1]; j++) {
      const double x = d[q.member[j]];
      sum = parallel ? (x > sum ? x : sum) : sum + x;
    }
    rec[s] = sum;
    left -= broken[s];
    broken[s] = sum > q.budget[s] * (1 + SLIGHT);
    left += broken[s];
  }

  void mark(i32 v) {
    if (stamp[v] != now) stamp[v] = now, dirty.push_back(v);
  }

  void take_in(i32 s) {  // the part of a broken group in all gains
    if (parallel) return cap_maximum(s);
    for (i32 j = q.start[s]; j < q.start[s + 1]; j++)
      for (i32 x = q.member[j]; x; x = g.source[plan[x]]) count[x]++, mark(x);
  }

  void take_out(i32 s) {
    if (!parallel) {
      for (i32 j = q.start[s]; j < q.start[s + 1]; j++)
        for (i32 x = q.member[j]; x; x = g.source[plan[x]]) count[x]--, mark(x);
      return;
    }
    for (i32 x : capped[s]) {
      auto& list = caps[x];
      list.erase(std::find_if(list.begin(), list.end(), [s](auto& c) { return c.first == s; }));
      mark(x);
    }
    capped[s].clear();
  }

  void cap_maximum(i32 s) {
    i32 farthest_member = NONE;
    for (i32 j = q.start[s]; j < q.start[s + 1] && farthest_member < 0; j++)
      if (d[q.member[j]] >= rec[s] * (1 - EQUAL)) farthest_member = q.member[j];
    vector<i32> chain;
    for (i32 x = farthest_member; x; x = g.source[plan[x]])
      depth[x] = (i32)chain.size(), chain.push_back(x);
    vector<double> outside(chain.size() + 1, 0.0);  // largest d of members that join at or above
    for (i32 j = q.start[s]; j < q.start[s + 1]; j++) {
      i32 x = q.member[j];
      while (x && depth[x] < 0) x = g.source[plan[x]];
      const size_t joins = x ? (size_t)depth[x] : chain.size();
      outside[joins] = std::max(outside[joins], d[q.member[j]]);
    }
    for (size_t i = chain.size(); i-- > 0;) outside[i] = std::max(outside[i], outside[i + 1]);
    for (size_t i = 0; i < chain.size(); i++) {
      const i32 x = chain[i];
      depth[x] = NONE;
      const double cap = rec[s] - outside[i + 1];
      if (cap <= SLIGHT * rec[s]) continue;
      auto& list = caps[x];
      list.insert(std::find_if(list.begin(), list.end(), [s](auto& c) { return c.first > s; }),
                  {s, cap});
      capped[s].push_back(x);
      mark(x);
    }
  }

  void evaluate(i32 v) {
    best[v] = NONE, is_free[v] = 0, score[v] = -1.0;
    if (parallel ? caps[v].empty() : count[v] == 0) return;
    for (i32 e = g.in[v]; e < g.in[v + 1]; e++) {
      if (plan[v] == e) continue;
      const double drop = d[v] - d[g.source[e]] - g.recreation[e];
      if (drop <= SLIGHT * d[v] || is_below(g, plan.at, g.source[e], v)) continue;
      double gain = 0.0;
      if (parallel)
        for (auto& cap : caps[v]) gain += std::min(drop, cap.second);
      else gain = drop * count[v];
      const double growth = g.storage[e] - g.storage[plan[v]];
      if (growth <= 0) {
        if (!is_free[v] || gain > score[v]) is_free[v] = 1, score[v] = gain, best[v] = e;
      } else if (!is_free[v] && gain / growth > score[v]) {
        score[v] = gain / growth, best[v] = e;
      }
    }
  }

  i32 better(i32 a, i32 b) const {  // the lower vertex, if they are equal
    if (a < 0 || best[a] < 0) return b >= 0 && best[b] >= 0 ? b : NONE;
    if (b < 0 || best[b] < 0) return a;
    if (is_free[a] != is_free[b]) return is_free[a] ? a : b;
    return score[b] > score[a] ? b : a;
  }

  void put_up(i32 v) {
    size_t i = leaves + v;
    winner[i] = v;
    for (i /= 2; i; i /= 2) winner[i] = better(winner[2 * i], winner[2 * i + 1]);
  }

  bool swap() {
    const i32 v = winner[1];
    if (v < 0 || best[v] < 0) return false;
    now++;
    dirty.clear();
    for (i32 x = v; x; x = g.source[plan[x]]) {
      mark(x);
      if (x != v && !parallel) count[x] -= count[v];
    }
    links.take(v, g.source[plan[v]]);
    plan[v] = best[v];
    links.put(v, g.source[plan[v]]);
    for (i32 x = g.source[plan[v]]; x; x = g.source[plan[x]]) {
      mark(x);
      if (!parallel) count[x] += count[v];
    }
    moved.assign(1, v);
    touched.clear();
    for (size_t i = 0; i < moved.size(); i++) {
      const i32 x = moved[i];
      d[x] = d[g.source[plan[x]]] + g.recreation[plan[x]];
      mark(x);
      for (i32 j = g.out[x]; j < g.out[x + 1]; j++) mark(g.target[g.out_edge[j]]);
      for (i32 j = q.of_start[x]; j < q.of_start[x + 1]; j++)
        if (group_stamp[q.of[j]] != now) group_stamp[q.of[j]] = now, touched.push_back(q.of[j]);
      for (i32 c = links.child[x]; c >= 0; c = links.next[c]) moved.push_back(c);
    }
    for (i32 s : touched) {
      const bool was = broken[s];
      measure(s);
      if (was && (parallel || !broken[s])) take_out(s);
      if (broken[s] && (parallel || !was)) take_in(s);
    }
    for (i32 x : dirty) evaluate(x), put_up(x);
    return true;
  }
};

i64 swap_parents(const Edges& g, const Groups& q, const View<i32>& plan, bool parallel) {
  Swaps swaps(g, q, plan, parallel);
  i64 count = 0;
  while (swaps.left > 0 && swaps.swap()) count++;
  return count;
}

// ---- PAS-PT: the printed growth

struct ByStorage {  // a binary heap of edges
  const View<const double>& storage;
  vector<i32> heap;

  void push(i32 e) {
    size_t i = heap.size();
    heap.push_back(e);
    while (i > 0) {
      const size_t above = (i - 1) / 2;
      if (storage[heap[above]] <= storage[e]) break;
      heap[i] = heap[above];
      i = above;
    }
    heap[i] = e;
  }

  i32 pop() {
    const i32 top = heap[0], last = heap.back();
    heap.pop_back();
    const size_t size = heap.size();
    size_t i = 0;
    while (true) {
      size_t c = 2 * i + 1;
      if (c >= size) break;
      if (c + 1 < size && storage[heap[c + 1]] < storage[heap[c]]) c++;
      if (storage[heap[c]] >= storage[last]) break;
      heap[i] = heap[c];
      i = c;
    }
    if (size) heap[i] = last;
    return top;
  }
};

i64 grow(const Edges& g, const Groups& q, const View<const double>& hope,
         const View<const i32>& fallback, bool parallel, const View<i32>& plan) {
  vector<double> current(hope.at, hope.at + hope.n), rec(q.count, 0.0);
  for (i32 s = 0; s < q.count; s++)
    for (i32 j = q.start[s]; j < q.start[s + 1]; j++) rec[s] += current[q.member[j]];
  vector<u8> inside(g.vertices, 0);
  Links links(g.vertices);
  ByStorage queue{g.storage, {}};
  vector<i32> stack;
  inside[0] = 1;
  for (i32 v = 0; v < g.vertices; v++) plan[v] = NONE;
  for (i32 j = g.out[0]; j < g.out[1]; j++) queue.push(g.out_edge[j]);
  while (!queue.heap.empty()) {
    const i32 e = queue.pop(), v = g.target[e];
    if (inside[v]) continue;
    const double to = current[g.source[e]] + g.recreation[e];
    bool fits = true;
    for (i32 j = q.of_start[v]; j < q.of_start[v + 1] && fits; j++) {
      const i32 s = q.of[j];
      fits = (parallel ? to : rec[s] + to - current[v]) <= q.budget[s] * (1 + SLIGHT);
    }
    if (!fits) continue;
    inside[v] = 1;
    for (i32 j = q.of_start[v]; j < q.of_start[v + 1]; j++) rec[q.of[j]] += to - current[v];
    current[v] = to;
    plan[v] = e;
    links.put(v, g.source[e]);
    for (i32 j = g.out[v]; j < g.out[v + 1]; j++) {
      const i32 f = g.out_edge[j], y = g.target[f];
      if (!inside[y]) {
        queue.push(f);
        continue;
      }
      const double change = to + g.recreation[f] - current[y];
      if (!(g.storage[f] < g.storage[plan[y]] && change <= 0)) continue;
      if (is_below(g, plan.at, v, y)) continue;
      links.take(y, g.source[plan[y]]);
      plan[y] = f;
      links.put(y, v);
      stack.assign(1, y);
      while (!stack.empty()) {
        const i32 x = stack.back();
        stack.pop_back();
        current[x] += change;
        for (i32 i = q.of_start[x]; i < q.of_start[x + 1]; i++) rec[q.of[i]] += change;
        for (i32 c = links.child[x]; c >= 0; c = links.next[c]) stack.push_back(c);
      }
    }
  }
  i64 left = 0;
  for (i32 v = 1; v < g.vertices; v++)
    if (!inside[v]) plan[v] = fallback[v], left++;
  return left;
}

// ---- pieces: a spanning forest of pairs, of at most `most` matrices a tree

void join_pairs(i32 vertices, const View<const i32>& a, const View<const i32>& b,
                const View<const i32>& order, i32 most, const View<u8>& taken) {
  vector<i32> up(vertices, NONE);
  auto find = [&up](i32 x) {
    while (up[x] >= 0) {
      if (up[up[x]] >= 0) up[x] = up[up[x]];
      x = up[x];
    }
    return x;
  };
  for (size_t i = 0; i < order.n; i++) {
    i32 x = find(a[order[i]]), y = find(b[order[i]]);
    taken[order[i]] = 0;
    if (x == y || -(up[x] + up[y]) > most) continue;
    if (up[x] > up[y]) std::swap(x, y);
    up[x] += up[y];
    up[y] = x;
    taken[order[i]] = 1;
  }
}

// Preorder of the forest: vertex, parent's place and pair by place, end of subtree, piece starts.
i64 lay_out(const View<const i32>& start, const View<const i32>& near, const View<const i32>& pair,
            const View<i32>& vertex, const View<i32>& parent, const View<i32>& by,
            const View<i32>& end, const View<i32>& first) {
  const i32 vertices = (i32)start.n - 1;
  vector<u8> seen(vertices, 0);
  struct Step {
    i32 vertex, parent, pair;
  };
  vector<Step> stack;
  i32 pieces = 0, at = 0;
  for (i32 root = 1; root < vertices; root++) {
    if (seen[root]) continue;
    first[pieces++] = at;
    const i32 begin = at;
    seen[root] = 1;
    stack.push_back({root, NONE, NONE});
    while (!stack.empty()) {
      const Step step = stack.back();
      stack.pop_back();
      const i32 here = at++;
      vertex[here] = step.vertex, parent[here] = step.parent, by[here] = step.pair;
      end[here] = here + 1;
      for (i32 j = start[step.vertex]; j < start[step.vertex + 1]; j++)
        if (!seen[near[j]]) seen[near[j]] = 1, stack.push_back({near[j], here, pair[j]});
    }
    for (i32 i = at - 1; i > begin; i--) end[parent[i]] = std::max(end[parent[i]], end[i]);
  }
  first[pieces] = at;
  return pieces;
}

// The undominated ways to start a path at each place of the layout.
i64 facilities(const Edges& g, const View<const i32>& vertex, const View<const u8>& in_tree,
               const View<const double>& price, const View<i32>& start, const View<i32>& edge,
               const View<double>& cost, const View<double>& distance) {
  struct Way {
    double storage, distance;
    i32 edge;
  };
  vector<Way> ways;
  i32 count = 0;
  start[0] = 0;
  for (size_t i = 0; i < vertex.n; i++) {
    ways.clear();
    for (i32 e = g.in[vertex[i]]; e < g.in[vertex[i] + 1]; e++)
      if (!in_tree[e]) ways.push_back({g.storage[e], price[g.source[e]] + g.recreation[e], e});
    std::sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
      if (a.storage != b.storage) return a.storage < b.storage;
      return a.distance != b.distance ? a.distance < b.distance : a.edge < b.edge;
    });
    double nearest = INF;
    for (const Way& way : ways)
      if (way.distance < nearest) {
        nearest = way.distance;
        edge[count] = way.edge, cost[count] = way.storage, distance[count++] = way.distance;
      }
    start[i + 1] = count;
  }
  return count;
}

// ---- the tree program (docs/explanation/plans.md)

struct Forest {
  View<const i32> vertex, parent, end, first, down, up;
};
struct Facilities {
  View<const i32> start, edge;
  View<const double> cost, distance;
};

double program(const Edges& g, const Forest& t, const Facilities& f,
               const View<const double>& weight, const View<const double>& ceiling,
               const View<i32>& plan, const View<double>& reached) {
  size_t most = 1;
  for (size_t q = 0; q + 1 < t.first.n; q++) {
    const i32 a = t.first[q], b = t.first[q + 1];
    most = std::max(most, (size_t)(b - a) * (size_t)(f.start[b] - f.start[a]));
  }
  const size_t places = t.vertex.n;
  vector<double> far(most), cost(most), best(places);
  vector<i32> best_way(places), serves(places);
  double total = 0.0;
  for (i32 v = 0; v < g.vertices; v++) plan[v] = NONE, reached[v] = 0.0;
  for (size_t q = 0; q + 1 < t.first.n; q++) {
    const i32 a = t.first[q], b = t.first[q + 1], k0 = f.start[a], k1 = f.start[b];
    const i64 K = k1 - k0;
    auto row = [a, k0, K](i32 v) { return (i64)(v - a) * K - k0; };
    for (i32 v = b - 1; v >= a; v--) {
      double* here = far.data() + row(v);
      for (i32 k = f.start[v]; k < f.start[v + 1]; k++) here[k] = f.distance[k];
      if (t.parent[v] < 0) continue;
      double* above = far.data() + row(t.parent[v]);
      const double r = t.up[v] >= 0 ? g.recreation[t.up[v]] : INF;
      for (i32 k = f.start[v]; k < f.start[t.end[v]]; k++) above[k] = here[k] + r;
    }
    for (i32 v = a + 1; v < b; v++) {
      double* here = far.data() + row(v);
      const double* above = far.data() + row(t.parent[v]);
      const double r = t.down[v] >= 0 ? g.recreation[t.down[v]] : INF;
      for (i32 k = k0; k < f.start[v]; k++) here[k] = above[k] + r;
      for (i32 k = f.start[t.end[v]]; k < k1; k++) here[k] = above[k] + r;
    }
    std::fill(cost.begin(), cost.begin() + (i64)(b - a) * K, 0.0);
    for (i32 v = b - 1; v >= a; v--) {
      const double *away = far.data() + row(v), w = weight[t.vertex[v]];
      const double limit = std::min(ceiling[t.vertex[v]], std::numeric_limits<double>::max());
      double* here = cost.data() + row(v);
      for (i32 k = k0; k < k1; k++) here[k] = away[k] <= limit ? here[k] + w * away[k] : INF;
      for (i32 k = f.start[v]; k < f.start[v + 1]; k++) here[k] += f.cost[k];
      const i32 low = f.start[v], high = f.start[t.end[v]];
      double least = INF;
      i32 way = NONE;
      for (i32 k = low; k < high; k++)
        if (here[k] < least) least = here[k], way = k;
      best[v] = least, best_way[v] = way;
      if (t.parent[v] < 0) continue;
      double* above = cost.data() + row(t.parent[v]);
      const double down = t.down[v] >= 0 ? g.storage[t.down[v]] : INF;
      const double up = t.up[v] >= 0 ? g.storage[t.up[v]] : INF;
      for (i32 k = k0; k < low; k++) above[k] += std::min(here[k] + down, least);
      for (i32 k = high; k < k1; k++) above[k] += std::min(here[k] + down, least);
      for (i32 k = low; k < high; k++) above[k] += here[k] + up;
    }
    total += best[a];
    for (i32 v = a; v < b; v++) {
      i32 k = best_way[v];
      if (v != a) {
        const i32 p = t.parent[v], theirs = serves[p];
        if (theirs >= f.start[v] && theirs < f.start[t.end[v]]) {
          plan[t.vertex[p]] = t.up[v];
          k = theirs;
        } else if (theirs >= 0 && t.down[v] >= 0 &&
                   cost[row(v) + theirs] + g.storage[t.down[v]] <= best[v]) {
          plan[t.vertex[v]] = t.down[v];
          k = theirs;
        }
      }
      serves[v] = k;
      if (k < 0) continue;
      reached[t.vertex[v]] = far[row(v) + k];
      if (k >= f.start[v] && k < f.start[v + 1]) plan[t.vertex[v]] = f.edge[k];
    }
  }
  return total;
}

// Paths that lead nowhere are opened, at an edge that is in no piece if there is one, and the
// vertex there is put on its shortest path.
void open_cycles(const Edges& g, const View<const u8>& in_tree, const View<const i32>& shortest,
                 const View<i32>& plan) {
  enum : u8 { NEW, HERE, DONE };
  vector<u8> state(g.vertices, NEW);
  vector<i32> path;
  state[0] = DONE;
  auto put_on_shortest = [&](i32 y) {
    for (; y; y = g.source[shortest[y]]) plan[y] = shortest[y];
  };
  for (i32 v = 1; v < g.vertices; v++)
    if (plan[v] < 0) plan[v] = shortest[v];
  for (i32 v = 1; v < g.vertices; v++) {
    while (true) {
      i32 x = v;
      for (; state[x] == NEW; x = g.source[plan[x]]) state[x] = HERE, path.push_back(x);
      const bool is_open = state[x] == DONE;
      if (!is_open) {
        i32 y = x;
        while (in_tree[plan[y]]) {
          y = g.source[plan[y]];
          if (y == x) break;
        }
        put_on_shortest(y);
      }
      for (i32 y : path) state[y] = is_open ? DONE : NEW;
      path.clear();
      if (is_open) break;
    }
  }
}

// ---- search: repair, sweep, kicks

struct Random {  // splitmix64
  u64 state;
  u64 next() {
    state += 0x9E3779B97F4A7C15ull;
    u64 z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  i32 below(u64 n) { return (i32)(((next() >> 32) * n) >> 32); }
};

struct Move {
  i32 vertex, old;
};

struct Search {
  const Edges& g;
  const Groups& q;
  const View<const double>& weight;
  const View<const i32>& shortest;
  const View<i32>& plan;
  const double least;  // gains below it are rounding
  bool weighted = false;
  Links links;
  vector<double> d, rec;
  vector<i32> count, stack, touched;
  double below = 0.0;  // weight below the vertex counted last

  Search(const Edges& edges, const Groups& groups, const View<const double>& weights,
         const View<const i32>& shortest_edges, double tolerance, const View<i32>& tree)
      : g(edges), q(groups), weight(weights), shortest(shortest_edges), plan(tree),
        least(tolerance), links(edges, View<const i32>{tree.at, tree.n}), d(edges.vertices),
        rec(groups.count, 0.0), count(groups.count, 0) {
    distances(g, View<const i32>{plan.at, plan.n}, View<double>{d.data(), d.size()});
    for (i32 s = 0; s < q.count; s++)
      for (i32 j = q.start[s]; j < q.start[s + 1]; j++) rec[s] += d[q.member[j]];
    for (size_t v = 0; v < weight.n; v++) weighted = weighted || weight[v] > 0;
  }

  void apply(i32 v, i32 e) {
    const double change = d[g.source[e]] + g.recreation[e] - d[v];
    links.take(v, g.source[plan[v]]);
    plan[v] = e;
    links.put(v, g.source[e]);
    if (change == 0.0) return;
    stack.assign(1, v);
    while (!stack.empty()) {
      const i32 x = stack.back();
      stack.pop_back();
      d[x] += change;
      for (i32 j = q.of_start[x]; j < q.of_start[x + 1]; j++) rec[q.of[j]] += change;
      for (i32 c = links.child[x]; c >= 0; c = links.next[c]) stack.push_back(c);
    }
  }

  // Groups with members below v, how many each has there, and the weight there.
  void count_below(i32 v) {
    touched.clear();
    below = 0.0;
    stack.assign(1, v);
    while (!stack.empty()) {
      const i32 x = stack.back();
      stack.pop_back();
      below += weight[x];
      for (i32 j = q.of_start[x]; j < q.of_start[x + 1]; j++) {
        const i32 s = q.of[j];
        if (count[s]++ == 0) touched.push_back(s);
      }
      for (i32 c = links.child[x]; c >= 0; c = links.next[c]) stack.push_back(c);
    }
  }

  void forget() {
    for (i32 s : touched) count[s] = 0;
  }

  double room() const {  // how much longer the path may become that was counted last
    double found = INF;
    for (i32 s : touched) found = std::min(found, (q.budget[s] - rec[s]) / count[s]);
    return std::max(found, 0.0);
  }

  // What the plan costs more if v's edge becomes e; `below` must be that of v.
  double growth(i32 v, i32 e, double change) const {
    return g.storage[e] - g.storage[plan[v]] + (weighted ? below * change : 0.0);
  }

  i32 best_edge(i32 v) {
    double limit = -1.0, saved = -least;
    i32 found = NONE;
    bool is_counted = false;
    for (i32 e = g.in[v]; e < g.in[v + 1]; e++) {
      if (!weighted && g.storage[e] - g.storage[plan[v]] >= saved) continue;
      const double change = d[g.source[e]] + g.recreation[e] - d[v];
      if (!is_counted && (change > 0 || weighted)) {
        is_counted = true;
        count_below(v);
        limit = room();
        forget();
      }
      if (change > 0 && change > limit) continue;
      const double grown = growth(v, e, change);
      if (grown >= saved || is_below(g, plan.at, g.source[e], v)) continue;
      found = e;
      saved = grown;
    }
    return found;
  }

  void put_on_shortest(i32 v, vector<Move>& journal, double& cost) {
    vector<i32> path;
    for (i32 x = v; x; x = g.source[shortest[x]]) path.push_back(x);
    for (size_t i = path.size(); i-- > 0;) {
      const i32 x = path[i];
      if (plan[x] == shortest[x]) continue;
      count_below(x);
      forget();
      cost += growth(x, shortest[x], d[g.source[shortest[x]]] + g.recreation[shortest[x]] - d[x]);
      journal.push_back({x, plan[x]});
      apply(x, shortest[x]);
    }
  }

  // Cheapest moves per violation, until group s is within; as a last resort shortest paths.
  bool repair_group(i32 s, vector<Move>& journal, double& cost, double limit) {
    const i32 size = q.start[s + 1] - q.start[s];
    for (i64 tries = 1000 + 8 * (i64)size; rec[s] > q.budget[s] * (1 + SLIGHT); tries--) {
      double best = INF;
      i32 found = NONE;
      for (i32 j = q.start[s]; j < q.start[s + 1]; j++)
        for (i32 a = q.member[j]; a; a = g.source[plan[a]]) {
          count_below(a);
          for (i32 e = g.in[a]; e < g.in[a + 1]; e++) {
            const double drop = d[a] - d[g.source[e]] - g.recreation[e];
            if (drop <= SLIGHT * d[a] || is_below(g, plan.at, g.source[e], a)) continue;
            double gain = 0.0;
            for (i32 t : touched) {
              const double over = rec[t] - q.budget[t];
              if (over > 0) gain += std::min(over, drop * count[t]);
            }
            const double grown = growth(a, e, -drop);
            const double score = grown > 0 ? grown / gain : grown * gain;
            if (score < best) best = score, found = e;
          }
          forget();
        }
      if (cost > limit) return false;
      if (found < 0 || tries <= 0) {
        for (i32 j = q.start[s]; j < q.start[s + 1]; j++)
          put_on_shortest(q.member[j], journal, cost);
        return cost <= limit;
      }
      const i32 v = g.target[found];
      count_below(v);
      forget();
      cost += growth(v, found, d[g.source[found]] + g.recreation[found] - d[v]);
      journal.push_back({v, plan[v]});
      apply(v, found);
    }
    return cost <= limit;
  }

  i64 repair(const View<const i32>& order) {
    vector<Move> journal;
    double cost = 0.0;
    for (size_t i = 0; i < order.n; i++) repair_group(order[i], journal, cost, INF);
    return (i64)journal.size();
  }

  i64 sweep(const View<const i32>& order, i64 rounds) {
    i64 moves = 0;
    for (i64 r = 0; r < rounds; r++) {
      i64 now = 0;
      for (size_t i = 0; i < order.n; i++) {
        const i32 e = best_edge(order[i]);
        if (e >= 0) apply(order[i], e), now++;
      }
      moves += now;
      if (!now) break;
    }
    return moves;
  }

  void undo(vector<Move>& journal) {
    for (size_t i = journal.size(); i-- > 0;) apply(journal[i].vertex, journal[i].old);
  }

  double hang(i32 y, vector<Move>& journal) {  // on its best edge; what the plan costs more
    const i32 e = best_edge(y);
    if (e < 0) return 0.0;
    if (weighted) count_below(y), forget();
    const double grown = growth(y, e, d[g.source[e]] + g.recreation[e] - d[y]);
    journal.push_back({y, plan[y]});
    apply(y, e);
    return grown;
  }

  // Take one edge that is shorter or smaller, mend what it breaks, spend what it frees.
  bool kick(i32 v, i32 e, Random& random) {
    const double change = d[g.source[e]] + g.recreation[e] - d[v];
    if (plan[v] == e || is_below(g, plan.at, g.source[e], v)) return false;
    if (change >= 0 && g.storage[e] - g.storage[plan[v]] >= 0) return false;
    vector<i32> over, near;
    count_below(v);
    for (i32 s : touched)
      if (change > 0 && rec[s] + change * count[s] > q.budget[s]) over.push_back(s);
    for (size_t i = 0; i < std::min(touched.size(), MOST_GROUPS); i++)
      for (i32 j = q.start[touched[i]]; j < q.start[touched[i] + 1]; j++)
        if (near.size() < MOST_NEAR) near.push_back(q.member[j]);
    forget();
    double grown = growth(v, e, change);
    const double before = g.storage[plan[v]], after = g.storage[e];
    vector<Move> journal{{v, plan[v]}};
    apply(v, e);
    if (!over.empty()) {
      double cost = 0.0;
      bool is_mended = true;
      for (size_t i = 0; i < over.size() && is_mended; i++)
        is_mended = repair_group(over[i], journal, cost, -grown);
      grown += cost;
      if (!is_mended || grown > 0.5 * (before + after)) {
        undo(journal);
        return false;
      }
    }
    const size_t moved = journal.size();
    for (size_t i = 0; i < moved; i++) {
      const i32 x = journal[i].vertex;
      for (i32 j = g.out[x]; j < g.out[x + 1]; j++)
        grown += hang(g.target[g.out_edge[j]], journal);
    }
    for (i32 y : near) grown += hang(y, journal);
    if (grown < -least) return true;
    if (grown > least || random.below(2)) undo(journal);
    return false;
  }

  i64 kicks(const View<const i32>& near, u64 seed, i64 times) {
    Random random{seed};
    i64 hits = 0;
    for (i64 i = 0; i < times; i++) {
      const i32 v = near.n ? near[random.below(near.n)] : 1 + random.below(g.vertices - 1);
      const i32 e = g.in[v] + random.below((u64)(g.in[v + 1] - g.in[v]));
      hits += kick(v, e, random);
    }
    return hits;
  }
};

// ---- Python

struct Buffers {  // held until the call is over
  Py_buffer held[48];
  int count = 0;
  ~Buffers() {
    while (count > 0) PyBuffer_Release(&held[--count]);
  }

  template <class T>
  bool take(PyObject* object, View<T>* view) {
    const int wanted = PyBUF_C_CONTIGUOUS | (std::is_const<T>::value ? 0 : PyBUF_WRITABLE);
    if (!object || count == 48 || PyObject_GetBuffer(object, &held[count], wanted)) return false;
    const Py_buffer& buffer = held[count++];
    if (buffer.itemsize != (Py_ssize_t)sizeof(T)) {
      PyErr_SetString(PyExc_TypeError, "an array has elements of another size");
      return false;
    }
    view->at = static_cast<T*>(buffer.buf);
    view->n = (size_t)(buffer.len / buffer.itemsize);
    return true;
  }
};

bool refuse(const char* what) {
  PyErr_SetString(PyExc_ValueError, what);
  return false;
}

bool take_edges(Buffers& held, PyObject* tuple, Edges* g) {
  if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != 7) return refuse("edges are seven arrays");
  auto at = [tuple](Py_ssize_t k) { return PyTuple_GetItem(tuple, k); };
  if (!(held.take(at(0), &g->source) && held.take(at(1), &g->target) &&
        held.take(at(2), &g->storage) && held.take(at(3), &g->recreation) &&
        held.take(at(4), &g->in) && held.take(at(5), &g->out) && held.take(at(6), &g->out_edge)))
    return false;
  const size_t m = g->source.n;
  if (g->target.n != m || g->storage.n != m || g->recreation.n != m || g->out_edge.n != m ||
      g->in.n < 2 || g->out.n != g->in.n || g->in.n > (size_t)INT32_MAX || m > (size_t)INT32_MAX)
    return refuse("arrays of edges do not fit each other");
  g->vertices = (i32)(g->in.n - 1);
  g->count = (i32)m;
  return true;
}

bool take_groups(Buffers& held, PyObject* tuple, const Edges& g, Groups* q) {
  if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != 5) return refuse("groups are five arrays");
  auto at = [tuple](Py_ssize_t k) { return PyTuple_GetItem(tuple, k); };
  if (!(held.take(at(0), &q->start) && held.take(at(1), &q->member) &&
        held.take(at(2), &q->of_start) && held.take(at(3), &q->of) && held.take(at(4), &q->budget)))
    return false;
  q->count = (i32)q->budget.n;
  if (q->start.n != q->budget.n + 1 || q->of_start.n != (size_t)g.vertices + 1 ||
      q->of.n != q->member.n)
    return refuse("arrays of groups do not fit each other");
  return true;
}

template <class... Views>
bool fit(const Edges& g, const Views&... views) {
  const bool all[] = {views.n == (size_t)g.vertices...};
  for (bool one : all)
    if (!one) return refuse("an array has not one element a vertex");
  return true;
}

template <class Work>
PyObject* run(Work work) {  // without Python's lock
  i64 found = 0;
  const char* wrong = nullptr;
  bool is_memory = false;
  Py_BEGIN_ALLOW_THREADS
  try {
    found = work();
  } catch (const Wrong& error) {
    wrong = error.what;
  } catch (const std::bad_alloc&) {
    is_memory = true;
  }
  Py_END_ALLOW_THREADS
  if (is_memory) return PyErr_NoMemory();
  if (wrong) {
    PyErr_SetString(PyExc_ValueError, wrong);
    return nullptr;
  }
  return PyLong_FromLongLong(found);
}

#define PARSE(...) \
  if (!PyArg_ParseTuple(arguments, __VA_ARGS__)) return nullptr
#define NEED(condition) \
  if (!(condition)) return nullptr

PyObject* py_arborescence(PyObject*, PyObject* arguments) {
  PyObject *edges, *weights, *out;
  PARSE("OOO", &edges, &weights, &out);
  Buffers held;
  Edges g;
  View<const double> weight;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && held.take(weights, &weight) && held.take(out, &plan));
  NEED(fit(g, plan) && (weight.n == g.source.n || refuse("one weight an edge")));
  return run([&] { return arborescence(g, weight, plan), 0; });
}

PyObject* py_shortest_paths(PyObject*, PyObject* arguments) {
  PyObject *edges, *far, *out;
  PARSE("OOO", &edges, &far, &out);
  Buffers held;
  Edges g;
  View<double> distance;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && held.take(far, &distance) && held.take(out, &plan));
  NEED(fit(g, distance, plan));
  return run([&] { return shortest_paths(g, distance, plan), 0; });
}

PyObject* py_distances(PyObject*, PyObject* arguments) {
  PyObject *edges, *tree, *out;
  PARSE("OOO", &edges, &tree, &out);
  Buffers held;
  Edges g;
  View<const i32> plan;
  View<double> distance;
  NEED(take_edges(held, edges, &g) && held.take(tree, &plan) && held.take(out, &distance));
  NEED(fit(g, plan, distance));
  return run([&] { return distances(g, plan, distance), 0; });
}

PyObject* py_balance(PyObject*, PyObject* arguments) {
  PyObject *edges, *tree, *near, *short_edges, *out;
  double alpha;
  PARSE("OOOOdO", &edges, &tree, &near, &short_edges, &alpha, &out);
  Buffers held;
  Edges g;
  View<const i32> from, shortest;
  View<const double> nearest;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && held.take(tree, &from) && held.take(near, &nearest) &&
       held.take(short_edges, &shortest) && held.take(out, &plan));
  NEED(fit(g, from, nearest, shortest, plan));
  return run([&] { return balance(g, from, nearest, shortest, alpha, plan), 0; });
}

PyObject* py_chop(PyObject*, PyObject* arguments) {
  PyObject *edges, *tree, *limits, *near, *short_edges, *out;
  PARSE("OOOOOO", &edges, &tree, &limits, &near, &short_edges, &out);
  Buffers held;
  Edges g;
  View<const i32> from, shortest;
  View<const double> ceiling, nearest;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && held.take(tree, &from) && held.take(limits, &ceiling) &&
       held.take(near, &nearest) && held.take(short_edges, &shortest) && held.take(out, &plan));
  NEED(fit(g, from, ceiling, nearest, shortest, plan));
  return run([&] { return chop(g, from, ceiling, nearest, shortest, plan), 0; });
}

PyObject* py_shared_costs(PyObject*, PyObject* arguments) {
  PyObject *edges, *groups, *tree, *out;
  PARSE("OOOO", &edges, &groups, &tree, &out);
  Buffers held;
  Edges g;
  Groups q;
  View<const i32> plan;
  View<double> cost;
  NEED(take_edges(held, edges, &g) && take_groups(held, groups, g, &q) &&
       held.take(tree, &plan) && held.take(out, &cost));
  NEED(fit(g, plan) && (cost.n == q.budget.n || refuse("one cost a group")));
  return run([&] { return shared_costs(g, q, plan, cost), 0; });
}

PyObject* py_swap_parents(PyObject*, PyObject* arguments) {
  PyObject *edges, *groups, *tree;
  int parallel;
  PARSE("OOOp", &edges, &groups, &tree, &parallel);
  Buffers held;
  Edges g;
  Groups q;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && take_groups(held, groups, g, &q) && held.take(tree, &plan));
  NEED(fit(g, plan));
  return run([&] { return swap_parents(g, q, plan, parallel != 0); });
}

PyObject* py_grow(PyObject*, PyObject* arguments) {
  PyObject *edges, *groups, *hopes, *others, *out;
  int parallel;
  PARSE("OOOOpO", &edges, &groups, &hopes, &others, &parallel, &out);
  Buffers held;
  Edges g;
  Groups q;
  View<const double> hope;
  View<const i32> fallback;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && take_groups(held, groups, g, &q) &&
       held.take(hopes, &hope) && held.take(others, &fallback) && held.take(out, &plan));
  NEED(fit(g, hope, fallback, plan));
  return run([&] { return grow(g, q, hope, fallback, parallel != 0, plan); });
}

PyObject* py_join_pairs(PyObject*, PyObject* arguments) {
  PyObject *first, *second, *sorted, *out;
  int vertices, most;
  PARSE("iOOOiO", &vertices, &first, &second, &sorted, &most, &out);
  Buffers held;
  View<const i32> a, b, order;
  View<u8> taken;
  NEED(held.take(first, &a) && held.take(second, &b) && held.take(sorted, &order) &&
       held.take(out, &taken));
  NEED((a.n == b.n && a.n == order.n && a.n == taken.n) || refuse("pairs do not fit each other"));
  return run([&] { return join_pairs(vertices, a, b, order, most, taken), 0; });
}

PyObject* py_lay_out(PyObject*, PyObject* arguments) {
  PyObject* in[8];
  PARSE("OOOOOOOO", &in[0], &in[1], &in[2], &in[3], &in[4], &in[5], &in[6], &in[7]);
  Buffers held;
  View<const i32> start, near, pair;
  View<i32> vertex, parent, by, end, first;
  NEED(held.take(in[0], &start) && held.take(in[1], &near) && held.take(in[2], &pair) &&
       held.take(in[3], &vertex) && held.take(in[4], &parent) && held.take(in[5], &by) &&
       held.take(in[6], &end) && held.take(in[7], &first));
  const size_t n = start.n < 2 ? 0 : start.n - 2;
  NEED((near.n == pair.n && vertex.n == n && parent.n == n && by.n == n && end.n == n &&
        first.n == n + 1) ||
       refuse("arrays of a layout do not fit each other"));
  return run([&] { return lay_out(start, near, pair, vertex, parent, by, end, first); });
}

PyObject* py_facilities(PyObject*, PyObject* arguments) {
  PyObject *edges, *in[7];
  PARSE("OOOOOOOO", &edges, &in[0], &in[1], &in[2], &in[3], &in[4], &in[5], &in[6]);
  Buffers held;
  Edges g;
  View<const i32> vertex;
  View<const u8> in_tree;
  View<const double> price;
  View<i32> start, edge;
  View<double> cost, distance;
  NEED(take_edges(held, edges, &g) && held.take(in[0], &vertex) && held.take(in[1], &in_tree) &&
       held.take(in[2], &price) && held.take(in[3], &start) && held.take(in[4], &edge) &&
       held.take(in[5], &cost) && held.take(in[6], &distance));
  NEED(fit(g, price) &&
       ((vertex.n + 1 == start.n && in_tree.n == g.source.n && edge.n == in_tree.n &&
         cost.n == edge.n && distance.n == edge.n) ||
        refuse("arrays of facilities do not fit each other")));
  return run([&] { return facilities(g, vertex, in_tree, price, start, edge, cost, distance); });
}

PyObject* py_program(PyObject*, PyObject* arguments) {
  PyObject *edges, *forest, *ways, *in[5];
  PARSE("OOOOOOOO", &edges, &forest, &ways, &in[0], &in[1], &in[2], &in[3], &in[4]);
  Buffers held;
  Edges g;
  Forest t;
  Facilities f;
  View<const double> weight, ceiling;
  View<i32> plan;
  View<double> reached, value;
  if (!PyTuple_Check(forest) || PyTuple_Size(forest) != 6 || !PyTuple_Check(ways) ||
      PyTuple_Size(ways) != 4)
    return refuse("a forest is six arrays, facilities are four"), nullptr;
  auto of = [](PyObject* tuple, Py_ssize_t k) { return PyTuple_GetItem(tuple, k); };
  NEED(take_edges(held, edges, &g) && held.take(of(forest, 0), &t.vertex) &&
       held.take(of(forest, 1), &t.parent) && held.take(of(forest, 2), &t.end) &&
       held.take(of(forest, 3), &t.first) && held.take(of(forest, 4), &t.down) &&
       held.take(of(forest, 5), &t.up) && held.take(of(ways, 0), &f.start) &&
       held.take(of(ways, 1), &f.edge) && held.take(of(ways, 2), &f.cost) &&
       held.take(of(ways, 3), &f.distance) && held.take(in[0], &weight) &&
       held.take(in[1], &ceiling) && held.take(in[2], &plan) && held.take(in[3], &reached) &&
       held.take(in[4], &value));
  const size_t n = (size_t)g.vertices - 1;
  NEED(fit(g, weight, ceiling, plan, reached) &&
       ((t.vertex.n == n && t.parent.n == n && t.end.n == n && t.down.n == n && t.up.n == n &&
         t.first.n >= 1 && f.start.n == n + 1 && f.cost.n == f.edge.n &&
         f.distance.n == f.edge.n && value.n == 1) ||
        refuse("arrays of a program do not fit each other")));
  return run([&] { return value[0] = program(g, t, f, weight, ceiling, plan, reached), 0; });
}

PyObject* py_open_cycles(PyObject*, PyObject* arguments) {
  PyObject *edges, *tree, *short_edges, *out;
  PARSE("OOOO", &edges, &tree, &short_edges, &out);
  Buffers held;
  Edges g;
  View<const u8> in_tree;
  View<const i32> shortest;
  View<i32> plan;
  NEED(take_edges(held, edges, &g) && held.take(tree, &in_tree) &&
       held.take(short_edges, &shortest) && held.take(out, &plan));
  NEED(fit(g, shortest, plan) && (in_tree.n == g.source.n || refuse("one mark an edge")));
  return run([&] { return open_cycles(g, in_tree, shortest, plan), 0; });
}

struct Searched {
  Buffers held;
  Edges g;
  Groups q;
  View<const double> weight;
  View<const i32> shortest, order;
  View<i32> plan;

  bool take(PyObject* edges, PyObject* groups, PyObject* weights, PyObject* short_edges,
            PyObject* tree, PyObject* vertices) {
    return take_edges(held, edges, &g) && take_groups(held, groups, g, &q) &&
           held.take(weights, &weight) && held.take(short_edges, &shortest) &&
           held.take(tree, &plan) && held.take(vertices, &order) &&
           fit(g, weight, shortest, plan);
  }
};

PyObject* py_repair(PyObject*, PyObject* arguments) {
  PyObject *edges, *groups, *weights, *short_edges, *tree, *order;
  double least;
  PARSE("OOOOdOO", &edges, &groups, &weights, &short_edges, &least, &tree, &order);
  Searched in;
  NEED(in.take(edges, groups, weights, short_edges, tree, order));
  return run([&] {
    return Search(in.g, in.q, in.weight, in.shortest, least, in.plan).repair(in.order);
  });
}

PyObject* py_sweep(PyObject*, PyObject* arguments) {
  PyObject *edges, *groups, *weights, *short_edges, *tree, *order;
  double least;
  long long rounds;
  PARSE("OOOOdOOL", &edges, &groups, &weights, &short_edges, &least, &tree, &order, &rounds);
  Searched in;
  NEED(in.take(edges, groups, weights, short_edges, tree, order));
  return run([&] {
    return Search(in.g, in.q, in.weight, in.shortest, least, in.plan).sweep(in.order, rounds);
  });
}

PyObject* py_kicks(PyObject*, PyObject* arguments) {
  PyObject *edges, *groups, *weights, *short_edges, *tree, *near;
  double least;
  unsigned long long seed;
  long long times;
  PARSE("OOOOdOOKL", &edges, &groups, &weights, &short_edges, &least, &tree, &near, &seed, &times);
  Searched in;
  NEED(in.take(edges, groups, weights, short_edges, tree, near));
  if (in.g.vertices < 2) return PyLong_FromLong(0);
  return run([&] {
    return Search(in.g, in.q, in.weight, in.shortest, least, in.plan).kicks(in.order, seed, times);
  });
}

PyMethodDef methods[] = {
    {"arborescence", py_arborescence, METH_VARARGS, nullptr},
    {"shortest_paths", py_shortest_paths, METH_VARARGS, nullptr},
    {"distances", py_distances, METH_VARARGS, nullptr},
    {"balance", py_balance, METH_VARARGS, nullptr},
    {"chop", py_chop, METH_VARARGS, nullptr},
    {"shared_costs", py_shared_costs, METH_VARARGS, nullptr},
    {"swap_parents", py_swap_parents, METH_VARARGS, nullptr},
    {"grow", py_grow, METH_VARARGS, nullptr},
    {"join_pairs", py_join_pairs, METH_VARARGS, nullptr},
    {"lay_out", py_lay_out, METH_VARARGS, nullptr},
    {"facilities", py_facilities, METH_VARARGS, nullptr},
    {"program", py_program, METH_VARARGS, nullptr},
    {"open_cycles", py_open_cycles, METH_VARARGS, nullptr},
    {"repair", py_repair, METH_VARARGS, nullptr},
    {"sweep", py_sweep, METH_VARARGS, nullptr},
    {"kicks", py_kicks, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "_plans", "Loops over storage graphs, compiled.", -1,
                      methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__plans() { return PyModule_Create(&module); }
