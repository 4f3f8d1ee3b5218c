/* NaN and infinity: they reach the sums that have them and nothing else, and meet each rule of the header.
 *
 *     non_finite [LAYERS]    default 300, or one part in TEST_SHARE (settings.h) */
#include "guard.h"
#include "settings.h"
#include "small_layer.h"

static nc_plan* plan_of(const nc_conv_desc* d)
{
    nc_plan* plan;
    if (nc_plan_create(d, &plan) != NC_OK) die("non_finite: %s: %s", layer_text(d), last_error());
    return plan;
}

static void must(nc_status status)
{
    if (status != NC_OK) die("non_finite: %s", last_error());
}

/* -- one bad number in a random layer --------------------------------------------------------------------------------------- */

typedef struct spread_test {
    layer l;
    nc_plan* plan;
    void *x, *w, *dy, *y_read, *out, *before;
    double *value_x, *value_w, *delta, *sum, *scale;
} spread_test;

static void run_into(const spread_test* t, int into, void* out)
{
    const layer* l = &t->l;
    must(into == INTO_Y ? run_forward(l, t->plan, t->x, t->w, NULL, out, NULL) : into == INTO_X ? run_backward_data(l, t->plan, t->dy, t->w, t->y_read, out, NULL)
                        : run_backward_weights(l, t->plan, t->x, t->dy, t->y_read, out, NULL, NULL));
}

/* Makes one element of `spoiled` bad and compares the pass with the one before: results that do not sum over the element
   have the same bits, the others are not finite (behind a relu: what relu makes of that). `padding_counts`: the element
   may also have met padding, 0 * infinity, in any of its channel's weights. */
static int spreads(const spread_test* t, const char* what, int into, void* spoiled, double* spoiled_value, int64_t at, double bad, int padding_counts)
{
    const layer* l = &t->l;
    int32_t dtype = l->desc.dtype;
    int64_t count = into == INTO_X ? l->x_count : into == INTO_W ? l->w_count : l->y_count;
    run_into(t, into, t->before);

    double kept = load(spoiled, dtype, at), kept_value = spoiled_value[at];
    store(spoiled, dtype, at, bad);
    spoiled_value[at] = spoiled == t->dy ? gate(&l->desc, bad, load(t->y_read, dtype, at)) : bad;
    run_into(t, into, t->out);
    layer_sum(l, into, t->value_x, t->value_w, t->delta, t->sum, t->scale);
    store(spoiled, dtype, at, kept);
    int dropped = isfinite(spoiled_value[at]); /* at a closed gate */
    spoiled_value[at] = kept_value;

    /* The rows of w that belong to the element's channel. */
    int conv = l->desc.kind == NC_CONV;
    int64_t row = l->w_count / (conv ? l->desc.out_channels : l->desc.in_channels);
    int64_t channel = conv ? at / volume(l->y_image) % l->desc.out_channels : at / volume(l->x_image) % l->desc.in_channels;

    for (int64_t i = 0; i < count; i++) {
        double got = load(t->out, dtype, i), before = load(t->before, dtype, i);
        int right = isfinite(t->scale[i]) ? got == before : !isfinite(got);
        if (into == INTO_Y && l->desc.activation == NC_ACT_RELU && !isfinite(t->scale[i])) right = isnan(got) || got == INFINITY || got == 0;
        if (padding_counts && !dropped && i / row == channel) right |= isnan(got);
        if (right) continue;
        not_ok("non_finite: %s: [%lld] is %g, was %g, the loop has %g: %s", what, (long long)i, got, before, t->sum[i], layer_text(&l->desc));
        return 0;
    }
    return 1;
}

/* A bad weight: padding is zeros, multiplied like any value (decision 1), so every sum that has the weight's tap is spoiled,
   over padding too; in a phase that does not have the tap, nothing is. */
