#include "adapters/aws/resources/aws_resources.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "adapters/aws/resources/listing.h"
#include "aws/value.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "tests/support/fakes.h"

namespace k3fleet::resources {
namespace {

// Says what the script says, for each operation in its order, and keeps what was asked. The last answer of an
// operation is given again; one that is not in the script is refused as not found.
class ScriptedApi final : public aws::Api {
public:
    struct Refusal {
        ErrorCode code = ErrorCode::InvalidArgument;
        std::string provider_code;
        std::string message;
    };

    ScriptedApi& answers(const std::string& operation, const std::string& json) {
        script_[operation].push_back({json, {}});
        return *this;
    }
    ScriptedApi& refuses(const std::string& operation, Refusal refusal) {
        script_[operation].push_back({"", std::move(refusal)});
        return *this;
    }
    std::size_t count(const std::string& operation) const {
        return static_cast<std::size_t>(std::ranges::count(calls_, operation));
    }
    const std::vector<std::string>& calls() const { return calls_; }
    const Value& last_request() const { return last_request_; }

    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& /*options*/) override {
        calls_.emplace_back(operation.name);
        if (operation.input != nullptr) last_request_ = aws::to_value(*operation.input, request);
        auto& answers = script_[operation.name];
        if (answers.empty()) return fail(ErrorCode::NotFound, "no such thing");
        const Answer answer = answers.front();
        if (answers.size() > 1) answers.pop_front();
        if (answer.refusal) {
            return std::unexpected(Error{.code = answer.refusal->code,
                                         .message = answer.refusal->message,
                                         .trail = {},
                                         .provider_code = answer.refusal->provider_code,
                                         .retry_after = {}});
        }
        if (operation.output == nullptr) return {};
        const Value document = K3F_TRY(json::parse(answer.json));
        return aws::from_value(*operation.output, document, response, operation.name);
    }

private:
    struct Answer {
        std::string json;
        std::optional<Refusal> refusal;
    };
    std::map<std::string, std::deque<Answer>> script_;
    std::vector<std::string> calls_;
    Value last_request_;
};

class AwsResourcesTest : public ::testing::Test {
protected:
    static Resource resource(const char* id, const char* type, const char* properties) {
        Resource made;
        made.id = LogicalId(id);
        made.type = type;
        made.properties = json::parse(properties).value_or(Value());
        if (kind_of(type).tagging == Tagging::Yes) made.tags = {{"Project", "fleet"}, {"Cluster", "blue"}};
        return made;
    }
    static model::Scope fleet(model::ClusterName cluster = {}) {
        return {.project = model::ProjectName("fleet"),
                .cluster = std::move(cluster),
                .account = "",
                .region = "",
                .home_region = ""};
    }
    static Observed observed(const char* type, const char* id) {
        Observed made;
        made.type = type;
        made.physical_id = id;
        return made;
    }

    const model::Token token_ = model::Token("0123456789abcdef0123456789abcdef");
    ScriptedApi api_;
    testing::FakeClock clock_;
    testing::InlineExecutor executor_;
    AwsResources resources_{api_,
                            clock_,
                            executor_,
                            {.project = model::ProjectName("fleet"),
                             .cluster = model::ClusterName("blue"),
                             .account = "123456789012",
                             .region = "eu-west-1",
                             .home_region = ""}};
};

constexpr const char* kTags =
    R"("Tags": [{"Key": "Project", "Value": "fleet"}, {"Key": "Cluster", "Value": "blue"},
        {"Key": "k3fleet:id", "Value": "Vpc"}])";

std::string vpcs(const std::string& state) {
    return R"({"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "State": ")" + state + R"(", )" +
           kTags + "}]}";
}

