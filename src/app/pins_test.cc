#include "app/pins.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/support/fakes.h"

namespace k3fleet::app {
namespace {

Pins some_pins() {
    const auto one = [](const std::string& name) {
        const auto artifact = [&](const std::string& what) {
            return bootstrap::Artifact{.url = "s3://state/binaries/" + name + what,
                                       .sha256 = std::string(64, name[0])};
        };
        return Pins::One{
            .image = "ami-" + name,
            .binaries = {
                .k3s = artifact("k3s"), .images = artifact("images"), .ecr_provider = artifact("ecr")}};
    };
    return {.amd64 = one("a"), .arm64 = one("b"), .monitoring = {"p@1", "k@2", "n@3"}};
}

TEST(Pins, AreReadBackAsTheyWereRecorded) {
    const Pins pins = decode_pins(encode(some_pins())).value();
    EXPECT_EQ(pins.amd64, some_pins().amd64);
    EXPECT_EQ(pins.of(cost::Architecture::Arm64).image, "ami-b");
    EXPECT_EQ(pins.monitoring.node_exporter, "n@3");
}

TEST(Pins, NameWhatIsMissing) {
    testing::CrashPoints points;
    testing::MemoryObjects objects(points);
    EXPECT_EQ(load_pins(objects, "v1.31.4+k3s1").error().code, ErrorCode::NotFound);
    objects.objects[pins_key("v1.31.4+k3s1")] = {.data = R"({"monitoring": {}})", .etag = "1"};
    const auto broken = load_pins(objects, "v1.31.4+k3s1");
    EXPECT_EQ(broken.error().code, ErrorCode::Corrupt);
    EXPECT_NE(broken.error().message.find("amd64"), std::string::npos) << broken.error().message;
}

}  // namespace
}  // namespace k3fleet::app
