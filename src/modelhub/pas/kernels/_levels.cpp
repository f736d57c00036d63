// Levels of numbers and their streams: the fast twin of reference.py, streams.py and rans.py.
//
// docs/spec/tensor-encoding.md is the definition; § below refers to it. All paths, scalar and
// AVX2, make and read the same bytes. Nothing here trusts what it reads: all sizes follow from the
// caller's buffers, tables are checked before they are used, words are never read past their end.

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "elements are little-endian; the reference serves other machines"
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_AVX2 1
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
#endif
#if defined(__GNUC__)
#define INLINE inline __attribute__((always_inline))
#define UNALIGNED __attribute__((aligned(1), may_alias))
#else
#define INLINE inline
#define UNALIGNED
#endif

namespace {

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
typedef u16 UNALIGNED word16;
typedef u32 UNALIGNED word32;
typedef u64 UNALIGNED word64;
using Error = const char*;  // nullptr: none

enum Mode : u8 { CONSTANT, RAW, RUNS, ZSTD, BY_CONTEXT, SPARSE, BY_BLOCK, RANS };       // §4
enum Delta { NONE = 0, HIER_SUB = 64, XOR = 128, SUB = 192 };                           // §2
enum Scheme { FLOAT32 = 1, BFLOAT16, FLOAT16, FLOAT64, BYTES, PLANES };                 // §2
constexpr u32 PRECISION = 12, TOTAL = 1u << PRECISION, LOWEST = 1u << 15;               // §5
constexpr u32 LANES = 32, FEW_LANES = 4;
constexpr size_t MANY = 1 << 14, BLOCK = 1 << 10, RUN = 1 << 16, MAX_STREAMS = 16, SYMBOLS = 256;
constexpr u32 MOST_TABLES = 8, CLASSES = 16, FLIPPED = 5, MOST_LOW_BITS = 20;           // §6, §7
constexpr size_t SAMPLE_FROM = 1 << 17, SAMPLE_STEP = 1 << 14, SAMPLE = 1 << 10;        // §8
constexpr size_t BLOCKS_FROM = 1 << 13, BLOCKS_TO = 1 << 20, FEW = 16;
constexpr u64 WORTH = 985;  // thousandths of the raw size
constexpr u32 NEW_TABLE = 16, NEW_SYMBOL = 10, IMPOSSIBLE = 40u << 16;
constexpr size_t SLACK = 80;       // bytes that a row of 32 lanes may look at
constexpr size_t PIECE = 1 << 14;  // elements decoded at a time: their planes fit into a cache

// Memory of a thread that is kept between calls, and never cleared.
struct Memory {
  u8* at = nullptr;
  size_t size = 0;
  ~Memory() { free(at); }
  bool reserve(size_t wanted) {
    if (wanted <= size) return true;
    u8* grown = static_cast<u8*>(realloc(at, wanted));
    if (!grown) return false;
    at = grown;
    size = wanted;
    return true;
  }
};
thread_local Memory planes_memory, coded_memory, words_memory, table_memory, whole_memory,
    values_memory, items_memory, counts_memory;
constexpr Error NO_MEMORY = "";  // told apart by its address

// ---- which streams an element has (§2)

struct Layout {
  int scheme = 0;
  size_t width = 0;    // bytes of an element
  size_t streams = 0;
  u8 bits[MAX_STREAMS];
};

Error layout_of(int scheme, Py_ssize_t width, Layout* found) {
  static const u8 float32[] = {8, 1, 7, 8, 8}, float64[] = {3, 8, 1, 4, 8, 8, 8, 8, 8, 8};
  const u8* bits = nullptr;
  found->scheme = scheme;
  if (scheme == FLOAT32) found->width = 4, found->streams = 5, bits = float32;
  else if (scheme == BFLOAT16) found->width = 2, found->streams = 3, bits = float32;
  else if (scheme == FLOAT16) found->width = 2, found->streams = 2;
  else if (scheme == FLOAT64) found->width = 8, found->streams = 10, bits = float64;
  else if (scheme == BYTES) found->width = 1, found->streams = 1;
  else if (scheme == PLANES && width >= 1 && width <= (Py_ssize_t)MAX_STREAMS)
    found->width = found->streams = (size_t)width;
  else return "no such scheme";
  for (size_t k = 0; k < found->streams; k++) found->bits[k] = bits ? bits[k] : 8;
  return nullptr;
}

INLINE void split_float32(const u8* raw, size_t n, u8* const* to) {
  const word32* in = reinterpret_cast<const word32*>(raw);
  u8 *__restrict e = to[0], *__restrict s = to[1], *__restrict m = to[2], *__restrict b = to[3],
     *__restrict c = to[4];
  for (size_t i = 0; i < n; i++) {
    u32 u = in[i];
    e[i] = (u8)(u >> 23), s[i] = (u8)(u >> 31), m[i] = (u8)((u >> 16) & 127);
    b[i] = (u8)(u >> 8), c[i] = (u8)u;
  }
}

INLINE void merge_float32(u8* raw, size_t n, const u8* const* from) {
  word32* __restrict out = reinterpret_cast<word32*>(raw);
  const u8 *e = from[0], *s = from[1], *m = from[2], *b = from[3], *c = from[4];
  for (size_t i = 0; i < n; i++)
    out[i] = (u32)e[i] << 23 | (u32)s[i] << 31 | (u32)m[i] << 16 | (u32)b[i] << 8 | c[i];
}

INLINE void split_bfloat16(const u8* raw, size_t n, u8* const* to) {
  const word16* in = reinterpret_cast<const word16*>(raw);
  u8 *__restrict e = to[0], *__restrict s = to[1], *__restrict m = to[2];
  for (size_t i = 0; i < n; i++) {
    u16 u = in[i];
    e[i] = (u8)(u >> 7), s[i] = (u8)(u >> 15), m[i] = (u8)(u & 127);
  }
}

INLINE void merge_bfloat16(u8* raw, size_t n, const u8* const* from) {
  word16* __restrict out = reinterpret_cast<word16*>(raw);
  const u8 *e = from[0], *s = from[1], *m = from[2];
  for (size_t i = 0; i < n; i++) out[i] = (u16)((u16)s[i] << 15 | (u16)e[i] << 7 | m[i]);
}

INLINE void split_float64(const u8* raw, size_t n, u8* const* to) {
  const word64* in = reinterpret_cast<const word64*>(raw);
  for (size_t i = 0; i < n; i++) {
    u64 u = in[i];
    to[0][i] = (u8)(u >> 60 & 7), to[1][i] = (u8)(u >> 52), to[2][i] = (u8)(u >> 63);
    to[3][i] = (u8)(u >> 48 & 15);
    for (int k = 0; k < 6; k++) to[4 + k][i] = (u8)(u >> (40 - 8 * k));
  }
}

INLINE void merge_float64(u8* raw, size_t n, const u8* const* from) {
  word64* __restrict out = reinterpret_cast<word64*>(raw);
  for (size_t i = 0; i < n; i++) {
    u64 u = (u64)from[0][i] << 60 | (u64)from[1][i] << 52 | (u64)from[2][i] << 63 |
            (u64)from[3][i] << 48;
    for (int k = 0; k < 6; k++) u |= (u64)from[4 + k][i] << (40 - 8 * k);
    out[i] = u;
  }
}

INLINE void split_planes(const u8* raw, size_t n, size_t width, u8* const* to) {
  for (size_t k = 0; k < width; k++) {
    u8* __restrict plane = to[k];
    const u8* in = raw + (width - 1 - k);
    for (size_t i = 0; i < n; i++) plane[i] = in[i * width];
  }
}

INLINE void merge_planes(u8* raw, size_t n, size_t width, const u8* const* from) {
  for (size_t k = 0; k < width; k++) {
    const u8* __restrict plane = from[k];
    u8* out = raw + (width - 1 - k);
    for (size_t i = 0; i < n; i++) out[i * width] = plane[i];
  }
}

INLINE void merge_float16(u8* raw, size_t n, const u8* const* from) {
  word16* __restrict out = reinterpret_cast<word16*>(raw);
  const u8 *high = from[0], *low = from[1];
  for (size_t i = 0; i < n; i++) out[i] = (u16)((u16)high[i] << 8 | low[i]);
}

INLINE void split_as(const Layout& layout, const u8* raw, size_t n, u8* const* to) {
  switch (layout.scheme) {
    case FLOAT32: split_float32(raw, n, to); break;
    case BFLOAT16: split_bfloat16(raw, n, to); break;
    case FLOAT64: split_float64(raw, n, to); break;
    case FLOAT16: split_planes(raw, n, 2, to); break;
    default: split_planes(raw, n, layout.width, to);
  }
}

INLINE void merge_as(const Layout& layout, u8* raw, size_t n, const u8* const* from) {
  switch (layout.scheme) {
    case FLOAT32: merge_float32(raw, n, from); break;
    case BFLOAT16: merge_bfloat16(raw, n, from); break;
    case FLOAT64: merge_float64(raw, n, from); break;
    case FLOAT16: merge_float16(raw, n, from); break;
    default: merge_planes(raw, n, layout.width, from);
  }
}

// ---- symbols of fewer than eight bits, as a little-endian string of bits (§4)

size_t packed_size(size_t n, u32 bits) { return (n * bits + 7) / 8; }

template <u32 bits>
void pack_fixed(const u8* symbols, size_t n, u8* out) {
  size_t i = 0;
  for (; i + 8 <= n; i += 8, out += bits) {
    u64 held = 0;
    for (u32 j = 0; j < 8; j++) held |= (u64)symbols[i + j] << (bits * j);
    memcpy(out, &held, bits);
  }
  u64 held = 0;
  for (u32 j = 0; i + j < n; j++) held |= (u64)symbols[i + j] << (bits * j);
  memcpy(out, &held, packed_size(n - i, bits));
}

template <u32 bits>
void unpack_fixed(const u8* in, size_t n, u8* symbols) {
  const u8 mask = (u8)((1u << bits) - 1);
  size_t i = 0;
  for (; i + 8 <= n; i += 8, in += bits) {
    u64 held = 0;
    memcpy(&held, in, bits);
    for (u32 j = 0; j < 8; j++) symbols[i + j] = (u8)(held >> (bits * j)) & mask;
  }
  u64 held = 0;
  memcpy(&held, in, packed_size(n - i, bits));
  for (u32 j = 0; i + j < n; j++) symbols[i + j] = (u8)(held >> (bits * j)) & mask;
}

void pack_scalar(const u8* symbols, size_t n, u32 bits, u8* out) {
  if (bits == 1) pack_fixed<1>(symbols, n, out);
  else if (bits == 3) pack_fixed<3>(symbols, n, out);
  else if (bits == 4) pack_fixed<4>(symbols, n, out);
  else pack_fixed<7>(symbols, n, out);
}

void unpack_scalar(const u8* in, size_t n, u32 bits, u8* symbols) {
  if (bits == 1) unpack_fixed<1>(in, n, symbols);
  else if (bits == 3) unpack_fixed<3>(in, n, symbols);
  else if (bits == 4) unpack_fixed<4>(in, n, symbols);
  else unpack_fixed<7>(in, n, symbols);
}

// ---- tables (§5) and what they cost (§8)

struct Logarithms {  // to the base 2, in 1/65536; whole numbers only
  u32 of[TOTAL + 1];
  Logarithms() {
    of[0] = 0;
    for (u32 f = 1; f <= TOTAL; f++) {
      u32 whole = 0;
      while (f >> (whole + 1)) whole++;
      u64 y = (u64)f << (31 - whole);
      u32 log = whole;
      for (int k = 0; k < 16; k++) {
        y = (y * y) >> 31, log <<= 1;
        if (y >> 32) y >>= 1, log++;
      }
      of[f] = log;
    }
  }
};
const Logarithms logarithms;

u32 cost_at(u32 frequency) { return (PRECISION << 16) - logarithms.of[frequency]; }

void count(const u8* symbols, size_t n, u32* counts) {
  u32 part[4][SYMBOLS] = {};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    u64 v;
    memcpy(&v, symbols + i, 8);
    part[0][v & 255]++, part[1][v >> 8 & 255]++, part[2][v >> 16 & 255]++;
    part[3][v >> 24 & 255]++, part[0][v >> 32 & 255]++, part[1][v >> 40 & 255]++;
    part[2][v >> 48 & 255]++, part[3][v >> 56]++;
  }
  for (; i < n; i++) part[0][symbols[i]]++;
  for (size_t s = 0; s < SYMBOLS; s++)
    counts[s] += part[0][s] + part[1][s] + part[2][s] + part[3][s];
}

