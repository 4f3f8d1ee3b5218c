/*
 * nativeconv.h - convolution and deconvolution, forward and backward, on the CPU.
 *
 * This header is the manual. Read it from top to bottom; the first screen is enough to start.
 *
 *     #include <nativeconv.h>
 *     #include <stdio.h>
 *
 *     int blur(const float* x, const float* w, float* y)             // x: 3 x 480 x 640, w: 16 x 3 x 3 x 3
 *     {
 *         nc_conv_desc desc;
 *         nc_conv_desc_init(&desc, sizeof desc, NC_CONV, 2);         // two spatial axes: height, width
 *         desc.batch = 1;        desc.in_channels = 3;               desc.out_channels = 16;
 *         desc.input[0] = 480;   desc.kernel[0] = 3;                 desc.pad_begin[0] = desc.pad_end[0] = 1;
 *         desc.input[1] = 640;   desc.kernel[1] = 3;                 desc.pad_begin[1] = desc.pad_end[1] = 1;
 *
 *         nc_plan* plan;
 *         nc_status status = nc_plan_create(&desc, &plan);           // once per layer
 *         if (status == NC_OK)
 *             status = nc_conv_forward(plan, x, w, NULL, y, NULL);   // as often as you like; y: 16 x 480 x 640
 *         if (status != NC_OK) { char why[256]; nc_last_error(why, sizeof why); puts(why); }
 *         nc_plan_destroy(plan);
 *         return status;
 *     }
 *
 * Contents
 *      1  Conventions            6  exec: how to run one call       11  NaN, infinity, padding
 *      2  Status and messages    7  Running: the six operations     12  Precision
 *      3  The descriptor         8  Threads                         13  Same bits
 *      4  Shapes                 9  Workspace                       14  Environment
 *      5  Plans                 10  Packed weights                  15  Version and process
 *
 * License: MIT.
 */
#ifndef NATIVECONV_H
#define NATIVECONV_H

#include <stddef.h>
#include <stdint.h>

/* The interface that this header describes; nc_abi_version() tells the library's. A program works with every
   library whose number is not smaller than the one it was compiled with. */
#define NC_ABI_VERSION   1
#define NC_VERSION_MAJOR 0
#define NC_VERSION_MINOR 1
#define NC_VERSION_PATCH 0

/* NC_CALL: the calling convention of every function and callback, the C one. NC_API: how functions are imported. */
#if defined(_WIN32)
#  define NC_CALL __cdecl
#  if defined(NC_BUILD)
#    define NC_API __declspec(dllexport)
#  else
#    define NC_API __declspec(dllimport)
#  endif
#else
#  define NC_CALL
#  if defined(__GNUC__)
#    define NC_API __attribute__((visibility("default")))
#  else
#    define NC_API
#  endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* == 1  Conventions =================================================================================================
 *
 * - Every function that can fail returns nc_status: 0 is success, errors are negative.
 * - A failed call leaves every output untouched (NC_ERROR_PARALLEL excepted). Nothing is ever printed, thrown or
 *   aborted, whatever the arguments and whatever the CPU.
 * - Structs start with struct_size: set it to the sizeof of the struct (nc_conv_desc_init and NC_EXEC_INIT do).
 *   Structs only grow, at their ends. A program compiled with an older header works: the fields that it lacks count
 *   as zero. A program compiled with a newer one works as long as the bytes that this library does not know are zero.
 *   In output structs only struct_size bytes are written. A struct_size below version 1's or above 4096 is refused.
 * - Zero means the default where a field's comment says so, and only there. Fields that the rank, the kind or the
 *   activation does not use must be zero.
 * - All buffers are yours. The alignment of the element type is enough. No pointer is kept after a call has returned.
 * - Sizes and strides count elements; only names with "bytes" or "size" in them count bytes.
 * - Nothing outside the buffers is touched, not even read.
 * - x, w, bias, y are input, weights, bias and output of the forward operation; a leading d marks the gradient of the
 *   loss with respect to it. dx has the shape of x, dy of y, dw of w, db of bias.
 */

