// Which level wins, and where a value is said to come from.
#include "cli/settings.h"

#include <gtest/gtest.h>

#include "tests/support/cli_host.h"

namespace k3fleet::cli {
namespace {

struct Levels {
    GlobalFlags flags;
    support::MemoryHost process;
    ContextFile file;

    Result<Settings> settings() { return resolve(flags, process.host(), file); }
};

ContextFile with_context(Context context) {
    ContextFile file;
    file.current = context.name;
    file.put(std::move(context));
    return file;
}

TEST(Settings, EachLevelHidesTheOnesBelow) {
    Levels levels;
    levels.process.variables["HOME"] = "/person";
    EXPECT_EQ(levels.settings()->project.origin, "not set");
    EXPECT_EQ(levels.settings()->state_dir.origin, "default");
    EXPECT_EQ(levels.settings()->state_dir.value, "/person/.local/state/k3fleet");

    levels.file = with_context({.name = "sim", .cloud = "sim"});
    levels.file.defaults["project"] = "from-file";
    EXPECT_EQ(levels.settings()->project.value, "from-file");

    levels.file.contexts[0].project = "from-context";
    EXPECT_EQ(levels.settings()->project.origin, "context sim");
    EXPECT_EQ(levels.settings()->project.value, "from-context");

    levels.process.variables["K3FLEET_PROJECT"] = "from-variable";
    EXPECT_EQ(levels.settings()->project.origin, "variable K3FLEET_PROJECT");

    levels.flags.project = "from-flag";
    EXPECT_EQ(levels.settings()->project.origin, "flag --project");
    EXPECT_EQ(levels.settings()->project.value, "from-flag");
}

TEST(Settings, NoCloudIsChosenUnlessSomebodyChoosesOne) {
    Levels levels;
    EXPECT_EQ(levels.settings()->cloud.value, "");
    EXPECT_EQ(levels.settings()->cloud.origin, "not set");
    levels.process.variables["K3FLEET_CLOUD"] = "sim";
    EXPECT_EQ(levels.settings()->cloud.value, "sim");
}

TEST(Settings, AContextOfAnotherCloudLendsNothing) {
    Levels levels;
    levels.file = with_context(
        {.name = "aws:prod/eu-west-1", .cloud = "aws", .profile = "prod", .region = "eu-west-1"});
    EXPECT_EQ(levels.settings()->region.value, "eu-west-1");
    levels.flags.cloud = "sim";
    EXPECT_EQ(levels.settings()->region.value, "");
}

TEST(Settings, AwsVariablesComeAfterOurs) {
    Levels levels;
    levels.process.variables["AWS_DEFAULT_REGION"] = "c";
    EXPECT_EQ(levels.settings()->region.value, "c");
    levels.process.variables["AWS_REGION"] = "b";
    EXPECT_EQ(levels.settings()->region.value, "b");
    levels.process.variables["K3FLEET_REGION"] = "a";
    EXPECT_EQ(levels.settings()->region.value, "a");
}

TEST(Settings, RefusesAValueThatIsNotAllowedAndNamesThePlace) {
    Levels levels;
    levels.process.variables["K3FLEET_CLOUD"] = "azure";
    const auto settings = levels.settings();
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().message,
              "the cloud cannot be 'azure' (variable K3FLEET_CLOUD)\nallowed: sim, sim-aws, aws");
}

TEST(Settings, RefusesContradictions) {
    Levels levels;
    levels.flags.json = true;
    levels.flags.output = "yaml";
    EXPECT_FALSE(levels.settings());
    levels.flags = {.quiet = true, .verbose = true};
    EXPECT_FALSE(levels.settings());
}

TEST(Settings, AFlagBeatsTheVariableOfItsOpposite) {
    Levels levels;
    levels.process.variables["K3FLEET_QUIET"] = "1";
    EXPECT_EQ(levels.settings()->verbosity, Verbosity::Quiet);
    levels.flags.verbose = true;
    EXPECT_EQ(levels.settings()->verbosity, Verbosity::Verbose);
}

TEST(Settings, ColoursOnlyForPeopleWhoWantThem) {
    Levels levels;
    EXPECT_EQ(levels.settings()->colours, Colours::Plain);
    levels.process.audience = Audience::Person;
    EXPECT_EQ(levels.settings()->colours, Colours::Ansi);
    levels.process.variables["NO_COLOR"] = "1";
    EXPECT_EQ(levels.settings()->colours, Colours::Plain);
}

}  // namespace
}  // namespace k3fleet::cli
