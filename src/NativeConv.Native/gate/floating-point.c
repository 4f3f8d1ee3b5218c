/* floating-point.c - the mode in which managed code plans and every task computes, whatever mode its thread was in. */
#include "gate.h"

#if defined(__x86_64__)

#include <xmmintrin.h>

#define MXCSR_DEFAULT 0x1F80u /* round to nearest, all exceptions masked, no flags */
#define MXCSR_FLUSH   0x8040u /* flush to zero, denormals are zero */

uint64_t nativeconv_enter_fp(int32_t flush_denormals)
{
    uint32_t before = _mm_getcsr();
    _mm_setcsr(MXCSR_DEFAULT | (flush_denormals ? MXCSR_FLUSH : 0));
    return before;
}

void nativeconv_leave_fp(uint64_t mode) { _mm_setcsr((uint32_t)mode); }

#elif defined(__aarch64__)

#define FPCR_FLUSH (UINT64_C(1) << 24) /* FZ; all else 0: round to nearest, no traps, NaN payloads kept */

/* FPCR (the mode) is in the low half, FPSR (the sticky flags) in the high half: both have 32 bits. */
uint64_t nativeconv_enter_fp(int32_t flush_denormals)
{
    uint64_t mode, flags;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("mrs %0, fpsr" : "=r"(flags));
    __asm__ volatile("msr fpcr, %0" : : "r"(flush_denormals ? FPCR_FLUSH : 0));
    return flags << 32 | (uint32_t)mode;
}

void nativeconv_leave_fp(uint64_t mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode & UINT32_MAX));
    __asm__ volatile("msr fpsr, %0" : : "r"(mode >> 32));
}

#else
#error "no floating-point mode for this architecture"
#endif
