#include "TileKernels.h"

#include "Tables.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define INLINE TARGET static inline __attribute__((always_inline))

/// A panel of A, and of B, and the depth of a tile.
enum { ROWS = 16, COLUMNS = 32, STEP = 32, PAIRS = STEP / 2 };

INLINE __mmask16 first_lanes(long count) {
  return count >= 16 ? 0xffff : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

/// 32 numbers of which neighbours make a pair: those of depths that stand one after the other.
INLINE __m512i pairs_along(const float *x, long depth) {
  return (__m512i)_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(first_lanes(depth - 16), x + 16),
                                      _mm512_maskz_loadu_ps(first_lanes(depth), x));
}

/// Lane by lane pairs of two depths, the first in the lower half.
INLINE __m512i pairs_across(__m512 first, __m512 second) {
  const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh(second, first);
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5,
                                         20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, halves);
}

INLINE void transpose(__m512i r[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
    t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
    t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
    t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
  }
  for (int i = 0; i < 8; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88);
    r[8 + i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd);
  }
}

TARGET static void pack_rows(const float *a, long lda, long rows, long depth, float *packed) {
  for (long row = 0; row < rows; row += ROWS, packed += ROWS * depth)
    for (long r = 0; r < ROWS; r++) {
      const float *x = a + (row + r) * lda;
      const int is_missing = row + r >= rows;
      int32_t *to = (int32_t *)packed + r * PAIRS;
      for (long k = 0; k < depth; k += STEP, to += ROWS * PAIRS)
        _mm512_storeu_si512(to, is_missing ? _mm512_setzero_si512() : pairs_along(x + k, depth - k));
    }
}

TARGET static void pack_rows_transposed(const float *a, long lda, long rows, long depth, float *packed) {
  for (long row = 0; row < rows; row += ROWS, packed += ROWS * depth) {
    const __mmask16 mask = first_lanes(rows - row);
    int32_t *to = (int32_t *)packed;
    for (long k = 0; k < depth; k += STEP, to += ROWS * PAIRS) {
      __m512i tile[PAIRS];
      for (long p = 0; p < PAIRS; p++) {
        const float *x = a + (k + 2 * p) * lda + row;
        tile[p] = pairs_across(_mm512_maskz_loadu_ps(k + 2 * p < depth ? mask : 0, x),
                               _mm512_maskz_loadu_ps(k + 2 * p + 1 < depth ? mask : 0, x + lda));
      }
      transpose(tile);
      for (int r = 0; r < ROWS; r++) _mm512_storeu_si512(to + r * PAIRS, tile[r]);
    }
  }
}

TARGET static void pack_transposed(const float *b, long ldb, long columns, long depth, float *packed) {
  for (long column = 0; column < columns; column += COLUMNS, packed += COLUMNS * depth) {
    int32_t *to = (int32_t *)packed;
    for (long k = 0; k < depth; k += STEP)
      for (long half = column; half < column + COLUMNS; half += 16, to += PAIRS * 16) {
        __m512i tile[16];
        for (long c = 0; c < 16; c++)
          tile[c] = half + c < columns ? pairs_along(b + (half + c) * ldb + k, depth - k) : _mm512_setzero_si512();
        transpose(tile);
        for (int p = 0; p < PAIRS; p++) _mm512_storeu_si512(to + p * 16, tile[p]);
      }
  }
}

TARGET static void pack_columns(const float *b, long ldb, long columns, long depth, float *packed) {
  for (long column = 0; column < columns; column += COLUMNS, packed += COLUMNS * depth) {
    int32_t *to = (int32_t *)packed;
    for (long k = 0; k < depth; k += STEP)
      for (long half = column; half < column + COLUMNS; half += 16, to += PAIRS * 16) {
        const __mmask16 mask = first_lanes(columns - half);
        for (long p = 0; p < PAIRS; p++) {
          const float *x = b + (k + 2 * p) * ldb + half;
          _mm512_storeu_si512(to + p * 16, pairs_across(_mm512_maskz_loadu_ps(k + 2 * p < depth ? mask : 0, x),
                                                        _mm512_maskz_loadu_ps(k + 2 * p + 1 < depth ? mask : 0, x + ldb)));
        }
      }
  }
}

