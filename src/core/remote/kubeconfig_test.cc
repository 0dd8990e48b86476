#include "core/remote/kubeconfig.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::remote {
namespace {

const model::Scope kScope{.project = model::ProjectName("shop"), .cluster = model::ClusterName("dev")};

Secret config(int port = 16443) {
    return kubeconfig(kScope, {.port = port, .ca = "CA", .certificate = "CERT", .key = Secret("KEY")});
}

TEST(Kubeconfig, NamesTheTunnelAndTheServersOwnName) {
    const Value read = yaml::parse(config().reveal()).value();
    EXPECT_EQ(read.string_at("current-context"), "k3fleet-shop-dev");
    const Value cluster = read.find("clusters")->items()[0];
    EXPECT_EQ(cluster.string_at("cluster.server"), "https://127.0.0.1:16443");
    EXPECT_EQ(cluster.string_at("cluster.tls-server-name"), "kubernetes");
    EXPECT_EQ(cluster.string_at("cluster.certificate-authority-data"), "Q0E=");
    const Value user = read.find("users")->items()[0];
    EXPECT_EQ(user.string_at("user.client-certificate-data"), "Q0VSVA==");
    EXPECT_EQ(user.string_at("user.client-key-data"), "S0VZ");
    EXPECT_EQ(port_of(config().reveal()), 16443);
}

TEST(Kubeconfig, IsPutIntoOneThatIsThereWithoutTouchingOthers) {
    const std::string there = R"(apiVersion: v1
kind: Config
current-context: prod
preferences: {}
clusters:
  - {name: prod, cluster: {server: "https://prod:6443", insecure-skip-tls-verify: false}}
  - {name: k3fleet-shop-dev, cluster: {server: "https://127.0.0.1:1"}}
  - {name: other, cluster: {server: "https://other:6443"}}
contexts:
  - {name: prod, context: {cluster: prod, user: prod, namespace: "0123"}}
users:
  - {name: prod, user: {exec: {command: aws, args: [eks, get-token], env: null}}}
)";
    const Value before = yaml::parse(there).value();
    const std::string once = merged(there, config()).value().reveal();
    const Value after = yaml::parse(once).value();
    EXPECT_EQ(after.string_at("current-context"), "k3fleet-shop-dev");
    ASSERT_EQ(after.find("clusters")->items().size(), 3U);
    EXPECT_EQ(after.find("clusters")->items()[0], before.find("clusters")->items()[0]);
    EXPECT_EQ(after.find("clusters")->items()[1].string_at("cluster.server"), "https://127.0.0.1:16443");
    EXPECT_EQ(after.find("clusters")->items()[2], before.find("clusters")->items()[2]);
    EXPECT_EQ(after.find("users")->items()[0], before.find("users")->items()[0]);
    EXPECT_EQ(after.find("contexts")->items()[0], before.find("contexts")->items()[0]);
    EXPECT_EQ(merged(once, config()).value().reveal(), once);  // Once more changes nothing.
}

TEST(Kubeconfig, WhatIsNoneIsLeftAlone) {
    EXPECT_EQ(merged("", config()).value().reveal(), config().reveal());
    for (const char* bad : {"- a", "kind: Pod", "clusters: 3", "users: {a: b}", "a: [", "text"})
        EXPECT_FALSE(merged(bad, config())) << bad;
    for (const char* bad : {"", "clusters: []", "clusters: [{cluster: {server: 'https://prod:6443'}}]",
                            "clusters: [{cluster: {server: 'https://127.0.0.1:99999'}}]"})
        EXPECT_EQ(port_of(bad), 0) << bad;
}

}  // namespace
}  // namespace k3fleet::remote
