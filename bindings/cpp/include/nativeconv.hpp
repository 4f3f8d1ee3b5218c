/*
 * nativeconv.hpp - nativeconv.h for C++17: a plan that frees itself, buffers that know their size, errors as exceptions.
 *
 *     #include <nativeconv.hpp>
 *
 *     std::vector<float> x(3 * 480 * 640), w(16 * 3 * 3 * 3), y(16 * 480 * 640);
 *     nativeconv::plan<float> plan(nativeconv::desc::conv({480, 640}).channels(3, 16).kernel(3).padding(1));
 *     plan.forward(x, w, nullptr, y);
 *
 * Everything is inline and calls the C functions; what they mean is in nativeconv.h, the manual. Link the same library.
 *
 * Errors: functions that can fail return `result`, which is void, and throw nativeconv::error with the library's message.
 * With -DNATIVECONV_NO_EXCEPTIONS, and where exceptions are switched off, `result` is nc_status, the caller looks at it,
 * and nativeconv::last_error() has the message.
 *
 * License: MIT.
 */
#ifndef NATIVECONV_HPP
#define NATIVECONV_HPP

#include "nativeconv.h"

#include <array>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#if !defined(NATIVECONV_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#  define NATIVECONV_NO_EXCEPTIONS
#endif

#if defined(NATIVECONV_NO_EXCEPTIONS)
#  define NATIVECONV_NODISCARD [[nodiscard]]
#else
#  include <stdexcept>
#  define NATIVECONV_NODISCARD
#endif

namespace nativeconv {

enum class activation : std::int32_t {
    identity = NC_ACT_IDENTITY, relu = NC_ACT_RELU, leaky_relu = NC_ACT_LEAKY_RELU, clip = NC_ACT_CLIP,
    sigmoid = NC_ACT_SIGMOID, tanh = NC_ACT_TANH, elu = NC_ACT_ELU
};
enum class gradient_rule : std::int32_t { backprop = NC_RULE_BACKPROP, deconvnet = NC_RULE_DECONVNET, guided = NC_RULE_GUIDED };
enum class algorithm : std::int32_t { automatic = NC_ALGO_AUTO, direct = NC_ALGO_DIRECT };
enum class pass : std::int32_t { forward = NC_FORWARD, backward_data = NC_BACKWARD_DATA, backward_weights = NC_BACKWARD_WEIGHTS };
enum class tensor : std::int32_t { x = NC_X, w = NC_W, bias = NC_BIAS, y = NC_Y, dx = NC_DX, dy = NC_DY };

// -- Errors ------------------------------------------------------------------------------------------------------------

namespace detail {

// Faults that this header finds itself, for last_error(); empty while the library's own message is the newest.
struct own_fault { char text[200]; };
inline own_fault& fault() noexcept { static thread_local own_fault value = {}; return value; }

inline std::string library_error()
{
    std::string text(nc_last_error(nullptr, 0), '\0');
    text.resize(nc_last_error(&text[0], text.size()) - 1);
    return text;
}

} // namespace detail

/// The name of a status.
inline const char* status_string(nc_status status) noexcept { return nc_status_string(status); }

/// The message of this thread's last failure; "" before any.
inline std::string last_error() { return detail::fault().text[0] ? detail::fault().text : detail::library_error(); }

#if defined(NATIVECONV_NO_EXCEPTIONS)

using result = nc_status;

namespace detail {
inline nc_status check(nc_status status) noexcept
{
    if (status != NC_OK) fault().text[0] = 0;
    return status;
}
inline nc_status refuse(nc_status status) noexcept { return status; }
} // namespace detail

#else

using result = void;

/// What the library refused: its message, which begins with the field at fault, and its status.
class error : public std::runtime_error {
public:
    error(nc_status status, const std::string& message) : std::runtime_error(message), code(status) {}
    nc_status status() const noexcept { return code; }

private:
    nc_status code;
};

namespace detail {
[[noreturn]] inline void refuse(nc_status status) { throw error(status, last_error() + " (" + nc_status_string(status) + ")"); }
inline void check(nc_status status)
{
    if (status == NC_OK) return;
    fault().text[0] = 0;
    refuse(status);
}
} // namespace detail

#endif

// -- Buffers -----------------------------------------------------------------------------------------------------------

/// Elements that somebody else owns: a pointer, whose size nobody checks, or anything with data() and size(), whose size must be the
/// tensor's. nullptr: none.
template <class T>
class view {
public:
    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

