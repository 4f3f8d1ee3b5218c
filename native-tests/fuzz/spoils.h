/* Wrong executions: one to three things of a right call are spoiled. Each says with which status it may be refused; nothing may be written. */
#ifndef SPOILS_H
#define SPOILS_H

#include "runs.h"

/* A set of statuses. */
#define IS(status) (1u << -(status))
enum { BAD = IS(NC_ERROR_INVALID_ARGUMENT), NONE = IS(NC_ERROR_NULL_POINTER), OVER = IS(NC_ERROR_OVERLAP), SHORT = IS(NC_ERROR_WORKSPACE), INCOMPLETE = IS(NC_ERROR_PARALLEL) };

/* Memory for an exec at a place where structs may not be. */
static struct { char before[8]; nc_exec exec; } askew;

static inline char** tensor_of(call* k, choices* c)
{
    char** all[6];
    uint32_t count = 0;
    if (k->needs_x) all[count++] = &k->x;
    if (k->needs_w && !k->exec.packed_weights) all[count++] = &k->w;
    if (k->needs_dy) all[count++] = &k->dy;
    if (k->needs_y) all[count++] = &k->y;
    if (k->result_bytes > 0) all[count++] = &k->result;
    return count == 0 ? NULL : all[pick(c, count)];
}

/* -- plan ------------------------------------------------------------------------------------------------------------- */

static unsigned no_plan(call* k, choices* c)
{
    k->plan = one_in(c, 2) ? NULL : (const nc_plan*)(void*)((char*)room_take(ROOM_STRUCT, 64, 1, 8) + 4 * pick(c, 2));
    return k->plan ? BAD : NONE;
}

static unsigned plan_of_other_kind(call* k, choices* c)
{
    (void)c;
    if (k->pass == PASS_DELTA) return 0;
    k->kind = !k->kind;
    return BAD;
}

/* -- tensors ------------------------------------------------------------------------------------------------------------ */

static unsigned no_tensor(call* k, choices* c)
{
    char** tensor = tensor_of(k, c);
    if (!tensor || (tensor == &k->result && k->pass == NC_BACKWARD_WEIGHTS)) return 0; /* dw is not wanted: legal */
    *tensor = NULL;
    return NONE;
}

static unsigned neither_gradient(call* k, choices* c)
{
    (void)c;
    if (k->pass != NC_BACKWARD_WEIGHTS) return 0;
    k->result = k->db = NULL;
    return NONE;
}

static unsigned crooked_tensor(call* k, choices* c)
{
    char** tensor = tensor_of(k, c);
    if (!tensor || !*tensor) return 0;
    *tensor -= 1 + pick(c, (uint32_t)k->element - 1);
    return BAD | OVER;
}

/* The result begins in an input, or ends in it. */
static unsigned overlap(call* k, choices* c)
{
    size_t bytes = 0;
    char* input = NULL;
    switch (pick(c, 4)) {
        case 0: if (k->needs_x) { input = k->x; bytes = k->x_bytes; } break;
        case 1: if (k->needs_w && !k->exec.packed_weights) { input = k->w; bytes = k->w_bytes; } break;
        case 2: if (k->needs_dy) { input = k->dy; bytes = k->y_bytes; } break;
        default: if (k->needs_y) { input = k->y; bytes = k->y_bytes; }
    }
    if (!input || k->result_bytes == 0 || !k->result) return 0;
    size_t elements = bytes / k->element, into = elements < 2 ? 0 : pick(c, (uint32_t)(elements < 1000000 ? elements : 1000000));
    k->result = one_in(c, 2) ? input + into * k->element : input - k->result_bytes + (into + 1) * k->element;
    return OVER | BAD;
}

/* -- exec --------------------------------------------------------------------------------------------------------------- */

static unsigned wrong_size(call* k, choices* c)
{
    static const uint32_t sizes[] = { 0, 1, 8, 80, 87, 4097, 4104, 0xFFFFFFFFu };
    k->exec.struct_size = sizes[pick(c, 8)];
    return BAD;
}

static unsigned wrong_word(call* k, choices* c)
{
    switch (pick(c, 3)) {
        case 0: k->exec.num_threads = -1 - (int32_t)take(c, 3); break;
        case 1: k->exec.flags = 2u << pick(c, 31); break;
        default: k->exec.reserved = 1u << pick(c, 32);
    }
    return BAD;
}

