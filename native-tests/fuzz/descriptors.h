/* Hostile descriptors: random bytes, and right ones with something changed. */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include "../conformance/job.h"
#include "choices.h"
#include "rooms.h"
#include "watch.h"

/* What is mutated: the lines of descriptors.tsv. */
typedef struct corpus { int count; nc_conv_desc* lines; } corpus;

static inline corpus corpus_read(void)
{
    corpus all = { 0, NULL };
    table lines = table_open(DESCRIPTORS);
    while (table_next(&lines)) {
        all.lines = realloc(all.lines, (size_t)(all.count + 1) * sizeof *all.lines);
        if (!all.lines) die("memory");
        all.lines[all.count++] = job_descriptor(&lines);
    }
    return all;
}

/* A small layer that is right by itself: most of what is refused should be for one reason. */
static inline nc_conv_desc small_descriptor(choices* c)
{
    nc_conv_desc d;
    memset(&d, 0, sizeof d);
    d.struct_size = sizeof d;
    d.kind = (int32_t)pick(c, 2);
    d.rank = 1 + (int32_t)pick(c, 3);
    d.dtype = (int32_t)pick(c, 3);
    d.algorithm = (int32_t)pick(c, 2);
    d.batch = one_in(c, 16) ? 0 : between(c, 1, 3);
    int64_t widest = one_in(c, 4) ? 40 : 6;
    d.in_channels = between(c, 1, widest);
    d.out_channels = between(c, 1, widest);
    if (one_in(c, 4)) d.groups = d.out_channels = d.in_channels;
    for (int a = 0; a < d.rank; a++) {
        d.kernel[a] = between(c, 1, 5);
        d.dilation[a] = one_in(c, 3) ? between(c, 1, 3) : 0;
        d.stride[a] = one_in(c, 3) ? between(c, 1, 4) : 0;
        int64_t extent = (d.dilation[a] ? d.dilation[a] : 1) * (d.kernel[a] - 1) + 1;
        d.input[a] = extent + between(c, 0, one_in(c, 4) ? 40 : 6);
        d.pad_begin[a] = between(c, 0, 4);
        d.pad_end[a] = between(c, 0, 4);
        if (d.kind == NC_DECONV && one_in(c, 3)) d.output_padding[a] = between(c, 0, 5);
    }
    d.activation = (int32_t)pick(c, 7);
    if (d.activation == NC_ACT_RELU) d.gradient_rule = (int32_t)pick(c, 3);
    if (d.activation == NC_ACT_LEAKY_RELU || d.activation == NC_ACT_ELU) d.activation_alpha = 0.25;
    if (d.activation == NC_ACT_CLIP) d.activation_beta = 0.5;
    return d;
}

/* -- mutations -------------------------------------------------------------------------------------------------------- */

#define FIELD(name) { offsetof(nc_conv_desc, name), sizeof ((nc_conv_desc*)0)->name }
static const struct { size_t at, bytes; } narrow_fields[] = {
    FIELD(struct_size), FIELD(kind), FIELD(rank), FIELD(dtype), FIELD(w_dtype), FIELD(layout), FIELD(activation), FIELD(gradient_rule), FIELD(algorithm), FIELD(flags) };
#undef FIELD

enum { FIRST_WIDE = offsetof(nc_conv_desc, workspace_limit) / 8, STRIDES = offsetof(nc_conv_desc, x_strides) / 8, WIDE_END = sizeof(nc_conv_desc) / 8 };

static inline void mutate(nc_conv_desc* d, const corpus* all, choices* c)
{
    int64_t* wide = (int64_t*)(void*)d;        /* all fields from workspace_limit on have 8 bytes */
    char* bytes = (char*)d;
    uint32_t how = pick(c, 9), field = FIRST_WIDE + pick(c, STRIDES - FIRST_WIDE), byte = 4 + pick(c, sizeof *d - 4);
    switch (how) {
        case 0: wide[field] = odd_integer(c); break;
        case 1: wide[field] += between(c, -3, 3); break;
        case 2: {
            size_t at = narrow_fields[1 + pick(c, 9)].at;
            int32_t value = (int32_t)(one_in(c, 3) ? odd_integer(c) : between(c, -1, 8));
            memcpy(bytes + at, &value, sizeof value);
            break;
        }
        case 3: {
            double* parameter = one_in(c, 2) ? &d->activation_beta : &d->activation_alpha;
            *parameter = odd_number(c);
            break;
        }
        case 4: bytes[byte] ^= (char)(1 << pick(c, 8)); break;
        case 5: bytes[byte] = (char)take(c, 1); break;
        case 6: {                              /* a field of another layer */
            const int64_t* other = (const int64_t*)(const void*)&all->lines[pick(c, (uint32_t)all->count)];
            wide[field] = other[field];
            break;
        }
        case 7: {                              /* strides: dense ones, or anything */
            int64_t* strides = wide + STRIDES + 5 * pick(c, 4);
            int dense = one_in(c, 2);
            for (int64_t i = 4, stride = 1; i >= 0; i--) { strides[i] = dense ? stride : odd_integer(c); stride *= i >= 2 ? 8 : 1; }
            break;
        }
        default: {                             /* two fields exchanged */
            uint32_t other = FIRST_WIDE + pick(c, STRIDES - FIRST_WIDE);
            int64_t swap = wide[field];
            wide[field] = wide[other];
            wide[other] = swap;
        }
    }
}

static inline nc_conv_desc hostile_descriptor(const corpus* all, choices* c)
{
    nc_conv_desc d;
    uint32_t origin = pick(c, 16);
    if (origin == 15) {                        /* bytes, at best with a right size */
        take_bytes(c, &d, sizeof d);
        if (!one_in(c, 4)) d.struct_size = sizeof d;
        return d;
    }
    d = origin < 10 ? small_descriptor(c) : all->lines[pick(c, (uint32_t)all->count)];
    static const uint32_t changes[] = { 0, 0, 0, 0, 1, 1, 2, 5 };
    for (uint32_t n = changes[pick(c, 8)]; n > 0; n--) mutate(&d, all, c);
    return d;
}

/* The descriptor where memory ends: of its struct_size only as much is there as may be read. */
static inline const nc_conv_desc* place_descriptor(const nc_conv_desc* d, choices* c)
{
    static const uint32_t sizes[] = { 0, 1, 4, 8, 416, 423, 425, 432, 1024, 4088, 4096, 4097, 4104, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu };
    nc_conv_desc copy = *d;
    if (one_in(c, 24)) copy.struct_size = sizes[pick(c, sizeof sizes / sizeof *sizes)];
    size_t stated = copy.struct_size;
    size_t there = stated < sizeof copy || stated > 4096 ? 8 : stated;
    char* at = room_take(ROOM_STRUCT, there, 1, 8);
    memset(at, 0, there);
    memcpy(at, &copy, there < sizeof copy ? there : sizeof copy);
    if (there > sizeof copy && one_in(c, 3)) {
        uint32_t beyond = pick(c, (uint32_t)(there - sizeof copy));
        at[sizeof copy + beyond] = 1;
    }
    return (const nc_conv_desc*)(const void*)at;
}

#endif
