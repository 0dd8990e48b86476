// Each place credentials come from, on its own and in its order, against files and servers in the test.
#include "aws/credentials/chain.h"

#include <gtest/gtest.h>

#include "aws/credentials/providers.h"
#include "base/crypto.h"
#include "tests/support/aws_machine.h"
#include "tests/support/http_server.h"

namespace k3fleet::credentials {
namespace {

using support::reply;
using support::ServedRequest;

// Remembers what was asked and answers with the role's name as the key.
class FakeSts final : public Sts {
public:
    struct Call {
        RoleRequest request;
        std::string signed_by;
        std::string token;
    };
    Result<Credentials> assume_role(const RoleRequest& request, const Credentials& source) override {
        calls.push_back({request, source.access_key_id, ""});
        return answer(request);
    }
    Result<Credentials> assume_role_with_web_identity(const RoleRequest& request,
                                                      const Secret& token) override {
        calls.push_back({request, "", token.reveal()});
        return answer(request);
    }
    std::vector<Call> calls;
    Timestamp expires = support::ManualClock().now() + std::chrono::hours{1};

private:
    Result<Credentials> answer(const RoleRequest& request) const {
        return Credentials{.access_key_id = "key of " + request.role_arn,
                           .secret_access_key = Secret("s"),
                           .session_token = Secret("t"),
                           .expires = expires};
    }
};

class ChainTest : public testing::Test {
protected:
    ChainTest() {
        machine.variables["AWS_EC2_METADATA_DISABLED"] = "true";
        outside = machine.outside();
    }
    Result<Credentials> fetch(const std::string& profile = "") {
        const auto profiles = load_profiles(outside);
        if (!profiles) return std::unexpected(profiles.error());
        chain = nullptr;
        auto made = make_chain(outside, sts, *profiles,
                               {.profile = choose_profile(outside, profile), .region = "eu-west-1"});
        if (!made) return std::unexpected(made.error());
        chain = std::move(*made);
        return chain->fetch();
    }
    std::string key(const std::string& profile = "") {
        const auto found = fetch(profile);
        return found ? found->access_key_id : "error: " + found.error().describe();
    }
    ErrorCode code(const std::string& profile = "") {
        const auto found = fetch(profile);
        EXPECT_FALSE(found.has_value());
        return found ? ErrorCode::Internal : found.error().code;
    }
    std::string described() { return chain->describe(); }

