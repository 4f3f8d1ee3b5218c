/* Every buffer between two pages that may not be touched, at every alignment, under every algorithm and instruction set.
 *
 *     edges [COUNT [FIRST [TURNS]]]     random descriptors FIRST to FIRST + COUNT - 1, and the cases of ../reference
 *
 * Each descriptor runs with all buffers ending directly before a forbidden page, then beginning directly behind one, then
 * moved by any number of elements within a cache line, with margins that must keep their bytes. Workspace and packed
 * weights have exactly the size asked for; they, and outputs that beta 0 must not read, are full of NaN. Results of the
 * plain loop are held against the loop of layer.h within the error bound of the header; all other settings, places,
 * threads, packed and unpacked weights must give the plain loop's bits. */
#include "expected.h"
#include "forced.h"
#include "guard.h"
#include "parallel.h"
#include <signal.h>

enum { DESCRIPTORS = 3000, CASE_TURNS = 2, CACHE_LINE = 64 };

static uint64_t first, count;                  /* of the random descriptors */
static uint64_t case_turns;                    /* moved placements of each case: 32 are all there are */
static setting settings[MOST_SETTINGS];
static guard guards[BUFFERS];
static const trial* current;                   /* for the message of a fault */
static const setting* chosen;

/* The plain loop's results as one number for each output, in memory that all processes share: random descriptors, then cases. */
typedef struct bits { uint64_t of[WORKSPACE]; } bits;
static bits* known;

static const char* where(const trial* t) { static char text[900]; snprintf(text, sizeof text, "%s (%s)", name_of(chosen), describe(&t->l.desc)); return text; }

/* -- places --------------------------------------------------------------------------------------------------------- */

typedef struct placement {
    char name[80];
    place at[BUFFERS];
    int packed;
    int32_t threads;
    nc_parallel_for_fn parallel_for;
    int library_workspace;                     /* the library's own, not the test's */
} placement;

static placement at_a_page(const trial* t, int at_end)
{
    placement p = { .packed = t->with_packed, .threads = 1 };
    if (!at_end) {                             /* the last of several slices of the workspace, and the other form of weights */
        p.packed = !t->with_packed;
        p.threads = 2 + (int32_t)(t->number % 4);
        p.parallel_for = in_reverse;
    }
    snprintf(p.name, sizeof p.name, "%s a page, %d threads, %s", at_end ? "before" : "behind", p.threads, p.packed ? "packed" : "not packed");
    for (int i = 0; i < BUFFERS; i++) p.at[i] = (place){ at_end, 0 };
    return p;
}

/* Each buffer at another distance, in elements, from one of its pages: after as many turns as there are elements in two
   cache lines, each buffer had each distance from each page. The library's workspace, its pool and new threads have their turns, too. */
static placement moved(const trial* t, uint64_t turn)
{
    placement p = { .packed = (int)(turn & 1), .threads = 1 + (int32_t)(turn % 3), .library_workspace = (int)(turn / 2 % 2) };
    if (p.threads == 2) p.parallel_for = in_order;
    if (p.threads == 3 && turn % 4 == 0) p.parallel_for = on_fresh_threads;
    snprintf(p.name, sizeof p.name, "moved %llu, %d threads, %s, %s workspace", (unsigned long long)turn, p.threads, p.packed ? "packed" : "not packed", p.library_workspace ? "the library's" : "exact");
    size_t element = element_bytes(t->l.desc.dtype), places = CACHE_LINE / element;
    for (int i = 0; i < BUFFERS; i++) {
        uint64_t n = turn + 5 * (uint64_t)i;   /* 5 has no factor in common with the places */
        p.at[i] = (place){ (int)(n / places & 1), (size_t)(n % places) * element };
    }
    return p;
}

/* -- one run -------------------------------------------------------------------------------------------------------- */

typedef struct attempt {
    const trial* t;
    const placement* p;
    nc_plan* plan;
    void* at[WORKSPACE];                       /* inputs and outputs where they lie now */
    char* packed_copy;
} attempt;

static int wrong(const attempt* a, const char* call, const char* why)
{
    not_ok("edges %s: %s: %s: %s: %s", a->t->name, a->p->name, call, why, where(a->t));
    return 0;
}

static void* put(attempt* a, int buffer, int with_data)
{
    size_t bytes = bytes_of(a->t, buffer);
    a->at[buffer] = guard_put(&guards[buffer], bytes, a->p->at[buffer]);
    if (with_data && bytes) memcpy(a->at[buffer], a->t->data[buffer], bytes);
    return a->at[buffer];
}

