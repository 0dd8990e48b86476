// The adapter against scripted answers: what is sent, and what each answer means. The real server has its own
// tests in tests/e2e/kube.
#include "adapters/kube/rest_kubernetes.h"

#include <gtest/gtest.h>

#include <deque>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace k3fleet::kube {
namespace {

using ports::EvictionAnswer;

// Gives the answers in their order and keeps what was asked. An unexpected call is an error, not a hang.
class ScriptedClient : public net::HttpClient {
public:
    Result<net::HttpResponse> send(const net::HttpRequest& request, net::HttpTrace&) override {
        asked.push_back(request);
        if (answers.empty())
            return fail(ErrorCode::Internal, "the test expected no further call to " + request.url);
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }
    void then(int status, std::string body, net::HttpHeaders headers = {}) {
        answers.push_back(net::HttpResponse{status, std::move(headers), std::move(body)});
    }

    std::deque<Result<net::HttpResponse>> answers;
    std::vector<net::HttpRequest> asked;
};

std::string header(const net::HttpRequest& request, const std::string& name) {
    for (const auto& [key, value] : request.headers)
        if (key == name) return value;
    return "";
}

std::string object(const std::string& name, const std::string& uid = "u1") {
    return R"({"metadata":{"name":")" + name + R"(","namespace":"shop","uid":")" + uid +
           R"(","creationTimestamp":"2026-11-22T03:00:00Z"}})";
}

std::string page(const std::string& items, const std::string& next = "") {
    return R"({"metadata":{"continue":")" + next + R"("},"items":[)" + items + "]}";
}

std::string refusal(const std::string& reason, const std::string& message,
                    const std::string& details = "{}") {
    return R"({"kind":"Status","status":"Failure","reason":")" + reason + R"(","message":")" + message +
           R"(","details":)" + details + "}";
}

const std::string kBudget =
    R"({"causes":[{"reason":"DisruptionBudget",
    "message":"The disruption budget web needs 3 healthy pods and has 3 currently"}]})";

class RestKubernetesTest : public testing::Test {
protected:
    std::shared_ptr<ScriptedClient> client = std::make_shared<ScriptedClient>();
    RestKubernetes kube{client, connection(), {.page_size = 2, .max_pages = 3}};

    static Connection connection() {
        Connection result;
        result.server = "https://h:6443";
        result.token = Secret("letmein");
        result.described = "context prod";
        return result;
    }
    const std::string& url(std::size_t i) const { return client->asked.at(i).url; }
    static model::Cordon cordon_request() { return {model::NodeName("n1"), model::Uid("u1")}; }
    static model::Evict evict_request() { return {"shop", "web-1", model::Uid("u1"), model::NodeName("n1")}; }
    static model::DeleteNode delete_request() { return {model::NodeName("n1"), model::Uid("u1")}; }
};

TEST_F(RestKubernetesTest, ReadsAListPageByPageAndSortsIt) {
    client->then(200, page(object("b") + "," + object("c"), "t/1+="));
    client->then(200, page(object("a")));
    const auto pods = kube.pods();
    ASSERT_TRUE(pods) << pods.error().describe();
    ASSERT_EQ(pods->size(), 3U);
    EXPECT_EQ((*pods)[0].name, "a");
    EXPECT_EQ((*pods)[2].name, "c");
    EXPECT_EQ(url(0), "https://h:6443/api/v1/pods?limit=2");
    EXPECT_EQ(url(1), "https://h:6443/api/v1/pods?limit=2&continue=t%2F1%2B%3D");
    EXPECT_EQ(header(client->asked[0], "Authorization"), "Bearer letmein");
}

TEST_F(RestKubernetesTest, BeginsAnExpiredListOnceMoreAndKeepsNothingOfTheFirstTry) {
    client->then(200, page(object("old"), "t1"));
    client->then(410, refusal("Expired", "The provided continue parameter is too old"));
    client->then(200, page(object("new")));
    const auto nodes = kube.nodes();
    ASSERT_TRUE(nodes) << nodes.error().describe();
    ASSERT_EQ(nodes->size(), 1U);
    EXPECT_EQ((*nodes)[0].name.str(), "new");
    EXPECT_EQ(url(2), "https://h:6443/api/v1/nodes?limit=2");
}

