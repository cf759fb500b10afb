#pragma once

#include <stdint.h>

#include "IntegerKernels.h"
#include "KernelsResize.h"
#include "Patches.h"
#include "TileKernels.h"

/// What is applied to each element after a product or a normalisation.
enum {
  SAM_IDENTITY = 0,
  SAM_GELU = 1,  // the exact form, x * Phi(x)
  SAM_RELU = 2,
};

/// One head's attention of a block of queries over a grid of keys; see `SamKernels.attend`.
typedef struct SamAttention {
  /// The queries as panels of A, times the scale times log2(e); `rows` of them.
  const float *queries;
  long rows;
  /// Channels of a head.
  long depth;
  /// The keys as panels of B (`pack_transposed`), and the values as panels of B (`pack_columns`); key_rows * key_columns of them.
  const float *keys;
  const float *values;
  long key_rows, key_columns;
  /// Decomposed relative positions, or NULL. Row q of `relative_rows` (`relative_stride` floats apart) holds the score, times
  /// log2(e), of each vertical distance: that of key row i stands at key_rows - 1 - (query row) + i; columns likewise.
  /// The first query stands at (first_row, 0) of the grid.
  const float *relative_rows;
  const float *relative_columns;
  long relative_stride;
  long first_row;
  /// A bias for each query and key times log2(e), rows x keys, or NULL.
  const float *bias;
  /// rows x depth, `out_stride` floats apart.
  float *out;
  long out_stride;
  /// `sam_attention_scratch(kernels, rows, depth)` floats.
  float *scratch;
} SamAttention;

