/* Two ahead-of-time compiled libraries in one process, each with a runtime of its own: the second is a copy of this one under another name.
 *
 *     two-runtimes LIBRARY */
#include "host.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 200 };

static library both[2];
static nc_plan* plans[2];
static sigjmp_buf back;

/* Copies a file to a temporary one. */
static void copy(const char* from, const char* to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    static char buffer[1 << 16];
    if (!in || !out) die("%s: cannot be copied", from);
    for (size_t bytes; (bytes = fread(buffer, 1, sizeof buffer, in)) > 0;)
        if (fwrite(buffer, 1, bytes, out) != bytes) die("%s: cannot be written", to);
    fclose(in);
    if (fclose(out) != 0) die("%s: cannot be written", to);
}

/* Threads that go back and forth between the two. */
static void* use_both(void* unused)
{
    (void)unused;
    const char* why = NULL;
    for (int i = 0; i < ROUNDS && !why; i++) {
        why = run_small(&both[i % 2], plans[i % 2]);
        if (!why && i % 20 == 0) why = try_library(&both[i / 20 % 2]);
    }
    return (void*)why;
}

static const char* from_threads(void)
{
    pthread_t threads[THREADS];
    const char* failed = NULL;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, use_both, NULL) != 0) return "no thread";
    for (int i = 0; i < THREADS; i++) {
        void* why;
        pthread_join(threads[i], &why);
        if (why) failed = why;
    }
    return failed;
}

static const char* have_messages_of_their_own(void)
{
    nc_conv_desc desc = small_layer(&both[0]);
    nc_plan* plan;
    desc.kernel[0] = -1;
    both[0].plan_create(&desc, &plan);
    desc.kernel[0] = 3;
    desc.batch = -1;
    both[1].plan_create(&desc, &plan);
    if (strncmp(message(&both[0]), "kernel", 6) != 0) return message(&both[0]);
    return strncmp(message(&both[1]), "batch", 5) == 0 ? NULL : message(&both[1]);
}

static const char* have_pools_of_their_own(void)
{
    if (both[0].set_num_threads(2) != NC_OK || both[1].set_num_threads(3) != NC_OK) return "nc_set_num_threads";
    return both[0].get_num_threads() == 2 && both[1].get_num_threads() == 3 ? NULL : "they share a number of threads";
}

static void on_fault(int number)
{
    (void)number;
    siglongjmp(back, 1);
}

/* Through two runtimes' handlers. */
static const char* chain_faults(void)
{
    static volatile int* volatile nowhere;
    if (sigsetjmp(back, 1) == 0) {
        *nowhere = 1;
        return "no fault";
    }
    return NULL;
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: two-runtimes LIBRARY");
    struct sigaction action = { .sa_handler = on_fault };
    sigaction(SIGSEGV, &action, NULL);

    char second[] = "/tmp/nativeconv-second-XXXXXX";
    int file = mkstemp(second);
    if (file < 0) die("%s: cannot be made", second);
    close(file);
    copy(arguments[1], second);
    both[0] = open_library(arguments[1]);
    both[1] = open_library(second);
    unlink(second);
    check("they are two", both[0].plan_create != both[1].plan_create ? NULL : "the loader gave one library twice");
    for (int i = 0; i < 2; i++) {
        check(i ? "the second computes" : "the first computes", try_library(&both[i]));
        plans[i] = small_plan(&both[i]);
    }
    check("the first still computes", run_small(&both[0], plans[0]));
    check("they have messages of their own", have_messages_of_their_own());
    check("they have numbers of threads of their own", have_pools_of_their_own());
    check("threads use both", from_threads());
    check("an earlier SIGSEGV handler still gets its faults", chain_faults());
    for (int i = 0; i < 2; i++) {
        check("computes after a fault", run_small(&both[i], plans[i]));
        both[i].plan_destroy(plans[i]);
        dlclose(both[i].handle);
    }
    return check_result();
}
