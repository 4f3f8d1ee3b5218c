/* The layout of every struct and the value of every constant of the header, as fixed for ABI version 1.
 *
 *     layout          checks them
 *     layout print    prints `struct field offset size`, one per line, for comparison with other languages */
#include <nativeconv.h>
#include <stdio.h>
#include <string.h>

typedef struct field { const char *owner, *name; size_t offset, size, fixed_offset, fixed_size; } field;

/* "sizeof" stands for the whole struct. */
#define WHOLE(type, size) { #type, "sizeof", 0, sizeof(type), 0, size }
#define FIELD(type, name, offset, size) { #type, #name, offsetof(type, name), sizeof ((type*)0)->name, offset, size }

static const field fields[] = {
    WHOLE(nc_conv_desc, 424),
    FIELD(nc_conv_desc, struct_size, 0, 4),
    FIELD(nc_conv_desc, kind, 4, 4),
    FIELD(nc_conv_desc, rank, 8, 4),
    FIELD(nc_conv_desc, dtype, 12, 4),
    FIELD(nc_conv_desc, w_dtype, 16, 4),
    FIELD(nc_conv_desc, layout, 20, 4),
    FIELD(nc_conv_desc, activation, 24, 4),
    FIELD(nc_conv_desc, gradient_rule, 28, 4),
    FIELD(nc_conv_desc, algorithm, 32, 4),
    FIELD(nc_conv_desc, flags, 36, 4),
    FIELD(nc_conv_desc, activation_alpha, 40, 8),
    FIELD(nc_conv_desc, activation_beta, 48, 8),
    FIELD(nc_conv_desc, workspace_limit, 56, 8),
    FIELD(nc_conv_desc, batch, 64, 8),
    FIELD(nc_conv_desc, in_channels, 72, 8),
    FIELD(nc_conv_desc, out_channels, 80, 8),
    FIELD(nc_conv_desc, groups, 88, 8),
    FIELD(nc_conv_desc, input, 96, 24),
    FIELD(nc_conv_desc, kernel, 120, 24),
    FIELD(nc_conv_desc, stride, 144, 24),
    FIELD(nc_conv_desc, dilation, 168, 24),
    FIELD(nc_conv_desc, pad_begin, 192, 24),
    FIELD(nc_conv_desc, pad_end, 216, 24),
    FIELD(nc_conv_desc, output_padding, 240, 24),
    FIELD(nc_conv_desc, x_strides, 264, 40),
    FIELD(nc_conv_desc, y_strides, 304, 40),
    FIELD(nc_conv_desc, dx_strides, 344, 40),
    FIELD(nc_conv_desc, dy_strides, 384, 40),

    WHOLE(nc_exec, 88),
    FIELD(nc_exec, struct_size, 0, 4),
    FIELD(nc_exec, num_threads, 4, 4),
    FIELD(nc_exec, flags, 8, 4),
    FIELD(nc_exec, reserved, 12, 4),
    FIELD(nc_exec, alpha, 16, 8),
    FIELD(nc_exec, beta, 24, 8),
    FIELD(nc_exec, addend, 32, 8),
    FIELD(nc_exec, workspace, 40, 8),
    FIELD(nc_exec, workspace_bytes, 48, 8),
    FIELD(nc_exec, packed_weights, 56, 8),
    FIELD(nc_exec, packed_bytes, 64, 8),
    FIELD(nc_exec, parallel_for, 72, 8),
    FIELD(nc_exec, parallel_user, 80, 8),

    WHOLE(nc_tensor, 104),
    FIELD(nc_tensor, struct_size, 0, 4),
    FIELD(nc_tensor, ndim, 4, 4),
    FIELD(nc_tensor, shape, 8, 40),
    FIELD(nc_tensor, strides, 48, 40),
    FIELD(nc_tensor, bytes_before, 88, 8),
    FIELD(nc_tensor, bytes, 96, 8),

    WHOLE(nc_pass_info, 80),
    FIELD(nc_pass_info, struct_size, 0, 4),
    FIELD(nc_pass_info, stages, 4, 4),
    FIELD(nc_pass_info, flops, 8, 8),
    FIELD(nc_pass_info, workspace_bytes, 16, 8),
    FIELD(nc_pass_info, workspace_per_thread, 24, 8),
    FIELD(nc_pass_info, packed_bytes, 32, 8),
    FIELD(nc_pass_info, packed_id, 40, 8),
    FIELD(nc_pass_info, algorithm, 48, 32),
};

enum { FIELDS = sizeof fields / sizeof *fields };

#define VALUE(name, fixed) { #name, (long long)name, fixed }

