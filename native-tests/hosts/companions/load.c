/* The gate's loader on a companion, whatever this CPU has: taken, or refused for the reason expected. Linked with gate/load.c, and standing where the library would.
 *
 *     load REASON     of libnativeconv.avx512.so in this program's folder; "" if it has to be taken */
#include "../../../src/NativeConv.Native/gate/gate.h"
#include <stdio.h>
#include <string.h>

static char* no_error(void) { return NULL; }
static const struct nativeconv_process* no_process(void) { return NULL; }

int main(int count, char** arguments)
{
    static const struct nativeconv_host host = { no_error, no_process };
    char note[512] = "";
    if (count != 2) return 2;
    const char* reason = arguments[1];
    const struct nativeconv_calls* calls = nativeconv_load_companion(&host, note, sizeof note);
    if (reason[0] == 0 ? calls == NULL || note[0] != 0 : calls != NULL || strstr(note, reason) == NULL) {
        printf("not ok a companion: expected '%s', the note is '%s'\n", reason, note);
        return 1;
    }
    printf("ok a companion is %s%s\n", reason[0] ? "not used: " : "used", reason);
    return 0;
}
