#pragma once

#include <stdint.h>

#include "KernelsResize.h"

/// What is applied to each element after a product or a normalisation.
enum {
  SAM_IDENTITY = 0,
  SAM_GELU = 1,  // the exact form, x * Phi(x)
  SAM_RELU = 2,
};

/// The inner loops of one instruction set. All matrices are row-major; `ld…` is the distance between rows in
/// floats; pointers need no more than 4-byte alignment. Sizes may be 0.
typedef struct SamKernels {
  /// The instruction set: "avx512", "avx2", "neon", "simd128" or "plain".
  const char *name;

  /// Rows of a panel of A, and columns of a panel of B, of `multiply_panel`.
  long panel_rows, panel_columns;

  /// Packs rows of A (rows x depth, `lda` floats apart) into panels of `panel_rows` rows, depth-major within a panel; the last panel's
  /// missing rows are zeros. `packed` holds ceil(rows / panel_rows) * panel_rows * depth floats.
  void (*pack_rows)(const float *a, long lda, long rows, long depth, float *packed);

  /// Packs B, given as its transpose (columns x depth, `ldb` floats apart), into panels of `panel_columns` columns, depth-major
  /// within a panel; missing columns are zeros.
  void (*pack_transposed)(const float *b, long ldb, long columns, long depth, float *packed);

  /// Packs B (depth x columns, `ldb` floats apart) into panels of `panel_columns` columns.
  void (*pack_columns)(const float *b, long ldb, long columns, long depth, float *packed);

  /// C = A * B, or C += A * B when `accumulate`, for packed panels of A (rows x depth) and one packed panel of B
  /// (depth x columns, columns <= panel_columns).
  void (*multiply_panel)(const float *a, const float *b, long depth, float *c, long ldc, int accumulate,
                         long rows, long columns);

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

  /// y = the IEEE half-precision numbers x as floats.
  void (*half_to_float)(const uint16_t *x, float *y, long count);

  /// y = the floats x rounded to IEEE half precision, to nearest, ties to even.
  void (*float_to_half)(const float *x, uint16_t *y, long count);
} SamKernels;

/// The kernels for this processor, chosen once.
const SamKernels *sam_kernels(void);

/// All kernels that this processor can run, the plain ones first; returns how many there are, and writes at
/// most `capacity` of them to `list`.
int sam_kernels_available(const SamKernels **list, int capacity);

/// Random Fourier features of points (x, y), `count` of them, in [0, 1]: with g = (2x - 1, 2y - 1) times the
/// 2 x `features` matrix, a row of y is sin(2 pi g) followed by cos(2 pi g).
void sam_fourier_features(const float *coordinates, long count, const float *matrix, long features, float *y);

/// Processors this process may use: its affinity mask on Linux, the online ones elsewhere; at least 1.
int sam_processor_count(void);
