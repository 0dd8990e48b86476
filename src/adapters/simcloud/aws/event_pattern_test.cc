#include "adapters/simcloud/aws/event_pattern.h"

#include <gtest/gtest.h>

namespace k3fleet::simcloud {
namespace {

TEST(EventPattern, IsAnObjectOfLists) {
    for (
        const char* good : {
            R"({"source": ["aws.ec2"]})",
            R"({"source": ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"]})",
            R"({"detail": {"state": ["running", null, true, 5]}})",
            R"({"detail": {"eventName": [{"prefix": "Run"}, {"suffix": "Fleet"}]}})",
            R"({"detail": {"name": [{"prefix": {"equals-ignore-case": "ab"}}, {"equals-ignore-case": "c"}]}})",
            R"({"detail": {"state": [{"anything-but": "x"}, {"anything-but": ["x", 1]}]}})",
            R"({"detail": {"f": [{"anything-but": {"prefix": "a"}}, {"anything-but": {"suffix": ["a", "b"]}}]}})",
            R"({"detail": {"c": [{"numeric": [">", 0, "<=", 5]}, {"numeric": ["=", 3]}]}})",
            R"({"detail": {"ip": [{"cidr": "10.0.0.0/8"}, {"cidr": "2001:db8::/32"}]}})",
            R"({"detail": {"role": [{"exists": false}], "arn": [{"wildcard": "a*b*"}]}})",
            R"({"$or": [{"source": ["a"]}, {"source": ["b"]}]})",
        })
        EXPECT_EQ(wrong_pattern(good), "") << good;
}

// The reasons are EventBridge's.
TEST(EventPattern, SaysWhatIsWrong) {
    struct Row {
        const char* pattern;
        const char* why;
    };
    for (const auto& [pattern, why] : {
             Row{R"(["a"])", "Filter is not an object"},
             Row{"{}", "Empty objects are not allowed"},
             Row{R"({"detail": {}})", "Empty objects are not allowed"},
             Row{R"({"resources": []})", "Empty arrays are not allowed"},
             Row{R"({"string": "my-value"})", "\"string\" must be an object or an array"},
             Row{R"({"int": 42})", "\"int\" must be an object or an array"},
             Row{R"({"k": [{"EXISTS": true}]})", "Unrecognized match type EXISTS"},
             Row{R"({"k": [{"exists": 1}]})", "exists match pattern must be either true or false."},
             Row{R"({"k": [["a"]]})", "Match value must be String, number, true, false, or null"},
             Row{R"({"k": [{"prefix": "a", "suffix": "b"}]})", "Only one key allowed in match expression"},
             Row{R"({"k": [{"prefix": 123}]})", "prefix match pattern must be a string"},
             Row{R"({"k": [{"suffix": [".png"]}]})", "suffix match pattern must be a string"},
             Row{R"({"k": [{"prefix": ""}]})", "Null prefix not allowed"},
             Row{R"({"k": [{"equals-ignore-case": ["a"]}]})",
                 "equals-ignore-case match pattern must be a string"},
             Row{R"({"k": [{"wildcard": 123}]})", "wildcard match pattern must be a string"},
             Row{R"({"k": [{"wildcard": "a:**:b"}]})", "Consecutive wildcard characters at pos 2"},
             Row{R"({"k": [{"numeric": [">", 0, ">", 0]}]})", "Bad numeric range operator: >"},
             Row{R"({"k": [{"numeric": [">", 0, "<"]}]})", "Value of < must be numeric"},
             Row{R"({"k": [{"numeric": 10}]})", "Value of numeric must be an array."},
             Row{R"({"k": [{"cidr": "bad-filter"}]})", "Malformed CIDR, one '/' required"},
             Row{R"({"k": [{"cidr": "bad-/64filter"}]})", "Malformed CIDR, mask bits must be an integer"},
             Row{R"({"k": [{"cidr": "xx.11.xx/8"}]})", "Nonstandard IP address: xx.11.xx"},
             Row{R"({"k": [{"cidr": "xxxx:db8::/64"}]})", "Nonstandard IP address: xxxx:db8::"},
             Row{R"({"k": [{"anything-but": null}]})",
                 "Value of anything-but must be an array or single string/number value."},
             Row{R"({"k": [{"anything-but": ["stopped", null]}]})",
                 "Inside anything but list, start|null|boolean is not supported."},
             Row{R"({"k": [{"anything-but": {"prefix": ""}}]})", "Null prefix/suffix not allowed"},
             Row{R"({"k": [{"anything-but": {"suffix": [123]}}]})",
                 "prefix/suffix match pattern must be a string"},
             Row{R"({"k": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]})",
                 "Value of anything-but must be an array or single string/number value."},
             Row{R"({"$or": [{"a": ["b"]}]})", "There must have at least 2 Objects in $or relationship."},
         })
        EXPECT_EQ(wrong_pattern(pattern), why) << pattern;
    EXPECT_NE(wrong_pattern("this is no JSON"), "");
    EXPECT_NE(wrong_pattern(""), "");
}

}  // namespace
}  // namespace k3fleet::simcloud