    support::AwsMachine machine;
    Outside outside;
    FakeSts sts;
    std::unique_ptr<Provider> chain;
};

constexpr const char* kDefaultKeys = "[default]\naws_access_key_id = written\naws_secret_access_key = s\n";

TEST_F(ChainTest, VariablesComeFirstUnlessAProfileWasAskedFor) {
    machine.shared(kDefaultKeys);
    machine.variables["AWS_ACCESS_KEY_ID"] = "variable";
    machine.variables["AWS_SECRET_ACCESS_KEY"] = "s";
    machine.variables["AWS_SESSION_TOKEN"] = "t";
    const auto found = fetch();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->access_key_id, "variable");
    EXPECT_EQ(found->session_token.reveal(), "t");
    EXPECT_EQ(described(), "the variables AWS_ACCESS_KEY_ID and so on");
    EXPECT_EQ(key("default"), "written");
    EXPECT_EQ(described(), "keys of the profile 'default' (/home/u/.aws/credentials:2)");
}

TEST_F(ChainTest, HalfAPairOfKeysIsAnErrorAndNotTheNextPlace) {
    machine.shared(kDefaultKeys);
    machine.variables["AWS_ACCESS_KEY_ID"] = "variable";
    EXPECT_EQ(code(), ErrorCode::InvalidArgument);
    machine.variables.erase("AWS_ACCESS_KEY_ID");
    machine.shared("[default]\naws_access_key_id = written\n");
    EXPECT_EQ(code(), ErrorCode::InvalidArgument);
}

TEST_F(ChainTest, NothingAnywhereSaysWhatWasTriedAndWhatToDo) {
    const auto found = fetch();
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(
        found.error().message,
        "no AWS credentials were found\n"
        "choose a profile (--profile or AWS_PROFILE), log in (aws sso login), or set AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY\n"
        "looked at in this order: the variable AWS_ACCESS_KEY_ID is not set; "
        "the profile 'default' has no keys; "
        "the variable AWS_CONTAINER_CREDENTIALS_FULL_URI is not set; "
        "the EC2 metadata service is turned off by a variable");
}

TEST_F(ChainTest, ARoleIsAssumedWithTheKeysOfItsSourceProfile) {
    machine.shared(kDefaultKeys);
    machine.config(
        "[profile dev]\nrole_arn = dev\nsource_profile = default\nexternal_id = e\nduration_seconds = 900\n"
        "role_session_name = me\nregion = us-west-2\n"
        "[profile deep]\nrole_arn = deep\nsource_profile = dev\n");
    EXPECT_EQ(key("dev"), "key of dev");
    ASSERT_EQ(sts.calls.size(), 1U);
    EXPECT_EQ(sts.calls[0].signed_by, "written");
    EXPECT_EQ(sts.calls[0].request.external_id, "e");
    EXPECT_EQ(sts.calls[0].request.session_name, "me");
    EXPECT_EQ(sts.calls[0].request.region, "us-west-2");
    EXPECT_EQ(sts.calls[0].request.duration, std::chrono::seconds{900});
    EXPECT_EQ(described(),
              "role dev (profile 'dev'), assumed with keys of the profile 'default' "
              "(/home/u/.aws/credentials:2)");
    EXPECT_EQ(key("deep"), "key of deep");
    ASSERT_EQ(sts.calls.size(), 3U);
    EXPECT_EQ(sts.calls[2].signed_by, "key of dev");
    EXPECT_EQ(sts.calls[2].request.session_name, "k3fleet-1795000000");
    EXPECT_EQ(sts.calls[2].request.region, "eu-west-1");
}

TEST_F(ChainTest, AProfileMayAssumeARoleWithItsOwnKeys) {
    machine.config(
        "[profile own]\nrole_arn = r\nsource_profile = own\naws_access_key_id = mine\n"
        "aws_secret_access_key = s\n");
    EXPECT_EQ(key("own"), "key of r");
    EXPECT_EQ(sts.calls.at(0).signed_by, "mine");
}

TEST_F(ChainTest, RolesThatCannotBeAreRefusedWithFileAndLine) {
    struct Case {
        const char* text;
        const char* message;
    };
    for (const auto& [text, message] : {
             Case{"[profile x]\nrole_arn = a\nsource_profile = y\n[profile y]\nrole_arn = b\nsource_profile "
                  "= x\n",
                  "profile 'y' (/home/u/.aws/config:6): source_profile leads in a circle or too far: x -> y "
                  "-> "
                  "x"},
             Case{"[profile x]\nrole_arn = a\nsource_profile = x\n",
                  "profile 'x' (/home/u/.aws/config:3): source_profile leads in a circle or too far: x -> x"},
             Case{"[profile x]\nrole_arn = a\nsource_profile = yy\n[profile y]\n",
                  "profile 'x' (/home/u/.aws/config:3): there is no profile 'yy' in /home/u/.aws/config; did "
                  "you mean 'y'?"},
             Case{"[profile x]\nrole_arn = a\nsource_profile = y\n[profile y]\nregion = z\n",
                  "profile 'x' (/home/u/.aws/config:3): the profile 'y' has no credentials"},
             Case{"[profile x]\nrole_arn = a\n",
                  "profile 'x' (/home/u/.aws/config:2): role_arn needs either source_profile or "
                  "credential_source"},
             Case{"[profile x]\nrole_arn = a\nsource_profile = y\ncredential_source = Environment\n",
                  "profile 'x' (/home/u/.aws/config:2): role_arn needs either source_profile or "
                  "credential_source"},
             Case{"[profile x]\nrole_arn = a\ncredential_source = Moon\n",
                  "profile 'x' (/home/u/.aws/config:3): there is no credential_source 'Moon'; there are "
                  "Environment, Ec2InstanceMetadata and EcsContainer"},
             Case{"[profile x]\nrole_arn = a\ncredential_source = Environment\nduration_seconds = 60\n",
                  "profile 'x' (/home/u/.aws/config:4): duration_seconds must be from 900 to 43200"},
             Case{"[profile x]\nsso_session = s\n",
                  "profile 'x' (/home/u/.aws/config:2): there is no sso-session 's' in /home/u/.aws/config"},
             Case{"[profile x]\nsso_start_url = u\nsso_region = r\nsso_role_name = n\n",
                  "profile 'x' (/home/u/.aws/config:2): for a login by IAM Identity Center sso_account_id is "
                  "missing"},
             Case{"[profile x]\nweb_identity_token_file = f\n",
                  "profile 'x' (/home/u/.aws/config:2): web_identity_token_file needs role_arn"},
         }) {
        machine.config(text);
        const auto found = fetch("x");
        ASSERT_FALSE(found.has_value()) << text;
        EXPECT_EQ(found.error().message, message);
    }
    EXPECT_TRUE(sts.calls.empty());
}

TEST_F(ChainTest, CredentialSourceEnvironmentSignsWithTheVariables) {
    machine.variables["AWS_ACCESS_KEY_ID"] = "variable";
    machine.variables["AWS_SECRET_ACCESS_KEY"] = "s";
    machine.config("[profile x]\nrole_arn = r\ncredential_source = Environment\n");
    EXPECT_EQ(key("x"), "key of r");
    EXPECT_EQ(sts.calls.at(0).signed_by, "variable");
    // Without them it is an error, not a reason to look elsewhere.
    machine.variables.erase("AWS_ACCESS_KEY_ID");
    machine.variables.erase("AWS_SECRET_ACCESS_KEY");
    EXPECT_EQ(key("x"),
              "error: the variable AWS_ACCESS_KEY_ID is not set (while assuming the role of profile 'x')");
}

TEST_F(ChainTest, AnMfaSessionIsAskedForOnceAndKept) {
    machine.shared(kDefaultKeys);
    machine.config("[profile x]\nrole_arn = r\nsource_profile = default\nmfa_serial = device\n");
    machine.answer = " 123456\n";
    EXPECT_EQ(key("x"), "key of r");
    EXPECT_EQ(sts.calls.at(0).request.mfa_code, "123456");
    EXPECT_EQ(machine.questions, std::vector<std::string>{"MFA code of device: "});
    ASSERT_EQ(machine.written.size(), 1U);
    EXPECT_TRUE(machine.written.begin()->first.starts_with("/state/aws/aws-session-"));

    EXPECT_EQ(key("x"), "key of r");
    EXPECT_EQ(sts.calls.size(), 1U);
    machine.clock.advance(std::chrono::minutes{59});
    EXPECT_EQ(key("x"), "key of r");
    EXPECT_EQ(sts.calls.size(), 2U) << "a minute before its end the session is not worth starting with";
}

TEST_F(ChainTest, AnMfaCodeThatIsNoneOrNobodyToAskIsAClearError) {
    machine.shared(kDefaultKeys);
    machine.config("[profile x]\nrole_arn = r\nsource_profile = default\nmfa_serial = device\n");
    machine.answer = "12 456";
    EXPECT_EQ(key("x"), "error: an MFA code has six digits");
    outside.ask = nullptr;
    EXPECT_EQ(code("x"), ErrorCode::PermissionDenied);
    EXPECT_TRUE(sts.calls.empty());
}

TEST_F(ChainTest, AKeptSessionThatOthersCanReadIsNotUsed) {
    machine.shared(kDefaultKeys);
    machine.config("[profile x]\nrole_arn = r\nsource_profile = default\nmfa_serial = device\n");
    machine.answer = "123456";
    EXPECT_EQ(key("x"), "key of r");
    const auto kept = *machine.written.begin();
    machine.files[kept.first] = {.content = kept.second, .open_to_others = true};
    EXPECT_EQ(key("x"), "key of r");
    EXPECT_EQ(machine.questions.size(), 2U);
}

TEST_F(ChainTest, WebIdentityComesFromVariablesOrTheProfile) {
    machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
    EXPECT_EQ(code(), ErrorCode::InvalidArgument) << "without AWS_ROLE_ARN";
    machine.variables["AWS_ROLE_ARN"] = "r";
    machine.variables["AWS_ROLE_SESSION_NAME"] = "name";
    EXPECT_EQ(key(), "error: /token cannot be read: no such file (while reading the web identity token)");
    machine.files["/token"] = {.content = "jwt\n"};
    EXPECT_EQ(key(), "key of r");
    EXPECT_EQ(sts.calls.at(0).token, "jwt");
    EXPECT_EQ(sts.calls.at(0).request.session_name, "name");

    machine.config("[profile x]\nweb_identity_token_file = ~/t\nrole_arn = q\n");
    machine.files["/home/u/t"] = {.content = "other"};
    EXPECT_EQ(key("x"), "key of q");
    EXPECT_EQ(sts.calls.at(1).token, "other");
}

TEST_F(ChainTest, AProcessIsStartedWithItsArgumentsAndItsAnswerIsChecked) {
    machine.config("[profile x]\ncredential_process = ~/bin/tool --name 'a b'\n");
    machine.program_output =
        R"({"Version": 1, "AccessKeyId": "k", "SecretAccessKey": "s", "SessionToken": "t",
            "Expiration": "2026-11-18T13:06:40Z"})";
    const auto found = fetch("x");
    ASSERT_TRUE(found.has_value()) << found.error().describe();
    EXPECT_EQ(found->access_key_id, "k");
    EXPECT_EQ(found->session_token.reveal(), "t");
    EXPECT_EQ(found->expires, from_unix_seconds(1'795'007'200));
    EXPECT_EQ(machine.started.at(0).arguments,
              (std::vector<std::string>{"/home/u/bin/tool", "--name", "a b"}));

    struct Case {
        const char* output;
        const char* message;
    };
    for (const auto& [output, message] : {
             Case{"hunter2", "did not answer with a JSON object"},
             Case{R"({"AccessKeyId": "k", "SecretAccessKey": "hunter2"})", "must answer with \"Version\": 1"},
             Case{R"({"Version": 1, "SecretAccessKey": "hunter2"})", "lacks AccessKeyId or SecretAccessKey"},
             Case{R"({"Version": 1, "AccessKeyId": "k", "SecretAccessKey": "hunter2", "Expiration": "soon"})",
                  "has an unreadable Expiration"},
             Case{R"({"Version": 1, "AccessKeyId": "k", "SecretAccessKey": "hunter2",
                      "Expiration": "2020-01-01T00:00:00Z"})",
                  "keys that expired at 2020-01-01T00:00:00Z"},
         }) {
        machine.program_output = output;
        const auto wrong = fetch("x");
        ASSERT_FALSE(wrong.has_value()) << output;
        EXPECT_NE(wrong.error().message.find(message), std::string::npos) << wrong.error().message;
        EXPECT_EQ(wrong.error().describe().find("hunter2"), std::string::npos);
    }
}

