/* The bits of every pass of every line of descriptors.tsv, the same under every setting.
 *
 *     digest          the plain loop against digests.tsv; every instruction set of this CPU, every algorithm, thread count,
 *                     kind of parallel_for, alignment, workspace and form of weights against what the plain loop gave.
 *                     With TEST_SHARE the library's choice of portable kernels takes the place of the slow plain loop.
 *     digest print    prints a new digests.tsv: only when nc_numerics_version has changed, or for lines added at the end */
#include "forced.h"
#include "guard.h"
#include "job.h"
#include "parallel.h"

#define DIGESTS "native-tests/conformance/digests.tsv"

enum { FEWEST_LINES = 500, CACHE_LINE = 64 };

static int printing;
static setting settings[MOST_SETTINGS];
static FILE* first_results;                    /* the outputs of the first setting, one behind the other: processes share the file */

/* -- the first setting ---------------------------------------------------------------------------------------------- */

static void compare_with_table(table* known, const job* j, const digests* d)
{
    if (!table_next(known) || integer_of(known, "id") != j->id) die("digest: " DIGESTS " has no line for descriptor %d", j->id);
    for (int i = 0; i < OUTPUTS; i++) {
        char digest[20];
        snprintf(digest, sizeof digest, "%016llx", (unsigned long long)d->of[i]);
        if (strcmp(digest, text_of(known, output_names[i])) != 0) not_ok("digest %s, descriptor %d, %s: %s, expected %s", name_of(&settings[0]), j->id, output_names[i], digest, text_of(known, output_names[i]));
    }
}

static void print_line(const job* j, const digests* d)
{
    printf("%d", j->id);
    for (int i = 0; i < OUTPUTS; i++) printf("\t%016llx", (unsigned long long)d->of[i]);
    printf("\n");
}

static int run_first(void)
{
    table lines = table_open(DESCRIPTORS), known;
    uint64_t total = digest_start;
    int count = 0;
    if (printing) printf("id\ty\tdx\tdw\tdb\tdelta\n");
    else known = table_open(DIGESTS);
    for (; table_next(&lines); count++) {
        job j = job_read(&lines);
        job_add_old(&j);
        nc_plan* plan;
        if (!plan_or_refusal(settings, &j.l, "digest", &plan)) die("digest: descriptor %d", j.id);
        nc_exec exec = NC_EXEC_INIT;
        exec.num_threads = 1;
        job_buffers to = { .packed = NULL };
        digests d;
        for (int i = 0; i < OUTPUTS; i++) to.out[i] = allocate(output_bytes(&j, i));
        if (job_run_to(&j, plan, &exec, &to) != NC_OK) die("digest %d: %s", j.id, last_error());
        for (int i = 0; i < OUTPUTS; i++) {
            d.of[i] = digest_bytes(digest_start, to.out[i], output_bytes(&j, i));
            if (fwrite(to.out[i], 1, output_bytes(&j, i), first_results) != output_bytes(&j, i)) die("digest: no room for results");
            free(to.out[i]);
        }
        total = digest_bytes(total, &d, sizeof d);
        if (printing) print_line(&j, &d);
        else compare_with_table(&known, &j, &d);
        nc_plan_destroy(plan);
        job_free(&j);
    }
    fflush(first_results);
    if (printing) printf("# total %016llx, nc_numerics_version %u\n", (unsigned long long)total, (unsigned)nc_numerics_version());
    if (count < FEWEST_LINES) not_ok("digest: only %d descriptors", count);
    if (!printing && check_failures == 0) ok("digest %s (%d descriptors are those of digests.tsv, total %016llx)", name_of(settings), count, (unsigned long long)total);
    return check_result();
}

/* -- other settings ------------------------------------------------------------------------------------------------- */

/* How a job runs. `shift`: every buffer begins so many bytes behind the beginning of a cache line. */
typedef struct manner { char name[160]; int32_t threads; nc_parallel_for_fn parallel_for; int packed, exact_workspace; size_t shift; } manner;

