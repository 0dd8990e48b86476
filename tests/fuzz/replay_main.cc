// Runs fuzzers on their corpora without libFuzzer: every file of tests/fuzz/corpus/NAME, and what is made of
// it: beginnings, other numbers, some bytes changed, always the same ones. So what a fuzzer found once stays
// found, in everybody's build.
//
//   fuzz_corpus_test FOLDER NAME...
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/prng.h"

#define FUZZER(name) extern "C" int name(const std::uint8_t* data, std::size_t size);
#include "fuzzers.inc"
#undef FUZZER

namespace {

using Fuzzer = int (*)(const std::uint8_t*, std::size_t);

struct Named {
    const char* name;
    Fuzzer fuzzer;
};

constexpr Named kFuzzers[] = {
#define FUZZER(name) {#name, name},
#include "fuzzers.inc"
#undef FUZZER
};

constexpr std::size_t kBeginnings = 64;  // Of a file, evenly spread.
constexpr int kChanged = 64;
constexpr std::size_t kNumbers = 400;

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A copy without slack, so that a sanitizer sees a read behind the end.
void feed(Fuzzer fuzzer, const std::string& bytes) {
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    fuzzer(copy.data(), copy.size());
}

// Another number in the place of each.
void feed_numbers(Fuzzer fuzzer, const std::string& whole) {
    constexpr std::string_view kDigits = "0123456789";
    std::size_t end = 0;
    for (std::size_t i = 0; i < kNumbers; ++i) {
        const std::size_t begin = whole.find_first_of(kDigits, end);
        if (begin == std::string::npos) return;
        end = std::min(whole.find_first_not_of(kDigits, begin), whole.size());
        for (const char* number :
             {"0", "-1", "1000000000", "9223372036854775807", "-9223372036854775808", "1e308"})
            feed(fuzzer, whole.substr(0, begin) + number + whole.substr(end));
    }
}

int replay(const std::filesystem::path& folder, const Named& named) {
    std::vector<std::filesystem::path> files;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder / named.name, missing))
        files.push_back(entry.path());
    std::ranges::sort(files);
    if (files.empty()) {
        std::fprintf(stderr, "%s has no corpus: put an input into tests/fuzz/corpus/%s\n", named.name,
                     named.name);
        return 1;
    }
    feed(named.fuzzer, "");
    k3fleet::Prng dice(20261123);
    for (const auto& file : files) {
        // On the screen if it ends here.
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        const std::string whole = read(file);
        feed(named.fuzzer, whole);
        feed_numbers(named.fuzzer, whole);
        const std::size_t step = whole.size() / kBeginnings + 1;
        for (std::size_t length = 0; length < whole.size(); length += step)
            feed(named.fuzzer, whole.substr(0, length));
        for (int i = 0; i < kChanged && !whole.empty(); ++i) {
            std::string changed = whole;
            for (std::uint64_t bytes = 1 + dice.below(3); bytes > 0; --bytes)
                changed[dice.below(changed.size())] = static_cast<char>(dice.below(256));
            feed(named.fuzzer, changed);
        }
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "fuzz_corpus_test FOLDER NAME...\n");
        return 2;
    }
    for (int i = 2; i < argc; ++i) {
        const std::string name = argv[i];
        const auto* named = std::ranges::find_if(kFuzzers, [&](const Named& n) { return name == n.name; });
        K3F_CHECK(named != std::end(kFuzzers), "there is no fuzzer of this name");
        if (replay(argv[1], *named) != 0) return 1;
    }
    return 0;
}