static unsigned wrong_scalar(call* k, choices* c)
{
    static const double values[] = { NAN, -NAN, INFINITY, -INFINITY };
    double* scalar = one_in(c, 2) ? &k->exec.alpha : &k->exec.beta;
    *scalar = values[pick(c, 4)];
    if (one_in(c, 3) && (k->pass == NC_FORWARD || k->pass == PASS_DELTA)) k->exec.alpha = 2;
    return BAD;
}

static unsigned short_workspace(call* k, choices* c)
{
    if (k->pass == PASS_DELTA) return 0;
    if (k->workspace_bytes == 0 || one_in(c, 3)) {
        k->exec.workspace = NULL;
        k->exec.workspace_bytes = 1 + (size_t)take(c, 3);
        return NONE;
    }
    size_t needed = 0;
    if (CALL(nc_workspace_size, k->plan, k->pass, &k->exec, &needed) != NC_OK || needed == 0) return 0;
    if (needed > k->workspace_bytes) needed = k->workspace_bytes;
    size_t bytes = one_in(c, 2) ? needed - 1 : pick(c, needed < 0xFFFFFF ? (uint32_t)needed : 0xFFFFFF);
    k->exec.workspace = room_take(ROOM_WORKSPACE, bytes, 1, 1);
    k->exec.workspace_bytes = bytes;
    return SHORT;
}

static unsigned result_in_workspace(call* k, choices* c)
{
    if (k->workspace_bytes == 0 || k->pass == PASS_DELTA || k->result_bytes == 0 || !k->result || k->exec.packed_weights) return 0;
    size_t elements = k->workspace_bytes / k->element, into = pick(c, elements < 1000000 ? (uint32_t)elements : 1000000);
    k->exec.workspace = room_take(ROOM_WORKSPACE, k->workspace_bytes, 1, k->element);
    k->exec.workspace_bytes = k->workspace_bytes;
    k->result = (char*)k->exec.workspace + into * k->element;
    return OVER | BAD;
}

static unsigned crooked_exec(call* k, choices* c)
{
    char* at = (char*)&askew.exec - 1 - pick(c, 7);
    memcpy(at, &k->exec, sizeof k->exec);
    k->exec_at = (nc_exec*)(void*)at;
    return BAD;
}

/* -- packed weights ------------------------------------------------------------------------------------------------------- */

/* The same weights packed for the other pass; false if one buffer serves both, or is too large to be tried. */
static int pack_for_other_pass(call* k)
{
    nc_pass_info own = { .struct_size = sizeof own }, other = { .struct_size = sizeof other };
    if (CALL(nc_plan_pass_info, k->plan, k->pass, &own) != NC_OK || CALL(nc_plan_pass_info, k->plan, !k->pass, &other) != NC_OK) wrong("asking the plan");
    if (own.packed_id == other.packed_id || other.packed_bytes > SCRATCH_BYTES) return 0;
    char* packed = room_take(ROOM_PACKED, (size_t)other.packed_bytes, 1, k->element);
    if (CALL(nc_pack_weights, k->plan, !k->pass, k->w, packed, (size_t)other.packed_bytes) != NC_OK) wrong("packing for the other pass");
    k->exec.packed_weights = packed;
    k->exec.packed_bytes = (size_t)other.packed_bytes;
    return 1;
}

static unsigned foreign_packed(call* k, choices* c)
{
    if (k->packed_bytes == 0 || k->exec.packed_weights) {
        if (k->pass < NC_BACKWARD_WEIGHTS) return 0;
        k->exec.packed_weights = room_take(ROOM_PACKED, 64, 1, 8); /* a pass without weights */
        k->exec.packed_bytes = 64;
        return BAD;
    }
    char* own = k->w;
    k->w = rooms[ROOM_W].at;                   /* what is packed is right, whatever was done to w */
    unsigned expected = BAD;
    switch (pick(c, 6)) {
        case 0:                                /* never packed */
            k->exec.packed_weights = room_take(ROOM_PACKED, k->packed_bytes, 1, k->element);
            k->exec.packed_bytes = k->packed_bytes;
            break;
        case 1:                                /* a bit of the header changed */
            pack(k, 1);
            rooms[ROOM_PACKED].at[pick(c, 64)] ^= (char)(1 << pick(c, 8));
            break;
        case 2:                                /* cut off */
            pack(k, 1);
            k->exec.packed_bytes -= 1 + pick(c, k->packed_bytes < 1000000 ? (uint32_t)k->packed_bytes : 1000000);
            break;
        case 3:                                /* no buffer, but bytes */
            k->exec.packed_bytes = 1 + (size_t)take(c, 3);
            expected = NONE;
            break;
        case 4:
            if (!pack_for_other_pass(k)) expected = 0;
            break;
        default:                               /* moved by a byte */
            pack(k, 0);
            memmove(rooms[ROOM_PACKED].at + 1, rooms[ROOM_PACKED].at, k->packed_bytes < SCRATCH_BYTES ? k->packed_bytes : SCRATCH_BYTES - 1);
            rooms[ROOM_PACKED].bytes += k->packed_bytes < SCRATCH_BYTES;
            k->exec.packed_weights = rooms[ROOM_PACKED].at + 1;
    }
    k->w = own;
    return expected;
}

