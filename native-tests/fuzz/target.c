/* One input: a descriptor, the questions about it, its plan and its executions, each chosen by the input's bytes. A libFuzzer target, and what fuzz.c feeds. */
#include "target.h"
#include "spoils.h"

static corpus layers;

/* One layer of 64 may have as many as 2^22 multiply-adds, so that most of the time goes to calls. */
static double most_products(choices* c) { return one_in(c, 64) ? 4194304 : one_in(c, 8) ? 524288 : 65536; }

static void executions(const nc_conv_desc* d, const nc_plan* plan, choices* c)
{
    call k;
    int32_t pass = (int32_t)pick(c, 4);
    if (!call_open(&k, d, plan, pass, most_products(c), c)) return;
    for (uint32_t n = 1 + pick(c, 8); n > 0; n--) run_wrong(&k, c);
    call again = k;
    if (!one_in(c, 4)) run_in_two_ways(&again, c);
    if (one_in(c, 8)) { again = k; run_anything(&again, c); }
    if (one_in(c, 16) && pass != PASS_DELTA) { again = k; run_incompletely(&again); }
}

int fuzz_input(const uint8_t* bytes, size_t count)
{
    choices stream = { bytes, count }, *c = &stream;
    if (!layers.lines) layers = corpus_read();
    rooms_open();

    nc_conv_desc d = hostile_descriptor(&layers, c);
    watched.desc = d;
    if (one_in(c, 4)) ask_nothing(c);
    const nc_conv_desc* at = place_descriptor(&d, c);
    if (one_in(c, 64)) at = NULL;
    if (at && one_in(c, 64)) at = (const nc_conv_desc*)(const void*)((const char*)at - 4);

    nc_plan* plan = (nc_plan*)(void*)&plan;
    nc_plan** to = one_in(c, 64) ? NULL : &plan;
    nc_status planned = CALL(nc_plan_create, at, to);
    if (planned != NC_OK && plan != (to ? NULL : (nc_plan*)(void*)&plan)) wrong("refused, and *plan is not NULL");
    if (planned == NC_OK && (!plan || !to)) wrong("fine, without a plan");
    if (to) ask_descriptor(at, planned, c);
    memcpy(rooms[ROOM_STRUCT].at, room_pattern(&rooms[ROOM_STRUCT]), rooms[ROOM_STRUCT].bytes);
    if (planned == NC_OK) {
        if (one_in(c, 4)) explain(plan, c);
        if (one_in(c, 4)) ask_plan_wrongly(plan, c);
        d.struct_size = sizeof d;
        executions(&d, plan, c);
        call_begin("nc_plan_destroy");
        nc_plan_destroy(plan);
        call_end();
    }
    return 0;
}

fuzz_counts fuzz_count(void)
{
    return (fuzz_counts){ watched.calls, watched.failures, watched.executions, watched.worst_ns, watched.worst_input, watched.worst_function, check_failures };
}

const char* fuzz_descriptor(void) { return watched_descriptor(); }

void fuzz_next(uint64_t seed, uint64_t input)
{
    if (watched.calls == 0) watch_signals();
    watched.seed = seed;
    watched.input = input;
}

#ifdef FUZZ_LIBFUZZER                         /* it has a main, an alarm and handlers of its own */
int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) { return fuzz_input(bytes, count); }
#endif
