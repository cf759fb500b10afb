#include "TileKernels.h"

#include "Tables.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl")))
#define INLINE TARGET static inline __attribute__((always_inline))

/// A panel of A, and of B, and the depth of a tile.
enum { ROWS = 12, COLUMNS = 32, STEP = 32, PAIRS = STEP / 2 };

/// Two depths of 16 lanes as pairs of bfloat16, the first in the lower half; halves are rounded up.
INLINE __m512i pair(__m512 first, __m512 second) {
  const __m512i half = _mm512_set1_epi32(0x8000), upper = _mm512_set1_epi32((int)0xffff0000);
  const __m512i low = _mm512_srli_epi32(_mm512_add_epi32(_mm512_castps_si512(first), half), 16);
  const __m512i high = _mm512_add_epi32(_mm512_castps_si512(second), half);
  // (high & upper) | low
  return _mm512_ternarylogic_epi32(high, upper, low, 0xea);
}

/// The pairs of one tile: lanes of `mask` of rows that are `stride` floats apart; what lies beyond `depth` is zero.
INLINE void pairs(const float *x, long stride, __mmask16 mask, long depth, __m512i tile[PAIRS]) {
  for (int p = 0; p < PAIRS; p++) {
    const __mmask16 first = 2 * p < depth ? mask : 0, second = 2 * p + 1 < depth ? mask : 0;
    tile[p] = pair(_mm512_maskz_loadu_ps(first, x + 2 * p * stride), _mm512_maskz_loadu_ps(second, x + (2 * p + 1) * stride));
  }
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

// A tile is read whole before it is written at half its distance from the panel's beginning, so nothing is lost.

TARGET static void round_rows(float *packed, long rows, long depth) {
  for (long row = 0; row < rows; row += ROWS, packed += ROWS * depth) {
    int32_t *to = (int32_t *)packed;
    for (long k = 0; k < depth; k += STEP, to += ROWS * PAIRS) {
      __m512i tile[PAIRS];
      pairs(packed + k * ROWS, ROWS, 0x0fff, depth - k, tile);
      transpose(tile);
      for (int r = 0; r < ROWS; r++) _mm512_storeu_si512(to + r * PAIRS, tile[r]);
    }
  }
}

TARGET static void round_columns(float *packed, long columns, long depth) {
  for (long column = 0; column < columns; column += COLUMNS, packed += COLUMNS * depth) {
    int32_t *to = (int32_t *)packed;
    for (long k = 0; k < depth; k += STEP, to += COLUMNS * PAIRS) {
      __m512i left[PAIRS], right[PAIRS];
      pairs(packed + k * COLUMNS, COLUMNS, 0xffff, depth - k, left);
      pairs(packed + k * COLUMNS + 16, COLUMNS, 0xffff, depth - k, right);
      for (int p = 0; p < PAIRS; p++) _mm512_storeu_si512(to + p * 16, left[p]);
      for (int p = 0; p < PAIRS; p++) _mm512_storeu_si512(to + (PAIRS + p) * 16, right[p]);
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
    configuration.rows[tile] = tile < 6 ? ROWS : PAIRS;
  }
  _tile_loadconfig(&configuration);
}

TARGET static void end(void) { _tile_release(); }

/// Adds a tile, of which `rows` and `columns` count, to C, or puts it there.
TARGET static void put(const float tile[ROWS * 16], float *c, long ldc, int accumulate, long rows, long columns) {
  const __mmask16 mask = columns >= 16 ? 0xffff : (__mmask16)((1u << columns) - 1);
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
    .round_rows = round_rows,
    .round_columns = round_columns,
    .multiply_panel = multiply_panel,
};

const SamTileKernels *sam_tile_kernels(void) {
  const SamKernels *others = sam_kernels();
  if (others->panel_rows != ROWS || others->panel_columns != COLUMNS) return 0;
  return has_tiles() ? &kernels : 0;
}
#else
const SamTileKernels *sam_tile_kernels(void) { return 0; }
#endif