static int weight_spreads(const spread_test* t, int into, int64_t at, double bad)
{
    const layer* l = &t->l;
    int conv = l->desc.kind == NC_CONV, large = conv == (into == INTO_X);
    const int64_t *image = into == INTO_X ? l->x_image : l->y_image, *k = l->kernel, count = into == INTO_X ? l->x_count : l->y_count;
    run_into(t, into, t->before);
    double kept = load(t->w, l->desc.dtype, at);
    store(t->w, l->desc.dtype, at, bad);
    run_into(t, into, t->out);
    store(t->w, l->desc.dtype, at, kept);

    /* w[small channel][large channel within the group][tap] */
    int64_t taps = volume(k), large_channels = (conv ? l->desc.in_channels : l->desc.out_channels) / l->groups, small_channels = (conv ? l->desc.out_channels : l->desc.in_channels) / l->groups;
    int64_t tap[3] = { at % taps / (k[1] * k[2]), at % taps / k[2] % k[1], at % taps % k[2] }, small = at / taps / large_channels;
    int64_t channel = large ? small / small_channels * large_channels + at / taps % large_channels : small, channels = into == INTO_X ? l->desc.in_channels : l->desc.out_channels;
    for (int64_t i = 0; i < count; i++) {
        int64_t pixel = i % volume(image), position[3] = { pixel / (image[1] * image[2]), pixel / image[2] % image[1], pixel % image[2] };
        int has_tap = i / volume(image) % channels == channel;
        for (int a = 0; a < 3; a++) has_tap &= !large || (position[a] + l->pad[a] - tap[a] * l->dilation[a]) % l->stride[a] == 0;
        double got = load(t->out, l->desc.dtype, i), before = load(t->before, l->desc.dtype, i);
        int relu = into == INTO_Y && l->desc.activation == NC_ACT_RELU;
        if (has_tap ? !isfinite(got) || (relu && got == 0) : got == before) continue;
        not_ok("non_finite: w[%lld] = %g in %s: [%lld] is %g, was %g, its sum has the tap: %d: %s", (long long)at, bad, into == INTO_X ? "dx" : "y", (long long)i, got, before, has_tap, layer_text(&l->desc));
        return 0;
    }
    return 1;
}

/* Numbers of an image that no product has: all bad at once, and no bit changes. `into`: a result that reads the image. */
static int unread_are_unread(const spread_test* t, int of, int into)
{
    const layer* l = &t->l;
    int64_t count = of == INTO_X ? l->x_count : l->y_count, results = into == INTO_X ? l->x_count : into == INTO_W ? l->w_count : l->y_count, most = l->x_count + l->w_count + l->y_count;
    void* image = of == INTO_X ? t->x : t->dy;
    double *ones = allocate((size_t)most * sizeof(double)), *sum = allocate((size_t)count * sizeof(double)), *scale = allocate((size_t)count * sizeof(double)), *kept = allocate((size_t)count * sizeof(double));
    for (int64_t i = 0; i < most; i++) ones[i] = 1;
    layer_sum(l, of, ones, ones, ones, sum, scale);
    run_into(t, into, t->before);
    for (int64_t i = 0; i < count; i++) {
        kept[i] = load(image, l->desc.dtype, i);
        if (scale[i] == 0) store(image, l->desc.dtype, i, i % 2 ? NAN : -INFINITY);
    }
    run_into(t, into, t->out);
    for (int64_t i = 0; i < count; i++) store(image, l->desc.dtype, i, kept[i]);
    int right = memcmp(t->out, t->before, (size_t)results * element_bytes(l->desc.dtype)) == 0;
    if (!right) not_ok("non_finite: pixels of %s that no window reads show in %s: %s", of == INTO_X ? "x" : "dy", into == INTO_X ? "dx" : into == INTO_W ? "dw" : "y", layer_text(&l->desc));
    free(ones);
    free(sum);
    free(scale);
    free(kept);
    return right;
}

