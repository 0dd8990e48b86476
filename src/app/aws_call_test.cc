#include "app/aws_call.h"

#include <gtest/gtest.h>

namespace k3fleet::app {
namespace {

const std::vector<ports::AwsOperation> kOperations = {
    {"ec2", "DescribeInstances", "ec2", "safe", true},
    {"ec2", "DescribeInstanceTypes", "ec2", "safe", true},
    {"ec2", "RunInstances", "ec2", "token", false},
    {"sts", "GetCallerIdentity", "query", "safe", true},
};

TEST(AwsCall, FindsAnOperationByAwsNameOrAsTheAwsCommandSpellsIt) {
    for (const char* name : {"RunInstances", "run-instances", "runinstances", "run_instances"}) {
        const auto found = find_operation(kOperations, "ec2", name);
        ASSERT_TRUE(found) << name << ": " << found.error().message;
        EXPECT_EQ(found->name, "RunInstances");
    }
    EXPECT_TRUE(find_operation(kOperations, "EC2", "RunInstances"));
}

TEST(AwsCall, SaysWhatIsNearWhenThereIsNone) {
    const auto unknown = find_operation(kOperations, "ec2", "DescribeInstanceStatus");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().message,
              "'DescribeInstanceStatus' is no operation of ec2 that this program may call\n"
              "perhaps: DescribeInstances, DescribeInstanceTypes");
    EXPECT_EQ(find_operation(kOperations, "ec2", "Zap").error().message,
              "'Zap' is no operation of ec2 that this program may call\n"
              "'k3fleet aws operations ec2' lists them");
    EXPECT_EQ(find_operation(kOperations, "ecs", "RunTask").error().message,
              "this program calls no service 'ecs'\nthere are: ec2, sts");
}

TEST(AwsCall, ListsTheOperationsOfOneServiceOrAll) {
    EXPECT_EQ(operations_of(kOperations, "")->size(), 4U);
    EXPECT_EQ(operations_of(kOperations, "sts")->size(), 1U);
    EXPECT_FALSE(operations_of(kOperations, "x"));
}

}  // namespace
}  // namespace k3fleet::app
