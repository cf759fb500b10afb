#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include "Support.h"

// From libtiff 4.5.0 on, messages and memory limits belong to one open file. Before, they are the process's.
#define HAS_OPEN_OPTIONS (TIFFLIB_VERSION >= 20221213)

typedef struct {
  sam_encoded input;
  uint64_t position;
  sam_codec_failure *failure;
  bool has_message;
} source;

static tmsize_t source_read(thandle_t handle, void *target, tmsize_t count) {
  source *s = (source *)handle;
  if (count < 0 || s->position >= s->input.count) return 0;
  size_t remaining = s->input.count - (size_t)s->position;
  size_t taken = (size_t)count < remaining ? (size_t)count : remaining;
  memcpy(target, s->input.bytes + s->position, taken);
  s->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t source_write(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static toff_t source_seek(thandle_t handle, toff_t offset, int whence) {
  source *s = (source *)handle;
  switch (whence) {
    case SEEK_SET:
      s->position = offset;
      break;
    case SEEK_CUR:
      s->position += offset;
      break;
    default:
      s->position = s->input.count + offset;
      break;
  }
  return s->position;
}

static int source_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t source_size(thandle_t handle) { return ((source *)handle)->input.count; }

#if HAS_OPEN_OPTIONS
static int keep_first_message(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  source *s = user;
  if (!s->has_message) {
    s->has_message = true;
    vsnprintf(s->failure->message, sizeof s->failure->message, format, arguments);
  }
  return 1;
}

static int ignore_message(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}
#endif

static TIFF *open_tiff(source *s) {
#if HAS_OPEN_OPTIONS
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  // Tables and strips in a file are at most a small multiple of the file; 64 MiB lets small files be odd.
  size_t limit = s->input.count < (SIZE_MAX >> 8) ? s->input.count * 16 : SIZE_MAX >> 4;
  if (limit < (64u << 20)) limit = 64u << 20;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)limit);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_first_message, s);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_message, s);
  TIFF *tiff = TIFFClientOpenExt(
      "", "rm", s, source_read, source_write, source_seek, source_close, source_size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
#else
  TIFFSetErrorHandler(NULL);
  TIFFSetWarningHandler(NULL);
  return TIFFClientOpen(
      "", "rm", s, source_read, source_write, source_seek, source_close, source_size, NULL, NULL);
#endif
}

// Damage in a TIFF is told by position, not by a code: whatever points past the end was cut off.
static bool fail_reading(source *s) {
  sam_codec_failure *failure = s->failure;
  if (!s->has_message) snprintf(failure->message, sizeof failure->message, "unreadable");
  static const char *const cut_off[] = {
      "Read error", "Not enough data", "not enough", "Cannot read", "Can not read", "past end", "Premature EOF",
      "EOF reached", "beyond end", "Seek error", "Insufficient data",
  };
  failure->kind = SAM_CODEC_CORRUPT;
  for (size_t i = 0; i < sizeof cut_off / sizeof *cut_off; i++)
    if (strstr(failure->message, cut_off[i])) failure->kind = SAM_CODEC_TRUNCATED;
  return false;
}

typedef enum { MEANING_GREY, MEANING_INVERTED_GREY, MEANING_PALETTE, MEANING_RGB, MEANING_INKS, MEANING_OTHER } meaning;

/// How the samples of a picture are stored and what they mean.
typedef struct {
  uint32_t width, height;
  uint16_t bits, samples;
  bool planar;
  meaning meaning;
  int alpha;           // index of the alpha sample, or -1
  bool premultiplied;  // colour is already multiplied by alpha
  uint16_t orientation;
  bool lossy;
  const uint16_t *palette[3];
  uint8_t palette_shift;
} description;

// Colours of a map have 16 bits, but some writers store 8-bit ones.
static uint8_t palette_shift(const description *d) {
  for (int c = 0; c < 3; c++)
    for (size_t i = 0; i < (size_t)1 << d->bits; i++)
      if (d->palette[c][i] > 255) return 8;
  return 0;
}

static bool describe(TIFF *tiff, description *d, sam_codec_failure *failure) {
  *d = (description){.alpha = -1};
  uint16_t photometric = 0, format = SAMPLEFORMAT_UINT, layout = PLANARCONFIG_CONTIG, compression = COMPRESSION_NONE;
  if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &d->width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &d->height))
    return sam_fail(failure, SAM_CODEC_CORRUPT, "no image size");
  uint32_t subfile = 0;
  uint16_t sub_count = 0;
  const void *sub_offsets = NULL, *raw_version = NULL;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SUBFILETYPE, &subfile);
  bool has_sub = TIFFGetField(tiff, TIFFTAG_SUBIFD, &sub_count, &sub_offsets) && sub_count > 0;
#ifdef TIFFTAG_DNGVERSION
  bool is_raw = TIFFGetField(tiff, TIFFTAG_DNGVERSION, &raw_version) == 1;
#else
  bool is_raw = false;
#endif
  (void)raw_version;
  // Cameras' raw files are TIFF whose first picture is a thumbnail, or readable by nobody.
  if (is_raw || ((subfile & FILETYPE_REDUCEDIMAGE) && has_sub))
    return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "a camera's raw file; develop it to TIFF, PNG or JPEG first");

  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &d->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &d->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &d->orientation);
  if (d->orientation < 1 || d->orientation > 8) d->orientation = 1;
  if (d->samples < 1) return sam_fail(failure, SAM_CODEC_CORRUPT, "no samples");
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric))
    photometric = d->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  d->planar = layout == PLANARCONFIG_SEPARATE && d->samples > 1;
  d->lossy = compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG;
  if (!TIFFIsCODECConfigured(compression))
    return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "compression scheme %d", compression);

  if (format == SAMPLEFORMAT_IEEEFP)
    return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "%d-bit floating-point samples", d->bits);
  if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
    return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "signed or complex samples");
  if (d->bits != 1 && d->bits != 2 && d->bits != 4 && d->bits != 8 && d->bits != 16)
    return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "%d-bit samples", d->bits);

  uint16_t colours = 1;
  switch (photometric) {
    case PHOTOMETRIC_MINISBLACK:
      d->meaning = MEANING_GREY;
      break;
    case PHOTOMETRIC_MINISWHITE:
      d->meaning = MEANING_INVERTED_GREY;
      break;
    case PHOTOMETRIC_PALETTE:
      d->meaning = MEANING_PALETTE;
      if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &d->palette[0], &d->palette[1], &d->palette[2]))
        return sam_fail(failure, SAM_CODEC_CORRUPT, "no colour map");
      d->palette_shift = palette_shift(d);
      break;
    case PHOTOMETRIC_RGB:
      d->meaning = MEANING_RGB;
      colours = 3;
      break;
    case PHOTOMETRIC_YCBCR:
      colours = 3;
      // Inside JPEG compression the codec turns luminance and chrominance into colours itself.
      if (compression == COMPRESSION_JPEG && !d->planar && TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB)) {
        d->meaning = MEANING_RGB;
      } else {
        d->meaning = MEANING_OTHER;
      }
      break;
    case PHOTOMETRIC_SEPARATED:
      colours = 4;
      d->meaning = MEANING_INKS;
      if (d->planar || d->bits < 8)
        return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "CMYK in planes or with fewer than 8 bits");
      break;
    default:
      colours = 3;
      d->meaning = MEANING_OTHER;
      break;
  }
  if (d->samples < colours)
    return sam_fail(failure, SAM_CODEC_CORRUPT, "%d samples where %d are needed", d->samples, colours);
  uint16_t extra_count = 0;
  const uint16_t *extra = NULL;
  if (d->samples > colours && TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra) && extra_count > 0
      && extra && extra[0] != EXTRASAMPLE_UNSPECIFIED && d->meaning != MEANING_OTHER) {
    d->alpha = colours;
    d->premultiplied = extra[0] == EXTRASAMPLE_ASSOCALPHA;
  }
  return true;
}

bool sam_tiff_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure) {
  source s = {.input = input, .failure = failure};
  TIFF *tiff = open_tiff(&s);
  if (!tiff) return fail_reading(&s);
  description d;
  bool done = describe(tiff, &d, failure);
  if (done)
    *header = (sam_image_header){
        .width = d.width,
        .height = d.height,
        .orientation = (uint8_t)d.orientation,
        .has_alpha = d.alpha >= 0,
        .is_lossy = d.lossy,
    };
  TIFFClose(tiff);
  return done;
}

static inline uint32_t sample_at(const uint8_t *row, size_t index, uint16_t bits) {
  switch (bits) {
    case 8:
      return row[index];
    case 16:
      return ((const uint16_t *)row)[index];
    default: {
      size_t bit = index * bits;
      return (row[bit >> 3] >> (8 - bits - (bit & 7))) & ((1u << bits) - 1);
    }
  }
}

