// Levels of numbers and their streams: the fast twin of reference.py, streams.py and rans.py.
//
// docs/spec/tensor-encoding.md is the definition; § below refers to it. Two paths, scalar and
// AVX2, make and read the same bytes. Nothing here trusts what it reads: all sizes follow from the
// caller's buffers, tables are checked before they are used, words are never read past their end.

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

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

enum Mode : u8 { CONSTANT = 0, RAW = 1, RANS = 2 };                                     // §4
enum Scheme { FLOAT32 = 1, BFLOAT16, FLOAT16, FLOAT64, BYTES, PLANES };                 // §2
constexpr u32 PRECISION = 12, TOTAL = 1u << PRECISION, LOWEST = 1u << 15, LANES = 32;  // §5
constexpr size_t CHUNK = 1 << 16;                                                      // §3
constexpr size_t STATES = 4 * LANES, MAX_STREAMS = 16, SYMBOLS = 256;
constexpr size_t SAMPLE_FROM = 1 << 17, SAMPLE_STEP = 1 << 14, SAMPLE = 1 << 10;  // §6
constexpr size_t SLACK = 80;  // bytes that a row of 32 lanes may look at
constexpr u64 WORTH = 985;    // thousandths of the raw size

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
thread_local Memory planes_memory, coded_memory, chunk_memory, table_memory;
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

// ---- tables (§5) and what they cost (§6)

struct Costs {  // of a symbol of each frequency, in 1/65536 bits; whole numbers only
  u32 of[TOTAL + 1];
  Costs() {
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
      of[f] = (PRECISION << 16) - log;
    }
  }
};
const Costs costs;

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

void normalize(const u32* counts, u16* frequencies) {
  const u64 total = total_of(counts);
  size_t most = 0;
  u32 sum = 0;
  for (size_t s = 0; s < SYMBOLS; s++) {
    u64 f = (counts[s] * (u64)TOTAL + total / 2) / total;
    if (counts[s] && !f) f = 1;
    frequencies[s] = (u16)f;
    sum += (u32)f;
    if (counts[s] > counts[most]) most = s;
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
}

u64 cost_of(const u32* counts, const u16* frequencies) {
  u64 sum = 0;
  for (size_t s = 0; s < SYMBOLS; s++) sum += (u64)counts[s] * costs.of[frequencies[s]];
  return sum;
}

size_t write_table(const u16* frequencies, u8* out) {
  size_t low = 0, high = SYMBOLS - 1;
  while (!frequencies[low]) low++;
  while (!frequencies[high]) high--;
  u8* p = out;
  *p++ = (u8)low, *p++ = (u8)high;
  for (size_t s = low; s <= high; s++) {
    if (frequencies[s] >= 128) *p++ = (u8)(128 | frequencies[s] >> 8);
    *p++ = (u8)frequencies[s];
  }
  return (size_t)(p - out);
}

// Bytes that the table took, or 0 if it is none.
size_t read_table(const u8* in, size_t size, u32 bits, u16* frequencies) {
  if (size < 2) return 0;
  const size_t low = in[0], high = in[1];
  if (low >= high || high >> bits) return 0;
  memset(frequencies, 0, SYMBOLS * sizeof *frequencies);
  size_t at = 2;
  u32 sum = 0;
  for (size_t s = low; s <= high; s++) {
    if (at >= size) return 0;
    u32 f = in[at++];
    if (f >= 128) {
      if (at >= size) return 0;
      f = (f & 127) << 8 | in[at++];
      if (f < 128) return 0;
    }
    frequencies[s] = (u16)f;
    sum += f;
    if (sum > TOTAL) return 0;
  }
  return sum == TOTAL && frequencies[low] && frequencies[high] ? at : 0;
}

// ---- rANS (§5)

struct Coder {  // how a symbol is encoded: ranges, and a reciprocal that divides states exactly
  u32 start_and[SYMBOLS];   // frequency, bias << 12, shift << 25
  u32 reciprocal[SYMBOLS];
};

void make_coder(const u16* frequencies, Coder* coder) {
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
    coder->start_and[s] = f | bias << 12 | shift << 25;
    coder->reciprocal[s] = reciprocal;
    start += f;
  }
}