    view(std::nullptr_t = nullptr) noexcept : first(nullptr), count(unknown) {}
    view(T* data) noexcept : first(data), count(unknown) {}
    view(T* data, std::size_t size) noexcept : first(data), count(size) {}

    template <class C, class = std::enable_if_t<!std::is_array<std::remove_reference_t<C>>::value
                                                && std::is_convertible<decltype(std::declval<C&>().data()), T*>::value>>
    view(C&& container) noexcept : first(container.data()), count(container.size()) {}

    template <std::size_t N>
    view(T (&array)[N]) noexcept : first(array), count(N) {}

    T* data() const noexcept { return first; }
    std::size_t size() const noexcept { return count; }

private:
    T* first;
    std::size_t count;
};

/// Bytes at a cache line's start, uninitialised: workspace, packed weights. Empty if there was no memory.
class buffer {
public:
    buffer() noexcept = default;
    explicit buffer(std::size_t size) noexcept
        : memory(size == 0 ? nullptr : ::operator new(size, std::align_val_t(64), std::nothrow)), count(memory ? size : 0) {}

    void* data() const noexcept { return memory.get(); }
    std::size_t size() const noexcept { return count; }

private:
    struct release { void operator()(void* p) const noexcept { ::operator delete(p, std::align_val_t(64)); } };
    std::unique_ptr<void, release> memory;
    std::size_t count = 0;
};

// -- The descriptor ----------------------------------------------------------------------------------------------------

/// One number for every spatial axis, or one for each, outermost first.
class axes {
public:
    axes(std::int64_t all) noexcept : values{all, all, all}, count(0) {}
    axes(std::initializer_list<std::int64_t> each) noexcept : values{}, count(each.size())
    {
        std::size_t i = 0;
        for (std::int64_t value : each) if (i < 3) values[i++] = value;
    }

    std::int64_t operator[](std::size_t axis) const noexcept { return values[axis]; }

    /// Numbers given; 0: one for all.
    std::size_t size() const noexcept { return count; }

private:
    std::int64_t values[3];
    std::size_t count;
};

/// A layer, said field by field; what is not said has the library's default, and the batch is 1.
class desc {
public:
    /// A convolution over inputs of this size.
    static desc conv(axes input) noexcept { return desc(NC_CONV, input); }

    /// A transposed convolution over inputs of this size.
    static desc deconv(axes input) noexcept { return desc(NC_DECONV, input); }

    desc& batch(std::int64_t images) noexcept { value.batch = images; return *this; }
    desc& channels(std::int64_t in, std::int64_t out) noexcept { value.in_channels = in; value.out_channels = out; return *this; }
    desc& groups(std::int64_t count) noexcept { value.groups = count; return *this; }
    desc& kernel(axes size) noexcept { return set(value.kernel, size); }
    desc& stride(axes step) noexcept { return set(value.stride, step); }
    desc& dilation(axes step) noexcept { return set(value.dilation, step); }
    desc& padding(axes both) noexcept { set(value.pad_begin, both); return set(value.pad_end, both); }
    desc& padding(axes begin, axes end) noexcept { set(value.pad_begin, begin); return set(value.pad_end, end); }
    desc& output_padding(axes rows) noexcept { return set(value.output_padding, rows); }
    desc& act(activation function, double alpha = 0, double beta = 0) noexcept
    {
        value.activation = static_cast<std::int32_t>(function);
        value.activation_alpha = alpha;
        value.activation_beta = beta;
        return *this;
    }
    desc& rule(gradient_rule rule) noexcept { value.gradient_rule = static_cast<std::int32_t>(rule); return *this; }
    desc& algo(algorithm choice) noexcept { value.algorithm = static_cast<std::int32_t>(choice); return *this; }
    desc& workspace_limit(std::int64_t bytes) noexcept { value.workspace_limit = bytes; return *this; }

