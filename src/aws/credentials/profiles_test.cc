#include "aws/credentials/profiles.h"

#include <gtest/gtest.h>

#include "tests/support/aws_machine.h"

namespace k3fleet::credentials {
namespace {

TEST(Profiles, BothFilesAreOneAndTheCredentialsFileCounts) {
    support::AwsMachine machine;
    machine.config(
        "[default]\nregion = eu-west-1\noutput = text\n"
        "[profile default]\nregion = eu-west-2\n"
        "[profile dev]\nregion = us-east-1\naws_access_key_id = config\n"
        "[profile \"two words\"]\nregion = us-west-2\n"
        "[dev]\nregion = ignored\n"
        "[sso-session main]\nsso_region = eu-west-3\n"
        "[services local]\nec2 =\n  endpoint_url = http://127.0.0.1:1\n");
    machine.shared("[dev]\naws_access_key_id = shared\n[only]\naws_access_key_id = x\n");
    const auto profiles = load_profiles(machine.outside());
    ASSERT_TRUE(profiles.has_value()) << profiles.error().describe();
    EXPECT_EQ(profiles->profile("default")->get("region"), "eu-west-2");
    EXPECT_EQ(profiles->profile("default")->get("output"), "text");
    EXPECT_EQ(profiles->profile("dev")->get("region"), "us-east-1");
    EXPECT_EQ(profiles->profile("dev")->get("aws_access_key_id"), "shared");
    EXPECT_EQ(profiles->profile("dev")->where("aws_access_key_id"), "/home/u/.aws/credentials:2");
    EXPECT_EQ(profiles->profile("two words")->get("region"), "us-west-2");
    EXPECT_TRUE(profiles->profile("only").has_value());
    EXPECT_EQ(profiles->sso_session("main")->get("sso_region"), "eu-west-3");
    EXPECT_EQ(profiles->services.at("local").nested("ec2", "endpoint_url"), "http://127.0.0.1:1");
}

TEST(Profiles, AMissingProfileIsNamedWithItsNearest) {
    support::AwsMachine machine;
    machine.config("[profile staging]\nregion = x\n");
    const auto profiles = load_profiles(machine.outside());
    const auto missing = profiles->profile("stagin");
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message,
              "there is no profile 'stagin' in /home/u/.aws/config; did you mean 'staging'?");
}

TEST(Profiles, VariablesNameOtherFilesAndMissingOnesAreEmpty) {
    support::AwsMachine machine;
    EXPECT_TRUE(load_profiles(machine.outside())->profiles.empty());
    machine.variables = {{"AWS_CONFIG_FILE", "~/c"}, {"AWS_SHARED_CREDENTIALS_FILE", "/s"}};
    machine.files["/home/u/c"] = {.content = "[profile a]\n"};
    machine.files["/s"] = {.content = "[b]\n"};
    const auto profiles = load_profiles(machine.outside());
    EXPECT_TRUE(profiles->profile("a").has_value());
    EXPECT_TRUE(profiles->profile("b").has_value());
    EXPECT_EQ(profiles->files, (std::vector<std::string>{"/home/u/c", "/s"}));
}

TEST(Profiles, AFileWithSecretsThatOthersCanReadIsRefusedWithTheCommandToRun) {
    support::AwsMachine machine;
    machine.files["/home/u/.aws/credentials"] = {
        .content = "[default]\naws_access_key_id = a\naws_secret_access_key = hunter2\n",
        .open_to_others = true};
    const auto profiles = load_profiles(machine.outside());
    ASSERT_FALSE(profiles.has_value());
    EXPECT_EQ(profiles.error().code, ErrorCode::Refused);
    EXPECT_EQ(profiles.error().message,
              "/home/u/.aws/credentials holds a secret (line 3) and others may read it; run: chmod 600 "
              "/home/u/.aws/credentials");
    // A config file without secrets may be open, as it usually is.
    machine.files.clear();
    machine.files["/home/u/.aws/config"] = {.content = "[default]\nregion = x\n", .open_to_others = true};
    EXPECT_TRUE(load_profiles(machine.outside()).has_value());
}

TEST(Profiles, TheOptionIsStrongerThanTheVariables) {
    support::AwsMachine machine;
    EXPECT_EQ(choose_profile(machine.outside(), "").name, "default");
    machine.variables["AWS_DEFAULT_PROFILE"] = "old";
    EXPECT_EQ(choose_profile(machine.outside(), "").name, "old");
    machine.variables["AWS_PROFILE"] = "new";
    EXPECT_EQ(choose_profile(machine.outside(), "").name, "new");
    EXPECT_EQ(choose_profile(machine.outside(), "option").by, ProfileChoice::By::Option);
}

}  // namespace
}  // namespace k3fleet::credentials
