#!/bin/sh
# Plays the sample game on a virtual screen: play.sh GAME SAVES. Its screenshots go to SAVES/love/nativeconv, what it prints to the output.
game=$1 saves=$2
export XDG_DATA_HOME=$saves DISPLAY=:$((90 + $$ % 900)) LIBGL_ALWAYS_SOFTWARE=1
mkdir -p "$saves"
Xvfb "$DISPLAY" -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
screen=$!
trap 'kill $screen 2>/dev/null' EXIT
sleep 2
timeout 120 love "$game" >"$saves/output" 2>&1 &

# The key p saves a picture; the game prints a line when it is there.
press() { xdotool key "$1"; sleep 0.5; }
picture() {
    before=$(grep -c saved "$saves/output")
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        xdotool key p
        sleep 1
        [ "$(grep -c saved "$saves/output")" -gt "$before" ] && break
    done
}

for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 1
    xdotool search --name NativeConv >/dev/null 2>&1 && break
done
picture
press 2
press Right
picture
press 3
picture
press 1
press t
press Up
sleep 5
picture
press Escape
wait $!
cat "$saves/output"