    /// Everything else, strides among it.
    nc_conv_desc& raw() noexcept { return value; }
    const nc_conv_desc& raw() const noexcept { return value; }

    /// The spatial sizes of y; entries beyond the rank are 1.
    NATIVECONV_NODISCARD result output_shape(std::array<std::int64_t, 3>& shape) const { return detail::check(nc_output_shape(&value, shape.data())); }

    /// Shape, strides and bytes of one tensor.
    NATIVECONV_NODISCARD result describe(tensor which, nc_tensor& info) const
    {
        info.struct_size = sizeof info;
        return detail::check(nc_describe_tensor(&value, static_cast<std::int32_t>(which), &info));
    }

private:
    desc(std::int32_t kind, axes input) noexcept
    {
        // A rank that is none is refused later, with its number in the message.
        const auto rank = static_cast<std::int32_t>(input.size() == 0 ? 1 : input.size());
        if (nc_conv_desc_init(&value, sizeof value, kind, rank) != NC_OK) {
            value = nc_conv_desc{};
            value.struct_size = sizeof value;
            value.kind = kind;
            value.rank = rank;
        }
        value.batch = 1;
        set(value.input, input);
    }

    desc& set(std::int64_t (&field)[3], axes numbers) noexcept
    {
        const auto rank = static_cast<std::size_t>(value.rank < 3 ? value.rank : 3);
        // Too many or too few become a number that the library refuses by the field's name, wherever the field has a least value.
        const bool fits = numbers.size() == 0 || numbers.size() == rank;
        for (std::size_t axis = 0; axis < rank; axis++) field[axis] = fits ? numbers[axis] : INT64_MIN;
        return *this;
    }

    nc_conv_desc value{}; // a library that is too old leaves it as it was
};

// -- exec --------------------------------------------------------------------------------------------------------------

/// How to run one call: nc_exec, said field by field. Keeps pointers, no buffers.
class exec {
public:
    exec& threads(std::int32_t number) noexcept { value.num_threads = number; return *this; }
    exec& flush_denormals() noexcept { value.flags |= NC_EXEC_FLUSH_DENORMALS; return *this; }
    exec& alpha(double factor) noexcept { value.alpha = factor; return *this; }
    exec& beta(double factor) noexcept { value.beta = factor; return *this; }
    exec& addend(const void* tensor) noexcept { value.addend = tensor; return *this; }
    exec& workspace(const buffer& memory) noexcept { value.workspace = memory.data(); value.workspace_bytes = memory.size(); return *this; }
    exec& packed(const buffer& weights) noexcept { value.packed_weights = weights.data(); value.packed_bytes = weights.size(); return *this; }

    /// The caller's job system: run(count, task) calls task(i) for every i in [0, count), on any threads, and returns when all are done. It
    /// must live as long as calls use it, and let no exception out.
    template <class F>
    exec& parallel_for(F& run) noexcept
    {
        value.parallel_user = &run;
        value.parallel_for = [](void* user, nc_task_fn fn, void* task, std::int32_t count) {
            (*static_cast<F*>(user))(count, [fn, task](std::int32_t index) { fn(task, index); });
        };
        return *this;
    }

    nc_exec& raw() noexcept { return value; }
    const nc_exec* get() const noexcept { return &value; }

private:
    nc_exec value = NC_EXEC_INIT;
};

// -- The plan ----------------------------------------------------------------------------------------------------------

/// A layer, planned once and run often, by any number of threads at once. T: float or double, the type of all its tensors.
template <class T>
class plan {
    static_assert(std::is_same<T, float>::value || std::is_same<T, double>::value, "nativeconv::plan is for float and double");

public:
    using in = view<const T>;
    using out = view<T>;

