/* dlclose does not take the code away from under the runtime: neither a thread that ends later nor a second dlopen fails.
 *
 *     unload LIBRARY */
#include "../conformance/process.h"
#include "host.h"
#include <pthread.h>
#include <semaphore.h>

static library l;
static sem_t has_called, may_end;

static void* call_and_wait(void* unused)
{
    (void)unused;
    const char* why = try_library(&l);
    sem_post(&has_called);
    sem_wait(&may_end);
    return (void*)why;
}

static void* call(void* unused)
{
    (void)unused;
    return (void*)try_library(&l);
}

/* What a thousand threads need, ten thousand need: 256 KiB may go into pages that were not touched before. */
enum { SHORT_THREADS = 10000, WARM = 1000, MAY_GROW = 256 << 10 };

static const char* many_short_threads(void)
{
    int64_t warm = 0;
    for (int i = 0; i < SHORT_THREADS; i++) {
        pthread_t thread;
        void* why;
        if (i == WARM) warm = resident_bytes();
        if (pthread_create(&thread, NULL, call, NULL) != 0) die("no thread");
        pthread_join(thread, &why);
        if (why) return why;
    }
    return warm > 0 && resident_bytes() - warm <= MAY_GROW ? NULL : "memory grew";
}

int main(int count, char** arguments)
{
    if (count != 2) die("usage: unload LIBRARY");
    sem_init(&has_called, 0, 0);
    sem_init(&may_end, 0, 0);
    l = open_library(arguments[1]);

    pthread_t thread;
    void* why;
    if (pthread_create(&thread, NULL, call_and_wait, NULL) != 0) die("no thread");
    sem_wait(&has_called);
    dlclose(l.handle);
    sem_post(&may_end);
    pthread_join(thread, &why);
    check("a thread ends after dlclose", why);

    l = open_library(arguments[1]);
    check("works after a second dlopen", try_library(&l));
    check("10,000 short threads", many_short_threads());
    dlclose(l.handle);
    return check_result();
}
