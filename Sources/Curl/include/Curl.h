// One HTTP request by libcurl, which is opened when it is first needed: a program that never downloads neither
// links nor loads it, and building needs no headers of it.
#ifndef SAM_CURL_H
#define SAM_CURL_H

#include <stddef.h>
#include <stdint.h>

// How a request ended.
typedef enum {
  // The server answered below 400 and the whole body was handed over.
  SAM_CURL_OK,
  // This machine has no libcurl.
  SAM_CURL_MISSING,
  // The server answered with an error status; the body was not handed over.
  SAM_CURL_STATUS,
  // No connection: no network, an unknown host, a refused or untrusted connection.
  SAM_CURL_UNREACHABLE,
  // The connection ended or stalled before the whole body had come.
  SAM_CURL_INTERRUPTED,
  // The body callback asked to stop.
  SAM_CURL_STOPPED,
} sam_curl_outcome;

typedef struct {
  sam_curl_outcome outcome;
  // The HTTP status; 0 where there was no answer.
  long status;
  // libcurl's words for a failure.
  char message[256];
} sam_curl_result;

// Called for each piece of the body with the status and the length that the server declares for this answer's
// body (-1 where it does not). Anything but 0 stops the request.
typedef int (*sam_curl_body)(void *context, long status, int64_t length, const void *bytes, size_t count);

// Requests `address`, following redirections to http and https. With `offset` above 0 asks for the bytes from there
// on; a server that cannot do so answers 200 instead of 206.
sam_curl_result sam_curl_get(const char *address, int64_t offset, sam_curl_body body, void *context);

#endif
