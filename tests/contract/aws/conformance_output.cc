// Answers: what we read beside what AWS's case wants read. The wanted result goes through the generated
// struct too, so that both are written alike; a null in a list, which a struct would lose, is a difference.
#include <algorithm>
#include <memory>

#include "aws/value.h"
#include "aws/wire/format.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/contract/aws/conformance.h"

namespace k3fleet::conformance {

namespace {

using Made = std::unique_ptr<void, void (*)(void*)>;

Made make(const aws::Type* type) {
    return {type ? type->make() : nullptr, type ? type->destroy : [](void*) {}};
}

bool has_null(const Value& value) {
    return value.is_null() || std::ranges::any_of(value.items(), has_null) ||
           std::ranges::any_of(value.members(), [](const Member& member) { return has_null(member.value); });
}

std::string text_of(const aws::Type& type, const void* structure) {
    return json::write(aws::to_value(type, structure, {.secrets = aws::ValueOptions::Secrets::Shown}));
}

std::string compare_structure(std::string_view what, const aws::Type* type, const Value& wanted,
                              const void* got) {
    if (type == nullptr)
        return wanted.members().empty() ? std::string() : format("{}: no members are read", what);
    if (has_null(wanted)) return format("{}: wanted {}", what, json::write(wanted));
    const Made expected = make(type);
    const auto read =
        aws::from_value(*type, wanted, expected.get(), what, {.blobs = aws::ValueOptions::Blobs::Text});
    if (!read) return "the wanted result: " + read.error().message;
    return compare(what, text_of(*type, expected.get()), text_of(*type, got));
}

net::HttpResponse answer_of(const Value& response) {
    net::HttpResponse answer;
    answer.status = static_cast<int>(response.find("status_code")->as_int().value_or(0));
    if (const Value* headers = response.find("headers")) {
        for (const auto& [name, position, value] : headers->members())
            answer.headers.emplace_back(name, *value.as_string());
    }
    answer.body = response.string_at("body");
    return answer;
}

std::string check_error(const Value& given, const net::HttpResponse& answer,
                        const aws::Operation& operation) {
    aws::Operation without_output = operation;
    without_output.output = nullptr;
    if (wire::decode(without_output, answer, nullptr)) return "the answer was taken for a success";
    const wire::Refusal refusal = wire::read_refusal(operation, answer);
    const auto code = compare("code", given.string_at("errorCode"), refusal.code);
    if (!code.empty()) return code;
    if (given.find("errorMessage") != nullptr) {
        const auto message = compare("message", given.string_at("errorMessage"), refusal.message);
        if (!message.empty()) return message;
    }
    const Value& wanted = *given.find("error");
    if (refusal.shape == nullptr || refusal.shape->type == nullptr)
        return wanted.members().empty() ? "" : "the error has members that are not read";
    const Made value = make(refusal.shape->type);
    const auto read = wire::decode_error_members(operation, *refusal.shape, answer, value.get());
    if (!read) return read.error().message;
    return compare_structure("error", refusal.shape->type, wanted, value.get());
}

}  // namespace

std::string check_output(const Value& given, const aws::Operation& operation) {
    const net::HttpResponse answer = answer_of(*given.find("response"));
    if (given.find("error") != nullptr) return check_error(given, answer, operation);
    const Made got = make(operation.output);
    // The cases' models leave out what all of AWS's have; botocore's own runner fills it in too.
    const std::string wrapper = std::string(operation.name) + "Result";
    aws::Operation wrapped = operation;
    if (operation.service->protocol == aws::Protocol::Query) wrapped.result_wrapper = wrapper.c_str();
    const auto read = wire::decode(wrapped, answer, got.get());
    if (!read) return read.error().describe();
    return compare_structure("result", operation.output, *given.find("result"), got.get());
}

}  // namespace k3fleet::conformance