TEST_F(AwsResourcesTest, KnowsEveryKindOfTheGraphAndNoOther) {
    for (const Kind& kind : kinds()) EXPECT_NE(nullptr, find_implementation(kind.type)) << kind.type;
    for (const Implementation* one : implementations()) {
        ASSERT_NE(nullptr, find_kind(one->type)) << one->type;
        const Kind& kind = kind_of(one->type);
        EXPECT_TRUE(one->find != nullptr || (one->observe != nullptr && kind.find == FindBy::Name))
            << kind.type;
        EXPECT_EQ(kind.deletion == Deletion::Delayed, one->restore != nullptr) << kind.type;
        EXPECT_TRUE(kind.tagging == Tagging::No || one->observe != nullptr) << kind.type << " is not listed";
    }
}

TEST_F(AwsResourcesTest, WhatAwsDoesNotShowYetIsPendingAndNotMadeAgain) {
    api_.answers("DescribeVpcs", R"({"Vpcs": []})");
    api_.answers("CreateVpc", R"({"Vpc": {"VpcId": "vpc-1"}})");
    const auto made =
        resources_.create(resource("Vpc", "AWS::EC2::VPC", R"({"CidrBlock": "10.0.0.0/16"})"), token_);
    ASSERT_TRUE(made) << made.error().describe();
    EXPECT_EQ("vpc-1", made->physical_id);
    EXPECT_TRUE(made->pending);
    EXPECT_NE("", made->waiting_for);
}

TEST_F(AwsResourcesTest, AfterALostAnswerTheFirstOneIsAdopted) {
    api_.answers("DescribeVpcs", vpcs("pending"));
    api_.answers("DescribeVpcAttribute", R"({"EnableDnsSupport": {"Value": true}})");
    const auto made =
        resources_.create(resource("Vpc", "AWS::EC2::VPC", R"({"CidrBlock": "10.0.0.0/16"})"), token_);
    ASSERT_TRUE(made) << made.error().describe();
    EXPECT_EQ("vpc-1", made->physical_id);
    EXPECT_TRUE(made->pending);
    EXPECT_EQ(0U, api_.count("CreateVpc"));
}

TEST_F(AwsResourcesTest, WhatAFilterLetsThroughIsOursOnlyIfItsTagsSaySo) {
    api_.answers("DescribeVpcs", R"({"Vpcs": [{"VpcId": "vpc-1", "State": "available", "Tags": [
        {"Key": "Project", "Value": "another"}, {"Key": "k3fleet:id", "Value": "Vpc"}]}]})");
    const auto read = resources_.read(resource("Vpc", "AWS::EC2::VPC", R"({"CidrBlock": "10.0.0.0/16"})"));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_FALSE(read->has_value());
}

TEST_F(AwsResourcesTest, WhatIsHeldIsGoingAndSaysByWhat) {
    api_.refuses("DeleteVpc", {ErrorCode::Conflict, "DependencyViolation", "has dependencies"});
    api_.answers("DescribeNetworkInterfaces", R"({"NetworkInterfaces": [
        {"NetworkInterfaceId": "eni-1", "Description": "AWS Lambda VPC ENI-fleet-autoscaler-1"},
        {"NetworkInterfaceId": "eni-2"}]})");
    const auto removal = resources_.remove(observed("AWS::EC2::VPC", "vpc-1"));
    ASSERT_TRUE(removal) << removal.error().describe();
    EXPECT_EQ(Removal::State::Going, removal->state);
    EXPECT_EQ("2 network interfaces: AWS Lambda VPC ENI-fleet-autoscaler-1", removal->waiting_for);
}

TEST_F(AwsResourcesTest, DeletingWhatIsNotThereIsDone) {
    for (const auto& [type, id] : {std::pair{"AWS::EC2::VPC", "vpc-1"},
                                   {"AWS::EC2::NatGateway", "nat-1"},
                                   {"AWS::IAM::Role", "role"},
                                   {"AWS::SecretsManager::Secret", "secret"},
                                   {"AWS::Lambda::Function", "function"},
                                   {"AWS::EC2::VPCEndpoint", "vpce-1"},
                                   {"AWS::DynamoDB::Table", "table"},
                                   {"AWS::KMS::Key", "key"}}) {
        const auto removal = resources_.remove(observed(type, id));
        ASSERT_TRUE(removal) << type << ": " << removal.error().describe();
        EXPECT_EQ(Removal::State::Gone, removal->state) << type;
    }
}

