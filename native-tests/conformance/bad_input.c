/* Wrong arguments: each gets its status and a message that begins with the field at fault, and no output is touched.
 *
 * Each row spoils one thing of a call that is otherwise right. Its text is the name of the test. */
#include "guard.h"
#include "layer.h"
#include "random.h"
#include <pthread.h>

/* The message begins with one of the names in `fields`, separated by '|', followed by ": " or "[". */
static int names_field(const char* message, const char* fields)
{
    for (const char* field = fields; field; field = strchr(field, '|') ? strchr(field, '|') + 1 : NULL) {
        size_t length = strcspn(field, "|");
        if (strncmp(message, field, length) == 0 && (message[length] == ':' || (message[length] == '[' && strstr(message, "]: ")))) return 1;
    }
    return 0;
}

static int refused(const char* name, const char* function, nc_status got, nc_status expected, const char* fields)
{
    if (got != expected) { not_ok("bad_input %s: %s: %s, expected %s (last message: %s)", name, function, nc_status_string(got), nc_status_string(expected), last_error()); return 0; }
    if (!names_field(last_error(), fields)) { not_ok("bad_input %s: %s: the message does not begin with %s: %s", name, function, fields, last_error()); return 0; }
    return 1;
}

/* -- descriptors --------------------------------------------------------------------------------------------------- */

static nc_conv_desc good(int32_t kind, int32_t rank)
{
    nc_conv_desc d;
    if (nc_conv_desc_init(&d, sizeof d, kind, rank) != NC_OK) die("nc_conv_desc_init: %s", last_error());
    d.batch = 2;
    d.in_channels = 4;
    d.out_channels = 6;
    for (int a = 0; a < rank; a++) { d.input[a] = 7 + a; d.kernel[a] = 3; d.pad_begin[a] = d.pad_end[a] = 1; }
    return d;
}

/* Every function that takes a descriptor refuses it alike, and writes nothing but *plan = NULL. */
static void refuse_descriptor(const char* name, const nc_conv_desc* d, nc_status expected, const char* fields)
{
    int64_t shape[3] = { -7, -7, -7 };
    nc_tensor info, before;
    memset(&info, 0x5A, sizeof info);
    info.struct_size = sizeof info;
    before = info;
    nc_plan* plan = (nc_plan*)&plan;

    if (!refused(name, "nc_plan_create", nc_plan_create(d, &plan), expected, fields)) return;
    if (plan != NULL) { not_ok("bad_input %s: nc_plan_create: *plan is not NULL", name); return; }
    if (!refused(name, "nc_output_shape", nc_output_shape(d, shape), expected, fields)) return;
    if (!refused(name, "nc_describe_tensor", nc_describe_tensor(d, NC_X, &info), expected, fields)) return;
    if (shape[0] != -7 || shape[1] != -7 || shape[2] != -7) { not_ok("bad_input %s: nc_output_shape wrote", name); return; }
    if (memcmp(&info, &before, sizeof info) != 0) { not_ok("bad_input %s: nc_describe_tensor wrote", name); return; }
    ok("bad_input %s", name);
}

#define CONV(rank, status, fields, ...) do { nc_conv_desc d = good(NC_CONV, rank); __VA_ARGS__; refuse_descriptor("conv: " #__VA_ARGS__, &d, status, fields); } while (0)
#define DECONV(rank, status, fields, ...) do { nc_conv_desc d = good(NC_DECONV, rank); __VA_ARGS__; refuse_descriptor("deconv: " #__VA_ARGS__, &d, status, fields); } while (0)

static void descriptor_arguments(void)
{
    const nc_status bad = NC_ERROR_INVALID_ARGUMENT;
    CONV(2, bad, "kind", d.kind = 2);
    CONV(2, bad, "kind", d.kind = -1);
    CONV(2, bad, "rank", d.rank = 0);
    CONV(2, bad, "rank", d.rank = 4);
    CONV(2, bad, "rank", d.rank = -1);
    CONV(2, bad, "dtype", d.dtype = 5);
    CONV(2, bad, "dtype", d.dtype = -1);
    CONV(2, bad, "w_dtype", d.w_dtype = 5);
    CONV(2, bad, "layout", d.layout = 2);
    CONV(2, bad, "layout", d.layout = -1);
    CONV(2, bad, "activation", d.activation = 7);
    CONV(2, bad, "activation", d.activation = -1);
    CONV(2, bad, "gradient_rule", d.activation = NC_ACT_RELU, d.gradient_rule = 3);
    CONV(2, bad, "gradient_rule", d.gradient_rule = NC_RULE_GUIDED);
    CONV(2, bad, "gradient_rule", d.activation = NC_ACT_TANH, d.gradient_rule = NC_RULE_DECONVNET);
    CONV(2, bad, "algorithm", d.algorithm = 2);
    CONV(2, bad, "flags", d.flags = 1);
    CONV(2, bad, "flags", d.flags = 0x80000000u);
    CONV(2, bad, "workspace_limit", d.workspace_limit = -1);

    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_LEAKY_RELU);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_LEAKY_RELU, d.activation_alpha = -0.1);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_LEAKY_RELU, d.activation_alpha = INFINITY);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_LEAKY_RELU, d.activation_alpha = NAN);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_LEAKY_RELU, d.activation_alpha = 1e-60);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_ELU, d.activation_alpha = 1e60);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_ELU, d.activation_alpha = 0);
    CONV(2, bad, "activation_alpha", d.activation = NC_ACT_RELU, d.activation_alpha = 1);
    CONV(2, bad, "activation_alpha", d.activation_alpha = NAN);
    CONV(2, bad, "activation_beta", d.activation = NC_ACT_ELU, d.activation_alpha = 1, d.activation_beta = 1);
    CONV(2, bad, "activation_alpha|activation_beta", d.activation = NC_ACT_CLIP);
    CONV(2, bad, "activation_alpha|activation_beta", d.activation = NC_ACT_CLIP, d.activation_alpha = 6, d.activation_beta = 0);
    CONV(2, bad, "activation_alpha|activation_beta", d.activation = NC_ACT_CLIP, d.activation_alpha = NAN, d.activation_beta = 1);
    CONV(2, bad, "activation_alpha|activation_beta", d.activation = NC_ACT_CLIP, d.activation_alpha = 0, d.activation_beta = NAN);

    CONV(2, bad, "input", d.input[2] = 1);
    CONV(2, bad, "kernel", d.kernel[2] = 1);
    CONV(1, bad, "stride", d.stride[1] = 1);
    CONV(1, bad, "dilation", d.dilation[2] = 1);
    CONV(1, bad, "pad_begin", d.pad_begin[1] = -1);
    CONV(1, bad, "pad_end", d.pad_end[2] = 1);
    DECONV(2, bad, "output_padding", d.output_padding[2] = 1);
    CONV(2, bad, "output_padding", d.output_padding[0] = 1);
    CONV(2, bad, "x_strides", d.x_strides[0] = 1000, d.x_strides[1] = 100, d.x_strides[2] = 10, d.x_strides[3] = d.x_strides[4] = 1);
    CONV(1, bad, "dy_strides", d.dy_strides[0] = 1000, d.dy_strides[1] = 100, d.dy_strides[2] = d.dy_strides[3] = 1);
}