static int check_layer(const nc_conv_desc* d, random_stream* r, int n)
{
    spread_test t = { .l = layer_of(d), .plan = plan_of(d) };
    int64_t x_count = t.l.x_count, w_count = t.l.w_count, y_count = t.l.y_count, most = x_count + w_count + y_count;
    void** buffers[] = { &t.x, &t.w, &t.dy, &t.y_read, &t.out, &t.before };
    double** values[] = { &t.value_x, &t.value_w, &t.delta, &t.sum, &t.scale };
    for (int i = 0; i < 6; i++) *buffers[i] = allocate((size_t)most * sizeof(double));
    for (int i = 0; i < 5; i++) *values[i] = allocate((size_t)most * sizeof(double));
    for (int i = 0; i < 4; i++)
        for (int64_t k = 0; k < (i == 0 ? x_count : i == 1 ? w_count : y_count); k++) store(*buffers[i], d->dtype, k, random_value((uint64_t)n, (uint64_t)i, (uint64_t)k));
    for (int64_t k = 0; k < x_count; k++) t.value_x[k] = load(t.x, d->dtype, k);
    for (int64_t k = 0; k < w_count; k++) t.value_w[k] = load(t.w, d->dtype, k);
    for (int64_t k = 0; k < y_count; k++) t.delta[k] = gate(d, load(t.dy, d->dtype, k), load(t.y_read, d->dtype, k));

    double bad = n % 3 == 0 ? NAN : n % 3 == 1 ? INFINITY : -INFINITY;
    int64_t x_at = choose(r, 0, x_count - 1), dy_at = choose(r, 0, y_count - 1), w_at = choose(r, 0, w_count - 1);
    int conv = d->kind == NC_CONV;
    /* The image that windows lie on, and may miss. */
    int large = conv ? INTO_X : INTO_Y, small = conv ? INTO_Y : INTO_X;
    int right = spreads(&t, "a bad x in y", INTO_Y, t.x, t.value_x, x_at, bad, 0)
        && spreads(&t, "a bad dy in dx", INTO_X, t.dy, t.delta, dy_at, bad, 0)
        && spreads(&t, "a bad x in dw", INTO_W, t.x, t.value_x, x_at, bad, !conv)
        && spreads(&t, "a bad dy in dw", INTO_W, t.dy, t.delta, dy_at, bad, conv)
        && weight_spreads(&t, INTO_Y, w_at, bad)
        && weight_spreads(&t, INTO_X, w_at, bad)
        && unread_are_unread(&t, large, small)
        && unread_are_unread(&t, large, INTO_W)
        && unread_are_unread(&t, small, large);

    for (int i = 0; i < 6; i++) free(*buffers[i]);
    for (int i = 0; i < 5; i++) free(*values[i]);
    nc_plan_destroy(t.plan);
    return right;
}

static void bad_numbers(int layers)
{
    static const int64_t sizes[3] = { 60, 14, 7 };
    random_stream r = { .seed = 7 };
    for (int n = 0; n < layers; n++) {
        nc_conv_desc d = small_layer_desc(&r, 9, sizes);
        d.activation = choose(&r, 0, 1) ? NC_ACT_RELU : NC_ACT_IDENTITY;
        if (!check_layer(&d, &r, n)) return;
    }
    ok("non_finite: NaN and infinity stay where they belong (%d layers, one bad x, w, dy in each result; unread pixels)", layers);
}

/* -- beta 0 reads neither the old values nor the addend -------------------------------------------------------------------------- */

static void beta_zero(void)
{
    static const int64_t sizes[3] = { 40, 9, 5 };
    random_stream r = { .seed = 8 };
    guard g = guard_create(1);
    char* faults = guard_place(&g, 0, 1); /* the page behind: any access faults */
    const int layers = 60;
    for (int n = 0; n < layers; n++) {
        nc_conv_desc d = small_layer_desc(&r, 7, sizes);
        layer l = layer_of(&d);
        nc_plan* plan = plan_of(&d);
        size_t e = element_bytes(d.dtype), counts[4] = { (size_t)l.y_count, (size_t)l.x_count, (size_t)l.w_count, (size_t)d.out_channels };
        void *x = allocate(counts[1] * e), *w = allocate(counts[2] * e), *dy = allocate(counts[0] * e), *out[2][4];
        for (size_t k = 0; k < counts[1]; k++) store(x, d.dtype, (int64_t)k, random_value((uint64_t)n, 0, k));
        for (size_t k = 0; k < counts[2]; k++) store(w, d.dtype, (int64_t)k, random_value((uint64_t)n, 1, k));
        for (size_t k = 0; k < counts[0]; k++) store(dy, d.dtype, (int64_t)k, random_value((uint64_t)n, 2, k));
        for (int old = 0; old < 2; old++) {
            for (int i = 0; i < 4; i++) {
                out[old][i] = allocate(counts[i] * e);
                if (old) memset(out[old][i], n % 2 ? 0xFF : 0x7F, counts[i] * e);      /* NaN, or nearly the largest number */
            }
            nc_exec exec = NC_EXEC_INIT;
            exec.addend = old ? faults : NULL;
            must(run_forward(&l, plan, x, w, NULL, out[old][0], &exec));
            must(run_backward_data(&l, plan, dy, w, NULL, out[old][1], &exec));
            exec.addend = NULL;
            must(run_backward_weights(&l, plan, x, dy, NULL, out[old][2], out[old][3], &exec));
        }
        for (int i = 0; i < 4; i++) {
            if (memcmp(out[0][i], out[1][i], counts[i] * e) != 0) not_ok("non_finite: beta 0: old values of %d (y, dx, dw, db) show: %s", i, layer_text(&d));
            free(out[0][i]);
            free(out[1][i]);
        }
        free(x);
        free(w);
        free(dy);
        nc_plan_destroy(plan);
    }
    ok("non_finite: beta 0 reads neither old values nor an addend that cannot be read (%d layers)", layers);
}

