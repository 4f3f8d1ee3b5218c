/* A process may fork before, during and after the first call, and when the pool's threads exist: they do not in the child.
 *
 *     fork LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <pthread.h>

enum { ROUNDS = 20, CHANNELS = 32, WIDTH = 64, PIXELS = WIDTH * WIDTH, WEIGHTS = CHANNELS * CHANNELS * 9 };

static library l;
static pthread_barrier_t barrier;

static int works(const void* unused)
{
    (void)unused;
    return try_library(&l) != NULL;
}

static int works_around_fork(const void* unused) { return works(unused) || in_child(works, unused) || works(unused); }

/* -- while another thread makes the first call --------------------------------------------------------------------- */

static void* first_call(void* unused)
{
    (void)unused;
    pthread_barrier_wait(&barrier);
    return (void*)try_library(&l);
}

static int lives(const void* unused)
{
    (void)unused;
    return l.last_error(NULL, 0) != 1 || l.version()[0] == 0;
}

static void* fork_meanwhile(void* unused)
{
    (void)unused;
    pthread_barrier_wait(&barrier);
    return in_child(lives, NULL) ? "the child failed" : NULL;
}

static int fork_during_first_call(const void* unused)
{
    (void)unused;
    pthread_t threads[2];
    pthread_barrier_init(&barrier, NULL, 2);
    if (pthread_create(&threads[0], NULL, first_call, NULL) != 0 || pthread_create(&threads[1], NULL, fork_meanwhile, NULL) != 0) die("no thread");
    void *why0, *why1;
    pthread_join(threads[0], &why0);
    pthread_join(threads[1], &why1);
    return why0 || why1;
}

/* -- when the pool has threads ------------------------------------------------------------------------------------- */

static float x[CHANNELS * PIXELS], w[WEIGHTS], expected[CHANNELS * PIXELS];
static nc_plan* large;

static int run_large(int32_t num_threads, float* y)
{
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = num_threads;
    return l.conv_forward(large, x, w, NULL, y, &exec);
}

/* 0 if the pool works here, with threads of this process, and gives the bits of one thread. */
static int pool_works(const void* unused)
{
    (void)unused;
    static float y[CHANNELS * PIXELS];
    int before = thread_count();
    for (int i = 0; i < 3; i++) {
        memset(y, 0, sizeof y);
        if (run_large(4, y) != NC_OK || memcmp(y, expected, sizeof y) != 0) return 1;
    }
    return thread_count() > before ? 0 : 2;
}

/* The child's own threads come to the pool at once: one of them makes it new. */
enum { CHILD_THREADS = 6, CHILD_ROUNDS = 10 };

static void* run_in_child(void* argument)
{
    float* y = argument;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; i++)
        if (run_large(4, y) != NC_OK || memcmp(y, expected, sizeof expected) != 0) return "wrong";
    return NULL;
}

static int threads_of_child(const void* unused)
{
    (void)unused;
    pthread_t threads[CHILD_THREADS];
    int failed = 0;
    pthread_barrier_init(&barrier, NULL, CHILD_THREADS);
    for (int i = 0; i < CHILD_THREADS; i++)
        if (pthread_create(&threads[i], NULL, run_in_child, allocate(sizeof expected)) != 0) return 4;
    for (int i = 0; i < CHILD_THREADS; i++) {
        void* why;
        pthread_join(threads[i], &why);
        failed |= why != NULL;
    }
    return failed;
}

static int pool_works_again(void)
{
    static float y[CHANNELS * PIXELS];
    return run_large(4, y) != NC_OK || memcmp(y, expected, sizeof y) != 0;
}

static int pool_around_fork(const void* unused)
{
    (void)unused;
    nc_conv_desc desc = large_layer(&l, CHANNELS, WIDTH);
    for (int i = 0; i < CHANNELS * PIXELS; i++) x[i] = (float)(i % 101) * 0.01f - 0.5f;
    for (int i = 0; i < WEIGHTS; i++) w[i] = (float)(i % 37) * 0.03f - 0.5f;
    if (l.plan_create(&desc, &large) != NC_OK || run_large(1, expected) != NC_OK || pool_works(NULL) != 0) return 1;
    int status = in_child(pool_works, NULL);
    for (int i = 0; i < CHILD_ROUNDS && status == 0; i++) status = pool_works_again() || in_child(threads_of_child, NULL);
    return status != 0 ? 2 : pool_works_again() ? 3 : 0;
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: fork LIBRARY");
    l = open_library(arguments[1]); /* no call: every child makes its own first one */
    check("fork before the first call", in_child(works, NULL) ? "the child failed" : NULL);
    check("fork after the first call", in_child(works_around_fork, NULL) ? "a process failed" : NULL);
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) failed |= in_child(fork_during_first_call, NULL);
    check("fork during the first call", failed ? "a process failed" : NULL);
    int status = in_child(pool_around_fork, NULL);
    check("fork when the pool has threads", status == 0 ? NULL : WEXITSTATUS(status) == 2 ? "the child's pool failed" : "the parent's pool failed");
    return check_result();
}
