/* Which processors the pool's threads may use: those of the thread that made them, also after the pool has woken them somewhere else.
 *
 *     processors LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <sched.h>

enum { CALLS = 20, CHANNELS = 16, SIDE = 64, THREADS = 3 };

static library l;
static nc_plan* plan;
static float x[CHANNELS * SIDE * SIDE], w[CHANNELS * CHANNELS * 9], alone[CHANNELS * SIDE * SIDE], y[CHANNELS * SIDE * SIDE];

static const char* run(int threads, float* result)
{
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = threads;
    return l.conv_forward(plan, x, w, NULL, result, &exec) == NC_OK ? NULL : message(&l);
}

/* 9 million multiply-adds: enough to be shared. */
static const char* make_layer(void)
{
    nc_conv_desc desc = large_layer(&l, CHANNELS, SIDE);
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = (float)(i % 13) - 6;
    for (size_t i = 0; i < sizeof w / sizeof *w; i++) w[i] = (float)(i % 7) - 3;
    return l.plan_create(&desc, &plan) == NC_OK ? run(1, alone) : message(&l);
}

/* NULL if every thread of the process may use the same processors as this one. */
static const char* all_alike(void)
{
    cpu_set_t mine, other;
    if (sched_getaffinity(0, sizeof mine, &mine) != 0) die("sched_getaffinity");
    DIR* d = opendir("/proc/self/task");
    const char* why = d ? NULL : "/proc/self/task";
    for (struct dirent* entry; d && (entry = readdir(d)) && !why;) {
        pid_t thread = atoi(entry->d_name);
        if (thread > 0 && sched_getaffinity(thread, sizeof other, &other) == 0 && !CPU_EQUAL(&mine, &other)) why = "a thread may use others";
    }
    if (d) closedir(d);
    return why;
}

/* Between calls the pool's threads fall asleep. */
static const char* call_and_wait(void)
{
    const char* why = NULL;
    for (int i = 0; i < CALLS && !why; i++) {
        usleep(2000);
        why = run(THREADS, y);
        if (!why && memcmp(y, alone, sizeof y) != 0) why = "other bits than with one thread";
        if (!why) why = all_alike();
    }
    return why ? why : thread_count() >= THREADS ? NULL : "the pool made no threads";
}

static int on_one_processor(const void* unused)
{
    (void)unused;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) die("sched_setaffinity");
    check("threads that share one processor", call_and_wait());
    return check_result();
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: processors LIBRARY");
    l = open_library(arguments[1]);
    check("a layer on one thread", make_layer());
    check_child("threads that share one processor", in_child(on_one_processor, NULL));
    check("threads may use the processors of their maker after they were woken", call_and_wait());
    l.plan_destroy(plan);
    return check_result();
}
