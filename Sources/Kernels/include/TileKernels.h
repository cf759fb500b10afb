#pragma once

#include "Patches.h"

/// Products of matrices whose numbers are rounded to bfloat16, in the processor's tile registers (Intel AMX); sums are floats.
///
/// Packed panels of A and B hold tiles of 32 depths, a pair of neighbouring ones in a 32-bit number. They take half the room of those of
/// `SamKernels`, and begin where those would: a panel `panel_rows` or `panel_columns` times the depth floats after the one before.
/// Depths below `least_depth` do not fit.
typedef struct SamTileKernels {
  /// Rows of a panel of A, and columns of a panel of B; the latter those of `SamKernels`.
  long panel_rows, panel_columns;
  /// The least depth that can be packed.
  long least_depth;

  /// As those of `SamKernels` and `SamTrainingKernels`; nothing is scaled.
  void (*pack_rows)(const float *a, long lda, long rows, long depth, float *packed);
  void (*pack_rows_transposed)(const float *a, long lda, long rows, long depth, float *packed);
  void (*pack_patches)(const SamPatches *patches, long first, long count, long from, long depth, float *packed);
  void (*pack_transposed)(const float *b, long ldb, long columns, long depth, float *packed);
  void (*pack_columns)(const float *b, long ldb, long columns, long depth, float *packed);
  void (*pack_patch_columns)(const SamPatches *patches, long first, long count, long from, long columns, float *packed);

  /// Rounds panels of B that `SamKernels` has packed, where they lie.
  void (*round_columns)(float *packed, long columns, long depth);

  /// To be called on a thread before it multiplies, and when it is done: tiles cost a thread that has them set up something whenever the
  /// system turns to another one.
  void (*begin)(void);
  void (*end)(void);

  /// C = A * B, or C += A * B when `accumulate`, for packed panels of A and one packed panel of B (columns <= panel_columns).
  void (*multiply_panel)(const float *a, const float *b, long depth, float *c, long ldc, int accumulate, long rows,
                         long columns);
} SamTileKernels;

/// The tile kernels; NULL where the processor has no tiles, or the system does not grant them to this process.
const SamTileKernels *sam_tile_kernels(void);
