/* What the loop of layer.h says the results of a trial are, and how far from it the library's may be. */
#ifndef EXPECTED_H
#define EXPECTED_H

#include "trial.h"

typedef struct expected {
    double *value[WORKSPACE], *tolerance[WORKSPACE];   /* of the outputs */
} expected;

/* 2^-24 or 2^-53: half the distance of 1 to the next number. */
static inline double rounding_unit(int32_t dtype) { return dtype == NC_F64 ? ldexp(1, -53) : ldexp(1, -24); }

/* The header's c for data of both signs. */
static inline double error_constant(const nc_plan* plan, int32_t pass)
{
    nc_pass_info info = { .struct_size = sizeof info };
    if (nc_plan_pass_info(plan, pass, &info) != NC_OK) die("nc_plan_pass_info: %s", last_error());
    return strstr(info.algorithm, "winograd") ? 512 : 8;
}

static inline double* widened(const trial* t, int buffer)
{
    double* values = allocate((size_t)t->count[buffer] * sizeof(double));
    for (int64_t i = 0; i < t->count[buffer]; i++) values[i] = load(t->data[buffer], t->l.desc.dtype, i);
    return values;
}

static inline void expect_forward(const trial* t, expected* e, const nc_plan* plan, const double* x, const double* w)
{
    const nc_conv_desc* d = &t->l.desc;
    double *value = e->value[Y], *tolerance = e->tolerance[Y], unit = rounding_unit(d->dtype), c = error_constant(plan, NC_FORWARD);
    layer_sum(&t->l, INTO_Y, x, w, NULL, value, tolerance);
    for (int64_t i = 0; i < t->count[Y]; i++) {
        double bias = t->with_bias ? load(t->data[BIAS], d->dtype, i / volume(t->l.y_image) % d->out_channels) : 0;
        double addend = t->forward_beta * load(t->data[t->with_addend ? ADDEND : Y], d->dtype, i);
        double error = unit * (c * tolerance[i] + 4 * fabs(bias) + 4 * fabs(addend));
        value[i] = activate(d, value[i] + bias + addend);
        tolerance[i] = activation_slope(d) * error + 4 * unit * fabs(value[i]);
    }
}

/* alpha * result + beta * old */
static inline void expect_scaled(const trial* t, expected* e, int output, int32_t pass, const nc_plan* plan, int old)
{
    double *value = e->value[output], *tolerance = e->tolerance[output], unit = rounding_unit(t->l.desc.dtype), c = error_constant(plan, pass);
    for (int64_t i = 0; i < t->count[output]; i++) {
        double added = t->beta == 0 ? 0 : t->beta * load(t->data[old], t->l.desc.dtype, i);
        value[i] = t->alpha * value[i] + added;
        tolerance[i] = unit * (c * fabs(t->alpha) * tolerance[i] + 4 * fabs(added) + 4 * fabs(value[i]));
    }
}

static inline expected expect(const trial* t, const nc_plan* plan)
{
    const layer* l = &t->l;
    int32_t dtype = l->desc.dtype;
    expected e;
    for (int i = INPUTS; i < WORKSPACE; i++) {
        e.value[i] = allocate((size_t)t->count[i] * sizeof(double));
        e.tolerance[i] = allocate((size_t)t->count[i] * sizeof(double));
    }
    double *x = widened(t, X), *w = widened(t, W), *delta = e.value[DELTA];
    expect_forward(t, &e, plan, x, w);
    for (int64_t i = 0; i < l->y_count; i++) delta[i] = gate(&l->desc, load(t->data[DY], dtype, i), load(t->data[YIN], dtype, i));
    layer_sum(l, INTO_X, NULL, w, delta, e.value[DX], e.tolerance[DX]);
    layer_sum(l, INTO_W, x, NULL, delta, e.value[DW], e.tolerance[DW]);
    layer_bias_sum(l, delta, e.value[DB], e.tolerance[DB]);
    expect_scaled(t, &e, DX, NC_BACKWARD_DATA, plan, t->with_addend ? X : DX);
    expect_scaled(t, &e, DW, NC_BACKWARD_WEIGHTS, plan, DW);
    expect_scaled(t, &e, DB, NC_BACKWARD_WEIGHTS, plan, DB);
    free(x);
    free(w);
    return e;
}

static inline void expected_free(expected* e)
{
    for (int i = INPUTS; i < WORKSPACE; i++) { free(e->value[i]); free(e->tolerance[i]); }
}

#endif
