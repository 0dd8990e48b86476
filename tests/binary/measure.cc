// Runs a program and prints "EXIT-CODE CPU-MICROSECONDS PEAK-KILOBYTES" on standard error.
//
// A program of its own, since the peak a kernel reports for a child begins with the size of the process that
// started it: a Python parent would measure itself.
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: measure PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    char* no_environment[] = {nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, argv[1], nullptr, nullptr, argv + 1, no_environment) != 0) {
        std::perror(argv[1]);
        return 2;
    }
    int status = 0;
    rusage usage{};
    if (wait4(child, &status, 0, &usage) != child) return 2;
    const long micros = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec +
                        usage.ru_stime.tv_usec;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    std::fprintf(stderr, "%d %ld %ld\n", code, micros, usage.ru_maxrss);
    return 0;
}
