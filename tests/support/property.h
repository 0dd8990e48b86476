// Properties (rapidcheck) in an ordinary gtest: fixed seed, and on failure the seed to repeat it with.
//
//     TEST(Sorting, KeepsEveryItem) {
//         testing_support::property([] {
//             const auto items = *rc::gen::arbitrary<std::vector<int>>();
//             RC_ASSERT(sorted(items).size() == items.size());
//         });
//     }
//
// The seed is set in main.cc; search with others: RC_PARAMS="seed=7 max_success=10000" base_test.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>
#include <utility>

namespace k3fleet::testing_support {

// Fails the current test if the property does not hold, with the smallest counterexample found.
template <typename Testable>
void property(Testable&& testable) {
    const auto& params = rc::detail::configuration().testParams;
    const auto result =
        rc::detail::checkTestable(std::forward<Testable>(testable), rc::detail::TestMetadata{}, params);
    if (result.template is<rc::detail::SuccessResult>()) return;
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    FAIL() << text.str() << "\nrepeat with RC_PARAMS=\"seed=" << params.seed << "\"";
}

}  // namespace k3fleet::testing_support
