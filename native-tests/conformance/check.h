/* The lines that a test program prints - `ok NAME`, `not ok NAME: why` - and its exit code. */
#ifndef CHECK_H
#define CHECK_H

#include <nativeconv.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failures;

static inline void ok(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("ok ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

/* After a hundred lines a failure is counted, but no longer printed. */
static inline void not_ok(const char* format, ...)
{
    if (++check_failures > 100) return;
    va_list arguments;
    va_start(arguments, format);
    printf("not ok ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

/* `return check_result();` ends main. */
static inline int check_result(void)
{
    fflush(stdout);
    if (check_failures > 100) printf("not ok (%d failures in all)\n", check_failures);
    return check_failures == 0 ? 0 : 1;
}

/* For what a test needs in order to begin: a file, memory, a plan. */
static inline void die(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("not ok ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    fflush(stdout);
    exit(1);
}

static inline void* allocate(size_t bytes)
{
    void* memory = calloc(bytes ? bytes : 1, 1);
    if (!memory) die("memory: %zu bytes", bytes);
    return memory;
}

/* The library's last message, in a buffer that the next call reuses. */
static inline const char* last_error(void)
{
    static _Thread_local char message[1024];
    nc_last_error(message, sizeof message);
    return message;
}

#endif