static inline uint8_t narrow(uint32_t value, bool keep_nonzero) {
  uint32_t high = value >> 8;
  return (uint8_t)(high == 0 && keep_nonzero && value > 0 ? 1 : high);
}

static inline uint8_t to_8_bits(uint32_t value, uint16_t bits, bool keep_nonzero) {
  switch (bits) {
    case 8:
      return (uint8_t)value;
    case 16:
      return narrow(value, keep_nonzero);
    default:
      return (uint8_t)(value * 255 / ((1u << bits) - 1));
  }
}

static inline uint8_t palette_colour(const description *d, int channel, uint32_t index, bool keep_nonzero) {
  uint32_t value = d->palette[channel][index];
  return d->palette_shift ? narrow(value, keep_nonzero) : (uint8_t)value;
}

static inline uint8_t undo_premultiplication(uint32_t colour, uint32_t alpha) {
  if (alpha == 0) return 0;
  uint32_t value = (colour * 255 + alpha / 2) / alpha;
  return (uint8_t)(value > 255 ? 255 : value);
}

// Pixels whose samples lie side by side.
static void convert_chunky(
    const description *d, sam_pixel_layout layout, const uint8_t *row, size_t count, uint8_t *target) {
  bool keep = layout == SAM_RGBA_NONZERO;
  size_t channels = sam_channels(layout);
  if (d->meaning == MEANING_RGB && d->bits == 8 && d->samples == 3 && layout == SAM_RGB) {
    memcpy(target, row, count * 3);
    return;
  }
  for (size_t i = 0; i < count; i++, target += channels) {
    size_t first = i * d->samples;
    uint8_t rgb[3];
    switch (d->meaning) {
      case MEANING_PALETTE: {
        uint32_t index = sample_at(row, first, d->bits);
        for (int c = 0; c < 3; c++) rgb[c] = palette_colour(d, c, index, keep);
        break;
      }
      case MEANING_RGB:
        for (size_t c = 0; c < 3; c++) rgb[c] = to_8_bits(sample_at(row, first + c, d->bits), d->bits, keep);
        break;
      case MEANING_INKS: {
        uint32_t black = to_8_bits(sample_at(row, first + 3, d->bits), d->bits, false);
        for (size_t c = 0; c < 3; c++)
          rgb[c] = sam_light(to_8_bits(sample_at(row, first + c, d->bits), d->bits, false), black);
        break;
      }
      default: {
        uint32_t value = sample_at(row, first, d->bits);
        if (d->meaning == MEANING_INVERTED_GREY) value = ((1u << d->bits) - 1) - value;
        rgb[0] = rgb[1] = rgb[2] = to_8_bits(value, d->bits, keep);
        break;
      }
    }
    uint8_t alpha = 255;
    if (d->alpha >= 0) {
      alpha = to_8_bits(sample_at(row, first + (size_t)d->alpha, d->bits), d->bits, keep);
      if (d->premultiplied && alpha < 255)
        for (int c = 0; c < 3; c++) rgb[c] = undo_premultiplication(rgb[c], alpha);
    }
    memcpy(target, rgb, 3);
    if (channels == 4) target[3] = alpha;
  }
}

// One plane's samples, into their channel of the pixels.
static void convert_plane(
    const description *d, sam_pixel_layout layout, uint16_t plane, const uint8_t *row, size_t count,
    uint8_t *target) {
  bool keep = layout == SAM_RGBA_NONZERO;
  size_t channels = sam_channels(layout);
  for (size_t i = 0; i < count; i++, target += channels) {
    uint32_t value = sample_at(row, i, d->bits);
    if (plane == d->alpha) {
      uint8_t alpha = to_8_bits(value, d->bits, keep);
      if (channels == 4) target[3] = alpha;
      if (d->premultiplied && alpha < 255)
        for (int c = 0; c < 3; c++) target[c] = undo_premultiplication(target[c], alpha);
      continue;
    }
    if (d->alpha < 0 && channels == 4) target[3] = 255;
    if (d->meaning == MEANING_RGB) {
      target[plane] = to_8_bits(value, d->bits, keep);
    } else if (d->meaning == MEANING_PALETTE) {
      for (int c = 0; c < 3; c++) target[c] = palette_colour(d, c, value, keep);
    } else {
      if (d->meaning == MEANING_INVERTED_GREY) value = ((1u << d->bits) - 1) - value;
      target[0] = target[1] = target[2] = to_8_bits(value, d->bits, keep);
    }
  }
}

