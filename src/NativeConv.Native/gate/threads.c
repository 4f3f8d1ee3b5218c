/*
 * threads.c - what the pool's threads are made of: POSIX threads, each of which sleeps on a word of its own, in the kernel.
 *
 * Locks of the managed runtime are shared by all threads. A fork that comes while a thread holds one leaves it locked in
 * the child for ever. Starting a managed thread allocates, and so takes the collector's; these do not. They take the one of
 * the list of threads when they enter managed code and when they end, as any thread does. A futex has no state but its word.
 */
#include "gate.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(pthread_t) <= sizeof(intptr_t), "Gate.cs keeps a pthread_t in a pointer's width");

int32_t nativeconv_thread_start(void* (*body)(void*), void* argument, intptr_t* thread)
{
    pthread_t started;
    if (pthread_create(&started, NULL, body, argument) != 0)
        return 0;
    pthread_setname_np(started, "nativeconv");
    *thread = (intptr_t)started;
    return 1;
}

void nativeconv_thread_join(intptr_t thread) { pthread_join((pthread_t)thread, NULL); }

void nativeconv_thread_sleep(intptr_t thread, uint32_t* word, uint32_t value)
{
    (void)thread;
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

/*
 * The thread must not wake up on its caller's processor, which goes on computing: a kernel in a virtual machine takes a halted
 * processor for one that is not to be had, and lets the two take turns for some milliseconds (docs/decisions/0004-the-pool.md).
 * Where it wakes up is settled when the call returns; which processors it may use stays as it was.
 */
void nativeconv_thread_wake(intptr_t thread, uint32_t* word)
{
    pthread_t sleeper = (pthread_t)thread;
    int here = sched_getcpu();
    cpu_set_t allowed, others;
    int narrowed = 0;
    if (here >= 0 && pthread_getaffinity_np(sleeper, sizeof allowed, &allowed) == 0) {
        others = allowed;
        CPU_CLR(here, &others);
        narrowed = CPU_COUNT(&others) > 0 && pthread_setaffinity_np(sleeper, sizeof others, &others) == 0;
    }
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    if (narrowed)
        pthread_setaffinity_np(sleeper, sizeof allowed, &allowed);
}
