-- Prints `ok NAME` and `not ok NAME: why`:  luajit test.lua   (nativeconv.lua must be found by require)
local ffi = require "ffi"
local nc = require "nativeconv"
local failures = 0

local function test(name, run)
    local good, why = pcall(run)
    if not good then failures = failures + 1 end
    print(good and "ok lua: " .. name or ("not ok lua: %s: %s"):format(name, tostring(why):gsub("\n", " | ")))
end

local function equal(a, b, what) if a ~= b then error(("%s: %s, expected %s"):format(what or "value", tostring(a), tostring(b)), 2) end end

local function raises(pattern, run, ...)
    local good, why = pcall(run, ...)
    if good then error("nothing was raised, expected " .. pattern, 2) end
    if not tostring(why):find(pattern) then error(("%s, expected %s"):format(why, pattern), 2) end
end

local function some(count, make)
    local numbers = (make or nc.floats)(count)
    for i = 0, count - 1 do numbers[i] = (i * 37 % 19 - 9) / 8 end
    return numbers
end

local function same(a, b) return ffi.sizeof(a) == ffi.sizeof(b) and ffi.string(a, ffi.sizeof(a)) == ffi.string(b, ffi.sizeof(b)) end

local LAYER = { input = { 7, 6 }, channels = { 4, 6 }, kernel = { 3, 2 }, stride = 2, padding = 1, dilation = { 1, 2 }, groups = 2, activation = "relu" }