INLINE u32 pushed(const Coder& coder, u8 symbol, u32 x, u8*& p) {
  const u32 entry = coder.start_and[symbol], f = entry & (TOTAL - 1);
  const u16 word = (u16)x;
  memcpy(p - 2, &word, 2);
  const bool is_full = x >= f << (31 - PRECISION);
  p -= 2 * is_full;
  x = is_full ? x >> 16 : x;
  const u32 q = (u32)(((u64)x * coder.reciprocal[symbol]) >> 32) >> (entry >> 25);
  return x + (entry >> 12 & 8191) + q * (TOTAL - f);
}

// Words go backwards from `end`, at most 2 n bytes, 16 more are scratch; where they begin.
u8* encode_scalar(const Coder& coder, const u8* symbols, size_t n, u8* end, u32* states) {
  u32 x[LANES];
  for (u32 j = 0; j < LANES; j++) x[j] = LOWEST;
  u8* p = end;
  size_t i = n;
  while (i % LANES) i--, x[i % LANES] = pushed(coder, symbols[i], x[i % LANES], p);
  while (i) {
    i -= LANES;
    for (u32 j = LANES; j-- > 0;) x[j] = pushed(coder, symbols[i + j], x[j], p);
  }
  memcpy(states, x, sizeof x);
  return p;
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

constexpr Error STREAM_ENDS = "a chunk ends before its symbols",
                STATES_WRONG = "a chunk begins with impossible states",
                NOT_CONSUMED = "a chunk does not end where its symbols do";

// Whole rows of 32 lanes, while no word is read beyond `limit` + SLACK; rows that are left.
size_t rows_scalar(const u32* slots, u32* states, const u8*& words, const u8* limit, size_t rows,
                   u8*& symbols) {
  u32 x[LANES];
  memcpy(x, states, sizeof x);
  const u8* p = words;
  u8* out = symbols;
  for (; rows && p <= limit; rows--, out += LANES)
    for (u32 j = 0; j < LANES; j++) {
      const u32 entry = slots[x[j] & (TOTAL - 1)];
      out[j] = (u8)entry;
      const u32 v = popped(entry, x[j]), is_low = v < LOWEST;
      x[j] = v << (is_low << 4) | (*reinterpret_cast<const word16*>(p) & (0u - is_low));
      p += 2 * is_low;
    }
  memcpy(states, x, sizeof x);
  words = p, symbols = out;
  return rows;
}

#ifdef HAS_AVX2
alignas(32) u32 spread[256][8], gathered[256][8];  // lanes that take, or give, a word

void make_permutations() {
  for (u32 mask = 0; mask < 256; mask++) {
    u32 first = 0, last = 8 - (u32)__builtin_popcount(mask);
    for (u32 j = 0; j < 8; j++) {
      spread[mask][j] = mask >> j & 1 ? first++ : 0;
      if (mask >> j & 1) gathered[mask][last++] = j;
    }
  }
}

AVX2 size_t rows_avx2(const u32* slots, u32* states, const u8*& words, const u8* limit,
                      size_t rows, u8*& symbols) {
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
      const __m256i e =
          _mm256_i32gather_epi32((const int*)slots, _mm256_and_si256(x[k], slot), 4);
      s[k] = _mm256_and_si256(e, octet);
      v[k] = _mm256_add_epi32(
          _mm256_mullo_epi32(_mm256_srli_epi32(e, 20), _mm256_srli_epi32(x[k], PRECISION)),
          _mm256_and_si256(_mm256_srli_epi32(e, 8), slot));
    }
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      const __m256i is_low = _mm256_cmpgt_epi32(low, v[k]);
      const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(is_low));
      const __m256i w = _mm256_permutevar8x32_epi32(
          _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p)),
          _mm256_load_si256((const __m256i*)spread[mask]));
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

AVX2 u8* encode_avx2(const Coder& coder, const u8* symbols, size_t n, u8* end, u32* states) {
  u32 first[LANES];
  for (u32 j = 0; j < LANES; j++) first[j] = LOWEST;
  u8* p = end;
  size_t i = n;
  while (i % LANES) i--, first[i % LANES] = pushed(coder, symbols[i], first[i % LANES], p);
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
      const __m256i s = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)(symbols + i + 8 * k)));
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
  for (int k = 0; k < 4; k++) _mm256_storeu_si256((__m256i*)states + k, x[k]);
  return p;
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

AVX2 void split_avx2(const Layout& layout, const u8* raw, size_t n, u8* const* to) {
  split_as(layout, raw, n, to);
}
AVX2 void merge_avx2(const Layout& layout, u8* raw, size_t n, const u8* const* from) {
  merge_as(layout, raw, n, from);
}
#endif