TEST_F(AwsResourcesTest, AnInterfaceInUseIsWaitedFor) {
    const ScriptedApi::Refusal in_use{ErrorCode::InvalidArgument, "InvalidParameterValue",
                                      "Network interface 'eni-1' is currently in use."};
    api_.refuses("DeleteNetworkInterface", in_use);
    api_.answers("DescribeNetworkInterfaces",
                 R"({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1",
                                            "Attachment": {"InstanceId": "i-1"}}]})");
    api_.answers("DescribeNetworkInterfaces", R"({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]})");
    const auto held = resources_.remove(observed("AWS::EC2::NetworkInterface", "eni-1"));
    ASSERT_TRUE(held) << held.error().describe();
    EXPECT_EQ(Removal::State::Going, held->state);
    EXPECT_EQ("it is attached to i-1", held->waiting_for);
    const auto wrong = resources_.remove(observed("AWS::EC2::NetworkInterface", "eni-1"));
    ASSERT_FALSE(wrong) << "the same code, and nothing holds it";
    EXPECT_EQ(ErrorCode::InvalidArgument, wrong.error().code);
}

TEST_F(AwsResourcesTest, ARoleThatIsNotKnownEverywhereYetIsWorthAnotherTry) {
    const Resource function = resource("F", "AWS::Lambda::Function", R"({"FunctionName": "f"})");
    api_.refuses("CreateFunction", {ErrorCode::InvalidArgument, "InvalidParameterValueException",
                                    "The role defined for the function cannot be assumed by Lambda."});
    api_.refuses("CreateFunction", {ErrorCode::InvalidArgument, "InvalidParameterValueException",
                                    "Unzipped size must be smaller"});
    const auto early = resources_.create(function, token_);
    ASSERT_FALSE(early);
    EXPECT_EQ(ErrorCode::Unavailable, early.error().code);
    EXPECT_TRUE(early.error().retry_after);
    const auto wrong = resources_.create(function, token_);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(ErrorCode::InvalidArgument, wrong.error().code);
    EXPECT_FALSE(wrong.error().retry_after);
    api_.answers("DescribeFlowLogs", R"({"FlowLogs": []})");
    api_.refuses("CreateFlowLogs", {ErrorCode::InvalidArgument, "InvalidParameter",
                                    "Unable to assume given IAM role: 'arn:aws:iam::1:role/logs'"});
    const auto log =
        resources_.create(resource("L", "AWS::EC2::FlowLog", R"({"ResourceId": "vpc-1"})"), token_);
    ASSERT_FALSE(log);
    EXPECT_EQ(ErrorCode::Unavailable, log.error().code);
}

