#define _GNU_SOURCE
#include "csocket.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { control_bytes = CMSG_SPACE(sizeof(uint32_t)) };

struct csocket_batch {
    unsigned count;
    uint32_t kernel_drops;
    size_t head_bytes, slot_bytes;
    struct mmsghdr *messages;
    struct iovec (*vectors)[2];
    struct sockaddr_storage *sources;
    uint8_t *control;
};

csocket_batch *csocket_batch_new(size_t head_bytes, size_t slot_bytes, unsigned count) {
    csocket_batch *batch = calloc(1, sizeof *batch);
    if (!batch) return NULL;
    batch->count = count;
    batch->head_bytes = head_bytes;
    batch->slot_bytes = slot_bytes;
    batch->messages = calloc(count, sizeof *batch->messages);
    batch->vectors = calloc(count, sizeof *batch->vectors);
    batch->sources = calloc(count, sizeof *batch->sources);
    batch->control = calloc(count, control_bytes);
    if (!batch->messages || !batch->vectors || !batch->sources || !batch->control) {
        csocket_batch_free(batch);
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        batch->messages[i].msg_hdr.msg_iov = batch->vectors[i];
        batch->messages[i].msg_hdr.msg_iovlen = 2;
        batch->messages[i].msg_hdr.msg_name = &batch->sources[i];
    }
    return batch;
}

void csocket_batch_free(csocket_batch *batch) {
    if (!batch) return;
    free(batch->messages);
    free(batch->vectors);
    free(batch->sources);
    free(batch->control);
    free(batch);
}

size_t csocket_batch_bytes(const csocket_batch *batch) { return batch->count * (batch->head_bytes + batch->slot_bytes); }

/* All heads, then all slots. */
static size_t head_offset(const csocket_batch *batch, unsigned index) { return index * batch->head_bytes; }

static size_t slot_offset(const csocket_batch *batch, unsigned index) {
    return batch->count * batch->head_bytes + index * batch->slot_bytes;
}

static void note_drops(csocket_batch *batch, struct msghdr *header) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
            memcpy(&batch->kernel_drops, CMSG_DATA(c), sizeof batch->kernel_drops);
}

/* A slot has room for the whole datagram, so that what did not fit into the head gets it put in front. */
static void join(const csocket_batch *batch, uint8_t *memory, unsigned index) {
    if (batch->messages[index].msg_len > batch->head_bytes)
        memcpy(memory + slot_offset(batch, index), memory + head_offset(batch, index), batch->head_bytes);
}

int csocket_batch_receive(csocket_batch *batch, uint8_t *memory, int descriptor, int wait) {
    for (unsigned i = 0; i < batch->count; i++) {
        struct msghdr *header = &batch->messages[i].msg_hdr;
        header->msg_namelen = sizeof(struct sockaddr_storage);
        header->msg_control = batch->control + (size_t)i * control_bytes;
        header->msg_controllen = control_bytes;
        batch->vectors[i][0] = (struct iovec){memory + head_offset(batch, i), batch->head_bytes};
        batch->vectors[i][1] =
            (struct iovec){memory + slot_offset(batch, i) + batch->head_bytes, batch->slot_bytes - batch->head_bytes};
    }
    int n = recvmmsg(descriptor, batch->messages, batch->count, wait ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
    if (n < 0) return -errno;
    if (n > 0) note_drops(batch, &batch->messages[n - 1].msg_hdr);
    for (int i = 0; i < n; i++) join(batch, memory, (unsigned)i);
    return n;
}

size_t csocket_batch_offset(const csocket_batch *batch, unsigned index) {
    return batch->messages[index].msg_len > batch->head_bytes ? slot_offset(batch, index) : head_offset(batch, index);
}

size_t csocket_batch_length(const csocket_batch *batch, unsigned index) {
    size_t length = batch->messages[index].msg_len;
    return length < batch->slot_bytes ? length : batch->slot_bytes;
}

int csocket_batch_is_truncated(const csocket_batch *batch, unsigned index) {
    return (batch->messages[index].msg_hdr.msg_flags & MSG_TRUNC) != 0;
}

size_t csocket_batch_source(const csocket_batch *batch, unsigned index, uint8_t address[16]) {
    const struct sockaddr_storage *source = &batch->sources[index];
    if (source->ss_family == AF_INET) {
        memcpy(address, &((const struct sockaddr_in *)source)->sin_addr, 4);
        return 4;
    }
    if (source->ss_family == AF_INET6) {
        memcpy(address, &((const struct sockaddr_in6 *)source)->sin6_addr, 16);
        return 16;
    }
    return 0;
}

uint32_t csocket_batch_kernel_drops(const csocket_batch *batch) { return batch->kernel_drops; }

void csocket_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t csocket_now_ns(void) { return clock_ns(CLOCK_REALTIME); }

int64_t csocket_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

int csocket_count_drops(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) < 0 ? -errno : 0;
}

int csocket_set_receive_buffer(int descriptor, int bytes) {
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 &&
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0)
        return -errno;
    int granted = 0;
    socklen_t size = sizeof granted;
    if (getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &granted, &size) < 0) return -errno;
    return granted / 2; /* the kernel doubles the value for its own bookkeeping */
}