class SsoTest : public ChainTest {
protected:
    void log_in(const std::string& key, const std::string& expires) {
        path = "/home/u/.aws/sso/cache/" + crypto::sha1_hex(key) + ".json";
        machine.files[path] = {.content = R"({"accessToken": "token", "expiresAt": ")" + expires +
                                          R"(", "region": "eu-west-1"})"};
    }
    static constexpr const char* kAnswer =
        R"({"roleCredentials": {"accessKeyId": "k", "secretAccessKey": "s", "sessionToken": "t",
                                "expiration": 1795003600000}})";
    std::string path;
};

TEST_F(SsoTest, TheTokenOfALoginIsExchangedForKeys) {
    const support::HttpServer server([](const ServedRequest&) { return reply(200, kAnswer); });
    machine.variables["AWS_ENDPOINT_URL_SSO"] = server.url("");
    machine.config(
        "[sso-session main]\nsso_start_url = https://start\nsso_region = eu-west-1\n"
        "[profile new]\nsso_session = main\nsso_account_id = 000000000000\nsso_role_name = Admin x\n"
        "[profile old]\nsso_start_url = https://start\nsso_region = eu-west-1\nsso_account_id = 1\n"
        "sso_role_name = r\n");
    log_in("main", "2026-11-19T00:00:00Z");
    const auto found = fetch("new");
    ASSERT_TRUE(found.has_value()) << found.error().describe();
    EXPECT_EQ(found->access_key_id, "k");
    EXPECT_EQ(found->expires, from_unix_seconds(1'795'003'600));
    const auto request = server.requests().at(0);
    EXPECT_EQ(request.target, "/federation/credentials?role_name=Admin%20x&account_id=000000000000");
    EXPECT_EQ(request.header("x-amz-sso_bearer_token"), "token");
    EXPECT_EQ(request.header("Authorization"), "");

    log_in("https://start", "2026-11-19T00:00:00UTC");  // As old versions of the CLI wrote it.
    EXPECT_EQ(key("old"), "k");
}

TEST_F(SsoTest, WithoutAValidLoginTheCommandToRunIsTold) {
    const support::HttpServer server([](const ServedRequest&) { return reply(401, R"({"__type":"x"})"); });
    machine.variables["AWS_ENDPOINT_URL_SSO"] = server.url("");
    machine.config(
        "[sso-session main]\nsso_start_url = https://start\nsso_region = eu-west-1\n"
        "[profile new]\nsso_session = main\nsso_account_id = 1\nsso_role_name = r\n"
        "[profile old]\nsso_start_url = https://start\nsso_region = eu-west-1\nsso_account_id = 1\n"
        "sso_role_name = r\n");
    const std::string login = "error: the IAM Identity Center login of profile ";
    EXPECT_EQ(key("new"), login + "'new' is missing; run: aws sso login --sso-session main");
    EXPECT_EQ(key("old"), login + "'old' is missing; run: aws sso login --profile old");
    log_in("main", "2026-11-18T11:00:00Z");
    EXPECT_EQ(key("new"),
              login + "'new' expired at 2026-11-18T11:00:00Z; run: aws sso login --sso-session main");
    log_in("main", "2026-11-19T00:00:00Z");
    EXPECT_EQ(key("new"), login + "'new' is not accepted any more; run: aws sso login --sso-session main");
    machine.files[path].open_to_others = true;
    EXPECT_EQ(code("new"), ErrorCode::Refused);
}

constexpr const char* kRoleAnswer =
    R"({"Code": "Success", "AccessKeyId": "k", "SecretAccessKey": "s", "Token": "t",
        "Expiration": "2026-11-18T13:06:40Z"})";

