/* What is asked of a descriptor and of its plan, rightly and wrongly. */
#ifndef PLANS_H
#define PLANS_H

#include "descriptors.h"

/* A struct for output: as long as it says it is, full of a canary, perhaps with a wrong size. Returns whether that is right. */
static inline int place_output(void** at, size_t size, size_t least, choices* c)
{
    static const uint32_t wrong_sizes[] = { 0, 8, 72, 79, 103, 4097, 4104, 0xFFFFFFFFu };
    uint32_t stated = (uint32_t)size;
    if (one_in(c, 8)) stated = wrong_sizes[pick(c, 8)];
    else if (one_in(c, 8)) stated = (uint32_t)size + 8 * pick(c, 32);
    int right = stated >= least && stated <= 4096;
    *at = room_take(ROOM_DB, right ? stated : 8, 1, 8);
    memcpy(*at, &stated, sizeof stated);
    return right;
}

/* After a call with such a struct: nothing written if refused, nothing beyond it in any case. */
static inline void check_output(nc_status status, int right, uint32_t stated)
{
    uint32_t now;
    memcpy(&now, rooms[ROOM_DB].at, sizeof now);
    if (now != stated) wrong("struct_size was written");
    memcpy(rooms[ROOM_DB].at, room_pattern(&rooms[ROOM_DB]), sizeof now);
    if (status != NC_OK && !room_untouched(ROOM_DB)) wrong("refused, and the struct was written");
    if (status == NC_OK && !right) wrong("a wrong struct_size was accepted");
    room_refill(ROOM_DB);
}

static inline uint32_t stated_size(const void* at) { uint32_t size; memcpy(&size, at, sizeof size); return size; }

/* -- a descriptor ------------------------------------------------------------------------------------------------------ */

/* The two queries of a descriptor say what planning said, except for what only planning can run out of. */
static inline void ask_descriptor(const nc_conv_desc* d, nc_status planned, choices* c)
{
    int64_t shape[3] = { -7, -7, -7 };
    nc_status status = CALL(nc_output_shape, d, one_in(c, 32) ? NULL : shape);
    if (status != NC_OK && (shape[0] != -7 || shape[1] != -7 || shape[2] != -7)) wrong("refused, and the shape was written");
    if (status == NC_OK && (shape[0] < 1 || shape[1] < 1 || shape[2] < 1)) wrong("an output of %lld, %lld, %lld", (long long)shape[0], (long long)shape[1], (long long)shape[2]);
    if (planned == NC_OK && status != NC_OK && status != NC_ERROR_NULL_POINTER) wrong("%s, after a plan was made", nc_status_string(status));
    if (planned != NC_OK && planned != NC_ERROR_OUT_OF_MEMORY && planned != NC_ERROR_OVERFLOW && status == NC_OK) wrong("fine, after planning said %s", nc_status_string(planned));

    nc_tensor* info;
    int right = place_output((void**)&info, sizeof *info, sizeof(nc_tensor), c);
    int32_t tensor = one_in(c, 8) ? (int32_t)odd_integer(c) : (int32_t)pick(c, 6);
    uint32_t stated = stated_size(info);
    status = CALL(nc_describe_tensor, d, tensor, info);
    if (status == NC_OK) {
        if (planned != NC_OK && planned != NC_ERROR_OUT_OF_MEMORY && planned != NC_ERROR_OVERFLOW) wrong("fine, after planning said %s", nc_status_string(planned));
        if (tensor < NC_X || tensor > NC_DY) wrong("tensor %d was described", tensor);
        uint64_t elements = 1;
        for (int i = 0; i < info->ndim; i++) elements *= (uint64_t)info->shape[i];
        if (info->ndim < 1 || info->ndim > 5 || info->bytes_before != 0 || (info->bytes != elements * 4 && info->bytes != elements * 8)) wrong("%d axes, %llu bytes", info->ndim, (unsigned long long)info->bytes);
    }
    check_output(status, right, stated);
}

static inline void ask_nothing(choices* c)
{
    size_t size = one_in(c, 2) ? sizeof(nc_conv_desc) : (size_t)odd_integer(c);
    size_t there = size < 8 || size > 4096 ? 8 : size;
    int32_t kind = one_in(c, 4) ? (int32_t)odd_integer(c) : (int32_t)pick(c, 2), rank = (int32_t)between(c, -1, 5);
    char* at = room_take(ROOM_RESULT, there, 1, 8);
    nc_status status = CALL(nc_conv_desc_init, one_in(c, 16) ? NULL : (nc_conv_desc*)(void*)at, size, kind, rank);
    if (status != NC_OK && !room_untouched(ROOM_RESULT)) wrong("refused, and the struct was written");
    if (status == NC_OK && (size < sizeof(nc_conv_desc) || size > 4096 || (kind | 1) != 1 || rank < 1 || rank > 3)) wrong("size %zu, kind %d, rank %d accepted", size, kind, rank);
    room_refill(ROOM_RESULT);

    char text[24];
    memset(text, 0x5A, sizeof text);
    size_t capacity = pick(c, 17);
    call_begin("nc_last_error");
    size_t needed = nc_last_error(one_in(c, 16) ? NULL : text, capacity);
    call_end();
    if (needed < 1 || needed > 512) wrong("%zu bytes", needed);
    for (size_t i = capacity; i < sizeof text; i++)
        if (text[i] != 0x5A) wrong("a byte beyond %zu was written", capacity);
    call_begin("nc_status_string");
    const char* name = nc_status_string((nc_status)odd_integer(c));
    call_end();
    if (!name || !name[0]) wrong("no name");
    if (one_in(c, 8)) CALL(nc_set_num_threads, (int32_t)between(c, -3, 4));
}

