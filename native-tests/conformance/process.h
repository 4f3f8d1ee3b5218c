/* What a test knows of its own process: memory, threads, files, children. */
#ifndef PROCESS_H
#define PROCESS_H

#include "check.h"
#include <dirent.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is resident and in use: free memory that the allocator keeps is given back first. */
static inline int64_t resident_bytes(void)
{
    long long all, resident = 0;
    malloc_trim(0);
    FILE* file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lld %lld", &all, &resident) != 2) die("/proc/self/statm");
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

/* Of a folder: /proc/self/task has one for each thread, /proc/self/fd one for each open file. */
static inline int entries(const char* folder)
{
    DIR* d = opendir(folder);
    int count = 0;
    while (d && readdir(d)) count++;
    if (d) closedir(d);
    return count - 2;
}

static inline int thread_count(void) { return entries("/proc/self/task"); }

/* Runs f in a child, whose exit code is what f returns; the status that waitpid gives. A child that hangs is ended, but not by being slow on a busy machine. */
static inline int in_child(int (*f)(const void*), const void* argument)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(600);
        int code = f(argument);
        fflush(stdout);
        _exit(code);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) die("no child process");
    return status;
}

/* A child that prints its own lines: its failures are counted here, too. */
static inline void check_child(const char* name, int status)
{
    if (WIFSIGNALED(status)) not_ok("%s: signal %d", name, WTERMSIG(status));
    else check_failures += WEXITSTATUS(status) != 0;
}

#endif
