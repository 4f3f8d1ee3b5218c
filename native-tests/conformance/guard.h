/* Buffers between two pages that may not be touched: one byte read or written too far is a fault. */
#ifndef GUARD_H
#define GUARD_H

#include "check.h"
#include <sys/mman.h>
#include <unistd.h>

/* Bytes on both sides of a buffer that are watched for writes where no page is: more than any vector. */
enum { GUARD_MARGIN = 256 };

typedef struct guard {
    char* memory;                              /* between the two pages */
    size_t capacity;
    char* at;                                  /* the buffer that guard_put placed last */
    size_t bytes;
} guard;

/* Where a buffer lies: ending `shift` bytes before the upper page, or beginning `shift` bytes behind the lower one. */
typedef struct place { int at_end; size_t shift; } place;

static inline guard guard_create(size_t capacity)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    capacity = (capacity + page - 1) / page * page;
    char* all = mmap(NULL, capacity + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all + page, capacity, PROT_READ | PROT_WRITE) != 0) die("guard: no memory");
    return (guard){ all + page, capacity, NULL, 0 };
}

static inline void guard_free(guard* g)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (g->memory) munmap(g->memory - page, g->capacity + 2 * page);
    *g = (guard){ NULL, 0, NULL, 0 };
}

/* `bytes` bytes that end directly before the upper page, or begin directly after the lower one. */
static inline void* guard_place(const guard* g, size_t bytes, int at_end)
{
    if (bytes > g->capacity) die("guard: %zu bytes asked, %zu there", bytes, g->capacity);
    return at_end ? g->memory + g->capacity - bytes : g->memory;
}

/* The margins of the buffer: what lies between it and the pages, or GUARD_MARGIN bytes of it. */
static inline char* guard_low(const guard* g) { return g->at - g->memory > GUARD_MARGIN ? g->at - GUARD_MARGIN : g->memory; }

static inline char* guard_high(const guard* g)
{
    char *end = g->at + g->bytes, *top = g->memory + g->capacity;
    return top - end > GUARD_MARGIN ? end + GUARD_MARGIN : top;
}

/* A buffer that is full of NaN, like its margins; more memory is made if it needs more. */
static inline void* guard_put(guard* g, size_t bytes, place where)
{
    size_t needed = bytes + where.shift;
    if (needed > g->capacity) {
        guard_free(g);
        *g = guard_create(2 * needed);
    }
    g->bytes = bytes;
    g->at = where.at_end ? g->memory + g->capacity - needed : g->memory + where.shift;
    memset(guard_low(g), 0xFF, (size_t)(guard_high(g) - guard_low(g)));
    return g->at;
}

/* 0 if the margins of the buffer that guard_put placed last were written to. */
static inline int guard_intact(const guard* g)
{
    if (!g->at) return 1;
    for (const char* p = guard_low(g); p < g->at; p++) if (*p != (char)0xFF) return 0;
    for (const char* p = g->at + g->bytes; p < guard_high(g); p++) if (*p != (char)0xFF) return 0;
    return 1;
}

#endif