void split_scalar(const Layout& layout, const u8* raw, size_t n, u8* const* to) {
  split_as(layout, raw, n, to);
}
void merge_scalar(const Layout& layout, u8* raw, size_t n, const u8* const* from) {
  merge_as(layout, raw, n, from);
}

struct Path {
  const char* name;
  decltype(&split_scalar) split;
  decltype(&merge_scalar) merge;
  decltype(&pack_scalar) pack;
  decltype(&unpack_scalar) unpack;
  decltype(&encode_scalar) encode;
  decltype(&rows_scalar) rows;
};

const Path paths[] = {
    {"scalar", split_scalar, merge_scalar, pack_scalar, unpack_scalar, encode_scalar, rows_scalar},
#ifdef HAS_AVX2
    {"avx2", split_avx2, merge_avx2, pack_avx2, unpack_avx2, encode_avx2, rows_avx2},
#endif
};

int path_count() {
#ifdef HAS_AVX2
  return __builtin_cpu_supports("avx2") ? 2 : 1;
#else
  return 1;
#endif
}

Error decode_chunk(const Path& path, const u32* slots, const u8* in, size_t size, size_t n,
                   u8* symbols) {
  if (size < STATES || size % 2) return STREAM_ENDS;
  u32 x[LANES];
  memcpy(x, in, STATES);
  for (u32 state : x)
    if (state < LOWEST || state >> 31) return STATES_WRONG;
  const u8 *p = in + STATES, *end = in + size;
  u8* out = symbols;
  size_t rows = n / LANES;
  if ((size_t)(end - p) >= SLACK) rows = path.rows(slots, x, p, end - SLACK, rows, out);
  const size_t rest = (size_t)(end - p);
  if (rest >= SLACK) return NOT_CONSUMED;  // all rows are done, and a part of one takes less
  u8 tail[2 * SLACK] = {};
  memcpy(tail, p, rest);
  p = tail, end = tail + rest;
  if (path.rows(slots, x, p, end, rows, out) || p > end) return STREAM_ENDS;
  for (u32 j = 0; j < n % LANES; j++) {
    const u32 entry = slots[x[j] & (TOTAL - 1)];
    out[j] = (u8)entry;
    x[j] = popped(entry, x[j]);
    if (x[j] >= LOWEST) continue;
    if (p >= end) return STREAM_ENDS;
    x[j] = x[j] << 16 | *reinterpret_cast<const word16*>(p);
    p += 2;
  }
  if (p != end) return NOT_CONSUMED;
  for (u32 state : x)
    if (state != LOWEST) return NOT_CONSUMED;
  return nullptr;
}

// ---- one stream, chunk by chunk

struct Stream {
  u8 mode = 0;
  u32 bits = 0;
  size_t n = 0;
  const u8* data = nullptr;  // what is stored; for rANS, the sizes of the chunks
  size_t size = 0;
  const u8* next = nullptr;  // the chunk that comes
  size_t left = 0;           // bytes from it on
  u32* slots = nullptr;
  u8* symbols = nullptr;     // of a chunk
};

Error open_constant(Stream* stream) {
  if (stream->size != 1 || stream->data[0] >> stream->bits) return "a constant is impossible";
  memset(stream->symbols, stream->data[0], stream->n < CHUNK ? stream->n : CHUNK);
  return nullptr;
}

Error open_raw(const Stream* stream) {
  if (stream->size != packed_size(stream->n, stream->bits)) return "raw symbols have another size";
  const u32 used = (u32)(stream->n * stream->bits % 8);
  if (used && stream->data[stream->size - 1] >> used) return "bits behind the symbols are set";
  return nullptr;
}

Error open_rans(Stream* stream) {
  u16 frequencies[SYMBOLS];
  const size_t table = read_table(stream->data, stream->size, stream->bits, frequencies);
  if (!table) return "a table of frequencies is impossible";
  make_slots(frequencies, stream->slots);
  const size_t heads = 4 * ((stream->n + CHUNK - 1) / CHUNK);
  if (stream->size - table < heads) return STREAM_ENDS;
  stream->data += table;
  stream->next = stream->data + heads;
  stream->left = stream->size - table - heads;
  return nullptr;
}

Error open_stream(Stream* stream) {
  stream->next = stream->data;
  if (stream->mode == CONSTANT) return open_constant(stream);
  if (stream->mode == RAW) return open_raw(stream);
  return stream->mode == RANS ? open_rans(stream) : "no such mode of a stream";
}