// A tile is read whole before it is written at half its distance from the panel's beginning, so nothing is lost.
TARGET static void round_columns(float *packed, long columns, long depth) {
  for (long column = 0; column < columns; column += COLUMNS, packed += COLUMNS * depth) {
    int32_t *to = (int32_t *)packed;
    for (long k = 0; k < depth; k += STEP, to += COLUMNS * PAIRS) {
      __m512i tile[2][PAIRS];
      for (long half = 0; half < 2; half++)
        for (long p = 0; p < PAIRS; p++) {
          const float *x = packed + (k + 2 * p) * COLUMNS + half * 16;
          tile[half][p] = pairs_across(_mm512_maskz_loadu_ps(k + 2 * p < depth ? 0xffff : 0, x),
                                       _mm512_maskz_loadu_ps(k + 2 * p + 1 < depth ? 0xffff : 0, x + COLUMNS));
        }
      for (int half = 0; half < 2; half++)
        for (int p = 0; p < PAIRS; p++) _mm512_storeu_si512(to + (half * PAIRS + p) * 16, tile[half][p]);
    }
  }
}

INLINE void copy(const float *source, long count, float *out) {
  long c = 0;
  for (; c + 16 <= count; c += 16) _mm512_storeu_ps(out + c, _mm512_loadu_ps(source + c));
  if (c == count) return;
  const __mmask16 mask = first_lanes(count - c);
  _mm512_mask_storeu_ps(out + c, mask, _mm512_maskz_loadu_ps(mask, source + c));
}

INLINE void clear(long count, float *out) {
  for (long c = 0; c < count; c += 16) _mm512_mask_storeu_ps(out + c, first_lanes(count - c), _mm512_setzero_ps());
}

/// Copies the numbers [from, from + count) of a patch.
INLINE void gather_patch(const SamPatches *p, long patch, long from, long count, float *out) {
  const long item = patch / (p->rows * p->columns), place = patch % (p->rows * p->columns);
  const float *image = p->image + item * p->height * p->width * p->channels;
  const long top = place / p->columns * p->stride - p->padding, left = place % p->columns * p->stride - p->padding;
  // A row of the patch at a time, whose pixels stand side by side in the image; of it [begin, end) lie inside.
  const long line = p->kernel_width * p->channels;
  const long begin = left < 0 ? -left * p->channels : 0;
  const long end = (p->width - left < p->kernel_width ? p->width - left : p->kernel_width) * p->channels;
  long down = from / line, at = from % line;
  for (; count > 0; at = 0, down++) {
    const long n = line - at < count ? line - at : count, y = top + down;
    const float *source = image + (y * p->width + left) * p->channels;
    if (y < 0 || y >= p->height || begin >= at + n || end <= at) {
      clear(n, out);
    } else {
      const long first = begin > at ? begin : at, last = end < at + n ? end : at + n;
      clear(first - at, out);
      copy(source + first, last - first, out + first - at);
      clear(at + n - last, out + last - at);
    }
    out += n;
    count -= n;
  }
}

/// Numbers of a patch that are gathered together.
enum { GATHERED = 512 };

TARGET static void pack_patches(const SamPatches *p, long first, long count, long from, long depth, float *packed) {
  float patch[GATHERED];
  for (long row = 0; row < count; row += ROWS, packed += ROWS * depth)
    for (long r = 0; r < ROWS; r++)
      for (long k = 0; k < depth; k += GATHERED) {
        const long n = depth - k < GATHERED ? depth - k : GATHERED;
        const int is_missing = row + r >= count;
        if (!is_missing) gather_patch(p, first + row + r, from + k, n, patch);
        int32_t *to = (int32_t *)packed + (k / STEP * ROWS + r) * PAIRS;
        for (long j = 0; j < n; j += STEP, to += ROWS * PAIRS)
          _mm512_storeu_si512(to, is_missing ? _mm512_setzero_si512() : pairs_along(patch + j, n - j));
      }
}

TARGET static void pack_patch_columns(const SamPatches *p, long first, long count, long from, long columns,
                                      float *packed) {
  float one[GATHERED], other[GATHERED];
  for (long k = 0; k < (count + STEP - 1) / STEP * STEP; k += 2)
    for (long j = 0; j < columns; j += GATHERED) {
      const long n = columns - j < GATHERED ? columns - j : GATHERED;
      if (k < count) gather_patch(p, first + k, from + j, n, one);
      if (k + 1 < count) gather_patch(p, first + k + 1, from + j, n, other);
      for (long c = 0; c < (n + COLUMNS - 1) / COLUMNS * COLUMNS; c += 16) {
        const __mmask16 mask = first_lanes(n - c);
        int32_t *panel = (int32_t *)(packed + (j + c) / COLUMNS * COLUMNS * count);
        _mm512_storeu_si512(panel + (k / STEP * 2 + c / 16 % 2) * PAIRS * 16 + k % STEP / 2 * 16,
                            pairs_across(_mm512_maskz_loadu_ps(k < count ? mask : 0, one + c),
                                         _mm512_maskz_loadu_ps(k + 1 < count ? mask : 0, other + c)));
      }
    }
}

