/* Every backward function is the derivative of its forward function: (L(p + step) - L(p - step)) / (2 step) for each number p of
 * x, w, bias and addend, L = sum of dy * y, in f64, for every kind and activation over random layers.
 *
 *     gradients [LAYERS]    for each kind and activation; default 25, or one part in TEST_SHARE (settings.h) */
#include "settings.h"
#include "small_layer.h"

#define STEP 1e-5

/* The quotient's own error: step^2 / 6 of a third derivative, below 100 for sums of these sizes, and cancellation, a few
   1e-15 divided by the step. */
#define TOLERANCE 2e-8

/* No sum may come nearer to a place where h has no derivative than this: one step of a number moves a sum by no more than
   the step, as |x|, |w| <= 1. */
#define CLEARANCE (4 * STEP)

enum { X, W, BIAS, ADDEND, DY, OPERANDS };

typedef struct problem {
    layer l;
    nc_plan* plan;
    int64_t count[OPERANDS];
    double* in[OPERANDS];
    double *y, *result, *old;
} problem;

static void must(const problem* p, nc_status status)
{
    if (status != NC_OK) die("gradients: %s: %s", layer_text(&p->l.desc), last_error());
}

static void forward(const problem* p)
{
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    exec.beta = 1;
    exec.addend = p->in[ADDEND];
    must(p, run_forward(&p->l, p->plan, p->in[X], p->in[W], p->in[BIAS], p->y, &exec));
}

static double loss(const problem* p)
{
    double sum = 0, low = 0;
    forward(p);
    for (int64_t i = 0; i < p->count[DY]; i++) add_product(&sum, &low, p->in[DY][i], p->y[i]);
    return sum + low;
}

/* Draws operands until all sums keep their distance from h's kinks. */
static void fill(problem* p, uint64_t number)
{
    const nc_conv_desc* d = &p->l.desc;
    double kinks[2] = { d->activation == NC_ACT_CLIP ? d->activation_alpha : 0, d->activation == NC_ACT_CLIP ? d->activation_beta : 0 };
    double *sum = allocate((size_t)p->count[DY] * sizeof(double)), *scale = allocate((size_t)p->count[DY] * sizeof(double));
    int64_t plane = volume(p->l.y_image);
    for (uint64_t attempt = 0;; attempt++) {
        for (int i = 0; i < OPERANDS; i++)
            for (int64_t k = 0; k < p->count[i]; k++) p->in[i][k] = random_long_value(number + attempt * 1000003, (uint64_t)i, (uint64_t)k);
        layer_sum(&p->l, INTO_Y, p->in[X], p->in[W], NULL, sum, scale);
        int clear = 1;
        for (int64_t k = 0; k < p->count[DY]; k++)
            for (int i = 0; i < 2; i++) clear &= fabs(sum[k] + p->in[BIAS][k / plane % d->out_channels] + p->in[ADDEND][k] - kinks[i]) > CLEARANCE;
        if (clear) break;
    }
    free(sum);
    free(scale);
}

/* `gradient` = scale * derivative + old, for every number of an operand. */
static int64_t compare(problem* p, int operand, const char* name, const double* gradient, double scale, const double* old)
{
    for (int64_t k = 0; k < p->count[operand]; k++) {
        double* number = &p->in[operand][k];
        double before = *number;
        *number = before + STEP;
        double above = loss(p);
        *number = before - STEP;
        double below = loss(p);
        *number = before;
        double numeric = scale * (above - below) / (2 * STEP) + (old ? old[k] : 0);
        if (!(fabs(numeric - gradient[k]) <= TOLERANCE)) {
            not_ok("gradients: %s[%lld] is %.12g, numerically %.12g: %s", name, (long long)k, gradient[k], numeric, layer_text(&p->l.desc));
            break;
        }
    }
    return p->count[operand];
}