// The symbols of chunk `number`, which has `n` of them.
Error next_chunk(const Path& path, Stream* stream, size_t number, size_t n, const u8** symbols) {
  *symbols = stream->symbols;
  if (stream->mode == RAW && stream->bits == 8) {
    *symbols = stream->next;
    stream->next += n;
  } else if (stream->mode == RAW) {
    path.unpack(stream->next, n, stream->bits, stream->symbols);
    stream->next += packed_size(n, stream->bits);
  } else if (stream->mode == RANS) {
    const size_t size = reinterpret_cast<const word32*>(stream->data)[number];
    if (size > stream->left) return STREAM_ENDS;
    const u8* chunk = stream->next;
    stream->next += size, stream->left -= size;
    return decode_chunk(path, stream->slots, chunk, size, n, stream->symbols);
  }
  return nullptr;
}

Error decode(const Path& path, const Layout& layout, Stream* streams, u8* out, size_t n) {
  const size_t count = layout.streams;
  if (!chunk_memory.reserve(count * CHUNK) || !table_memory.reserve(count * TOTAL * sizeof(u32)))
    return NO_MEMORY;
  for (size_t k = 0; k < count; k++) {
    streams[k].n = n, streams[k].bits = layout.bits[k];
    streams[k].symbols = chunk_memory.at + k * CHUNK;
    streams[k].slots = reinterpret_cast<u32*>(table_memory.at) + k * TOTAL;
    if (Error error = open_stream(&streams[k])) return error;
  }
  for (size_t number = 0, at = 0; at < n; number++, at += CHUNK) {
    const size_t m = n - at < CHUNK ? n - at : CHUNK;
    const u8* from[MAX_STREAMS];
    for (size_t k = 0; k < count; k++)
      if (Error error = next_chunk(path, &streams[k], number, m, &from[k])) return error;
    path.merge(layout, out + at * layout.width, m, from);
  }
  for (size_t k = 0; k < count; k++)
    if (streams[k].mode == RANS && streams[k].left) return "bytes follow the last chunk";
  return nullptr;
}

// ---- encoding (§6)

struct Coded {
  u8 mode = RAW;
  bool is_in_plane = true;  // or in coded_memory, from `at` on
  size_t at = 0, size = 0;
};

bool is_promising(const u8* symbols, size_t n, u32 bits) {
  if (n < SAMPLE_FROM) return true;
  u32 counts[SYMBOLS] = {};
  u16 frequencies[SYMBOLS];
  for (size_t at = 0; at + SAMPLE <= n; at += SAMPLE_STEP) count(symbols + at, SAMPLE, counts);
  normalize(counts, frequencies);
  return 1000 * cost_of(counts, frequencies) < WORTH * ((total_of(counts) * bits) << 16);
}

bool encode_rans(const Path& path, const u8* symbols, size_t n, const u16* frequencies,
                 size_t* used, Coded* coded) {
  const size_t chunks = (n + CHUNK - 1) / CHUNK, room = 2 * CHUNK + 64;
  if (!coded_memory.reserve(*used + 2 * SYMBOLS + 2 + chunks * (4 + STATES) + 2 * n) ||
      !chunk_memory.reserve(room))
    return false;
  Coder coder;
  make_coder(frequencies, &coder);
  coded->mode = RANS, coded->is_in_plane = false, coded->at = *used;
  u8* p = coded_memory.at + *used;
  p += write_table(frequencies, p);
  u8* sizes = p;
  p += 4 * chunks;
  u8* end = chunk_memory.at + room;
  for (size_t c = 0; c < chunks; c++) {
    const size_t at = c * CHUNK, m = n - at < CHUNK ? n - at : CHUNK;
    u32 states[LANES];
    const u8* words = path.encode(coder, symbols + at, m, end, states);
    const u32 size = (u32)(STATES + (size_t)(end - words));
    memcpy(sizes + 4 * c, &size, 4);
    memcpy(p, states, STATES);
    memcpy(p + STATES, words, size - STATES);
    p += size;
  }
  coded->size = (size_t)(p - coded_memory.at) - *used;
  *used += coded->size;
  return true;
}

