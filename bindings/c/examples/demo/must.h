/* What an example does about errors: says what happened, and ends. */
#ifndef MUST_H
#define MUST_H

#include <nativeconv.h>
#include <stdio.h>
#include <stdlib.h>

#define must(call) must_be_ok((call), #call)

static inline void must_be_ok(nc_status status, const char* call)
{
    if (status == NC_OK) return;
    char why[512];
    nc_last_error(why, sizeof why);
    fprintf(stderr, "%s\n%s: %s\n", call, nc_status_string(status), why);
    exit(1);
}

static inline void* must_allocate(size_t count, size_t size)
{
    void* memory = calloc(count ? count : 1, size);
    if (!memory) { fprintf(stderr, "out of memory\n"); exit(1); }
    return memory;
}

static inline float* new_floats(size_t count) { return must_allocate(count, sizeof(float)); }

#endif