TEST_F(AwsResourcesTest, AQueueThatDoesNotLetS3InYetIsWorthAnotherTry) {
    const Resource bucket = resource("B", "AWS::S3::Bucket", R"({"BucketName": "b",
        "NotificationConfiguration": {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": "q"}]}})");
    for (const char* call : {"CreateBucket", "PutBucketTagging"}) api_.answers(call, "{}");
    api_.refuses("PutBucketNotificationConfiguration",
                 {ErrorCode::InvalidArgument, "InvalidArgument",
                  "Unable to validate the following destination configurations"});
    const auto early = resources_.create(bucket, token_);
    ASSERT_FALSE(early);
    EXPECT_EQ(ErrorCode::Unavailable, early.error().code) << early.error().describe();
    EXPECT_TRUE(early.error().retry_after);
}

TEST_F(AwsResourcesTest, SomebodyElsesIsRefusedBeforeAnythingIsDone) {
    api_.answers("GetFunctionConfiguration", R"({"FunctionName": "f", "FunctionArn": "arn:f"})");
    api_.answers("GetFunctionConcurrency", "{}");
    api_.answers("ListTags", R"({"Tags": {"Project": "fleet", "Cluster": "green"}})");
    Resource function = resource("F", "AWS::Lambda::Function", R"({"FunctionName": "f"})");
    const auto made = resources_.create(function, token_);
    ASSERT_FALSE(made);
    EXPECT_EQ(ErrorCode::Conflict, made.error().code);
    EXPECT_NE(std::string::npos, made.error().message.find("project fleet, cluster green"));
    EXPECT_EQ(0U, api_.count("CreateFunction"));
    function.claim = Claim::Accounts;
    const auto known = resources_.create(function, token_);
    ASSERT_TRUE(known) << known.error().describe();
    EXPECT_FALSE(known->ours);
    EXPECT_EQ(0U, api_.count("UpdateFunctionConfiguration"));
}

TEST_F(AwsResourcesTest, ASecretInRecoveryIsRestored) {
    const std::string live = std::string(R"({"ARN": "arn:s", "Name": "s", )") + kTags + "}";
    const std::string kept =
        std::string(R"({"ARN": "arn:s", "Name": "s", "DeletedDate": 1000, )") + kTags + "}";
    const Resource secret = resource("S", "AWS::SecretsManager::Secret", R"({"Name": "s"})");
    api_.answers("DescribeSecret", kept).answers("DescribeSecret", kept).answers("DescribeSecret", live);
    api_.answers("RestoreSecret", "{}");
    clock_.at = from_unix_seconds(2000);
    const auto before = resources_.read(secret);
    ASSERT_TRUE(before && *before);
    EXPECT_EQ(from_unix_seconds(1000) + std::chrono::days{7}, (*before)->kept_until);
    const auto made = resources_.create(secret, token_);
    ASSERT_TRUE(made) << made.error().describe();
    EXPECT_FALSE(made->kept_until);
    EXPECT_EQ(1U, api_.count("RestoreSecret"));
    EXPECT_EQ(0U, api_.count("CreateSecret"));
}

TEST_F(AwsResourcesTest, AKeyThatAwaitsItsDeletionIsTakenBack) {
    const std::string tags = R"({"Tags": [{"TagKey": "Project", "TagValue": "fleet"},
                                          {"TagKey": "Cluster", "TagValue": "blue"}]})";
    api_.answers("GetResources",
                 R"({"ResourceTagMappingList": [{"ResourceARN": "arn:aws:kms:r:a:key/k-1"}]})");
    for (int i = 0; i < 1; ++i)
        api_.answers("DescribeKey", R"({"KeyMetadata": {"KeyId": "k-1", "KeyState": "PendingDeletion",
                                                        "DeletionDate": 604800}})");
    api_.answers("DescribeKey", R"({"KeyMetadata": {"KeyId": "k-1", "KeyState": "Enabled"}})");
    api_.answers("GetKeyPolicy", R"({"Policy": "{}"})").answers("ListResourceTags", tags);
    api_.answers("CancelKeyDeletion", "{}").answers("EnableKey", "{}");
    api_.answers("GetKeyRotationStatus", R"({"KeyRotationEnabled": false})")
        .answers("EnableKeyRotation", "{}");
    const auto made =
        resources_.create(resource("Key", "AWS::KMS::Key", R"({"EnableKeyRotation": true})"), token_);
    ASSERT_TRUE(made) << made.error().describe();
    EXPECT_EQ("k-1", made->physical_id);
    EXPECT_EQ(1U, api_.count("CancelKeyDeletion"));
    EXPECT_EQ(1U, api_.count("EnableKey"));
    EXPECT_EQ(1U, api_.count("EnableKeyRotation"));
    EXPECT_EQ(0U, api_.count("CreateKey"));
}

