#include "app/record_pins.h"

#include <gtest/gtest.h>

#include <map>

#include "app/pins.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

constexpr const char* kVersion = "v1.31.4+k3s1";
const std::string kRelease = std::string(kK3sReleases) + "/v1.31.4%2Bk3s1/";
const std::string kAmd64 = kRelease + "sha256sum-amd64.txt";
const std::string kArm64 = kRelease + "sha256sum-arm64.txt";
const std::string kImages = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-";

std::string digest(char digit) { return std::string(64, digit); }

// The release's page, AWS's parameters and the bucket.
struct Bench {
    testing::CrashPoints points;
    testing::MemoryObjects objects{points};
    std::map<std::string, std::string> pages{
        {kAmd64, digest('a') + "  k3s\n" + digest('9') + "  k3s-airgap-images-amd64.tar\n" + digest('b') +
                     "  k3s-airgap-images-amd64.tar.zst\n" + digest('8') + "  k3s-images.txt\n"},
        {kArm64, digest('c') + " *k3s-arm64\r\n" + digest('d') + "  k3s-airgap-images-arm64.tar.zst"}};
    std::map<std::string, std::string> parameters{{kImages + "x86_64", "ami-0123456789abcdef0"},
                                                  {kImages + "arm64", "ami-0fedcba9876543210"}};
    std::optional<Error> down;  // What every page answers.
    int fetched = 0;

    PinSources sources() {
        return {.objects = objects,
                .fetch = [this](const std::string& url) -> Result<std::string> {
                    ++fetched;
                    if (down) return std::unexpected(*down);
                    const auto page = pages.find(url);
                    if (page == pages.end()) return fail(ErrorCode::NotFound, url + " answered 404");
                    return page->second;
                },
                .parameter = [this](const std::string& name) -> Result<std::string> {
                    const auto found = parameters.find(name);
                    if (found == parameters.end())
                        return fail(ErrorCode::NotFound, "there is no parameter of this name");
                    return found->second;
                }};
    }
};

TEST(RecordPins, RecordsWhatTheReleaseAndAwsPublish) {
    Bench bench;
    const auto recorded = record_pins(bench.sources(), kVersion);
    ASSERT_TRUE(recorded) << recorded.error().describe();
    EXPECT_EQ(*recorded, Recorded::Now);
    const auto pins = load_pins(bench.objects, kVersion);
    ASSERT_TRUE(pins) << pins.error().describe();
    EXPECT_EQ(pins->amd64.image, "ami-0123456789abcdef0");
    EXPECT_EQ(pins->amd64.binaries.k3s, (bootstrap::Artifact{kRelease + "k3s", digest('a')}));
    EXPECT_EQ(pins->amd64.binaries.images,
              (bootstrap::Artifact{kRelease + "k3s-airgap-images-amd64.tar.zst", digest('b')}));
    EXPECT_EQ(pins->arm64.image, "ami-0fedcba9876543210");
    EXPECT_EQ(pins->arm64.binaries.k3s, (bootstrap::Artifact{kRelease + "k3s-arm64", digest('c')}));
    EXPECT_EQ(pins->arm64.binaries.images,
              (bootstrap::Artifact{kRelease + "k3s-airgap-images-arm64.tar.zst", digest('d')}));
    EXPECT_TRUE(
        pins->amd64.binaries.ecr_provider.url.ends_with("/linux/amd64/ecr-credential-provider-linux-amd64"));
    EXPECT_TRUE(
        pins->arm64.binaries.ecr_provider.url.ends_with("/linux/arm64/ecr-credential-provider-linux-arm64"));
    EXPECT_NE(pins->amd64.binaries.ecr_provider.sha256, pins->arm64.binaries.ecr_provider.sha256);
    EXPECT_TRUE(pins->monitoring.prometheus.starts_with("quay.io/prometheus/prometheus@sha256:"));
    EXPECT_EQ(recorded_versions(bench.objects), std::vector<std::string>{kVersion});
}