static void descriptor_shapes(void)
{
    const nc_status bad = NC_ERROR_INVALID_SHAPE;
    CONV(2, bad, "batch", d.batch = -1);
    CONV(2, bad, "batch", d.batch = INT64_MIN);
    CONV(2, bad, "in_channels", d.in_channels = 0);
    CONV(2, bad, "in_channels", d.in_channels = -4);
    CONV(2, bad, "out_channels", d.out_channels = 0);
    CONV(2, bad, "out_channels", d.out_channels = INT64_MIN);
    CONV(2, bad, "groups", d.groups = -1);
    CONV(2, bad, "groups", d.groups = 3);
    CONV(2, bad, "groups", d.groups = 4);
    CONV(2, bad, "groups", d.groups = 8);
    CONV(2, bad, "groups", d.groups = INT64_MAX);
    DECONV(2, bad, "groups", d.groups = 3);
    CONV(2, bad, "input", d.input[0] = 0);
    CONV(2, bad, "input", d.input[1] = -8);
    CONV(2, bad, "kernel", d.kernel[0] = 0);
    CONV(2, bad, "kernel", d.kernel[1] = -3);
    CONV(2, bad, "stride", d.stride[0] = -1);
    CONV(2, bad, "dilation", d.dilation[1] = -2);
    DECONV(2, bad, "output_padding", d.output_padding[1] = -1);
    CONV(2, bad, "kernel", d.kernel[1] = 11);
    CONV(2, bad, "kernel", d.dilation[0] = 5);
    CONV(2, bad, "kernel|pad_begin|pad_end", d.pad_begin[0] = -6);
    CONV(1, bad, "kernel|pad_begin|pad_end", d.pad_begin[0] = -INT64_C(0x1000000000000000));
    DECONV(2, bad, "pad_begin|pad_end", d.pad_begin[0] = 20);
    DECONV(2, bad, "pad_begin|pad_end", d.pad_begin[0] = d.pad_end[0] = 5, d.input[0] = 1);
    CONV(3, bad, "kernel", d.kernel[2] = 4, d.dilation[2] = 4);
    CONV(2, bad, "x_strides", d.x_strides[0] = -1, d.x_strides[1] = d.x_strides[2] = d.x_strides[3] = 1);
}

/* Products that pass 2^63, and sums that do. */
static void descriptor_overflow(void)
{
    const nc_status bad = NC_ERROR_OVERFLOW;
    CONV(2, bad, "input", d.input[0] = d.input[1] = INT64_C(1) << 32);
    CONV(2, bad, "input", d.input[0] = INT64_MAX, d.pad_begin[0] = d.pad_end[0] = 0);
    CONV(1, bad, "input", d.input[0] = INT64_C(1) << 60);
    CONV(1, bad, "input|batch", d.batch = INT64_C(1) << 60);
    CONV(1, bad, "input|in_channels", d.in_channels = INT64_C(1) << 60);
    CONV(1, bad, "out_channels", d.out_channels = INT64_C(1) << 60);
    CONV(1, bad, "kernel|in_channels|out_channels", d.in_channels = d.out_channels = INT64_C(1) << 31, d.batch = 0);
    CONV(1, bad, "kernel|dilation", d.dilation[0] = INT64_C(1) << 62);
    CONV(1, bad, "kernel|dilation", d.dilation[0] = INT64_MAX, d.kernel[0] = INT64_MAX);
    CONV(1, bad, "pad_begin|pad_end", d.pad_begin[0] = d.pad_end[0] = INT64_MAX);
    CONV(1, bad, "pad_begin|pad_end", d.pad_begin[0] = d.pad_end[0] = INT64_MIN);
    CONV(1, bad, "pad_end", d.pad_end[0] = INT64_MAX);
    CONV(1, bad, "out_channels", d.pad_end[0] = INT64_C(1) << 60);
    DECONV(1, bad, "input|stride", d.stride[0] = INT64_C(1) << 62);
    DECONV(1, bad, "input|stride", d.stride[0] = d.input[0] = INT64_C(1) << 40);
    DECONV(1, bad, "output_padding", d.output_padding[0] = INT64_MAX);
    DECONV(1, bad, "pad_begin|pad_end", d.pad_begin[0] = INT64_MIN);
    DECONV(3, bad, "out_channels", d.stride[0] = d.stride[1] = d.stride[2] = INT64_C(1) << 20);
}

/* Descriptors that are legal and stay legal, at the other side of each border. */
static void accept_descriptor(const char* name, const nc_conv_desc* d)
{
    nc_plan* plan = NULL;
    nc_status status = nc_plan_create(d, &plan);
    if (status != NC_OK || plan == NULL) not_ok("bad_input %s: %s", name, last_error());
    else ok("bad_input %s", name);
    nc_plan_destroy(plan);
}

#define ACCEPT(kind, rank, ...) do { nc_conv_desc d = good(kind, rank); __VA_ARGS__; accept_descriptor("legal: " #__VA_ARGS__, &d); } while (0)

static void borders(void)
{
    ACCEPT(NC_CONV, 2, d.batch = 0);
    ACCEPT(NC_CONV, 2, d.groups = 2);
    ACCEPT(NC_CONV, 2, d.groups = 1, d.stride[0] = 0, d.dilation[1] = 0);
    ACCEPT(NC_CONV, 2, d.kernel[1] = 10);
    ACCEPT(NC_CONV, 2, d.pad_begin[0] = -5);
    ACCEPT(NC_CONV, 2, d.stride[0] = INT64_C(1) << 40);
    ACCEPT(NC_DECONV, 2, d.output_padding[0] = 50);
    ACCEPT(NC_DECONV, 2, d.pad_begin[0] = 7);
    ACCEPT(NC_DECONV, 2, d.pad_begin[0] = -20);
    ACCEPT(NC_CONV, 2, d.activation = NC_ACT_CLIP, d.activation_alpha = -INFINITY, d.activation_beta = INFINITY);
    ACCEPT(NC_CONV, 2, d.activation = NC_ACT_LEAKY_RELU, d.activation_alpha = 1e-60, d.dtype = NC_F64);
    ACCEPT(NC_CONV, 2, d.workspace_limit = 1);

    /* Legal, but not necessarily in this build: then it says so, and only that. */
    const char* const names[] = { "f16", "bf16", "f64 weights", "channels last", "strides" };
    for (int i = 0; i < 5; i++) {
        nc_conv_desc d = good(NC_CONV, 2);
        if (i == 0) d.dtype = NC_F16;
        if (i == 1) d.dtype = NC_BF16;
        if (i == 2) d.w_dtype = NC_F64;
        if (i == 3) d.layout = NC_CHANNELS_LAST;
        if (i == 4) { d.x_strides[0] = 4 * 7 * 20; d.x_strides[1] = 7 * 20; d.x_strides[2] = 20; d.x_strides[3] = 2; }
        static const char* const fields[] = { "dtype", "dtype", "w_dtype", "layout", "x_strides" };
        nc_plan* plan = NULL;
        nc_status status = nc_plan_create(&d, &plan);
        if (status == NC_OK || refused(names[i], "nc_plan_create", status, NC_ERROR_UNSUPPORTED, fields[i])) ok("bad_input legal: %s (%s)", names[i], nc_status_string(status));
        nc_plan_destroy(plan);

        d.groups = 3;                          /* wrong as well: that comes first */
        refuse_descriptor(names[i], &d, NC_ERROR_INVALID_SHAPE, "groups");
    }
}