/* -- a plan -------------------------------------------------------------------------------------------------------------- */

static inline void explain(const nc_plan* plan, choices* c)
{
    size_t whole = 0, needed = 0, capacity = one_in(c, 4) ? 1 << 14 : pick(c, 600);
    char* text = room_take(ROOM_RESULT, capacity, 1, 1);
    if (CALL(nc_explain, plan, NULL, 0, &whole) != NC_OK || whole < 20) wrong("%zu bytes", whole);
    nc_status status = CALL(nc_explain, plan, text, capacity, one_in(c, 8) ? NULL : &needed);
    if (status != NC_OK) wrong("refused with room for %zu bytes", capacity);
    else if (needed != 0 && needed != whole) wrong("%zu bytes, before they were %zu", needed, whole);
    else if (capacity > 0 && strnlen(text, capacity) + 1 != (capacity < whole ? capacity : whole)) wrong("%zu bytes are not what was written into %zu", strnlen(text, capacity), capacity);
    if (!room_kept_inside(ROOM_RESULT)) wrong("it wrote outside its buffer");
    room_refill(ROOM_RESULT);
    if (one_in(c, 16) && CALL(nc_explain, plan, NULL, 1 + pick(c, 9), &needed) != NC_ERROR_NULL_POINTER) wrong("NULL with a capacity was accepted");
}

/* What a plan says of one pass agrees with itself. */
static inline nc_pass_info ask_pass(const nc_plan* plan, int32_t pass, choices* c)
{
    nc_pass_info info = { .struct_size = sizeof info };
    if (CALL(nc_plan_pass_info, plan, pass, &info) != NC_OK) wrong("refused pass %d", pass);
    if (info.stages < 0 || !(info.flops >= 0) || info.flops > 1e300 || info.algorithm[0] == 0 || !memchr(info.algorithm, 0, sizeof info.algorithm)) wrong("pass %d: stages %d, flops %g", pass, info.stages, info.flops);

    size_t bytes = 0;
    nc_status status = CALL(nc_packed_weights_size, plan, pass, &bytes);
    if (pass == NC_BACKWARD_WEIGHTS ? status != NC_ERROR_INVALID_ARGUMENT || bytes != 0 || info.packed_bytes != 0 : status != NC_OK || bytes != info.packed_bytes || bytes < 64 || info.packed_id == 0)
        wrong("pass %d: %zu bytes of packed weights, nc_plan_pass_info says %llu", pass, bytes, (unsigned long long)info.packed_bytes);

    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    if (CALL(nc_workspace_size, plan, pass, &exec, &bytes) != NC_OK || bytes != info.workspace_bytes) wrong("pass %d: %zu bytes for one thread, nc_plan_pass_info says %llu", pass, bytes, (unsigned long long)info.workspace_bytes);
    exec.num_threads = one_in(c, 3) ? INT32_MAX : (int32_t)between(c, 1, 64);
    exec.parallel_for = one_in(c, 2) ? NULL : (nc_parallel_for_fn)abort;      /* asked about, never called */
    bytes = 0;
    status = CALL(nc_workspace_size, plan, pass, &exec, &bytes);
    double most = (double)info.workspace_bytes + (double)info.workspace_per_thread * (exec.num_threads - 1.0);
    if (status == NC_OK ? bytes < info.workspace_bytes || (double)bytes > most * (1 + 1e-9) : status != NC_ERROR_OVERFLOW || bytes != 0)
        wrong("pass %d: %zu bytes for %d threads, one needs %llu and each further one %llu", pass, bytes, exec.num_threads, (unsigned long long)info.workspace_bytes, (unsigned long long)info.workspace_per_thread);
    return info;
}

static inline void ask_plan_wrongly(const nc_plan* plan, choices* c)
{
    nc_pass_info* info;
    int right = place_output((void**)&info, sizeof *info, sizeof(nc_pass_info), c);
    int32_t pass = one_in(c, 2) ? (int32_t)odd_integer(c) : (int32_t)pick(c, 3);
    uint32_t stated = stated_size(info);
    nc_status status = CALL(nc_plan_pass_info, one_in(c, 32) ? NULL : plan, pass, info);
    if (status == NC_OK && (pass < 0 || pass > 2)) wrong("pass %d accepted", pass);
    check_output(status, right, stated);

    size_t bytes = 4711;
    status = CALL(nc_packed_weights_size, one_in(c, 16) ? NULL : plan, pass, one_in(c, 16) ? NULL : &bytes);
    if (status == NC_OK ? pass != 0 && pass != 1 : bytes != 4711) wrong("pass %d: %s, bytes %zu", pass, nc_status_string(status), bytes);
    bytes = 4711;
    status = CALL(nc_workspace_size, plan, pass, NULL, one_in(c, 16) ? NULL : &bytes);
    if (status == NC_OK ? pass < 0 || pass > 2 : bytes != 4711) wrong("pass %d: %s, bytes %zu", pass, nc_status_string(status), bytes);
    /* Memory that was never a plan. */
    const nc_plan* none = (const nc_plan*)(void*)((char*)room_take(ROOM_RESULT, 64, 1, 8) + 4 * pick(c, 2));
    if (CALL(nc_explain, none, NULL, 0, &bytes) != NC_ERROR_INVALID_ARGUMENT) wrong("explained what is not a plan");
    call_begin("nc_plan_destroy");
    nc_plan_destroy((nc_plan*)none);
    call_end();
    if (!room_untouched(ROOM_RESULT)) wrong("destroyed what is not a plan");
}

#endif
