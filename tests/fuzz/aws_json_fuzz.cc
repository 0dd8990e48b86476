// Answers of json 1.0 and 1.1, of every operation called: never a crash; what is read can be shown.
#include "tests/fuzz/aws_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using k3fleet::aws::Protocol;
    static const auto operations = k3fleet::fuzz::operations_of({Protocol::Json10, Protocol::Json11});
    return k3fleet::fuzz::check_answer({reinterpret_cast<const char*>(data), size}, operations);
}
