/* The bits of every pass of every line of descriptors.tsv, for each vector width of this CPU, against digests.tsv.
 *
 *     digest          compares, under each NATIVECONV_MAX_ISA in turn (or the one that is set)
 *     digest print    prints a new digests.tsv: only when nc_numerics_version has changed */
#include "job.h"
#include <sys/wait.h>
#include <unistd.h>

#define DIGESTS "native-tests/conformance/digests.tsv"

static digests digests_of(const job* j)
{
    nc_plan* plan = job_plan(j);
    digests d, packed;
    if (job_run(j, plan, NULL, 0, &d) != NC_OK) die("digest %d: %s", j->id, last_error());
    if (job_run(j, plan, NULL, 1, &packed) != NC_OK) die("digest %d, packed: %s", j->id, last_error());
    for (int i = 0; i < OUTPUTS; i++)
        if (d.of[i] != packed.of[i]) not_ok("digest %d %s: packed weights change the bits", j->id, output_names[i]);
    nc_plan_destroy(plan);
    return d;
}

static int print(void)
{
    table t = table_open(DESCRIPTORS);
    uint64_t total = digest_start;
    printf("id\ty\tdx\tdw\tdb\tdelta\n");
    while (table_next(&t)) {
        job j = job_read(&t);
        digests d = digests_of(&j);
        printf("%d", j.id);
        for (int i = 0; i < OUTPUTS; i++) printf("\t%016llx", (unsigned long long)d.of[i]);
        printf("\n");
        total = digest_bytes(total, &d, sizeof d);
        job_free(&j);
    }
    printf("# total %016llx, nc_numerics_version %u\n", (unsigned long long)total, (unsigned)nc_numerics_version());
    return check_result();
}

/* 1 if /proc/cpuinfo lists what the wide library is compiled for. */
static int cpu_has_avx512(void)
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

static int compare(const char* isa)
{
    if (isa && strcmp(nc_isa(), isa) != 0) {
        if (strcmp(isa, "avx512") != 0 || cpu_has_avx512()) not_ok("digest %s: nc_isa() is %s", isa, nc_isa());
        else ok("digest avx512 (not on this CPU: %s runs instead)", nc_isa());
    }

    table lines = table_open(DESCRIPTORS), known = table_open(DIGESTS);
    uint64_t total = digest_start;
    int count = 0;
    for (; table_next(&lines); count++) {
        job j = job_read(&lines);
        digests d = digests_of(&j);
        total = digest_bytes(total, &d, sizeof d);
        if (!table_next(&known) || integer_of(&known, "id") != j.id) die("digest: " DIGESTS " has no line for descriptor %d", j.id);
        for (int i = 0; i < OUTPUTS; i++) {
            char digest[20];
            snprintf(digest, sizeof digest, "%016llx", (unsigned long long)d.of[i]);
            if (strcmp(digest, text_of(&known, output_names[i])) != 0) not_ok("digest %s %d %s: %s, expected %s", nc_isa(), j.id, output_names[i], digest, text_of(&known, output_names[i]));
        }
        job_free(&j);
    }
    if (count < 200) not_ok("digest: only %d descriptors", count);
    if (check_failures == 0) ok("digest %s (%d descriptors, total %016llx)", nc_isa(), count, (unsigned long long)total);
    return check_result();
}

int main(int arguments, char** argument)
{
    if (arguments > 1 && strcmp(argument[1], "print") == 0) return print();
    if (getenv("NATIVECONV_MAX_ISA")) return compare(NULL);

#if defined(__aarch64__)
    static const char* const isas[] = { "portable", "neon" };
#else
    static const char* const isas[] = { "portable", "avx2", "avx512" };
#endif
    /* The variable is read once per process, at the first call: one process each. */
    int failed = 0;
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        pid_t child = fork();
        if (child == 0) {
            setenv("NATIVECONV_MAX_ISA", isas[i], 1);
            exit(compare(isas[i]));
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) {
            not_ok("digest %s", isas[i]);
            failed = 1;
        }
    }
    return failed;
}
