// What the suites of this folder need to ask a service of AWS, wherever it is served: on the simulated
// account or over the wire by moto. Where moto answers otherwise than AWS's documentation says, the suite
// names both answers, and known-differences.md the reason.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "aws/api.h"

namespace k3fleet::contract {

// A backend:
//
//   struct Backend {
//       aws::Api& api();
//       void settle();        // Lets pass what AWS takes to make and to change a thing.
//       std::string fresh;    // Begins names that nobody has used.
//       std::string account;  // Twelve digits.
//       std::string region;
//       static constexpr bool kMoto;
//   };
template <typename Backend>
class Served : public ::testing::Test {
protected:
    aws::Api& api() { return backend_.api(); }

    // AWS's code of a refusal; empty: it was done.
    template <typename Request>
    std::string code(const Request& request) {
        const auto answer = api().call(request);
        return answer ? std::string() : answer.error().provider_code;
    }
    // What must be done.
    template <typename Request>
    typename Request::Response done(const Request& request) {
        auto answer = api().call(request);
        EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().describe());
        return answer ? *std::move(answer) : typename Request::Response{};
    }
    // What AWS says, or moto where it is known to differ.
    static std::string unless_moto(std::string aws, std::string moto) {
        return Backend::kMoto ? std::move(moto) : std::move(aws);
    }

    Backend backend_;
};

}  // namespace k3fleet::contract
