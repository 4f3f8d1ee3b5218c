/* The first call may come from many threads at once, and a process may fork before, between and after.
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

static int many_threads(void)
{
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

/* Runs f in a child; a child that hangs is killed by its alarm. */
static int in_child(int (*f)(void))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(f());
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) die("no child process");
    return status;
}

static int works(void) { return try_library(&l) != NULL; }

static int works_before_and_after_fork(void) { return works() || in_child(works) || works(); }

static void* fork_meanwhile(void* unused)
{
    (void)unused;
    pthread_barrier_wait(&barrier);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        l.last_error(NULL, 0);
        _exit(strcmp(l.version(), "") == 0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    return status ? "the child failed" : NULL;
}

/* A child that is forked while another thread makes the first call. */
static int fork_during_first_call(void)
{
    pthread_t threads[2];
    pthread_barrier_init(&barrier, NULL, 2);
    if (pthread_create(&threads[0], NULL, first_call, NULL) != 0 || pthread_create(&threads[1], NULL, fork_meanwhile, NULL) != 0) die("no thread");
    void *why0, *why1;
    pthread_join(threads[0], &why0);
    pthread_join(threads[1], &why1);
    return why0 || why1;
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: first-call LIBRARY");
    l = open_library(arguments[1]); /* no call: every child makes its own first one */
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) failed |= in_child(many_threads);
    check("the first call from 16 threads at once", failed ? "a thread failed" : NULL);
    check("fork before the first call", in_child(works) ? "the child failed" : NULL);
    check("fork after the first call", in_child(works_before_and_after_fork) ? "a process failed" : NULL);
    failed = 0;
    for (int i = 0; i < ROUNDS; i++) failed |= in_child(fork_during_first_call);
    check("fork during the first call", failed ? "a process failed" : NULL);
    return check_result();
}