u64 total_of(const u32* counts) {
  u64 sum = 0;
  for (size_t s = 0; s < SYMBOLS; s++) sum += counts[s];
  return sum;
}

size_t most_of(const u32* counts) {
  size_t most = 0;
  for (size_t s = 0; s < SYMBOLS; s++)
    if (counts[s] > counts[most]) most = s;
  return most;
}

void normalize(const u32* counts, u32 bits, u16* frequencies) {
  const u64 total = total_of(counts);
  const size_t most = most_of(counts);
  u32 sum = 0;
  for (size_t s = 0; s < SYMBOLS; s++) {
    u64 f = (counts[s] * (u64)TOTAL + total / 2) / total;
    if (counts[s] && !f) f = 1;
    frequencies[s] = (u16)f;
    sum += (u32)f;
  }
  if (sum < TOTAL) frequencies[most] = (u16)(frequencies[most] + TOTAL - sum);
  while (sum > TOTAL) {
    size_t largest = 0;
    for (size_t s = 0; s < SYMBOLS; s++)
      if (frequencies[s] > frequencies[largest]) largest = s;
    u32 less = frequencies[largest] / 8u, excess = sum - TOTAL;
    if (less < 1) less = 1;
    if (less > excess) less = excess;
    frequencies[largest] = (u16)(frequencies[largest] - less);
    sum -= less;
  }
  if (frequencies[most] == TOTAL)
    frequencies[most]--, frequencies[(most + 1) & ((1u << bits) - 1)] = 1;
}

u64 cost_of(const u32* counts, const u16* frequencies) {
  u64 sum = 0;
  for (size_t s = 0; s < SYMBOLS; s++)
    if (counts[s]) sum += (u64)counts[s] * cost_at(frequencies[s]);
  return sum;
}

constexpr size_t TABLE_ROOM = 2 * SYMBOLS + 2;

size_t write_table(const u16* frequencies, u32 bits, u8* out) {
  const u32 all = 1u << bits, mask = all - 1;
  u32 first = 0, low = 0, high = 0, widest = 0;
  while (!frequencies[first]) first++;
  for (u32 s = first, k = 0; k < all;) {  // around, from one that is there to the next
    u32 gap = 1;
    while (!frequencies[(s + gap) & mask]) gap++;
    if (gap > widest) widest = gap, high = s, low = (s + gap) & mask;
    s = (s + gap) & mask, k += gap;
  }
  u8* p = out;
  *p++ = (u8)low, *p++ = (u8)high;
  for (u32 k = 0, size = ((high - low) & mask) + 1; k < size; k++) {
    const u32 f = frequencies[(low + k) & mask];
    if (f >= 128) *p++ = (u8)(128 | f >> 8);
    *p++ = (u8)f;
    if (f) continue;
    u32 more = 0;
    while (!frequencies[(low + k + 1 + more) & mask]) more++;
    *p++ = (u8)more, k += more;
  }
  return (size_t)(p - out);
}

// Bytes that the table took, or 0 if it is none.
size_t read_table(const u8* in, size_t size, u32 bits, u16* frequencies) {
  if (size < 2) return 0;
  const u32 low = in[0], high = in[1], mask = (1u << bits) - 1;
  if (low == high || low > mask || high > mask) return 0;
  memset(frequencies, 0, SYMBOLS * sizeof *frequencies);
  size_t at = 2;
  u32 sum = 0, k = 0;
  const u32 many = ((high - low) & mask) + 1;
  while (k < many) {
    if (at >= size) return 0;
    u32 f = in[at++];
    if (f >= 128) {
      if (at >= size) return 0;
      f = (f & 127) << 8 | in[at++];
      if (f < 128) return 0;
    }
    frequencies[(low + k++) & mask] = (u16)f;
    sum += f;
    if (sum > TOTAL) return 0;
    if (f) continue;
    if (at >= size) return 0;
    k += in[at++];
  }
  return k == many && sum == TOTAL && frequencies[low] && frequencies[high] ? at : 0;
}

// The same of a table of version 1, in which every frequency is written (§5.1).
size_t read_plain_table(const u8* in, size_t size, u32 bits, u16* frequencies) {
  if (size < 2 || in[0] >= in[1] || in[1] >> bits) return 0;
  memset(frequencies, 0, SYMBOLS * sizeof *frequencies);
  size_t at = 2;
  u32 sum = 0;
  for (u32 symbol = in[0]; symbol <= in[1]; symbol++) {
    if (at >= size) return 0;
    u32 f = in[at++];
    if (f >= 128) {
      if (at >= size) return 0;
      f = (f & 127) << 8 | in[at++];
      if (f < 128) return 0;
    }
    frequencies[symbol] = (u16)f;
    sum += f;
    if (sum > TOTAL) return 0;
  }
  return sum == TOTAL && frequencies[in[0]] && frequencies[in[1]] ? at : 0;
}

// ---- which contexts share a table (§8)

u64 spread(u32 c) {  // c log2 c
  u32 shift = 0;
  while (c >> (shift + PRECISION)) shift++;
  return (u64)c * (logarithms.of[c >> shift] + (shift << 16));
}

struct Tables {
  u32 many = 0;
  u32 counts[MOST_TABLES][SYMBOLS];
  u16 frequencies[MOST_TABLES][SYMBOLS];
};

struct Item {
  u32 context;
  u64 total;
};

u32 cheapest(const u32* counts, const u32 (*costs)[SYMBOLS], u32 many) {
  u32 best = 0;
  u64 least = ~(u64)0;
  for (u32 k = 0; k < many; k++) {
    u64 sum = 0;
    for (size_t s = 0; s < SYMBOLS; s++) sum += (u64)counts[s] * costs[k][s];
    if (sum < least) least = sum, best = k;
  }
  return best;
}

// The table of each context that occurs, in the order of `items`, which is that of their totals.
void gather(const u32 (*counts)[SYMBOLS], const Item* items, size_t many, Tables* tables) {
  u64 totals[MOST_TABLES] = {};
  tables->many = 0;
  for (size_t i = 0; i < many; i++) {
    const u32* mine = counts[items[i].context];
    u32 symbols[SYMBOLS], present = 0;
    u64 information = spread((u32)items[i].total);
    for (u32 s = 0; s < SYMBOLS; s++)
      if (mine[s]) symbols[present++] = s, information -= spread(mine[s]);
    u32 best = 0;
    int64_t least = INT64_MAX;
    for (u32 k = 0; k < tables->many; k++) {
      const u32* sums = tables->counts[k];
      int64_t more = (int64_t)(spread((u32)(totals[k] + items[i].total)) - spread((u32)totals[k])) -
                     (int64_t)information;
      for (u32 j = 0; j < present; j++)
        more -= (int64_t)(spread(sums[symbols[j]] + mine[symbols[j]]) - spread(sums[symbols[j]]));
      if (more < least) least = more, best = k;
    }
    if (!tables->many ||
        (tables->many < MOST_TABLES && least > (int64_t)(NEW_TABLE + NEW_SYMBOL * present) << 16))
      best = tables->many++, totals[best] = 0, memset(tables->counts[best], 0, sizeof(u32) * SYMBOLS);
    totals[best] += items[i].total;
    for (u32 j = 0; j < present; j++) tables->counts[best][symbols[j]] += mine[symbols[j]];
  }
}

void cluster(const u32 (*counts)[SYMBOLS], size_t contexts, u32 bits, Item* items, u8* names,
             Tables* tables) {
  size_t many = 0;
  for (size_t c = 0; c < contexts; c++) {
    const u64 total = total_of(counts[c]);
    names[c] = 0;
    if (total) items[many++] = {(u32)c, total};
  }
  std::stable_sort(items, items + many, [](const Item& a, const Item& b) { return a.total > b.total; });
  gather(counts, items, many, tables);
  u32 costs[MOST_TABLES][SYMBOLS];
  bool is_used[MOST_TABLES] = {};
  for (u32 k = 0; k < tables->many; k++) {
    normalize(tables->counts[k], bits, tables->frequencies[k]);
    for (size_t s = 0; s < SYMBOLS; s++)
      costs[k][s] = tables->frequencies[k][s] ? cost_at(tables->frequencies[k][s]) : IMPOSSIBLE;
  }
  for (size_t i = 0; i < many; i++) {
    const u32 c = items[i].context;
    names[c] = (u8)cheapest(counts[c], costs, tables->many);
    is_used[names[c]] = true;
  }
  u32 places[MOST_TABLES], used = 0;
  for (u32 k = 0; k < tables->many; k++) places[k] = used, used += is_used[k];
  tables->many = used;
  memset(tables->counts, 0, sizeof tables->counts);
  for (size_t i = 0; i < many; i++) {
    const u32 c = items[i].context, k = places[names[c]];
    names[c] = (u8)k;
    for (size_t s = 0; s < SYMBOLS; s++) tables->counts[k][s] += counts[c][s];
  }
  for (u32 k = 0; k < used; k++) normalize(tables->counts[k], bits, tables->frequencies[k]);
}

// ---- rANS (§5)

struct Coder {  // how a symbol is encoded: ranges, and a reciprocal that divides states exactly
  u32 start_and[MOST_TABLES * SYMBOLS];   // frequency, bias << 12, shift << 25
  u32 reciprocal[MOST_TABLES * SYMBOLS];
};