/* == 2  Status and messages =========================================================================================
 *
 * When several things are wrong, one of them is reported, NC_ERROR_UNSUPPORTED last.
 */
typedef int32_t nc_status;
#define NC_OK                      0
#define NC_ERROR_NULL_POINTER     -1  /* a required pointer is NULL                                        */
#define NC_ERROR_INVALID_ARGUMENT -2  /* enum, flag, struct_size, misaligned pointer, foreign packed buffer */
#define NC_ERROR_INVALID_SHAPE    -3  /* sizes, strides, pads, groups that make no convolution              */
#define NC_ERROR_OVERFLOW         -4  /* a size or byte count does not fit                                  */
#define NC_ERROR_UNSUPPORTED      -5  /* legal, but not in this build or on this CPU                        */
#define NC_ERROR_WORKSPACE        -6  /* workspace smaller than one thread needs                            */
#define NC_ERROR_OVERLAP          -7  /* an output overlaps an input, another output, workspace or packed   */
#define NC_ERROR_OUT_OF_MEMORY    -8
#define NC_ERROR_PARALLEL         -9  /* parallel_for returned before every index had run                   */
#define NC_ERROR_INTERNAL        -99

/* The name of a status, for logs. Never NULL; any number may be asked for. */
NC_API const char* NC_CALL nc_status_string(nc_status status);

/* Copies the message of this thread's last failure, UTF-8 and always terminated, cut to `capacity` bytes; returns the
   bytes that the whole message needs, terminator included. Success does not clear it; before any failure it is ""
   and 1 is returned. (NULL, 0) just asks for the size. Messages begin with the field that is at fault:
       kernel[1]: the dilated kernel (dilation 2, kernel 5 -> 9) is larger than the padded input (input 6 + pads 1 + 1 -> 8) */
NC_API size_t NC_CALL nc_last_error(char* buffer, size_t capacity);

/* == 3  The descriptor ==============================================================================================
 *
 * One struct describes a layer: all three passes of it (section 7), for either kind.
 */

/* kind. NC_CONV is what neural networks call convolution (the kernel is not flipped). NC_DECONV is the transposed
   convolution, the adjoint of NC_CONV: the same weight bytes, used the other way round. */
enum { NC_CONV = 0, NC_DECONV = 1 };

/* dtype, w_dtype. f16 and bf16 are for storage: arithmetic and sums are f32. */
enum { NC_F32 = 1, NC_F64 = 2, NC_F16 = 3, NC_BF16 = 4 };

/* layout. NC_CHANNELS_FIRST: N C spatial... NC_CHANNELS_LAST: N spatial... C. Weights have one layout (section 4). */
enum { NC_CHANNELS_FIRST = 0, NC_CHANNELS_LAST = 1 };

/* activation, applied last in forward. alpha, beta are activation_alpha, activation_beta: they have no default.
 *
 *                          h(a)                              gradient, from y = h(a)
 *   NC_ACT_IDENTITY        a                                 dy
 *   NC_ACT_RELU            a <= 0 ? 0 : a                    y <= 0 ? 0 : dy
 *   NC_ACT_LEAKY_RELU      a > 0 ? a : alpha * a             y > 0 ? dy : alpha * dy             finite alpha > 0
 *   NC_ACT_CLIP            min(max(a, alpha), beta)          alpha < y < beta ? dy : 0           alpha < beta
 *   NC_ACT_SIGMOID         1 / (1 + exp(-a))                 dy * (y - y * y)
 *   NC_ACT_TANH            tanh(a)                           dy * (1 - y * y)
 *   NC_ACT_ELU             a > 0 ? a : alpha * (exp(a) - 1)  y > 0 ? dy : dy * (y + alpha)       finite alpha > 0
 *
 * alpha and beta are rounded to the arithmetic type first. relu and clip keep a NaN, and relu never returns -0. The
 * gradient selects: a dy at a closed gate is dropped, not multiplied by 0, so even a NaN there does not get through. exp,
 * tanh and sigmoid are within 2 ulp of the true value. */
