// recvmmsg, the control messages around it, and other calls that Swift's Glibc module does not offer (they need
// _GNU_SOURCE, or macros that look like functions).
#ifndef CSOCKET_H
#define CSOCKET_H

#include <stddef.h>
#include <stdint.h>

/// What a receive takes many datagrams with, and what came with each of them.
typedef struct csocket_batch csocket_batch;

/// For `count` datagrams of at most `slot_bytes`. Datagrams of at most `head_bytes`, less than that, will lie `head_bytes`
/// apart, larger ones have `slot_bytes` each elsewhere. NULL when there is no memory.
csocket_batch *csocket_batch_new(size_t head_bytes, size_t slot_bytes, unsigned count);
void csocket_batch_free(csocket_batch *batch);

/// What memory to receive into has to have.
size_t csocket_batch_bytes(const csocket_batch *batch);

/// Receives what is there into `memory`, up to `count` datagrams; waits for the first when `wait` is set, as long as the
/// socket's receive timeout. Returns the number of datagrams, or -errno.
int csocket_batch_receive(csocket_batch *batch, uint8_t *memory, int descriptor, int wait);

/// Of datagram `index` of the last receive: where in the memory it begins, its length, whether it was longer than
/// `slot_bytes`, and its source. `address` gets 4 or 16 bytes; returns their number, 0 for an unknown family.
size_t csocket_batch_offset(const csocket_batch *batch, unsigned index);
size_t csocket_batch_length(const csocket_batch *batch, unsigned index);
int csocket_batch_is_truncated(const csocket_batch *batch, unsigned index);
size_t csocket_batch_source(const csocket_batch *batch, unsigned index, uint8_t address[16]);

/// The kernel's count of datagrams dropped at this socket, as told with the last receive (SO_RXQ_OVFL); wraps at 2^32.
uint32_t csocket_batch_kernel_drops(const csocket_batch *batch);

/// Names the calling thread, for debuggers and `top`; at most 15 bytes.
void csocket_name_thread(const char *name);

/// Nanoseconds since the Unix epoch.
int64_t csocket_now_ns(void);

/// Nanoseconds since some moment, on a clock that is never set.
int64_t csocket_monotonic_ns(void);

/// Asks the kernel to count its drops (SO_RXQ_OVFL). Returns 0 or -errno.
int csocket_count_drops(int descriptor);

/// Sets the receive buffer, past the system's limit where the process may (SO_RCVBUFFORCE). Returns the bytes granted, as
/// the kernel counts them, or -errno.
int csocket_set_receive_buffer(int descriptor, int bytes);

#endif
