// What the fuzzers of AWS's answers share. An input is: two bytes that choose an operation among those of the
// format, one that chooses the status, header lines, an empty line, the body.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/gen/registry.h"
#include "aws/value.h"
#include "aws/wire/format.h"
#include "base/check.h"

namespace k3fleet::fuzz {

using aws::Protocol;

// In the order of the registry.
inline std::vector<const aws::Operation*> operations_of(std::initializer_list<Protocol> protocols) {
    std::vector<const aws::Operation*> found;
    for (const auto& registered : aws::registered_operations()) {
        const aws::Operation& operation = registered.operation();
        for (const Protocol protocol : protocols) {
            if (operation.service->protocol == protocol) found.push_back(&operation);
        }
    }
    K3F_CHECK(!found.empty());
    return found;
}

struct Input {
    const aws::Operation* operation = nullptr;
    net::HttpResponse answer;
};

inline Input read_input(std::string_view data, const std::vector<const aws::Operation*>& operations) {
    constexpr std::array kStatuses = {200, 204, 301, 400, 403, 404, 500, 503};
    Input input{.operation = operations.front(), .answer = {}};
    if (data.size() < 3) return input;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(data[at]); };
    input.operation = operations[(byte(0) + 256U * byte(1)) % operations.size()];
    input.answer.status = kStatuses[byte(2) % kStatuses.size()];
    data.remove_prefix(3);
    while (!data.empty()) {
        const auto line = data.substr(0, data.find('\n'));
        data.remove_prefix(std::min(line.size() + 1, data.size()));
        if (line.empty()) break;
        const auto colon = std::min(line.find(':'), line.size());
        const auto value = colon < line.size() ? line.substr(colon + 1) : "";
        input.answer.headers.emplace_back(line.substr(0, colon), value);
    }
    input.answer.body = data;
    return input;
}

using Made = std::unique_ptr<void, void (*)(void*)>;

inline Made make(const aws::Type* type) {
    return {type != nullptr ? type->make() : nullptr, type != nullptr ? type->destroy : [](void*) {}};
}

// What was read can be shown and, in a fresh struct, is shown the same.
inline void check_shown(const aws::Type& type, const void* structure) {
    const aws::ValueOptions options{.secrets = aws::ValueOptions::Secrets::Shown};
    const Value shown = aws::to_value(type, structure, options);
    const Made again = make(&type);
    const Status read = aws::from_value(type, shown, again.get(), "again", options);
    if (!read) {
        // Of a union an answer may hold no member, or several; a person may not give that.
        K3F_CHECK(read.error().message.find("exactly one member") != std::string::npos);
        return;
    }
    K3F_CHECK(aws::to_value(type, again.get(), options) == shown);
}

// Never a crash; an answer is read, or there is a reason why not.
inline int check_answer(std::string_view data, const std::vector<const aws::Operation*>& operations) {
    const Input input = read_input(data, operations);
    const Made response = make(input.operation->output);
    const Status read = wire::decode(*input.operation, input.answer, response.get());
    if (!read) {
        K3F_CHECK(!read.error().message.empty());
    } else if (input.operation->output != nullptr) {
        check_shown(*input.operation->output, response.get());
    }
    return 0;
}

}  // namespace k3fleet::fuzz
