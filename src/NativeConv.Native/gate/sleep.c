/*
 * sleep.c - how the pool's threads sleep: on a word of their own, in the kernel.
 *
 * Locks of the managed runtime are shared by all threads. A fork that comes while a thread holds one leaves it locked in
 * the child for ever, and the child could start no thread. A futex has no state but its word.
 */
#include "gate.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

void nativeconv_sleep(uint32_t* word, uint32_t value) { syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0); }

void nativeconv_wake(uint32_t* word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }
