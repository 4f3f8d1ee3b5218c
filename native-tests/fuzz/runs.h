/* Right executions in many ways: each gives the bits of the first, and touches nothing but its outputs. */
#ifndef RUNS_H
#define RUNS_H

#include "calls.h"

static char* first_result;                     /* result, then db, of a first run */

static inline void keep(const call* k)
{
    if (!first_result) first_result = memset(allocate(2 * TENSOR_BYTES), 1, 2 * TENSOR_BYTES); /* resident from now on */
    memcpy(first_result, k->result, k->result_bytes);
    memcpy(first_result + k->result_bytes, k->db, k->db_bytes);
}

static inline int same(const call* k)
{
    return memcmp(first_result, k->result, k->result_bytes) == 0 && memcmp(first_result + k->result_bytes, k->db, k->db_bytes) == 0;
}

static inline void run_right(call* k, const char* how)
{
    k->exec_at = &k->exec;
    nc_status status = call_run(k);
    watched.executions++;
    if (status != NC_OK) wrong("pass %d, %s: %s", k->pass, how, nc_status_string(status));
    call_untouched(k, status);
    if (!room_kept_inside(ROOM_RESULT) || !room_kept_inside(ROOM_DB)) wrong("pass %d, %s: written outside of the output", k->pass, how);
}

static inline void refill_results(void)
{
    room_refill(ROOM_RESULT);
    room_refill(ROOM_DB);
}

/* The weights of the call, packed into exactly the bytes asked for. */
static inline void pack(call* k, int at_end)
{
    char* packed = room_take(ROOM_PACKED, k->packed_bytes, at_end, k->element);
    if (CALL(nc_pack_weights, k->plan, k->pass, k->w, packed, k->packed_bytes) != NC_OK) wrong("pass %d: packing", k->pass);
    if (!room_untouched(ROOM_W) || !room_kept_inside(ROOM_PACKED)) wrong("pass %d: packing wrote elsewhere", k->pass);
    k->exec.packed_weights = packed;
    k->exec.packed_bytes = k->packed_bytes;
}

static inline void unpack(call* k)
{
    if (k->exec.packed_weights) room_refill(ROOM_PACKED);
    k->exec.packed_weights = NULL;
    k->exec.packed_bytes = 0;
}

/* Scratch that held anything goes back to the pattern only where it was used. */
static inline void return_workspace(call* k)
{
    if (k->exec.workspace) {
        if (!room_kept_inside(ROOM_WORKSPACE)) wrong("pass %d: written outside of the workspace", k->pass);
        room_refill(ROOM_WORKSPACE);
    }
    k->exec.workspace = NULL;
    k->exec.workspace_bytes = 0;
}

/* A workspace of exactly the bytes asked for, or of one thread's. */
static inline void take_workspace(call* k, int at_end, int for_one)
{
    size_t bytes = k->workspace_bytes;
    if (!for_one && k->pass != PASS_DELTA && CALL(nc_workspace_size, k->plan, k->pass, &k->exec, &bytes) != NC_OK) wrong("pass %d: workspace", k->pass);
    if (bytes == 0 || bytes > SCRATCH_BYTES) return;
    k->exec.workspace = room_take(ROOM_WORKSPACE, bytes, at_end, 1);
    k->exec.workspace_bytes = bytes;
}

static inline void choose_scalars(call* k, choices* c)
{
    static const double scales[] = { 0, 1, -1, 0.5, 3 };
    k->exec.flags = one_in(c, 8) ? NC_EXEC_FLUSH_DENORMALS : 0;
    if (k->pass == PASS_DELTA) return;
    if (k->pass != NC_FORWARD) k->exec.alpha = scales[pick(c, 5)];
    k->exec.beta = scales[pick(c, 5)];
    if (k->pass != NC_BACKWARD_WEIGHTS && one_in(c, 3)) k->exec.addend = room_take(ROOM_ADDEND, k->result_bytes, 1, k->element);
}

/* Every input of a second run has to be what it was in the first: the old outputs too, which beta scales. */
static inline void run_in_two_ways(call* k, choices* c)
{
    static const nc_parallel_for_fn ways[] = { NULL, in_order, run_oddly };
    choose_scalars(k, c);
    if (one_in(c, 4)) k->bias = NULL;
    run_right(k, "alone");
    keep(k);
    refill_results();

    int at_end = one_in(c, 2);
    k->exec.num_threads = one_in(c, 16) ? (int32_t)between(c, 2, 40) : (int32_t)between(c, 1, 4);
    k->exec.parallel_for = ways[pick(c, 3)];
    if (k->packed_bytes > 0 && one_in(c, 2)) pack(k, at_end);
    if (one_in(c, 2)) take_workspace(k, at_end, one_in(c, 4));
    run_right(k, "again");
    if (!same(k)) wrong("pass %d: other bits with %d threads, parallel_for %d, packed %d, workspace %zu", k->pass, k->exec.num_threads, k->exec.parallel_for != NULL,
        k->exec.packed_weights != NULL, k->exec.workspace_bytes);
    return_workspace(k);
    unpack(k);
    refill_results();
}

#endif
