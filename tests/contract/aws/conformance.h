// AWS's own test cases for the five wire formats, run through generator and generated code.
//
// botocore's source distribution holds them as files of suites: a small service each, with cases of "these
// parameters, that HTTP request" (input) or "that HTTP answer, this result" (output).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "aws/operation.h"
#include "base/value.h"

namespace k3fleet::conformance {

struct Case {
    int suite = 0;
    std::string id;
    const aws::Operation* operation = nullptr;
};

// Empty if the request that we would send, or the result that we read, is the one wanted; else what differs.
std::string check_input(const Value& suite, const Value& given, const aws::Operation& operation);
std::string check_output(const Value& given, const aws::Operation& operation);

// Empty if the two are the same document; else both, shortened.
std::string compare(std::string_view what, const std::string& wanted, const std::string& got);

}  // namespace k3fleet::conformance
