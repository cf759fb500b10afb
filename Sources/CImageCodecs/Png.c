#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "Support.h"

typedef struct {
  jmp_buf exit;
  sam_codec_failure *failure;
  const uint8_t *next;
  size_t remaining;
  sam_buffer *output;
} state;

static void leave(png_structp png, png_const_charp message) {
  state *s = png_get_error_ptr(png);
  // These are the library's words for image data that stops early.
  bool truncated = strstr(message, "Not enough image data") || strstr(message, "Read Error");
  sam_fail(s->failure, truncated ? SAM_CODEC_TRUNCATED : SAM_CODEC_CORRUPT, "%s", message);
  longjmp(s->exit, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  state *s = png_get_io_ptr(png);
  if (count > s->remaining) png_error(png, "Read Error");
  memcpy(target, s->next, count);
  s->next += count;
  s->remaining -= count;
}

static void start(png_structp png, png_infop info, state *s, sam_encoded input) {
  s->next = input.bytes;
  s->remaining = input.count;
  png_set_read_fn(png, s, read_bytes);
  // Sizes are checked by the caller, who knows the limits.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // Texts, colour profiles and the like are skipped unread: only pixels, palette and transparency matter.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);
}

static bool finish(png_structp png, png_infop info, bool result) {
  png_destroy_read_struct(&png, &info, NULL);
  return result;
}

bool sam_png_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure) {
  state s = {.failure = failure};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, leave, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) return finish(png, NULL, sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory"));
  if (setjmp(s.exit)) return finish(png, info, false);
  start(png, info, &s, input);
  *header = (sam_image_header){
      .width = png_get_image_width(png, info),
      .height = png_get_image_height(png, info),
      .orientation = 1,
      .has_alpha = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA)
          || png_get_valid(png, info, PNG_INFO_tRNS),
  };
  return finish(png, info, true);
}

// 16 bits to 8 in place, where a small sample must not vanish.
static void narrow_nonzero(png_structp png, png_row_infop row, png_bytep data) {
  (void)png;
  size_t samples = (size_t)row->width * row->channels;
  for (size_t i = 0; i < samples; i++) {
    uint8_t high = data[2 * i], low = data[2 * i + 1];
    data[i] = high > 0 ? high : low > 0;
  }
  row->bit_depth = 8;
  row->pixel_depth = (uint8_t)(row->channels * 8);
  row->rowbytes = samples;
}

bool sam_png_decode(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure) {
  state s = {.failure = failure};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, leave, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) return finish(png, NULL, sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory"));
  if (setjmp(s.exit)) return finish(png, info, false);
  start(png, info, &s, input);
  if (png_get_image_width(png, info) != header->width || png_get_image_height(png, info) != header->height)
    return finish(png, info, sam_fail(failure, SAM_CODEC_CORRUPT, "the size changed"));

  png_set_expand(png);
  png_set_gray_to_rgb(png);
  if (layout == SAM_RGB) {
    png_set_strip_alpha(png);
  } else {
    png_set_add_alpha(png, 0xFFFF, PNG_FILLER_AFTER);
  }
  if (png_get_bit_depth(png, info) == 16) {
    if (layout == SAM_RGBA_NONZERO) {
      png_set_read_user_transform_fn(png, narrow_nonzero);
      png_set_user_transform_info(png, NULL, 8, 4);
    } else {
      png_set_strip_16(png);
    }
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t stride = header->width * sam_channels(layout);
  if (png_get_rowbytes(png, info) != stride)
    return finish(png, info, sam_fail(failure, SAM_CODEC_UNSUPPORTED, "unexpected samples"));
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < header->height; row++) png_read_row(png, pixels + row * stride, NULL);
  // Reads up to the end chunk, and so notices when it is missing.
  png_read_end(png, NULL);
  return finish(png, info, true);
}

bool sam_png_decode_labels(
    sam_encoded input, const sam_image_header *header, uint16_t *labels, bool *has_palette,
    sam_codec_failure *failure) {
  state s = {.failure = failure};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, leave, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) return finish(png, NULL, sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory"));
  if (setjmp(s.exit)) return finish(png, info, false);
  start(png, info, &s, input);
  if (png_get_image_width(png, info) != header->width || png_get_image_height(png, info) != header->height)
    return finish(png, info, sam_fail(failure, SAM_CODEC_CORRUPT, "the size changed"));
  int type = png_get_color_type(png, info);
  if ((type & PNG_COLOR_MASK_COLOR) && type != PNG_COLOR_TYPE_PALETTE)
    return finish(png, info, sam_fail(failure, SAM_CODEC_UNSUPPORTED, "colours"));
  *has_palette = type == PNG_COLOR_TYPE_PALETTE;
  png_set_packing(png);
  if (type == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_strip_alpha(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t bytes = png_get_bit_depth(png, info) == 16 ? 2 : 1;
  if (png_get_rowbytes(png, info) != header->width * bytes)
    return finish(png, info, sam_fail(failure, SAM_CODEC_UNSUPPORTED, "unexpected samples"));
  // Rows of bytes are read into the front of the labels' rows and spread from their ends.
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < header->height; row++)
      png_read_row(png, (png_bytep)(labels + row * header->width), NULL);
  for (size_t row = 0; row < header->height; row++) {
    uint16_t *target = labels + row * header->width;
    const uint8_t *source = (const uint8_t *)target;
    for (size_t x = header->width; x-- > 0;)
      target[x] = bytes == 2 ? (uint16_t)(source[2 * x] << 8 | source[2 * x + 1]) : source[x];
  }
  png_read_end(png, NULL);
  return finish(png, info, true);
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  state *s = png_get_io_ptr(png);
  if (!sam_buffer_append(s->output, bytes, count)) png_error(png, "out of memory");
}

static void flush_nothing(png_structp png) { (void)png; }

static bool encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int depth, sam_buffer *output,
    sam_codec_failure *failure) {
  state s = {.failure = failure, .output = output};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, leave, ignore_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    return sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
  }
  if (setjmp(s.exit)) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &s, write_bytes, flush_nothing);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  int type = channels == 1 ? PNG_COLOR_TYPE_GRAY : channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA;
  png_set_IHDR(
      png, info, width, height, depth, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  // Grey pictures here are masks: flat areas, which filters only disturb. Photos gain little from more effort.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, channels == 1 ? PNG_FILTER_NONE : PNG_FILTER_SUB | PNG_FILTER_UP | PNG_FILTER_PAETH);
  png_set_compression_level(png, channels == 1 ? 6 : 3);
  png_write_info(png, info);
  const uint16_t one = 1;
  if (depth == 16 && *(const uint8_t *)&one) png_set_swap(png);
  size_t stride = (size_t)width * (size_t)channels * (size_t)(depth / 8);
  for (size_t row = 0; row < height; row++) png_write_row(png, pixels + row * stride);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  return true;
}

bool sam_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, sam_buffer *output,
    sam_codec_failure *failure) {
  return encode(pixels, width, height, channels, 8, output, failure);
}

bool sam_png_encode_gray16(
    const uint16_t *samples, uint32_t width, uint32_t height, sam_buffer *output, sam_codec_failure *failure) {
  return encode((const uint8_t *)samples, width, height, 1, 16, output, failure);
}
