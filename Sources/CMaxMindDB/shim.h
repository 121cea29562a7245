/* Makes libmaxminddb visible to Swift. The library opens files by name only; a memory file gives it a private copy that
   nobody can shorten under its mapping. memfd_create needs _GNU_SOURCE, which is not ours to set here, and syscall is
   variadic, which Swift cannot call: an inline function stands in for them. */
#ifndef WEIR_CMAXMINDDB_SHIM_H
#define WEIR_CMAXMINDDB_SHIM_H

#include <sys/syscall.h>
#include <unistd.h>

#include <maxminddb.h>

/* A new, empty memory file, closed on exec (MFD_CLOEXEC is 1); -1 and errno when there is none to have. */
static inline int weir_memory_file(void) { return (int)syscall(SYS_memfd_create, "weir-maxminddb", 1u); }

#endif
