#include "aws/endpoints/settings.h"

#include <gtest/gtest.h>

#include "tests/support/aws_machine.h"

namespace k3fleet::endpoints {
namespace {

constexpr aws::Service kEc2{.id = "ec2",
                            .service_id = "EC2",
                            .endpoint_prefix = "ec2",
                            .signing_name = "ec2",
                            .api_version = "",
                            .protocol = aws::Protocol::Ec2};
constexpr aws::Service kSecrets{.id = "secretsmanager",
                                .service_id = "Secrets Manager",
                                .endpoint_prefix = "secretsmanager",
                                .signing_name = "secretsmanager",
                                .api_version = "",
                                .protocol = aws::Protocol::Json11};

class SettingsTest : public testing::Test {
protected:
    Result<Settings> read(const std::string& profile = "default", const std::string& region = "") {
        const auto profiles = credentials::load_profiles(outside);
        if (!profiles) return std::unexpected(profiles.error());
        return read_settings(outside, *profiles, profile, region);
    }
    std::string url(const aws::Service& service, const std::string& profile = "default") {
        const auto settings = read(profile);
        if (!settings) return "error: " + settings.error().message;
        return settings->rules.custom_url ? settings->rules.custom_url(service) : "ignored";
    }
    support::AwsMachine machine;
    credentials::Outside outside = machine.outside();
};

TEST_F(SettingsTest, TheRegionIsThatOfTheOptionTheVariablesOrTheProfile) {
    EXPECT_EQ(read()->region, "");
    machine.config("[default]\nregion = profile\n");
    EXPECT_EQ(read()->region, "profile");
    machine.variables["AWS_DEFAULT_REGION"] = "default-variable";
    EXPECT_EQ(read()->region, "default-variable");
    machine.variables["AWS_REGION"] = "variable";
    EXPECT_EQ(read()->region, "variable");
    EXPECT_EQ(read("default", "option")->region, "option");
}

TEST_F(SettingsTest, EndpointUrlsCountInTheOrderOfTheAwsCli) {
    machine.config(
        "[profile x]\nendpoint_url = http://profile\nservices = local\n"
        "[services local]\nec2 =\n  endpoint_url = http://section\n");
    EXPECT_EQ(url(kEc2), "");
    EXPECT_EQ(url(kSecrets, "x"), "http://profile");
    EXPECT_EQ(url(kEc2, "x"), "http://section");
    machine.variables["AWS_ENDPOINT_URL"] = "http://all";
    EXPECT_EQ(url(kEc2, "x"), "http://all");
    machine.variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://secrets";
    EXPECT_EQ(url(kSecrets, "x"), "http://secrets");
    machine.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
    EXPECT_EQ(url(kEc2, "x"), "ignored");
}

TEST_F(SettingsTest, FipsTriesAndBucketStyleAreRead) {
    EXPECT_EQ(read()->max_tries, 3);
    machine.config(
        "[default]\nuse_fips_endpoint = true\nmax_attempts = 5\ns3 =\n  addressing_style = path\n");
    EXPECT_EQ(read()->rules.fips, Fips::On);
    EXPECT_EQ(read()->rules.bucket_style, BucketStyle::Path);
    EXPECT_EQ(read()->max_tries, 5);
    machine.variables["AWS_USE_FIPS_ENDPOINT"] = "false";
    machine.variables["AWS_MAX_ATTEMPTS"] = "1";
    EXPECT_EQ(read()->rules.fips, Fips::Off);
    EXPECT_EQ(read()->max_tries, 1);
}

TEST_F(SettingsTest, ValuesThatAreNoneAreNamedWithTheirPlace) {
    machine.config("[default]\nuse_fips_endpoint = maybe\n");
    EXPECT_EQ(read().error().message, "use_fips_endpoint (/home/u/.aws/config:2) must be true or false");
    machine.variables["AWS_USE_FIPS_ENDPOINT"] = "yes";
    EXPECT_EQ(read().error().message, "AWS_USE_FIPS_ENDPOINT must be true or false");
    machine.variables.clear();
    machine.config("[default]\nmax_attempts = 0\n");
    EXPECT_EQ(read().error().message, "max_attempts (/home/u/.aws/config:2) must be a number from 1 to 20");
    machine.config("[default]\nservices = s\n");
    EXPECT_EQ(read().error().message,
              "profile 'default' (/home/u/.aws/config:2): there is no section [services s]");
    machine.config("[default]\ns3 =\n  addressing_style = sideways\n");
    EXPECT_EQ(read().error().message,
              "addressing_style below s3 (/home/u/.aws/config:2) must be auto, path or virtual");
}

}  // namespace
}  // namespace k3fleet::endpoints
