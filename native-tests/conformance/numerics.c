/* What the header promises about numbers: long sums, batches, activations. */
#include "job.h"

static nc_plan* plan_of(const nc_conv_desc* d)
{
    nc_plan* plan;
    if (nc_plan_create(d, &plan) != NC_OK) die("numerics: nc_plan_create: %s", last_error());
    return plan;
}

static void must(nc_status status)
{
    if (status != NC_OK) die("numerics: %s", last_error());
}

/* -- long sums ------------------------------------------------------------------------------------------------------------- */

/* The largest error of one pass in units of unit * sum|a * b|. `offset` 0: data of both signs; 1: all between 0 and 2. */
static double worst(const nc_conv_desc* d, int into, double offset)
{
    layer l = layer_of(d);
    nc_plan* plan = plan_of(d);
    int64_t count[3] = { l.x_count, l.w_count, l.y_count };
    double* value[3];
    void* buffer[3];
    for (int i = 0; i < 3; i++) {
        value[i] = allocate((size_t)count[i] * sizeof(double));
        buffer[i] = allocate((size_t)count[i] * sizeof(double));
        for (int64_t k = 0; k < count[i]; k++) {
            store(buffer[i], d->dtype, k, offset + random_long_value(99, (uint64_t)i, (uint64_t)k));
            value[i][k] = load(buffer[i], d->dtype, k);
        }
    }
    double *sum = allocate((size_t)count[into] * sizeof(double)), *scale = allocate((size_t)count[into] * sizeof(double)), unit = d->dtype == NC_F64 ? ldexp(1, -53) : ldexp(1, -24), most = 0;
    layer_sum(&l, into, value[0], value[1], value[2], sum, scale);
    memset(buffer[into], 0xFF, (size_t)count[into] * element_bytes(d->dtype));
    must(into == INTO_Y ? run_forward(&l, plan, buffer[0], buffer[1], NULL, buffer[2], NULL) : into == INTO_X ? run_backward_data(&l, plan, buffer[2], buffer[1], NULL, buffer[0], NULL)
                        : run_backward_weights(&l, plan, buffer[0], buffer[2], NULL, buffer[1], NULL, NULL));
    for (int64_t i = 0; i < count[into]; i++) {
        double error = fabs(load(buffer[into], d->dtype, i) - sum[i]) / (unit * scale[i]);
        if (!(error <= most)) most = error;    /* a NaN counts as the worst */
    }
    for (int i = 0; i < 3; i++) { free(value[i]); free(buffer[i]); }
    free(sum); free(scale);
    nc_plan_destroy(plan);
    return most;
}