/* Sizes beyond 32 bits that touch few bytes: refused for their size, or right. */
static void thirty_two_bits(void)
{
    const int64_t big = INT64_C(1) << 32;
    struct { const char* name; int32_t kind; int64_t input, kernel, stride, dilation, pad_begin, pad_end; } cases[] = {
        { "stride and pad 2^32",                   NC_CONV,   1, 1, big, 1, big, 0 },
        { "dilation and pad 2^32",                 NC_CONV,   1, 2, 1, big, big, 0 },
        { "dilation and both pads 2^32",           NC_CONV,   3, 3, 1, big, big, big },
        { "stride 2^31 past the input",            NC_CONV,   5, 2, big / 2, 1, 0, 0 },
        { "stride 2^32, cropped to the last row",  NC_DECONV, 2, 1, big, 1, big, 0 },
        { "dilation 2^32, cropped to the middle",  NC_DECONV, 1, 3, 1, big, big, big },
        { "stride and dilation 2^31, few outputs", NC_DECONV, 3, 2, big / 2, big / 2, big / 2, big } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nc_conv_desc d = good(cases[i].kind, 1);
        d.input[0] = cases[i].input;   d.kernel[0] = cases[i].kernel;       d.stride[0] = cases[i].stride;
        d.dilation[0] = cases[i].dilation; d.pad_begin[0] = cases[i].pad_begin; d.pad_end[0] = cases[i].pad_end;
        layer l = layer_of(&d);
        if (l.output[0] < 1 || l.output[0] > 8) die("bad_input %s: output %lld", cases[i].name, (long long)l.output[0]);

        nc_plan* plan;
        nc_status status = nc_plan_create(&d, &plan);
        if (status != NC_OK) {
            if (status == NC_ERROR_OVERFLOW || status == NC_ERROR_UNSUPPORTED) ok("bad_input 32 bits: %s (refused: %s)", cases[i].name, last_error());
            else not_ok("bad_input 32 bits: %s: %s", cases[i].name, last_error());
            continue;
        }

        /* Small integers: the sums are exact. */
        enum { MOST = 512 };
        static float buffer[6][MOST];
        static double value[3][MOST], sum[3][MOST], scale[3][MOST];
        if (l.x_count > MOST || l.w_count > MOST || l.y_count > MOST) die("bad_input %s: too large", cases[i].name);
        int64_t count[3] = { l.x_count, l.w_count, l.y_count };
        for (int tensor = 0; tensor < 3; tensor++)
            for (int64_t k = 0; k < count[tensor]; k++)
                buffer[tensor][k] = (float)(value[tensor][k] = (double)(mix((uint64_t)(tensor * 1000 + k)) % 9) - 4);
        for (int into = 0; into < 3; into++) layer_sum(&l, into, value[INTO_X], value[INTO_W], value[INTO_Y], sum[into], scale[into]);

        float *x = buffer[0], *w = buffer[1], *dy = buffer[2], *dx = buffer[3], *dw = buffer[4], *y = buffer[5];
        if ((status = run_forward(&l, plan, x, w, NULL, y, NULL)) != NC_OK || (status = run_backward_data(&l, plan, dy, w, NULL, dx, NULL)) != NC_OK
            || (status = run_backward_weights(&l, plan, x, dy, NULL, dw, NULL, NULL)) != NC_OK) {
            if (status == NC_ERROR_OUT_OF_MEMORY) ok("bad_input 32 bits: %s (refused: %s)", cases[i].name, last_error());
            else not_ok("bad_input 32 bits: %s: %s", cases[i].name, last_error());
            nc_plan_destroy(plan);
            continue;
        }
        const float* got[3] = { dx, dw, y };
        int right = 1;
        for (int into = 0; into < 3; into++)
            for (int64_t k = 0; k < count[into]; k++) right &= got[into][k] == sum[into][k];
        if (right) ok("bad_input 32 bits: %s", cases[i].name);
        else not_ok("bad_input 32 bits: %s: wrong result", cases[i].name);
        nc_plan_destroy(plan);
    }

    /* Tensors beyond 2^31 elements and bytes, described only. */
    nc_conv_desc d = good(NC_CONV, 2);
    d.batch = 1;
    d.in_channels = d.out_channels = 1;
    d.input[0] = d.input[1] = 1 << 16;
    nc_tensor x = { .struct_size = sizeof x };
    if (nc_describe_tensor(&d, NC_X, &x) != NC_OK) not_ok("bad_input 2^32 elements: %s", last_error());
    else if (x.bytes != UINT64_C(1) << 34 || x.bytes_before != 0 || x.strides[0] != INT64_C(1) << 32) not_ok("bad_input 2^32 elements: bytes %llu", (unsigned long long)x.bytes);
    else ok("bad_input 2^32 elements are counted in 64 bits");
}

/* -- struct_size ------------------------------------------------------------------------------------------------------ */

static guard stage;                            /* a struct that ends where memory ends */

static void* at_the_end(const void* from, size_t from_size, size_t size, size_t stated)
{
    char* to = guard_place(&stage, size, 1);
    memset(to, 0, size);
    if (from) memcpy(to, from, size < from_size ? size : from_size);
    uint32_t struct_size = (uint32_t)stated;
    memcpy(to, &struct_size, sizeof struct_size);
    return to;
}

static void struct_sizes(void)
{
    stage = guard_create(8192);
    nc_conv_desc d = good(NC_CONV, 2);
    int64_t shape[3];
    nc_plan* plan;

    /* Stated too small or too large: refused unread. Only as much memory is there as version 1 has, or less. */
    static const size_t wrong[] = { 0, 4, 8, 416, 423, 4097, 4104, 0xFFFFFFFFu };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t there = wrong[i] < 8 ? 8 : wrong[i] < sizeof d ? wrong[i] / 8 * 8 : sizeof d;
        const nc_conv_desc* bad = at_the_end(NULL, 0, there, wrong[i]);
        if (refused("struct_size of desc", "nc_output_shape", nc_output_shape(bad, shape), NC_ERROR_INVALID_ARGUMENT, "struct_size")
            && refused("struct_size of desc", "nc_plan_create", nc_plan_create(bad, &plan), NC_ERROR_INVALID_ARGUMENT, "struct_size"))
            ok("bad_input desc.struct_size = %zu", wrong[i]);
    }

    /* Exactly version 1, nothing behind it; then longer ones, zero behind it. */
    static const size_t right[] = { sizeof(nc_conv_desc), sizeof(nc_conv_desc) + 8, 1024, 4096 };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        char* longer = at_the_end(&d, sizeof d, right[i], right[i]);
        memset(longer + sizeof d, 0, right[i] - sizeof d);
        if (nc_output_shape((nc_conv_desc*)longer, shape) != NC_OK) not_ok("bad_input desc.struct_size = %zu, zeros behind: %s", right[i], last_error());
        else ok("bad_input desc.struct_size = %zu, zeros behind, is read", right[i]);
        if (right[i] == sizeof d) continue;
        longer[right[i] - 1] = 1;
        if (refused("desc", "nc_output_shape", nc_output_shape((nc_conv_desc*)longer, shape), NC_ERROR_INVALID_ARGUMENT, "struct_size"))
            ok("bad_input desc.struct_size = %zu, a byte behind that this library does not know", right[i]);
    }

    /* nc_conv_desc_init */
    nc_conv_desc untouched;
    memset(&untouched, 0x5A, sizeof untouched);
    nc_conv_desc out = untouched;
