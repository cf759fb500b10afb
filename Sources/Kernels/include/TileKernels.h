#pragma once

/// Products of matrices whose numbers are rounded to bfloat16, in the processor's tile registers (Intel AMX); sums are floats.
///
/// Panels of A and B are packed by `SamKernels` first, then rounded where they lie: each takes half its room, and stands where it
/// stood. A pair of neighbouring depths is one 32-bit number. Depths below `least_depth` do not fit, and stay as they are.
typedef struct SamTileKernels {
  /// Rows of a panel of A, and columns of a panel of B; those of `SamKernels`.
  long panel_rows, panel_columns;
  /// The least depth that can be rounded.
  long least_depth;

  /// Rounds panels of A, depth by depth and rows side by side, to rows of pairs of depths.
  void (*round_rows)(float *packed, long rows, long depth);

  /// Rounds panels of B to pairs of depths, columns side by side.
  void (*round_columns)(float *packed, long columns, long depth);

  /// To be called on a thread before it multiplies, and when it is done: tiles cost a thread that has them set up something whenever the
  /// system turns to another one.
  void (*begin)(void);
  void (*end)(void);

  /// C = A * B, or C += A * B when `accumulate`, for rounded panels of A and one rounded panel of B (columns <= panel_columns).
  void (*multiply_panel)(const float *a, const float *b, long depth, float *c, long ldc, int accumulate, long rows,
                         long columns);
} SamTileKernels;

/// The tile kernels; NULL where the processor has no tiles, or the system does not grant them to this process.
const SamTileKernels *sam_tile_kernels(void);
