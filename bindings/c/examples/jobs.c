/* A convolution on a job system of the program's own: nc_exec.parallel_for with POSIX threads, as a game engine would do it.
 *
 * The library never sees a thread: it hands over a function and a count, and the job system runs every index. Bits are those of one thread. */
#include <nativeconv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- A small job system: workers wait for a batch, take indices from it, and the caller helps -- */

enum { WORKERS = 3 };

typedef struct jobs {
    pthread_mutex_t mutex;
    pthread_cond_t  work, done;
    pthread_t       threads[WORKERS];
    nc_task_fn      fn;
    void*           task;
    int32_t         next, count, running;   /* indices of the batch: to be taken, in all, being run */
    int             stop, batches;
} jobs;

/* Runs indices of the batch until none is left; the mutex is held at entry and exit. */
static void help(jobs* pool)
{
    while (pool->next < pool->count) {
        int32_t index = pool->next++;
        pool->running++;
        pthread_mutex_unlock(&pool->mutex);
        pool->fn(pool->task, index);
        pthread_mutex_lock(&pool->mutex);
        pool->running--;
    }
    if (pool->running == 0) pthread_cond_broadcast(&pool->done);
}

static void* worker(void* argument)
{
    jobs* pool = argument;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->stop) {
        help(pool);
        if (!pool->stop) pthread_cond_wait(&pool->work, &pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* What the library calls: ten lines. */
static void NC_CALL parallel_for(void* user, nc_task_fn fn, void* task, int32_t count)
{
    jobs* pool = user;
    pthread_mutex_lock(&pool->mutex);
    pool->fn = fn;
    pool->task = task;
    pool->next = 0;
    pool->count = count;
    pool->batches++;
    pthread_cond_broadcast(&pool->work);
    help(pool);
    while (pool->running > 0) pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void must(nc_status status)
{
    if (status == NC_OK) return;
    char why[512];
    nc_last_error(why, sizeof why);
    fprintf(stderr, "%s: %s\n", nc_status_string(status), why);
    exit(1);
}

int main(void)
{
    enum { CHANNELS = 32, SIZE = 64, PIXELS = CHANNELS * SIZE * SIZE, WEIGHTS = CHANNELS * CHANNELS * 9 };
    static float x[PIXELS], w[WEIGHTS], alone[PIXELS], together[PIXELS];
    for (int i = 0; i < PIXELS; i++) x[i] = (float)(i % 17) / 17 - 0.5f;
    for (int i = 0; i < WEIGHTS; i++) w[i] = (float)(i % 23) / 23 - 0.5f;

    nc_conv_desc desc;
    must(nc_conv_desc_init(&desc, sizeof desc, NC_CONV, 2));
    desc.batch = 1;
    desc.in_channels = desc.out_channels = CHANNELS;
    for (int axis = 0; axis < 2; axis++) {
        desc.input[axis] = SIZE;
        desc.kernel[axis] = 3;
        desc.pad_begin[axis] = desc.pad_end[axis] = 1;
    }
    nc_plan* plan;
    must(nc_plan_create(&desc, &plan));

    jobs pool = { .mutex = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
    for (int i = 0; i < WORKERS; i++) if (pthread_create(&pool.threads[i], NULL, worker, &pool) != 0) return 1;

    nc_exec one = NC_EXEC_INIT, ours = NC_EXEC_INIT;
    one.num_threads = 1;
    ours.num_threads = WORKERS + 1;
    ours.parallel_for = parallel_for;
    ours.parallel_user = &pool;
    must(nc_conv_forward(plan, x, w, NULL, alone, &one));
    must(nc_conv_forward(plan, x, w, NULL, together, &ours));
    nc_plan_destroy(plan);

    pthread_mutex_lock(&pool.mutex);
    pool.stop = 1;
    pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.mutex);
    for (int i = 0; i < WORKERS; i++) pthread_join(pool.threads[i], NULL);

    int same = memcmp(alone, together, sizeof alone) == 0;
    printf("%d batches of work on our own threads: %s bits\n", pool.batches, same ? "the same" : "other");
    return !same || pool.batches == 0;
}
