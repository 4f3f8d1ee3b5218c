-- A photo, filtered in every frame, and a filter that is learned while you watch.
--
--     1 sharpen   2 edges   3 upscale   t learn the filter   up, down, mouse: learning rate   left, right: threads   p screenshot   escape
local source = love.filesystem.getSource()
package.path = package.path .. (";%s/?.lua;%s/../?.lua"):format(source, source)
local nc = require "nativeconv"
local model = require "model"
local view = require "view"

local state = { mode = "sharpen", training = false, threads = 1, rate = 0.2, milliseconds = 0, message = "" }
local left, right, blocks

--- The photo's pixels, from 0 to 1. In the package it lies beside the game, in the repository with the examples in C.
local function read_photo()
    local file
    for _, folder in ipairs { source .. "/photo/", source .. "/../../c/examples/photo/" } do file = file or io.open(folder .. "ascent.pgm", "rb") end
    local width, height, bytes = assert(file, "ascent.pgm is missing"):read("*a"):match("^P5%s+(%d+)%s+(%d+)%s+255%s(.*)$")
    assert(tonumber(width) == model.SIZE and tonumber(height) == model.SIZE, "the photo is not 512 x 512")
    local pixels = nc.floats(model.SIZE * model.SIZE)
    for i = 0, model.SIZE * model.SIZE - 1 do pixels[i] = bytes:byte(i + 1) / 255 end
    return pixels
end

--- The left picture: what the layer of the mode reads.
local function show_input() left.set(state.mode == "upscale" and blocks or model.photo) end

function love.load()
    model.start(read_photo(), love.timer.getTime)
    view.start()
    left, right = view.picture(), view.picture()
    blocks = nc.floats(model.SIZE * model.SIZE)
    for i = 0, model.SIZE * model.SIZE - 1 do
        local row, column = math.floor(i / model.SIZE / 2), math.floor(i % model.SIZE / 2)
        blocks[i] = model.crop[row * model.SIZE / 2 + column]
    end
    show_input()
end

function love.update()
    model.seconds = 0
    if state.training then model.learn(state.mode, state.rate, state.threads) else model.apply(state.mode, state.threads) end
    -- Over some ten frames.
    state.milliseconds = 0.9 * state.milliseconds + 0.1 * 1000 * model.seconds
    right.set(model.result)
end

function love.draw() view.draw(state, model, left, right, nc.isa()) end

local function choose(mode, training)
    if mode ~= state.mode or training then model.forget() end
    state.mode, state.training = mode, training
    show_input()
end

local function screenshot()
    love.graphics.captureScreenshot(function(data)
        local name = state.training and "learning" or state.mode -- what this frame shows: a key may have come since
        data:encode("png", name .. ".png")
        state.message = "saved " .. name .. ".png"
        local errors = model.errors
        print(("saved %s threads %d rate %.2f error %g then %g after %d steps"):format(name, state.threads, state.rate, errors[1] or 0, errors[#errors] or 0, #errors))
        io.stdout:flush()
    end)
end

function love.keypressed(key)
    if key == "escape" then love.event.quit()
    elseif key == "1" then choose("sharpen", false)
    elseif key == "2" then choose("edges", false)
    elseif key == "3" then choose("upscale", false)
    elseif key == "t" then choose(state.mode == "upscale" and "sharpen" or state.mode, not state.training)
    elseif key == "up" then state.rate = math.min(view.slider.most, state.rate + 0.05)
    elseif key == "down" then state.rate = math.max(0.05, state.rate - 0.05)
    elseif key == "right" then state.threads = math.min(8, state.threads + 1)
    elseif key == "left" then state.threads = math.max(1, state.threads - 1)
    elseif key == "p" then screenshot() end
end

--- The slider, pressed or dragged.
local function slide(x, y)
    local at = view.slider
    if math.abs(y - at.y - 6) < 16 and x > at.x - 12 and x < at.x + at.width + 12 then
        state.rate = math.max(0.01, math.min(1, (x - at.x) / at.width) * at.most)
    end
end

function love.mousepressed(x, y) slide(x, y) end
function love.mousemoved(x, y) if love.mouse.isDown(1) then slide(x, y) end end
