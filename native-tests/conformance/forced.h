/* What NATIVECONV_ALGORITHM must do to a plan: the named algorithm runs, or the plan is refused with the reason. */
#ifndef FORCED_H
#define FORCED_H

#include "layer.h"
#include "settings.h"

/* Why this setting must refuse the layer; NULL: it must not. */
static inline const char* refusal(const setting* s, const layer* l)
{
    const nc_conv_desc* d = &l->desc;
    int lanes = d->in_channels == l->groups && d->out_channels == l->groups;
    if (!s->algorithm) return NULL;
    int one_tap = strcmp(s->algorithm, "direct-columns") == 0 || strcmp(s->algorithm, "direct-tiles") == 0;
    if (one_tap && volume(l->kernel) > 1) return "results are sums over more than one tap";
    if (strcmp(s->algorithm, "direct-lanes") == 0 && !lanes) return "groups with more than one channel on a side are summed in tiles";
    if (strcmp(s->algorithm, "direct-points") == 0 && lanes) return "groups with one channel on each side are summed in interleaved lanes";
    return NULL;
}

/* 1 if the last error is that the algorithm cannot run the layer, for this reason. */
static inline int refused_because(const setting* s, const char* reason)
{
    char message[300];
    snprintf(message, sizeof message, "NATIVECONV_ALGORITHM: %s cannot run this layer: %s", s->algorithm, reason);
    return strcmp(last_error(), message) == 0;
}

/* 1 if the pass has the algorithm in its list. */
static inline int lists(int32_t pass, const char* algorithm)
{
    if (strcmp(algorithm, "plain") == 0 || strcmp(algorithm, "direct-points") == 0) return 1;
    return (strcmp(algorithm, "direct-lanes") == 0) == (pass == NC_BACKWARD_WEIGHTS);
}

/* The plan, or NULL if it was refused. Returns 0, and says what is wrong, if it was not refused as it must be, or if another
   algorithm than the forced one runs a pass that could run it. */
static inline int plan_or_refusal(const setting* s, const layer* l, const char* who, nc_plan** plan)
{
    const char* reason = refusal(s, l);
    nc_status status = nc_plan_create(&l->desc, plan);
    if (reason) {
        /* A stride may leave one tap for each result of one pass; the taps of its phases then read different pixels, or the other pass refuses. */
        int apart = strcmp(s->algorithm, "direct-tiles") == 0 && refused_because(s, "its output phases read different pixels");
        if (status == NC_ERROR_UNSUPPORTED && !*plan && (apart || refused_because(s, reason))) return 1;
        not_ok("%s, %s: nc_plan_create: status %d, %s, expected: %s", who, name_of(s), (int)status, last_error(), reason);
        return 0;
    }
    if (status != NC_OK) {
        not_ok("%s, %s: nc_plan_create: %s", who, name_of(s), last_error());
        return 0;
    }
    for (int32_t pass = NC_FORWARD; s->algorithm && pass <= NC_BACKWARD_WEIGHTS; pass++) {
        nc_pass_info info = { .struct_size = sizeof info };
        if (nc_plan_pass_info(*plan, pass, &info) == NC_OK && (!lists(pass, s->algorithm) || strcmp(info.algorithm, s->algorithm) == 0)) continue;
        not_ok("%s, %s: pass %d runs %s", who, name_of(s), pass, info.algorithm);
        return 0;
    }
    return 1;
}

#endif
