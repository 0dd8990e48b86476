// Kubeconfigs as people have them, and the ones that are refused with a reason.
#include "adapters/kube/kubeconfig.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/crypto.h"
#include "tests/support/temp_dir.h"

namespace k3fleet::kube {
namespace {

// A kubeconfig with this cluster and user block, in the flow style that fits a test.
std::string config(const std::string& cluster, const std::string& user) {
    return "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\n- name: c1\n  cluster: " +
           cluster + "\nusers:\n- name: u1\n  user: " + user +
           "\ncontexts:\n- name: prod\n  context: {cluster: c1, user: u1}\n"
           "- name: broken\n  context: {cluster: c9, user: u1}\n";
}

const std::string kCluster = "{server: 'https://10.0.0.10:6443/'}";

Result<Connection> read(const std::string& text, const std::string& context = "",
                        const std::string& directory = "/nowhere") {
    return read_kubeconfig(text, directory, context, "the test's file");
}

std::string error_of(const Result<Connection>& result) {
    return result ? "no error" : result.error().describe();
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(Kubeconfig, ReadsInlineDataAndToken) {
    const auto got = read(
        config("{server: 'https://10.0.0.10:6443/', tls-server-name: api, certificate-authority-data: '" +
                   crypto::to_base64("the ca") + "'}",
               "{token: letmein}"));
    ASSERT_TRUE(got) << error_of(got);
    EXPECT_EQ(got->server, "https://10.0.0.10:6443");
    EXPECT_EQ(got->server_name, "api");
    EXPECT_EQ(got->ca_pem, "the ca");
    EXPECT_EQ(got->token.reveal(), "letmein");
    EXPECT_NE(got->described.find("prod"), std::string::npos);
}

TEST(Kubeconfig, ReadsFilesBesideItAndAbsoluteOnes) {
    const support::TempDir folder;
    const std::string root = folder.path().string();
    write_file(root + "/ca.crt", "the ca");
    write_file(root + "/me.crt", "my certificate");
    write_file(root + "/me.key", "my key");
    write_file(root + "/config", config("{server: 'https://h', certificate-authority: ca.crt}",
                                        "{client-certificate: me.crt, client-key: " + root + "/me.key}"));
    const auto got = load_kubeconfig(root + "/config");
    ASSERT_TRUE(got) << error_of(got);
    EXPECT_EQ(got->ca_pem, "the ca");
    EXPECT_EQ(got->client_certificate_pem, "my certificate");
    EXPECT_EQ(got->client_key_pem.reveal(), "my key");
    EXPECT_TRUE(got->token.empty());
}

TEST(Kubeconfig, KeepsTheNameOfATokenFileSinceItsTextChanges) {
    const auto got = read(config(kCluster, "{tokenFile: token, token: old}"), "", "/etc/k");
    ASSERT_TRUE(got) << error_of(got);
    EXPECT_EQ(got->token_file, "/etc/k/token");
    EXPECT_TRUE(got->token.empty());
}

TEST(Kubeconfig, ReadsJsonToo) {
    const auto got = read(
        R"({"kind":"Config","current-context":"x","clusters":[{"name":"c","cluster":{"server":"https://h"}}],
        "users":[{"name":"u","user":{"token":"t"}}],
        "contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}]})");
    ASSERT_TRUE(got) << error_of(got);
    EXPECT_EQ(got->server, "https://h");
}

struct Bad {
    const char* name;
    std::string text;
    const char* context;
    ErrorCode code;
    const char* says;
};

class BadKubeconfig : public testing::TestWithParam<Bad> {};

TEST_P(BadKubeconfig, IsRefusedWithAReason) {
    const auto got = read(GetParam().text, GetParam().context);
    ASSERT_FALSE(got);
    EXPECT_EQ(to_string(got.error().code), to_string(GetParam().code)) << error_of(got);
    EXPECT_NE(error_of(got).find(GetParam().says), std::string::npos) << error_of(got);
    EXPECT_NE(error_of(got).find("the test's file"), std::string::npos) << error_of(got);
}

const std::string kUser = "{token: t}";

INSTANTIATE_TEST_SUITE_P(
    Rows, BadKubeconfig,
    testing::Values(
        Bad{"SkipVerify", config("{server: 'https://h', insecure-skip-tls-verify: true}", kUser), "",
            ErrorCode::Refused, "certificate-authority-data"},
        Bad{"ExecPlugin", config(kCluster, "{exec: {command: aws}}"), "", ErrorCode::Refused,
            "exec is not supported"},
        Bad{"AuthProvider", config(kCluster, "{auth-provider: {name: gcp}}"), "", ErrorCode::Refused,
            "auth-provider"},
        Bad{"Password", config(kCluster, "{username: a, password: b}"), "", ErrorCode::Refused, "1.19"},
        Bad{"Impersonation", config(kCluster, "{token: t, as: root}"), "", ErrorCode::Refused,
            "as is not supported"},
        Bad{"Proxy", config("{server: 'https://h', proxy-url: 'http://p'}", kUser), "", ErrorCode::Refused,
            "HTTPS_PROXY"},
        Bad{"PlainHttp", config("{server: 'http://h:8080'}", kUser), "", ErrorCode::Refused, "plain http"},
        Bad{"NoUrl", config("{server: 10.0.0.1}", kUser), "", ErrorCode::InvalidArgument, "line 6"},
        Bad{"HalfACertificate",
            config(kCluster, "{client-certificate-data: '" + crypto::to_base64("x") + "'}"), "",
            ErrorCode::InvalidArgument, "belong together"},
        Bad{"NoCredentials", config(kCluster, "{}"), "", ErrorCode::InvalidArgument, "neither"},
        Bad{"NotBase64", config("{server: 'https://h', certificate-authority-data: '*'}", kUser), "",
            ErrorCode::InvalidArgument, "base64"},
        Bad{"NumberAsToken", config(kCluster, "{token: 17}"), "", ErrorCode::InvalidArgument,
            "token must be a text"},
        Bad{"UnknownContext", config(kCluster, kUser), "prd", ErrorCode::NotFound, "did you mean prod?"},
        Bad{"UnknownCluster", config(kCluster, kUser), "broken", ErrorCode::NotFound,
            "cluster called \"c9\""},
        Bad{"NoContext", "kind: Config\n", "", ErrorCode::InvalidArgument, "current-context"},
        Bad{"OtherKind", "kind: Pod\n", "", ErrorCode::InvalidArgument, "no kubeconfig"},
        Bad{"NotYaml", "kind: [", "", ErrorCode::InvalidArgument, "line"}),
    [](const auto& row) { return std::string(row.param.name); });

// A slip of the hand puts a token where the reader does not expect it: it says where, and never shows it.
TEST(Kubeconfig, ShowsNoTokenThatStandsInTheWrongPlace) {
    const std::string token = "token-that-nobody-may-see";
    const std::string users = "kind: Config\nusers:\n- name: u1\n  user:\n";
    for (const std::string& text : {
             users + "    token:\n    " + token + "\n",
             users + "    " + token + "\n    token: x\n",
             users + "    '" + token + "': a\n    '" + token + "': b\n",
             users + "    token: 9e99999 # " + token + "\n",
             "{\"users\": [{\"" + token + "\": 1, \"" + token + "\": 2}]}",
             "{\"users\": [{\"token\": \"" + token + "\",]}",
         }) {
        const auto got = read(text);
        ASSERT_FALSE(got) << text;
        EXPECT_NE(error_of(got).find("line "), std::string::npos) << error_of(got);
        EXPECT_EQ(error_of(got).find(token), std::string::npos) << error_of(got);
    }
}

TEST(Kubeconfig, NamesAFileThatIsMissing) {
    const auto got = read(config("{server: 'https://h', certificate-authority: gone.crt}", "{token: t}"));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::NotFound);
    EXPECT_NE(error_of(got).find("/nowhere/gone.crt"), std::string::npos) << error_of(got);
}

TEST(InCluster, UsesTheMountedServiceAccount) {
    const support::TempDir folder;
    const std::string root = folder.path().string();
    write_file(root + "/ca.crt", "the ca");
    write_file(root + "/token", "t");
    const auto got = in_cluster("10.43.0.1", "443", root);
    ASSERT_TRUE(got) << error_of(got);
    EXPECT_EQ(got->server, "https://10.43.0.1:443");
    EXPECT_EQ(got->ca_pem, "the ca");
    EXPECT_EQ(got->token_file, root + "/token");
    EXPECT_EQ(in_cluster("fd00::1", "443", root)->server, "https://[fd00::1]:443");
}

TEST(InCluster, SaysWhenWeAreInNoPod) {
    EXPECT_EQ(in_cluster("", "").error().code, ErrorCode::Refused);
    const support::TempDir folder;
    EXPECT_EQ(in_cluster("h", "443", folder.path().string()).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace k3fleet::kube