enum { NC_ACT_IDENTITY = 0, NC_ACT_RELU = 1, NC_ACT_LEAKY_RELU = 2, NC_ACT_CLIP = 3, NC_ACT_SIGMOID = 4, NC_ACT_TANH = 5, NC_ACT_ELU = 6 };

/* gradient_rule: how backward passes a relu; for looking into networks rather than for training them. Other than
   NC_RULE_BACKPROP needs NC_ACT_RELU.
       NC_RULE_BACKPROP   y <= 0 ? 0 : dy              the gradient
       NC_RULE_DECONVNET  dy <= 0 ? 0 : dy             y is not needed
       NC_RULE_GUIDED     y <= 0 || dy <= 0 ? 0 : dy   both */
enum { NC_RULE_BACKPROP = 0, NC_RULE_DECONVNET = 1, NC_RULE_GUIDED = 2 };

/* The passes of a layer: for packed weights, workspace and information. */
enum { NC_FORWARD = 0, NC_BACKWARD_DATA = 1, NC_BACKWARD_WEIGHTS = 2 };

/* algorithm. NC_ALGO_DIRECT: sums of products only, never Winograd (sections 11 to 13 say what that buys). */
enum { NC_ALGO_AUTO = 0, NC_ALGO_DIRECT = 1 };

/* The tensors of a layer, for nc_describe_tensor. dw is described by NC_W, db by NC_BIAS. */
enum { NC_X = 0, NC_W = 1, NC_BIAS = 2, NC_Y = 3, NC_DX = 4, NC_DY = 5 };

typedef struct nc_conv_desc {
    uint32_t struct_size;
    int32_t  kind;                    /* NC_CONV, NC_DECONV */
    int32_t  rank;                    /* spatial axes, 1..3; arrays below use entries 0..rank-1, outermost first (D, H, W) */
    int32_t  dtype;                   /* of x, y, dx, dy; 0 means NC_F32 */
    int32_t  w_dtype;                 /* of w, bias, dw, db; 0 means dtype */
    int32_t  layout;                  /* of x, y, dx, dy */
    int32_t  activation;
    int32_t  gradient_rule;           /* other than BACKPROP needs NC_ACT_RELU */
    int32_t  algorithm;
    uint32_t flags;                   /* 0 */
    double   activation_alpha;        /* no default: see the table of activations */
    double   activation_beta;
    int64_t  workspace_limit;         /* bytes for one thread; choose among algorithms that fit; 0 means no limit */
    int64_t  batch;                   /* >= 0 */
    int64_t  in_channels, out_channels;
    int64_t  groups;                  /* 0 means 1 */
    int64_t  input[3], kernel[3];
    int64_t  stride[3], dilation[3];  /* 0 means 1; dilation 1 is dense */
    int64_t  pad_begin[3], pad_end[3];/* may be negative */
    int64_t  output_padding[3];       /* deconv only */
    int64_t  x_strides[5], y_strides[5], dx_strides[5], dy_strides[5]; /* in elements: N, C, spatial...; all zero means dense */
} nc_conv_desc;                       /* 424 bytes */

/* Clears the first desc_size bytes of desc, then sets struct_size, kind and rank. Pass sizeof(nc_conv_desc).
   batch, the channels, input and kernel still have to be set; everything else is at its default. */
NC_API nc_status NC_CALL nc_conv_desc_init(nc_conv_desc* desc, size_t desc_size, int32_t kind, int32_t rank);