#define REFUSE_INIT(expected, fields, ...) do { \
        if (refused("nc_conv_desc_init", #__VA_ARGS__, nc_conv_desc_init(__VA_ARGS__), expected, fields)) { \
            if (memcmp(&out, &untouched, sizeof out) != 0) not_ok("bad_input nc_conv_desc_init(" #__VA_ARGS__ ") wrote"); \
            else ok("bad_input nc_conv_desc_init(" #__VA_ARGS__ ")"); } } while (0)
    REFUSE_INIT(NC_ERROR_NULL_POINTER, "desc", NULL, sizeof out, NC_CONV, 2);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "desc_size", &out, 0, NC_CONV, 2);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "desc_size", &out, sizeof out - 8, NC_CONV, 2);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "desc_size", &out, 4104, NC_CONV, 2);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "desc_size", &out, SIZE_MAX, NC_CONV, 2);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "kind", &out, sizeof out, 2, 2);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "rank", &out, sizeof out, NC_CONV, 0);
    REFUSE_INIT(NC_ERROR_INVALID_ARGUMENT, "rank", &out, sizeof out, NC_CONV, 4);
    char* wide = memset(guard_place(&stage, 432, 1), 0x5A, 432);
    int zeros = nc_conv_desc_init((nc_conv_desc*)wide, 432, NC_DECONV, 3) == NC_OK;
    for (int i = 12; i < 432; i++) zeros &= wide[i] == 0;
    if (zeros && ((nc_conv_desc*)wide)->struct_size == 432 && ((nc_conv_desc*)wide)->kind == NC_DECONV && ((nc_conv_desc*)wide)->rank == 3) ok("bad_input nc_conv_desc_init of a longer struct clears it all");
    else not_ok("bad_input nc_conv_desc_init of a longer struct: %s", last_error());

    /* Output structs: too small is refused and not written, longer is fine, and no byte behind struct_size is written. */
    if (nc_plan_create(&d, &plan) != NC_OK) die("nc_plan_create: %s", last_error());
    static const struct { size_t size; int fits_tensor, fits_info; } sizes[] = { { 0, 0, 0 }, { 8, 0, 0 }, { 72, 0, 0 }, { 80, 0, 1 }, { 96, 0, 1 }, { 104, 1, 1 }, { 112, 1, 1 }, { 4096, 1, 1 }, { 4104, 0, 0 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t there = sizes[i].size < 8 ? 8 : sizes[i].size;
        uint32_t stated = (uint32_t)sizes[i].size;
        char *at = guard_place(&stage, there, 1), *copy = allocate(there);
        for (int which = 0; which < 2; which++) {
            const char* name = which ? "nc_plan_pass_info" : "nc_describe_tensor";
            memset(at, 0x5A, there);
            memcpy(at, &stated, sizeof stated);
            memcpy(copy, at, there);
            nc_status status = which ? nc_plan_pass_info(plan, NC_FORWARD, (nc_pass_info*)at) : nc_describe_tensor(&d, NC_W, (nc_tensor*)at);
            if (which ? sizes[i].fits_info : sizes[i].fits_tensor) {
                int right = status == NC_OK && memcmp(at, copy, 4) == 0;
                if (right && which) right = memchr(((nc_pass_info*)at)->algorithm, 0, 32) != NULL && ((nc_pass_info*)at)->stages >= 1;
                if (right && !which) right = ((nc_tensor*)at)->ndim == 4 && ((nc_tensor*)at)->shape[0] == 6 && ((nc_tensor*)at)->bytes == 6 * 4 * 9 * 4;
                if (right) ok("bad_input %s with struct_size %zu", name, sizes[i].size);
                else not_ok("bad_input %s with struct_size %zu: %s", name, sizes[i].size, last_error());
            } else if (refused("struct_size", name, status, NC_ERROR_INVALID_ARGUMENT, "struct_size")) {
                if (memcmp(at, copy, there) != 0) not_ok("bad_input %s with struct_size %zu wrote", name, sizes[i].size);
                else ok("bad_input %s with struct_size %zu", name, sizes[i].size);
            }
        }
        free(copy);
    }
    nc_plan_destroy(plan);
}

/* -- calls ------------------------------------------------------------------------------------------------------------ */

/* All that a call of any pass could want, all of it right. A row of the tables below spoils one thing. */
typedef struct fixture {
    int32_t pass;
    layer l;
    nc_plan *plan, *plan_of_other_kind, *plan_of_other_shape;
    char *x, *w, *bias, *y, *dy, *y_read, *dx, *dw, *db, *addend, *workspace, *packed, *packed_other_pass, *packed_other_shape, *all;
    size_t workspace_bytes, packed_bytes, all_bytes;
    nc_exec exec;
} fixture;

enum { ROOM = 8192 };                          /* bytes for each buffer; all tensors of the fixture are smaller */
enum { CANARY = 0x5A };

static char* pack(const nc_plan* plan, int32_t pass, const void* w, size_t* bytes)
{
    if (nc_packed_weights_size(plan, pass, bytes) != NC_OK) die("nc_packed_weights_size: %s", last_error());
    char* packed = allocate(*bytes);
    if (nc_pack_weights(plan, pass, w, packed, *bytes) != NC_OK) die("nc_pack_weights: %s", last_error());
    return packed;
}

static nc_plan* plan_of(const nc_conv_desc* d)
{
    nc_plan* plan;
    if (nc_plan_create(d, &plan) != NC_OK) die("nc_plan_create: %s", last_error());
    return plan;
}

static void fixture_open(fixture* f, int32_t kind, int32_t pass)
{
    memset(f, 0, sizeof *f);
    f->pass = pass;
    nc_conv_desc d = good(kind, 2), other_kind = good(!kind, 2), other_shape = d;
    d.activation = NC_ACT_RELU;
    other_shape.out_channels = 8;
    f->l = layer_of(&d);
    f->plan = plan_of(&d);
    f->plan_of_other_kind = plan_of(&other_kind);
    f->plan_of_other_shape = plan_of(&other_shape);

    f->all_bytes = 10 * ROOM;
    char* next = f->all = allocate(f->all_bytes);
    char** tensors[] = { &f->x, &f->w, &f->bias, &f->dy, &f->y_read, &f->addend, &f->y, &f->dx, &f->dw, &f->db };
    for (int i = 0; i < 10; i++, next += ROOM) *tensors[i] = next;
    for (size_t i = 0; i < 6 * ROOM / sizeof(float); i++) ((float*)f->all)[i] = (float)random_value(1, 0, i);
    memset(f->y, CANARY, 4 * ROOM);

    f->exec = (nc_exec)NC_EXEC_INIT;
    f->exec.num_threads = 1;
    if (nc_workspace_size(f->plan, pass, &f->exec, &f->workspace_bytes) != NC_OK) die("nc_workspace_size: %s", last_error());
    f->workspace = allocate(f->workspace_bytes);

    if (pass == NC_BACKWARD_WEIGHTS) return;
    static const char zeros[8 * 4 * 9 * sizeof(float)];
    size_t bytes;
    f->packed = pack(f->plan, pass, f->w, &f->packed_bytes);
    f->packed_other_pass = pack(f->plan, pass == NC_FORWARD ? NC_BACKWARD_DATA : NC_FORWARD, f->w, &bytes);
    f->packed_other_shape = pack(f->plan_of_other_shape, pass, zeros, &bytes);
}

static void fixture_close(fixture* f)
{
    nc_plan_destroy(f->plan);
    nc_plan_destroy(f->plan_of_other_kind);
    nc_plan_destroy(f->plan_of_other_shape);
    free(f->all); free(f->workspace); free(f->packed); free(f->packed_other_pass); free(f->packed_other_shape);
}