TEST_F(ChainTest, TheContainerServiceIsAskedWithTheTokenOfItsFile) {
    const support::HttpServer server([](const ServedRequest&) { return reply(200, kRoleAnswer); });
    machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url("/creds?x=1");
    machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "variable";
    EXPECT_EQ(key(), "k");
    EXPECT_EQ(server.requests().at(0).target, "/creds?x=1");
    EXPECT_EQ(server.requests().at(0).header("Authorization"), "variable");
    EXPECT_EQ(described(), "the container's credentials service");
    machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/auth";
    machine.files["/auth"] = {.content = "file\n", .open_to_others = true};
    EXPECT_EQ(key(), "k");
    EXPECT_EQ(server.requests().at(1).header("Authorization"), "file");
    machine.files["/auth"] = {.content = "a\r\nb"};
    EXPECT_EQ(code(), ErrorCode::InvalidArgument);
}

TEST_F(ChainTest, ContainerCredentialsAreFetchedFromAllowedHostsOnly) {
    struct Case {
        const char* url;
        bool allowed;
    };
    // Nothing listens at any of these (port 1); what counts is whether a connection was tried.
    for (const auto& [url, allowed] : {
             Case{"http://127.0.0.1:1/", true},
             Case{"http://localhost:1/", true},
             Case{"http://[::1]:1/", true},
             Case{"https://127.0.0.1:1/", true},
             Case{"http://192.0.2.1/", false},
             Case{"http://169.254.169.254/", false},
             Case{"http://127.example.com/", false},
             Case{"http://169.254.170.2.example.com/", false},
             Case{"http://127.0.0.1@192.0.2.1/", false},
         }) {
        machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
        EXPECT_EQ(code(), allowed ? ErrorCode::Unavailable : ErrorCode::Refused) << url;
    }
}