/* == 4  Shapes ======================================================================================================
 *
 * Along each spatial axis, with the extent of the dilated kernel  ke = dilation * (kernel - 1) + 1 :
 *
 *   NC_CONV    output = floor((input + pad_begin + pad_end - ke) / stride) + 1      needs input + pads >= ke
 *   NC_DECONV  output = stride * (input - 1) + ke - pad_begin - pad_end + output_padding        needs output >= 1
 *
 *   x, dx    batch, in_channels,  input...              (NC_CHANNELS_LAST: batch, spatial..., channels)
 *   y, dy    batch, out_channels, output...
 *   w, dw    NC_CONV    out_channels, in_channels / groups,  kernel...       dense, C order, in every layout
 *            NC_DECONV  in_channels,  out_channels / groups, kernel...
 *   bias, db out_channels
 *
 * - Channels, spatial sizes and kernels are at least 1. batch may be 0: y and dx are then empty, dw and db are written.
 * - groups divides both channel counts. Group g joins the g-th contiguous block of input channels with the g-th block
 *   of output channels; groups = in_channels = out_channels is a depthwise convolution.
 * - Negative pads: a conv crops x, a deconv gains rows that no kernel reaches.
 * - output_padding is any value >= 0, added at the end. Rows that no kernel reaches get the bias (and the activation).
 * - To get back from a conv to its input's size, use the same stride, dilation, kernel and pads in an NC_DECONV and
 *   output_padding = (input + pad_begin + pad_end - ke) mod stride.
 * - ONNX: auto_pad and output_shape become pad_begin, pad_end and output_padding. Chainer's cover_all is a larger pad_end.
 * - Strides may describe slices of wider tensors. Gaps of a strided output are neither read nor written.
 *   nc_describe_tensor fills them in for dense tensors.
 */

typedef struct nc_tensor {            /* what nc_describe_tensor writes */
    uint32_t struct_size;
    int32_t  ndim;
    int64_t  shape[5], strides[5];    /* in elements */
    uint64_t bytes_before, bytes;     /* before and from the pointer: the extent that strides can reach */
} nc_tensor;

/* Validates the whole descriptor and writes the spatial output sizes; entries beyond rank are 1. */
NC_API nc_status NC_CALL nc_output_shape(const nc_conv_desc* desc, int64_t shape[3]);

/* Shape, strides and bytes of one tensor (NC_X ... NC_DY). Set info->struct_size first. */
NC_API nc_status NC_CALL nc_describe_tensor(const nc_conv_desc* desc, int32_t tensor, nc_tensor* info);

/* == 5  Plans =======================================================================================================
 *
 * A plan holds everything that can be decided before data arrives: make it once per layer and keep it. A plan never
 * changes, and copies what it needs from the descriptor: any number of threads may use one plan at the same time.
 */
typedef struct nc_plan nc_plan;

/* Sets *plan, to NULL on failure. A legal descriptor that this build or CPU cannot run is NC_ERROR_UNSUPPORTED here
   (or from the two queries above), never later. */
NC_API nc_status NC_CALL nc_plan_create(const nc_conv_desc* desc, nc_plan** plan);

/* After the last call that uses the plan has returned. NULL is fine. */
NC_API void NC_CALL nc_plan_destroy(nc_plan* plan);

typedef struct nc_pass_info {
    uint32_t struct_size;
    int32_t  stages;                  /* parallel_for calls of one execution */
    double   flops;                   /* 2 * multiply-adds of the plain algorithm */
    uint64_t workspace_bytes;         /* for one thread */
    uint64_t workspace_per_thread;    /* for each further one */
    uint64_t packed_bytes, packed_id; /* equal packed_id: one packed buffer serves both plans */
    char     algorithm[32];
} nc_pass_info;

/* What one pass (NC_FORWARD, ...) of the plan does and costs. Set info->struct_size first. */
NC_API nc_status NC_CALL nc_plan_pass_info(const nc_plan* plan, int32_t pass, nc_pass_info* info);

/* The plan in words: pass by pass the algorithm, tile, stages, workspace, flops, and why faster algorithms were not
   chosen. Writes at most `capacity` bytes, terminated; *needed counts the whole text with its terminator.
   (NULL, 0, &needed) just asks for the size; needed may be NULL. */