static void convert(
    const description *d, sam_pixel_layout layout, uint16_t plane, const uint8_t *row, size_t count,
    uint8_t *target) {
  if (d->planar) {
    convert_plane(d, layout, plane, row, count, target);
  } else {
    convert_chunky(d, layout, row, count, target);
  }
}

/// Whether a plane holds anything that is wanted.
static bool needs_plane(const description *d, uint16_t plane) {
  uint16_t colours = d->meaning == MEANING_RGB ? 3 : 1;
  return plane < colours || plane == d->alpha;
}

/// Rows of a picture: `count` of them from `first` on.
typedef struct {
  uint32_t first, count;
} band;

/// Where reading has to begin so that it gets to a row: compressed rows of a strip can only be read in order.
static uint32_t row_to_begin_at(TIFF *tiff, uint32_t row, uint32_t rows_per_strip, uint16_t plane) {
  uint32_t current = TIFFCurrentRow(tiff);
  bool is_under_way = TIFFCurrentStrip(tiff) == TIFFComputeStrip(tiff, row, plane) && current <= row;
  uint32_t top = row / rows_per_strip * rows_per_strip;
  return is_under_way && current >= top ? current : top;
}

static bool decode_rows(
    TIFF *tiff, source *s, const description *d, sam_pixel_layout layout, band wanted, uint8_t *pixels) {
  size_t needed = ((size_t)d->width * d->bits * (d->planar ? 1 : d->samples) + 7) / 8;
  tmsize_t size = TIFFScanlineSize(tiff);
  if (size <= 0 || (size_t)size < needed) return fail_reading(s);
  uint32_t rows_per_strip = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
  if (rows_per_strip == 0) return fail_reading(s);
  uint8_t *row = malloc((size_t)size);
  if (!row) return sam_fail(s->failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
  size_t stride = (size_t)d->width * sam_channels(layout);
  uint16_t planes = d->planar ? d->samples : 1;
  bool done = true;
  for (uint16_t plane = 0; plane < planes && done; plane++) {
    if (d->planar && !needs_plane(d, plane)) continue;
    uint32_t end = wanted.first + wanted.count;
    for (uint32_t y = row_to_begin_at(tiff, wanted.first, rows_per_strip, plane); y < end; y++) {
      if (TIFFReadScanline(tiff, row, y, plane) != 1) {
        done = fail_reading(s);
        break;
      }
      if (y >= wanted.first) convert(d, layout, plane, row, d->width, pixels + (y - wanted.first) * stride);
    }
  }
  free(row);
  return done;
}

static bool decode_tiles(
    TIFF *tiff, source *s, const description *d, sam_pixel_layout layout, band wanted, uint8_t *pixels) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
  tmsize_t size = TIFFTileSize(tiff);
  tmsize_t row_size = TIFFTileRowSize(tiff);
  if (width == 0 || height == 0 || size <= 0 || row_size <= 0) return fail_reading(s);
  size_t needed = ((size_t)width * d->bits * (d->planar ? 1 : d->samples) + 7) / 8;
  if ((size_t)row_size < needed || (size_t)size / height < (size_t)row_size) return fail_reading(s);
  // A tile may reach over the picture's edge, but not by much more than the picture itself.
  uint64_t area = (uint64_t)d->width * d->height;
  if ((uint64_t)width * height > 4 * area + (4u << 20))
    return sam_fail(s->failure, SAM_CODEC_UNSUPPORTED, "tiles of %u x %u", width, height);
  uint8_t *tile = malloc((size_t)size);
  if (!tile) return sam_fail(s->failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
  size_t channels = sam_channels(layout), stride = (size_t)d->width * channels;
  uint16_t planes = d->planar ? d->samples : 1;
  bool done = true;
  for (uint16_t plane = 0; plane < planes && done; plane++) {
    if (d->planar && !needs_plane(d, plane)) continue;
    uint64_t end = (uint64_t)wanted.first + wanted.count;
    for (uint64_t top = wanted.first / height * height; top < end && done; top += height) {
      for (uint64_t left = 0; left < d->width; left += width) {
        if (TIFFReadTile(tiff, tile, (uint32_t)left, (uint32_t)top, 0, plane) <= 0) {
          done = fail_reading(s);
          break;
        }
        size_t columns = d->width - left < width ? d->width - (size_t)left : width;
        size_t begin = top < wanted.first ? wanted.first - (size_t)top : 0;
        size_t rows = end - top < height ? (size_t)(end - top) : height;
        for (size_t y = begin; y < rows; y++)
          convert(
              d, layout, plane, tile + y * (size_t)row_size, columns,
              pixels + (top + y - wanted.first) * stride + left * channels);
      }
    }
  }
  free(tile);
  return done;
}

// Colour spaces that the library itself knows how to turn into RGB: subsampled YCbCr, CIE Lab, LogLuv.
static bool decode_by_library(
    TIFF *tiff, source *s, const description *d, sam_pixel_layout layout, uint8_t *pixels) {
  char message[1024] = "";
  if (!TIFFRGBAImageOK(tiff, message))
    return sam_fail(s->failure, SAM_CODEC_UNSUPPORTED, "%s", message[0] ? message : "unknown colour space");
  size_t count = (size_t)d->width * d->height;
  uint32_t *raster = malloc(count * sizeof *raster);
  if (!raster) return sam_fail(s->failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
  // Asking for the picture's own orientation leaves the rows as they are stored.
  bool done = TIFFReadRGBAImageOriented(tiff, d->width, d->height, raster, d->orientation, 1) == 1;
  if (done) {
    size_t channels = sam_channels(layout);
    for (size_t i = 0; i < count; i++, pixels += channels) {
      pixels[0] = TIFFGetR(raster[i]);
      pixels[1] = TIFFGetG(raster[i]);
      pixels[2] = TIFFGetB(raster[i]);
      if (channels == 4) pixels[3] = 255;
    }
  } else {
    fail_reading(s);
  }
  free(raster);
  return done;
}

static bool decode_band(
    TIFF *tiff, source *s, const description *d, sam_pixel_layout layout, band wanted, uint8_t *pixels) {
  return TIFFIsTiled(tiff) ? decode_tiles(tiff, s, d, layout, wanted, pixels)
                           : decode_rows(tiff, s, d, layout, wanted, pixels);
}

bool sam_tiff_decode(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure) {
  source s = {.input = input, .failure = failure};
  TIFF *tiff = open_tiff(&s);
  if (!tiff) return fail_reading(&s);
  description d;
  bool done = describe(tiff, &d, failure);
  if (done && (d.width != header->width || d.height != header->height))
    done = sam_fail(failure, SAM_CODEC_CORRUPT, "the size changed");
  if (done) {
    if (d.meaning == MEANING_OTHER) {
      done = decode_by_library(tiff, &s, &d, layout, pixels);
    } else {
      done = decode_band(tiff, &s, &d, layout, (band){0, d.height}, pixels);
    }
  }
  TIFFClose(tiff);
  return done;
}

struct sam_tiff_rows {
  source source;
  TIFF *tiff;
  description description;
  // What the library says while nobody asks, as on closing.
  sam_codec_failure unasked;
};

sam_tiff_rows *sam_tiff_rows_open(sam_encoded input, sam_image_header *header, sam_codec_failure *failure) {
  sam_tiff_rows *rows = calloc(1, sizeof *rows);
  if (!rows) {
    sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
    return NULL;
  }
  rows->source = (source){.input = input, .failure = failure};
  rows->tiff = open_tiff(&rows->source);
  description *d = &rows->description;
  bool done = rows->tiff ? describe(rows->tiff, d, failure) : fail_reading(&rows->source);
  if (done && (d->meaning == MEANING_OTHER || d->orientation != ORIENTATION_TOPLEFT))
    done = sam_fail(failure, SAM_CODEC_UNSUPPORTED, "rows that do not stand by themselves");
  if (!done) {
    sam_tiff_rows_close(rows);
    return NULL;
  }
  *header = (sam_image_header){
      .width = d->width,
      .height = d->height,
      .orientation = (uint8_t)d->orientation,
      .has_alpha = d->alpha >= 0,
      .is_lossy = d->lossy,
  };
  rows->source.failure = &rows->unasked;
  return rows;
}

bool sam_tiff_rows_read(
    sam_tiff_rows *rows, uint32_t first, uint32_t count, uint8_t *pixels, sam_codec_failure *failure) {
  const description *d = &rows->description;
  if (first > d->height || count > d->height - first)
    return sam_fail(failure, SAM_CODEC_CORRUPT, "rows outside the picture");
  rows->source.failure = failure;
  rows->source.has_message = false;
  bool done = decode_band(rows->tiff, &rows->source, d, SAM_RGB, (band){first, count}, pixels);
  rows->source.failure = &rows->unasked;
  return done;
}

void sam_tiff_rows_close(sam_tiff_rows *rows) {
  if (!rows) return;
  if (rows->tiff) TIFFClose(rows->tiff);
  free(rows);
}