TEST_F(RestKubernetesTest, AListThatExpiresTwiceIsAnError) {
    for (int i = 0; i < 2; ++i) {
        client->then(200, page(object("old"), "t1"));
        client->then(410, refusal("Expired", "too old"));
    }
    const auto nodes = kube.nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::Unavailable);
    EXPECT_EQ(client->asked.size(), 4U);
}

TEST_F(RestKubernetesTest, AListWithoutAnEndIsAnError) {
    for (int i = 0; i < 3; ++i) client->then(200, page(object("n"), "again"));
    const auto pods = kube.pods();
    ASSERT_FALSE(pods);
    EXPECT_EQ(pods.error().code, ErrorCode::Corrupt);
}

TEST_F(RestKubernetesTest, AListIsNeverPartial) {
    const auto second = [&](int status, const std::string& body) {
        client->then(200, page(object("a"), "t1"));
        client->then(status, body);
        const auto pods = kube.pods();
        return pods ? std::string("no error") : std::string(to_string(pods.error().code));
    };
    EXPECT_EQ(second(503, "no upstream"), to_string(ErrorCode::Unavailable));
    EXPECT_EQ(second(200, "{\"items\": ["), to_string(ErrorCode::Corrupt));
    client->then(200, page(object("a"), "t1"));
    client->answers.push_back(fail(ErrorCode::DeadlineExceeded, "no answer within 30s"));
    EXPECT_EQ(kube.pods().error().code, ErrorCode::DeadlineExceeded);
}

TEST_F(RestKubernetesTest, NamesVerbResourceAndRightOfAForbiddenCall) {
    client->then(403, refusal("Forbidden", "poddisruptionbudgets.policy is forbidden"));
    const auto budgets = kube.disruption_budgets();
    ASSERT_FALSE(budgets);
    EXPECT_EQ(budgets.error().code, ErrorCode::PermissionDenied);
    const std::string text = budgets.error().describe();
    for (const char* part :
         {"list poddisruptionbudgets", "poddisruptionbudgets.policy: get, list, watch", "N-19", "prod"})
        EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(RestKubernetesTest, SaysThatTheCredentialsAreRefusedWithoutShowingThem) {
    client->then(401, refusal("Unauthorized", "Unauthorized"));
    const auto nodes = kube.nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(nodes.error().describe().find("letmein"), std::string::npos);
    EXPECT_NE(nodes.error().describe().find("expired"), std::string::npos);
}

TEST_F(RestKubernetesTest, PassesOnHowLongABusyServerWantsUsToWait) {
    client->then(429, refusal("TooManyRequests", "busy"), {{"Retry-After", "7"}});
    const auto nodes = kube.nodes();
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().code, ErrorCode::Throttled);
    EXPECT_EQ(nodes.error().retry_after, std::chrono::seconds{7});
}

TEST_F(RestKubernetesTest, CordonsWithTheUidAsPrecondition) {
    client->then(200, object("n1"));
    ASSERT_TRUE(kube.cordon(cordon_request()));
    EXPECT_EQ(client->asked[0].method, "PATCH");
    EXPECT_EQ(url(0), "https://h:6443/api/v1/nodes/n1");
    EXPECT_EQ(header(client->asked[0], "Content-Type"), "application/merge-patch+json");
    EXPECT_EQ(client->asked[0].body, R"({"metadata":{"uid":"u1"},"spec":{"unschedulable":true}})");

    auto back = cordon_request();
    back.to = model::Cordon::To::Schedulable;
    client->then(200, object("n1"));
    ASSERT_TRUE(kube.cordon(back));
    EXPECT_EQ(client->asked[1].body, R"({"metadata":{"uid":"u1"},"spec":{"unschedulable":null}})");
}

TEST_F(RestKubernetesTest, CordonOfANodeThatIsGoneOrAnotherIsNotFound) {
    client->then(404, refusal("NotFound", "nodes n1 not found"));
    EXPECT_EQ(kube.cordon(cordon_request()).error().code, ErrorCode::NotFound);
    client->then(422, refusal("Invalid", "metadata.uid: field is immutable"));
    client->then(200, object("n1", "u2"));
    EXPECT_EQ(kube.cordon(cordon_request()).error().code, ErrorCode::NotFound);
    // Refused for another reason, and the node is the one that was meant: not "gone".
    client->then(409, refusal("Conflict", "the object has been modified"));
    client->then(200, object("n1", "u1"));
    EXPECT_EQ(kube.cordon(cordon_request()).error().code, ErrorCode::Conflict);
}

