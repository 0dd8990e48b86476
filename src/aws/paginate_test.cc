#include "aws/paginate.h"

#include <gtest/gtest.h>

#include "aws/find_path.h"
#include "aws/waiter.h"
#include "tests/support/aws_machine.h"
#include "tests/support/aws_shapes.h"

namespace k3fleet::aws {
namespace {

using aws_shapes::kThing;
using aws_shapes::Thing;
using std::chrono::seconds;

constexpr Service kService{.id = "shapes",
                           .service_id = "Shapes",
                           .endpoint_prefix = "shapes",
                           .signing_name = "shapes",
                           .api_version = "",
                           .protocol = Protocol::Json10};
constexpr std::array kTokens = {PageToken{.input = "Name", .output = "Inner.Name"},
                                PageToken{.input = "Tags", .output = "Tags"}};
constexpr Pagination kPages{.tokens = kTokens, .more_results = nullptr, .result_key = "Children"};
constexpr Operation kList{.service = &kService,
                          .name = "List",
                          .method = "POST",
                          .uri = "/",
                          .input = &kThing,
                          .output = &kThing,
                          .repeat = Repeat::Safe,
                          .pagination = &kPages};

struct ListRequest : Thing {
    using Response = Thing;
    static const Operation& operation() { return kList; }
};

// Answers one after another, the last one again and again.
class ScriptedApi final : public Api {
public:
    struct Answer {
        Thing thing;
        std::optional<Error> error = {};
        int status = 200;
    };
    explicit ScriptedApi(std::vector<Answer> answers) : answers_(std::move(answers)) {}
    Status invoke(const Operation&, const void* request, void* response,
                  const CallOptions& options) override {
        requests.push_back(*static_cast<const Thing*>(request));
        const Answer& answer = answers_.at(std::min(requests.size(), answers_.size()) - 1);
        if (options.report != nullptr) options.report->status = answer.status;
        if (answer.error) return std::unexpected(*answer.error);
        *static_cast<Thing*>(response) = answer.thing;
        return {};
    }
    std::vector<Thing> requests;

private:
    std::vector<Answer> answers_;
};

Thing page(const char* next, int children) {
    Thing made;
    if (next != nullptr) made.inner = Thing{.name = next};
    for (int i = 0; i < children; ++i) made.children.emplace_back();
    return made;
}

Result<int> children_of(Api& api, PageLimits limits = {}) {
    int total = 0;
    K3F_TRY(for_each_page(
        api, ListRequest{},
        [&](const Thing& answer) {
            total += static_cast<int>(answer.children.size());
            return Status();
        },
        limits));
    return total;
}

TEST(Paginate, FollowsTheTokenUntilThereIsNone) {
    for (const char* last : {static_cast<const char*>(nullptr), ""}) {
        ScriptedApi api({{page("a", 2)}, {page("b", 0)}, {page(last, 3)}});
        EXPECT_EQ(*children_of(api), 5);
        ASSERT_EQ(api.requests.size(), 3U);
        EXPECT_FALSE(api.requests[0].name.has_value());
        EXPECT_EQ(api.requests[1].name, "a");
        EXPECT_EQ(api.requests[2].name, "b");
    }
}

TEST(Paginate, TokensMayBeMapsAndSeveral) {
    Thing first = page("a", 1);
    first.tags["key"] = "x";
    ScriptedApi api({{first}, {page(nullptr, 1)}});
    EXPECT_EQ(*children_of(api), 2);
    EXPECT_EQ(api.requests[1].name, "a");
    EXPECT_EQ(api.requests[1].tags.at("key"), "x");
}

TEST(Paginate, StopsWhereAwsSaysThatThereIsNoMore) {
    static constexpr Pagination kFlagged{.tokens = kTokens, .more_results = "On", .result_key = "Children"};
    Operation flagged = kList;
    flagged.pagination = &kFlagged;
    Thing request;
    PageWalk walk(flagged, {});
    Thing answer = page("a", 1);
    answer.on = true;
    EXPECT_TRUE(*walk.next(&answer, &request));
    answer = page("b", 1);
    answer.on = false;
    EXPECT_FALSE(*walk.next(&answer, &request));
}

TEST(Paginate, EndlessAndTooLongListsAreErrorsAndNotCutOff) {
    ScriptedApi same({{page("a", 1)}, {page("b", 1)}, {page("a", 1)}});
    EXPECT_EQ(children_of(same).error().message,
              "List gives the same page token twice, so that its pages would never end");
    ScriptedApi many({{page("a", 1)}, {page("b", 1)}, {page("c", 1)}});
    EXPECT_EQ(children_of(many, {.pages = 2}).error().message,
              "List gives more than 2 pages; narrow what is asked for");
    ScriptedApi large({{page("a", 5)}, {page("b", 6)}});
    EXPECT_EQ(children_of(large, {.items = 10}).error().message,
              "List gives more than 10 items; narrow what is asked for");
    EXPECT_EQ(large.requests.size(), 2U);
}

TEST(Paginate, AnErrorOfTheCallOrOfTheVisitorEndsIt) {
    ScriptedApi api(
        {{page("a", 1)}, {.thing = {}, .error = Error{.code = ErrorCode::Throttled, .message = "slow"}}});
    EXPECT_EQ(children_of(api).error().code, ErrorCode::Throttled);
    ScriptedApi endless({{page("a", 1)}, {page("b", 1)}});
    const Status stopped = for_each_page(
        endless, ListRequest{}, [](const Thing&) -> Status { return fail(ErrorCode::Cancelled, "enough"); });
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
}

Thing family() {
    Thing root{.name = "root", .count = 3, .names = {"a", "b"}};
    root.on = true;
    root.children.push_back({.name = "one"});
    root.children.push_back({.names = {"c"}});
    root.children[1].inner = Thing{.name = "deep"};
    return root;
}

TEST(FindPath, ReadsWhatPaginatorsAndWaitersUse) {
    using Texts = std::vector<std::string>;
    const Thing root = family();
    struct Case {
        const char* path;
        Texts texts;
    };
    for (const auto& [path, texts] : {
             Case{"Name", {"root"}},
             Case{"Count", {"3"}},
             Case{"On", {"true"}},
             Case{"Children[].Name", {"one"}},
             Case{"Children[].Inner.Name", {"deep"}},
             Case{"Children[].Names[]", {"c"}},
             Case{"Names[]", {"a", "b"}},
             Case{"Inner.Name", {}},
             Case{"length(Children[]) > `1`", {"true"}},
             Case{"length(Children[].Name) > `1`", {"false"}},
             Case{"length(Children) == `2`", {"true"}},
             Case{"length(Flat[]) == `0`", {"true"}},
             Case{"length(Name) >= `4`", {"true"}},
             Case{"length(Name) < `4`", {"false"}},
             Case{"length(Names) != `2`", {"false"}},
         }) {
        const auto found = evaluate(kThing, &root, path);
        ASSERT_TRUE(found.has_value()) << path << ": " << found.error().message;
        EXPECT_EQ(*found, texts) << path;
    }
}

TEST(FindPath, RefusesWhatItDoesNotUnderstand) {
    const Thing root = family();
    for (const char* path : {"", "Nome", "Name.Name", "Name[]", "Children[0].Name", "Children[*].Name",
                             "Children", "length(Name) > 4", "length(Name > `4`", "length(Name) ~ `4`",
                             "length(Name) > `x`", "Children[?Name=='a']"}) {
        const auto found = evaluate(kThing, &root, path);
        EXPECT_FALSE(found.has_value()) << path;
    }
}

using Matcher = Acceptor::Matcher;

class WaiterTest : public testing::Test {
protected:
    Status wait(std::span<const Acceptor> acceptors, std::vector<ScriptedApi::Answer> answers,
                Duration within = seconds{60}) {
        api = std::make_unique<ScriptedApi>(std::move(answers));
        const Waiter waiter{.name = "ThingReady",
                            .operation = &kList,
                            .delay_seconds = 15,
                            .max_attempts = 40,
                            .acceptors = acceptors};
        return wait_until(*api, waiter, ListRequest{}, clock, {.deadline = clock.now() + within});
    }
    static ScriptedApi::Answer named(const char* name) { return {.thing = {.name = name}}; }
    static ScriptedApi::Answer refused(const char* code, int status) {
        return {.thing = {},
                .error = Error{.code = ErrorCode::NotFound, .message = "refused", .provider_code = code},
                .status = status};
    }
    support::ManualClock clock;
    std::unique_ptr<ScriptedApi> api;
};

constexpr std::array kReady = {
    Acceptor{Matcher::Path, WaitState::Success, "ready", "Name"},
    Acceptor{Matcher::Path, WaitState::Failure, "failed", "Name"},
    Acceptor{Matcher::Error, WaitState::Retry, "NotThereYet"},
    Acceptor{Matcher::Status, WaitState::Failure, "404"},
};

TEST_F(WaiterTest, AsksAgainUntilItIsSo) {
    EXPECT_TRUE(wait(kReady, {refused("NotThereYet", 400), named("pending"), named("ready")}).has_value());
    EXPECT_EQ(api->requests.size(), 3U);
    EXPECT_EQ(clock.slept(), (std::vector<Duration>{seconds{15}, seconds{15}}));
}

TEST_F(WaiterTest, FailureErrorsAndTheDeadlineEndIt) {
    const Status failed = wait(kReady, {named("failed")});
    EXPECT_EQ(failed.error().code, ErrorCode::Refused);
    EXPECT_EQ(failed.error().message,
              "waiting for shapes ThingReady has failed: AWS shows a state that does not lead there");
    EXPECT_EQ(wait(kReady, {refused("Gone", 404)}).error().code, ErrorCode::Refused);
    const Status other = wait(kReady, {refused("AccessDenied", 403)});
    EXPECT_EQ(other.error().provider_code, "AccessDenied");

    const Status late = wait(kReady, {named("pending")}, seconds{40});
    EXPECT_EQ(late.error().code, ErrorCode::DeadlineExceeded);
    EXPECT_EQ(late.error().message, "waiting for shapes ThingReady: not so within 30s");
    EXPECT_EQ(api->requests.size(), 3U);
    EXPECT_EQ(wait(kReady, {named("pending")}, seconds{-1}).error().code, ErrorCode::DeadlineExceeded);
    EXPECT_EQ(api->requests.size(), 1U);
}

TEST_F(WaiterTest, EveryMatcherDecidesAsTheModelMeansIt) {
    Thing both;
    both.children = {Thing{.name = "up"}, Thing{.name = "down"}};
    Thing all;
    all.children = {Thing{.name = "up"}, Thing{.name = "up"}};
    const Thing none;
    struct Case {
        Acceptor acceptor;
        Thing answer;
        bool matches;
    };
    const char* names = "Children[].Name";
    for (const auto& [acceptor, answer, expected] : std::vector<Case>{
             {{Matcher::PathAll, WaitState::Success, "up", names}, all, true},
             {{Matcher::PathAll, WaitState::Success, "up", names}, both, false},
             {{Matcher::PathAll, WaitState::Success, "up", names}, none, false},
             {{Matcher::PathAny, WaitState::Success, "down", names}, both, true},
             {{Matcher::PathAny, WaitState::Success, "down", names}, all, false},
             {{Matcher::Path, WaitState::Success, "true", "length(Children[]) > `0`"}, both, true},
             {{Matcher::Path, WaitState::Success, "true", "length(Children[]) > `0`"}, none, false},
             {{Matcher::Status, WaitState::Success, "200"}, none, true},
             {{Matcher::Error, WaitState::Success, "false"}, none, true},
             {{Matcher::Error, WaitState::Success, "true"}, none, false},
         }) {
        const std::array acceptors = {acceptor};
        const Waiter waiter{
            .name = "W", .operation = &kList, .delay_seconds = 1, .max_attempts = 1, .acceptors = acceptors};
        const auto state = judge(waiter, Status(), {.status = 200}, &answer);
        ASSERT_TRUE(state.has_value());
        EXPECT_EQ(*state == WaitState::Success, expected)
            << static_cast<int>(acceptor.matcher) << " " << acceptor.expected;
    }
}

TEST_F(WaiterTest, ABrokenNetworkIsNoAnswerAboutTheThing) {
    static constexpr std::array kAnyError = {Acceptor{Matcher::Error, WaitState::Success, "true"}};
    EXPECT_TRUE(wait(kAnyError, {refused("Gone", 404)}).has_value());
    const Status broken = wait(
        kAnyError,
        {{.thing = {}, .error = Error{.code = ErrorCode::Unavailable, .message = "reset"}, .status = 0}});
    EXPECT_EQ(broken.error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace k3fleet::aws
