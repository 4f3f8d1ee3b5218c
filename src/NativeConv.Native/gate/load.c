/* load.c - finds and loads the AVX-512 companion, or says why not. Part of the x86-64 main library. */
#include "gate.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPANION_FILE "libnativeconv.avx512.so"

/* The file that this code was loaded from. Resolved while it is being loaded: a relative path means nothing later. */
static char* own_path;

__attribute__((constructor)) static void remember_own_path(void)
{
    Dl_info info;
    if (dladdr(&own_path, &info) != 0 && info.dli_fname != NULL)
        own_path = realpath(info.dli_fname, NULL);
}

/* NULL if the file can be mapped, else why not. The loader maps a file that ends too early, and dies on touching it. */
static const char* damage(const char* path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno == ENOENT ? "there is no such file" : "it cannot be opened";
    const char* why = NULL;
    struct stat status;
    Elf64_Ehdr header;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)
        || pread(file, &header, sizeof header, 0) != sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        why = "it is not a library";
    for (int i = 0; why == NULL && i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        if (pread(file, &segment, sizeof segment, (off_t)(header.e_phoff + (uint64_t)i * sizeof segment)) != sizeof segment
            || segment.p_offset > (uint64_t)status.st_size || segment.p_filesz > (uint64_t)status.st_size - segment.p_offset)
            why = "the file is cut off";
    }
    close(file);
    return why;
}

static const char* load(const char* path, const struct nativeconv_host* host, const struct nativeconv_calls** calls)
{
    const char* why = damage(path);
    if (why != NULL)
        return why;
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return "the loader refuses it";
    nativeconv_companion_fn* entry = (nativeconv_companion_fn*)dlsym(library, NATIVECONV_COMPANION_ENTRY);
    *calls = entry == NULL ? NULL : entry(NATIVECONV_VERSION, host);
    if (*calls != NULL)
        return NULL;
    dlclose(library);
    return entry == NULL ? "it is another library" : "it is of another version than " NATIVECONV_VERSION;
}

const struct nativeconv_calls* nativeconv_load_companion(const struct nativeconv_host* host, char* note, size_t capacity)
{
    const char* slash = own_path == NULL ? NULL : strrchr(own_path, '/');
    if (slash == NULL) {
        snprintf(note, capacity, "avx512 is not used: the library's own folder is unknown");
        return NULL;
    }
    char path[PATH_MAX + sizeof COMPANION_FILE];
    snprintf(path, sizeof path, "%.*s/" COMPANION_FILE, (int)(slash - own_path), own_path);

    const struct nativeconv_calls* calls = NULL;
    const char* why = load(path, host, &calls);
    if (why != NULL)
        snprintf(note, capacity, "avx512 is not used: %s: %s", path, why);
    return calls;
}