TEST_F(AwsResourcesTest, AFunctionLeavesItsVpcBeforeItIsDeleted) {
    api_.answers("GetFunctionConfiguration", R"({"VpcConfig": {"SubnetIds": ["subnet-1"]}})");
    api_.answers("GetFunctionConfiguration", R"({"LastUpdateStatus": "InProgress"})");
    api_.answers("GetFunctionConfiguration", R"({"LastUpdateStatus": "Successful"})");
    api_.answers("UpdateFunctionConfiguration", "{}").answers("DeleteFunction", "{}");
    api_.answers("DescribeNetworkInterfaces",
                 R"({"NetworkInterfaces": [{"Description": "AWS Lambda VPC ENI-f-1"}]})");
    api_.answers("DescribeNetworkInterfaces", R"({"NetworkInterfaces": []})");
    const Observed function = observed("AWS::Lambda::Function", "f");
    std::vector<std::string> waits;
    for (int i = 0; i < 4; ++i) {
        const auto removal = resources_.remove(function);
        ASSERT_TRUE(removal) << removal.error().describe();
        waits.push_back(removal->waiting_for);
        EXPECT_EQ(i == 3 ? 1U : 0U, api_.count("DeleteFunction"));
    }
    const std::vector<std::string> expected = {
        "the function leaves its VPC", "Lambda is changing the function",
        "Lambda deletes its 1 network interface: AWS Lambda VPC ENI-f-1", ""};
    EXPECT_EQ(expected, waits);
    EXPECT_EQ(1U, api_.count("UpdateFunctionConfiguration"));
}

TEST_F(AwsResourcesTest, AnAnswerThatNothingWasDoneIsNoSuccess) {
    api_.answers("CreateFlowLogs", R"({"Unsuccessful": [{"Error": {"Code": "X", "Message": "no access"}}]})");
    api_.answers("DescribeFlowLogs", R"({"FlowLogs": []})");
    const auto made = resources_.create(
        resource("Log", "AWS::EC2::FlowLog", R"({"ResourceId": "vpc-1", "ResourceType": "VPC"})"), token_);
    ASSERT_FALSE(made);
    EXPECT_EQ("no access", made.error().message);

    api_.answers("DescribeVpcEndpoints",
                 R"({"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "State": "available"}]})");
    api_.answers("DeleteVpcEndpoints",
                 R"({"Unsuccessful": [{"Error": {"Code": "DependencyViolation", "Message": "in use"}}]})");
    const auto removal = resources_.remove(observed("AWS::EC2::VPCEndpoint", "vpce-1"));
    ASSERT_TRUE(removal) << removal.error().describe();
    EXPECT_EQ(Removal::State::Going, removal->state);
    EXPECT_EQ("in use", removal->waiting_for);
}

TEST_F(AwsResourcesTest, ABucketIsEmptiedAThousandObjectsACall) {
    std::string objects;
    for (int i = 0; i < 1000; ++i)
        objects += format(R"({}{{"Key": "k{}", "VersionId": "v"}})", i == 0 ? "" : ",", i);
    api_.answers("ListObjectVersions", format(R"({{"Versions": [{}]}})", objects));
    api_.answers("ListObjectVersions", R"({"DeleteMarkers": [{"Key": "k", "VersionId": "v"}]})");
    api_.answers("ListObjectVersions", "{}");
    api_.answers("DeleteObjects", "{}").answers("DeleteBucket", "{}");
    const Observed bucket = observed("AWS::S3::Bucket", "b");
    const auto first = resources_.remove(bucket);
    ASSERT_TRUE(first) << first.error().describe();
    EXPECT_EQ(Removal::State::Going, first->state);
    EXPECT_EQ(0U, api_.count("DeleteBucket"));
    const auto second = resources_.remove(bucket);
    ASSERT_TRUE(second) << second.error().describe();
    EXPECT_EQ(Removal::State::Gone, second->state);
    EXPECT_EQ(2U, api_.count("DeleteObjects"));
}

