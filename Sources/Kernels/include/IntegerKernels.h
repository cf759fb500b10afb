#pragma once

#include <stdint.h>

/// Products of matrices rounded to 8 bits, by one instruction set.
///
/// A row of A is rounded to x = scale * (u - zero), where u is one of 0...255 and the row's smallest and largest numbers
/// (and 0) set scale and zero. A column of B is rounded to w = scale * p with p one of -127...127. Sums of products of
/// u - zero and p are exact 32-bit integers for depths up to 65,536: no instruction used here saturates. So every
/// instruction set gives the same bits.
///
/// Both are packed into panels. A panel holds, for each of its rows or columns, a scale (float) and an integer (32 bits: the
/// zero of a row, the sum of a column's p); then steps of `step` of the depth, and in a step the rows or columns one
/// after the other, each with `step` numbers: 8 bits each for columns, `row_bytes` each for rows. What is missing is zero.
typedef struct SamIntegerKernels {
  /// The instruction set: "vnni", "avx2" or "plain".
  const char *name;
  /// Rows of a panel of A, and columns of a panel of B.
  long panel_rows, panel_columns;
  /// How much of the depth one instruction adds up, and the bytes of a number of A.
  long step, row_bytes;

  /// Rounds and packs rows of A (rows x depth, `lda` floats apart).
  void (*quantize_rows)(const float *a, long lda, long rows, long depth, uint8_t *packed);

  /// Rounds and packs B, given as its transpose (columns x depth, `ldb` floats apart).
  void (*quantize_columns)(const float *b, long ldb, long columns, long depth, uint8_t *packed);

  /// C = A * B, as floats, for panels of A (rows x depth) and one panel of B (columns <= panel_columns).
  void (*multiply_panel)(const uint8_t *a, const uint8_t *b, long depth, float *c, long ldc, long rows, long columns);
} SamIntegerKernels;

/// The integer kernels for this processor, up to what SAM_KERNELS in the environment names.
const SamIntegerKernels *sam_integer_kernels(void);

/// All integer kernels that this processor can run, the plain ones first; returns how many there are, and writes at most
/// `capacity` of them to `list`.
int sam_integer_kernels_available(const SamIntegerKernels **list, int capacity);

/// Bytes of a panel of A, and of B.
long sam_row_panel_bytes(const SamIntegerKernels *kernels, long depth);
long sam_column_panel_bytes(const SamIntegerKernels *kernels, long depth);
