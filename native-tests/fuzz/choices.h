/* A stream of choices read from the bytes of one input: from a seed, or from libFuzzer, which then mutates choices.
 *
 * Where the bytes end every choice is 0, so 0 has to be the harmless one. */
#ifndef CHOICES_H
#define CHOICES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct choices { const uint8_t* at; size_t left; } choices;

static inline uint64_t take(choices* c, size_t bytes)
{
    uint64_t value = 0;
    for (; bytes > 0 && c->left > 0; bytes--, c->left--) value = value << 8 | *c->at++;
    return value;
}

/* In [0, count). */
static inline uint32_t pick(choices* c, uint32_t count) { return count < 2 ? 0 : (uint32_t)(take(c, count <= 256 ? 1 : 3) % count); }

/* In [low, high]. */
static inline int64_t between(choices* c, int64_t low, int64_t high) { return low + pick(c, (uint32_t)(high - low + 1)); }

/* True once in `count`. */
static inline int one_in(choices* c, uint32_t count) { return pick(c, count) == count - 1; }

static inline void take_bytes(choices* c, void* to, size_t bytes)
{
    size_t there = bytes < c->left ? bytes : c->left;
    memset(to, 0, bytes);
    memcpy(to, c->at, there);
    c->at += there;
    c->left -= there;
}

/* Numbers at the borders of types and of what the library checks. */
static inline int64_t odd_integer(choices* c)
{
    static const int64_t values[] = { 0, 1, -1, 2, 3, 4, 5, 7, 8, 15, 16, 17, -2, -3, -7, 64, 127, 128, 255, 256, 257, 1000, 4096, 32767, 32768, 65535, 65536, 1 << 20, -(1 << 20),
        INT32_MAX - 1, INT32_MAX, INT64_C(1) << 31, (INT64_C(1) << 31) + 1, INT32_MIN, (INT64_C(1) << 32) - 1, INT64_C(1) << 32, (INT64_C(1) << 32) + 1, -(INT64_C(1) << 32),
        INT64_C(1) << 40, (INT64_C(1) << 53) + 1, INT64_C(1) << 60, (INT64_C(1) << 61) - 1, INT64_C(1) << 61, (INT64_C(1) << 61) + 1, -(INT64_C(1) << 61), -(INT64_C(1) << 61) - 1,
        INT64_C(1) << 62, INT64_MAX - 1, INT64_MAX, INT64_MIN, INT64_MIN + 1 };
    return values[pick(c, sizeof values / sizeof *values)];
}

static inline double odd_number(choices* c)
{
    static const uint64_t bits[] = { 0, 0x8000000000000000u /* -0 */, 0x3FF0000000000000u /* 1 */, 0xBFF0000000000000u /* -1 */, 0x3FE0000000000000u /* 0.5 */,
        0x7FF8000000000000u /* NaN */, 0xFFF8000000000001u, 0x7FF0000000000001u /* signaling NaN */, 0x7FF0000000000000u /* infinity */, 0xFFF0000000000000u,
        1 /* least denormal */, 0x000FFFFFFFFFFFFFu, 0x36A0000000000000u /* least f32 denormal */, 0x3680000000000000u /* below it */, 0x47EFFFFFE0000000u /* largest f32 */,
        0x47EFFFFFF0000000u /* rounds to infinity in f32 */, 0x7FEFFFFFFFFFFFFFu /* largest */, 0xFFEFFFFFFFFFFFFFu, 0x4018000000000000u /* 6 */ };
    double value;
    memcpy(&value, &bits[pick(c, sizeof bits / sizeof *bits)], sizeof value);
    return value;
}

#endif