TEST_F(ChainTest, ARefusalOfTheContainerServiceIsTheAnswer) {
    const support::HttpServer server(
        [](const ServedRequest&) { return reply(403, R"({"code": "AccessDenied", "message": "hunter2"})"); });
    machine.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url("/");
    EXPECT_EQ(key(), "error: the container's credentials service answers with status 403 (AccessDenied)");
    EXPECT_EQ(code(), ErrorCode::PermissionDenied);
}

class MetadataTest : public ChainTest {
protected:
    MetadataTest() {
        machine.variables.erase("AWS_EC2_METADATA_DISABLED");
        machine.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url("");
    }
    support::Reply serve(const ServedRequest& request) {
        if (request.target == "/latest/api/token")
            return reply(token_status, request.method == "PUT" ? "imds-token" : "");
        if (request.header("X-aws-ec2-metadata-token") != "imds-token") return reply(401, "");
        if (request.target == "/latest/meta-data/iam/security-credentials/")
            return reply(list_status, "role\n");
        return reply(200, answer);
    }
    int token_status = 200;
    int list_status = 200;
    std::string answer = kRoleAnswer;
    support::HttpServer server{[this](const ServedRequest& request) { return serve(request); }};
};

TEST_F(MetadataTest, TheInstanceRoleIsFetchedWithAToken) {
    const auto found = fetch();
    ASSERT_TRUE(found.has_value()) << found.error().describe();
    EXPECT_EQ(found->access_key_id, "k");
    EXPECT_EQ(found->expires, from_unix_seconds(1'795'007'200));
    const auto requests = server.requests();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].header("X-aws-ec2-metadata-token-ttl-seconds"), "21600");
    EXPECT_EQ(requests[2].target, "/latest/meta-data/iam/security-credentials/role");
    EXPECT_EQ(described(), "the EC2 instance's role 'role'");
}