static const struct { const char* name; long long value, fixed; } values[] = {
    VALUE(NC_ABI_VERSION, 1),
    VALUE(NC_OK, 0), VALUE(NC_ERROR_NULL_POINTER, -1), VALUE(NC_ERROR_INVALID_ARGUMENT, -2), VALUE(NC_ERROR_INVALID_SHAPE, -3),
    VALUE(NC_ERROR_OVERFLOW, -4), VALUE(NC_ERROR_UNSUPPORTED, -5), VALUE(NC_ERROR_WORKSPACE, -6), VALUE(NC_ERROR_OVERLAP, -7),
    VALUE(NC_ERROR_OUT_OF_MEMORY, -8), VALUE(NC_ERROR_PARALLEL, -9), VALUE(NC_ERROR_INTERNAL, -99),
    VALUE(NC_CONV, 0), VALUE(NC_DECONV, 1),
    VALUE(NC_F32, 1), VALUE(NC_F64, 2), VALUE(NC_F16, 3), VALUE(NC_BF16, 4),
    VALUE(NC_CHANNELS_FIRST, 0), VALUE(NC_CHANNELS_LAST, 1),
    VALUE(NC_ACT_IDENTITY, 0), VALUE(NC_ACT_RELU, 1), VALUE(NC_ACT_LEAKY_RELU, 2), VALUE(NC_ACT_CLIP, 3),
    VALUE(NC_ACT_SIGMOID, 4), VALUE(NC_ACT_TANH, 5), VALUE(NC_ACT_ELU, 6),
    VALUE(NC_RULE_BACKPROP, 0), VALUE(NC_RULE_DECONVNET, 1), VALUE(NC_RULE_GUIDED, 2),
    VALUE(NC_FORWARD, 0), VALUE(NC_BACKWARD_DATA, 1), VALUE(NC_BACKWARD_WEIGHTS, 2),
    VALUE(NC_ALGO_AUTO, 0), VALUE(NC_ALGO_DIRECT, 1),
    VALUE(NC_X, 0), VALUE(NC_W, 1), VALUE(NC_BIAS, 2), VALUE(NC_Y, 3), VALUE(NC_DX, 4), VALUE(NC_DY, 5),
    VALUE(NC_EXEC_FLUSH_DENORMALS, 1),
};

static int failures;

static void not_ok(const char* owner, const char* name, long long value, long long fixed)
{
    printf("not ok layout %s %s: %lld, fixed as %lld\n", owner, name, value, fixed);
    failures++;
}

/* Each field begins where the one before ended, and the last ends with the struct: there is no padding. */
static void check_gaps(void)
{
    for (int i = 0; i < FIELDS; i++) {
        int first = i > 0 && strcmp(fields[i - 1].name, "sizeof") == 0;
        if (strcmp(fields[i].name, "sizeof") != 0 && !first && fields[i].offset != fields[i - 1].offset + fields[i - 1].size)
            not_ok(fields[i].owner, "padding before a field at", (long long)fields[i].offset, (long long)(fields[i - 1].offset + fields[i - 1].size));
        if (i + 1 == FIELDS || strcmp(fields[i + 1].name, "sizeof") == 0) {
            int whole = i;
            while (strcmp(fields[whole].name, "sizeof") != 0) whole--;
            if (fields[i].offset + fields[i].size != fields[whole].size) not_ok(fields[i].owner, "end of the last field", (long long)(fields[i].offset + fields[i].size), (long long)fields[whole].size);
        }
    }
}

int main(int arguments, char** argument)
{
    if (arguments > 1 && strcmp(argument[1], "print") == 0) {
        for (int i = 0; i < FIELDS; i++) printf("%s %s %zu %zu\n", fields[i].owner, fields[i].name, fields[i].offset, fields[i].size);
        return 0;
    }

    for (int i = 0; i < FIELDS; i++) {
        if (fields[i].offset != fields[i].fixed_offset) not_ok(fields[i].owner, fields[i].name, (long long)fields[i].offset, (long long)fields[i].fixed_offset);
        if (fields[i].size != fields[i].fixed_size) not_ok(fields[i].owner, fields[i].name, (long long)fields[i].size, (long long)fields[i].fixed_size);
    }
    check_gaps();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i].value != values[i].fixed) not_ok("value", values[i].name, values[i].value, values[i].fixed);

    nc_exec exec = NC_EXEC_INIT;
    nc_exec zero;
    memset(&zero, 0, sizeof zero);
    zero.struct_size = sizeof zero;
    if (memcmp(&exec, &zero, sizeof exec) != 0) not_ok("NC_EXEC_INIT", "is not struct_size and zeros", 1, 0);

    if (!failures) printf("ok layout (%d fields, %zu values)\n", FIELDS, sizeof values / sizeof *values);
    return failures != 0;
}