/* -- a layer of one weight, 1: what h and h' make of chosen numbers --------------------------------------------------------------- */

enum { PLACES = 67 };                          /* vectors of every width, and tails */

static nc_plan* unit_plan(int32_t activation, double alpha, double beta, int32_t rule, int32_t dtype)
{
    nc_conv_desc d;
    must(nc_conv_desc_init(&d, sizeof d, NC_CONV, 1));
    d.batch = d.in_channels = d.out_channels = d.kernel[0] = 1;
    d.input[0] = PLACES;
    d.dtype = dtype;
    d.activation = activation;
    d.activation_alpha = alpha;
    d.activation_beta = beta;
    d.gradient_rule = rule;
    return plan_of(&d);
}

/* The same number, +0 and -0 apart; any NaN is a NaN. */
static int same(double a, double b) { return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b); }

static void selections(void)
{
    const double inf = INFINITY;
    const struct { const char* name; int32_t activation, rule; double alpha, beta, y, dy, expected; } list[] = {
        { "relu", NC_ACT_RELU, NC_RULE_BACKPROP, 0, 0, 0, inf, 0 },           { "relu", NC_ACT_RELU, NC_RULE_BACKPROP, 0, 0, -1, NAN, 0 },
        { "relu", NC_ACT_RELU, NC_RULE_BACKPROP, 0, 0, 1, -inf, -inf },       { "relu", NC_ACT_RELU, NC_RULE_BACKPROP, 0, 0, NAN, 3, 3 },
        { "relu", NC_ACT_RELU, NC_RULE_BACKPROP, 0, 0, 2, NAN, NAN },         { "relu", NC_ACT_RELU, NC_RULE_BACKPROP, 0, 0, -0.0, -inf, 0 },
        { "deconvnet", NC_ACT_RELU, NC_RULE_DECONVNET, 0, 0, 0, inf, inf },   { "deconvnet", NC_ACT_RELU, NC_RULE_DECONVNET, 0, 0, 1, -inf, 0 },
        { "deconvnet", NC_ACT_RELU, NC_RULE_DECONVNET, 0, 0, NAN, 2, 2 },     { "deconvnet", NC_ACT_RELU, NC_RULE_DECONVNET, 0, 0, 0, NAN, NAN },
        { "guided", NC_ACT_RELU, NC_RULE_GUIDED, 0, 0, 0, inf, 0 },           { "guided", NC_ACT_RELU, NC_RULE_GUIDED, 0, 0, 1, -inf, 0 },
        { "guided", NC_ACT_RELU, NC_RULE_GUIDED, 0, 0, 1, inf, inf },         { "guided", NC_ACT_RELU, NC_RULE_GUIDED, 0, 0, -1, NAN, 0 },
        { "guided", NC_ACT_RELU, NC_RULE_GUIDED, 0, 0, 1, NAN, NAN },         { "guided", NC_ACT_RELU, NC_RULE_GUIDED, 0, 0, NAN, 2, 2 },
        { "leaky relu", NC_ACT_LEAKY_RELU, 0, 0.5, 0, -1, inf, inf },         { "leaky relu", NC_ACT_LEAKY_RELU, 0, 0.5, 0, NAN, 2, 1 },
        { "leaky relu", NC_ACT_LEAKY_RELU, 0, 0.5, 0, 0, -3, -1.5 },          { "leaky relu", NC_ACT_LEAKY_RELU, 0, 0.5, 0, inf, NAN, NAN },
        { "clip", NC_ACT_CLIP, 0, -1, 1, -1, inf, 0 },                        { "clip", NC_ACT_CLIP, 0, -1, 1, 1, NAN, 0 },
        { "clip", NC_ACT_CLIP, 0, -1, 1, 0.5, inf, inf },                     { "clip", NC_ACT_CLIP, 0, -1, 1, NAN, 2, 0 },
        { "clip", NC_ACT_CLIP, 0, -1, 1, 0, NAN, NAN },                       { "elu", NC_ACT_ELU, 0, 0.5, 0, 1, inf, inf },
        { "elu", NC_ACT_ELU, 0, 0.5, 0, -0.25, 4, 1 },                        { "elu", NC_ACT_ELU, 0, 0.5, 0, NAN, 2, NAN },
        { "sigmoid", NC_ACT_SIGMOID, 0, 0, 0, 0.5, inf, inf },                { "sigmoid", NC_ACT_SIGMOID, 0, 0, 0, NAN, 1, NAN },
        { "tanh", NC_ACT_TANH, 0, 0, 0, 0, -inf, -inf },                      { "tanh", NC_ACT_TANH, 0, 0, 0, 0.5, NAN, NAN } };
    const int count = sizeof list / sizeof *list;
    int right = 1;
    for (int i = 0; i < count; i++)
        for (int32_t dtype = NC_F32; dtype <= NC_F64; dtype++) {
            nc_plan* plan = unit_plan(list[i].activation, list[i].alpha, list[i].beta, list[i].rule, dtype);
            double y[PLACES], dy[PLACES], w[1], delta[PLACES], dx[PLACES];             /* room for either type */
            store(w, dtype, 0, 1);
            for (int k = 0; k < PLACES; k++) { store(y, dtype, k, list[i].y); store(dy, dtype, k, list[i].dy); }
            must(nc_activation_backward(plan, dy, y, delta, NULL));
            must(nc_conv_backward_data(plan, dy, w, y, dx, NULL));
            for (int k = 0; k < PLACES && right; k++) {
                double got = load(delta, dtype, k), through = load(dx, dtype, k);
                right = same(list[i].expected, got) && same(list[i].expected, through);
                if (!right) not_ok("non_finite: h' of %s (y %g, dy %g): delta[%d] is %g, dx %g, expected %g", list[i].name, list[i].y, list[i].dy, k, got, through, list[i].expected);
            }
            nc_plan_destroy(plan);
        }
    if (right) ok("non_finite: h' is a selection: nothing is multiplied by 0 (%d cases, f32, f64)", count);
}

