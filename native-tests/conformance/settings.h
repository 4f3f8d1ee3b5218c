/* Settings of the environment. The library reads it once per process, at the first call: each setting gets a process of
 * its own, and no program that uses this may call the library before. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "check.h"
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

/* NATIVECONV_MAX_ISA and NATIVECONV_ALGORITHM; algorithm NULL: the library chooses. */
typedef struct setting { const char *isa, *algorithm; } setting;

enum { MOST_SETTINGS = 24 };

/* All names that nc_explain can say (edges.c holds them against what it does say). */
static const char* const algorithm_names[] = { "direct-points", "direct-tiles", "direct-columns", "direct-planes", "direct-lanes", "plain" };
enum { ALGORITHMS = sizeof algorithm_names / sizeof *algorithm_names };

/* The loop that all others have to equal, bit for bit. */
static const setting oracle = { "portable", "plain" };

static inline int is_oracle(const setting* s) { return s->algorithm && strcmp(s->isa, oracle.isa) == 0 && strcmp(s->algorithm, oracle.algorithm) == 0; }

static inline const char* name_of(const setting* s)
{
    static char name[64];
    snprintf(name, sizeof name, "%s%s%s", s->isa, s->algorithm ? " " : "", s->algorithm ? s->algorithm : "");
    return name;
}

/* 1 if /proc/cpuinfo lists what the wide library is compiled for. */
static inline int cpu_has_avx512(void)
{
    static const char* const needed[] = { "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl" };
    char line[16384] = "";
    FILE* file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file) && strncmp(line, "flags", 5) != 0) { }
    if (file) fclose(file);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!strstr(line, needed[i])) return 0;
    return 1;
}

/* Every instruction set of this CPU with every algorithm, the oracle first; of what the environment names already, only that. TEST_WITHOUT_COMPANION: the library
   is there without the other that has AVX-512. */
static inline int all_settings(setting settings[MOST_SETTINGS])
{
#if defined(__aarch64__)
    const char* isas[] = { "portable", "neon", NULL };
#else
    int companion = !getenv("TEST_WITHOUT_COMPANION");
    const char* isas[] = { "portable", "avx2", companion && cpu_has_avx512() ? "avx512" : NULL };
#endif
    const char *only_isa = getenv("NATIVECONV_MAX_ISA"), *only_algorithm = getenv("NATIVECONV_ALGORITHM");
    int count = 0;
    settings[count++] = oracle;
    for (int i = 0; i < 3; i++) {
        if (!isas[i] || (only_isa && strcmp(only_isa, isas[i]) != 0)) continue;
        for (int a = -1; a < ALGORITHMS; a++) {
            setting s = { isas[i], a < 0 ? NULL : algorithm_names[a] };
            int wanted = !only_algorithm || (s.algorithm && strcmp(only_algorithm, s.algorithm) == 0);
            if (wanted && !is_oracle(&s)) settings[count++] = s;
        }
    }
    return count;
}

static inline pid_t start_setting(const setting* s, int (*run)(const setting*))
{
    fflush(stdout);
    pid_t child = fork();
    if (child != 0) return child;
    setenv("NATIVECONV_MAX_ISA", s->isa, 1);
    if (s->algorithm) setenv("NATIVECONV_ALGORITHM", s->algorithm, 1);
    else unsetenv("NATIVECONV_ALGORITHM");
    if (strcmp(nc_isa(), s->isa) != 0) not_ok("%s: nc_isa() is %s", name_of(s), nc_isa());
    int failed = run(s);
    fflush(stdout);
    exit(failed || check_failures);
}

/* Waits for one process; 1 if it failed. */
static inline int end_setting(void)
{
    int status = 0;
    if (wait(&status) < 0) die("settings: no process to wait for");
    if (WIFSIGNALED(status)) not_ok("settings: a process was ended by signal %d", WTERMSIG(status));
    return status != 0;
}

/* The oracle alone, then the others, as many at a time as there are cores. Returns how many failed. */
static inline int run_settings(const setting* settings, int count, int (*run)(const setting*))
{
    setvbuf(stdout, NULL, _IOLBF, 0);          /* whole lines, of whichever process */
    cpu_set_t cores;
    int most = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    int failed = 0, running = 0;
    for (int i = 0; i < count; i++) {
        if (start_setting(&settings[i], run) < 0) die("settings: no process");
        running++;
        if (i == 0 || running == most) { failed += end_setting(); running--; }
        if (i == 0 && failed) return failed;
    }
    while (running-- > 0) failed += end_setting();
    return failed;
}

/* 1, or the TEST_SHARE of the environment: a slow machine, such as an emulated one, runs one part in so many. */
static inline int test_share(void)
{
    const char* share = getenv("TEST_SHARE");
    return share && atoi(share) > 1 ? atoi(share) : 1;
}

#endif
