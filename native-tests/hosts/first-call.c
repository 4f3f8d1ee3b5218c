/* The first call may come from many threads at once, or from a thread that then ends.
 *
 *     first-call LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <pthread.h>

enum { THREADS = 16, ROUNDS = 20 };

static library l;
static pthread_barrier_t barrier;

static void* first_call(void* unused)
{
    (void)unused;
    pthread_barrier_wait(&barrier);
    return (void*)try_library(&l);
}

/* A process can make its first call only once: each round is a child. */
static int from_all_threads(const void* unused)
{
    (void)unused;
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, first_call, NULL) != 0) die("no thread");
    int failed = 0;
    for (int i = 0; i < THREADS; i++) {
        void* why;
        pthread_join(threads[i], &why);
        failed |= why != NULL;
    }
    return failed;
}

static void* try_alone(void* unused)
{
    (void)unused;
    return (void*)try_library(&l);
}

/* The thread that started the runtime is gone when others call. */
static const char* from_a_thread_that_ends(void)
{
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        void* why;
        if (pthread_create(&thread, NULL, try_alone, NULL) != 0) die("no thread");
        pthread_join(thread, &why);
        if (why) return why;
    }
    return try_library(&l);
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: first-call LIBRARY");
    l = open_library(arguments[1]);
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) failed |= in_child(from_all_threads, NULL);
    check("the first call from 16 threads at once", failed ? "a thread failed" : NULL);
    check("the first call from a thread that then ends", from_a_thread_that_ends());
    return check_result();
}