static unsigned wrong_addend(call* k, choices* c)
{
    if (k->pass >= NC_BACKWARD_WEIGHTS) {
        k->exec.addend = room_take(ROOM_ADDEND, 64, 1, 8);
        return BAD;
    }
    if (k->result_bytes == 0 || !k->result) return 0;
    k->exec.beta = 1;
    if (one_in(c, 2)) {
        k->exec.addend = (char*)room_take(ROOM_ADDEND, k->result_bytes, 1, k->element) - 1 - pick(c, (uint32_t)k->element - 1);
        return BAD;
    }
    size_t elements = k->result_bytes / k->element;
    if (elements < 2) return 0;
    k->exec.addend = k->result + (1 + pick(c, elements < 1000000 ? (uint32_t)elements - 1 : 999999)) * k->element;
    return OVER;
}

/* -- all of them ---------------------------------------------------------------------------------------------------------- */

static unsigned (*const spoils[])(call*, choices*) = { no_plan, plan_of_other_kind, no_tensor, neither_gradient, crooked_tensor, overlap, wrong_size, wrong_word, wrong_scalar, short_workspace,
    result_in_workspace, crooked_exec, foreign_packed, wrong_addend };

static inline void run_wrong(const call* right, choices* c)
{
    call k = *right;
    k.exec_at = &k.exec;
    unsigned expected = 0;
    uint32_t last = pick(c, sizeof spoils / sizeof *spoils);
    int count = one_in(c, 3) ? (int)between(c, 2, 3) : 1;
    for (int i = 0; i < count; i++, last = (last + 1 + pick(c, 5)) % (sizeof spoils / sizeof *spoils)) {
        if (spoils[last] == crooked_exec && i + 1 < count) continue; /* a copy: the last thing to be done */
        if (k.plan != right->plan && (spoils[last] == short_workspace || spoils[last] == foreign_packed)) continue; /* they ask the plan */
        expected |= spoils[last](&k, c);
    }
    if (expected == 0) return;
    nc_status status = call_run(&k);
    if (status == NC_OK || !(expected >> -status & 1)) wrong("pass %d: %s, expected one of the set %#x (spoil %u)", k.pass, nc_status_string(status), expected, last);

    /* What was put where it is not looked for is put back. */
    room_refill(ROOM_PACKED);
    call_untouched(&k, status);
    refill_results();
}

/* A parallel_for that does not run every index: reported, and the output is anything, but nothing else is. */
static inline void run_incompletely(call* k)
{
    k->exec.num_threads = 3;
    k->exec.parallel_for = run_not_all;
    k->exec_at = &k->exec;
    nc_status status = call_run(k);
    if (status != NC_OK && status != NC_ERROR_PARALLEL) wrong("pass %d: %s, with indices left out", k->pass, nc_status_string(status));
    if (!room_kept_inside(ROOM_RESULT) || !room_kept_inside(ROOM_DB)) wrong("pass %d: written outside of the output", k->pass);
    refill_results();
    call_untouched(k, status);
}

/* Any numbers in exec, pointers that are safe: refused or run, never worse. */
static inline void run_anything(call* k, choices* c)
{
    nc_exec e = NC_EXEC_INIT;
    static const nc_parallel_for_fn ways[] = { NULL, in_order, run_oddly, NULL };
    e.num_threads = one_in(c, 3) ? (int32_t)odd_integer(c) : (int32_t)between(c, 0, 4);
    if (one_in(c, 4)) e.flags = (uint32_t)take(c, 1);
    if (one_in(c, 8)) e.reserved = (uint32_t)odd_integer(c);
    e.alpha = odd_number(c);
    e.beta = odd_number(c);
    if (one_in(c, 2)) e.addend = room_take(ROOM_ADDEND, k->result_bytes, 1, k->element);
    e.parallel_for = ways[pick(c, 4)];
    e.parallel_user = (void*)(uintptr_t)take(c, 3);
    k->exec = e;
    k->exec_at = &k->exec;
    nc_status status = call_run(k);
    call_untouched(k, status);
    refill_results();
}

#endif