static nc_status fixture_run(fixture* f)
{
    int conv = f->l.desc.kind == NC_CONV;
    switch (f->pass) {
        case NC_FORWARD:       return (conv ? nc_conv_forward : nc_deconv_forward)(f->plan, f->x, f->w, f->bias, f->y, &f->exec);
        case NC_BACKWARD_DATA: return (conv ? nc_conv_backward_data : nc_deconv_backward_data)(f->plan, f->dy, f->w, f->y_read, f->dx, &f->exec);
        default:               return (conv ? nc_conv_backward_weights : nc_deconv_backward_weights)(f->plan, f->x, f->dy, f->y_read, f->dw, f->db, &f->exec);
    }
}

/* Refused, and not a byte changed in any tensor. */
static void refuse_call(const char* name, fixture* f, nc_status expected, const char* fields)
{
    char* before = allocate(f->all_bytes);
    memcpy(before, f->all, f->all_bytes);
    static const char* const passes[] = { "forward", "backward_data", "backward_weights" };
    char full[300];
    snprintf(full, sizeof full, "%s %s: %s", f->l.desc.kind == NC_CONV ? "conv" : "deconv", passes[f->pass], name);
    if (refused(full, "call", fixture_run(f), expected, fields)) {
        if (memcmp(before, f->all, f->all_bytes) != 0) not_ok("bad_input %s: an output was touched", full);
        else ok("bad_input %s", full);
    }
    free(before);
}

#define CALL(status, fields, ...) do { fixture f; fixture_open(&f, kind, pass); nc_plan* own = f.plan; __VA_ARGS__; refuse_call(#__VA_ARGS__, &f, status, fields); f.plan = own; fixture_close(&f); } while (0)

/* A workspace as a caller would hand it over. */
#define WITH_WORKSPACE f.exec.workspace = f.workspace, f.exec.workspace_bytes = f.workspace_bytes
#define WITH_PACKED f.exec.packed_weights = f.packed, f.exec.packed_bytes = f.packed_bytes

static void calls_of_any_pass(int32_t kind, int32_t pass)
{
    const nc_status null = NC_ERROR_NULL_POINTER, bad = NC_ERROR_INVALID_ARGUMENT;
    CALL(null, "plan", f.plan = NULL);
    do { fixture f; fixture_open(&f, kind, pass); nc_plan* own = f.plan; f.plan = f.plan_of_other_kind; refuse_call("plan of the other kind", &f, bad, "plan"); f.plan = own; fixture_close(&f); } while (0);

    CALL(bad, "struct_size", f.exec.struct_size = 0);
    CALL(bad, "struct_size", f.exec.struct_size = 80);
    CALL(bad, "struct_size", f.exec.struct_size = 4104);
    CALL(bad, "num_threads", f.exec.num_threads = -1);
    CALL(bad, "num_threads", f.exec.num_threads = INT32_MIN);
    CALL(bad, "flags", f.exec.flags = 2);
    CALL(bad, "flags", f.exec.flags = 0x80000001u);
    CALL(bad, "reserved", f.exec.reserved = 1);
    CALL(bad, "alpha", f.exec.alpha = NAN);
    CALL(bad, "alpha", f.exec.alpha = -INFINITY);
    CALL(bad, "beta", f.exec.beta = NAN);
    CALL(bad, "beta", f.exec.beta = INFINITY);
    CALL(bad, "beta", f.exec.beta = 1e300);
    CALL(null, "workspace", f.exec.workspace_bytes = 64);
    if (pass != NC_BACKWARD_WEIGHTS) CALL(null, "packed_weights", f.exec.packed_bytes = 64);

    /* One byte short, or nothing at all. */
    fixture f;
    fixture_open(&f, kind, pass);
    if (f.workspace_bytes > 0) {
        CALL(NC_ERROR_WORKSPACE, "workspace_bytes", WITH_WORKSPACE - 1);
        CALL(NC_ERROR_WORKSPACE, "workspace_bytes", f.exec.workspace = f.workspace);
    } else ok("bad_input %s pass %d needs no workspace", kind ? "deconv" : "conv", pass);
    fixture_close(&f);
}

static void calls_of_forward(int32_t kind)
{
    const int32_t pass = NC_FORWARD;
    const nc_status null = NC_ERROR_NULL_POINTER, bad = NC_ERROR_INVALID_ARGUMENT, overlap = NC_ERROR_OVERLAP;
    CALL(null, "x", f.x = NULL);
    CALL(null, "w", f.w = NULL);
    CALL(null, "y", f.y = NULL);
    CALL(bad, "x", f.x += 1);
    CALL(bad, "w", f.w += 2);
    CALL(bad, "bias", f.bias += 3);
    CALL(bad, "y", f.y += 2);
    CALL(bad, "addend", f.exec.beta = 1, f.exec.addend = f.addend + 1);
    CALL(bad, "alpha", f.exec.alpha = 2);
    CALL(bad, "alpha", f.exec.alpha = -1);
    CALL(overlap, "y", f.y = f.x);
    CALL(overlap, "y", f.y = f.x + 4 * (f.l.x_count - 1));
    CALL(overlap, "y", f.y = f.w + 4);
    CALL(overlap, "y", f.y = f.bias + 20);
    CALL(overlap, "y|addend", f.exec.beta = 1, f.exec.addend = f.y + 8);
    CALL(bad, "packed_weights|packed_bytes", WITH_PACKED - 1);
    CALL(bad, "packed_weights|packed_bytes", WITH_PACKED, f.exec.packed_bytes = 63);
    CALL(bad, "packed_weights", WITH_PACKED, f.exec.packed_weights = f.packed_other_pass);
    CALL(bad, "packed_weights|packed_bytes", WITH_PACKED, f.exec.packed_weights = f.packed_other_shape);
    CALL(bad, "packed_weights", WITH_PACKED, memset(f.packed, 0, 64));
    CALL(bad, "packed_weights", WITH_PACKED, f.packed[0] ^= 1);
    for (int bit = 0; bit < 64 * 8; bit += 7) CALL(bad, "packed_weights", WITH_PACKED, f.packed[bit / 8] ^= (char)(1 << bit % 8)); /* every byte of the header */
}

static void calls_of_backward_data(int32_t kind)
{
    const int32_t pass = NC_BACKWARD_DATA;
    const nc_status null = NC_ERROR_NULL_POINTER, bad = NC_ERROR_INVALID_ARGUMENT, overlap = NC_ERROR_OVERLAP;
    CALL(null, "dy", f.dy = NULL);
    CALL(null, "w", f.w = NULL);
    CALL(null, "y", f.y_read = NULL);
    CALL(null, "dx", f.dx = NULL);
    CALL(bad, "dy", f.dy += 1);
    CALL(bad, "y", f.y_read += 1);
    CALL(bad, "dx", f.dx += 2);
    CALL(bad, "alpha", f.exec.alpha = 1e39);
    CALL(overlap, "dx", f.dx = f.dy + 16);
    CALL(overlap, "dx", f.dx = f.y_read);
    CALL(overlap, "dx", f.dx = f.w);
    CALL(overlap, "dx|addend", f.exec.beta = 1, f.exec.addend = f.dx + 4);
    CALL(bad, "packed_weights|packed_bytes", WITH_PACKED - 1);
    CALL(bad, "packed_weights", WITH_PACKED, f.exec.packed_weights = f.packed_other_pass);
    CALL(bad, "packed_weights|packed_bytes", WITH_PACKED, f.exec.packed_weights = f.packed_other_shape);
}