/* Returns how many derivatives were compared. */
static int64_t check_layer(const nc_conv_desc* d, uint64_t number)
{
    problem p = { .l = layer_of(d) };
    must(&p, nc_plan_create(d, &p.plan));
    const int64_t count[OPERANDS] = { p.l.x_count, p.l.w_count, d->out_channels, p.l.y_count, p.l.y_count };
    int64_t most = 0, compared = 0;
    for (int i = 0; i < OPERANDS; i++) {
        p.count[i] = count[i];
        p.in[i] = allocate((size_t)count[i] * sizeof(double));
        most = count[i] > most ? count[i] : most;
    }
    p.y = allocate((size_t)p.count[DY] * sizeof(double));
    p.result = allocate((size_t)most * sizeof(double));
    p.old = allocate((size_t)most * sizeof(double));
    double* db = allocate((size_t)d->out_channels * sizeof(double));
    fill(&p, number);

    /* Scaled, and added to old values. */
    nc_exec exec = NC_EXEC_INIT;
    exec.num_threads = 1;
    exec.alpha = 0.75;
    exec.beta = 1;
    forward(&p);
    for (int64_t k = 0; k < most; k++) p.old[k] = p.result[k] = random_long_value(number, OPERANDS, (uint64_t)k);
    must(&p, run_backward_data(&p.l, p.plan, p.in[DY], p.in[W], p.y, p.result, &exec));
    compared += compare(&p, X, "dx", p.result, exec.alpha, p.old);

    forward(&p);
    for (int64_t k = 0; k < most; k++) p.result[k] = p.old[k];
    for (int64_t k = 0; k < d->out_channels; k++) db[k] = p.old[k];
    must(&p, run_backward_weights(&p.l, p.plan, p.in[X], p.in[DY], p.y, p.result, db, &exec));
    compared += compare(&p, W, "dw", p.result, exec.alpha, p.old);
    compared += compare(&p, BIAS, "db", db, exec.alpha, p.old);

    exec.alpha = exec.beta = 0;
    forward(&p);
    must(&p, nc_activation_backward(p.plan, p.in[DY], p.y, p.result, &exec));
    compared += compare(&p, ADDEND, "delta", p.result, 1, NULL);

    for (int i = 0; i < OPERANDS; i++) free(p.in[i]);
    free(p.y);
    free(p.result);
    free(p.old);
    free(db);
    nc_plan_destroy(p.plan);
    return compared;
}

int main(int count, char** arguments)
{
    static const struct { int32_t activation; const char* name; double alpha, beta; } list[] = {
        { NC_ACT_IDENTITY, "identity", 0, 0 }, { NC_ACT_RELU, "relu", 0, 0 }, { NC_ACT_LEAKY_RELU, "leaky relu", 0.3, 0 }, { NC_ACT_CLIP, "clip", -0.5, 0.6 },
        { NC_ACT_SIGMOID, "sigmoid", 0, 0 }, { NC_ACT_TANH, "tanh", 0, 0 }, { NC_ACT_ELU, "elu", 0.7, 0 } };
    static const int64_t sizes[3] = { 12, 5, 4 };
    int layers = count > 1 ? atoi(arguments[1]) : (24 + test_share()) / test_share();
    if (layers < 1) die("usage: gradients [LAYERS]");
    random_stream r = { .seed = 11 };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        for (int32_t kind = NC_CONV; kind <= NC_DECONV; kind++) {
            int64_t compared = 0;
            int before = check_failures;
            for (int n = 0; n < layers;) {
                nc_conv_desc d = small_layer_desc(&r, 3, sizes);
                layer l = layer_of(&d);
                if (d.kind != kind || l.x_count + l.w_count + l.y_count > 400) continue;
                d.dtype = NC_F64;
                d.algorithm = n % 2 ? NC_ALGO_AUTO : NC_ALGO_DIRECT;
                d.activation = list[i].activation;
                d.activation_alpha = list[i].alpha;
                d.activation_beta = list[i].beta;
                compared += check_layer(&d, (uint64_t)(n * 16 + kind * 8 + (int)i));
                n++;
            }
            if (check_failures == before) ok("gradients: %s, %s: %d layers, %lld derivatives", kind == NC_CONV ? "conv" : "deconv", list[i].name, layers, (long long)compared);
        }
    return check_result();
}
