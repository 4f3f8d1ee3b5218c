/* A library from before the first one: it has the functions that loaders ask first, and nothing else. */
#include <stdint.h>

uint32_t nc_abi_version(void) { return 0; }
