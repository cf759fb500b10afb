#pragma once

/// The patches of channels-last images that a convolution multiplies; see `SamKernels.pack_patches`.
typedef struct SamPatches {
  /// The first of a batch; each is height x width x channels.
  const float *image;
  long height, width, channels;
  long kernel_width;
  long stride, padding;
  /// Rows of an image's result, and patches in each.
  long rows, columns;
} SamPatches;
