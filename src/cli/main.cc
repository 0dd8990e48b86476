// The program's entry: hands the process over to run_program(), or to Lambda.
#include <unistd.h>

#include <string_view>

#include "cli/program.h"
#include "lambda/serve.h"

int main(int count, char** words) {
    using namespace k3fleet::cli;
    FdSink out(STDOUT_FILENO);
    FdSink err(STDERR_FILENO);
    const Host host = process_host(out, err);
    using k3fleet::lambda::started_by_lambda;
    const bool asked = count > 1 && std::string_view(words[1]) == "lambda";
    if (asked || started_by_lambda(words[0], host.variable)) return k3fleet::lambda::serve(host.variable);
    return static_cast<int>(run_program({words + 1, words + count}, host));
}