static void calls_of_backward_weights(int32_t kind)
{
    const int32_t pass = NC_BACKWARD_WEIGHTS;
    const nc_status null = NC_ERROR_NULL_POINTER, bad = NC_ERROR_INVALID_ARGUMENT, overlap = NC_ERROR_OVERLAP;
    CALL(null, "x", f.x = NULL);
    CALL(null, "dy", f.dy = NULL);
    CALL(null, "y", f.y_read = NULL);
    CALL(null, "dw|db", f.dw = f.db = NULL);
    CALL(bad, "x", f.x += 1);
    CALL(bad, "dw", f.dw += 2);
    CALL(bad, "db", f.db += 1);
    CALL(bad, "addend", f.exec.beta = 1, f.exec.addend = f.addend);
    CALL(bad, "packed_weights", f.exec.packed_weights = f.addend, f.exec.packed_bytes = 64);
    CALL(overlap, "dw", f.dw = f.x);
    CALL(overlap, "dw", f.dw = f.dy + 4);
    CALL(overlap, "dw|db", f.db = f.dw);
    CALL(overlap, "dw|db", f.db = f.dw + 4 * (f.l.w_count - 1));
    CALL(overlap, "db", f.db = f.y_read + 8);
}

/* Workspace, packed weights and outputs in each other's memory. */
static void calls_in_scratch(int32_t kind)
{
    const nc_status overlap = NC_ERROR_OVERLAP;
    for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++) {
        fixture f;
        fixture_open(&f, kind, pass);
        char* room = allocate(2 * f.workspace_bytes + ROOM);
        char** output = pass == NC_FORWARD ? &f.y : pass == NC_BACKWARD_DATA ? &f.dx : &f.dw;
        const char* fields = pass == NC_FORWARD ? "y|workspace" : pass == NC_BACKWARD_DATA ? "dx|workspace" : "dw|workspace";
        if (f.workspace_bytes > 0) {
            f.exec.workspace = room;
            f.exec.workspace_bytes = f.workspace_bytes;
            *output = room + (f.workspace_bytes - 1) / 4 * 4;
            refuse_call("the output begins in the workspace", &f, overlap, fields);

            *output = f.all + 6 * ROOM;
            char** input = pass == NC_BACKWARD_DATA ? &f.dy : &f.x;
            *input = room;
            refuse_call("an input begins in the workspace", &f, overlap, pass == NC_BACKWARD_DATA ? "dy|workspace" : "x|workspace");
        }
        fixture_close(&f);
        if (pass != NC_BACKWARD_WEIGHTS) {
            fixture_open(&f, kind, pass);
            char** out = pass == NC_FORWARD ? &f.y : &f.dx;
            WITH_PACKED;
            *out = f.packed + (f.packed_bytes - 1) / 4 * 4;
            refuse_call("the output begins in the packed weights", &f, overlap, pass == NC_FORWARD ? "y|packed_weights" : "dx|packed_weights");
            fixture_close(&f);
        }
        free(room);
    }
}

/* -- calls that are right, at the border ---------------------------------------------------------------------------------- */

static void accept_call(const char* name, fixture* f)
{
    if (fixture_run(f) == NC_OK) ok("bad_input legal: %s", name);
    else not_ok("bad_input legal: %s: %s", name, last_error());
}

#define RIGHT(...) do { fixture f; fixture_open(&f, kind, pass); __VA_ARGS__; accept_call(#__VA_ARGS__, &f); fixture_close(&f); } while (0)

static void legal_calls(int32_t kind)
{
    int32_t pass = NC_FORWARD;
    RIGHT(f.exec.alpha = 1);
    RIGHT(f.bias = NULL);
    RIGHT(f.w = NULL, WITH_PACKED);
    RIGHT(f.w = f.x);                          /* inputs may overlap each other */
    RIGHT(f.exec.num_threads = 0, f.exec.flags = NC_EXEC_FLUSH_DENORMALS);
    RIGHT(f.exec.addend = f.addend);           /* beta 0: not read */
    pass = NC_BACKWARD_DATA;
    RIGHT(f.exec.alpha = -3, f.exec.beta = 0.5);
    RIGHT(f.w = NULL, WITH_PACKED);
    pass = NC_BACKWARD_WEIGHTS;
    RIGHT(f.db = NULL);
    RIGHT(f.dw = NULL, f.x = NULL);

    /* An exec of a newer header, zero where this library knows nothing; then not zero. */
    for (int32_t p = NC_FORWARD; p <= NC_BACKWARD_WEIGHTS; p++) {
        struct { nc_exec exec; uint64_t unknown; } longer;
        memset(&longer, 0, sizeof longer);
        fixture f;
        fixture_open(&f, kind, p);
        longer.exec = f.exec;
        longer.exec.struct_size = sizeof longer;
        char* output = p == NC_FORWARD ? f.y : p == NC_BACKWARD_DATA ? f.dx : f.dw;
        const void *a = p == NC_BACKWARD_DATA ? f.dy : f.x, *b = p == NC_BACKWARD_WEIGHTS ? f.dy : f.w;
        for (longer.unknown = 0; longer.unknown < 2; longer.unknown++) {
            memset(output, CANARY, ROOM);
            nc_status status = p == NC_FORWARD ? run_forward(&f.l, f.plan, a, b, NULL, output, &longer.exec)
                             : p == NC_BACKWARD_DATA ? run_backward_data(&f.l, f.plan, a, b, f.y_read, output, &longer.exec)
                             : run_backward_weights(&f.l, f.plan, a, b, f.y_read, output, NULL, &longer.exec);
            if (longer.unknown == 0 && status != NC_OK) not_ok("bad_input a longer exec: %s", last_error());
            if (longer.unknown == 1 && refused("a longer exec with an unknown byte", "call", status, NC_ERROR_INVALID_ARGUMENT, "struct_size")) {
                if (output[0] != CANARY || output[ROOM - 1] != CANARY) not_ok("bad_input a longer exec with an unknown byte: the output was touched");
                else ok("bad_input a longer exec: pass %d", p);
            }
        }
        fixture_close(&f);
    }

    /* Without an activation, or with the DECONVNET rule, y is not needed. */
    for (int rule = 0; rule < 2; rule++) {
        nc_conv_desc d = good(kind, 2);
        if (rule) { d.activation = NC_ACT_RELU; d.gradient_rule = NC_RULE_DECONVNET; }
        fixture f;
        fixture_open(&f, kind, NC_BACKWARD_DATA);
        nc_plan* own = f.plan;
        f.plan = plan_of(&d);
        f.y_read = NULL;
        accept_call(rule ? "y = NULL with NC_RULE_DECONVNET" : "y = NULL without an activation", &f);
        nc_plan_destroy(f.plan);
        f.plan = own;
        fixture_close(&f);
    }

    /* No image: everything empty may be NULL; dw and db are written. */
    nc_conv_desc d = good(kind, 2);
    d.batch = 0;
    layer l = layer_of(&d);
    nc_plan* plan = plan_of(&d);
    float w[6 * 4 * 9], db[6];
    for (int i = 0; i < 6 * 4 * 9; i++) w[i] = 2;
    for (int i = 0; i < 6; i++) db[i] = 2;
    nc_exec exec = NC_EXEC_INIT;
    if (run_forward(&l, plan, NULL, w, NULL, NULL, NULL) != NC_OK) not_ok("bad_input legal: batch 0, forward: %s", last_error());
    if (run_backward_data(&l, plan, NULL, w, NULL, NULL, NULL) != NC_OK) not_ok("bad_input legal: batch 0, backward_data: %s", last_error());
    exec.beta = 0.5;
    if (run_backward_weights(&l, plan, NULL, NULL, NULL, w, db, &exec) != NC_OK || w[0] != 1 || w[215] != 1 || db[0] != 1 || db[5] != 1) not_ok("bad_input legal: batch 0, beta 0.5: %s", last_error());
    if (run_backward_weights(&l, plan, NULL, NULL, NULL, w, db, NULL) != NC_OK || w[0] != 0 || w[215] != 0 || db[0] != 0 || db[5] != 0) not_ok("bad_input legal: batch 0: %s", last_error());
    nc_plan_destroy(plan);
    ok("bad_input legal: batch 0 with NULL tensors");
}

