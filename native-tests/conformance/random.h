/* Numbers that are the same on every machine and in every language: no state, integer steps only. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/* The finalizer of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static inline uint64_t mix(uint64_t n)
{
    n += 0x9E3779B97F4A7C15u;
    n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9u;
    n = (n ^ (n >> 27)) * 0x94D049BB133111EBu;
    return n ^ (n >> 31);
}

/* Element `index` of tensor `tensor` of case `number`: a multiple of 2^-23 in [-1, 1), exact in f32 and f64. */
static inline double random_value(uint64_t number, uint64_t tensor, uint64_t index)
{
    uint64_t n = mix(mix(number * 16 + tensor) + index);
    return ((double)(n >> 40) - 8388608.0) / 8388608.0;
}

/* The same with all the digits of an f64. */
static inline double random_long_value(uint64_t number, uint64_t tensor, uint64_t index)
{
    return random_value(number, tensor, index) + random_value(number, tensor + 8, index) / 1073741824;
}

/* A stream of small choices. */
typedef struct random_stream { uint64_t seed, next; } random_stream;

static inline int64_t choose(random_stream* stream, int64_t low, int64_t high)
{
    return low + (int64_t)(mix(mix(stream->seed) + stream->next++) % (uint64_t)(high - low + 1));
}

#endif
