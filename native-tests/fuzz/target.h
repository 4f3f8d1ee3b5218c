/* What fuzz.c drives. */
#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input to its end. Returns 0; what is wrong is counted and printed. */
int fuzz_input(const uint8_t* bytes, size_t count);

/* Counts so far, for the last line. */
typedef struct fuzz_counts { uint64_t calls, failures, executions, worst_ns, worst_input; const char* worst_function; int wrong; } fuzz_counts;
fuzz_counts fuzz_count(void);

/* The last input's descriptor, in words. */
const char* fuzz_descriptor(void);

/* Names the input that comes next, and sends faults to the line that names it. */
void fuzz_next(uint64_t seed, uint64_t input);

#endif