void make_coder(const u16* frequencies, u32* start_and, u32* reciprocals) {
  u32 start = 0;
  for (size_t s = 0; s < SYMBOLS; s++) {
    const u32 f = frequencies[s];
    u32 shift = 0, bias = start, reciprocal = ~0u;
    if (f < 2) {
      bias = start + TOTAL - 1;  // q becomes x - 1, and x + bias + (x - 1)(TOTAL - 1) is right
    } else {
      while (f > (1u << shift)) shift++;
      reciprocal = (u32)((((u64)1 << (shift + 31)) + f - 1) / f);
      shift--;
    }
    start_and[s] = f | bias << 12 | shift << 25;
    reciprocals[s] = reciprocal;
    start += f;
  }
}

INLINE u32 pushed(const Coder& coder, u32 key, u32 x, u8*& p) {
  const u32 entry = coder.start_and[key], f = entry & (TOTAL - 1);
  const u16 word = (u16)x;
  memcpy(p - 2, &word, 2);
  const bool is_full = x >= f << (31 - PRECISION);
  p -= 2 * is_full;
  x = is_full ? x >> 16 : x;
  const u32 q = (u32)(((u64)x * coder.reciprocal[key]) >> 32) >> (entry >> 25);
  return x + (entry >> 12 & 8191) + q * (TOTAL - f);
}

u32 lanes_of(size_t n) { return n >= MANY ? LANES : FEW_LANES; }

INLINE u32 key_of(const u8* which, const u8* symbols, size_t i) {
  return (which ? (u32)which[i] << 8 : 0) | symbols[i];
}

// Words go backwards from `end`, at most 2 n bytes, 16 more are scratch; where they begin.
template <u32 lanes>
u8* encode_rows(const Coder& coder, const u8* symbols, const u8* which, size_t n, u8* end, u32* x) {
  for (u32 j = 0; j < lanes; j++) x[j] = LOWEST;
  u8* p = end;
  size_t i = n;
  while (i % lanes) i--, x[i % lanes] = pushed(coder, key_of(which, symbols, i), x[i % lanes], p);
  while (i) {
    i -= lanes;
    for (u32 j = lanes; j-- > 0;) x[j] = pushed(coder, key_of(which, symbols, i + j), x[j], p);
  }
  return p;
}

u8* encode_scalar(const Coder& coder, const u8* symbols, const u8* which, size_t n, u8* end,
                  u32* states) {
  return lanes_of(n) == LANES ? encode_rows<LANES>(coder, symbols, which, n, end, states)
                              : encode_rows<FEW_LANES>(coder, symbols, which, n, end, states);
}

// An entry a slot: symbol, slot's place in the symbol's range << 8, frequency << 20.
void make_slots(const u16* frequencies, u32* slots) {
  u32 at = 0;
  for (u32 s = 0; s < SYMBOLS; s++)
    for (u32 k = 0; k < frequencies[s]; k++) slots[at++] = s | k << 8 | (u32)frequencies[s] << 20;
}

INLINE u32 popped(u32 entry, u32 x) {
  return (entry >> 20) * (x >> PRECISION) + (entry >> 8 & (TOTAL - 1));
}

constexpr Error STREAM_ENDS = "a stream ends before its symbols",
                STATES_WRONG = "a stream begins with impossible states",
                NOT_CONSUMED = "a stream does not end where its symbols do",
                NO_MODE = "no such mode of a stream", NO_MAP = "a map of tables is impossible",
                NO_CONSTANT = "a constant is impossible",
                NO_TABLE = "a table of frequencies is impossible",
                NO_POSITIONS = "positions are impossible";

// Whole rows of lanes, while no word is read beyond `limit` + SLACK; rows that are left.
template <u32 lanes>
size_t decode_rows(const u32* slots, const u8*& which, u32* states, const u8*& words,
                   const u8* limit, size_t rows, u8*& symbols) {
  u32 x[lanes];
  memcpy(x, states, sizeof x);
  const u8* p = words;
  u8* out = symbols;
  for (; rows && p <= limit; rows--, out += lanes) {
    for (u32 j = 0; j < lanes; j++) {
      const u32 entry = slots[(which ? (u32)which[j] << PRECISION : 0) | (x[j] & (TOTAL - 1))];
      out[j] = (u8)entry;
      const u32 v = popped(entry, x[j]), is_low = v < LOWEST;
      x[j] = v << (is_low << 4) | (*reinterpret_cast<const word16*>(p) & (0u - is_low));
      p += 2 * is_low;
    }
    if (which) which += lanes;
  }
  memcpy(states, x, sizeof x);
  words = p, symbols = out;
  return rows;
}

size_t rows_scalar(const u32* slots, const u8*& which, u32* states, const u8*& words,
                   const u8* limit, size_t rows, u8*& symbols) {
  return decode_rows<LANES>(slots, which, states, words, limit, rows, symbols);
}

// ---- what is known of a symbol (§6)

INLINE void restore_as(const u8* stored, const u8* base, size_t n, u32 bits, bool is_xor, u8* out) {
  const u8 mask = (u8)((1u << bits) - 1);
  if (is_xor) for (size_t i = 0; i < n; i++) out[i] = stored[i] ^ base[i];
  else for (size_t i = 0; i < n; i++) out[i] = (u8)(stored[i] + base[i]) & mask;
}

INLINE void differ_as(const u8* child, const u8* base, size_t n, u32 bits, bool is_xor, u8* out) {
  const u8 mask = (u8)((1u << bits) - 1);
  if (is_xor) for (size_t i = 0; i < n; i++) out[i] = child[i] ^ base[i];
  else for (size_t i = 0; i < n; i++) out[i] = (u8)(child[i] - base[i]) & mask;
}

enum Kind { MAGNITUDE, SIGN, BOTH };

// Status of each element: 0 to 4 for how far its magnitude moved, 5 if its sign did.
INLINE void learn_as(const u8* child, const u8* base, size_t n, u32 bits, Kind kind, u8* status) {
  if (kind == SIGN) {
    for (size_t i = 0; i < n; i++) status[i] = child[i] != base[i] ? FLIPPED : status[i];
    return;
  }
  const u8 mask = kind == BOTH ? 127 : 255;
  for (size_t i = 0; i < n; i++) {
    int16_t moved = (int16_t)((status[i] - 2) * (1 << bits) + (child[i] & mask) - (base[i] & mask));
    moved = moved < -2 ? -2 : moved > 2 ? 2 : moved;
    const bool is_flipped = status[i] == FLIPPED || (kind == BOTH && (child[i] ^ base[i]) >> 7);
    status[i] = is_flipped ? FLIPPED : (u8)(moved + 2);
  }
}

INLINE void classes_as(const u16* exponents, size_t n, u32 top, u8* classes) {
  for (size_t i = 0; i < n; i++) {
    const int16_t below = (int16_t)((int)top - exponents[i] < -1 ? -1 : (int)top - exponents[i] > 15 ? 15 : (int)top - exponents[i]);
    classes[i] = (u8)(below < 0 ? 0 : below);
  }
}

void tables_scalar(const u8* status, const u8* classes, size_t n, const u8* map, u8* which) {
  if (status) for (size_t i = 0; i < n; i++) which[i] = map[status[i] << 4 | classes[i]];
  else for (size_t i = 0; i < n; i++) which[i] = map[classes[i]];
}

#ifdef HAS_AVX2
alignas(32) u32 spread_to[256][8], gathered[256][8];  // lanes that take, or give, a word

void make_permutations() {
  for (u32 mask = 0; mask < 256; mask++) {
    u32 first = 0, last = 8 - (u32)__builtin_popcount(mask);
    for (u32 j = 0; j < 8; j++) {
      spread_to[mask][j] = mask >> j & 1 ? first++ : 0;
      if (mask >> j & 1) gathered[mask][last++] = j;
    }
  }
}

// The entries at eight places, each loaded for itself: where a gather is made of many small steps,
// this takes less time.
AVX2 INLINE __m256i loaded_at(const u32* slots, __m256i places) {
  const __m128i low = _mm256_castsi256_si128(places), high = _mm256_extracti128_si256(places, 1);
  const u64 a = (u64)_mm_cvtsi128_si64(low), b = (u64)_mm_extract_epi64(low, 1),
            c = (u64)_mm_cvtsi128_si64(high), d = (u64)_mm_extract_epi64(high, 1);
  const auto pair = [&](u64 two) { return (long long)(slots[(u32)two] | (u64)slots[two >> 32] << 32); };
  const __m128i first = _mm_insert_epi64(_mm_cvtsi64_si128(pair(a)), pair(b), 1),
                second = _mm_insert_epi64(_mm_cvtsi64_si128(pair(c)), pair(d), 1);
  return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
}

template <bool BY, bool IS_GATHERED>
AVX2 INLINE size_t rows_by(const u32* slots, const u8*& which, u32* states, const u8*& words,
                           const u8* limit, size_t rows, u8*& symbols) {
  __m256i x[4];
  for (int k = 0; k < 4; k++) x[k] = _mm256_loadu_si256((const __m256i*)states + k);
  const __m256i slot = _mm256_set1_epi32(TOTAL - 1), low = _mm256_set1_epi32(LOWEST),
                octet = _mm256_set1_epi32(255), order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const u8* p = words;
  u8* out = symbols;
  for (; rows && p <= limit; rows--, out += LANES) {
    __m256i s[4], v[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      __m256i place = _mm256_and_si256(x[k], slot);
      if (BY)
        place = _mm256_or_si256(
            place, _mm256_slli_epi32(
                       _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)(which + 8 * k))),
                       PRECISION));
      const __m256i e =
          IS_GATHERED ? _mm256_i32gather_epi32((const int*)slots, place, 4) : loaded_at(slots, place);
      s[k] = _mm256_and_si256(e, octet);
      v[k] = _mm256_add_epi32(
          _mm256_mullo_epi32(_mm256_srli_epi32(e, 20), _mm256_srli_epi32(x[k], PRECISION)),
          _mm256_and_si256(_mm256_srli_epi32(e, 8), slot));
    }
    if (BY) which += LANES;
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      const __m256i is_low = _mm256_cmpgt_epi32(low, v[k]);
      const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(is_low));
      const __m256i w = _mm256_permutevar8x32_epi32(
          _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p)),
          _mm256_load_si256((const __m256i*)spread_to[mask]));
      x[k] = _mm256_blendv_epi8(v[k], _mm256_or_si256(_mm256_slli_epi32(v[k], 16), w), is_low);
      p += 2 * __builtin_popcount((unsigned)mask);
    }
    const __m256i packed = _mm256_packus_epi16(_mm256_packus_epi32(s[0], s[1]),
                                               _mm256_packus_epi32(s[2], s[3]));
    _mm256_storeu_si256((__m256i*)out, _mm256_permutevar8x32_epi32(packed, order));
  }
  for (int k = 0; k < 4; k++) _mm256_storeu_si256((__m256i*)states + k, x[k]);
  words = p, symbols = out;
  return rows;
}