/* Threads, workspace and packed weights of a call. */
static int prepare(attempt* a, int32_t pass, nc_exec* exec)
{
    const placement* p = a->p;
    exec->num_threads = p->threads;
    exec->parallel_for = p->parallel_for;
    guards[PACKED].at = guards[WORKSPACE].at = NULL;
    if (p->packed && pass != NC_BACKWARD_WEIGHTS) {
        size_t bytes;
        if (nc_packed_weights_size(a->plan, pass, &bytes) != NC_OK || bytes == 0) return wrong(a, "nc_packed_weights_size", last_error());
        void* packed = guard_put(&guards[PACKED], bytes, p->at[PACKED]);
        if (nc_pack_weights(a->plan, pass, a->at[W], packed, bytes) != NC_OK) return wrong(a, "nc_pack_weights", last_error());
        a->packed_copy = memcpy(realloc(a->packed_copy, bytes), packed, bytes);
        exec->packed_weights = packed;
        exec->packed_bytes = bytes;
    }
    size_t bytes;
    if (nc_workspace_size(a->plan, pass, exec, &bytes) != NC_OK) return wrong(a, "nc_workspace_size", last_error());
    if (!p->library_workspace && bytes) {
        exec->workspace = guard_put(&guards[WORKSPACE], bytes, p->at[WORKSPACE]);
        exec->workspace_bytes = bytes;
    }
    return 1;
}

/* After a call: it ended well, margins and inputs are what they were. */
static int ended(const attempt* a, const char* call, nc_status status)
{
    char why[80];
    if (status != NC_OK) return wrong(a, call, last_error());
    for (int i = 0; i < BUFFERS; i++) {
        int changed = i < INPUTS && bytes_of(a->t, i) && memcmp(a->at[i], a->t->data[i], bytes_of(a->t, i)) != 0;
        if (i == PACKED && guards[i].at) changed = memcmp(guards[i].at, a->packed_copy, guards[i].bytes) != 0;
        if (!changed && guard_intact(&guards[i])) continue;
        snprintf(why, sizeof why, "wrote %s %s", changed ? "to" : "outside of", buffer_names[i]);
        return wrong(a, call, why);
    }
    return 1;
}

static int run_calls(attempt* a)
{
    const trial* t = a->t;
    const layer* l = &t->l;
    for (int i = INPUTS; i < BUFFERS; i++) guards[i].at = NULL;
    for (int i = X; i < INPUTS; i++) put(a, i, 1);
    const void *y_read = reads_y(t) ? a->at[YIN] : NULL, *w = a->p->packed ? NULL : a->at[W];

    nc_exec exec = NC_EXEC_INIT;
    exec.beta = t->forward_beta;
    exec.addend = t->with_addend ? a->at[ADDEND] : NULL;
    void* y = put(a, Y, exec.beta != 0 && !t->with_addend);
    if (!prepare(a, NC_FORWARD, &exec) || !ended(a, "forward", run_forward(l, a->plan, a->at[X], w, t->with_bias ? a->at[BIAS] : NULL, y, &exec))) return 0;

    exec = (nc_exec)NC_EXEC_INIT;
    exec.alpha = t->alpha;
    exec.beta = t->beta;
    exec.addend = t->with_addend ? a->at[X] : NULL;
    void* dx = put(a, DX, exec.beta != 0 && !t->with_addend);
    if (!prepare(a, NC_BACKWARD_DATA, &exec) || !ended(a, "backward_data", run_backward_data(l, a->plan, a->at[DY], w, y_read, dx, &exec))) return 0;

    exec = (nc_exec)NC_EXEC_INIT;
    exec.alpha = t->alpha;
    exec.beta = t->beta;
    void *dw = put(a, DW, exec.beta != 0), *db = put(a, DB, exec.beta != 0);
    const void* x = t->wanted == DB_ALONE ? NULL : a->at[X];
    if (t->wanted == DB_ALONE) dw = NULL;
    if (t->wanted == DW_ALONE) db = NULL;
    if (!prepare(a, NC_BACKWARD_WEIGHTS, &exec) || !ended(a, "backward_weights", run_backward_weights(l, a->plan, x, a->at[DY], y_read, dw, db, &exec))) return 0;

    guards[WORKSPACE].at = NULL;
    exec = (nc_exec)NC_EXEC_INIT;
    exec.num_threads = a->p->threads;
    exec.parallel_for = a->p->parallel_for;
    return ended(a, "activation_backward", nc_activation_backward(a->plan, a->at[DY], y_read, put(a, DELTA, 0), &exec));
}