static void activations(void)
{
    const double inf = INFINITY;
    const struct { const char* name; int32_t activation; double alpha, beta, a, expected; } list[] = {
        { "identity", NC_ACT_IDENTITY, 0, 0, NAN, NAN }, { "identity", NC_ACT_IDENTITY, 0, 0, -inf, -inf },
        { "relu", NC_ACT_RELU, 0, 0, NAN, NAN },         { "relu", NC_ACT_RELU, 0, 0, -inf, 0 },          { "relu", NC_ACT_RELU, 0, 0, inf, inf },     { "relu", NC_ACT_RELU, 0, 0, -0.0, 0 },
        { "leaky relu", NC_ACT_LEAKY_RELU, 0.5, 0, NAN, NAN }, { "leaky relu", NC_ACT_LEAKY_RELU, 0.5, 0, -inf, -inf }, { "leaky relu", NC_ACT_LEAKY_RELU, 0.5, 0, inf, inf },
        { "clip", NC_ACT_CLIP, -1, 2, NAN, NAN },        { "clip", NC_ACT_CLIP, -1, 2, -inf, -1 },        { "clip", NC_ACT_CLIP, -1, 2, inf, 2 },
        { "sigmoid", NC_ACT_SIGMOID, 0, 0, NAN, NAN },   { "sigmoid", NC_ACT_SIGMOID, 0, 0, -inf, 0 },    { "sigmoid", NC_ACT_SIGMOID, 0, 0, inf, 1 },
        { "tanh", NC_ACT_TANH, 0, 0, NAN, NAN },         { "tanh", NC_ACT_TANH, 0, 0, -inf, -1 },         { "tanh", NC_ACT_TANH, 0, 0, inf, 1 },
        { "elu", NC_ACT_ELU, 0.5, 0, NAN, NAN },         { "elu", NC_ACT_ELU, 0.5, 0, -inf, -0.5 },       { "elu", NC_ACT_ELU, 0.5, 0, inf, inf } };
    const int count = sizeof list / sizeof *list;
    int right = 1;
    for (int i = 0; i < count; i++)
        for (int32_t dtype = NC_F32; dtype <= NC_F64; dtype++) {
            nc_plan* plan = unit_plan(list[i].activation, list[i].alpha, list[i].beta, NC_RULE_BACKPROP, dtype);
            double x[PLACES], w[1], y[PLACES];
            store(w, dtype, 0, 1);
            for (int k = 0; k < PLACES; k++) store(x, dtype, k, list[i].a);
            must(nc_conv_forward(plan, x, w, NULL, y, NULL));
            for (int k = 0; k < PLACES && right; k++) {
                right = same(list[i].expected, load(y, dtype, k));
                if (!right) not_ok("non_finite: %s(%g) is %g at %d, expected %g", list[i].name, list[i].a, load(y, dtype, k), k, list[i].expected);
            }
            nc_plan_destroy(plan);
        }
    if (right) ok("non_finite: activations of NaN and infinity (%d cases, f32, f64)", count);
}