AVX2 size_t rows_avx2(const u32* slots, const u8*& which, u32* states, const u8*& words,
                      const u8* limit, size_t rows, u8*& symbols) {
  return which ? rows_by<true, true>(slots, which, states, words, limit, rows, symbols)
               : rows_by<false, true>(slots, which, states, words, limit, rows, symbols);
}

AVX2 size_t rows_loaded(const u32* slots, const u8*& which, u32* states, const u8*& words,
                        const u8* limit, size_t rows, u8*& symbols) {
  return which ? rows_by<true, false>(slots, which, states, words, limit, rows, symbols)
               : rows_by<false, false>(slots, which, states, words, limit, rows, symbols);
}

template <bool BY>
AVX2 INLINE u8* encode_by(const Coder& coder, const u8* symbols, const u8* which, size_t n, u8* end,
                          u32* first) {
  for (u32 j = 0; j < LANES; j++) first[j] = LOWEST;
  u8* p = end;
  size_t i = n;
  while (i % LANES)
    i--, first[i % LANES] = pushed(coder, key_of(which, symbols, i), first[i % LANES], p);
  __m256i x[4];
  for (int k = 0; k < 4; k++) x[k] = _mm256_loadu_si256((const __m256i*)first + k);
  const __m256i m12 = _mm256_set1_epi32(4095), m13 = _mm256_set1_epi32(8191),
                m16 = _mm256_set1_epi32(0xffff), one = _mm256_set1_epi32(1),
                all = _mm256_set1_epi32(TOTAL);
  while (i) {
    i -= LANES;
    __m256i e[4], r[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      __m256i s = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)(symbols + i + 8 * k)));
      if (BY)
        s = _mm256_or_si256(
            s, _mm256_slli_epi32(
                   _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)(which + i + 8 * k))), 8));
      e[k] = _mm256_i32gather_epi32((const int*)coder.start_and, s, 4);
      r[k] = _mm256_i32gather_epi32((const int*)coder.reciprocal, s, 4);
    }
#pragma GCC unroll 4
    for (int k = 3; k >= 0; k--) {
      __m256i v = x[k];
      const __m256i f = _mm256_and_si256(e[k], m12);
      const __m256i is_full = _mm256_cmpgt_epi32(
          v, _mm256_sub_epi32(_mm256_slli_epi32(f, 31 - PRECISION), one));
      const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(is_full));
      const __m256i w = _mm256_permutevar8x32_epi32(
          _mm256_and_si256(v, m16), _mm256_load_si256((const __m256i*)gathered[mask]));
      _mm_storeu_si128((__m128i*)(p - 16), _mm_packus_epi32(_mm256_castsi256_si128(w),
                                                            _mm256_extracti128_si256(w, 1)));
      p -= 2 * __builtin_popcount((unsigned)mask);
      v = _mm256_blendv_epi8(v, _mm256_srli_epi32(v, 16), is_full);
      const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(v, r[k]), 32);
      const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(v, 32), _mm256_srli_epi64(r[k], 32));
      const __m256i q =
          _mm256_srlv_epi32(_mm256_blend_epi32(even, odd, 0xAA), _mm256_srli_epi32(e[k], 25));
      x[k] = _mm256_add_epi32(
          _mm256_add_epi32(v, _mm256_and_si256(_mm256_srli_epi32(e[k], 12), m13)),
          _mm256_mullo_epi32(q, _mm256_sub_epi32(all, f)));
    }
  }
  for (int k = 0; k < 4; k++) _mm256_storeu_si256((__m256i*)first + k, x[k]);
  return p;
}

AVX2 u8* encode_avx2(const Coder& coder, const u8* symbols, const u8* which, size_t n, u8* end,
                     u32* states) {
  if (lanes_of(n) != LANES) return encode_scalar(coder, symbols, which, n, end, states);
  return which ? encode_by<true>(coder, symbols, which, n, end, states)
               : encode_by<false>(coder, symbols, which, n, end, states);
}

AVX2 void tables_avx2(const u8* status, const u8* classes, size_t n, const u8* map, u8* which) {
  const int many = status ? 6 : 1;
  __m256i rows[6];
  for (int k = 0; k < many; k++)
    rows[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i*)(map + 16 * k)));
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i c = _mm256_loadu_si256((const __m256i*)(classes + i));
    __m256i found = _mm256_shuffle_epi8(rows[0], c);
    if (status) {
      const __m256i s = _mm256_loadu_si256((const __m256i*)(status + i));
      for (int k = 1; k < 6; k++)
        found = _mm256_blendv_epi8(found, _mm256_shuffle_epi8(rows[k], c),
                                   _mm256_cmpeq_epi8(s, _mm256_set1_epi8((char)k)));
    }
    _mm256_storeu_si256((__m256i*)(which + i), found);
  }
  tables_scalar(status ? status + i : nullptr, classes + i, n - i, map, which + i);
}

AVX2 void restore_avx2(const u8* stored, const u8* base, size_t n, u32 bits, bool is_xor, u8* out) {
  restore_as(stored, base, n, bits, is_xor, out);
}
AVX2 void differ_avx2(const u8* child, const u8* base, size_t n, u32 bits, bool is_xor, u8* out) {
  differ_as(child, base, n, bits, is_xor, out);
}
AVX2 void learn_avx2(const u8* child, const u8* base, size_t n, u32 bits, Kind kind, u8* status) {
  learn_as(child, base, n, bits, kind, status);
}
AVX2 void classes_avx2(const u16* exponents, size_t n, u32 top, u8* classes) {
  classes_as(exponents, n, top, classes);
}

// Bytes are looked at, and written, up to four beyond those that are meant: the rest is scalar.
AVX2 void unpack_avx2(const u8* in, size_t n, u32 bits, u8* symbols) {
  size_t i = 0;
  if (bits == 7) {
    const __m256i apart = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, -1, 7, 8, 9, 10, 11, 12, 13, -1, 0,
                                           1, 2, 3, 4, 5, 6, -1, 7, 8, 9, 10, 11, 12, 13, -1);
    for (; i + 64 <= n; i += 32, in += 28) {
      __m256i v = _mm256_inserti128_si256(
          _mm256_castsi128_si256(_mm_loadu_si128((const __m128i*)in)),
          _mm_loadu_si128((const __m128i*)(in + 14)), 1);
      v = _mm256_shuffle_epi8(v, apart);
      v = _mm256_or_si256(
          _mm256_and_si256(v, _mm256_set1_epi64x(0x0FFFFFFF)),
          _mm256_and_si256(_mm256_slli_epi64(v, 4), _mm256_set1_epi64x(0x0FFFFFFF00000000)));
      v = _mm256_or_si256(_mm256_and_si256(v, _mm256_set1_epi32(0x3FFF)),
                          _mm256_and_si256(_mm256_slli_epi32(v, 2), _mm256_set1_epi32(0x3FFF0000)));
      v = _mm256_or_si256(_mm256_and_si256(v, _mm256_set1_epi16(0x7F)),
                          _mm256_and_si256(_mm256_slli_epi16(v, 1), _mm256_set1_epi16(0x7F00)));
      _mm256_storeu_si256((__m256i*)(symbols + i), v);
    }
  } else if (bits == 1) {
    const __m256i octets = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
                                            2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    for (; i + 32 <= n; i += 32, in += 4) {
      const __m256i v = _mm256_shuffle_epi8(
          _mm256_set1_epi32((int)*reinterpret_cast<const word32*>(in)), octets);
      const __m256i is_set = _mm256_cmpeq_epi8(_mm256_and_si256(v, bit), bit);
      _mm256_storeu_si256((__m256i*)(symbols + i), _mm256_and_si256(is_set, _mm256_set1_epi8(1)));
    }
  }
  unpack_scalar(in, n - i, bits, symbols + i);
}

AVX2 void pack_avx2(const u8* symbols, size_t n, u32 bits, u8* out) {
  size_t i = 0;
  if (bits == 7) {
    const __m256i together = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, -1, -1,
                                              0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, -1, -1);
    for (; i + 64 <= n; i += 32, out += 28) {
      __m256i v = _mm256_loadu_si256((const __m256i*)(symbols + i));
      v = _mm256_or_si256(_mm256_and_si256(v, _mm256_set1_epi16(0x7F)),
                          _mm256_and_si256(_mm256_srli_epi16(v, 1), _mm256_set1_epi16(0x3F80)));
      v = _mm256_or_si256(_mm256_and_si256(v, _mm256_set1_epi32(0x3FFF)),
                          _mm256_and_si256(_mm256_srli_epi32(v, 2), _mm256_set1_epi32(0x0FFFC000)));
      v = _mm256_or_si256(
          _mm256_and_si256(v, _mm256_set1_epi64x(0x0FFFFFFF)),
          _mm256_and_si256(_mm256_srli_epi64(v, 4), _mm256_set1_epi64x(0x00FFFFFFF0000000)));
      v = _mm256_shuffle_epi8(v, together);
      _mm_storeu_si128((__m128i*)out, _mm256_castsi256_si128(v));
      _mm_storeu_si128((__m128i*)(out + 14), _mm256_extracti128_si256(v, 1));
    }
  } else if (bits == 1) {
    for (; i + 32 <= n; i += 32, out += 4) {
      const __m256i v = _mm256_loadu_si256((const __m256i*)(symbols + i));
      *reinterpret_cast<word32*>(out) = (u32)_mm256_movemask_epi8(_mm256_slli_epi16(v, 7));
    }
  }
  pack_scalar(symbols + i, n - i, bits, out);
}

// 32 elements: their bytes are gathered in each half, then a 4 x 4 matrix of these is turned.
AVX2 INLINE void split_float32_rows(const u8* raw, size_t n, u8* const* to) {
  const __m256i alike = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4,
                                         8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7), low_7 = _mm256_set1_epi8(127),
                low_1 = _mm256_set1_epi8(1), all_but_1 = _mm256_set1_epi8((char)254);
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    __m256i v[4];
    for (int k = 0; k < 4; k++)
      v[k] = _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i*)(raw + 4 * i) + k), alike);
    const __m256i low[2] = {_mm256_unpacklo_epi32(v[0], v[1]), _mm256_unpacklo_epi32(v[2], v[3])};
    const __m256i high[2] = {_mm256_unpackhi_epi32(v[0], v[1]), _mm256_unpackhi_epi32(v[2], v[3])};
    __m256i planes[] = {_mm256_unpackhi_epi64(high[0], high[1]), _mm256_unpacklo_epi64(high[0], high[1]),
                        _mm256_unpackhi_epi64(low[0], low[1]), _mm256_unpacklo_epi64(low[0], low[1])};
    for (__m256i& each : planes) each = _mm256_permutevar8x32_epi32(each, order);
    const __m256i bit = _mm256_and_si256(_mm256_srli_epi16(planes[1], 7), low_1);
    const __m256i found[] = {
        _mm256_or_si256(_mm256_and_si256(_mm256_slli_epi16(planes[0], 1), all_but_1), bit),
        _mm256_and_si256(_mm256_srli_epi16(planes[0], 7), low_1),
        _mm256_and_si256(planes[1], low_7), planes[2], planes[3]};
    for (int k = 0; k < 5; k++) _mm256_storeu_si256((__m256i*)(to[k] + i), found[k]);
  }
  u8* const rest[] = {to[0] + i, to[1] + i, to[2] + i, to[3] + i, to[4] + i};
  split_float32(raw + 4 * i, n - i, rest);
}