TEST(RecordPins, NeverChangesWhatIsRecorded) {
    Bench bench;
    ASSERT_TRUE(record_pins(bench.sources(), kVersion));
    const std::string before = bench.objects.objects.at(pins_key(kVersion)).data;
    bench.parameters[kImages + "arm64"] = "ami-00000000000000001";
    bench.fetched = 0;
    EXPECT_EQ(record_pins(bench.sources(), kVersion), Recorded::Before);
    EXPECT_EQ(bench.objects.objects.at(pins_key(kVersion)).data, before);
    EXPECT_EQ(bench.fetched, 0) << "what is recorded needs no way to the internet";
}

TEST(RecordPins, LeavesItToWhoeverIsQuicker) {
    Bench bench;
    Bench other;
    ASSERT_TRUE(record_pins(other.sources(), kVersion));
    auto sources = bench.sources();
    sources.fetch = [&](const std::string& url) -> Result<std::string> {
        bench.objects.objects[pins_key(kVersion)] = {"theirs", "1"};
        return bench.pages.at(url);
    };
    EXPECT_EQ(record_pins(sources, kVersion), Recorded::Before);
    EXPECT_EQ(bench.objects.objects.at(pins_key(kVersion)).data, "theirs");
}

TEST(RecordPins, TakesAllFromAMirror) {
    Bench bench;
    auto sources = bench.sources();
    sources.releases = "https://mirror.example:8443/k3s";
    const std::string there = sources.releases + "/v1.31.4%2Bk3s1/";
    bench.pages = {{there + "sha256sum-amd64.txt", bench.pages[kAmd64]},
                   {there + "sha256sum-arm64.txt", bench.pages[kArm64]}};
    ASSERT_TRUE(record_pins(sources, kVersion));
    EXPECT_EQ(load_pins(bench.objects, kVersion)->arm64.binaries.k3s.url, there + "k3s-arm64");
    const auto absent = record_pins(sources, "v1.31.5+k3s1");
    ASSERT_FALSE(absent);
    EXPECT_TRUE(absent.error().message.starts_with("the mirror does not have K3s v1.31.5+k3s1"));
}

TEST(RecordPins, SaysWhatIsWrongAndRecordsNothing) {
    const struct {
        const char* what;
        std::function<void(Bench&)> spoil;
        ErrorCode code;
        std::vector<std::string> says;
    } rows[] = {
        {"not released",
         [](Bench& b) { b.pages.clear(); },
         ErrorCode::NotFound,
         {"K3s v1.31.4+k3s1 is not released", kAmd64, "github.com/k3s-io/k3s/releases for"}},
        {"only half of it released", [](Bench& b) { b.pages.erase(kArm64); }, ErrorCode::NotFound, {kArm64}},
        {"no network",
         [](Bench& b) { b.down = Error{.code = ErrorCode::Unavailable, .message = "no such host"}; },
         ErrorCode::Unavailable,
         {"no such host", kAmd64, "https_proxy", "--binaries-url"}},
        {"a login page",
         [](Bench& b) { b.pages[kAmd64] = "\n<!DOCTYPE html><html>k3s</html>"; },
         ErrorCode::Corrupt,
         {kAmd64, "web page"}},
        {"nothing in it",
         [](Bench& b) { b.pages[kAmd64] = ""; },
         ErrorCode::Corrupt,
         {kAmd64, "no checksum of k3s"}},
        {"a name that only begins so",
         [](Bench& b) { b.pages[kAmd64] = digest('a') + "  k3s-arm64\n"; },
         ErrorCode::Corrupt,
         {"no checksum of k3s"}},
        {"no images",
         [](Bench& b) { b.pages[kArm64] = digest('c') + "  k3s-arm64\n"; },
         ErrorCode::Corrupt,
         {kArm64, "no checksum of k3s-airgap-images-arm64.tar.zst"}},
        {"a short checksum",
         [](Bench& b) { b.pages[kAmd64] = std::string(63, 'a') + "  k3s\n"; },
         ErrorCode::Corrupt,
         {kAmd64, "64 hexadecimal digits"}},
        {"a checksum with a foreign letter",
         [](Bench& b) { b.pages[kAmd64] = std::string(63, 'a') + "g  k3s\n"; },
         ErrorCode::Corrupt,
         {"64 hexadecimal digits"}},
        {"two checksums",
         [](Bench& b) { b.pages[kAmd64] += digest('0') + "  k3s\n"; },
         ErrorCode::Corrupt,
         {"two checksums for k3s"}},
        {"no image of AWS",
         [](Bench& b) { b.parameters.erase(kImages + "arm64"); },
         ErrorCode::NotFound,
         {kImages + "arm64"}},
        {"an image of another kind",
         [](Bench& b) { b.parameters[kImages + "x86_64"] = "ami-12\n3"; },
         ErrorCode::Corrupt,
         {kImages + "x86_64", "not an image's id"}},
        {"no text",
         [](Bench& b) { b.parameters[kImages + "x86_64"] = ""; },
         ErrorCode::Corrupt,
         {"not an image's id"}},
    };
    for (const auto& row : rows) {
        Bench bench;
        row.spoil(bench);
        const auto recorded = record_pins(bench.sources(), kVersion);
        ASSERT_FALSE(recorded) << row.what;
        EXPECT_EQ(recorded.error().code, row.code) << row.what;
        for (const std::string& says : row.says)
            EXPECT_TRUE(recorded.error().describe().contains(says))
                << row.what << ": " << recorded.error().describe();
        EXPECT_TRUE(bench.objects.objects.empty()) << row.what;
    }
}

