/* The cases of native-tests/reference through the published library: inputs and expected results from other projects. */
#include "cases.h"

/* What a result may differ from the expected one. */
typedef struct tolerance { const char* name; int exact; double absolute; } tolerance;

/* The index's scale is the largest sum of |a * b| in the tensor. ONNX's expected values are themselves f32 sums: its
   cases have no scale and get 1e-5 of the largest value. */
static tolerance tolerance_of(const table* index, const char* column, int32_t dtype, int winograd, const double* expected, int64_t count)
{
    tolerance t = { column, 0, 0 };
    char scale[16];
    snprintf(scale, sizeof scale, "scale_%s", column);
    double unit = dtype == NC_F64 ? ldexp(1, -53) : ldexp(1, -24);

    t.exact = integer_of(index, "exact") != 0 && !winograd;
    if (strcmp(text_of(index, scale), "-") != 0) {
        t.absolute = (winograd ? 512 : 8) * unit * number_of(index, scale);
    } else {
        for (int64_t i = 0; i < count; i++) t.absolute = fmax(t.absolute, 1e-5 * fabs(expected[i]));
    }
    return t;
}

/* 1 if all is well, otherwise says where it is not. */
static int compare(const char* name, tolerance t, const void* got, int32_t dtype, const double* expected, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        double value = load(got, dtype, i);
        int right = t.exact ? value == expected[i] : fabs(value - expected[i]) <= t.absolute;
        if (right) continue;
        not_ok("%s: %s[%lld] is %.17g, expected %.17g, tolerance %g", name, t.name, (long long)i, value, expected[i], t.exact ? 0 : t.absolute);
        return 0;
    }
    return 1;
}

static void* narrowed(const double* values, int32_t dtype, int64_t count)
{
    void* buffer = allocate((size_t)count * element_bytes(dtype));
    for (int64_t i = 0; values && i < count; i++) store(buffer, dtype, i, values[i]);
    return buffer;
}

static int runs_winograd(const nc_plan* plan, int32_t pass)
{
    nc_pass_info info = { .struct_size = sizeof info };
    if (nc_plan_pass_info(plan, pass, &info) != NC_OK) die("nc_plan_pass_info: %s", last_error());
    return strstr(info.algorithm, "winograd") != NULL;
}

/* One case, one dtype, one algorithm: all passes that it has expected values for. */
static int run_case(const table* index, const layer* l, double* const tensors[8])
{
    enum { X = CASE_X, W, B, DY, Y, DX, DW, DB };
    const nc_conv_desc* desc = &l->desc;
    int32_t dtype = desc->dtype;
    char name[200];
    snprintf(name, sizeof name, "reference %s %s %s", text_of(index, "name"), dtype == NC_F64 ? "f64" : "f32", desc->algorithm == NC_ALGO_DIRECT ? "direct" : "auto");

    nc_plan* plan;
    if (nc_plan_create(desc, &plan) != NC_OK) { not_ok("%s: nc_plan_create: %s", name, last_error()); return 0; }

    int64_t count[8] = { l->x_count, l->w_count, desc->out_channels, l->y_count, l->y_count, l->x_count, l->w_count, desc->out_channels };
    void* buffer[8];
    for (int i = 0; i < 8; i++) buffer[i] = narrowed(i <= DY ? tensors[i] : NULL, dtype, count[i]);

    int right = 1;
#define RUN(call) if (right && (call) != NC_OK) { not_ok("%s: %s: %s", name, #call, last_error()); right = 0; }
#define SAME(tensor, pass) if (right) \
        right = compare(name, tolerance_of(index, case_columns[tensor], dtype, runs_winograd(plan, pass), tensors[tensor], count[tensor]), buffer[tensor], dtype, tensors[tensor], count[tensor])

    RUN(run_forward(l, plan, buffer[X], buffer[W], tensors[B] ? buffer[B] : NULL, buffer[Y], NULL));
    SAME(Y, NC_FORWARD);
    if (tensors[DY]) {
        RUN(run_backward_data(l, plan, buffer[DY], buffer[W], NULL, buffer[DX], NULL));
        SAME(DX, NC_BACKWARD_DATA);
        RUN(run_backward_weights(l, plan, buffer[X], buffer[DY], NULL, buffer[DW], buffer[DB], NULL));
        SAME(DW, NC_BACKWARD_WEIGHTS);
        SAME(DB, NC_BACKWARD_WEIGHTS);
    }
#undef RUN
#undef SAME

    for (int i = 0; i < 8; i++) free(buffer[i]);
    nc_plan_destroy(plan);
    return right;
}