/* -- results -------------------------------------------------------------------------------------------------------- */

static int is_wanted(const trial* t, int output) { return !(output == DW && t->wanted == DB_ALONE) && !(output == DB && t->wanted == DW_ALONE); }

static int right_within_bounds(const attempt* a)
{
    const trial* t = a->t;
    expected e = expect(t, a->plan);
    int right = 1;
    for (int output = INPUTS; output < WORKSPACE && right; output++)
        for (int64_t i = 0; is_wanted(t, output) && i < t->count[output] && right; i++) {
            double value = load(a->at[output], t->l.desc.dtype, i), want = e.value[output][i], tolerance = e.tolerance[output][i];
            if (fabs(value - want) <= tolerance) continue;
            char why[200];
            snprintf(why, sizeof why, "[%lld] is %.17g, expected %.17g, tolerance %g", (long long)i, value, want, tolerance);
            right = wrong(a, buffer_names[output], why);
        }
    expected_free(&e);
    return right;
}

/* The outputs are what the first placement's were: their bytes are in `kept`. */
static int same_as_before(const attempt* a, char* const kept[WORKSPACE])
{
    for (int output = INPUTS; output < WORKSPACE; output++) {
        const char* got = a->at[output];
        size_t bytes = is_wanted(a->t, output) ? bytes_of(a->t, output) : 0, i = 0;
        while (i < bytes && got[i] == kept[output][i]) i++;
        char why[80];
        snprintf(why, sizeof why, "other bits than before a page, first at [%zu]", i / element_bytes(a->t->l.desc.dtype));
        if (i < bytes) return wrong(a, buffer_names[output], why);
    }
    return 1;
}

/* FNV-1a, 64 bits. */
static uint64_t digest(const char* bytes, size_t size)
{
    uint64_t d = 0xCBF29CE484222325u;
    for (size_t i = 0; i < size; i++) d = (d ^ (unsigned char)bytes[i]) * 0x100000001B3u;
    return d;
}

static int same_as_plain_loop(const attempt* a, bits* plain)
{
    for (int output = INPUTS; output < WORKSPACE; output++) {
        if (!is_wanted(a->t, output)) continue;
        uint64_t d = digest(a->at[output], bytes_of(a->t, output));
        if (is_oracle(chosen)) plain->of[output] = d;
        else if (plain->of[output] != d) return wrong(a, buffer_names[output], "other bits than the plain loop's");
    }
    return 1;
}

/* -- one trial ------------------------------------------------------------------------------------------------------ */

typedef struct tally { int64_t run, refused, runs; } tally;

/* All placements: two at the pages, then `turns` moved ones from `turn` on. */
static void try(const trial* t, bits* plain, uint64_t turn, uint64_t turns, tally* done)
{
    current = t;
    nc_plan* plan;
    char name[200];
    snprintf(name, sizeof name, "edges %s", t->name);
    int right = plan_or_refusal(chosen, &t->l, name, &plan);
    if (!plan) { done->refused += right; return; }

    char* kept[WORKSPACE] = { NULL };
    attempt a = { .t = t, .plan = plan };
    for (uint64_t i = 0; right && i < 2 + turns; i++) {
        placement p = i < 2 ? at_a_page(t, i == 0) : moved(t, turn + i - 2);
        a.p = &p;
        right = run_calls(&a);
        if (right && i > 0) right = same_as_before(&a, kept);
        if (right && i == 0) right = (!is_oracle(chosen) || right_within_bounds(&a)) && same_as_plain_loop(&a, plain);
        for (int output = INPUTS; right && i == 0 && output < WORKSPACE; output++)
            if (bytes_of(t, output)) kept[output] = memcpy(allocate(bytes_of(t, output)), a.at[output], bytes_of(t, output));
        done->runs += right;
    }
    done->run += right;
    for (int i = 0; i < WORKSPACE; i++) free(kept[i]);
    free(a.packed_copy);
    nc_plan_destroy(plan);
}

/* -- one setting ---------------------------------------------------------------------------------------------------- */