/* By turns: each kind of parallel_for with each number of threads, and with them, evenly spread, all shifts, weights packed
   and not, the library's workspace and one of exactly the size asked for. */
enum { MANNERS = WAYS * THREAD_COUNTS };

static manner manner_of(int turn, size_t element)
{
    int w = turn / THREAD_COUNTS, n = turn % THREAD_COUNTS;
    manner m = { .threads = thread_counts[n], .parallel_for = ways[w].run, .packed = (w + n) & 1, .exact_workspace = (w / 2 + n) & 1, .shift = (size_t)turn * element % CACHE_LINE };
    snprintf(m.name, sizeof m.name, "%d threads, %s, %s, %s workspace, %zu bytes behind a cache line", m.threads, ways[w].name, m.packed ? "packed" : "not packed",
        m.exact_workspace ? "exact" : "the library's", m.shift);
    return m;
}

/* Memory for all buffers of a job, anew at each shift: inputs, outputs, packed weights, workspace. */
static struct room { guard in[JOB_TENSORS], out[OUTPUTS], packed, workspace; } room;

static nc_status run_in(const job* j, const nc_plan* plan, const manner* m, job_buffers* to)
{
    place at = { 0, m->shift };
    job here = *j;
    for (int i = 0; i < JOB_TENSORS; i++) {
        here.in[i] = guard_put(&room.in[i], tensor_bytes(j, i), at);
        if (tensor_bytes(j, i)) memcpy(here.in[i], j->in[i], tensor_bytes(j, i));
    }
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = m->threads;
    exec.parallel_for = m->parallel_for;
    for (int i = 0; i < OUTPUTS; i++) to->out[i] = guard_put(&room.out[i], output_bytes(j, i), at);
    to->workspace = m->exact_workspace ? guard_put(&room.workspace, most_workspace_bytes(plan, &exec), at) : NULL;
    to->packed = m->packed ? guard_put(&room.packed, most_packed_bytes(plan), at) : NULL;
    return job_run_to(&here, plan, &exec, to);
}

typedef struct first_bytes { const char* of[OUTPUTS]; } first_bytes;

/* 0, and where they differ first, if they do. */
static int same(const job* j, const setting* s, const char* how, int output, const char* got, const char* want, size_t bytes)
{
    if (bytes == 0 || memcmp(got, want, bytes) == 0) return 1;
    size_t i = 0;
    while (got[i] == want[i]) i++;
    char first_name[64];
    snprintf(first_name, sizeof first_name, "%s", name_of(settings));
    not_ok("digest %s, descriptor %d, %s, %s: other bits than %s, first at [%zu]", name_of(s), j->id, output_names[output], how, first_name, i / element_bytes(j->l.desc.dtype));
    return 0;
}

static int run_manner(const job* j, const setting* s, const nc_plan* plan, int turn, const first_bytes* first)
{
    manner m = manner_of(turn, element_bytes(j->l.desc.dtype));
    job_buffers to;
    if (run_in(j, plan, &m, &to) != NC_OK) { not_ok("digest %s, descriptor %d, %s: %s", name_of(s), j->id, m.name, last_error()); return 0; }
    int right = 1;
    for (int i = 0; i < OUTPUTS; i++) right &= same(j, s, m.name, i, to.out[i], first->of[i], output_bytes(j, i));
    return right;
}

