// nativeconv.hpp, used as a program would; prints `ok NAME` and `not ok NAME: why`. Compiled with exceptions, and without.
#include <nativeconv.hpp>

#include <array>
#include <cmath>
#if __cplusplus >= 202002L
#include <span>
#endif
#include <cstdio>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace nc = nativeconv;

static int failures = 0;

static void test(const char* name, const std::string& why)
{
    if (!why.empty()) failures++;
    std::printf("%s cpp: %s%s%s\n", why.empty() ? "ok" : "not ok", name, why.empty() ? "" : ": ", why.c_str());
}

#define EXPECT(condition) do { if (!(condition)) return std::string(#condition); } while (0)

// A call that must succeed, and one that must fail with a status and a message that begins so.
#if defined(NATIVECONV_NO_EXCEPTIONS)
#define GOOD(call) do { if ((call) != NC_OK) return #call ": " + nc::last_error(); } while (0)
#define BAD(status, start, call) do { \
        const nc_status got = (call); \
        if (got != (status)) return std::string(#call ": ") + nc::status_string(got); \
        if (nc::last_error().compare(0, sizeof(start) - 1, start) != 0) return #call ": " + nc::last_error(); \
    } while (0)
#else
#define GOOD(call) do { try { call; } catch (const nc::error& fault) { return std::string(#call ": ") + fault.what(); } } while (0)
#define BAD(status_, start, call) do { \
        bool thrown = false; \
        try { call; } catch (const nc::error& fault) { \
            thrown = true; \
            if (fault.status() != (status_) || std::strncmp(fault.what(), start, sizeof(start) - 1) != 0) return std::string(#call ": ") + fault.what(); \
        } \
        if (!thrown) return std::string(#call " was accepted"); \
    } while (0)
#endif

static_assert(!std::is_copy_constructible<nc::plan<float>>::value && std::is_nothrow_move_constructible<nc::plan<float>>::value, "a plan is moved, not copied");
static_assert(sizeof(nc::exec) == sizeof(nc_exec) && sizeof(nc::desc) == sizeof(nc_conv_desc), "nothing is added");

// A wrong element type, an output that is const, and a vector of bool do not compile.
static_assert(std::is_convertible<std::vector<float>&, nc::plan<float>::in>::value && std::is_convertible<const std::vector<float>&, nc::plan<float>::in>::value, "");
static_assert(std::is_convertible<std::vector<float>&, nc::plan<float>::out>::value && !std::is_convertible<const std::vector<float>&, nc::plan<float>::out>::value, "");
static_assert(!std::is_convertible<std::vector<double>&, nc::plan<float>::in>::value && !std::is_convertible<double*, nc::plan<float>::in>::value, "");
static_assert(!std::is_convertible<const float*, nc::plan<float>::out>::value && !std::is_convertible<std::vector<bool>&, nc::plan<float>::in>::value, "");

template <class T>
static std::vector<T> some(std::size_t count)
{
    std::vector<T> numbers(count);
    for (std::size_t i = 0; i < count; i++) numbers[i] = T(int(i * 37 % 19) - 9) / 8;
    return numbers;
}

// dx, dw and db against difference quotients of sum(y * dy).
static std::string gradients(const nc::desc& layer)
{
    nc::plan<double> plan;
    GOOD(plan.create(layer));
    auto x = some<double>(plan.x_elements()), w = some<double>(plan.w_elements()), b = some<double>(plan.bias_elements()), dy = some<double>(plan.y_elements());
    std::vector<double> y(plan.y_elements()), dx(x.size()), dw(w.size()), db(b.size()), delta(y.size());
    GOOD(plan.forward(x, w, b, y));
    GOOD(plan.backward_data(dy, w, y, dx));
    GOOD(plan.backward_weights(x, dy, y, dw, db));
    GOOD(plan.activation_backward(dy, y, delta));
    for (auto& [tensor, gradient] : {std::pair<std::vector<double>&, std::vector<double>&>{x, dx}, {w, dw}, {b, db}}) {
        for (std::size_t i = 0; i < tensor.size(); i++) {
            const double value = tensor[i];
            double losses[2] = {};
            for (int side = 0; side < 2; side++) {
                tensor[i] = value + (side == 0 ? 1e-6 : -1e-6);
                GOOD(plan.forward(x, w, b, y));
                for (std::size_t j = 0; j < y.size(); j++) losses[side] += y[j] * dy[j];
            }
            tensor[i] = value;
            const double quotient = (losses[0] - losses[1]) / 2e-6;
            EXPECT(std::abs(gradient[i] - quotient) <= 1e-6 * (1 + std::abs(quotient)));
        }
    }
    return {};
}

static std::string views()
{
    nc::plan<float> plan;
    GOOD(plan.create(nc::desc::conv({5}).channels(1, 1).kernel(3)));
    const std::array<float, 5> x = {1, 2, 3, 4, 5};
    const float w[3] = {1, 10, 100};
    std::vector<float> expected(3), from_pointer(3);
    float from_array[3];
    GOOD(plan.forward(x, w, nullptr, expected));
    GOOD(plan.forward(x.data(), w, nullptr, from_pointer.data()));
    GOOD(plan.forward({x.data(), x.size()}, w, nullptr, from_array));
#if __cplusplus >= 202002L
    std::vector<float> from_span(3);
    GOOD(plan.forward(std::span<const float>(x), std::span(w), nullptr, std::span(from_span)));
    EXPECT(from_span == expected);
#endif
    EXPECT(expected == std::vector<float>({321, 432, 543}) && from_pointer == expected && std::equal(expected.begin(), expected.end(), from_array));
    return {};
}

static std::string packed()
{
    nc::plan<float> plan;
    GOOD(plan.create(nc::desc::conv({40, 40}).channels(16, 24).kernel(3).padding(1).act(nc::activation::relu)));
    const auto x = some<float>(plan.x_elements()), w = some<float>(plan.w_elements());
    std::vector<float> y(plan.y_elements()), got(y.size());
    nc::buffer weights, workspace;
    GOOD(plan.forward(x, w, nullptr, y, nc::exec().threads(1)));
    GOOD(plan.pack_weights(nc::pass::forward, w, weights));
    nc::exec how;
    how.threads(2).packed(weights);
    GOOD(plan.make_workspace(nc::pass::forward, workspace, how));
    how.workspace(workspace);
    GOOD(plan.forward(x, nullptr, nullptr, got, how));
    EXPECT(got == y);

    int batches = 0;
    auto serial = [&](std::int32_t count, auto task) {
        batches++;
        for (std::int32_t i = count; i-- > 0;) task(i);
    };
    GOOD(plan.forward(x, w, nullptr, got, nc::exec().threads(3).parallel_for(serial)));
    EXPECT(got == y && batches > 0);
    GOOD(plan.forward(x, w, nullptr, got, nc::exec().beta(1).addend(y.data()).flush_denormals()));
    EXPECT(got != y);
    return {};
}

static std::string information()
{
    auto layer = nc::desc::deconv({4, 5, 6}).batch(2).channels(4, 6).groups(2).kernel({3, 2, 1}).stride({2, 1, 1}).dilation(1).padding({1, 0, 0}, {0, 1, 0}).output_padding({1, 0, 0})
        .act(nc::activation::leaky_relu, 0.1).rule(nc::gradient_rule::backprop).algo(nc::algorithm::direct).workspace_limit(1 << 30);
    std::array<std::int64_t, 3> shape = {};
    GOOD(layer.output_shape(shape));
    EXPECT((shape == std::array<std::int64_t, 3>{9, 5, 6}));
    nc_tensor tensor = {};
    GOOD(layer.describe(nc::tensor::y, tensor));
    EXPECT(tensor.ndim == 5 && tensor.bytes == 2 * 6 * 9 * 5 * 6 * 4);
    nc::plan<float> plan;
    EXPECT(!plan);
    GOOD(plan.create(layer));
    EXPECT(plan && plan.y_elements() == 2 * 6 * 9 * 5 * 6);
    nc_pass_info info = {};
    GOOD(plan.info(nc::pass::backward_data, info));
    std::string text;
    GOOD(plan.explain(text));
    EXPECT(text.find(info.algorithm) != std::string::npos && text.back() != '\0');
    EXPECT(std::string(nc::version()) == std::to_string(NC_VERSION_MAJOR) + "." + std::to_string(NC_VERSION_MINOR) + "." + std::to_string(NC_VERSION_PATCH));
    EXPECT(nc::abi_version() >= NC_ABI_VERSION && nc::numerics_version() > 0 && std::string(nc::isa()) != "none");
    const auto threads = nc::num_threads();
    GOOD(nc::set_num_threads(3));
    EXPECT(nc::num_threads() == 3);
    GOOD(nc::set_num_threads(threads));
    return {};
}

static std::string bad_input()
{
    nc::plan<float> plan, none;
    GOOD(plan.create(nc::desc::conv({9, 9}).channels(1, 1).kernel(3)));
    std::vector<float> x(81), w(9), y(49), few(3);
    BAD(NC_ERROR_INVALID_SHAPE, "x: 3 elements came, the layer has 81", plan.forward(few, w, nullptr, y));
    BAD(NC_ERROR_INVALID_SHAPE, "dw: 3 elements came, the layer has 9", plan.backward_weights(x, y, nullptr, few, nullptr));
    BAD(NC_ERROR_NULL_POINTER, "w", plan.forward(x, nullptr, nullptr, y));
    BAD(NC_ERROR_NULL_POINTER, "plan", none.forward(x.data(), w.data(), nullptr, y.data()));
    nc::plan<float> moved;
    GOOD(moved.create(nc::desc::conv({9, 9}).channels(1, 1).kernel(3)));
    none = std::move(moved);
    EXPECT(none && !moved);
    none = nc::plan<float>();               // frees the plan
    BAD(NC_ERROR_NULL_POINTER, "plan", none.forward(x.data(), w.data(), nullptr, y.data()));
    BAD(NC_ERROR_INVALID_SHAPE, "kernel[0]", plan.create(nc::desc::conv({9, 9}).channels(1, 1).kernel(12)));
    BAD(NC_ERROR_INVALID_SHAPE, "kernel[0]", plan.create(nc::desc::conv({9, 9}).channels(1, 1).kernel({3, 3, 3})));
    BAD(NC_ERROR_INVALID_ARGUMENT, "num_threads", nc::set_num_threads(-1));
    BAD(NC_ERROR_OVERLAP, "", plan.forward(x.data(), w.data(), nullptr, x.data()));
    BAD(NC_ERROR_INVALID_ARGUMENT, "rank", plan.create(nc::desc::conv({1, 2, 3, 4}).channels(1, 1).kernel(1)));
    GOOD(plan.forward(x, w, nullptr, y));   // the plan of before is still there
    return {};
}

int main()
{
    const auto small = [](nc::desc layer) { return layer.channels(2, 4).groups(2).kernel({3, 2}).stride(2).padding(1).act(nc::activation::tanh); };
    test("gradients of a convolution", gradients(small(nc::desc::conv({6, 5}))));
    test("gradients of a transposed convolution", gradients(small(nc::desc::deconv({3, 4}))));
    test("views", views());
    test("workspace, packed weights, job systems", packed());
    test("information", information());
    test("bad input", bad_input());
    return failures != 0;
}
