// jpeglib.h needs stdio.h before it.
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "Support.h"

// The bundled description of each scan is short; a picture with more scans than any encoder writes only
// costs time.
enum { maximum_scans = 256 };

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf exit;
  sam_codec_failure *failure;
} error_state;

static sam_codec_failure_kind kind_of(int code) {
  switch (code) {
    case JERR_OUT_OF_MEMORY:
      return SAM_CODEC_OUT_OF_MEMORY;
    case JERR_INPUT_EOF:
    case JWRN_HIT_MARKER:
      return SAM_CODEC_TRUNCATED;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
      return SAM_CODEC_UNSUPPORTED;
    default:
      return SAM_CODEC_CORRUPT;
  }
}

static void leave(j_common_ptr common) {
  error_state *state = (error_state *)common->err;
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  sam_fail(state->failure, kind_of(common->err->msg_code), "%s", text);
  longjmp(state->exit, 1);
}

// The library warns and invents pixels when data is missing or damaged; a wrong picture must not pass.
static void judge_warning(j_common_ptr common, int level) {
  if (level >= 0) return;
  switch (common->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_ARITH_BAD_CODE:
      leave(common);
    default:
      break;
  }
}

static void print_nothing(j_common_ptr common) { (void)common; }

static struct jpeg_error_mgr *use_errors(error_state *state, sam_codec_failure *failure) {
  state->failure = failure;
  jpeg_std_error(&state->manager);
  state->manager.error_exit = leave;
  state->manager.emit_message = judge_warning;
  state->manager.output_message = print_nothing;
  return &state->manager;
}

// A source over the whole file: asking for more than there is means that the file was cut off.

static void source_nothing(j_decompress_ptr jpeg) { (void)jpeg; }

static boolean source_is_empty(j_decompress_ptr jpeg) {
  jpeg->err->msg_code = JERR_INPUT_EOF;
  leave((j_common_ptr)jpeg);
  return FALSE;
}

static void source_skip(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  if ((size_t)count > jpeg->src->bytes_in_buffer) source_is_empty(jpeg);
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void limit_scans(j_common_ptr common) {
  j_decompress_ptr jpeg = (j_decompress_ptr)common;
  if (jpeg->input_scan_number > maximum_scans) {
    error_state *state = (error_state *)common->err;
    sam_fail(state->failure, SAM_CODEC_UNSUPPORTED, "more than %d scans", maximum_scans);
    longjmp(state->exit, 1);
  }
}

typedef struct {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  error_state errors;
  uint8_t *ink_row;
} decoder;

static void start(decoder *d, sam_encoded input) {
  jpeg_create_decompress(&d->jpeg);
  d->source = (struct jpeg_source_mgr){
      .next_input_byte = input.bytes,
      .bytes_in_buffer = input.count,
      .init_source = source_nothing,
      .fill_input_buffer = source_is_empty,
      .skip_input_data = source_skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = source_nothing,
  };
  d->jpeg.src = &d->source;
  d->progress.progress_monitor = limit_scans;
  d->jpeg.progress = &d->progress;
  jpeg_read_header(&d->jpeg, TRUE);
  // Every block of 8 x 8 pixels takes a bit at least. Where even those are missing, the library would still
  // prepare memory for all of them. (Arithmetic coding can do with less.)
  uint64_t pixels = (uint64_t)d->jpeg.image_width * d->jpeg.image_height;
  if (!d->jpeg.arith_code && pixels / (8 * 8 * 8) > input.count) {
    sam_fail(
        d->errors.failure, SAM_CODEC_TRUNCATED, "%zu bytes cannot hold %u x %u pixels", input.count,
        d->jpeg.image_width, d->jpeg.image_height);
    longjmp(d->errors.exit, 1);
  }
}

static bool finish(decoder *d, bool result) {
  jpeg_destroy_decompress(&d->jpeg);
  free(d->ink_row);
  free(d);
  return result;
}

static decoder *make_decoder(sam_codec_failure *failure) {
  decoder *d = calloc(1, sizeof *d);
  if (!d) {
    sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
    return NULL;
  }
  d->jpeg.err = use_errors(&d->errors, failure);
  return d;
}

bool sam_jpeg_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure) {
  decoder *d = make_decoder(failure);
  if (!d) return false;
  if (setjmp(d->errors.exit)) return finish(d, false);
  start(d, input);
  *header = (sam_image_header){
      .width = d->jpeg.image_width, .height = d->jpeg.image_height, .orientation = 1, .is_lossy = true};
  return finish(d, true);
}

