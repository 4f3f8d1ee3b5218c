/* dlclose does not take the code away from under the runtime: neither a thread that ends later nor a second dlopen fails.
 *
 *     unload LIBRARY */
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
    const char* failed = NULL;
    for (int i = 0; i < 1000 && !failed; i++) {
        if (pthread_create(&thread, NULL, call, NULL) != 0) die("no thread");
        pthread_join(thread, &why);
        failed = why;
    }
    check("1,000 short threads", failed);
    dlclose(l.handle);
    return check_result();
}
