// The program's entry: hands the process over to run_program().
#include <unistd.h>

#include "cli/program.h"

int main(int count, char** words) {
    using namespace k3fleet::cli;
    FdSink out(STDOUT_FILENO);
    FdSink err(STDERR_FILENO);
    const Host host = process_host(out, err);
    return static_cast<int>(run_program({words + 1, words + count}, host));
}