TEST_F(AwsResourcesTest, WhatHangsOnSomethingThatIsNotThereIsNotThere) {
    const auto route =
        resources_.read(resource("Route", "AWS::EC2::Route",
                                 R"({"RouteTableId": {"Ref": "T"}, "DestinationCidrBlock": "0.0.0.0/0"})"));
    ASSERT_TRUE(route) << route.error().describe();
    EXPECT_FALSE(route->has_value());
    EXPECT_TRUE(api_.calls().empty());
}

// Two subnets, listed by their tags and read as parts of a graph.
struct TwoSubnets {
    explicit TwoSubnets(ScriptedApi& api) {
        api.answers("GetResources", R"({"ResourceTagMappingList": [
            {"ResourceARN": "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1",
             "Tags": [{"Key": "Cluster", "Value": "blue"}]},
            {"ResourceARN": "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-2",
             "Tags": [{"Key": "Cluster", "Value": "blue"}]},
            {"ResourceARN": "arn:aws:sqs:eu-west-1:123456789012:green-ticks",
             "Tags": [{"Key": "Cluster", "Value": "green"}]}]})");
        api.answers("GetAccountAuthorizationDetails", "{}");
        api.answers("DescribeSubnets", format(R"({{"Subnets": [{}, {}]}})", subnet(1), subnet(2)));
    }
    static std::string subnet(int nth) {
        return format(
            R"({{"SubnetId": "subnet-{0}", "VpcId": "vpc-1", "CidrBlock": "10.0.{0}.0/24", "Tags": [
                {{"Key": "Project", "Value": "fleet"}}, {{"Key": "Cluster", "Value": "blue"}},
                {{"Key": "k3fleet:id", "Value": "Subnet{0}"}}]}})",
            nth);
    }
};

TEST_F(AwsResourcesTest, ASurveyAsksNothingTwice) {
    const TwoSubnets there(api_);
    const auto survey = resources_.survey(fleet(model::ClusterName("blue")));
    ASSERT_TRUE(survey) << survey.error().describe();
    const auto listing = (*survey)->listing(model::ClusterName("blue"));
    ASSERT_TRUE(listing) << listing.error().describe();
    ASSERT_EQ(2U, listing->size());
    EXPECT_EQ("Subnet2", (*listing)[1].id.str());
    for (const char* id : {"Subnet1", "Subnet2"}) {
        const auto read = (*survey)->read(resource(id, "AWS::EC2::Subnet", R"({"VpcId": "vpc-1"})"));
        ASSERT_TRUE(read && *read) << id;
        EXPECT_EQ(id, (*read)->id.str());
    }
    EXPECT_EQ(1U, api_.count("DescribeSubnets"));
    const auto none = (*survey)->read(resource("Subnet3", "AWS::EC2::Subnet", "{}"));
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    EXPECT_EQ(1U, api_.count("DescribeSubnets"));
}

// The tagging API lists things for a while after their end.
TEST_F(AwsResourcesTest, AClusterIsOneThatHasAnything) {
    const TwoSubnets there(api_);
    const auto survey = resources_.survey(fleet());
    ASSERT_TRUE(survey) << survey.error().describe();
    EXPECT_EQ(0U, api_.count("DescribeSubnets")) << "nothing is looked at before it is asked for";
    EXPECT_EQ(std::vector{model::ClusterName("blue")}, (*survey)->clusters().value());
    EXPECT_EQ(1U, api_.count("GetQueueUrl")) << "green has gone";
    EXPECT_TRUE((*survey)->listing(model::ClusterName("green")).value().empty());
    EXPECT_TRUE((*survey)->listing(model::ClusterName("")).value().empty());
    EXPECT_EQ(1U, api_.count("GetQueueUrl"));
}

