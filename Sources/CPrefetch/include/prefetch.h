// An instruction that Swift has no word for: tells the processor which memory is going to be used soon.
#ifndef PREFETCH_H
#define PREFETCH_H

#include "lanes.h"

/// Begins to fetch the cache line of `address`, for reading and writing. Never faults, whatever the address.
static inline void prefetch_line(const void *address) { __builtin_prefetch(address, 1, 3); }

#endif
