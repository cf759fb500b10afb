#pragma once

// The image libraries behind one small interface. Every function is stateless and may run on several threads
// at once; a library's non-local error exits never leave this target.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Why something could not be decoded or encoded.
typedef enum {
  SAM_CODEC_CORRUPT,
  /// The bytes end before the picture does.
  SAM_CODEC_TRUNCATED,
  /// Well-formed, but of a kind that is not read or written.
  SAM_CODEC_UNSUPPORTED,
  SAM_CODEC_OUT_OF_MEMORY,
} sam_codec_failure_kind;

/// A failure in the library's words.
typedef struct {
  sam_codec_failure_kind kind;
  char message[200];
} sam_codec_failure;

/// An encoded picture in memory.
typedef struct {
  const uint8_t *bytes;
  size_t count;
} sam_encoded;

/// What a picture's header declares.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// EXIF's orientation, 1...8, where the codec itself knows it (TIFF); 1 elsewhere.
  uint8_t orientation;
  bool has_alpha;
  /// Compressed with loss, so that small differences between samples mean nothing.
  bool is_lossy;
} sam_image_header;

/// The samples wanted from a decoder, 8 bits each, rows from top to bottom without padding.
typedef enum {
  /// Red, green, blue; alpha is dropped.
  SAM_RGB,
  /// Red, green, blue, alpha (255 where the picture has none), not premultiplied.
  SAM_RGBA,
  /// SAM_RGBA where only 0 becomes 0: a 16-bit sample below 256 becomes 1.
  SAM_RGBA_NONZERO,
} sam_pixel_layout;

static inline size_t sam_channels(sam_pixel_layout layout) { return layout == SAM_RGB ? 3 : 4; }

// Decoders. `read_header` declares a size; after the caller has checked it, `decode` fills
// width * height * sam_channels(layout) bytes. They return false and fill `failure` otherwise.

bool sam_jpeg_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure);
/// SAM_RGB only.
bool sam_jpeg_decode(
    sam_encoded input, const sam_image_header *header, uint8_t *pixels, sam_codec_failure *failure);

bool sam_png_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure);
bool sam_png_decode(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure);

/// Labels as they are stored: the index of a palette's colour, or a grey sample of up to 16 bits; not scaled, transparency
/// dropped. Colours are not labels: they are SAM_CODEC_UNSUPPORTED. `has_palette` tells which of the two they are.
bool sam_png_decode_labels(
    sam_encoded input, const sam_image_header *header, uint16_t *labels, bool *has_palette,
    sam_codec_failure *failure);

bool sam_webp_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure);
bool sam_webp_decode(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure);

bool sam_tiff_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure);
bool sam_tiff_decode(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure);

/// A TIFF that stays open, so that its rows can be read a few at a time; one thread at a time.
typedef struct sam_tiff_rows sam_tiff_rows;

/// Opens a TIFF whose bytes stay where they are until it is closed. NULL, with SAM_CODEC_UNSUPPORTED, also for
/// pictures that can only be read as a whole: turned ones, and colours that libtiff converts.
sam_tiff_rows *sam_tiff_rows_open(sam_encoded input, sam_image_header *header, sam_codec_failure *failure);
/// Fills count * width * 3 bytes with the colours of rows from `first` on.
bool sam_tiff_rows_read(
    sam_tiff_rows *rows, uint32_t first, uint32_t count, uint8_t *pixels, sam_codec_failure *failure);
void sam_tiff_rows_close(sam_tiff_rows *rows);

/// Bytes an encoder made; released with sam_buffer_free, also after a failure.
typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} sam_buffer;

void sam_buffer_free(sam_buffer *buffer);

// Encoders. `channels` is 1 (grey), 3 or 4; JPEG takes 1 and 3, WebP 3 and 4. `quality` is 1...100.

bool sam_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality, sam_buffer *output,
    sam_codec_failure *failure);
bool sam_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, sam_buffer *output,
    sam_codec_failure *failure);
/// Grey samples of 16 bits.
bool sam_png_encode_gray16(
    const uint16_t *samples, uint32_t width, uint32_t height, sam_buffer *output, sam_codec_failure *failure);
bool sam_webp_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality, sam_buffer *output,
    sam_codec_failure *failure);
