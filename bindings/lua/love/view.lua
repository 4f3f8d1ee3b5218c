-- How the game looks: two pictures side by side, and below them filters, the curve of learning, a slider, numbers.
local ffi = require "ffi"

local SIZE = 512
local view = { LEFT = 16, RIGHT = 536, TOP = 52, slider = { x = 812, y = 708, width = 236, most = 0.5 } }
local PANEL = view.TOP + SIZE + 36
local GRID = 120 -- the side of a filter, and the height of the curve
local COLOURS = { back = { 0.09, 0.10, 0.12 }, dim = { 0.55, 0.58, 0.62 }, text = { 0.92, 0.93, 0.95 }, accent = { 0.36, 0.72, 1.00 }, warm = { 1.00, 0.58, 0.28 }, line = { 0.24, 0.26, 0.30 } }
local small, large

local function colour(name) love.graphics.setColor(COLOURS[name]) end

local function write(text, x, y, name, width, align)
    colour(name or "text")
    love.graphics.printf(text, x, y, width or 1000, align or "left")
end

--- A picture of 512 x 512 numbers from 0 to 1; set() shows others.
function view.picture()
    local data = love.image.newImageData(SIZE, SIZE)
    local pixels, image = ffi.cast("uint8_t*", data:getFFIPointer()), love.graphics.newImage(data)
    return { image = image, set = function(numbers)
        for i = 0, SIZE * SIZE - 1 do
            local value = math.max(0, math.min(1, numbers[i])) * 255 + 0.5
            local at = 4 * i
            pixels[at], pixels[at + 1], pixels[at + 2], pixels[at + 3] = value, value, value, 255
        end
        image:replacePixels(data)
    end }
end

function view.start()
    small, large = love.graphics.newFont(13), love.graphics.newFont(18)
    love.graphics.setBackgroundColor(COLOURS.back)
end

local function tab(text, x, width, active, name)
    if active then
        colour(name)
        love.graphics.rectangle("fill", x, 40, width, 3)
    end
    write(text, x, 14, active and "text" or "dim", width, "center")
end

--- Short enough for a cell: 5, -0.3, .19
local function number(value)
    if math.abs(value - math.floor(value + 0.5)) < 0.005 then return ("%d"):format(math.floor(value + 0.5)) end
    if math.abs(value) >= 1 then return ("%.1f"):format(value) end
    return (("%.2f"):format(value):gsub("^(-?)0", "%1"))
end

--- Weights as a square of cells, blue above 0, orange below. first: the index of the first one.
local function filter(title, weights, first, side, x)
    local cell = GRID / side
    write(title, x, PANEL, "dim")
    for i = 0, side * side - 1 do
        local value = weights[i + first]
        local strength = math.min(1, math.abs(value) / 5) ^ 0.5
        local base = value < 0 and COLOURS.warm or COLOURS.accent
        local left, top = x + i % side * cell, PANEL + 22 + math.floor(i / side) * cell
        love.graphics.setColor(base[1], base[2], base[3], 0.08 + 0.72 * strength)
        love.graphics.rectangle("fill", left, top, cell - 2, cell - 2, 3)
        write(number(value), left, top + cell / 2 - 9, "text", cell - 2, "center")
    end
end

--- The error of every step, on a logarithmic scale of four decades.
local function curve(errors, x, width)
    write(#errors > 0 and ("squared error %.5f after %d steps"):format(errors[#errors], #errors) or "squared error: press t to learn the filter", x, PANEL, "dim")
    colour("line")
    for decade = 0, 4 do love.graphics.line(x, PANEL + 22 + GRID / 4 * decade, x + width, PANEL + 22 + GRID / 4 * decade) end
    if #errors < 2 then return end
    local points, stretch = {}, math.max(#errors, 300)
    for i = 1, #errors, math.ceil(#errors / width) do
        local fallen = math.max(0, math.min(4, -math.log10(errors[i] / errors[1])))
        points[#points + 1], points[#points + 2] = x + (i - 1) / stretch * width, PANEL + 22 + GRID / 4 * fallen
    end
    if #points < 4 then return end
    colour("warm")
    love.graphics.setLineWidth(2)
    love.graphics.line(points)
    love.graphics.setLineWidth(1)
end

local function slider(rate)
    local at = view.slider
    write(("learning rate %.2f"):format(rate), at.x, at.y - 22, "dim")
    colour("line")
    love.graphics.rectangle("fill", at.x, at.y + 4, at.width, 4, 2)
    colour("accent")
    love.graphics.rectangle("fill", at.x, at.y + 4, at.width * rate / at.most, 4, 2)
    love.graphics.circle("fill", at.x + at.width * rate / at.most, at.y + 6, 7)
end

--- state: mode, training, threads, rate, milliseconds, message; model: what it computes; left, right: pictures.
function view.draw(state, model, left, right, isa)
    love.graphics.setFont(large)
    tab("1  sharpen", view.LEFT, 120, state.mode == "sharpen", "accent")
    tab("2  edges", view.LEFT + 124, 120, state.mode == "edges", "accent")
    tab("3  upscale", view.LEFT + 248, 120, state.mode == "upscale", "accent")
    tab("t  learn", view.RIGHT, 120, state.training, "warm")
    write(("NativeConv %.2f ms"):format(state.milliseconds), 700, 14, "text", 348, "right")
    love.graphics.setFont(small)
    love.graphics.setColor(1, 1, 1)
    love.graphics.draw(left.image, view.LEFT, view.TOP)
    love.graphics.draw(right.image, view.RIGHT, view.TOP)
    write(state.mode == "upscale" and "the middle of the photo, each pixel four times" or "the photo", view.LEFT, view.TOP + SIZE + 6, "dim")
    local made = { sharpen = "sharpened: one 3x3 convolution", edges = "edges: one 3x3 convolution", upscale = "enlarged: one 4x4 deconvolution with stride 2" }
    write(state.training and "what the learned filter makes of the photo" or made[state.mode], view.RIGHT, view.TOP + SIZE + 6, "dim")

    filter(state.mode, model.filters[state.mode], 1, state.mode == "upscale" and 4 or 3, view.LEFT)
    filter("learned", model.learned, 0, 3, view.LEFT + 144)
    curve(model.errors, view.LEFT + 304, 460)
    write(("a frame takes %.1f ms,\nof which NativeConv %.2f ms\n%d %s, %s"):format(1000 * love.timer.getAverageDelta(), state.milliseconds, state.threads, state.threads == 1 and "thread" or "threads", isa),
        view.slider.x, PANEL, "dim", view.slider.width)
    slider(state.rate)
    write("1 2 3 filter    t learn    left, right threads    up, down or the slider: learning rate    p screenshot    escape quit", view.LEFT, 748, "dim")
    write(state.message, 700, 748, "accent", 348, "right")
end

return view
