-- What the game computes: a photo, filters on it, and a filter that learns to do what another one does. No graphics.
local nc = require "nativeconv"

local SIZE = 512
local HALF = SIZE / 2
local BETA1, BETA2 = 0.9, 0.99 -- Adam's: how long it remembers gradients and their squares, in steps

local model = {
    SIZE = SIZE,
    filters = { sharpen = { 0, -1, 0, -1, 5, -1, 0, -1, 0 }, edges = { -1, -1, -1, -1, 8, -1, -1, -1, -1 } },
    learned = nc.floats(9),
    errors = {},      -- the mean squared error of each step of learning
    result = nc.floats(SIZE * SIZE),
}

--- A layer whose calls allocate nothing: for each pass and number of threads it keeps options and a workspace.
local function layer(fields)
    local plan = nc.plan(fields)
    local kept = {}
    return plan, function(pass, threads)
        local key = pass .. threads
        kept[key] = kept[key] or nc.exec { num_threads = threads, workspace = plan:make_workspace(pass, { num_threads = threads }) }
        return kept[key]
    end
end

--- Runs a plan's method; model.seconds counts the time that all of them take.
local function timed(plan, method, ...)
    local start = model.clock()
    plan[method](plan, ...)
    model.seconds = model.seconds + model.clock() - start
end

--- pixels: 512 x 512 numbers from 0 to 1, a cdata array. clock: a function that returns seconds.
function model.start(pixels, clock)
    model.photo, model.clock, model.seconds = pixels, clock, 0
    model.filter, model.filter_options = layer { input = { SIZE, SIZE }, channels = { 1, 1 }, kernel = 3, padding = 1 }
    for name, weights in pairs(model.filters) do model[name] = nc.floats(weights) end

    -- Bilinear enlargement is a deconvolution with stride 2; it gets the middle of the photo.
    model.enlarge, model.enlarge_options = layer { kind = "deconv", input = { HALF, HALF }, channels = { 1, 1 }, kernel = 4, stride = 2, padding = 1 }
    local across = { 0.25, 0.75, 0.75, 0.25 }
    local bilinear = {}
    for i = 0, 15 do bilinear[i + 1] = across[math.floor(i / 4) + 1] * across[i % 4 + 1] end
    model.filters.upscale, model.upscale = bilinear, nc.floats(bilinear)
    model.crop = nc.floats(HALF * HALF)
    for row = 0, HALF - 1 do
        for column = 0, HALF - 1 do model.crop[row * HALF + column] = pixels[(row + HALF / 2) * SIZE + column + HALF / 2] end
    end

    model.wanted, model.dy, model.gradient = nc.floats(SIZE * SIZE), nc.floats(SIZE * SIZE), nc.floats(9)
    model.mean, model.square = nc.doubles(9), nc.doubles(9)
end

--- result: the photo with a filter, "sharpen" or "edges", or its middle enlarged, "upscale".
function model.apply(name, threads)
    if name == "upscale" then timed(model.enlarge, "forward", model.crop, model.upscale, nil, model.result, model.enlarge_options("forward", threads))
    else timed(model.filter, "forward", model.photo, model[name], nil, model.result, model.filter_options("forward", threads)) end
end

--- Begins to learn a filter, from nothing.
function model.forget()
    for i = 0, 8 do model.learned[i], model.mean[i], model.square[i] = 0, 0, 0 end
    model.errors = {}
end

--- One step of training towards the filter `name`, which the learner does not see, only what it makes of the photo. result: what the learned filter makes of it.
function model.learn(name, rate, threads)
    local forward = model.filter_options("forward", threads)
    timed(model.filter, "forward", model.photo, model[name], nil, model.wanted, forward)
    timed(model.filter, "forward", model.photo, model.learned, nil, model.result, forward)
    local sum, count = 0, SIZE * SIZE
    for i = 0, count - 1 do
        local difference = model.result[i] - model.wanted[i]
        sum = sum + difference * difference
        model.dy[i] = 2 * difference / count
    end
    timed(model.filter, "backward_weights", model.photo, model.dy, nil, model.gradient, nil, model.filter_options("backward_weights", threads))

    model.errors[#model.errors + 1] = sum / count
    local step = #model.errors
    for i = 0, 8 do
        local gradient = model.gradient[i]
        model.mean[i] = BETA1 * model.mean[i] + (1 - BETA1) * gradient
        model.square[i] = BETA2 * model.square[i] + (1 - BETA2) * gradient * gradient
        local mean, square = model.mean[i] / (1 - BETA1 ^ step), model.square[i] / (1 - BETA2 ^ step)
        model.learned[i] = model.learned[i] - rate * mean / (math.sqrt(square) + 1e-8)
    end
end

return model