/// The inner loops of one instruction set. All matrices are row-major; `ld…` is the distance between rows in
/// floats; pointers need no more than 4-byte alignment. Sizes may be 0.
typedef struct SamKernels {
  /// The instruction set: "avx512", "avx2", "neon", "simd128" or "plain".
  const char *name;

  /// Rows of a panel of A, and columns of a panel of B, of `multiply_panel`.
  long panel_rows, panel_columns;

  /// Packs rows of A (rows x depth, `lda` floats apart) into panels of `panel_rows` rows, depth-major within a panel; the last panel's
  /// missing rows are zeros; every number is multiplied by `scale`. `packed` holds ceil(rows / panel_rows) * panel_rows * depth floats.
  void (*pack_rows)(const float *a, long lda, long rows, long depth, float scale, float *packed);

  /// Packs patches [first, first + count) of a batch, in row order of the result and image by image, as rows of A: the numbers
  /// [from, from + depth) of each, kernel row by kernel row, and channels innermost. What lies outside the image is zero.
  void (*pack_patches)(const SamPatches *patches, long first, long count, long from, long depth, float *packed);

  /// Packs B, given as its transpose (columns x depth, `ldb` floats apart), into panels of `panel_columns` columns, depth-major
  /// within a panel; missing columns are zeros.
  void (*pack_transposed)(const float *b, long ldb, long columns, long depth, float *packed);

  /// The same for IEEE half-precision numbers, which are packed as floats; `ldb` counts numbers.
  void (*pack_transposed_half)(const uint16_t *b, long ldb, long columns, long depth, float *packed);

  /// Packs B (depth x columns, `ldb` floats apart) into panels of `panel_columns` columns.
  void (*pack_columns)(const float *b, long ldb, long columns, long depth, float *packed);

  /// C = A * B, or C += A * B when `accumulate`, for packed panels of A (rows x depth) and one packed panel of B
  /// (depth x columns, columns <= panel_columns). `ahead`, where not NULL, is the panel of B that comes next: it is brought into the
  /// second-level cache meanwhile.
  void (*multiply_panel)(const float *a, const float *b, long depth, float *c, long ldc, int accumulate,
                         long rows, long columns, const float *ahead);

  /// C = A * B, or C += A * B when `accumulate`, where nothing is packed: element (i, k) of A stands at i * a_row + k * a_depth, row k of B
  /// at k * b_depth.
  void (*multiply_strided)(const float *a, long a_row, long a_depth, const float *b, long b_depth, long depth, float *c,
                           long ldc, int accumulate, long rows, long columns);

  /// Attention of image positions to tokens: for each row of s, columns (token, head), s = softmax over the tokens of
  /// scale * (s + bias), head by head. `bias` (tokens x heads) may be NULL.
  void (*softmax_tokens)(float *s, long lds, float scale, const float *bias, long rows, long tokens, long heads);

  /// Attention of tokens to image positions, a block of positions at a time: replaces s by exp(scale * s - maximum) column by
  /// column, and brings each column's running maximum and sum up to date. `factors` gets what outputs gathered so far
  /// are to be multiplied by.
  void (*softmax_columns)(float *s, long lds, float scale, long rows, long columns, float *maxima, float *sums,
                          float *factors);

  /// y = x * w', for few rows x (rows x depth) and many rows w (columns x depth), nothing packed.
  void (*multiply_few)(const float *x, long ldx, const float *w, long ldw, long depth, float *y, long ldy, long rows,
                       long columns);

  /// softmax(q * k' + bias) * v without ever holding all scores: keys are visited in blocks, with a running maximum and
  /// sum for each query (arXiv 2205.14135).
  void (*attend)(const SamAttention *attention);

  /// y = activation(y + bias) + residual, in place. `bias` (cols) and `residual` (rows x cols) may be NULL.
  void (*bias_activation)(float *y, long ldy, const float *bias, const float *residual, long ldr,
                          int activation, long rows, long cols);

  /// y = activation((x - mean) / sqrt(variance + epsilon) * weight + bias) over each row. y may be x.
  void (*layer_norm)(const float *x, long ldx, const float *weight, const float *bias, float epsilon,
                     int activation, float *y, long ldy, long rows, long cols);

  /// s = exp(t - max(t)) over each row, where t = scale * s + bias; the row's sum goes to `sums`.
  ///
  /// The bias is either a matrix (`full`, rows x cols, `ldf`), or decomposed (`vertical`, rows x key_rows, and
  /// `horizontal`, rows x key_cols, with cols = key_rows * key_cols: the bias of key (i, j) is
  /// vertical[i] + horizontal[j]), or absent (both NULL).
  void (*softmax)(float *s, long lds, float scale, const float *full, long ldf, const float *vertical,
                  const float *horizontal, long key_rows, long key_cols, float *sums, long rows, long cols);

  /// y = y / divisor of the row, in place.
  void (*divide_rows)(float *y, long ldy, const float *divisors, long rows, long cols);

  /// z = x + y, elementwise. z may be x or y.
  void (*add)(const float *x, const float *y, float *z, long count);

  /// One output row of a 3x3 depthwise convolution with zero padding, channels last:
  /// y[j, c] = activation(bias[c] + sum over a, b of x_a[j * stride + b - 1, c] * weight[a * 3 + b, c]).
  /// `above`, `here`, `below` are input rows (in_width x channels); a row outside the image is NULL.
  /// `residual` (out_width x channels) is added last and may be NULL.
  void (*depthwise3x3)(const float *above, const float *here, const float *below, const float *weight,
                       const float *bias, const float *residual, int activation, float *y, long in_width,
                       long out_width, long stride, long channels);

  /// z = x + (y - x) * t.
  void (*interpolate_rows)(const float *x, const float *y, float t, float *z, long count);

  /// Bit i % 64 of bits[i / 64] = x[i] > threshold; the last word's bits beyond `count` are 0.
  void (*threshold)(const float *x, float threshold, long count, uint64_t *bits);

  /// y = the IEEE half-precision numbers x as floats.
  void (*half_to_float)(const uint16_t *x, float *y, long count);

  /// y = the floats x rounded to IEEE half precision, to nearest, ties to even.
  void (*float_to_half)(const float *x, uint16_t *y, long count);

  /// y (columns x rows) = the transpose of x (rows x columns).
  void (*transpose)(const float *x, long ldx, long rows, long columns, float *y, long ldy);

  // In what follows the lanes of a row are consecutive positions of an image, a multiple of 16 of them; row
  // h * tokens + t belongs to token t and head h.

  /// Attention of positions to tokens: s = softmax over the tokens of scale * (s + bias), head by head, lane by lane. `bias` has a
  /// number for each row.
  void (*softmax_of_tokens)(float *s, long lds, float scale, const float *bias, long heads, long tokens, long lanes);

  /// Attention of tokens to positions, a block of positions at a time: replaces s by exp(scale * s - maximum) row by row, and by 0 in
  /// the lanes from `count` on; maxima, sums and factors as in `softmax_columns`, one for each row.
  void (*softmax_of_positions)(float *s, long lds, float scale, long rows, long lanes, long count, float *maxima,
                               float *sums, float *factors);

  /// y = x times its lane's factor, plus its row's bias unless that is NULL. y may be x.
  void (*scale_lanes)(const float *x, long ldx, const float *factors, const float *bias, float *y, long ldy, long rows,
                      long lanes);

  /// `layer_norm` over the channels of each lane, for x channels x lanes. y may be x.
  void (*normalize_lanes)(const float *x, long ldx, const float *weight, const float *bias, float epsilon, int activation,
                          float *y, long ldy, long channels, long lanes);

  /// sums += the sum over the rows of x * y, lane by lane.
  void (*add_lane_products)(const float *x, long ldx, const float *y, long ldy, long rows, long lanes, float *sums);

  /// y = weights * gelu(x + bias), for x channels x lanes, a bias for each channel, and weights masks x channels.
  void (*mask_products)(const float *x, long ldx, const float *bias, const float *weights, long ldw, long channels, float *y,
                        long ldy, long masks, long lanes);
} SamKernels;

/// The kernels for this processor: the last of those available, or the one that SAM_KERNELS in the environment names
/// (`plain`, `avx2`, `avx512`; other names, and those that are not available, count for nothing here).
const SamKernels *sam_kernels(void);

/// All kernels that this processor can run, the plain ones first; returns how many there are, and writes at
/// most `capacity` of them to `list`.
int sam_kernels_available(const SamKernels **list, int capacity);

/// Floats of scratch memory that `attend` needs.
long sam_attention_scratch(const SamKernels *kernels, long rows, long depth);

/// Random Fourier features of points (x, y), `count` of them, in [0, 1]: with g = (2x - 1, 2y - 1) times the
/// 2 x `features` matrix, a row of y is sin(2 pi g) followed by cos(2 pi g).
void sam_fourier_features(const float *coordinates, long count, const float *matrix, long features, float *y);

/// Processors this process may use: its affinity mask on Linux, the online ones elsewhere; at least 1.
int sam_processor_count(void);

#include "TrainingKernels.h"