/* -- results that no kernel reaches ------------------------------------------------------------------------------------------------ */

static void unreached(void)
{
    int right = 1;
    for (int32_t kind = NC_CONV; kind <= NC_DECONV; kind++)
        for (int32_t dtype = NC_F32; dtype <= NC_F64; dtype++) {
            /* One tap, stride 3: of three fine pixels two have none. */
            nc_conv_desc d;
            must(nc_conv_desc_init(&d, sizeof d, kind, 2));
            d.dtype = dtype;
            d.batch = 2;
            d.in_channels = 5;
            d.out_channels = 7;
            for (int a = 0; a < 2; a++) { d.input[a] = 13; d.kernel[a] = 1; d.stride[a] = 3; }
            layer l = layer_of(&d);
            nc_plan* plan = plan_of(&d);
            int into_x = kind == NC_CONV;
            int64_t results = into_x ? l.x_count : l.y_count, sources = into_x ? l.y_count : l.x_count, plane = volume(into_x ? l.x_image : l.y_image), width = (into_x ? l.x_image : l.y_image)[2];
            size_t e = element_bytes(dtype);
            void *source = allocate((size_t)sources * e), *w = allocate((size_t)l.w_count * e), *result = allocate((size_t)results * e);
            double bias[7];
            memset(source, 0xFF, (size_t)sources * e);
            memset(w, 0xFF, (size_t)l.w_count * e);
            for (int c = 0; c < 7; c++) store(bias, dtype, c, c - 3.5);
            must(into_x ? run_backward_data(&l, plan, source, w, NULL, result, NULL) : run_forward(&l, plan, source, w, bias, result, NULL));
            for (int64_t i = 0; i < results && right; i++) {
                int reached = i % plane / width % 3 == 0 && i % width % 3 == 0;
                double got = load(result, dtype, i), expected = into_x ? 0 : i / plane % 7 - 3.5;
                right = reached ? isnan(got) : same(expected, got);
                if (!right) not_ok("non_finite: all NaN, one tap, stride 3: %s[%lld] is %g, reached: %d", into_x ? "dx" : "y", (long long)i, got, reached);
            }
            free(source);
            free(w);
            free(result);
            nc_plan_destroy(plan);
        }
    if (right) ok("non_finite: where no kernel reaches there is 0, or the bias, whatever x and w are");
}

int main(int count, char** arguments)
{
    int layers = count > 1 ? atoi(arguments[1]) : 300 / test_share();
    if (layers < 1) die("usage: non_finite [LAYERS]");
    bad_numbers(layers);
    beta_zero();
    selections();
    activations();
    unreached();
    return check_result();
}
