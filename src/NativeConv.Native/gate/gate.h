/*
 * gate.h - the contract between the gate, its companion and managed code.
 *
 * Names: nc_* are the public functions, managed_* the entry points that Exports.cs compiles to, nativeconv_* what the
 * gate offers to managed code (Gate.cs) and to its companion. Only nc_* (in the companion: only its entry) are exported.
 */
#ifndef NATIVECONV_GATE_H
#define NATIVECONV_GATE_H

#include "nativeconv.h"

/* Functions that managed code answers with a status and that need nothing special. Each row: name, parameters, arguments. */
#define NATIVECONV_STATUS_CALLS(CALL) \
    CALL(set_num_threads, (int32_t num_threads), (num_threads)) \
    CALL(conv_desc_init, (nc_conv_desc* desc, size_t desc_size, int32_t kind, int32_t rank), (desc, desc_size, kind, rank)) \
    CALL(output_shape, (const nc_conv_desc* desc, int64_t shape[3]), (desc, shape)) \
    CALL(describe_tensor, (const nc_conv_desc* desc, int32_t tensor, nc_tensor* info), (desc, tensor, info)) \
    CALL(plan_pass_info, (const nc_plan* plan, int32_t pass, nc_pass_info* info), (plan, pass, info)) \
    CALL(workspace_size, (const nc_plan* plan, int32_t pass, const nc_exec* exec, size_t* bytes), (plan, pass, exec, bytes)) \
    CALL(packed_weights_size, (const nc_plan* plan, int32_t pass, size_t* bytes), (plan, pass, bytes)) \
    CALL(pack_weights, (const nc_plan* plan, int32_t pass, const void* w, void* packed, size_t packed_bytes), (plan, pass, w, packed, packed_bytes)) \
    CALL(explain, (const nc_plan* plan, char* buffer, size_t capacity, size_t* needed), (plan, buffer, capacity, needed)) \
    CALL(conv_forward, (const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec), (plan, x, w, bias, y, exec)) \
    CALL(conv_backward_data, (const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec), (plan, dy, w, y, dx, exec)) \
    CALL(conv_backward_weights, (const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec), (plan, x, dy, y, dw, db, exec)) \
    CALL(deconv_forward, (const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec), (plan, x, w, bias, y, exec)) \
    CALL(deconv_backward_data, (const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec), (plan, dy, w, y, dx, exec)) \
    CALL(deconv_backward_weights, (const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec), (plan, x, dy, y, dw, db, exec)) \
    CALL(activation_backward, (const nc_plan* plan, const void* dy, const void* y, void* delta, const nc_exec* exec), (plan, dy, y, delta, exec))

/* One library's entry points into managed code. */
struct nativeconv_calls {
    void (*start)(void); /* does nothing but start the runtime */
    int32_t (*get_num_threads)(void);
    nc_status (*plan_create)(const nc_conv_desc* desc, nc_plan** plan);
    void (*plan_destroy)(nc_plan* plan);
#define DECLARE(name, parameters, arguments) nc_status (*name) parameters;
    NATIVECONV_STATUS_CALLS(DECLARE)
#undef DECLARE
};

extern const struct nativeconv_calls nativeconv_managed;

/* What the gate found out about the process at the first call. Gate.cs has the same struct. */
struct nativeconv_process {
    int32_t isa;               /* enum nativeconv_isa: what plans are made for */
    int32_t max_isa_malformed; /* NATIVECONV_MAX_ISA is not one of its words */
    const char* isa_note;      /* why nothing wider is used, for nc_explain; "" if there is nothing wider */
    const char* max_isa;       /* NATIVECONV_MAX_ISA, "" if unset; longer values are cut, and these three are never longer than 63 bytes */
    const char* num_threads;   /* NATIVECONV_NUM_THREADS */
    const char* algorithm;     /* NATIVECONV_ALGORITHM */
};

enum nativeconv_isa { ISA_NONE, ISA_PORTABLE, ISA_AVX2, ISA_AVX512, ISA_NEON };

/* For managed code. Only start, join and sleep may block; managed code may call the others without leaving its mode. */
char* nativeconv_last_error(void); /* this thread's message, NATIVECONV_LAST_ERROR_BYTES, terminated */
const struct nativeconv_process* nativeconv_process(void);
uint64_t nativeconv_enter_fp(int32_t flush_denormals); /* round to nearest, no traps; returns what leave needs */
void nativeconv_leave_fp(uint64_t mode);
int32_t nativeconv_process_id(void); /* managed code's own is remembered across fork */
int32_t nativeconv_thread_start(void* (*body)(void*), void* argument, intptr_t* thread); /* 0: the system gives no more */
void nativeconv_thread_join(intptr_t thread);
void nativeconv_thread_sleep(intptr_t thread, uint32_t* word, uint32_t value); /* while *word is value and no wake has come; may return early */
void nativeconv_thread_wake(intptr_t thread, uint32_t* word);

#define NATIVECONV_LAST_ERROR_BYTES 512

/* What the main library lends its companion: there is one last error, one pool, one runtime. */
struct nativeconv_host {
    char* (*last_error)(void);
    const struct nativeconv_process* (*process)(void);
};

/* The companion's one export. NULL if it is of another version than the caller. */
#define NATIVECONV_COMPANION_ENTRY "nativeconv_companion"
typedef const struct nativeconv_calls* nativeconv_companion_fn(const char* version, const struct nativeconv_host* host);

/* The companion's entry points, or NULL with the reason in the note. */
const struct nativeconv_calls* nativeconv_load_companion(const struct nativeconv_host* host, char* note, size_t capacity);

/* Names of what this CPU or its operating system lacks for the level, ", " between them; "" if nothing is missing. */
enum cpu_level { CPU_MAIN, CPU_COMPANION };
void nativeconv_cpu_lacks(enum cpu_level level, char* text, size_t capacity);

#endif