NC_API nc_status NC_CALL nc_explain(const nc_plan* plan, char* buffer, size_t capacity, size_t* needed);

/* == 6  exec: how to run one call ===================================================================================
 *
 *     nc_exec exec = NC_EXEC_INIT;
 *     exec.beta = 1.0;                      // backward_weights: add to dw and db
 *
 * - exec NULL means all defaults.
 * - alpha and beta are rounded to the arithmetic type and must then be finite. alpha 0 means 1. beta 0 never reads the
 *   addend (or the old output): it may hold anything, NaN included.
 * - forward: alpha must be 0 or 1.
 * - backward_weights: addend and packed_weights must be NULL; beta scales what dw and db hold.
 * - addend has the shape, strides and dtype of the output, and may be the output itself, but not overlap it otherwise.
 *   forward with an addend is a residual connection; backward_data with beta 1 and addend NULL sums the gradients of an
 *   input that is used more than once.
 * - nc_activation_backward takes num_threads, flags and parallel_for; alpha must be 0 or 1, beta 0, addend and
 *   packed_weights NULL.
 */

/* Calls fn(task, i) once for every i in [0, count), on any threads, and returns on the calling thread when all are done. */
typedef void (NC_CALL *nc_task_fn)(void* task, int32_t index);
typedef void (NC_CALL *nc_parallel_for_fn)(void* user, nc_task_fn fn, void* task, int32_t count);

typedef struct nc_exec {              /* how to run one call; NULL means all defaults */
    uint32_t    struct_size;
    int32_t     num_threads;          /* 0: nc_get_num_threads(); 1: the calling thread, nothing else */
    uint32_t    flags;                /* NC_EXEC_FLUSH_DENORMALS */
    uint32_t    reserved;             /* 0 */
    double      alpha;                /* backward: scales the result; 0 means 1 */
    double      beta;                 /* scales addend; 0 never reads it */
    const void* addend;               /* NULL: the output itself; else of its shape and strides (forward and backward_data) */
    void*       workspace;            /* NULL: the library allocates for the length of the call */
    size_t      workspace_bytes;
    const void* packed_weights;       /* from nc_pack_weights: then w is not read and may be NULL */
    size_t      packed_bytes;
    nc_parallel_for_fn parallel_for;  /* NULL: the built-in pool */
    void*       parallel_user;
} nc_exec;                            /* 88 bytes */

/* Denormal inputs and results count as zero during this call. Without the flag they are kept, whatever mode the
   calling thread is in; either way its mode is restored. */
#define NC_EXEC_FLUSH_DENORMALS 1u

#define NC_EXEC_INIT { sizeof(nc_exec), 0, 0, 0, 0.0, 0.0, NULL, NULL, 0, NULL, 0, NULL, NULL }

/* == 7  Running: the six operations =================================================================================
 *
 *   forward            y  = h(conv(x, w) + bias + beta * addend)
 *   backward_data      dx = alpha * result + beta * addend
 *   backward_weights   dw = alpha * result + beta * dw,   db = alpha * result + beta * db
 *
 * alpha, beta and addend come from exec; with exec NULL they are 1, 0 and nothing. h is the activation.
 *
 * - nc_conv_* needs a plan of kind NC_CONV, nc_deconv_* one of kind NC_DECONV.
 * - backward takes the dy of the activated output and applies h' while it reads it. `y` is what forward wrote; it is
 *   needed only if the plan has an activation, and not for NC_RULE_DECONVNET.
 * - bias NULL: no bias. dw or db NULL: not wanted, not computed (without dw, x is not needed). Both NULL is an error.
 * - Pointers that a call does not need, and empty tensors, may be NULL. All others are required.
 * - An output may not overlap an input or another output (NC_ERROR_OVERLAP). Overlap is judged by elements: slices of
 *   one wider tensor, described by equal strides, may be input and output. Inputs may overlap each other.
 * - backward ignores the addend of forward; its gradient is what nc_activation_backward writes.
 */
