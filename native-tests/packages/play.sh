#!/bin/sh
# Plays the sample game on a virtual screen: play.sh GAME SAVES. Its screenshots go to SAVES/love/nativeconv, what it prints to the output.
game=$1 saves=$2
export XDG_DATA_HOME=$saves DISPLAY=:$((90 + $$ % 900)) LIBGL_ALWAYS_SOFTWARE=1
mkdir -p "$saves"
Xvfb "$DISPLAY" -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
screen=$!
trap 'kill $screen 2>/dev/null' EXIT
for _ in $(seq 600); do
    [ -e "/tmp/.X11-unix/X${DISPLAY#:}" ] && break
    sleep 0.1
done
timeout 280 love "$game" >"$saves/output" 2>&1 &
player=$!
for _ in $(seq 600); do
    sleep 0.1
    window=$(xdotool search --name NativeConv 2>/dev/null | head -1)
    [ -n "$window" ] && break
done

# picture WHAT: the key p saves a picture, and the game prints a line; again, until it says WHAT: the first keys may come before the window listens.
picture() {
    for _ in $(seq 10); do
        before=$(grep -c "saved $1" "$saves/output")
        xdotool key p
        for _ in $(seq 50); do
            sleep 0.2
            kill -0 $player 2>/dev/null || return
            [ "$(grep -c "saved $1" "$saves/output")" -gt "$before" ] && return
        done
    done
}

picture 'sharpen threads 1'
xdotool key 2 key Right
picture 'edges threads 2'
xdotool key 3
picture 'upscale'
xdotool key 1 key t key Down
xdotool mousemove --window "$window" 965 714 click 1
for _ in $(seq 40); do                  # learning, with a rate that the mouse chose, for sixty steps; pictures take time from them
    sleep 5
    picture 'learning'
    [ "$(tail -1 "$saves/output" | sed 's/.*after \([0-9]*\) steps/\1/')" -ge 60 ] && break
done
xdotool key Escape
wait $player
cat "$saves/output"