--- The definition of the layer above, in double.
local function plain(x, w, bias, shapes)
    local y = {}
    local _, _, height, width = unpack(shapes.y)
    for o = 0, 5 do for i = 0, height - 1 do for j = 0, width - 1 do
        local sum = bias[o]
        for c = 0, 1 do for k = 0, 2 do for l = 0, 1 do
            local row, column = i * 2 + k - 1, j * 2 + l * 2 - 1
            if row >= 0 and row < 7 and column >= 0 and column < 6 then
                sum = sum + x[((math.floor(o / 3) * 2 + c) * 7 + row) * 6 + column] * w[((o * 2 + c) * 3 + k) * 2 + l]
            end
        end end end
        y[#y + 1] = math.max(0, sum)
    end end end
    return y
end

for dtype, make in pairs { float = nc.floats, double = nc.doubles } do
    test("forward of " .. dtype .. "s", function()
        local layer = setmetatable({ dtype = dtype }, { __index = LAYER })
        local copy = {}
        for k, v in pairs(LAYER) do copy[k] = v end
        copy.dtype = layer.dtype
        local plan = nc.plan(copy)
        local x, w, bias, y = some(plan.sizes.x, make), some(plan.sizes.w, make), some(6, make), make(plan.sizes.y)
        plan:forward(x, w, bias, y)
        for i, expected in ipairs(plain(x, w, bias, plan.shapes)) do equal(y[i - 1], expected, "y[" .. i - 1 .. "]") end
        local output = plan:output_shape()
        equal(output[1] * output[2] * 6, plan.sizes.y)
    end)
end

test("gradients by differences", function()
    for _, kind in ipairs { "conv", "deconv" } do
        local plan = nc.plan { kind = kind, dtype = "double", input = { 4, 5 }, channels = { 2, 2 }, kernel = 3, stride = 2, padding = 1, activation = "tanh" }
        local x, w, b = some(plan.sizes.x, nc.doubles), some(plan.sizes.w, nc.doubles), some(plan.sizes.bias, nc.doubles)
        local y, dy = nc.doubles(plan.sizes.y), some(plan.sizes.y, nc.doubles)
        local dx, dw, db = nc.doubles(plan.sizes.x), nc.doubles(plan.sizes.w), nc.doubles(plan.sizes.bias)
        local function loss()
            plan:forward(x, w, b, y)
            local sum = 0
            for i = 0, plan.sizes.y - 1 do sum = sum + y[i] * dy[i] end
            return sum
        end
        loss()
        plan:backward_data(dy, w, y, dx)
        plan:backward_weights(x, dy, y, dw, db)
        for name, pair in pairs { dx = { x, dx }, dw = { w, dw }, db = { b, db } } do
            local value = pair[1][1]
            pair[1][1] = value + 1e-6
            local above = loss()
            pair[1][1] = value - 1e-6
            local quotient = (above - loss()) / 2e-6
            pair[1][1] = value
            if math.abs(pair[2][1] - quotient) > 1e-6 * (1 + math.abs(quotient)) then error(("%s %s is %g, the quotient %g"):format(kind, name, pair[2][1], quotient)) end
        end
    end
end)

test("workspace, packed weights, options", function()
    local plan = nc.plan { input = { 40, 40 }, channels = { 16, 24 }, kernel = 3, padding = 1 }
    local x, w, y, got = some(plan.sizes.x), some(plan.sizes.w), nc.floats(plan.sizes.y), nc.floats(plan.sizes.y)
    plan:forward(x, w, nil, y)
    local options = { num_threads = 2, packed = plan:pack_weights("forward", w) }
    options.workspace = plan:make_workspace("forward", options)
    plan:forward(x, nil, nil, got, nc.exec(options))
    equal(same(got, y), true, "packed")
    plan:forward(x, w, nil, got, { beta = 1, addend = y, num_threads = 1 })
    for i = 0, plan.sizes.y - 1, 97 do equal(math.abs(got[i] - 2 * y[i]) < 1e-3, true, "addend") end
    plan:activation_backward(y, nil, got)
    equal(same(got, y), true, "the identity's derivative")
    equal(plan:info("forward").flops, 2 * 40 * 40 * 24 * 16 * 9)
    equal(plan:explain():find(plan:info("forward").algorithm, 1, true) ~= nil, true)
end)

test("pointers and objects with getFFIPointer", function()
    local plan = nc.plan { input = 9, channels = { 1, 1 }, kernel = 3 }
    local x, w, y = some(9), some(3), nc.floats(7)
    plan:forward(x, w, nil, y)
    local got = nc.floats(7)
    local data = { getFFIPointer = function() return ffi.cast("void*", x) end, getSize = function() return 36 end }
    plan:forward(data, ffi.cast("float*", w), nil, got)
    equal(same(got, y), true)
    data.getSize = function() return 32 end
    raises("x: 32 bytes came, the layer has 36", plan.forward, plan, data, w, nil, got)
end)

test("the library", function()
    equal(nc.version():match("^%d+%.%d+%.%d+$") ~= nil, true)
    equal(nc.isa() ~= "none", true)
    equal(nc.abi_version() >= 1 and nc.numerics_version() >= 1, true)
    local before = nc.get_num_threads()
    nc.set_num_threads(3)
    equal(nc.get_num_threads(), 3)
    nc.set_num_threads(before)
    raises("num_threads", nc.set_num_threads, -1)
end)

test("bad input", function()
    local plan = nc.plan { input = { 9, 9 }, channels = { 1, 1 }, kernel = 3 }
    local x, w, y = nc.floats(81), nc.floats(9), nc.floats(49)
    raises("x: 80 elements came, the layer has 81", plan.forward, plan, nc.floats(80), w, nil, y)
    raises("x: the layer is for float", plan.forward, plan, nc.doubles(81), w, nil, y)
    raises("x: the layer is for float", plan.forward, plan, ffi.cast("double*", x), w, nil, y)
    raises("x: .*expected, not a string", plan.forward, plan, ("x"):rep(324), w, nil, y)
    raises("cannot convert 'const float %*' to 'void %*'", plan.forward, plan, x, w, nil, ffi.cast("const float*", y)) -- read-only
    raises("y: .*expected, not a table", plan.forward, plan, x, w, nil, {})
    raises("w: .*NULL.*", plan.forward, plan, x, nil, nil, y)
    raises("kernel%[0%].*INVALID_SHAPE", nc.plan, { input = { 9, 9 }, channels = { 1, 1 }, kernel = 12 })
    raises("kernel: 3 numbers came, the layer has 2", nc.plan, { input = { 9, 9 }, channels = { 1, 1 }, kernel = { 3, 3, 3 } })
    raises("kind: one of conv, deconv is expected, not transposed", nc.plan, { kind = "transposed", input = 9, channels = { 1, 1 }, kernel = 3 })
    raises("channels: { in, out }", nc.plan, { input = 9, kernel = 3 })
    raises("pading is not a field", nc.plan, { input = 9, channels = { 1, 1 }, kernel = 3, pading = 1 })
    raises("threads is not an option", plan.forward, plan, x, w, nil, y, { threads = 2 })
    plan:close()
    plan:close()
    raises("the plan is closed", plan.forward, plan, x, w, nil, y)
end)

test("plans that nobody closed", function()
    for _ = 1, 2000 do nc.plan { input = { 9, 9 }, channels = { 1, 1 }, kernel = 3 } end
    collectgarbage()
    collectgarbage()
end)

os.exit(failures == 0 and 0 or 1)