NC_API nc_status NC_CALL nc_conv_forward(const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec);
NC_API nc_status NC_CALL nc_conv_backward_data(const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec);
NC_API nc_status NC_CALL nc_conv_backward_weights(const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec);
NC_API nc_status NC_CALL nc_deconv_forward(const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec);
NC_API nc_status NC_CALL nc_deconv_backward_data(const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec);
NC_API nc_status NC_CALL nc_deconv_backward_weights(const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec);

/* delta = dy * h'(y), rounded to dtype, with dy's shape and strides: for either kind of plan. This is what both backward
   passes compute with. Only needed if you want it itself: the gradient of forward's addend is beta * delta. */
NC_API nc_status NC_CALL nc_activation_backward(const nc_plan* plan, const void* dy, const void* y, void* delta, const nc_exec* exec);

/* == 8  Threads =====================================================================================================
 *
 * num_threads 1 runs on the calling thread: it starts no thread and never calls parallel_for. Otherwise one execution
 * is a few stages (nc_pass_info.stages), and each stage is one call of parallel_for with count <= num_threads. Each
 * index is a worker that claims pieces of work until none is left. So your job system may run the indices on any
 * threads, in any order, even one after another:
 *
 *     static void serial(void* user, nc_task_fn fn, void* task, int32_t count)
 *     {
 *         for (int32_t i = 0; i < count; i++) fn(task, i);
 *     }
 *
 * It must run every index before it returns (else NC_ERROR_PARALLEL, and the output is unspecified), on ordinary
 * threads (not fibers), and nothing may be thrown or longjmp'ed through it.
 *
 * Without a parallel_for the library's own pool is used. A call from inside a task, or while the pool serves another
 * caller, does not wait for the pool: it works alone. The bits of the result are the same in every case.
 *
 * A call runs to its end: there is no cancellation. A thread that calls, or runs an index, needs 64 KB of stack, the first
 * call of the process included; it must not be ended from outside (pthread_cancel) while it is inside.
 */

/* The size of the built-in pool, and the meaning of num_threads 0. 0: the cores that this process may use; 1 ends the pool. */
NC_API nc_status NC_CALL nc_set_num_threads(int32_t num_threads);

/* Resolved: at least 1. */
NC_API int32_t NC_CALL nc_get_num_threads(void);

/* == 9  Workspace ===================================================================================================
 *
 * Some passes need scratch memory. Give it in exec.workspace, and the call allocates nothing; leave it NULL, and the
 * library allocates for the length of the call. Contents need no preparation and mean nothing afterwards. One workspace
 * serves one call at a time: concurrent calls need one each.
 *
 * Too small for num_threads but enough for one: fewer threads run, with the same bits. Less than that is
 * NC_ERROR_WORKSPACE. workspace NULL with workspace_bytes not 0 is NC_ERROR_NULL_POINTER.
 */

/* The bytes that a call with this exec can use (it reads num_threads, packed_weights and parallel_for; NULL: defaults). */
NC_API nc_status NC_CALL nc_workspace_size(const nc_plan* plan, int32_t pass, const nc_exec* exec, size_t* bytes);

/* == 10  Packed weights =============================================================================================
 *
 * Inference uses the same weights again and again: pack them once, pass them in exec.packed_weights, and w is not read
 * (it may be NULL). The bits of the result are those of the unpacked call. A packed buffer can be moved in memory, but
 * belongs to this library version and CPU: do not store it on disk. It fits every plan whose packed_id (nc_pass_info)
 * for that pass is equal; any other is NC_ERROR_INVALID_ARGUMENT. Packing pays when weights are used more than once; in
 * training they change with every step: pass w.
 */