TEST_F(RestKubernetesTest, EvictsWithTheUidAsPrecondition) {
    client->then(201, R"({"kind":"Status","status":"Success"})");
    const auto answer = kube.evict(evict_request());
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(answer->kind, EvictionAnswer::Kind::Accepted);
    EXPECT_EQ(client->asked[0].method, "POST");
    EXPECT_EQ(url(0), "https://h:6443/api/v1/namespaces/shop/pods/web-1/eviction");
    EXPECT_EQ(client->asked[0].body,
              R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web-1","namespace":"shop"},)"
              R"("deleteOptions":{"preconditions":{"uid":"u1"}}})");
}

TEST_F(RestKubernetesTest, ABlockedEvictionCarriesTheServersWords) {
    client->then(429, refusal("TooManyRequests", "Cannot evict pod", kBudget));
    client->then(200, object("web-1"));
    const auto answer = kube.evict(evict_request());
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(answer->kind, EvictionAnswer::Kind::Blocked);
    EXPECT_EQ(answer->why, "The disruption budget web needs 3 healthy pods and has 3 currently");
}

TEST_F(RestKubernetesTest, AnEvictionOfAPodThatIsGoneOrAnotherIsGone) {
    client->then(404, refusal("NotFound", "pods web-1 not found"));
    EXPECT_EQ(kube.evict(evict_request())->kind, EvictionAnswer::Kind::Gone);
    client->then(409, refusal("Conflict", "the UID in the precondition does not match"));
    client->then(200, object("web-1", "u2"));
    EXPECT_EQ(kube.evict(evict_request())->kind, EvictionAnswer::Kind::Gone);
    // The server looks at the budget before the uid.
    client->then(429, refusal("TooManyRequests", "Cannot evict pod", kBudget));
    client->then(200, object("web-1", "u2"));
    EXPECT_EQ(kube.evict(evict_request())->kind, EvictionAnswer::Kind::Gone);
}

TEST_F(RestKubernetesTest, ABusyServerIsNoBudget) {
    client->then(429, refusal("TooManyRequests", "too many requests, please try again later"));
    const auto answer = kube.evict(evict_request());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Throttled);
}

TEST_F(RestKubernetesTest, SeveralBudgetsOverOnePodAreAnErrorThatSaysSo) {
    client->then(
        500, refusal("",
                     "This pod has more than one PodDisruptionBudget, which the eviction subresource does "
                     "not support."));
    client->then(200, object("web-1"));
    const auto answer = kube.evict(evict_request());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Refused);
    EXPECT_NE(answer.error().describe().find("more than one PodDisruptionBudget"), std::string::npos);
}

TEST_F(RestKubernetesTest, DeletesANodeOnce) {
    client->then(200, "{}");
    ASSERT_TRUE(kube.delete_node(delete_request()));
    EXPECT_EQ(client->asked[0].method, "DELETE");
    EXPECT_EQ(client->asked[0].body,
              R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u1"}})");
    client->then(404, refusal("NotFound", "gone"));
    EXPECT_TRUE(kube.delete_node(delete_request()));
    client->then(409, refusal("Conflict", "the UID in the precondition does not match"));
    client->then(200, object("n1", "u2"));
    EXPECT_TRUE(kube.delete_node(delete_request()));
    client->then(409, refusal("Conflict", "something else"));
    client->then(200, object("n1", "u1"));
    EXPECT_EQ(kube.delete_node(delete_request()).error().code, ErrorCode::Conflict);
    client->then(403, refusal("Forbidden", "no"));
    EXPECT_EQ(kube.delete_node(delete_request()).error().code, ErrorCode::PermissionDenied);
}

TEST(RestKubernetesToken, IsReadFromItsFileForEveryCall) {
    const support::TempDir folder;
    const std::string file = folder.path().string() + "/token";
    Connection connection;
    connection.server = "https://h";
    connection.token_file = file;
    const auto client = std::make_shared<ScriptedClient>();
    RestKubernetes kube(client, connection);

    const auto missing = kube.nodes();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::PermissionDenied);
    EXPECT_TRUE(client->asked.empty());
    for (const std::string token : {"first", "second"}) {
        std::ofstream(file) << token << "\n";
        client->then(200, page(""));
        ASSERT_TRUE(kube.nodes());
        EXPECT_EQ(header(client->asked.back(), "Authorization"), "Bearer " + token);
    }
}

}  // namespace
}  // namespace k3fleet::kube
