/* Makes zlib visible to Swift. deflateInit2 and inflateInit2 are macros (they pass the header's version and the size
   of z_stream), which Swift cannot import: inline functions stand in for them. */
#ifndef WEIR_CZLIB_SHIM_H
#define WEIR_CZLIB_SHIM_H

#include <zlib.h>

static inline int weir_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

static inline int weir_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
