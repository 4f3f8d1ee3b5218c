/* A companion of another version: it answers what a real one does when its caller is not of its own version. */
#include <stddef.h>
const void* nativeconv_companion(const char* version, const void* host);
const void* nativeconv_companion(const char* version, const void* host)
{
    (void)version;
    (void)host;
    return NULL;
}