/* Never 0 for NC_FORWARD and NC_BACKWARD_DATA. NC_BACKWARD_WEIGHTS has no weights to pack: NC_ERROR_INVALID_ARGUMENT. */
NC_API nc_status NC_CALL nc_packed_weights_size(const nc_plan* plan, int32_t pass, size_t* bytes);
NC_API nc_status NC_CALL nc_pack_weights(const nc_plan* plan, int32_t pass, const void* w, void* packed, size_t packed_bytes);

/* == 11  NaN, infinity, padding =====================================================================================
 *
 * Arithmetic follows IEEE 754, rounding to nearest. Padding is zeros, multiplied like any value: a weight that is NaN or
 * infinite may turn an output whose window touches padding into NaN, and in backward_weights a dy (of a deconv: an x) that
 * is not finite may do so to the weights that met padding there. Zeros that are only imagined, between the elements of a
 * strided deconvolution's input, are never multiplied. Otherwise a NaN or infinity reaches exactly the outputs that are
 * sums over it, except that Winograd may spread it over its tile; NC_ALGO_DIRECT never does.
 *
 * == 12  Precision ==================================================================================================
 *
 * |got - exact| <= c * 2^-24 * sum|a * b| for each output, where a * b are the products that it sums (f64: 2^-53):
 *
 *     c =   8   direct, data of both signs
 *     c =  64   direct, data of one sign, up to 2^21 products
 *     c = 512   Winograd F(4,3)
 *
 * Bias, addend and activation add at most 4 units of their own size. On small integers, where every partial sum stays
 * below 2^24, direct results are exact.
 *
 * == 13  Same bits ==================================================================================================
 *
 * The bits of a result depend on the descriptor and the data alone: not on the number of threads, the pool, the vector
 * width, alignment, packing, the run, or the caller's floating-point mode. AVX2, AVX-512, NEON and portable code agree.
 * With NC_ALGO_DIRECT the y and dx of an image do not depend on the batch that it is in either. nc_numerics_version
 * changes whenever any bit of any result may.
 *
 * == 14  Environment ================================================================================================
 *
 * Read once, at the first call. A malformed value makes every nc_plan_create NC_ERROR_INVALID_ARGUMENT.
 *
 *     NATIVECONV_MAX_ISA       portable, avx2, avx512 or neon: use nothing wider. portable means 128-bit lanes in the
 *                              same build; it does not make the library run on an older CPU.
 *     NATIVECONV_NUM_THREADS   the number of threads until nc_set_num_threads is called.
 *     NATIVECONV_ALGORITHM     a name from nc_explain: use it or fail with its reason; for tests.
 */

/* == 15  Version and process ========================================================================================
 *
 * The library carries a small managed runtime, which starts at the first call: about 5 ms. Call nc_abi_version while
 * loading, and the first frame does not pay for it. The library stays loaded until the process ends, and may be called
 * until then, from exit handlers and destructors too.
 *
 * A child of fork can use the library and its plans; it makes worker threads of its own. Threads that compute meanwhile in
 * the parent do not matter, but none may be inside its first call, nor ending after one, nor starting or ending the pool
 * (the first calls with more threads than before; nc_set_num_threads): they hold locks that nobody opens in the child.
 *
 * x86-64 needs the v3 level (AVX2, FMA, BMI). On a lesser CPU nc_isa() is "none" and every function that can fail returns
 * NC_ERROR_UNSUPPORTED.
 *
 * Plain C99 and C++11 compile this header alone. All functions can be called from any thread; setting the pool's size,
 * and calls with one workspace or one output, are yours to keep apart.
 */
NC_API uint32_t    NC_CALL nc_abi_version(void);      /* 1; grows when functions or fields are added */
NC_API uint32_t    NC_CALL nc_numerics_version(void); /* changes when any bit of any result may */
NC_API const char* NC_CALL nc_version(void);          /* "0.1.0" */
NC_API const char* NC_CALL nc_isa(void);              /* "avx512", "avx2", "neon", "portable"; "none": this CPU cannot run the library */

#ifdef __cplusplus
}
#endif

#endif /* NATIVECONV_H */