/* Names the buffer and the descriptor before the program ends. (printf in a handler: the fault is not in printf.) */
static void on_fault(int signal, siginfo_t* info, void* context)
{
    (void)signal; (void)context;
    const char *at = info->si_addr, *what = "no buffer of the test";
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < BUFFERS; i++)
        if (at >= guards[i].memory - page && at < guards[i].memory + guards[i].capacity + page) what = buffer_names[i];
    printf("not ok edges %s: touched what is outside of a buffer: %s: %s\n", current ? current->name : "", what, current ? where(current) : "");
    fflush(stdout);
    _exit(1);
}

static void catch_faults(void)
{
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_RESETHAND };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* All cases in both element types; on a slow machine each in one, and each setting but the first has its share of them. */
static tally all_cases(void)
{
    tally done = { 0, 0, 0 };
    table index = table_open(FOLDER "index.tsv");
    layer l;
    double* tensors[CASE_TENSORS];
    int share = test_share(), mine = (int)(chosen - settings), n = 0;
    for (; next_case(&index, &l, tensors); n++) {
        for (int32_t dtype = NC_F32; dtype <= NC_F64; dtype++) {
            if (share > 1 && ((n + dtype) % 2 != 0 || (!is_oracle(chosen) && (n + mine) % share != 0))) continue;
            trial t = case_trial(&index, &l, tensors, dtype);
            try(&t, &known[count + (uint64_t)n * 2 + (dtype == NC_F64)], (uint64_t)(n * 7 + mine), case_turns, &done);
            trial_free(&t);
        }
        free_case(tensors);
    }
    if (n != CASES) not_ok("edges: %d cases, expected %d", n, CASES);
    return done;
}

static tally all_random(void)
{
    tally done = { 0, 0, 0 };
    for (uint64_t n = 0; n < count && check_failures < 100; n++) {
        trial t = random_trial(first + n);
        try(&t, &known[n], mix(t.number), 1, &done);
        trial_free(&t);
    }
    return done;
}

/* Every name that nc_explain says is one of the settings'. */
static void all_names_are_known(void)
{
    nc_conv_desc desc = random_layer(1);       /* forward, backward-data and dw list all there are */
    nc_plan* plan;
    char text[4096], name[64];
    if (nc_plan_create(&desc, &plan) != NC_OK || nc_explain(plan, text, sizeof text, NULL) != NC_OK) die("edges: nc_explain: %s", last_error());
    int names = 0;
    for (const char* at = text; (at = strstr(at, "\n  not ")); names++) {
        at += strlen("\n  not ");
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ":"), at);
        int is_known = 0;
        for (int i = 0; i < ALGORITHMS; i++) is_known |= strcmp(name, algorithm_names[i]) == 0;
        if (!is_known) not_ok("edges: nc_explain says %s, which is not tested", name);
    }
    if (names < 3) not_ok("edges: nc_explain: no names found in: %s", text);
    nc_plan_destroy(plan);
}

static int run_setting(const setting* s)
{
    chosen = s;
    for (int i = 0; i < BUFFERS; i++) guards[i] = guard_create((size_t)1 << 20);
    catch_faults();                            /* after the library's first call: its runtime has its own handlers */
    if (!s->algorithm) all_names_are_known();
    tally random = all_random(), cases = all_cases();
    /* A share of the cases may have none that the algorithm takes. */
    int without_cases = cases.run == 0 && test_share() == 1;
    if (without_cases || (random.run == 0 && count >= LAYER_SORTS)) not_ok("edges %s: nothing ran", name_of(s));
    if (check_failures == 0)
        ok("edges %s (%lld random descriptors, %lld reference cases, %lld runs of all passes; %lld and %lld refused as they must be)", name_of(s), (long long)random.run, (long long)cases.run,
            (long long)(random.runs + cases.runs), (long long)random.refused, (long long)cases.refused);
    return check_result();
}

int main(int arguments, char** argument)
{
    count = arguments > 1 ? strtoull(argument[1], NULL, 10) : (uint64_t)(DESCRIPTORS / test_share());
    first = arguments > 2 ? strtoull(argument[2], NULL, 10) : 0;
    case_turns = arguments > 3 ? strtoull(argument[3], NULL, 10) : CASE_TURNS;
    known = mmap(NULL, (count + 2 * CASES) * sizeof *known, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (known == MAP_FAILED) die("edges: no memory");
    return run_settings(settings, all_settings(settings), run_setting) != 0 || check_failures != 0;
}
