/*
 * cpu.c - what the code of each x86-64 library needs of the CPU and the operating system.
 *
 * The lists are those that the NativeAOT runtime checks when it starts (minipal_getcpufeatures), where a lesser CPU ends
 * the process; bits are from the "CPUID" pages of Intel's and AMD's manuals.
 */
#include "gate.h"

#include <string.h>

#include <cpuid.h>

enum leaf { LEAF_1C, LEAF_7B, LEAF_EXT_C, LEAVES }; /* 1.ecx, 7.0.ebx, 80000001.ecx */

struct feature { const char* name; enum leaf leaf; int bit; };

static const struct feature main_needs[] = {
    { "sse3", LEAF_1C, 0 }, { "ssse3", LEAF_1C, 9 }, { "sse4.1", LEAF_1C, 19 }, { "sse4.2", LEAF_1C, 20 }, { "popcnt", LEAF_1C, 23 },
    { "avx", LEAF_1C, 28 }, { "f16c", LEAF_1C, 29 }, { "fma", LEAF_1C, 12 }, { "movbe", LEAF_1C, 22 }, { "lzcnt", LEAF_EXT_C, 5 },
    { "avx2", LEAF_7B, 5 }, { "bmi1", LEAF_7B, 3 }, { "bmi2", LEAF_7B, 8 }, { NULL, LEAVES, 0 },
};

static const struct feature companion_needs[] = {
    { "avx512f", LEAF_7B, 16 }, { "avx512bw", LEAF_7B, 30 }, { "avx512cd", LEAF_7B, 28 },
    { "avx512dq", LEAF_7B, 17 }, { "avx512vl", LEAF_7B, 31 }, { NULL, LEAVES, 0 },
};

/* XCR0: which registers the operating system saves. */
#define XCR0_AVX    0x06u /* xmm, ymm */
#define XCR0_AVX512 0xE6u /* and opmask, zmm */

static uint32_t saved_registers(uint32_t leaf_1c)
{
    if ((leaf_1c >> 27 & 1) == 0) /* osxsave: xgetbv exists */
        return 0;
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static void append(char* text, size_t capacity, const char* name)
{
    size_t length = strlen(text);
    const char* between = length == 0 ? "" : ", ";
    if (length + strlen(between) + strlen(name) < capacity) {
        strcat(text, between);
        strcat(text, name);
    }
}

void nativeconv_cpu_lacks(enum cpu_level level, char* text, size_t capacity)
{
    uint32_t leaves[LEAVES] = { 0 };
    uint32_t a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d))
        leaves[LEAF_1C] = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        leaves[LEAF_7B] = b;
    if (__get_cpuid(0x80000001u, &a, &b, &c, &d))
        leaves[LEAF_EXT_C] = c;

    text[0] = 0;
    for (const struct feature* need = level == CPU_MAIN ? main_needs : companion_needs; need->name != NULL; need++)
        if ((leaves[need->leaf] >> need->bit & 1) == 0)
            append(text, capacity, need->name);

    uint32_t registers = level == CPU_MAIN ? XCR0_AVX : XCR0_AVX512;
    if (text[0] == 0 && (saved_registers(leaves[LEAF_1C]) & registers) != registers)
        append(text, capacity, "an operating system that saves its vector registers");
}