static void long_sums(void)
{
    static const struct { const char* name; int32_t kind, dtype; int into; int64_t in, out, size, kernel; } cases[] = {
        { "forward, 512 channels x 3 x 3", NC_CONV, NC_F32, INTO_Y, 512, 3, 7, 3 },
        { "forward, 512 channels x 3 x 3, f64", NC_CONV, NC_F64, INTO_Y, 512, 3, 7, 3 },
        { "backward_data, 512 channels x 3 x 3", NC_CONV, NC_F32, INTO_X, 3, 512, 7, 3 },
        { "deconv forward, 4608 channels", NC_DECONV, NC_F32, INTO_Y, 4608, 2, 4, 1 },
        { "backward_weights, 2^20 pixels", NC_CONV, NC_F32, INTO_W, 1, 1, 1024, 3 },
        { "backward_weights, 2^20 pixels, f64", NC_CONV, NC_F64, INTO_W, 1, 1, 1024, 3 },
        { "backward_weights, 2^20 pixels, two channels", NC_CONV, NC_F32, INTO_W, 2, 3, 1024, 1 },
        { "deconv backward_weights, 2^20 pixels", NC_DECONV, NC_F32, INTO_W, 2, 2, 1024, 1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nc_conv_desc d;
        must(nc_conv_desc_init(&d, sizeof d, cases[i].kind, 2));
        d.algorithm = NC_ALGO_DIRECT;
        d.dtype = cases[i].dtype;
        d.batch = 1;
        d.in_channels = cases[i].in;
        d.out_channels = cases[i].out;
        for (int a = 0; a < 2; a++) {
            d.input[a] = cases[i].size;
            d.kernel[a] = cases[i].kernel;
            d.pad_begin[a] = d.pad_end[a] = cases[i].kernel / 2;
        }
        double both_signs = worst(&d, cases[i].into, 0), one_sign = worst(&d, cases[i].into, 1);
        if (both_signs <= 8 && one_sign <= 64) ok("numerics: %s: errors %.2f of 8, one-signed %.2f of 64", cases[i].name, both_signs, one_sign);
        else not_ok("numerics: %s: errors %.2f of 8, one-signed %.2f of 64", cases[i].name, both_signs, one_sign);
    }
}

/* -- an image does not depend on its batch ------------------------------------------------------------------------------------ */

static void batches(void)
{
    table lines = table_open(DESCRIPTORS);
    int count = 0;
    while (table_next(&lines)) {
        if (integer_of(&lines, "batch") < 2) continue;
        job j = job_read(&lines);
        nc_conv_desc d = j.l.desc, single;
        d.algorithm = NC_ALGO_DIRECT;
        single = d;
        single.batch = 1;
        layer l = layer_of(&d), one = layer_of(&single);
        nc_plan *plan = plan_of(&d), *plan_of_one = plan_of(&single);
        size_t element = element_bytes(d.dtype), x_bytes = (size_t)one.x_count * element, y_bytes = (size_t)one.y_count * element;
        char *y = allocate(y_bytes * (size_t)d.batch), *dx = allocate(x_bytes * (size_t)d.batch), *y1 = allocate(y_bytes), *dx1 = allocate(x_bytes);
        must(run_forward(&l, plan, j.in[JOB_X], j.in[JOB_W], j.in[JOB_BIAS], y, NULL));
        must(run_backward_data(&l, plan, j.in[JOB_DY], j.in[JOB_W], y, dx, NULL));
        for (size_t n = 0; n < (size_t)d.batch; n++) {
            must(run_forward(&one, plan_of_one, (char*)j.in[JOB_X] + n * x_bytes, j.in[JOB_W], j.in[JOB_BIAS], y1, NULL));
            must(run_backward_data(&one, plan_of_one, (char*)j.in[JOB_DY] + n * y_bytes, j.in[JOB_W], y1, dx1, NULL));
            if (memcmp(y1, y + n * y_bytes, y_bytes) != 0) not_ok("numerics: descriptor %d: y of image %zu depends on its batch", j.id, n);
            if (memcmp(dx1, dx + n * x_bytes, x_bytes) != 0) not_ok("numerics: descriptor %d: dx of image %zu depends on its batch", j.id, n);
        }
        free(y); free(dx); free(y1); free(dx1);
        nc_plan_destroy(plan);
        nc_plan_destroy(plan_of_one);
        job_free(&j);
        count++;
    }
    ok("numerics: images do not depend on their batch (%d descriptors)", count);
}

/* -- activations: within 2 ulp, and right at the ends --------------------------------------------------------------------------- */

enum { SAMPLES = 20000 };

static long double exactly(int32_t activation, long double a)
{
    switch (activation) {
        case NC_ACT_SIGMOID: return 1 / (1 + expl(-a));
        case NC_ACT_TANH:    return tanhl(a);
        default:             return a > 0 ? a : expm1l(a);   /* elu, alpha 1 */
    }
}

static void activations(void)
{
    static const struct { int32_t activation; const char* name; } list[] = { { NC_ACT_SIGMOID, "sigmoid" }, { NC_ACT_TANH, "tanh" }, { NC_ACT_ELU, "elu" } };
    nc_conv_desc d;
    must(nc_conv_desc_init(&d, sizeof d, NC_CONV, 1));
    d.batch = d.in_channels = d.out_channels = d.kernel[0] = 1;
    d.input[0] = SAMPLES;
    void *x = allocate(SAMPLES * sizeof(double)), *y = allocate(SAMPLES * sizeof(double));
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        for (d.dtype = NC_F32; d.dtype <= NC_F64; d.dtype++) {
            d.activation = list[i].activation;
            d.activation_alpha = d.activation == NC_ACT_ELU ? 1 : 0;
            nc_plan* plan = plan_of(&d);
            double w[1];
            store(w, d.dtype, 0, 1);

            /* Magnitudes from 2^-30 to 2^10, both signs; then the special ones. */
            for (int k = 0; k < SAMPLES; k++) store(x, d.dtype, k, random_value(5, 0, (uint64_t)k) * exp2(10 - 40 * fabs(random_value(5, 1, (uint64_t)k))));
            const double special[] = { 0, -0.0, INFINITY, -INFINITY, NAN, 1e30, -1e30, 1e-30, -1e-30 };
            for (size_t k = 0; k < sizeof special / sizeof *special; k++) store(x, d.dtype, (int64_t)k, special[k]);
            must(nc_conv_forward(plan, x, w, NULL, y, NULL));

            long double most = 0;
            int digits = d.dtype == NC_F64 ? 53 : 24, lowest = d.dtype == NC_F64 ? -1021 : -125;
            for (int k = 0; k < SAMPLES; k++) {
                double a = load(x, d.dtype, k), got = load(y, d.dtype, k);
                long double expected = exactly(d.activation, a);
                if (isnan(a) ? !isnan(got) : isnan(got)) { not_ok("numerics: %s(%g) is %g", list[i].name, a, got); break; }
                if (isnan(a) || expected == got) continue;
                int exponent;
                frexpl(expected, &exponent);   /* one ulp of the result's binade, denormals included */
                long double ulp = ldexpl(1, (exponent < lowest ? lowest : exponent) - digits), error = fabsl(got - expected) / ulp;
                if (!(error <= most)) most = error;
                if (!(error <= 2)) { not_ok("numerics: %s(%.17g) is %.17g, expected %.17Lg: %.2Lf ulp", list[i].name, a, got, expected, error); break; }
            }
            if (most <= 2) ok("numerics: %s %s within %.2Lf ulp", list[i].name, d.dtype == NC_F64 ? "f64" : "f32", most);
            nc_plan_destroy(plan);
        }

    /* relu: +0 for -0 and for all below, NaN stays. */
    d.activation = NC_ACT_RELU;
    d.activation_alpha = 0;
    d.dtype = NC_F32;
    nc_plan* plan = plan_of(&d);
    const float one = 1;
    for (int k = 0; k < SAMPLES; k++) ((float*)x)[k] = k % 3 == 0 ? -0.0f : k % 3 == 1 ? -1.5f : NAN;
    must(nc_conv_forward(plan, x, &one, NULL, y, NULL));
    int right = 1;
    for (int k = 0; k < SAMPLES; k++) {
        float value = ((float*)y)[k];
        right &= k % 3 == 2 ? isnan(value) : value == 0 && !signbit(value);
    }
    if (right) ok("numerics: relu gives +0 and keeps NaN");
    else not_ok("numerics: relu gives -0 or loses NaN");
    nc_plan_destroy(plan);
    free(x);
    free(y);
}

int main(void)
{
    long_sums();
    batches();
    activations();
    return check_result();
}
