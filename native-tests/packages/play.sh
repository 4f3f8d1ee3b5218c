#!/bin/sh
# Plays the sample game on a virtual screen: play.sh GAME SAVES. Its screenshots go to SAVES/love/nativeconv, what it prints to the output.
game=$1 saves=$2
export XDG_DATA_HOME=$saves DISPLAY=:$((90 + $$ % 900)) LIBGL_ALWAYS_SOFTWARE=1
mkdir -p "$saves"
Xvfb "$DISPLAY" -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
screen=$!
trap 'kill $screen 2>/dev/null' EXIT
for _ in $(seq 100); do
    [ -e "/tmp/.X11-unix/X${DISPLAY#:}" ] && break
    sleep 0.1
done
timeout 120 love "$game" >"$saves/output" 2>&1 &
player=$!
for _ in $(seq 100); do
    sleep 0.1
    window=$(xdotool search --name NativeConv 2>/dev/null | head -1)
    [ -n "$window" ] && break
done

# The key p saves a picture; the game prints a line when it is there. The first keys may come before the window listens.
picture() {
    before=$(grep -c saved "$saves/output")
    for _ in $(seq 10); do
        xdotool key p
        for _ in $(seq 10); do
            sleep 0.2
            kill -0 $player 2>/dev/null || return
            [ "$(grep -c saved "$saves/output")" -gt "$before" ] && return
        done
    done
}

picture                                 # sharpen, one thread
xdotool key 2 sleep 0.3 key Right sleep 0.3
picture                                 # edges, two threads
xdotool key 3 sleep 0.3
picture                                 # upscale
xdotool key 1 sleep 0.3 key t sleep 0.3 key Down sleep 0.3
xdotool mousemove --window "$window" 965 714 sleep 0.3 click 1
for _ in $(seq 20); do                  # learning, with a rate that the mouse chose, until a hundred steps are done
    sleep 1
    picture
    grep -q 'after [0-9]\{3,\} steps' "$saves/output" && break
done
xdotool key Escape
wait $player
cat "$saves/output"