AVX2 INLINE void merge_float32_rows(u8* raw, size_t n, const u8* const* from) {
  const __m256i low_7 = _mm256_set1_epi8(127), high_1 = _mm256_set1_epi8((char)128);
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    __m256i v[5];  // quarters in such an order that halves are unpacked in ascending order
    for (int k = 0; k < 5; k++)
      v[k] = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i*)(from[k] + i)), 0xD8);
    const __m256i first = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi16(v[0], 1), low_7),
                                          _mm256_and_si256(_mm256_slli_epi16(v[1], 7), high_1)),
                  second = _mm256_or_si256(_mm256_and_si256(_mm256_slli_epi16(v[0], 7), high_1), v[2]);
    const __m256i upper[2] = {_mm256_unpacklo_epi8(second, first), _mm256_unpackhi_epi8(second, first)};
    const __m256i lower[2] = {_mm256_unpacklo_epi8(v[4], v[3]), _mm256_unpackhi_epi8(v[4], v[3])};
    __m256i* out = (__m256i*)(raw + 4 * i);
    for (int k = 0; k < 2; k++) {
      const __m256i even = _mm256_unpacklo_epi16(lower[k], upper[k]),
                    odd = _mm256_unpackhi_epi16(lower[k], upper[k]);
      _mm256_storeu_si256(out + 2 * k, _mm256_permute2x128_si256(even, odd, 0x20));
      _mm256_storeu_si256(out + 2 * k + 1, _mm256_permute2x128_si256(even, odd, 0x31));
    }
  }
  const u8* const rest[] = {from[0] + i, from[1] + i, from[2] + i, from[3] + i, from[4] + i};
  merge_float32(raw + 4 * i, n - i, rest);
}

AVX2 void split_avx2(const Layout& layout, const u8* raw, size_t n, u8* const* to) {
  if (layout.scheme == FLOAT32) split_float32_rows(raw, n, to);
  else split_as(layout, raw, n, to);
}
AVX2 void merge_avx2(const Layout& layout, u8* raw, size_t n, const u8* const* from) {
  if (layout.scheme == FLOAT32) merge_float32_rows(raw, n, from);
  else merge_as(layout, raw, n, from);
}
#endif

void split_scalar(const Layout& layout, const u8* raw, size_t n, u8* const* to) {
  split_as(layout, raw, n, to);
}
void merge_scalar(const Layout& layout, u8* raw, size_t n, const u8* const* from) {
  merge_as(layout, raw, n, from);
}
void restore_scalar(const u8* stored, const u8* base, size_t n, u32 bits, bool is_xor, u8* out) {
  restore_as(stored, base, n, bits, is_xor, out);
}
void differ_scalar(const u8* child, const u8* base, size_t n, u32 bits, bool is_xor, u8* out) {
  differ_as(child, base, n, bits, is_xor, out);
}
void learn_scalar(const u8* child, const u8* base, size_t n, u32 bits, Kind kind, u8* status) {
  learn_as(child, base, n, bits, kind, status);
}
void classes_scalar(const u16* exponents, size_t n, u32 top, u8* classes) {
  classes_as(exponents, n, top, classes);
}

struct Path {
  const char* name;
  decltype(&split_scalar) split;
  decltype(&merge_scalar) merge;
  decltype(&pack_scalar) pack;
  decltype(&unpack_scalar) unpack;
  decltype(&encode_scalar) encode;
  decltype(&rows_scalar) rows;
  decltype(&restore_scalar) restore;
  decltype(&differ_scalar) differ;
  decltype(&learn_scalar) learn;
  decltype(&classes_scalar) classes;
  decltype(&tables_scalar) tables;
};

constexpr Path SCALAR = {"scalar", split_scalar, merge_scalar, pack_scalar, unpack_scalar,
                         encode_scalar, rows_scalar, restore_scalar, differ_scalar, learn_scalar,
                         classes_scalar, tables_scalar};
#ifdef HAS_AVX2
constexpr Path GATHERED = {"avx2", split_avx2, merge_avx2, pack_avx2, unpack_avx2, encode_avx2,
                           rows_avx2, restore_avx2, differ_avx2, learn_avx2, classes_avx2,
                           tables_avx2};
constexpr Path LOADED = {"avx2-loads", split_avx2, merge_avx2, pack_avx2, unpack_avx2, encode_avx2,
                         rows_loaded, restore_avx2, differ_avx2, learn_avx2, classes_avx2,
                         tables_avx2};
const bool is_amd = (__builtin_cpu_init(), __builtin_cpu_is("amd"));  // its gathers are slow
const Path paths[] = {SCALAR, is_amd ? GATHERED : LOADED, is_amd ? LOADED : GATHERED};

int path_count() { return __builtin_cpu_supports("avx2") ? 3 : 1; }
#else
const Path paths[] = {SCALAR};

int path_count() { return 1; }
#endif

// Exponents of a float; false if the first `known` planes do not hold them, or there are none.
bool exponents_of(const Layout& layout, const u8* const* planes, size_t known, size_t n, u16* to) {
  if ((layout.scheme == FLOAT32 || layout.scheme == BFLOAT16) && known > 0)
    for (size_t i = 0; i < n; i++) to[i] = planes[0][i];
  else if (layout.scheme == FLOAT16 && known > 0)
    for (size_t i = 0; i < n; i++) to[i] = planes[0][i] >> 2 & 31;
  else if (layout.scheme == FLOAT64 && known > 1)
    for (size_t i = 0; i < n; i++) to[i] = (u16)(planes[0][i] << 8 | planes[1][i]);
  else
    return false;
  return true;
}

Kind kind_of(const Layout& layout, size_t stream) {
  if (layout.scheme == FLOAT16) return stream == 0 ? BOTH : MAGNITUDE;
  const bool is_sign = layout.scheme == FLOAT64 ? stream == 2 : stream == 1;
  return is_sign && layout.scheme <= FLOAT64 ? SIGN : MAGNITUDE;
}

// ---- one stream, a piece after the other

struct Stream {
  u8 mode = 0;
  u32 bits = 0;
  size_t n = 0;
  const u8* data = nullptr;  // what is stored, and raw symbols that come
  size_t size = 0;
  u32* slots = nullptr;
  u8* symbols = nullptr;     // of a piece; of the whole stream if `is_whole`
  u32 top = 0, contexts = 0, lanes = 0;
  u8 map[6 * CLASSES];
  const u8* blocks = nullptr;  // the packed map
  u32 states[LANES];
  const u8 *words = nullptr, *end = nullptr;
  bool is_in_tail = false;
  u8 tail[2 * SLACK];
};

Error open_words(Stream* stream, const u8* in, const u8* end, u32 lanes) {
  stream->lanes = lanes;
  const size_t states = 4 * stream->lanes;
  if ((size_t)(end - in) < states || (end - in) % 2) return STREAM_ENDS;
  memcpy(stream->states, in, states);
  for (u32 j = 0; j < stream->lanes; j++)
    if (stream->states[j] < LOWEST || stream->states[j] >> 31) return STATES_WRONG;
  stream->words = in + states, stream->end = end;
  return nullptr;
}

Error open_rans(Stream* stream, const u8* in, u32 many) {
  const u8* end = stream->data + stream->size;
  for (u32 k = 0; k < many; k++) {
    u16 frequencies[SYMBOLS];
    const size_t table = read_table(in, (size_t)(end - in), stream->bits, frequencies);
    if (!table) return NO_TABLE;
    make_slots(frequencies, stream->slots + k * TOTAL);
    in += table;
  }
  return open_words(stream, in, end, lanes_of(stream->n));
}

// Two names of tables a byte, the lower half first; all below `many`.
bool is_map(const u8* in, size_t size, size_t names, u32 many) {
  if (many < 1 || many > MOST_TABLES || size < (names + 1) / 2) return false;
  for (size_t i = 0; i < names; i++)
    if ((in[i / 2] >> (i % 2 * 4) & 15u) >= many) return false;
  return names % 2 == 0 || !(in[names / 2] >> 4);
}

Error open_by_context(Stream* stream) {
  if (!stream->contexts || stream->size < 3) return NO_MODE;
  const u8* in = stream->data;
  stream->top = in[1] | (u32)in[2] << 8;
  if (!is_map(in + 3, stream->size - 3, stream->contexts, in[0])) return NO_MAP;
  for (size_t i = 0; i < stream->contexts; i++) stream->map[i] = in[3 + i / 2] >> (i % 2 * 4) & 15;
  return open_rans(stream, in + 3 + stream->contexts / 2, in[0]);
}

Error open_by_block(Stream* stream) {
  if (stream->size < 1) return NO_MODE;
  const size_t names = (stream->n + BLOCK - 1) / BLOCK;
  stream->blocks = stream->data + 1;
  if (!is_map(stream->blocks, stream->size - 1, names, stream->data[0])) return NO_MAP;
  return open_rans(stream, stream->blocks + (names + 1) / 2, stream->data[0]);
}

Error open_raw(const Stream* stream) {
  if (stream->size != packed_size(stream->n, stream->bits)) return "raw symbols have another size";
  const u32 used = (u32)(stream->n * stream->bits % 8);
  if (used && stream->data[stream->size - 1] >> used) return "bits behind the symbols are set";
  return nullptr;
}

// `symbols` of `m` more symbols, of which all but the stream's last are whole rows.
Error next_words(const Path& path, Stream* stream, size_t m, const u8* which, u8* symbols) {
  const u32 lanes = stream->lanes;
  size_t rows = m / lanes;
  const auto some = [&](const u8* limit) {
    rows = lanes == LANES ? path.rows(stream->slots, which, stream->states, stream->words, limit, rows, symbols)
                          : decode_rows<FEW_LANES>(stream->slots, which, stream->states,
                                                   stream->words, limit, rows, symbols);
  };
  if (!stream->is_in_tail) {
    if ((size_t)(stream->end - stream->words) >= SLACK) some(stream->end - SLACK);
    const size_t rest = (size_t)(stream->end - stream->words);
    if (rest < SLACK) {
      memset(stream->tail, 0, sizeof stream->tail);
      memcpy(stream->tail, stream->words, rest);
      stream->words = stream->tail, stream->end = stream->tail + rest;
      stream->is_in_tail = true;
    }
  }
  if (stream->is_in_tail) some(stream->end);
  if (rows || (stream->is_in_tail && stream->words > stream->end)) return STREAM_ENDS;
  for (u32 j = 0; j < m % lanes; j++) {
    u32& x = stream->states[j];
    const u32 entry = stream->slots[(which ? (u32)which[j] << PRECISION : 0) | (x & (TOTAL - 1))];
    symbols[j] = (u8)entry;
    x = popped(entry, x);
    if (x >= LOWEST) continue;
    if (stream->words >= stream->end) return STREAM_ENDS;
    x = x << 16 | *reinterpret_cast<const word16*>(stream->words);
    stream->words += 2;
  }
  return nullptr;
}