bool encode_stream(const Path& path, u8* symbols, size_t n, u32 bits, size_t* used, Coded* coded) {
  const size_t raw = packed_size(n, bits);
  if (is_promising(symbols, n, bits)) {
    u32 counts[SYMBOLS] = {};
    u16 frequencies[SYMBOLS];
    u8 table[2 * SYMBOLS + 2];
    count(symbols, n, counts);
    if (counts[symbols[0]] == n) {
      coded->mode = CONSTANT, coded->size = 1;
      return true;
    }
    normalize(counts, frequencies);
    const u64 chunks = (n + CHUNK - 1) / CHUNK, words = (cost_of(counts, frequencies) + 524287) >> 19;
    if (1000 * (write_table(frequencies, table) + chunks * (4 + STATES) + words) < WORTH * raw)
      return encode_rans(path, symbols, n, frequencies, used, coded);
  }
  coded->mode = RAW, coded->size = raw;
  if (bits == 8) return true;
  coded->is_in_plane = false, coded->at = *used;
  if (!coded_memory.reserve(*used + raw + 16)) return false;
  path.pack(symbols, n, bits, coded_memory.at + *used);
  *used += raw;
  return true;
}

bool encode(const Path& path, const Layout& layout, const u8* raw, size_t n, Coded* coded,
            u8** planes) {
  const size_t stride = (n + 63) / 64 * 64;
  if (!planes_memory.reserve(layout.streams * stride)) return false;
  for (size_t k = 0; k < layout.streams; k++) planes[k] = planes_memory.at + k * stride;
  path.split(layout, raw, n, planes);
  size_t used = 0;
  for (size_t k = 0; k < layout.streams; k++)
    if (!encode_stream(path, planes[k], n, layout.bits[k], &used, &coded[k])) return false;
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
  if (Error error = layout_of(scheme, width, layout)) {
    PyErr_SetString(PyExc_ValueError, error);
    return nullptr;
  }
  return path;
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
  if (!PyArg_ParseTuple(arguments, "sniy*", &name, &width, &scheme, &group)) return nullptr;
  Layout layout;
  PyObject* found = nullptr;
  const Path* path = prepared(name, scheme, width, &layout);
  const Py_ssize_t n = path ? elements_in(group, layout) : -1;
  if (n > 0) {
    Coded coded[MAX_STREAMS];
    u8* planes[MAX_STREAMS];
    bool is_done;
    Py_BEGIN_ALLOW_THREADS
    is_done = encode(*path, layout, (const u8*)group.buf, (size_t)n, coded, planes);
    Py_END_ALLOW_THREADS
    found = is_done ? encoded_streams(layout, coded, planes) : PyErr_NoMemory();
  }
  PyBuffer_Release(&group);
  return found;
}

// The streams as views; how many of `buffers` were taken, -1 with an exception.
Py_ssize_t take_streams(PyObject* list, const Layout& layout, Stream* streams, Py_buffer* buffers) {
  Py_ssize_t taken = 0;
  if (!PyList_Check(list) || PyList_Size(list) != (Py_ssize_t)layout.streams) {
    PyErr_SetString(PyExc_ValueError, "other streams than the scheme has");
    return -1;
  }
  for (; taken < (Py_ssize_t)layout.streams; taken++) {
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
  if (taken == (Py_ssize_t)layout.streams) return taken;
  while (taken > 0) PyBuffer_Release(&buffers[--taken]);
  return -1;
}

PyObject* py_decode(PyObject*, PyObject* arguments) {
  const char* name;
  int scheme;
  Py_ssize_t width;
  PyObject* list;
  Py_buffer out;
  if (!PyArg_ParseTuple(arguments, "sniOw*", &name, &width, &scheme, &list, &out)) return nullptr;
  Layout layout;
  Stream streams[MAX_STREAMS];
  Py_buffer buffers[MAX_STREAMS];
  bool is_done = false;
  const Path* path = prepared(name, scheme, width, &layout);
  const Py_ssize_t n = path ? elements_in(out, layout) : -1;
  Py_ssize_t taken = n > 0 ? take_streams(list, layout, streams, buffers) : -1;
  if (taken >= 0) {
    Error error;
    Py_BEGIN_ALLOW_THREADS
    error = decode(*path, layout, streams, (u8*)out.buf, (size_t)n);
    Py_END_ALLOW_THREADS
    if (error == NO_MEMORY) PyErr_NoMemory();
    else if (error) PyErr_SetString(PyExc_ValueError, error);
    is_done = !error;
    while (taken > 0) PyBuffer_Release(&buffers[--taken]);
  }
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
    {"encode", py_encode, METH_VARARGS, "(path, width, scheme, group) -> [(mode, bytes)]"},
    {"decode", py_decode, METH_VARARGS, "(path, width, scheme, [(mode, buffer)], out)"},
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