    /// No layer yet: every call answers NC_ERROR_NULL_POINTER.
    plan() noexcept = default;

#if !defined(NATIVECONV_NO_EXCEPTIONS)
    explicit plan(const desc& layer) { create(layer); }
#endif

    /// Plans a layer, in the place of the one before.
    NATIVECONV_NODISCARD result create(desc layer)
    {
        if (nc_abi_version() < NC_ABI_VERSION) {
            std::snprintf(detail::fault().text, sizeof detail::fault().text, "the library is too old: its ABI version is %u, %d is needed",
                          static_cast<unsigned>(nc_abi_version()), NC_ABI_VERSION);
            return detail::refuse(NC_ERROR_UNSUPPORTED);
        }
        layer.raw().dtype = layer.raw().w_dtype = std::is_same<T, float>::value ? NC_F32 : NC_F64;
        nc_plan* made = nullptr;
        nc_status status = nc_plan_create(&layer.raw(), &made);
        std::size_t sizes[4] = {};
        const std::int32_t tensors[4] = {NC_X, NC_W, NC_BIAS, NC_Y};
        for (int i = 0; i < 4 && status == NC_OK; i++) {
            nc_tensor info = {};
            info.struct_size = sizeof info;
            status = nc_describe_tensor(&layer.raw(), tensors[i], &info);
            sizes[i] = static_cast<std::size_t>(info.bytes / sizeof(T));
        }
        if (status == NC_OK) {
            handle.reset(made);
            kind = layer.raw().kind;
            x_size = sizes[0]; w_size = sizes[1]; bias_size = sizes[2]; y_size = sizes[3];
        } else {
            nc_plan_destroy(made);
        }
        return detail::check(status);
    }

    /// y = h(conv(x, w) + bias + beta * addend)
    NATIVECONV_NODISCARD result forward(in x, in w, in bias, out y, const exec& how = {}) const
    {
        if (!fit("x", x, x_size) || !fit("w", w, w_size) || !fit("bias", bias, bias_size) || !fit("y", y, y_size)) return misfit();
        return detail::check(pick(nc_conv_forward, nc_deconv_forward)(get(), x.data(), w.data(), bias.data(), y.data(), how.get()));
    }

    /// dx = alpha * result + beta * addend; y: what forward wrote, needed with an activation
    NATIVECONV_NODISCARD result backward_data(in dy, in w, in y, out dx, const exec& how = {}) const
    {
        if (!fit("dy", dy, y_size) || !fit("w", w, w_size) || !fit("y", y, y_size) || !fit("dx", dx, x_size)) return misfit();
        return detail::check(pick(nc_conv_backward_data, nc_deconv_backward_data)(get(), dy.data(), w.data(), y.data(), dx.data(), how.get()));
    }

    /// dw = alpha * result + beta * dw, db likewise; nullptr: not wanted
    NATIVECONV_NODISCARD result backward_weights(in x, in dy, in y, out dw, out db, const exec& how = {}) const
    {
        if (!fit("x", x, x_size) || !fit("dy", dy, y_size) || !fit("y", y, y_size) || !fit("dw", dw, w_size) || !fit("db", db, bias_size)) return misfit();
        return detail::check(
            pick(nc_conv_backward_weights, nc_deconv_backward_weights)(get(), x.data(), dy.data(), y.data(), dw.data(), db.data(), how.get()));
    }

    /// delta = dy * h'(y)
    NATIVECONV_NODISCARD result activation_backward(in dy, in y, out delta, const exec& how = {}) const
    {
        if (!fit("dy", dy, y_size) || !fit("y", y, y_size) || !fit("delta", delta, y_size)) return misfit();
        return detail::check(nc_activation_backward(get(), dy.data(), y.data(), delta.data(), how.get()));
    }