// Adobe's programs, which nearly all four-colour files come from, store ink inverted.
static void convert_inks(const uint8_t *restrict inks, size_t count, uint8_t *restrict rgb) {
  for (size_t i = 0; i < count; i++, inks += 4, rgb += 3) {
    uint32_t black = 255u - inks[3];
    rgb[0] = sam_light(255u - inks[0], black);
    rgb[1] = sam_light(255u - inks[1], black);
    rgb[2] = sam_light(255u - inks[2], black);
  }
}

bool sam_jpeg_decode(
    sam_encoded input, const sam_image_header *header, uint8_t *pixels, sam_codec_failure *failure) {
  decoder *d = make_decoder(failure);
  if (!d) return false;
  if (setjmp(d->errors.exit)) return finish(d, false);
  start(d, input);
  if (d->jpeg.image_width != header->width || d->jpeg.image_height != header->height)
    return finish(d, sam_fail(failure, SAM_CODEC_CORRUPT, "the size changed"));

  size_t width = header->width;
  switch (d->jpeg.jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_RGB:
    case JCS_YCbCr:
      d->jpeg.out_color_space = JCS_RGB;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      d->jpeg.out_color_space = JCS_CMYK;
      d->ink_row = malloc(width * 4);
      if (!d->ink_row) return finish(d, sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory"));
      break;
    default:
      return finish(
          d, sam_fail(
                 failure, SAM_CODEC_UNSUPPORTED, "%d components of unknown meaning", d->jpeg.num_components));
  }
  jpeg_start_decompress(&d->jpeg);
  while (d->jpeg.output_scanline < d->jpeg.output_height) {
    uint8_t *row = pixels + (size_t)d->jpeg.output_scanline * width * 3;
    JSAMPROW target = d->ink_row ? d->ink_row : row;
    jpeg_read_scanlines(&d->jpeg, &target, 1);
    if (d->ink_row) convert_inks(d->ink_row, width, row);
  }
  // Reads up to the end marker, and so notices when it is missing.
  jpeg_finish_decompress(&d->jpeg);
  return finish(d, true);
}

typedef struct {
  struct jpeg_compress_struct jpeg;
  struct jpeg_destination_mgr destination;
  error_state errors;
  sam_buffer *output;
  uint8_t chunk[16384];
} encoder;

static void leave_without_memory(encoder *e) {
  sam_fail(e->errors.failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
  longjmp(e->errors.exit, 1);
}

static void destination_start(j_compress_ptr jpeg) {
  encoder *e = (encoder *)jpeg;
  e->destination.next_output_byte = e->chunk;
  e->destination.free_in_buffer = sizeof e->chunk;
}

static boolean destination_flush(j_compress_ptr jpeg) {
  encoder *e = (encoder *)jpeg;
  if (!sam_buffer_append(e->output, e->chunk, sizeof e->chunk)) leave_without_memory(e);
  destination_start(jpeg);
  return TRUE;
}

static void destination_end(j_compress_ptr jpeg) {
  encoder *e = (encoder *)jpeg;
  if (!sam_buffer_append(e->output, e->chunk, sizeof e->chunk - e->destination.free_in_buffer))
    leave_without_memory(e);
}

bool sam_jpeg_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality, sam_buffer *output,
    sam_codec_failure *failure) {
  encoder *e = calloc(1, sizeof *e);
  if (!e) return sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
  e->output = output;
  e->jpeg.err = use_errors(&e->errors, failure);
  if (setjmp(e->errors.exit)) {
    jpeg_destroy_compress(&e->jpeg);
    free(e);
    return false;
  }
  jpeg_create_compress(&e->jpeg);
  e->destination.init_destination = destination_start;
  e->destination.empty_output_buffer = destination_flush;
  e->destination.term_destination = destination_end;
  e->jpeg.dest = &e->destination;
  e->jpeg.image_width = width;
  e->jpeg.image_height = height;
  e->jpeg.input_components = channels;
  e->jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&e->jpeg);
  jpeg_set_quality(&e->jpeg, quality, TRUE);
  // Contours and captions are thin coloured lines: halved colour would smear them where quality is asked for.
  if (channels == 3 && quality >= 90) {
    e->jpeg.comp_info[0].h_samp_factor = 1;
    e->jpeg.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&e->jpeg, TRUE);
  while (e->jpeg.next_scanline < e->jpeg.image_height) {
    // The library reads the row and never writes to it.
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)e->jpeg.next_scanline * width * (size_t)channels);
    jpeg_write_scanlines(&e->jpeg, &row, 1);
  }
  jpeg_finish_compress(&e->jpeg);
  jpeg_destroy_compress(&e->jpeg);
  free(e);
  return true;
}
