/* The first call may come from many threads at once.
 *
 *     first-call LIBRARY */
#include "host.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

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
static int round_in_child(void)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
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
        _exit(failed);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) die("no child process");
    return status;
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: first-call LIBRARY");
    l = open_library(arguments[1]);
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) failed |= round_in_child();
    check("the first call from 16 threads at once", failed ? "a thread failed" : NULL);
    return check_result();
}
