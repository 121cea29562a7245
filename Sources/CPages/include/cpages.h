// The files of the web pages, inside the program: it stays one file that can be copied anywhere.
#ifndef CPAGES_H
#define CPAGES_H

#include <stddef.h>

struct cpages_file {
    /// Name within the folder of pages, such as "style.css".
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

/// The file of that number, from 0 on; NULL behind the last one. Lives as long as the process.
const struct cpages_file *cpages_file_at(size_t index);

#endif