/* y and dx of an image are the same without the others of its batch. */
static int images_alone(const job* j, const setting* s, const first_bytes* first)
{
    static const int by_image[] = { JOB_X, JOB_DY, JOB_FORWARD_ADDEND, JOB_BACKWARD_ADDEND, JOB_OLD_Y, JOB_OLD_DX };
    int right = 1;
    job one = *j;
    one.l.desc.batch = 1;
    one.l = layer_of(&one.l.desc);
    nc_plan* plan = job_plan(&one);
    size_t y_bytes = output_bytes(&one, OF_Y), dx_bytes = output_bytes(&one, OF_DX);
    for (int64_t n = 0; n < j->l.desc.batch; n++) {
        for (size_t i = 0; i < sizeof by_image / sizeof *by_image; i++) one.in[by_image[i]] = (char*)j->in[by_image[i]] + (size_t)n * tensor_bytes(&one, by_image[i]);
        manner m = manner_of((int)(j->id + n) % MANNERS, element_bytes(j->l.desc.dtype));
        job_buffers to;
        char how[200];
        snprintf(how, sizeof how, "image %lld alone, %s", (long long)n, m.name);
        if (run_in(&one, plan, &m, &to) != NC_OK) { not_ok("digest %s, descriptor %d, %s: %s", name_of(s), j->id, how, last_error()); right = 0; break; }
        right &= same(j, s, how, OF_Y, to.out[OF_Y], first->of[OF_Y] + (size_t)n * y_bytes, y_bytes);
        right &= same(j, s, how, OF_DX, to.out[OF_DX], first->of[OF_DX] + (size_t)n * dx_bytes, dx_bytes);
    }
    nc_plan_destroy(plan);
    return right;
}

/* The library's own choice runs in every manner, and in one of them twice; a forced algorithm in every fourth; the plain loop,
   which is slow and has no kernels to go wrong, in one; a slow machine in its share of these, so that steps beyond the
   manners leave descriptors out. Which manners, goes with the descriptor. */
static int step_of(const setting* s)
{
    return test_share() * (!s->algorithm ? 1 : strcmp(s->algorithm, "plain") == 0 ? MANNERS : 4);
}

static int run_setting(const setting* s)
{
    if (s == settings) return run_first();

    /* A pool as large as the largest number of threads, however few cores there are. */
    if (nc_set_num_threads(thread_counts[THREAD_COUNTS - 1]) != NC_OK) die("digest: nc_set_num_threads: %s", last_error());
    fseek(first_results, 0, SEEK_END);
    size_t size = (size_t)ftell(first_results);
    const char* next = mmap(NULL, size, PROT_READ, MAP_SHARED, fileno(first_results), 0);
    if (next == MAP_FAILED) die("digest: no memory");
    table lines = table_open(DESCRIPTORS);
    int step = step_of(s);
    int run = 0, refused = 0, runs = 0, alone = 0;
    while (table_next(&lines) && check_failures < 100) {
        job j = job_line(&lines);
        first_bytes first;
        for (int i = 0; i < OUTPUTS; i++) { first.of[i] = next; next += output_bytes(&j, i); }
        nc_plan* plan;
        char who[40];
        snprintf(who, sizeof who, "digest, descriptor %d", j.id);
        plan_or_refusal(s, &j.l, who, &plan);
        if (plan) {
            run++;
            if (!s->algorithm || j.id * 7 % step < MANNERS) {
                job_add_inputs(&j);
                job_add_old(&j);
            }
            for (int turn = j.id * 7 % step; turn < MANNERS; turn += step) runs += run_manner(&j, s, plan, turn, &first);
            if (!s->algorithm) runs += run_manner(&j, s, plan, j.id % MANNERS, &first);
            if (!s->algorithm && j.l.desc.algorithm == NC_ALGO_DIRECT && j.l.desc.batch > 1) alone += images_alone(&j, s, &first);
        } else refused++;
        nc_plan_destroy(plan);
        job_free(&j);
    }
    if (runs == 0) not_ok("digest %s: nothing ran", name_of(s));
    if (!s->algorithm && alone < 100) not_ok("digest %s: only %d batches image by image", name_of(s), alone);
    if (check_failures == 0) ok("digest %s (the same bits from %d descriptors in %d runs of all passes, %d batches image by image, %d refused as they must be)", name_of(s), run, runs, alone, refused);
    return check_result();
}

int main(int arguments, char** argument)
{
    printing = arguments > 1 && strcmp(argument[1], "print") == 0;
    first_results = tmpfile();
    if (!first_results) die("digest: no file");
    int count = all_settings(settings);
    if (test_share() > 1) settings[0].algorithm = NULL;
    return run_settings(settings, printing ? 1 : count, run_setting) != 0 || check_failures != 0;
}