TEST_F(AwsResourcesTest, EachSurveyAndEachReadingOutsideOfOneIsNew) {
    const TwoSubnets there(api_);
    const Resource subnet = resource("Subnet1", "AWS::EC2::Subnet", R"({"VpcId": "vpc-1"})");
    const auto first = resources_.survey(fleet());
    const auto second = resources_.survey(fleet());
    ASSERT_TRUE(first && second && (*first)->clusters() && (*second)->clusters());
    EXPECT_EQ(2U, api_.count("GetResources"));
    EXPECT_EQ(2U, api_.count("DescribeSubnets"));
    ASSERT_TRUE(resources_.read(subnet) && resources_.read(subnet));
    EXPECT_EQ(4U, api_.count("DescribeSubnets"));
}

TEST_F(AwsResourcesTest, ASurveyReadsPartsOfOneThingFromOneAnswer) {
    const auto permission = [](const char* id, const char* service) {
        return resource(id, "AWS::Lambda::Permission",
                        format(R"({{"FunctionName": "f", "Action": "lambda:InvokeFunction",
                                   "Principal": "{}"}})",
                               service)
                            .c_str());
    };
    const TwoSubnets there(api_);
    const Value policy = Value::object(
        {{"Statement", Value::array({Value::object({{"Sid", "MayA"},
                                                    {"Action", "lambda:InvokeFunction"},
                                                    {"Principal", Value::object({{"Service", "a"}})}}),
                                     Value::object({{"Sid", "MayB"},
                                                    {"Action", "lambda:InvokeFunction"},
                                                    {"Principal", Value::object({{"Service", "b"}})}})})}});
    api_.answers("GetPolicy", json::write(Value::object({{"Policy", json::write(policy)}})));
    const auto survey = resources_.survey(fleet());
    ASSERT_TRUE(survey) << survey.error().describe();
    const auto a = (*survey)->read(permission("MayA", "a"));
    const auto b = (*survey)->read(permission("MayB", "b"));
    ASSERT_TRUE(a && *a && b && *b);
    EXPECT_EQ("b", (*b)->properties.string_at("Principal"));
    EXPECT_EQ(1U, api_.count("GetPolicy"));
}

TEST(Listing, TellsKindsByTheirArns) {
    struct Row {
        const char* arn;
        const char* type;
        const char* id;
    };
    const Row rows[] = {
        {"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", "AWS::EC2::VPC", "vpc-1"},
        {"arn:aws:ec2:eu-west-1:123456789012:vpc-endpoint/vpce-1", "AWS::EC2::VPCEndpoint", "vpce-1"},
        {"arn:aws:ec2:eu-west-1:123456789012:instance/i-1", "", ""},
        {"arn:aws:iam::123456789012:role/fleetK3sNodeRole", "AWS::IAM::Role", "fleetK3sNodeRole"},
        {"arn:aws:s3:::fleet-state", "AWS::S3::Bucket", "fleet-state"},
        {"arn:aws:sqs:eu-west-1:123456789012:fleet-ticks", "AWS::SQS::Queue", "fleet-ticks"},
        {"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f:*", "AWS::Logs::LogGroup",
         "/aws/lambda/f"},
        {"arn:aws:lambda:eu-west-1:123456789012:function:f", "AWS::Lambda::Function", "f"},
        {"arn:aws:secretsmanager:eu-west-1:123456789012:secret:fleet/t-AbCdEf", "AWS::SecretsManager::Secret",
         "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fleet/t-AbCdEf"},
        {"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:A", "AWS::CloudWatch::Alarm", "A"},
        {"no arn", "", ""},
    };
    for (const Row& row : rows) {
        const Named named = named_by(row.arn);
        EXPECT_EQ(row.type, named.type) << row.arn;
        EXPECT_EQ(row.id, named.physical_id) << row.arn;
    }
}

}  // namespace
}  // namespace k3fleet::resources
