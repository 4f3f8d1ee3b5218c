/* The first process of the emulated machine: runs /bin/test, says how it ended, and switches the machine off. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOCHS_PORT = 0x8900 };                  /* what this port is told - "Shutdown" - ends the emulation */

int main(void)
{
    mount("proc", "/proc", "proc", 0, NULL);   /* cpuinfo */
    setenv("LD_LIBRARY_PATH", "/lib", 1);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/test", "test", (char*)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("\nthe test ended with %d\n", status);
    fflush(stdout);
    sleep(1);                                  /* the serial line is slow */
    if (ioperm(BOCHS_PORT, 1, 1) == 0)
        for (const char* c = "Shutdown"; *c; c++) outb((unsigned char)*c, BOCHS_PORT);
    for (;;) pause();
}
