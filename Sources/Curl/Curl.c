#include "Curl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

// libcurl's binary interface is stable: these numbers have not changed since 7.10 (the 64-bit length: 7.55).
enum {
  OPTION_LOW_SPEED_LIMIT = 19,
  OPTION_LOW_SPEED_TIME = 20,
  OPTION_FAIL_ON_ERROR = 45,
  OPTION_FOLLOW_LOCATION = 52,
  OPTION_MAX_REDIRECTIONS = 68,
  OPTION_CONNECT_TIMEOUT = 78,
  OPTION_NO_SIGNAL = 99,
  OPTION_PROTOCOLS = 181,
  OPTION_REDIRECTION_PROTOCOLS = 182,
  OPTION_WRITE_DATA = 10001,
  OPTION_URL = 10002,
  OPTION_RANGE = 10007,
  OPTION_ERROR_BUFFER = 10010,
  OPTION_USER_AGENT = 10018,
  OPTION_WRITE_FUNCTION = 20011,
  INFO_STATUS = 0x200002,
  INFO_BODY_LENGTH = 0x60000f,
  PROTOCOL_HTTP = 1,
  PROTOCOL_HTTPS = 2,
  CODE_PARTIAL_FILE = 18,
  CODE_HTTP_RETURNED_ERROR = 22,
  CODE_WRITE_ERROR = 23,
  CODE_TIMED_OUT = 28,
  CODE_GOT_NOTHING = 52,
  CODE_RECEIVE_ERROR = 56,
  CODE_HTTP2 = 16,
  CODE_HTTP2_STREAM = 92,
};

typedef struct {
  void *(*init)(void);
  int (*set_option)(void *, int, ...);
  int (*perform)(void *);
  int (*get_info)(void *, int, ...);
  void (*cleanup)(void *);
  const char *(*describe)(int);
} library;

static int open_library(library *curl) {
  static const char *const names[] = {
#ifdef __APPLE__
    "/usr/lib/libcurl.4.dylib",
#else
    "libcurl.so.4", "libcurl-gnutls.so.4",
#endif
  };
  void *handle = NULL;
  for (size_t i = 0; handle == NULL && i < sizeof names / sizeof *names; i += 1) {
    handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (handle == NULL) { return 0; }
  // dlsym returns a data pointer; POSIX lets it be a function's.
  *(void **)&curl->init = dlsym(handle, "curl_easy_init");
  *(void **)&curl->set_option = dlsym(handle, "curl_easy_setopt");
  *(void **)&curl->perform = dlsym(handle, "curl_easy_perform");
  *(void **)&curl->get_info = dlsym(handle, "curl_easy_getinfo");
  *(void **)&curl->cleanup = dlsym(handle, "curl_easy_cleanup");
  *(void **)&curl->describe = dlsym(handle, "curl_easy_strerror");
  return curl->init && curl->set_option && curl->perform && curl->get_info && curl->cleanup && curl->describe;
}

typedef struct {
  const library *curl;
  void *request;
  sam_curl_body body;
  void *context;
  int stopped;
} transfer;

static size_t receive(char *bytes, size_t size, size_t count, void *data) {
  transfer *t = data;
  long status = 0;
  int64_t length = -1;
  t->curl->get_info(t->request, INFO_STATUS, &status);
  t->curl->get_info(t->request, INFO_BODY_LENGTH, &length);
  t->stopped = t->body(t->context, status, length, bytes, size * count) != 0;
  return t->stopped ? 0 : size * count;
}

sam_curl_result sam_curl_get(const char *address, int64_t offset, sam_curl_body body, void *context) {
  sam_curl_result result = {.outcome = SAM_CURL_MISSING};
  library curl;
  void *request;
  if (!open_library(&curl) || (request = curl.init()) == NULL) { return result; }

  transfer transfer = {&curl, request, body, context, 0};
  char range[32];
  // libcurl clears the buffer when a transfer begins and keeps a pointer to it until cleanup.
  curl.set_option(request, OPTION_ERROR_BUFFER, result.message);
  curl.set_option(request, OPTION_URL, address);
  curl.set_option(request, OPTION_USER_AGENT, "sam");
  curl.set_option(request, OPTION_NO_SIGNAL, 1L);
  curl.set_option(request, OPTION_FAIL_ON_ERROR, 1L);
  curl.set_option(request, OPTION_FOLLOW_LOCATION, 1L);
  curl.set_option(request, OPTION_MAX_REDIRECTIONS, 10L);
  curl.set_option(request, OPTION_PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
  curl.set_option(request, OPTION_REDIRECTION_PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
  curl.set_option(request, OPTION_CONNECT_TIMEOUT, 20L);
  // A connection that gives nothing for half a minute will not finish.
  curl.set_option(request, OPTION_LOW_SPEED_LIMIT, 1L);
  curl.set_option(request, OPTION_LOW_SPEED_TIME, 30L);
  curl.set_option(request, OPTION_WRITE_FUNCTION, receive);
  curl.set_option(request, OPTION_WRITE_DATA, &transfer);
  if (offset > 0) {
    snprintf(range, sizeof range, "%lld-", (long long)offset);
    curl.set_option(request, OPTION_RANGE, range);
  }

  int code = curl.perform(request);
  curl.get_info(request, INFO_STATUS, &result.status);
  switch (code) {
  case 0: result.outcome = SAM_CURL_OK; break;
  case CODE_HTTP_RETURNED_ERROR: result.outcome = SAM_CURL_STATUS; break;
  case CODE_WRITE_ERROR: result.outcome = transfer.stopped ? SAM_CURL_STOPPED : SAM_CURL_INTERRUPTED; break;
  case CODE_PARTIAL_FILE:
  case CODE_TIMED_OUT:
  case CODE_GOT_NOTHING:
  case CODE_RECEIVE_ERROR:
  case CODE_HTTP2:
  case CODE_HTTP2_STREAM: result.outcome = result.status != 0 ? SAM_CURL_INTERRUPTED : SAM_CURL_UNREACHABLE; break;
  default: result.outcome = SAM_CURL_UNREACHABLE; break;
  }
  if (code != 0 && result.message[0] == '\0') {
    snprintf(result.message, sizeof result.message, "%s", curl.describe(code));
  }
  curl.cleanup(request);
  return result;
}
