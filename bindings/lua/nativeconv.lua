--- Convolution and deconvolution, forward and backward, on the CPU: nativeconv.h for LuaJIT, and so for LÖVE.
--
--     local nc = require "nativeconv"
--     local plan = nc.plan { kind = "conv", input = { 480, 640 }, channels = { 3, 16 }, kernel = 3, padding = 1, activation = "relu" }
--     local x, w, y = nc.floats(plan.sizes.x), nc.floats(plan.sizes.w), nc.floats(plan.sizes.y)
--     plan:forward(x, w, nil, y)
--
-- Buffers are arrays of nc.floats or nc.doubles, whose lengths are checked; LÖVE's Data (SoundData, ByteData, ImageData of format "r32f"), whose
-- bytes are checked; or pointers, which nobody checks. Errors are raised, with the library's own message, which begins with the field at fault.
-- What the functions compute is in nativeconv.h, the manual. License: MIT.

local ffi = require "ffi"

ffi.cdef [[
typedef int32_t nc_status;
const char* nc_status_string(nc_status status);
size_t nc_last_error(char* buffer, size_t capacity);
enum { NC_CONV = 0, NC_DECONV = 1 };
enum { NC_F32 = 1, NC_F64 = 2, NC_F16 = 3, NC_BF16 = 4 };
enum { NC_CHANNELS_FIRST = 0, NC_CHANNELS_LAST = 1 };
enum { NC_ACT_IDENTITY = 0, NC_ACT_RELU = 1, NC_ACT_LEAKY_RELU = 2, NC_ACT_CLIP = 3, NC_ACT_SIGMOID = 4, NC_ACT_TANH = 5, NC_ACT_ELU = 6 };
enum { NC_RULE_BACKPROP = 0, NC_RULE_DECONVNET = 1, NC_RULE_GUIDED = 2 };
enum { NC_FORWARD = 0, NC_BACKWARD_DATA = 1, NC_BACKWARD_WEIGHTS = 2 };
enum { NC_ALGO_AUTO = 0, NC_ALGO_DIRECT = 1 };
enum { NC_X = 0, NC_W = 1, NC_BIAS = 2, NC_Y = 3, NC_DX = 4, NC_DY = 5 };
typedef struct nc_conv_desc {
    uint32_t struct_size;
    int32_t kind;
    int32_t rank;
    int32_t dtype;
    int32_t w_dtype;
    int32_t layout;
    int32_t activation;
    int32_t gradient_rule;
    int32_t algorithm;
    uint32_t flags;
    double activation_alpha;
    double activation_beta;
    int64_t workspace_limit;
    int64_t batch;
    int64_t in_channels, out_channels;
    int64_t groups;
    int64_t input[3], kernel[3];
    int64_t stride[3], dilation[3];
    int64_t pad_begin[3], pad_end[3];
    int64_t output_padding[3];
    int64_t x_strides[5], y_strides[5], dx_strides[5], dy_strides[5];
} nc_conv_desc;
nc_status nc_conv_desc_init(nc_conv_desc* desc, size_t desc_size, int32_t kind, int32_t rank);
typedef struct nc_tensor {
    uint32_t struct_size;
    int32_t ndim;
    int64_t shape[5], strides[5];
    uint64_t bytes_before, bytes;
} nc_tensor;
nc_status nc_output_shape(const nc_conv_desc* desc, int64_t shape[3]);
nc_status nc_describe_tensor(const nc_conv_desc* desc, int32_t tensor, nc_tensor* info);
typedef struct nc_plan nc_plan;
nc_status nc_plan_create(const nc_conv_desc* desc, nc_plan** plan);
void nc_plan_destroy(nc_plan* plan);
typedef struct nc_pass_info {
    uint32_t struct_size;
    int32_t stages;
    double flops;
    uint64_t workspace_bytes;
    uint64_t workspace_per_thread;
    uint64_t packed_bytes, packed_id;
    char algorithm[32];
} nc_pass_info;
nc_status nc_plan_pass_info(const nc_plan* plan, int32_t pass, nc_pass_info* info);
nc_status nc_explain(const nc_plan* plan, char* buffer, size_t capacity, size_t* needed);
typedef void (*nc_task_fn)(void* task, int32_t index);
typedef void (*nc_parallel_for_fn)(void* user, nc_task_fn fn, void* task, int32_t count);
typedef struct nc_exec {
    uint32_t struct_size;
    int32_t num_threads;
    uint32_t flags;
    uint32_t reserved;
    double alpha;
    double beta;
    const void* addend;
    void* workspace;
    size_t workspace_bytes;
    const void* packed_weights;
    size_t packed_bytes;
    nc_parallel_for_fn parallel_for;
    void* parallel_user;
} nc_exec;
nc_status nc_conv_forward(const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec);
nc_status nc_conv_backward_data(const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec);
nc_status nc_conv_backward_weights(const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec);
nc_status nc_deconv_forward(const nc_plan* plan, const void* x, const void* w, const void* bias, void* y, const nc_exec* exec);
nc_status nc_deconv_backward_data(const nc_plan* plan, const void* dy, const void* w, const void* y, void* dx, const nc_exec* exec);
nc_status nc_deconv_backward_weights(const nc_plan* plan, const void* x, const void* dy, const void* y, void* dw, void* db, const nc_exec* exec);
nc_status nc_activation_backward(const nc_plan* plan, const void* dy, const void* y, void* delta, const nc_exec* exec);
nc_status nc_set_num_threads(int32_t num_threads);
int32_t nc_get_num_threads(void);
nc_status nc_workspace_size(const nc_plan* plan, int32_t pass, const nc_exec* exec, size_t* bytes);
nc_status nc_packed_weights_size(const nc_plan* plan, int32_t pass, size_t* bytes);
nc_status nc_pack_weights(const nc_plan* plan, int32_t pass, const void* w, void* packed, size_t packed_bytes);
uint32_t nc_abi_version(void);
uint32_t nc_numerics_version(void);
const char* nc_version(void);
const char* nc_isa(void);
]]