/* -- the other functions -------------------------------------------------------------------------------------------------- */

#define REFUSE(expected, fields, call) do { nc_status s_ = (call); if (refused(#call, "call", s_, expected, fields)) ok("bad_input " #call); } while (0)

static void other_functions(void)
{
    const nc_status null = NC_ERROR_NULL_POINTER, bad = NC_ERROR_INVALID_ARGUMENT;
    nc_conv_desc d = good(NC_CONV, 2);
    nc_plan* plan = plan_of(&d);
    int64_t shape[3] = { -7, -7, -7 };
    nc_tensor tensor = { .struct_size = sizeof tensor };
    nc_pass_info info = { .struct_size = sizeof info };
    size_t bytes = 12345;
    float w[6 * 4 * 9] = { 0 };
    static char packed[1 << 20];
    char text[16];

    nc_plan_destroy(NULL);
    ok("bad_input nc_plan_destroy(NULL)");
    REFUSE(null, "plan", nc_plan_create(&d, NULL));
    REFUSE(null, "desc", nc_output_shape(NULL, shape));
    REFUSE(null, "shape", nc_output_shape(&d, NULL));
    REFUSE(null, "desc", nc_describe_tensor(NULL, NC_X, &tensor));
    REFUSE(null, "info", nc_describe_tensor(&d, NC_X, NULL));
    REFUSE(bad, "tensor", nc_describe_tensor(&d, 6, &tensor));
    REFUSE(bad, "tensor", nc_describe_tensor(&d, -1, &tensor));
    REFUSE(null, "plan", nc_plan_pass_info(NULL, NC_FORWARD, &info));
    REFUSE(null, "info", nc_plan_pass_info(plan, NC_FORWARD, NULL));
    REFUSE(bad, "pass", nc_plan_pass_info(plan, 3, &info));
    REFUSE(bad, "pass", nc_plan_pass_info(plan, -1, &info));
    REFUSE(null, "plan", nc_workspace_size(NULL, NC_FORWARD, NULL, &bytes));
    REFUSE(null, "bytes", nc_workspace_size(plan, NC_FORWARD, NULL, NULL));
    REFUSE(bad, "pass", nc_workspace_size(plan, 3, NULL, &bytes));
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = -2;
    REFUSE(bad, "num_threads", nc_workspace_size(plan, NC_FORWARD, &exec, &bytes));
    exec.num_threads = 0;
    exec.struct_size = 12;
    REFUSE(bad, "struct_size", nc_workspace_size(plan, NC_FORWARD, &exec, &bytes));
    REFUSE(null, "plan", nc_packed_weights_size(NULL, NC_FORWARD, &bytes));
    REFUSE(null, "bytes", nc_packed_weights_size(plan, NC_FORWARD, NULL));
    REFUSE(bad, "pass", nc_packed_weights_size(plan, NC_BACKWARD_WEIGHTS, &bytes));
    REFUSE(bad, "pass", nc_packed_weights_size(plan, 7, &bytes));
    if (bytes != 12345) not_ok("bad_input: a refused size was written");

    if (nc_packed_weights_size(plan, NC_FORWARD, &bytes) != NC_OK || bytes > sizeof packed) die("nc_packed_weights_size: %s", last_error());
    memset(packed, CANARY, sizeof packed);
    REFUSE(null, "plan", nc_pack_weights(NULL, NC_FORWARD, w, packed, bytes));
    REFUSE(null, "w", nc_pack_weights(plan, NC_FORWARD, NULL, packed, bytes));
    REFUSE(null, "packed", nc_pack_weights(plan, NC_FORWARD, w, NULL, bytes));
    REFUSE(bad, "packed_bytes", nc_pack_weights(plan, NC_FORWARD, w, packed, bytes - 1));
    REFUSE(bad, "pass", nc_pack_weights(plan, NC_BACKWARD_WEIGHTS, w, packed, bytes));
    REFUSE(bad, "w", nc_pack_weights(plan, NC_FORWARD, (char*)w + 1, packed, bytes));
    for (size_t i = 0; i < sizeof packed; i++)
        if (packed[i] != CANARY) { not_ok("bad_input: refused nc_pack_weights wrote byte %zu", i); break; }
    memcpy(packed, w, sizeof w);
    REFUSE(NC_ERROR_OVERLAP, "packed", nc_pack_weights(plan, NC_FORWARD, packed, packed + 64, bytes));

    REFUSE(null, "plan", nc_explain(NULL, text, sizeof text, &bytes));
    REFUSE(null, "buffer", nc_explain(plan, NULL, 10, &bytes));
    REFUSE(bad, "num_threads", nc_set_num_threads(-1));

    REFUSE(null, "plan", nc_activation_backward(NULL, w, w, packed, NULL));
    d.activation = NC_ACT_RELU;
    nc_plan* relu = plan_of(&d);
    layer l = layer_of(&d);
    float *dy = allocate((size_t)l.y_count * 4), *delta = allocate((size_t)l.y_count * 4);
    REFUSE(null, "dy", nc_activation_backward(relu, NULL, dy, delta, NULL));
    REFUSE(null, "y", nc_activation_backward(relu, dy, NULL, delta, NULL));
    REFUSE(null, "delta", nc_activation_backward(relu, dy, dy, NULL, NULL));
    REFUSE(NC_ERROR_OVERLAP, "delta", nc_activation_backward(relu, delta + 1, dy, delta, NULL));
    free(dy);
    free(delta);
    nc_plan_destroy(relu);
    nc_plan_destroy(plan);
}

/* -- messages --------------------------------------------------------------------------------------------------------------- */

static void* fresh_thread(void* unused)
{
    (void)unused;
    char text[8] = "xxxxxxx";
    size_t needed = nc_last_error(text, sizeof text);
    if (needed != 1 || text[0] != 0) not_ok("bad_input nc_last_error on a fresh thread: %zu, %s", needed, text);
    else ok("bad_input nc_last_error on a fresh thread is empty");
    return NULL;
}

