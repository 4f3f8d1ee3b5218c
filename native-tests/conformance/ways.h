/* Ways in which a host may run the indices of a stage. */
#ifndef WAYS_H
#define WAYS_H

#include "check.h"
#include <pthread.h>

static inline void NC_CALL in_order(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)user;
    for (int32_t i = 0; i < count; i++) fn(task, i);
}

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

#endif
