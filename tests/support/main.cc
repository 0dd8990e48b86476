// The main of every unit test binary.
//
// rapidcheck takes its seed from the clock unless told otherwise; a test that fails on one run in a thousand
// helps nobody, so the seed is fixed here. Search with other seeds by hand: RC_PARAMS="seed=7
// max_success=10000" core_test.
#include <gtest/gtest.h>

#include <cstdlib>

int main(int argc, char** argv) {
    constexpr int kKeepWhatTheCallerSet = 0;
    setenv("RC_PARAMS", "seed=20261122", kKeepWhatTheCallerSet);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