    /// w in the order in which a pass reads it, for exec::packed
    NATIVECONV_NODISCARD result pack_weights(pass which, in w, buffer& packed) const
    {
        if (!fit("w", w, w_size)) return misfit();
        std::size_t bytes = 0;
        nc_status status = nc_packed_weights_size(get(), static_cast<std::int32_t>(which), &bytes);
        if (status == NC_OK) {
            packed = buffer(bytes);
            status = nc_pack_weights(get(), static_cast<std::int32_t>(which), w.data(), packed.data(), packed.size());
        }
        return detail::check(status);
    }

    /// Scratch memory for a pass run in this way, for exec::workspace: such calls allocate nothing. One serves one call at a time.
    NATIVECONV_NODISCARD result make_workspace(pass which, buffer& memory, const exec& how = {}) const
    {
        std::size_t bytes = 0;
        const nc_status status = nc_workspace_size(get(), static_cast<std::int32_t>(which), how.get(), &bytes);
        if (status == NC_OK) memory = buffer(bytes);
        return detail::check(status);
    }

    /// What a pass does and costs.
    NATIVECONV_NODISCARD result info(pass which, nc_pass_info& found) const
    {
        found.struct_size = sizeof found;
        return detail::check(nc_plan_pass_info(get(), static_cast<std::int32_t>(which), &found));
    }

    /// The plan in words.
    NATIVECONV_NODISCARD result explain(std::string& text) const
    {
        std::size_t needed = 0;
        nc_status status = nc_explain(get(), nullptr, 0, &needed);
        if (status == NC_OK) {
            text.resize(needed);
            status = nc_explain(get(), &text[0], text.size(), &needed);
            text.resize(needed - 1);
        }
        return detail::check(status);
    }

    const nc_plan* get() const noexcept { return handle.get(); }
    explicit operator bool() const noexcept { return handle != nullptr; }

    /// Elements of x and dx, of w and dw, of bias and db, of y and dy.
    std::size_t x_elements() const noexcept { return x_size; }
    std::size_t w_elements() const noexcept { return w_size; }
    std::size_t bias_elements() const noexcept { return bias_size; }
    std::size_t y_elements() const noexcept { return y_size; }

private:
    struct destroy { void operator()(nc_plan* p) const noexcept { nc_plan_destroy(p); } };

    template <class V>
    static bool fit(const char* name, const view<V>& buffer, std::size_t size) noexcept
    {
        if (buffer.size() == view<V>::unknown || buffer.size() == size) return true;
        std::snprintf(detail::fault().text, sizeof detail::fault().text, "%s: %zu elements came, the layer has %zu", name, buffer.size(), size);
        return false;
    }

    static result misfit() { return detail::refuse(NC_ERROR_INVALID_SHAPE); }

    template <class F>
    F* pick(F* conv, F* deconv) const noexcept { return kind == NC_DECONV ? deconv : conv; }

    std::unique_ptr<nc_plan, destroy> handle;
    std::int32_t kind = NC_CONV;
    std::size_t x_size = 0, w_size = 0, bias_size = 0, y_size = 0;
};

// -- The library -------------------------------------------------------------------------------------------------------

inline const char* version() noexcept { return nc_version(); }
inline const char* isa() noexcept { return nc_isa(); }
inline std::uint32_t abi_version() noexcept { return nc_abi_version(); }
inline std::uint32_t numerics_version() noexcept { return nc_numerics_version(); }

/// The size of the built-in pool. 0: the cores that this process may use; 1 ends the pool.
NATIVECONV_NODISCARD inline result set_num_threads(std::int32_t number) { return detail::check(nc_set_num_threads(number)); }
inline std::int32_t num_threads() noexcept { return nc_get_num_threads(); }

} // namespace nativeconv

#endif // NATIVECONV_HPP
