/* Inputs from a seed, until there were enough calls. A line that fails names seed and input, which can then be run alone.
 *
 *     fuzz [CALLS [SEED]]       inputs 0, 1, ... of SEED (1), until CALLS (200000) calls were made
 *     fuzz one SEED INPUT       that one */
#include "../conformance/process.h"
#include "../conformance/random.h"
#include "target.h"
#include <sys/time.h>

enum { INPUT_BYTES = 640 };                    /* random bytes of a whole descriptor (424), and those that choose its calls */

/* Seconds of the processor, and of the clock. An input makes some ten calls, the longest of which take a tenth of a second (a plan for a kernel of 2^20 taps): one that
   computes for ten seconds, or waits for minutes where others may have the processor, hangs. */
enum { MAY_COMPUTE = 10, MAY_WAIT = 300 };

/* What memory may have grown by after the first quarter of the calls: pages that the allocator keeps between those in use. */
enum { MAY_GROW = 4 << 20 };

/* Resident without the pool, which has as many threads as the widest call so far has asked for. */
static int64_t bytes_without_pool(int threads_before)
{
    nc_set_num_threads(1);
    for (int i = 0; i < 1000 && thread_count() > threads_before; i++) usleep(10000);
    int64_t bytes = resident_bytes();
    nc_set_num_threads(0);
    return bytes;
}

static void run(uint64_t seed, uint64_t input)
{
    uint8_t bytes[INPUT_BYTES];
    uint64_t start = mix(mix(seed) + input);
    for (size_t i = 0; i < INPUT_BYTES; i += 8) {
        uint64_t word = mix(start + i / 8);
        memcpy(bytes + i, &word, 8);
    }
    fuzz_next(seed, input);
    setitimer(ITIMER_PROF, &(struct itimerval){ .it_value.tv_sec = MAY_COMPUTE }, NULL);
    alarm(MAY_WAIT);
    fuzz_input(bytes, INPUT_BYTES);
}

int main(int count, char** arguments)
{
    if (count == 4 && strcmp(arguments[1], "one") == 0) {
        run(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10));
        fuzz_counts one = fuzz_count();
        if (one.wrong == 0) printf("ok fuzz %s %s {%s} (%llu calls, the longest %s, %.1f ms)\n", arguments[2], arguments[3], fuzz_descriptor(), (unsigned long long)one.calls, one.worst_function, (double)one.worst_ns / 1e6);
        return fuzz_count().wrong != 0;
    }
    uint64_t calls = count > 1 ? strtoull(arguments[1], NULL, 10) : 200000, seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1, input = 0;
    int64_t warm = 0;
    setenv("DOTNET_GCgen0size", "40000", 1);   /* 256 KB: the objects of ended threads are collected soon, and what then grows is a leak */
    nc_set_num_threads(0);                     /* the runtime has its thread */
    int threads = thread_count();
    for (; fuzz_count().calls < calls && fuzz_count().wrong < 20; input++) {
        run(seed, input);
        if (warm == 0 && fuzz_count().calls > calls / 4) warm = bytes_without_pool(threads);
    }
    fuzz_counts all = fuzz_count();
    int64_t end = bytes_without_pool(threads);
    printf("fuzz: the longest call was %s of input %llu, %.1f ms; memory after a quarter of the calls and at the end: %lld, %lld KiB\n", all.worst_function, (unsigned long long)all.worst_input,
        (double)all.worst_ns / 1e6, (long long)(warm >> 10), (long long)(end >> 10));
    if (warm == 0 || end == 0 || end - warm > MAY_GROW) printf("not ok fuzz: memory grew from %lld to %lld bytes\n", (long long)warm, (long long)end);
    else if (all.wrong == 0) printf("ok fuzz (seed %llu: %llu inputs, %llu calls, %llu of them refused, %llu executions)\n", (unsigned long long)seed, (unsigned long long)input,
        (unsigned long long)all.calls, (unsigned long long)all.failures, (unsigned long long)all.executions);
    return all.wrong != 0 || end - warm > MAY_GROW;
}
