/* Hosts' ways of running the indices of a stage. */
#ifndef PARALLEL_H
#define PARALLEL_H

#include "check.h"
#include <pthread.h>

static inline void NC_CALL in_order(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    for (int32_t i = 0; i < count; i++) fn(task, i);
}

/* The last worker, and so the last slice of the workspace, gets all the work. */
static inline void NC_CALL in_reverse(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    for (int32_t i = count; i-- > 0;) fn(task, i);
}

typedef struct fresh { nc_task_fn fn; void* task; int32_t index; } fresh;

static inline void* run_fresh(void* argument)
{
    fresh* f = argument;
    f->fn(f->task, f->index);
    return NULL;
}

static inline void NC_CALL on_fresh_threads(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    pthread_t* threads = allocate((size_t)count * sizeof *threads);
    fresh* each = allocate((size_t)count * sizeof *each);
    for (int32_t i = 0; i < count; i++) {
        each[i] = (fresh){ fn, task, i };
        if (pthread_create(&threads[i], NULL, run_fresh, &each[i]) != 0) die("threads: no thread");
    }
    for (int32_t i = 0; i < count; i++) pthread_join(threads[i], NULL);
    free(threads);
    free(each);
}

static const struct { const char* name; nc_parallel_for_fn run; } ways[] = {
    { "the library's pool", NULL }, { "in order", in_order }, { "in reverse", in_reverse }, { "on fresh threads", on_fresh_threads } };
enum { WAYS = sizeof ways / sizeof *ways };

static const int32_t thread_counts[] = { 1, 2, 3, 7 };
enum { THREAD_COUNTS = sizeof thread_counts / sizeof *thread_counts };

#endif
