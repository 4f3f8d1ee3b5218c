/* Buffers between two pages that may not be touched: one byte read or written too far is a fault. */
#ifndef GUARD_H
#define GUARD_H

#include "check.h"
#include <sys/mman.h>
#include <unistd.h>

typedef struct guard {
    char* memory;                              /* between the two pages */
    size_t capacity;
} guard;

static inline guard guard_create(size_t capacity)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    capacity = (capacity + page - 1) / page * page;
    char* all = mmap(NULL, capacity + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all + page, capacity, PROT_READ | PROT_WRITE) != 0) die("guard: no memory");
    return (guard){ all + page, capacity };
}

/* `bytes` bytes that end directly before the upper page, or begin directly after the lower one. */
static inline void* guard_place(const guard* g, size_t bytes, int at_end)
{
    if (bytes > g->capacity) die("guard: %zu bytes asked, %zu there", bytes, g->capacity);
    return at_end ? g->memory + g->capacity - bytes : g->memory;
}

#endif