Error close_words(const Stream* stream) {
  if (stream->words != stream->end) return NOT_CONSUMED;
  for (u32 j = 0; j < stream->lanes; j++)
    if (stream->states[j] != LOWEST) return NOT_CONSUMED;
  return nullptr;
}

// All symbols of a constant, raw or one-table stream.
Error decode_values(const Path& path, Stream* values, u8* symbols) {
  if (values->mode == CONSTANT) {
    if (values->size != 1 || values->data[0] >> values->bits) return NO_CONSTANT;
    memset(symbols, values->data[0], values->n);
    return nullptr;
  }
  if (values->mode == RAW) {
    if (Error error = open_raw(values)) return error;
    if (values->bits == 8) memcpy(symbols, values->data, values->n);
    else path.unpack(values->data, values->n, values->bits, symbols);
    return nullptr;
  }
  if (values->mode != RANS) return NO_MODE;
  if (Error error = open_rans(values, values->data, 1)) return error;
  if (Error error = next_words(path, values, values->n, nullptr, symbols)) return error;
  return close_words(values);
}

u32 bit_at(const u8* in, size_t at) { return in[at / 8] >> (at % 8) & 1u; }

size_t positions_size(size_t count, size_t among, u32 low_bits) {
  return (count * low_bits + 7) / 8 + (count + ((among - 1) >> low_bits) + 7) / 8;
}

// Symbols of a sparse stream, all of them (§7).
Error open_sparse(const Path& path, Stream* stream) {
  const u8* in = stream->data;
  if (stream->size < 6) return STREAM_ENDS;
  const u32 low_bits = in[1];
  const size_t few = *reinterpret_cast<const word32*>(in + 2), n = stream->n;
  if (in[0] >> stream->bits) return NO_CONSTANT;
  if (low_bits > MOST_LOW_BITS || few < 1 || few > n) return NO_POSITIONS;
  const size_t places = positions_size(few, n, low_bits);
  if (stream->size - 6 < places) return NO_POSITIONS;
  if (stream->size - 6 - places < 1) return NO_MODE;
  const u8 *low = in + 6, *high = low + (few * low_bits + 7) / 8, *rest = in + 6 + places;
  Stream values;
  values.mode = rest[0], values.bits = stream->bits, values.n = few;
  values.data = rest + 1, values.size = (size_t)(in + stream->size - rest - 1);
  values.slots = stream->slots;
  if (!values_memory.reserve(few + 64)) return NO_MEMORY;
  const size_t low_end = few * low_bits, high_end = few + ((n - 1) >> low_bits);
  if (low_end % 8 && high[-1] >> (low_end % 8)) return NO_POSITIONS;
  if (high_end % 8 && rest[-1] >> (high_end % 8)) return NO_POSITIONS;
  if (Error error = decode_values(path, &values, values_memory.at)) return error;
  memset(stream->symbols, in[0], n);
  size_t found = 0, next = 0;
  for (size_t byte = 0; byte < (size_t)(rest - high); byte++)
    for (u32 held = high[byte]; held; held &= held - 1) {
      u32 bit = 0;
      while (!(held >> bit & 1)) bit++;
      if (found >= few) return NO_POSITIONS;
      size_t at = (byte * 8 + bit - found) << low_bits;
      for (u32 k = 0; k < low_bits; k++) at |= (size_t)bit_at(low, found * low_bits + k) << k;
      if (at < next || at >= n) return NO_POSITIONS;
      stream->symbols[at] = values_memory.at[found++];
      next = at + 1;
    }
  return found == few ? nullptr : NO_POSITIONS;
}

// Symbols of a stream of version 1, all of them, a run after the other (§5.1).
Error open_runs(const Path& path, Stream* stream) {
  u16 frequencies[SYMBOLS];
  const u8 *in = stream->data, *end = in + stream->size;
  const size_t table = read_plain_table(in, stream->size, stream->bits, frequencies);
  if (!table) return NO_TABLE;
  make_slots(frequencies, stream->slots);
  const size_t runs = (stream->n + RUN - 1) / RUN;
  const word32* sizes = reinterpret_cast<const word32*>(in + table);
  if (stream->size - table < 4 * runs) return STREAM_ENDS;
  in += table + 4 * runs;
  for (size_t k = 0; k < runs; k++) {
    if ((size_t)(end - in) < sizes[k]) return STREAM_ENDS;
    Stream run;
    run.n = std::min(RUN, stream->n - k * RUN), run.slots = stream->slots;
    if (Error error = open_words(&run, in, in + sizes[k], LANES)) return error;
    if (Error error = next_words(path, &run, run.n, nullptr, stream->symbols + k * RUN)) return error;
    if (Error error = close_words(&run)) return error;
    in += sizes[k];
  }
  return in == end ? nullptr : NOT_CONSUMED;
}

// Whether all symbols are made when the stream is opened.
bool is_whole(const Stream& stream) { return stream.mode == SPARSE || stream.mode == RUNS; }

u32 tables_of(const Stream& stream) {
  if (stream.mode == RANS || is_whole(stream)) return 1;
  return stream.mode == BY_CONTEXT || stream.mode == BY_BLOCK ? MOST_TABLES : 0;
}

Error open_stream(const Path& path, Stream* stream) {
  switch (stream->mode) {
    case CONSTANT:
      if (stream->size != 1 || stream->data[0] >> stream->bits) return NO_CONSTANT;
      memset(stream->symbols, stream->data[0], stream->n < PIECE ? stream->n : PIECE);
      return nullptr;
    case RAW: return open_raw(stream);
    case RANS: return open_rans(stream, stream->data, 1);
    case SPARSE: return open_sparse(path, stream);
    case RUNS: return open_runs(path, stream);
    case BY_CONTEXT: return open_by_context(stream);
    case BY_BLOCK: return open_by_block(stream);
    default: return NO_MODE;
  }
}

bool has_words(const Stream& stream) {
  return stream.mode == RANS || stream.mode == BY_CONTEXT || stream.mode == BY_BLOCK;
}

struct Base {
  const u8* at = nullptr;
  int delta = NONE;
};

struct Scratch {  // of a piece
  u8 *status, *classes, *which;
  u16* exponents;
};

// The `m` symbols of a stream from element `at` on.
Error next_piece(const Path& path, Stream* stream, size_t at, size_t m, const u8* status,
                 bool has_exponents, const Scratch& scratch, const u8** symbols) {
  *symbols = stream->symbols;
  const u8* which = nullptr;
  if (is_whole(*stream)) {
    *symbols = stream->symbols + at;
  } else if (stream->mode == RAW && stream->bits == 8) {
    *symbols = stream->data + at;
  } else if (stream->mode == RAW) {
    path.unpack(stream->data + at * stream->bits / 8, m, stream->bits, stream->symbols);
  } else if (stream->mode == BY_CONTEXT) {
    if (has_exponents) path.classes(scratch.exponents, m, stream->top, scratch.classes);
    else memset(scratch.classes, 0, m);
    path.tables(status, scratch.classes, m, stream->map, scratch.which);
    which = scratch.which;
  } else if (stream->mode == BY_BLOCK) {
    for (size_t i = 0; i < m; i += BLOCK) {
      const size_t block = (at + i) / BLOCK;
      memset(scratch.which + i, stream->blocks[block / 2] >> (block % 2 * 4) & 15,
             m - i < BLOCK ? m - i : BLOCK);
    }
    which = scratch.which;
  }
  if (!has_words(*stream)) return nullptr;
  if (Error error = next_words(path, stream, m, which, stream->symbols)) return error;
  return at + m == stream->n ? close_words(stream) : nullptr;
}

void add_words(u8* out, const u8* base, size_t n, size_t width) {
  for (size_t i = 0; i < n; i++, out += width, base += width) {
    u64 a = 0, b = 0;
    memcpy(&a, out, width), memcpy(&b, base, width);
    a += b;
    memcpy(out, &a, width);
  }
}

Error decode(const Path& path, const Layout& layout, const Base& base, Stream* streams,
             size_t given, u8* out, size_t n) {
  const size_t count = layout.streams;
  const bool is_by_stream = base.at && base.delta != SUB;
  size_t whole = 0, tables = 0;
  bool is_by_context = false;
  for (size_t k = 0; k < given; k++) {
    whole += is_whole(streams[k]);
    tables += tables_of(streams[k]);
    is_by_context |= streams[k].mode == BY_CONTEXT;
  }
  if (!planes_memory.reserve((3 * count + 5) * PIECE) || !whole_memory.reserve(whole * n + 1) ||
      !table_memory.reserve((tables + 1) * TOTAL * sizeof(u32)))
    return NO_MEMORY;
  u8 *free = planes_memory.at, *free_whole = whole_memory.at;
  u32* free_table = reinterpret_cast<u32*>(table_memory.at);
  u8 *bases[MAX_STREAMS], *restored[MAX_STREAMS];
  for (size_t k = 0; k < count; k++) bases[k] = free, restored[k] = free + PIECE, free += 2 * PIECE;
  for (size_t k = 0; k < given; k++) {
    Stream& s = streams[k];
    s.n = n, s.bits = layout.bits[k];
    s.contexts = base.delta == SUB ? 0 : base.at ? 6 * CLASSES : CLASSES;
    if (is_whole(s)) s.symbols = free_whole, free_whole += n;
    else s.symbols = free, free += PIECE;
    s.slots = free_table;
    free_table += TOTAL * tables_of(s);
    if (Error error = open_stream(path, &s)) return error;
  }
  const Scratch scratch = {free, free + PIECE, free + 2 * PIECE, reinterpret_cast<u16*>(free + 3 * PIECE)};
  for (size_t at = 0; at < n; at += PIECE) {
    const size_t m = n - at < PIECE ? n - at : PIECE;
    const u8* from[MAX_STREAMS];
    bool has_exponents = false;
    if (is_by_stream) path.split(layout, base.at + at * layout.width, m, bases);
    if (is_by_stream && is_by_context) {
      has_exponents = exponents_of(layout, bases, count, m, scratch.exponents);
      memset(scratch.status, 2, m);
    }
    for (size_t k = 0; k < count; k++) {
      if (k >= given) {
        memset(restored[k], 0, m);
        from[k] = restored[k];
        continue;
      }
      if (is_by_context && !base.at && !has_exponents && k)
        has_exponents = exponents_of(layout, from, k, m, scratch.exponents);
      const u8* status = is_by_stream ? scratch.status : nullptr;
      if (Error error = next_piece(path, &streams[k], at, m, status, has_exponents, scratch, &from[k]))
        return error;
      if (!is_by_stream) continue;
      if (streams[k].mode == CONSTANT && !streams[k].data[0]) {
        from[k] = bases[k];
      } else {
        path.restore(from[k], bases[k], m, layout.bits[k], base.delta == XOR, restored[k]);
        from[k] = restored[k];
      }
      if (is_by_context) path.learn(from[k], bases[k], m, layout.bits[k], kind_of(layout, k), scratch.status);
    }
    path.merge(layout, out + at * layout.width, m, from);
    if (base.delta == SUB) add_words(out + at * layout.width, base.at + at * layout.width, m, layout.width);
  }
  return nullptr;
}