/* The tests' own loop against the same expected values: what edges.c measures with is itself measured. */
static int run_loop(const table* index, const layer* l, double* const tensors[8])
{
    enum { X = CASE_X, W, B, DY, Y, DX, DW, DB };
    double *sum[3], *scale[3];
    int64_t count[3] = { l->x_count, l->w_count, l->y_count };
    for (int i = 0; i < 3; i++) { sum[i] = allocate((size_t)count[i] * sizeof(double)); scale[i] = allocate((size_t)count[i] * sizeof(double)); }

    char name[200];
    snprintf(name, sizeof name, "reference %s loop", text_of(index, "name"));
    layer_sum(l, INTO_Y, tensors[X], tensors[W], NULL, sum[INTO_Y], scale[INTO_Y]);
    int64_t plane = volume(l->y_image);
    for (int64_t i = 0; tensors[B] && i < l->y_count; i++) sum[INTO_Y][i] += tensors[B][i / plane % l->desc.out_channels];
    int right = compare(name, tolerance_of(index, "y", NC_F64, 0, tensors[Y], l->y_count), sum[INTO_Y], NC_F64, tensors[Y], l->y_count);
    if (tensors[DY]) {
        layer_sum(l, INTO_X, NULL, tensors[W], tensors[DY], sum[INTO_X], scale[INTO_X]);
        layer_sum(l, INTO_W, tensors[X], NULL, tensors[DY], sum[INTO_W], scale[INTO_W]);
        right &= compare(name, tolerance_of(index, "dx", NC_F64, 0, tensors[DX], l->x_count), sum[INTO_X], NC_F64, tensors[DX], l->x_count);
        right &= compare(name, tolerance_of(index, "dw", NC_F64, 0, tensors[DW], l->w_count), sum[INTO_W], NC_F64, tensors[DW], l->w_count);
    }
    for (int i = 0; i < 3; i++) { free(sum[i]); free(scale[i]); }
    return right;
}

static void cases(void)
{
    table index = table_open(FOLDER "index.tsv");
    int count = 0;
    layer l;
    double* tensors[CASE_TENSORS];
    while (next_case(&index, &l, tensors)) {
        const char* name = text_of(&index, "name");
        int64_t shape[3], expected[3] = { 1, 1, 1 };
        list_of(&index, "output", expected);
        if (nc_output_shape(&l.desc, shape) != NC_OK || memcmp(shape, expected, sizeof shape) != 0)
            not_ok("reference %s: nc_output_shape says %lld %lld %lld", name, (long long)shape[0], (long long)shape[1], (long long)shape[2]);

        int right = run_loop(&index, &l, tensors);
        for (l.desc.dtype = NC_F32; l.desc.dtype <= NC_F64; l.desc.dtype++)
            for (l.desc.algorithm = NC_ALGO_AUTO; l.desc.algorithm <= NC_ALGO_DIRECT; l.desc.algorithm++)
                right &= run_case(&index, &l, tensors);
        if (right) ok("reference %s", name);
        free_case(tensors);
        count++;
    }
    if (count != CASES) not_ok("reference index.tsv: %d cases, expected %d", count, CASES);
}

static void output_sizes(void)
{
    table t = table_open(FOLDER "outsize.tsv");
    int count = 0, failures = check_failures;
    while (table_next(&t)) {
        nc_conv_desc desc;
        nc_conv_desc_init(&desc, sizeof desc, strcmp(text_of(&t, "op"), "deconv") == 0 ? NC_DECONV : NC_CONV, 1);
        desc.batch = desc.in_channels = desc.out_channels = 1;
        desc.input[0] = integer_of(&t, "in");
        desc.kernel[0] = integer_of(&t, "k");
        desc.stride[0] = integer_of(&t, "stride");
        desc.pad_begin[0] = integer_of(&t, "pad_begin");
        desc.pad_end[0] = integer_of(&t, "pad_end");
        desc.dilation[0] = integer_of(&t, "dilation");
        desc.output_padding[0] = integer_of(&t, "output_padding");

        int64_t shape[3] = { 0, 0, 0 };
        if (nc_output_shape(&desc, shape) != NC_OK) not_ok("reference outsize.tsv line %d: %s", t.line, last_error());
        else if (shape[0] != integer_of(&t, "out") || shape[1] != 1 || shape[2] != 1)
            not_ok("reference outsize.tsv line %d: %lld, expected %s", t.line, (long long)shape[0], text_of(&t, "out"));
        count++;
    }
    if (count < 600) not_ok("reference outsize.tsv: only %d lines", count);
    if (check_failures == failures) ok("reference outsize.tsv (%d sizes)", count);
}

static void refusals(void)
{
    static const struct { const char* word; nc_status status; } statuses[] = {
        { "OK", NC_OK }, { "INVALID_SHAPE", NC_ERROR_INVALID_SHAPE }, { "OVERFLOW", NC_ERROR_OVERFLOW } };
    table t = table_open(FOLDER "invalid.tsv");
    while (table_next(&t)) {
        const char *name = text_of(&t, "name"), *word = text_of(&t, "status");
        if (strcmp(word, "-") == 0) {
            ok("reference invalid %s (nothing to refuse: the ABI derives the shape of w from the descriptor)", name);
            continue;
        }
        nc_status expected = 1;
        for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
            if (strcmp(word, statuses[i].word) == 0) expected = statuses[i].status;

        nc_conv_desc desc = descriptor_of(&t);
        list_of(&t, "pad", desc.pad_begin);
        list_of(&t, "pad", desc.pad_end);
        nc_plan* plan;
        nc_status status = nc_plan_create(&desc, &plan);
        if (status == expected) ok("reference invalid %s", name);
        else not_ok("reference invalid %s: status %d, expected %s", name, (int)status, word);
        nc_plan_destroy(plan);
    }
}

int main(void)
{
    cases();
    output_sizes();
    refusals();
    return check_result();
}