static void messages(void)
{
    nc_conv_desc d = good(NC_CONV, 2);
    int64_t shape[3];
    d.input[1] = 6; d.kernel[1] = 5; d.dilation[1] = 2;
    nc_output_shape(&d, shape);
    const char* expected = "kernel[1]: the dilated kernel (dilation 2, kernel 5 -> 9) is larger than the padded input (input 6 + pads 1 + 1 -> 8)";
    if (strcmp(last_error(), expected) != 0) not_ok("bad_input the header's message: %s", last_error());
    else ok("bad_input the header's message");

    size_t length = strlen(expected);
    if (nc_last_error(NULL, 0) != length + 1) not_ok("bad_input nc_last_error(NULL, 0)");
    char text[32];
    memset(text, CANARY, sizeof text);
    if (nc_last_error(text, 10) != length + 1 || strcmp(text, "kernel[1]") != 0 || text[10] != CANARY) not_ok("bad_input nc_last_error cut to 10: %s", text);
    else ok("bad_input nc_last_error cut to 10");
    memset(text, CANARY, sizeof text);
    nc_last_error(text, 1);
    if (text[0] != 0 || text[1] != CANARY) not_ok("bad_input nc_last_error cut to 1");
    memset(text, CANARY, sizeof text);
    nc_last_error(text, 0);
    if (text[0] != CANARY) not_ok("bad_input nc_last_error with capacity 0 wrote");

    d = good(NC_CONV, 2);
    if (nc_output_shape(&d, shape) != NC_OK || strcmp(last_error(), expected) != 0) not_ok("bad_input success changed the message: %s", last_error());
    else ok("bad_input success leaves the message");

    pthread_t thread;
    if (pthread_create(&thread, NULL, fresh_thread, NULL) != 0) die("no thread");
    pthread_join(thread, NULL);

    static const nc_status all[] = { NC_OK, NC_ERROR_NULL_POINTER, NC_ERROR_INVALID_ARGUMENT, NC_ERROR_INVALID_SHAPE, NC_ERROR_OVERFLOW, NC_ERROR_UNSUPPORTED, NC_ERROR_WORKSPACE,
                                     NC_ERROR_OVERLAP, NC_ERROR_OUT_OF_MEMORY, NC_ERROR_PARALLEL, NC_ERROR_INTERNAL, 1, -10, INT32_MIN, INT32_MAX };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const char* name = nc_status_string(all[i]);
        if (name == NULL || name[0] == 0) not_ok("bad_input nc_status_string(%d) is empty", (int)all[i]);
        for (size_t k = 0; k < i && i < 11; k++)
            if (strcmp(name, nc_status_string(all[k])) == 0) not_ok("bad_input nc_status_string(%d) is that of %d", (int)all[i], (int)all[k]);
    }
    ok("bad_input nc_status_string");
}

/* nc_explain in buffers of every kind of size. */
static void explanation(void)
{
    nc_conv_desc d = good(NC_CONV, 2);
    nc_plan* plan = plan_of(&d);
    size_t needed = 0;
    if (nc_explain(plan, NULL, 0, &needed) != NC_OK || needed < 20) not_ok("bad_input nc_explain(NULL, 0): %zu", needed);
    char *whole = allocate(needed + 8), *cut = allocate(needed + 8);
    memset(whole, CANARY, needed + 8);
    memset(cut, CANARY, needed + 8);
    if (nc_explain(plan, whole, needed, NULL) != NC_OK || strlen(whole) + 1 != needed || whole[needed] != CANARY) not_ok("bad_input nc_explain: needed %zu, written %zu", needed, strlen(whole) + 1);
    size_t again = 0;
    if (nc_explain(plan, cut, 12, &again) != NC_OK || again != needed || cut[11] != 0 || cut[12] != CANARY || strncmp(cut, whole, 11) != 0) not_ok("bad_input nc_explain cut to 12: %s", last_error());
    nc_pass_info info = { .struct_size = sizeof info };
    for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++)
        if (nc_plan_pass_info(plan, pass, &info) != NC_OK || !strstr(whole, info.algorithm)) not_ok("bad_input nc_explain does not name pass %d's algorithm, %s", pass, info.algorithm);
    ok("bad_input nc_explain");
    free(whole);
    free(cut);
    nc_plan_destroy(plan);
}

/* -- a host that does not keep its promise ------------------------------------------------------------------------------------- */

static void NC_CALL skips_the_last(void* user, nc_task_fn fn, void* task, int32_t count)
{
    ++*(int*)user;
    for (int32_t i = 0; i + 1 < count; i++) fn(task, i);
}

static void NC_CALL skips_the_first(void* user, nc_task_fn fn, void* task, int32_t count)
{
    ++*(int*)user;
    for (int32_t i = 1; i < count; i++) fn(task, i);
}

static void NC_CALL runs_nothing(void* user, nc_task_fn fn, void* task, int32_t count)
{
    (void)fn; (void)task; (void)count;
    ++*(int*)user;
}

static void broken_hosts(int32_t kind)
{
    static const struct { const char* name; nc_parallel_for_fn run; } hosts[] = { { "skips the last index", skips_the_last }, { "skips the first index", skips_the_first }, { "runs nothing", runs_nothing } };
    nc_conv_desc d = good(kind, 2);
    d.in_channels = d.out_channels = 32;
    d.input[0] = d.input[1] = 40;
    layer l = layer_of(&d);
    nc_plan* plan = plan_of(&d);
    float *x = allocate((size_t)l.x_count * 4), *w = allocate((size_t)l.w_count * 4), *y = allocate((size_t)l.y_count * 4), *right = allocate((size_t)l.y_count * 4);
    for (int64_t i = 0; i < l.x_count; i++) x[i] = (float)random_value(2, 0, (uint64_t)i);
    for (int64_t i = 0; i < l.w_count; i++) w[i] = (float)random_value(2, 1, (uint64_t)i);
    if (run_forward(&l, plan, x, w, NULL, right, NULL) != NC_OK) die("forward: %s", last_error());

    for (size_t h = 0; h < sizeof hosts / sizeof *hosts; h++)
        for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++) {
            int calls = 0;
            nc_exec exec = NC_EXEC_INIT;
            exec.num_threads = 3;
            exec.parallel_for = hosts[h].run;
            exec.parallel_user = &calls;
            float *dx = allocate((size_t)l.x_count * 4), *dw = allocate((size_t)l.w_count * 4);
            nc_status status = pass == NC_FORWARD ? run_forward(&l, plan, x, w, NULL, y, &exec)
                             : pass == NC_BACKWARD_DATA ? run_backward_data(&l, plan, right, w, NULL, dx, &exec)
                             : run_backward_weights(&l, plan, x, right, NULL, dw, NULL, &exec);
            free(dx);
            free(dw);
            if (calls == 0) not_ok("bad_input parallel_for that %s, pass %d: was never called", hosts[h].name, pass);
            else if (refused(hosts[h].name, "call", status, NC_ERROR_PARALLEL, "parallel_for")) ok("bad_input %s: parallel_for that %s, pass %d", kind ? "deconv" : "conv", hosts[h].name, pass);
        }

    /* Nothing of it stays: the next call is right. */
    if (run_forward(&l, plan, x, w, NULL, y, NULL) != NC_OK || memcmp(y, right, (size_t)l.y_count * 4) != 0) not_ok("bad_input after a broken host: %s", last_error());
    else ok("bad_input after a broken host all is well");
    free(x); free(w); free(y); free(right);
    nc_plan_destroy(plan);
}

int main(void)
{
    descriptor_arguments();
    descriptor_shapes();
    descriptor_overflow();
    borders();
    thirty_two_bits();
    struct_sizes();
    for (int32_t kind = NC_CONV; kind <= NC_DECONV; kind++) {
        for (int32_t pass = NC_FORWARD; pass <= NC_BACKWARD_WEIGHTS; pass++) calls_of_any_pass(kind, pass);
        calls_of_forward(kind);
        calls_of_backward_data(kind);
        calls_of_backward_weights(kind);
        calls_in_scratch(kind);
        legal_calls(kind);
        broken_hosts(kind);
    }
    other_functions();
    messages();
    explanation();
    return check_result();
}
