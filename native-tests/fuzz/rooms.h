/* Memory that hostile calls get: buffers of exactly the bytes that a call may touch, next to pages that fault, full of a pattern.
 *
 * Every room holds the same pattern at the same offset from its beginning. What must not have been written still holds it; what was is refilled from it. */
#ifndef ROOMS_H
#define ROOMS_H

#include "../conformance/guard.h"
#include "../conformance/random.h"

enum { ROOM_X, ROOM_W, ROOM_BIAS, ROOM_DY, ROOM_Y, ROOM_ADDEND, ROOM_RESULT, ROOM_DB, ROOM_PACKED, ROOM_WORKSPACE, ROOM_STRUCT, ROOMS };

/* Bytes of a tensor, and of packed weights and workspace, that are ever executed. */
enum { TENSOR_BYTES = 4 << 20, SCRATCH_BYTES = 16 << 20 };

typedef struct room { guard g; size_t bytes; char* at; } room;

static room rooms[ROOMS];
static char* pattern;                          /* SCRATCH_BYTES */

/* f32 numbers in [-1, 1); read as f64 they are finite, too. */
static inline void rooms_open(void)
{
    if (pattern) return;
    pattern = allocate(SCRATCH_BYTES);
    for (size_t i = 0; i < SCRATCH_BYTES / sizeof(float); i++) ((float*)(void*)pattern)[i] = (float)random_value(0, 0, i);
    for (int r = 0; r < ROOMS; r++) {
        rooms[r].g = guard_create(r == ROOM_PACKED || r == ROOM_WORKSPACE ? SCRATCH_BYTES : TENSOR_BYTES);
        rooms[r].at = rooms[r].g.memory;
        memcpy(rooms[r].at, pattern, rooms[r].g.capacity);
    }
}

/* `bytes` bytes before the upper page or after the lower one, aligned to `alignment` either way. */
static inline void* room_take(int which, size_t bytes, int at_end, size_t alignment)
{
    room* r = &rooms[which];
    r->bytes = bytes;
    r->at = guard_place(&r->g, bytes, at_end);
    r->at -= (uintptr_t)r->at % alignment;
    return r->at;
}

static inline const char* room_pattern(const room* r) { return pattern + (r->at - r->g.memory); }

static inline int room_untouched(int which) { return memcmp(rooms[which].at, room_pattern(&rooms[which]), rooms[which].bytes) == 0; }

/* The bytes on the side that no page guards. */
static inline int room_kept_inside(int which)
{
    const room* r = &rooms[which];
    size_t before = (size_t)(r->at - r->g.memory), after = r->g.capacity - before - r->bytes;
    size_t low = before < 64 ? before : 64, high = after < 64 ? after : 64;
    return memcmp(r->at - low, room_pattern(r) - low, low) == 0 && memcmp(r->at + r->bytes, room_pattern(r) + r->bytes, high) == 0;
}

static inline void room_refill(int which) { memcpy(rooms[which].at, room_pattern(&rooms[which]), rooms[which].bytes); }

#endif
