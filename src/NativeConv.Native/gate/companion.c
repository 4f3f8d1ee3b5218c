/* companion.c - what the companion has in the place of gate.c: one export, and everything else borrowed from the main library. */
#include "gate.h"

#include <stdatomic.h>
#include <string.h>

static _Atomic(const struct nativeconv_host*) borrowed;

__attribute__((visibility("default"))) nativeconv_companion_fn nativeconv_companion;

const struct nativeconv_calls* nativeconv_companion(const char* version, const struct nativeconv_host* host)
{
    if (strcmp(version, NATIVECONV_VERSION) != 0)
        return NULL;
    atomic_store_explicit(&borrowed, host, memory_order_release);
    return &nativeconv_managed;
}

static const struct nativeconv_host* lender(void) { return atomic_load_explicit(&borrowed, memory_order_acquire); }

char* nativeconv_last_error(void) { return lender()->last_error(); }

const struct nativeconv_process* nativeconv_process(void) { return lender()->process(); }