TEST(RecordPins, DoesNotMendWhatIsDamaged) {
    Bench bench;
    bench.objects.objects[pins_key(kVersion)] = {"{}", "1"};
    const auto recorded = record_pins(bench.sources(), kVersion);
    ASSERT_FALSE(recorded);
    EXPECT_EQ(recorded.error().code, ErrorCode::Corrupt);
    EXPECT_EQ(bench.objects.objects.at(pins_key(kVersion)).data, "{}");
}

TEST(RecordPins, TakesVersionsInFullOnly) {
    for (const char* version : {"", "latest", "v1.31", "v1.31.4", "1.31.4+k3s1", "v1.31.4+k3s1/../x",
                                "v1.31.4-rc1+k3s1", "v1.31.4+k3s1000000000000000000000"}) {
        Bench bench;
        const auto recorded = record_pins(bench.sources(), version);
        ASSERT_FALSE(recorded) << version;
        EXPECT_EQ(recorded.error().code, ErrorCode::InvalidArgument) << version;
        EXPECT_EQ(bench.fetched, 0) << version;
    }
}

TEST(RecordPins, TakesMirrorsThatMachinesWouldTake) {
    const struct {
        const char* url;
        bool good;
    } rows[] = {
        {"https://mirror.example/k3s", true},    {"https://127.0.0.1:8443/a/b", true},
        {"https://mirror.example", true},        {"http://mirror.example/k3s", false},
        {"https://mirror.example/k3s/", false},  {"https://mirror.example/a b", false},
        {"https://mirror.example/a?b=c", false}, {"https://mirror.example/../x", false},
        {"https://user:pass@host/k3s", false},   {"s3://bucket/k3s", false},
        {"https://mirror.example/$(id)", false}, {"", false},
    };
    for (const auto& row : rows) EXPECT_EQ(check_releases(row.url).has_value(), row.good) << row.url;
}

TEST(RecordPins, ListsWhatIsRecorded) {
    Bench bench;
    for (const char* key : {"binaries/pins/v1.31.4+k3s1.json", "binaries/pins/v1.30.1+k3s1.json",
                            "binaries/pins/notes.txt", "binaries/pinsx.json", "clusters/a"})
        bench.objects.objects[key] = {"{}", "1"};
    EXPECT_EQ(recorded_versions(bench.objects), (std::vector<std::string>{"v1.30.1+k3s1", "v1.31.4+k3s1"}));
}

}  // namespace
}  // namespace k3fleet::app