TEST_F(MetadataTest, VersionOneIsNeverAsked) {
    token_status = 404;
    EXPECT_NE(key().find("no EC2 metadata service (version 2) answers"), std::string::npos);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(MetadataTest, NoRoleIsSaidSoAndARefusalIsTheAnswer) {
    list_status = 404;
    EXPECT_NE(key().find("the EC2 instance has no role"), std::string::npos);
    list_status = 200;
    token_status = 403;
    EXPECT_EQ(key(), "error: the EC2 metadata service answers with status 403");
    token_status = 200;
    answer = R"({"Code": "AssumeRoleUnauthorizedAccess"})";
    EXPECT_EQ(key(),
              "error: the EC2 instance's role 'role' cannot be assumed: the metadata service says "
              "AssumeRoleUnauthorizedAccess");
}

TEST_F(MetadataTest, ExpiredKeysAreUsedForTenMinutes) {
    machine.clock.set(from_unix_seconds(1'795'007'201));
    const auto found = fetch();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->expires, machine.clock.now() + std::chrono::minutes{10});
}

TEST_F(MetadataTest, TriesAsOftenAsTheVariableSays) {
    token_status = 500;
    machine.variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "3";
    EXPECT_EQ(code(), ErrorCode::Unavailable);
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(MetadataTest, AServiceThatDoesNotAnswerCostsASecond) {
    const support::HttpServer silent(
        [](const ServedRequest&) { return support::Reply{.bytes = "", .then = support::Reply::Then::Hang}; });
    machine.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = silent.url("");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(code(), ErrorCode::PermissionDenied);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
}

}  // namespace
}  // namespace k3fleet::credentials
