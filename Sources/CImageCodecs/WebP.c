#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>

#include "Support.h"

static bool fail_with(VP8StatusCode status, sam_codec_failure *failure) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return sam_fail(failure, SAM_CODEC_OUT_OF_MEMORY, "out of memory");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return sam_fail(failure, SAM_CODEC_TRUNCATED, "not enough data");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "unsupported feature");
    default:
      return sam_fail(failure, SAM_CODEC_CORRUPT, "damaged bit stream");
  }
}

bool sam_webp_read_header(sam_encoded input, sam_image_header *header, sam_codec_failure *failure) {
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures(input.bytes, input.count, &features);
  if (status != VP8_STATUS_OK) return fail_with(status, failure);
  *header = (sam_image_header){
      .width = (uint32_t)features.width,
      .height = (uint32_t)features.height,
      .orientation = 1,
      .has_alpha = features.has_alpha,
      .is_lossy = features.format != 2,
  };
  return true;
}

static bool decode_into(
    sam_encoded input, int width, int height, sam_pixel_layout layout, uint8_t *pixels, size_t stride,
    sam_codec_failure *failure) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return fail_with(VP8_STATUS_INVALID_PARAM, failure);
  VP8StatusCode status = WebPGetFeatures(input.bytes, input.count, &config.input);
  if (status != VP8_STATUS_OK) return fail_with(status, failure);
  if (config.input.width != width || config.input.height != height)
    return sam_fail(failure, SAM_CODEC_CORRUPT, "the size changed");
  config.output.colorspace = layout == SAM_RGB ? MODE_RGB : MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels;
  config.output.u.RGBA.stride = (int)stride;
  config.output.u.RGBA.size = stride * (size_t)(height - 1) + (size_t)width * sam_channels(layout);
  status = WebPDecode(input.bytes, input.count, &config);
  WebPFreeDecBuffer(&config.output);
  return status == VP8_STATUS_OK ? true : fail_with(status, failure);
}

// An animation's first frame may cover only a part of its canvas; the rest is transparent black.
static bool decode_first_frame(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure) {
  WebPData data = {.bytes = input.bytes, .size = input.count};
  WebPDemuxer *demuxer = WebPDemux(&data);
  if (!demuxer) return sam_fail(failure, SAM_CODEC_CORRUPT, "damaged animation");
  size_t channels = sam_channels(layout), stride = header->width * channels;
  memset(pixels, 0, stride * header->height);
  WebPIterator frame = {0};
  bool done;
  if (!WebPDemuxGetFrame(demuxer, 1, &frame)) {
    done = sam_fail(failure, SAM_CODEC_CORRUPT, "an animation without frames");
  } else if (
      frame.x_offset < 0 || frame.y_offset < 0 || frame.width <= 0 || frame.height <= 0
      || (uint64_t)frame.x_offset + (uint64_t)frame.width > header->width
      || (uint64_t)frame.y_offset + (uint64_t)frame.height > header->height) {
    done = sam_fail(failure, SAM_CODEC_CORRUPT, "a frame outside the canvas");
  } else {
    sam_encoded fragment = {.bytes = frame.fragment.bytes, .count = frame.fragment.size};
    uint8_t *corner = pixels + (size_t)frame.y_offset * stride + (size_t)frame.x_offset * channels;
    done = decode_into(fragment, frame.width, frame.height, layout, corner, stride, failure);
  }
  WebPDemuxReleaseIterator(&frame);
  WebPDemuxDelete(demuxer);
  return done;
}

bool sam_webp_decode(
    sam_encoded input, const sam_image_header *header, sam_pixel_layout layout, uint8_t *pixels,
    sam_codec_failure *failure) {
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures(input.bytes, input.count, &features);
  if (status != VP8_STATUS_OK) return fail_with(status, failure);
  if ((uint32_t)features.width != header->width || (uint32_t)features.height != header->height)
    return sam_fail(failure, SAM_CODEC_CORRUPT, "the size changed");
  if (features.has_animation) return decode_first_frame(input, header, layout, pixels, failure);
  size_t stride = header->width * sam_channels(layout);
  return decode_into(input, (int)header->width, (int)header->height, layout, pixels, stride, failure);
}

static int append(const uint8_t *bytes, size_t count, const WebPPicture *picture) {
  return sam_buffer_append(picture->custom_ptr, bytes, count);
}

bool sam_webp_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality, sam_buffer *output,
    sam_codec_failure *failure) {
  if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION)
    return sam_fail(
        failure, SAM_CODEC_UNSUPPORTED, "WebP holds at most %d pixels a side", WEBP_MAX_DIMENSION);
  WebPConfig config;
  WebPPicture picture;
  if (!WebPConfigInit(&config) || !WebPPictureInit(&picture))
    return sam_fail(failure, SAM_CODEC_UNSUPPORTED, "another version of libwebp than was built against");
  config.quality = (float)quality;
  if (quality >= 100) {
    config.lossless = 1;
    config.quality = 50;
    picture.use_argb = 1;
  }
  picture.width = (int)width;
  picture.height = (int)height;
  picture.writer = append;
  picture.custom_ptr = output;
  int stride = (int)width * channels;
  int imported =
      channels == 4 ? WebPPictureImportRGBA(&picture, pixels, stride) : WebPPictureImportRGB(&picture, pixels, stride);
  bool done = imported && WebPEncode(&config, &picture);
  if (!done) {
    bool memory = !imported || picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY
        || picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY || picture.error_code == VP8_ENC_ERROR_BAD_WRITE;
    sam_fail(
        failure, memory ? SAM_CODEC_OUT_OF_MEMORY : SAM_CODEC_UNSUPPORTED,
        memory ? "out of memory" : "libwebp error %d", picture.error_code);
  }
  WebPPictureFree(&picture);
  return done;
}