/// Tiles 0 to 3 are C, two panels of A by two halves of a panel of B; 4 and 5 are A; 6 and 7 are B.
TARGET static void begin(void) {
  struct {
    uint8_t palette, start, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } configuration;
  memset(&configuration, 0, sizeof configuration);
  configuration.palette = 1;
  for (int tile = 0; tile < 8; tile++) {
    configuration.bytes[tile] = 64;
    configuration.rows[tile] = 16;
  }
  _tile_loadconfig(&configuration);
}

TARGET static void end(void) { _tile_release(); }

/// Adds a tile, of which `rows` and `columns` count, to C, or puts it there.
TARGET static void put(const float tile[ROWS * 16], float *c, long ldc, int accumulate, long rows, long columns) {
  const __mmask16 mask = first_lanes(columns);
  for (long r = 0; r < rows; r++) {
    __m512 x = _mm512_loadu_ps(tile + r * 16);
    if (accumulate) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, c + r * ldc));
    _mm512_mask_storeu_ps(c + r * ldc, mask, x);
  }
}

TARGET static void multiply_panel(const float *a, const float *b, long depth, float *c, long ldc, int accumulate,
                                  long rows, long columns) {
  const long steps = (depth + STEP - 1) / STEP;
  const int32_t *right = (const int32_t *)b;
  for (long row = 0; row < rows; row += 2 * ROWS, a += 2 * ROWS * depth, c += 2 * ROWS * ldc) {
    const int32_t *left = (const int32_t *)a, *next = (const int32_t *)(a + ROWS * depth);
    const int is_two = rows - row > ROWS;
    // Whole tiles are taken from C and stored there.
    const int is_whole = rows - row >= 2 * ROWS && columns == COLUMNS;
    if (is_whole && accumulate) {
      _tile_loadd(0, c, ldc * 4);
      _tile_loadd(1, c + 16, ldc * 4);
      _tile_loadd(2, c + ROWS * ldc, ldc * 4);
      _tile_loadd(3, c + ROWS * ldc + 16, ldc * 4);
    } else {
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
    }
    for (long s = 0; s < steps; s++) {
      _tile_loadd(4, left + s * ROWS * PAIRS, 64);
      _tile_loadd(6, right + s * COLUMNS * PAIRS, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_loadd(7, right + s * COLUMNS * PAIRS + 16 * PAIRS, 64);
      _tile_dpbf16ps(1, 4, 7);
      if (!is_two) continue;
      _tile_loadd(5, next + s * ROWS * PAIRS, 64);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    if (is_whole) {
      _tile_stored(0, c, ldc * 4);
      _tile_stored(1, c + 16, ldc * 4);
      _tile_stored(2, c + ROWS * ldc, ldc * 4);
      _tile_stored(3, c + ROWS * ldc + 16, ldc * 4);
      continue;
    }
    float tiles[4][ROWS * 16] __attribute__((aligned(64)));
    _tile_stored(0, tiles[0], 64);
    _tile_stored(1, tiles[1], 64);
    if (is_two) {
      _tile_stored(2, tiles[2], 64);
      _tile_stored(3, tiles[3], 64);
    }
    for (int tile = 0; tile < (is_two ? 4 : 2); tile++) {
      const long first = tile / 2 * ROWS, column = tile % 2 * 16, count = rows - row - first;
      if (column < columns)
        put(tiles[tile], c + first * ldc + column, ldc, accumulate, count < ROWS ? count : ROWS, columns - column);
    }
  }
}

/// Whether the processor multiplies tiles, and the system saves them when it changes threads.
static int has_tiles(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) || !(d >> 24 & 1)) return 0;
  // Conversions to bfloat16 in vectors, which such processors have.
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a >> 5 & 1)) return 0;
  enum { request_permission = 0x1023, tile_data = 18 };
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

static const SamTileKernels kernels = {
    .panel_rows = ROWS,
    .panel_columns = COLUMNS,
    // Whole steps of rounded panels take no more room than the panels.
    .least_depth = 16,
    .begin = begin,
    .end = end,
    .pack_rows = pack_rows,
    .pack_rows_transposed = pack_rows_transposed,
    .pack_patches = pack_patches,
    .pack_transposed = pack_transposed,
    .pack_columns = pack_columns,
    .pack_patch_columns = pack_patch_columns,
    .round_columns = round_columns,
    .multiply_panel = multiply_panel,
};

const SamTileKernels *sam_tile_kernels(void) {
  const SamKernels *others = sam_kernels();
  if (others->panel_columns != COLUMNS) return 0;
  return has_tiles() ? &kernels : 0;
}
#else
const SamTileKernels *sam_tile_kernels(void) { return 0; }
#endif