// ---- encoding (§8)

struct Coded {
  u8 mode = RAW;
  bool is_in_plane = true;  // or in coded_memory, from `at` on
  size_t at = 0, size = 0;
};

struct Known {  // of all elements of a group
  u8 *status = nullptr, *classes = nullptr, *which = nullptr;
  const u16* exponents = nullptr;
  size_t contexts = 0;  // 0: they are not tried
  bool is_delta = false;
};

// One above the greatest exponent that is not rare.
u32 top_of(const u16* exponents, size_t n) {
  u32 counts[2048] = {};
  for (size_t i = 0; i < n; i++) counts[exponents[i]]++;
  u32 top = 2048;
  for (size_t seen = 0; top > 0; top--)
    if ((seen += counts[top - 1]) > n / 1000) break;
  return top;
}

bool is_promising(const u8* symbols, size_t n, u32 bits, const u8* status) {
  if (n < SAMPLE_FROM) return true;
  u32 counts[6][SYMBOLS] = {};
  u64 cost = 0, total = 0;
  u32 many = 0;
  for (size_t at = 0; at + SAMPLE <= n; at += SAMPLE_STEP, total += SAMPLE) {
    if (!status) count(symbols + at, SAMPLE, counts[0]);
    else for (size_t i = at; i < at + SAMPLE; i++) counts[status[i]][symbols[i]]++;
  }
  for (const auto& each : counts) {
    if (!total_of(each)) continue;
    u16 frequencies[SYMBOLS];
    normalize(each, bits, frequencies);
    cost += cost_of(each, frequencies), many++;
  }
  cost += (u64)(many - 1) * ((3u << bits) >> 2) << 16;
  return 1000 * cost < WORTH * ((total * bits) << 16);
}

u64 size_of(size_t n, u64 cost, const u16 (*frequencies)[SYMBOLS], u32 many, u32 bits) {
  u8 table[TABLE_ROOM];
  u64 size = 4 * lanes_of(n) + ((cost + 524287) >> 19);
  for (u32 k = 0; k < many; k++) size += write_table(frequencies[k], bits, table);
  return size;
}

u64 size_of(size_t n, const Tables& tables, u32 bits) {
  u64 cost = 0;
  for (u32 k = 0; k < tables.many; k++) cost += cost_of(tables.counts[k], tables.frequencies[k]);
  return size_of(n, cost, tables.frequencies, tables.many, bits);
}

size_t write_map(const u8* names, size_t many, u8* out) {
  for (size_t i = 0; i < many; i += 2)
    out[i / 2] = (u8)(names[i] | (i + 1 < many ? names[i + 1] << 4 : 0));
  return (many + 1) / 2;
}

// Tables, states and words of `n` symbols; where they end, nullptr without memory for them.
u8* write_rans(const Path& path, const u8* symbols, const u8* which, size_t n,
               const u16 (*frequencies)[SYMBOLS], u32 many, u32 bits, u8* out) {
  static thread_local Coder coder;
  const size_t room = 2 * n + 64;
  if (!words_memory.reserve(room)) return nullptr;
  for (u32 k = 0; k < many; k++) {
    make_coder(frequencies[k], coder.start_and + k * SYMBOLS, coder.reciprocal + k * SYMBOLS);
    out += write_table(frequencies[k], bits, out);
  }
  u32 states[LANES];
  u8* end = words_memory.at + room;
  const u8* words = path.encode(coder, symbols, many > 1 ? which : nullptr, n, end, states);
  const size_t first = 4 * lanes_of(n);
  memcpy(out, states, first);
  memcpy(out + first, words, (size_t)(end - words));
  return out + first + (end - words);
}

u32 best_low_bits(size_t few, size_t n) {
  u32 best = 0;
  for (u32 k = 1; k <= MOST_LOW_BITS; k++)
    if (positions_size(few, n, k) < positions_size(few, n, best)) best = k;
  return best;
}

// Mode of the exceptions of a sparse stream, and their size.
u64 values_size(const u32* rest, size_t few, u32 bits, Mode* mode, u16 (*frequencies)[SYMBOLS]) {
  *mode = CONSTANT;
  if (rest[most_of(rest)] == few) return 1;
  normalize(rest, bits, *frequencies);
  const u64 size = size_of(few, cost_of(rest, *frequencies), frequencies, 1, bits);
  const u64 raw = packed_size(few, bits);
  *mode = 1000 * size < WORTH * raw ? RANS : RAW;
  return *mode == RANS ? size : raw;
}

u8* write_sparse(const Path& path, const u8* symbols, size_t n, u32 bits, u8 common, size_t few,
                 Mode mode, const u16 (*frequencies)[SYMBOLS], u8* out) {
  const u32 low_bits = best_low_bits(few, n), count = (u32)few;
  if (!values_memory.reserve(few + 64)) return nullptr;
  out[0] = common, out[1] = (u8)low_bits;
  memcpy(out + 2, &count, 4);
  const size_t places = positions_size(few, n, low_bits);
  u8 *low = out + 6, *high = low + (few * low_bits + 7) / 8, *rest = out + 6 + places;
  memset(low, 0, places);
  size_t found = 0;
  for (size_t i = 0; i < n; i++) {
    if (symbols[i] == common) continue;
    const size_t unary = (i >> low_bits) + found;
    high[unary / 8] = (u8)(high[unary / 8] | 1u << unary % 8);
    for (size_t k = 0, at = found * low_bits; k < low_bits; k++, at++)
      low[at / 8] = (u8)(low[at / 8] | (i >> k & 1) << at % 8);
    values_memory.at[found++] = symbols[i];
  }
  *rest++ = mode;
  const u8* values = values_memory.at;
  if (mode == RANS) return write_rans(path, values, nullptr, few, frequencies, 1, bits, rest);
  if (mode == CONSTANT) {
    *rest = values[0];
    return rest + 1;
  }
  if (bits == 8) memcpy(rest, values, few);
  else path.pack(values, few, bits, rest);
  return rest + packed_size(few, bits);
}

bool encode_raw(const Path& path, const u8* symbols, size_t n, u32 bits, size_t* used, Coded* coded) {
  const size_t raw = packed_size(n, bits);
  coded->mode = RAW, coded->size = raw;
  if (bits == 8) return true;
  coded->is_in_plane = false, coded->at = *used;
  if (!coded_memory.reserve(*used + raw + 16)) return false;
  path.pack(symbols, n, bits, coded_memory.at + *used);
  *used += raw;
  return true;
}

struct Several {  // tables by context or block
  Tables tables;
  u8 names[BLOCKS_TO / BLOCK];
  u64 size;
};

bool try_several(const u32 (*counts)[SYMBOLS], size_t contexts, size_t n, u32 bits, Several* found) {
  if (!items_memory.reserve(contexts * sizeof(Item))) return false;
  cluster(counts, contexts, bits, reinterpret_cast<Item*>(items_memory.at), found->names, &found->tables);
  found->size = size_of(n, found->tables, bits) + (contexts + 1) / 2;
  return true;
}

bool encode_stream(const Path& path, const u8* symbols, size_t n, u32 bits, const Known& known,
                   size_t* used, Coded* coded) {
  static thread_local Several by_context, by_block;
  if (!is_promising(symbols, n, bits, known.is_delta && known.contexts ? known.status : nullptr))
    return encode_raw(path, symbols, n, bits, used, coded);
  u32 counts[SYMBOLS] = {};
  u16 one[1][SYMBOLS], few_frequencies[1][SYMBOLS];
  count(symbols, n, counts);
  if (counts[symbols[0]] == n) {
    coded->mode = CONSTANT, coded->size = 1;
    return true;
  }
  normalize(counts, bits, one[0]);
  Mode mode = RANS;
  u64 size = size_of(n, cost_of(counts, one[0]), one, 1, bits);
  u32 top = 0;
  if (known.contexts) {
    if (!counts_memory.reserve(6 * CLASSES * SYMBOLS * sizeof(u32))) return false;
    auto of = reinterpret_cast<u32(*)[SYMBOLS]>(counts_memory.at);
    memset(of, 0, known.contexts * SYMBOLS * sizeof(u32));
    if (known.exponents) {
      top = top_of(known.exponents, n);
      path.classes(known.exponents, n, top, known.classes);
    } else {
      memset(known.classes, 0, n);
    }
    if (known.is_delta)
      for (size_t i = 0; i < n; i++) of[known.status[i] << 4 | known.classes[i]][symbols[i]]++;
    else
      for (size_t i = 0; i < n; i++) of[known.classes[i]][symbols[i]]++;
    if (!try_several(of, known.contexts, n, bits, &by_context)) return false;
    by_context.size += 3;
    if (100 * by_context.size < 99 * size) size = by_context.size, mode = BY_CONTEXT;
  }
  if (!known.is_delta && n >= BLOCKS_FROM && n <= BLOCKS_TO) {
    const size_t blocks = (n + BLOCK - 1) / BLOCK;
    if (!counts_memory.reserve(blocks * SYMBOLS * sizeof(u32))) return false;
    auto of = reinterpret_cast<u32(*)[SYMBOLS]>(counts_memory.at);
    memset(of, 0, blocks * SYMBOLS * sizeof(u32));
    for (size_t b = 0; b < blocks; b++)
      count(symbols + b * BLOCK, n - b * BLOCK < BLOCK ? n - b * BLOCK : BLOCK, of[b]);
    if (!try_several(of, blocks, n, bits, &by_block)) return false;
    by_block.size += 1;
    if (100 * by_block.size < 99 * size) size = by_block.size, mode = BY_BLOCK;
  }
  const u64 raw = packed_size(n, bits);
  const size_t common = most_of(counts), few = n - counts[common];
  Mode values = RAW;
  u64 sparse = 0;
  if (few <= n / FEW) {
    u32 rest[SYMBOLS];
    memcpy(rest, counts, sizeof rest);
    rest[common] = 0;
    sparse = 7 + positions_size(few, n, best_low_bits(few, n)) +
             values_size(rest, few, bits, &values, few_frequencies);
  }
  if (sparse && 50 * sparse <= 51 * size && 1000 * sparse < WORTH * raw) mode = SPARSE, size = sparse;
  if (1000 * size >= WORTH * raw) return encode_raw(path, symbols, n, bits, used, coded);
  if (!coded_memory.reserve(*used + MOST_TABLES * TABLE_ROOM + BLOCKS_TO / BLOCK + 256 + 3 * n)) return false;
  coded->mode = mode, coded->is_in_plane = false, coded->at = *used;
  u8 *begin = coded_memory.at + *used, *p = begin;
  if (mode == SPARSE) {
    p = write_sparse(path, symbols, n, bits, (u8)common, few, values, few_frequencies, p);
  } else if (mode == RANS) {
    p = write_rans(path, symbols, nullptr, n, one, 1, bits, p);
  } else {
    const Several& chosen = mode == BY_CONTEXT ? by_context : by_block;
    *p++ = (u8)chosen.tables.many;
    if (mode == BY_CONTEXT) {
      *p++ = (u8)top, *p++ = (u8)(top >> 8);
      p += write_map(chosen.names, known.contexts, p);
      path.tables(known.is_delta ? known.status : nullptr, known.classes, n, chosen.names, known.which);
    } else {
      p += write_map(chosen.names, (n + BLOCK - 1) / BLOCK, p);
      for (size_t i = 0; i < n; i += BLOCK)
        memset(known.which + i, chosen.names[i / BLOCK], n - i < BLOCK ? n - i : BLOCK);
    }
    p = write_rans(path, symbols, known.which, n, chosen.tables.frequencies, chosen.tables.many, bits, p);
  }
  if (!p) return false;
  coded->size = (size_t)(p - begin);
  *used += coded->size;
  return true;
}

