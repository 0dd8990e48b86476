// What is asked of CloudTrail: trails, what they record, and their tags.
#pragma once

#include "aws/gen/cloudtrail.h"
#include "aws/gen/s3.h"
#include "base/text.h"
#include "tests/contract/api/served.h"

namespace k3fleet::contract {

template <typename Backend>
class TrailsApi : public Served<Backend> {
protected:
    TrailsApi() {
        aws::s3::CreateBucketRequest make{.bucket = bucket()};
        make.create_bucket_configuration.emplace().location_constraint = this->backend_.region;
        this->done(make);
        this->done(aws::s3::PutBucketPolicyRequest{.bucket = bucket(), .policy = policy()});
    }
    std::string policy() const {
        const auto statement = [](std::string_view action, std::string_view resource) {
            return format(
                R"({{"Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"{}",)"
                R"("Resource":"{}"}})",
                action, resource);
        };
        const std::string arn = "arn:aws:s3:::" + bucket();
        return format(R"({{"Version":"2012-10-17","Statement":[{},{}]}})", statement("s3:GetBucketAcl", arn),
                      statement("s3:PutObject", arn + "/*"));
    }
    std::string bucket() const { return this->backend_.fresh + "-trail"; }
    std::string name() const { return this->backend_.fresh; }
    std::string arn() const {
        return format("arn:aws:cloudtrail:{}:{}:trail/{}", this->backend_.region, this->backend_.account,
                      name());
    }
    aws::cloudtrail::CreateTrailRequest trail() const {
        return {.name = name(), .s3_bucket_name = bucket(), .is_multi_region_trail = true};
    }
};

TYPED_TEST_SUITE_P(TrailsApi);

TYPED_TEST_P(TrailsApi, ATrailIsFoundByName) {
    namespace ct = aws::cloudtrail;
    const auto made = this->done(this->trail());
    EXPECT_EQ(made.trail_arn, this->arn());
    EXPECT_EQ(this->code(this->trail()), this->unless_moto("TrailAlreadyExistsException", ""));
    const auto trails = this->done(ct::DescribeTrailsRequest{.trail_name_list = {this->name()},
                                                             .include_shadow_trails = false})
                            .trail_list;
    std::string found;
    for (const auto& trail : trails)
        if (trail.name == this->name()) found = trail.s3_bucket_name.value_or("");
    EXPECT_EQ(found, this->bucket());
    this->done(ct::UpdateTrailRequest{.name = this->name(), .is_multi_region_trail = true});
    this->done(ct::DeleteTrailRequest{.name = this->name()});
    EXPECT_EQ(this->code(ct::GetTrailStatusRequest{.name = this->name()}), "TrailNotFoundException");
}

TYPED_TEST_P(TrailsApi, WhatIsNoTrailIsRefused) {
    auto request = this->trail();
    request.s3_bucket_name = this->bucket() + "-none";
    EXPECT_EQ(this->code(request), "S3BucketDoesNotExistException");
    this->done(aws::s3::DeleteBucketPolicyRequest{.bucket = this->bucket()});
    EXPECT_EQ(this->code(this->trail()), this->unless_moto("InsufficientS3BucketPolicyException", ""));
    request = this->trail();
    request.name = "ab";
    EXPECT_EQ(this->code(request), "InvalidTrailNameException");
    request = this->trail();
    request.include_global_service_events = false;
    EXPECT_EQ(this->code(request), "InvalidParameterCombinationException");
}

TYPED_TEST_P(TrailsApi, ATrailRecordsWhatItIsTold) {
    namespace ct = aws::cloudtrail;
    this->done(this->trail());
    const ct::GetTrailStatusRequest ask{.name = this->name()};
    EXPECT_EQ(this->done(ask).is_logging, false);
    this->done(ct::StartLoggingRequest{.name = this->name()});
    EXPECT_EQ(this->done(ask).is_logging, true);
    ct::EventSelector writes{.read_write_type = "WriteOnly", .include_management_events = false};
    writes.data_resources = {{.type = "AWS::DynamoDB::Table",
                              .values = {format("arn:aws:dynamodb:{}:{}:table/x", this->backend_.region,
                                                this->backend_.account)}}};
    const ct::EventSelector all{.read_write_type = "All", .include_management_events = true};
    this->done(ct::PutEventSelectorsRequest{.trail_name = this->name(), .event_selectors = {all, writes}});
    const auto kept = this->done(ct::GetEventSelectorsRequest{.trail_name = this->name()});
    ASSERT_EQ(kept.event_selectors.size(), 2U);
    EXPECT_EQ(kept.event_selectors.back().read_write_type, "WriteOnly");
    EXPECT_EQ(kept.event_selectors.back().data_resources.front().values.size(), 1U);
    writes.read_write_type = "Some";
    EXPECT_EQ(
        this->code(ct::PutEventSelectorsRequest{.trail_name = this->name(), .event_selectors = {writes}}),
        this->unless_moto("InvalidEventSelectorsException", ""));
    this->done(
        ct::AddTagsRequest{.resource_id = this->arn(), .tags_list = {{.key = "Project", .value = "shop"}}});
    const auto tags = this->done(ct::ListTagsRequest{.resource_id_list = {this->arn()}}).resource_tag_list;
    ASSERT_EQ(tags.size(), 1U);
    EXPECT_EQ(tags.front().tags_list.size(), 1U);
}

REGISTER_TYPED_TEST_SUITE_P(TrailsApi, ATrailIsFoundByName, WhatIsNoTrailIsRefused,
                            ATrailRecordsWhatItIsTold);

}  // namespace k3fleet::contract