local nc = { _VERSION = 1 } -- the ABI version that this file is written for

local KINDS = { conv = 0, deconv = 1 }
local DTYPES = { float = 1, double = 2 }
local ACTIVATIONS = { identity = 0, relu = 1, leaky_relu = 2, clip = 3, sigmoid = 4, tanh = 5, elu = 6 }
local RULES = { backprop = 0, deconvnet = 1, guided = 2 }
local PASSES = { forward = 0, backward_data = 1, backward_weights = 2 }
local ALGORITHMS = { auto = 0, direct = 1 }
local TENSORS = { x = 0, w = 1, bias = 2, y = 3, dx = 4, dy = 5 }
local FLUSH_DENORMALS = 1

-- -- The library ------------------------------------------------------------------------------------------------------

--- NATIVECONV_LIBRARY, else beside this file or the game, else the system's search.
local function load()
    local chosen = os.getenv("NATIVECONV_LIBRARY")
    local file = ffi.os == "Windows" and "nativeconv.dll" or ffi.os == "OSX" and "libnativeconv.dylib" or "libnativeconv.so"
    local candidates = { chosen }
    if not chosen then
        local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
        if here then candidates[#candidates + 1] = here .. file end
        local game = rawget(_G, "love") and love.filesystem and love.filesystem.getSource()
        if game then candidates[#candidates + 1] = game .. "/" .. file end
        candidates[#candidates + 1] = "nativeconv"
    end
    local tried = {}
    for _, candidate in ipairs(candidates) do
        local found, library = pcall(ffi.load, candidate)
        if not found then
            tried[#tried + 1] = ("  %s: %s"):format(candidate, library)
        else
            local known, version = pcall(function() return tonumber(library.nc_abi_version()) end)
            if known and version >= nc._VERSION then return library, candidate end
            tried[#tried + 1] = known and ("  %s: too old: its ABI version is %d, %d is needed"):format(candidate, version, nc._VERSION)
                or ("  %s: too old, or another library (%s)"):format(candidate, version)
        end
    end
    error("nativeconv found no library that it can use. Tried:\n" .. table.concat(tried, "\n")
        .. "\nSet NATIVECONV_LIBRARY to the path of the library, or put it beside nativeconv.lua", 0)
end

local lib, path = load()

--- Where the library was found.
nc.library_path = path

--- The name of a status.
function nc.status_string(status) return ffi.string(lib.nc_status_string(status)) end

--- The message of this thread's last failure; "" before any.
function nc.last_error()
    local size = lib.nc_last_error(nil, 0)
    local buffer = ffi.new("char[?]", size)
    lib.nc_last_error(buffer, size)
    return ffi.string(buffer)
end

local function check(status, level)
    if status ~= 0 then error(("nativeconv: %s (%s)"):format(nc.last_error(), nc.status_string(status)), (level or 1) + 2) end
end

function nc.version() return ffi.string(lib.nc_version()) end

--- "avx512", "avx2", "neon", "portable"; "none": this processor cannot run the library.
function nc.isa() return ffi.string(lib.nc_isa()) end
function nc.abi_version() return tonumber(lib.nc_abi_version()) end
function nc.numerics_version() return tonumber(lib.nc_numerics_version()) end

--- The size of the built-in pool. 0: the cores that this process may use; 1 ends the pool.
function nc.set_num_threads(number) check(lib.nc_set_num_threads(number)) end
function nc.get_num_threads() return lib.nc_get_num_threads() end

-- -- Buffers ----------------------------------------------------------------------------------------------------------

local function array(type, size, values)
    if values then return ffi.new(type, #values, values) end
    return ffi.new(type, size)
end

local float_array, double_array, byte_array = ffi.typeof("float[?]"), ffi.typeof("double[?]"), ffi.typeof("uint8_t[?]")

--- Numbers of a table, or so many zeros.
function nc.floats(values) return array(float_array, values, type(values) == "table" and values or nil) end
function nc.doubles(values) return array(double_array, values, type(values) == "table" and values or nil) end

local ARRAYS = { float = float_array, double = double_array }
local POINTERS = { float = ffi.typeof("const double*"), double = ffi.typeof("const float*") } -- to what a plan is not for

--- The address of a buffer that has `count` elements of a plan's type.
local function pointer(plan, name, buffer, count, level)
    if buffer == nil then return nil end
    if type(buffer) == "cdata" then
        if ffi.istype(plan.array, buffer) then
            if ffi.sizeof(buffer) ~= count * plan.element_size then
                error(("nativeconv: %s: %d elements came, the layer has %d"):format(name, ffi.sizeof(buffer) / plan.element_size, count), level + 1)
            end
        elseif ffi.istype(plan.other_array, buffer) or ffi.istype(plan.other_pointer, buffer) then
            error(("nativeconv: %s: the layer is for %s"):format(name, plan.dtype), level + 1)
        end
        return buffer
    end
    if (type(buffer) == "userdata" or type(buffer) == "table") and buffer.getFFIPointer then
        if buffer:getSize() ~= count * plan.element_size then
            error(("nativeconv: %s: %d bytes came, the layer has %d"):format(name, buffer:getSize(), count * plan.element_size), level + 1)
        end
        return buffer:getFFIPointer()
    end
    error(("nativeconv: %s: an array of nc.%ss, a LÖVE Data or a pointer is expected, not a %s"):format(name, plan.dtype, type(buffer)), level + 1)
end

--- Bytes at a cache line's start.
local function bytes(size)
    local memory = byte_array(tonumber(size) + 63)
    local address = ffi.cast("uintptr_t", ffi.cast("void*", memory))
    return { memory = memory, pointer = ffi.cast("void*", address + (64 - address % 64) % 64), size = size }
end

-- -- Plans ------------------------------------------------------------------------------------------------------------

local Plan = {}
Plan.__index = Plan

local function choice(name, value, choices)
    local number = choices[value]
    if number then return number end
    local words = {}
    for word in pairs(choices) do words[#words + 1] = word end
    table.sort(words)
    error(("nativeconv: %s: one of %s is expected, not %s"):format(name, table.concat(words, ", "), tostring(value)), 4)
end

local function axes(name, field, value, rank)
    if value == nil then return end
    if type(value) == "table" and #value ~= rank then
        error(("nativeconv: %s: %d numbers came, the layer has %d spatial axes"):format(name, #value, rank), 4)
    end
    for axis = 0, rank - 1 do field[axis] = type(value) == "table" and value[axis + 1] or value end
end

local function describe(desc, tensor)
    local info = ffi.new("nc_tensor", { struct_size = ffi.sizeof("nc_tensor") })
    check(lib.nc_describe_tensor(desc, tensor, info), 3)
    return info
end

local FIELDS = { kind = 1, input = 1, channels = 1, kernel = 1, batch = 1, groups = 1, stride = 1, dilation = 1, padding = 1, pad_begin = 1, pad_end = 1,
    output_padding = 1, dtype = 1, activation = 1, activation_alpha = 1, activation_beta = 1, gradient_rule = 1, algorithm = 1, workspace_limit = 1 }

--- Plans a layer. Fields: input (spatial sizes, one to three), channels ({ in, out }), kernel; kind "conv" or "deconv" ("conv"), batch (1), groups, stride, dilation,
-- padding or pad_begin and pad_end, output_padding: a number, or one for each axis; dtype "float" or "double" ("float"); activation, activation_alpha,
-- activation_beta; gradient_rule; algorithm; workspace_limit.
function nc.plan(layer)
    for name in pairs(layer) do
        if not FIELDS[name] then error(("nativeconv: %s is not a field of a layer"):format(tostring(name)), 2) end
    end
    local input = type(layer.input) == "table" and layer.input or { layer.input }
    local rank = #input
    local dtype = layer.dtype or "float"
    local desc = ffi.new("nc_conv_desc")
    check(lib.nc_conv_desc_init(desc, ffi.sizeof(desc), choice("kind", layer.kind or "conv", KINDS), rank), 1)
    local channels = layer.channels
    if type(channels) ~= "table" or #channels ~= 2 then error("nativeconv: channels: { in, out } is expected", 2) end
    desc.batch = layer.batch or 1
    desc.in_channels, desc.out_channels = channels[1], channels[2]
    desc.groups = layer.groups or 0
    desc.dtype = choice("dtype", dtype, DTYPES)
    desc.activation = choice("activation", layer.activation or "identity", ACTIVATIONS)
    desc.activation_alpha, desc.activation_beta = layer.activation_alpha or 0, layer.activation_beta or 0
    desc.gradient_rule = choice("gradient_rule", layer.gradient_rule or "backprop", RULES)
    desc.algorithm = choice("algorithm", layer.algorithm or "auto", ALGORITHMS)
    desc.workspace_limit = layer.workspace_limit or 0
    axes("input", desc.input, input, rank)
    axes("pad_begin", desc.pad_begin, layer.pad_begin or layer.padding, rank)
    axes("pad_end", desc.pad_end, layer.pad_end or layer.padding, rank)
    for _, name in ipairs { "kernel", "stride", "dilation", "output_padding" } do axes(name, desc[name], layer[name], rank) end

    local plan = setmetatable({ kind = layer.kind or "conv", dtype = dtype, desc = desc, array = ARRAYS[dtype], element_size = ffi.sizeof(dtype) }, Plan)
    plan.other_array, plan.other_pointer = dtype == "float" and double_array or float_array, POINTERS[dtype]
    plan.sizes, plan.shapes = {}, {}
    for name, tensor in pairs(TENSORS) do
        local info = describe(desc, tensor)
        local shape = {}
        for axis = 0, info.ndim - 1 do shape[axis + 1] = tonumber(info.shape[axis]) end
        plan.shapes[name], plan.sizes[name] = shape, tonumber(info.bytes) / plan.element_size
    end
    local handle = ffi.new("nc_plan*[1]")
    check(lib.nc_plan_create(desc, handle), 1)
    plan.handle = ffi.gc(handle[0], lib.nc_plan_destroy)
    plan.run = plan.kind == "deconv"
        and { forward = lib.nc_deconv_forward, backward_data = lib.nc_deconv_backward_data, backward_weights = lib.nc_deconv_backward_weights }
        or { forward = lib.nc_conv_forward, backward_data = lib.nc_conv_backward_data, backward_weights = lib.nc_conv_backward_weights }
    return plan
end

--- Output sizes of the layer, one for each axis.
function Plan:output_shape()
    local shape = ffi.new("int64_t[3]")
    check(lib.nc_output_shape(self.desc, shape))
    local sizes = {}
    for axis = 0, self.desc.rank - 1 do sizes[axis + 1] = tonumber(shape[axis]) end
    return sizes
end

local OPTIONS = { num_threads = 1, flush_denormals = 1, alpha = 1, beta = 1, addend = 1, workspace = 1, packed = 1 }

--- How to run calls, from a table: num_threads, flush_denormals, alpha, beta, addend, workspace (plan:make_workspace), packed (plan:pack_weights). Make it once and keep it:
-- calls take the table, too, but then make one each time. There is no parallel_for: LuaJIT cannot be called from other threads.
function nc.exec(options)
    local exec = ffi.new("nc_exec", { struct_size = ffi.sizeof("nc_exec") })
    for name in pairs(options) do
        if not OPTIONS[name] then error(("nativeconv: %s is not an option of a call"):format(tostring(name)), 2) end
    end
    exec.num_threads = options.num_threads or 0
    exec.flags = options.flush_denormals and FLUSH_DENORMALS or 0
    exec.alpha, exec.beta = options.alpha or 0, options.beta or 0
    local addend = options.addend
    if type(addend) == "userdata" then addend = addend:getFFIPointer() end
    exec.addend = addend
    if options.workspace then exec.workspace, exec.workspace_bytes = options.workspace.pointer, options.workspace.size end
    if options.packed then exec.packed_weights, exec.packed_bytes = options.packed.pointer, options.packed.size end
    return { exec = exec, options = options } -- which keeps the buffers alive
end

local function exec_of(options)
    if options == nil then return nil end
    return (options.exec and options or nc.exec(options)).exec
end

local function handle_of(plan, level) return plan.handle or error("nativeconv: the plan is closed", (level or 1) + 2) end

--- y = h(conv(x, w) + bias + beta * addend); bias may be nil, w too with packed weights
function Plan:forward(x, w, bias, y, options)
    local handle, sizes = handle_of(self), self.sizes
    check(self.run.forward(handle, pointer(self, "x", x, sizes.x, 2), pointer(self, "w", w, sizes.w, 2), pointer(self, "bias", bias, sizes.bias, 2),
        pointer(self, "y", y, sizes.y, 2), exec_of(options)))
end

--- dx = alpha * result + beta * addend; y: what forward wrote, nil without an activation
function Plan:backward_data(dy, w, y, dx, options)
    local handle, sizes = handle_of(self), self.sizes
    check(self.run.backward_data(handle, pointer(self, "dy", dy, sizes.y, 2), pointer(self, "w", w, sizes.w, 2), pointer(self, "y", y, sizes.y, 2),
        pointer(self, "dx", dx, sizes.x, 2), exec_of(options)))
end

--- dw = alpha * result + beta * dw, db likewise; nil: not wanted
function Plan:backward_weights(x, dy, y, dw, db, options)
    local handle, sizes = handle_of(self), self.sizes
    check(self.run.backward_weights(handle, pointer(self, "x", x, sizes.x, 2), pointer(self, "dy", dy, sizes.y, 2), pointer(self, "y", y, sizes.y, 2),
        pointer(self, "dw", dw, sizes.w, 2), pointer(self, "db", db, sizes.bias, 2), exec_of(options)))
end

--- delta = dy * h'(y)
function Plan:activation_backward(dy, y, delta, options)
    local handle, sizes = handle_of(self), self.sizes
    check(lib.nc_activation_backward(handle, pointer(self, "dy", dy, sizes.y, 2), pointer(self, "y", y, sizes.y, 2), pointer(self, "delta", delta, sizes.y, 2),
        exec_of(options)))
end

--- w in the order in which "forward" or "backward_data" reads it, for the option `packed`.
function Plan:pack_weights(pass, w)
    local handle, number = handle_of(self), choice("pass", pass, PASSES)
    local size = ffi.new("size_t[1]")
    check(lib.nc_packed_weights_size(handle, number, size))
    local packed = bytes(size[0])
    check(lib.nc_pack_weights(handle, number, pointer(self, "w", w, self.sizes.w, 2), packed.pointer, packed.size))
    return packed
end

--- Scratch memory for a pass that is run with these options: such calls allocate nothing of the library's.
function Plan:make_workspace(pass, options)
    local size = ffi.new("size_t[1]")
    check(lib.nc_workspace_size(handle_of(self), choice("pass", pass, PASSES), exec_of(options), size))
    return bytes(size[0])
end

--- What a pass does and costs: algorithm, stages, flops, bytes of workspace.
function Plan:info(pass)
    local info = ffi.new("nc_pass_info", { struct_size = ffi.sizeof("nc_pass_info") })
    check(lib.nc_plan_pass_info(handle_of(self), choice("pass", pass, PASSES), info))
    return { algorithm = ffi.string(info.algorithm), stages = info.stages, flops = info.flops, workspace_bytes = tonumber(info.workspace_bytes),
        workspace_per_thread = tonumber(info.workspace_per_thread), packed_bytes = tonumber(info.packed_bytes), packed_id = info.packed_id }
end

--- The plan in words.
function Plan:explain()
    local needed = ffi.new("size_t[1]")
    check(lib.nc_explain(handle_of(self), nil, 0, needed))
    local text = ffi.new("char[?]", needed[0])
    check(lib.nc_explain(handle_of(self), text, needed[0], nil))
    return ffi.string(text)
end

--- Frees the plan; otherwise the garbage collector does.
function Plan:close()
    if self.handle then
        lib.nc_plan_destroy(ffi.gc(self.handle, nil))
        self.handle = nil
    end
end

return nc