bool may_tell(const u16* exponents, size_t n) {
  size_t zeros = 0;
  for (size_t i = 0; i < n; i++) zeros += exponents[i] == 0;
  return 64 * zeros >= n;
}

void subtract_words(const u8* child, const u8* base, size_t n, size_t width, u8* out) {
  for (size_t i = 0; i < n; i++, out += width, base += width, child += width) {
    u64 a = 0, b = 0;
    memcpy(&a, child, width), memcpy(&b, base, width);
    a -= b;
    memcpy(out, &a, width);
  }
}

bool encode(const Path& path, const Layout& layout, const Base& base, const u8* raw, size_t n,
            Coded* coded, u8** stored) {
  const size_t stride = (n + 63) / 64 * 64, count = layout.streams;
  const bool is_by_stream = base.at && base.delta != SUB;
  const size_t rows = count * (is_by_stream ? 3 : 1) + 5 + (base.delta == SUB ? layout.width : 0);
  if (!planes_memory.reserve(rows * stride)) return false;
  u8 *free = planes_memory.at, *planes[MAX_STREAMS], *bases[MAX_STREAMS];
  const auto take = [&](size_t many) { u8* at = free; free += many * stride; return at; };
  u16* exponents = reinterpret_cast<u16*>(take(2));
  Known known;
  known.status = take(1), known.classes = take(1), known.which = take(1);
  known.is_delta = base.at;
  for (size_t k = 0; k < count; k++) stored[k] = planes[k] = take(1);
  if (base.at && base.delta == SUB) {
    u8* rest = take(layout.width);
    subtract_words(raw, base.at, n, layout.width, rest);
    raw = rest;
  }
  path.split(layout, raw, n, planes);
  if (is_by_stream) {
    for (size_t k = 0; k < count; k++) bases[k] = take(1), stored[k] = take(1);
    path.split(layout, base.at, n, bases);
    for (size_t k = 0; k < count; k++)
      path.differ(planes[k], bases[k], n, layout.bits[k], base.delta == XOR, stored[k]);
    known.contexts = 6 * CLASSES;
    memset(known.status, 2, n);
    if (exponents_of(layout, bases, count, n, exponents)) known.exponents = exponents;
  }
  size_t used = 0;
  for (size_t k = 0; k < count; k++) {
    if (!base.at && !known.exponents && exponents_of(layout, planes, k, n, exponents)) {
      known.exponents = exponents;
      known.contexts = may_tell(exponents, n) ? CLASSES : 0;
    }
    if (!encode_stream(path, stored[k], n, layout.bits[k], known, &used, &coded[k])) return false;
    if (is_by_stream) path.learn(planes[k], bases[k], n, layout.bits[k], kind_of(layout, k), known.status);
  }
  return true;
}

// ---- Python

const Path* path_called(const char* name) {
  for (int k = 0; k < path_count(); k++)
    if (!strcmp(paths[k].name, name)) return &paths[k];
  PyErr_Format(PyExc_LookupError, "this machine has no path called %s", name);
  return nullptr;
}

// How many elements a buffer holds; -1 with an exception if it holds a part of one, or none.
Py_ssize_t elements_in(const Py_buffer& buffer, const Layout& layout) {
  if (buffer.len > 0 && buffer.len % (Py_ssize_t)layout.width == 0)
    return buffer.len / (Py_ssize_t)layout.width;
  PyErr_SetString(PyExc_ValueError, "a group is empty, or ends within an element");
  return -1;
}

const Path* prepared(const char* name, int scheme, Py_ssize_t width, Layout* layout) {
  const Path* path = path_called(name);
  if (!path) return nullptr;
  if (Error error = layout_of(scheme & 63, width, layout)) {
    PyErr_SetString(PyExc_ValueError, error);
    return nullptr;
  }
  return path;
}

// The base of a delta, which is of the size of the group; false with an exception.
bool take_base(PyObject* from, int mode, const Py_buffer& group, Py_buffer* held, Base* base) {
  base->delta = mode & ~63;
  if ((mode & ~255) || (base->delta == SUB && (mode & 63) > FLOAT64) ||
      (from == Py_None) != (base->delta == NONE)) {
    PyErr_SetString(PyExc_ValueError, "no such scheme, or not with such a base");
    return false;
  }
  if (base->delta == NONE) return true;
  if (PyObject_GetBuffer(from, held, PyBUF_SIMPLE)) return false;
  base->at = (const u8*)held->buf;
  if (held->len == group.len) return true;
  PyBuffer_Release(held);
  base->at = nullptr;
  PyErr_SetString(PyExc_ValueError, "a base of another size");
  return false;
}

PyObject* encoded_streams(const Layout& layout, const Coded* coded, u8* const* planes) {
  PyObject* found = PyList_New((Py_ssize_t)layout.streams);
  for (size_t k = 0; found && k < layout.streams; k++) {
    const u8* data = coded[k].is_in_plane ? planes[k] : coded_memory.at + coded[k].at;
    PyObject* pair = Py_BuildValue("(iy#)", (int)coded[k].mode, (const char*)data,
                                   (Py_ssize_t)coded[k].size);
    if (!pair) {
      Py_DECREF(found);
      return nullptr;
    }
    PyList_SetItem(found, (Py_ssize_t)k, pair);
  }
  return found;
}

PyObject* py_encode(PyObject*, PyObject* arguments) {
  const char* name;
  int scheme;
  Py_ssize_t width;
  Py_buffer group;
  PyObject* other;
  if (!PyArg_ParseTuple(arguments, "sniy*O", &name, &width, &scheme, &group, &other)) return nullptr;
  Layout layout;
  Base base;
  Py_buffer held = {};
  PyObject* found = nullptr;
  const Path* path = prepared(name, scheme, width, &layout);
  const Py_ssize_t n = path ? elements_in(group, layout) : -1;
  if (n > 0 && take_base(other, scheme, group, &held, &base)) {
    Coded coded[MAX_STREAMS];
    u8* planes[MAX_STREAMS];
    bool is_done;
    Py_BEGIN_ALLOW_THREADS
    is_done = encode(*path, layout, base, (const u8*)group.buf, (size_t)n, coded, planes);
    Py_END_ALLOW_THREADS
    found = is_done ? encoded_streams(layout, coded, planes) : PyErr_NoMemory();
    if (base.at) PyBuffer_Release(&held);
  }
  PyBuffer_Release(&group);
  return found;
}

// The streams as views; how many of `buffers` were taken, -1 with an exception.
Py_ssize_t take_streams(PyObject* list, const Layout& layout, Stream* streams, Py_buffer* buffers) {
  Py_ssize_t taken = 0;
  const Py_ssize_t given = PyList_Check(list) ? PyList_Size(list) : 0;
  if (given < 1 || given > (Py_ssize_t)layout.streams) {
    PyErr_SetString(PyExc_ValueError, "other streams than the scheme has");
    return -1;
  }
  for (; taken < given; taken++) {
    PyObject* pair = PyList_GetItem(list, taken);  // borrowed
    unsigned char mode;
    if (!PyTuple_Check(pair)) {
      PyErr_SetString(PyExc_TypeError, "a stream is a pair of mode and bytes");
      break;
    }
    if (!PyArg_ParseTuple(pair, "by*", &mode, &buffers[taken])) break;
    streams[taken].mode = mode;
    streams[taken].data = (const u8*)buffers[taken].buf;
    streams[taken].size = (size_t)buffers[taken].len;
  }
  if (taken == given) return taken;
  while (taken > 0) PyBuffer_Release(&buffers[--taken]);
  return -1;
}

PyObject* py_decode(PyObject*, PyObject* arguments) {
  const char* name;
  int scheme;
  Py_ssize_t width;
  PyObject* list;
  Py_buffer out;
  PyObject* other;
  if (!PyArg_ParseTuple(arguments, "sniOw*O", &name, &width, &scheme, &list, &out, &other))
    return nullptr;
  Layout layout;
  Base base;
  Py_buffer held = {};
  Stream streams[MAX_STREAMS];
  Py_buffer buffers[MAX_STREAMS];
  bool is_done = false;
  const Path* path = prepared(name, scheme, width, &layout);
  const Py_ssize_t n = path ? elements_in(out, layout) : -1;
  const bool has_base = n > 0 && take_base(other, scheme, out, &held, &base);
  Py_ssize_t taken = has_base ? take_streams(list, layout, streams, buffers) : -1;
  if (taken >= 0) {
    Error error;
    Py_BEGIN_ALLOW_THREADS
    error = decode(*path, layout, base, streams, (size_t)taken, (u8*)out.buf, (size_t)n);
    Py_END_ALLOW_THREADS
    if (error == NO_MEMORY) PyErr_NoMemory();
    else if (error) PyErr_SetString(PyExc_ValueError, error);
    is_done = !error;
    while (taken > 0) PyBuffer_Release(&buffers[--taken]);
  }
  if (base.at) PyBuffer_Release(&held);
  PyBuffer_Release(&out);
  if (!is_done) return nullptr;
  Py_INCREF(Py_None);
  return Py_None;
}

PyObject* py_paths(PyObject*, PyObject*) {
  PyObject* found = PyTuple_New(path_count());
  for (int k = 0; found && k < path_count(); k++)
    PyTuple_SetItem(found, k, PyUnicode_FromString(paths[k].name));
  return found;
}

PyMethodDef methods[] = {
    {"encode", py_encode, METH_VARARGS, "(path, width, scheme, group, base) -> [(mode, bytes)]"},
    {"decode", py_decode, METH_VARARGS, "(path, width, scheme, [(mode, buffer)], out, base)"},
    {"paths", py_paths, METH_NOARGS, "() -> names of what this machine can run, slowest first"},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "_levels", "Levels and their streams, compiled.", -1,
                      methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit__levels() {
#ifdef HAS_AVX2
  make_permutations();
#endif
  return PyModule_Create(&module);
}
