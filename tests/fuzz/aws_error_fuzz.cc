// Errors in every format: there is always a code, and the members of declared errors are read or refused.
#include "tests/fuzz/aws_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace k3fleet;
    using aws::Protocol;
    static const auto operations =
        fuzz::operations_of({Protocol::Ec2, Protocol::Query, Protocol::Json10, Protocol::Json11,
                             Protocol::RestJson, Protocol::RestXml});
    const auto input = fuzz::read_input({reinterpret_cast<const char*>(data), size}, operations);
    const Error error = wire::decode_error(*input.operation, input.answer);
    K3F_CHECK(!error.provider_code.empty() && !error.message.empty() && !error.trail.empty());
    for (const aws::ErrorShape& shape : input.operation->errors) {
        if (shape.type == nullptr) continue;
        const auto value = fuzz::make(shape.type);
        if (wire::decode_error_members(*input.operation, shape, input.answer, value.get()))
            fuzz::check_shown(*shape.type, value.get());
    }
    return 0;
}
