/* Makes libnghttp2 (HTTP/2 framing and header compression) visible to Swift. Needs 1.52 or later. */
#ifndef WEIR_CNGHTTP2_SHIM_H
#define WEIR_CNGHTTP2_SHIM_H

#include <nghttp2/nghttp2.h>

#endif
