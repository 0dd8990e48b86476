// What a machine's start script comes to: the steps of boot.sh, join.sh, mint-join.sh and mint-kube.sh of
// src/core/bootstrap/node, one by one, as the machine would take them with its role's rights. The scripts
// themselves run in tests/node; here is what they mean for everybody else.
#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "adapters/simcloud/aws/rights.h"
#include "adapters/simcloud/aws/sim_api.h"
#include "adapters/simcloud/engine.h"
#include "aws/gen/secretsmanager.h"
#include "base/check.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/model/resource_names.h"

namespace k3fleet::simcloud {
namespace {

namespace secretsmanager = aws::secretsmanager;
using Kind = NodeScript::Kind;

constexpr Duration kJoinTokenLasts = std::chrono::minutes{90};
constexpr Duration kJoinTokenFresh = std::chrono::minutes{20};
constexpr Duration kCredentialLasts = std::chrono::hours{12};
constexpr Duration kCredentialEvery = std::chrono::hours{2};
constexpr std::size_t kMostProblems = 100;

// As production renders them; the same for all worlds, which have the same account and few names.
const Rights& rights_of(iam::Principal who, const model::Scope& scope) {
    using Key = std::tuple<iam::Principal, std::string, std::string, std::string>;
    thread_local std::map<Key, std::unique_ptr<Rights>> known;
    auto& rights = known[{who, scope.project.str(), scope.cluster.str(), scope.region}];
    if (rights) return *rights;
    auto made = Rights::of(who, {.scope = scope, .clusters = {scope.cluster}, .keys = iam::Keys::Aws});
    K3F_CHECK(made.has_value(), "our own policies can be read");
    rights = *std::move(made);
    return *rights;
}

std::string digits(Prng random, std::size_t count) {
    std::string text;
    while (text.size() < count) text += format("{:016x}", random.next());
    return text.substr(0, count);
}

// "https://10.0.2.10:6443" -> "10.0.2.10"
std::string host_of(std::string_view url) {
    constexpr std::string_view kScheme = "https://";
    if (url.starts_with(kScheme)) url.remove_prefix(kScheme.size());
    return std::string(url.substr(0, url.find(':')));
}

std::vector<std::string> urls(const std::vector<std::string>& addresses, int port) {
    std::vector<std::string> list;
    for (const std::string& address : addresses) list.push_back(format("https://{}:{}", address, port));
    return list;
}

Value list_of(const std::vector<std::string>& texts) {
    Value list = Value::array();
    for (const std::string& text : texts) list.push(text);
    return list;
}

// The digest in "K10<digest>::...", empty if it is no such token.
std::string pin_of(std::string_view token) {
    constexpr std::size_t kDigest = 64;
    if (!token.starts_with("K10") || token.size() < 3 + kDigest + 2 || token.substr(3 + kDigest, 2) != "::")
        return {};
    return std::string(token.substr(3, kDigest));
}

bool is_password(std::string_view text) {
    return text.size() >= 32 && text.size() <= 128 && std::ranges::all_of(text, is_letter_or_digit);
}

}  // namespace

// A machine at work: what it reads and writes, and what it finds.
class NodeRun {
public:
    NodeRun(Engine& engine, SimInstance& instance, SimCluster& cluster)
        : engine_(engine),
          instance_(instance),
          cluster_(cluster),
          api_(engine, rights().arn(), &rights(), cluster.setup.region) {}

    JoinStep join() {
        const NodeScript& script = instance_.script;
        if (script.kind == Kind::Broken) return never("its start script lacks what it needs");
        if (script.master() && script.slot_address != instance_.address)
            return never(
                format("its address is {} and its slot's is {}", instance_.address, script.slot_address));
        if (!contains(script.types, instance_.shown.offering.instance_type))
            return never(format("nothing was planned for a {}", instance_.shown.offering.instance_type));
        return script.master() ? join_as_master() : join_as_worker();
    }

    // Both timers of a master.
    void mint() {
        mint_join();
        if (engine_.now() - cluster_.keys.credential_at >= kCredentialEvery) mint_credential();
    }

private:
    const Rights& rights() const {
        model::Scope scope{.project = cluster_.setup.project,
                           .cluster = cluster_.setup.name,
                           .account = engine_.state().account.number,
                           .region = cluster_.setup.region,
                           .home_region = engine_.state().account.region};
        const bool master = instance_.shown.role == model::Role::Master;
        return rights_of(master ? iam::Principal::Master : iam::Principal::Node, scope);
    }

    JoinStep never(const std::string& why) {
        note(why);
        return JoinStep::Never;
    }
    void note(const std::string& why) {
        auto& problems = cluster_.keys.problems;
        const std::string line = format("{}: {}", instance_.shown.id.str(), why);
        if (problems.size() < kMostProblems && !contains(problems, line)) problems.push_back(line);
    }

    // Null: it is empty, or not there, or not for us.
    Value read_secret(std::string_view name) {
        secretsmanager::GetSecretValueRequest request{.secret_id =
                                                          format("{}/{}", instance_.script.prefix, name)};
        const auto answer = api_.call(request);
        if (!answer) {
            if (answer.error().code == ErrorCode::PermissionDenied) note(answer.error().describe());
            return {};
        }
        if (!answer->secret_string) return {};
        auto value = json::parse(answer->secret_string->reveal());
        return value ? *std::move(value) : Value();
    }
    void write_secret(std::string_view name, const Value& value) {
        secretsmanager::PutSecretValueRequest request{.secret_id =
                                                          format("{}/{}", instance_.script.prefix, name)};
        request.client_request_token = digits(engine_.dice("node-token", ++cluster_.keys.made), 32);
        request.secret_string = Secret(json::write(value));
        if (const auto answer = api_.call(request); !answer) note(answer.error().describe());
    }

    // A server of the list that answers and has the CA of the token.
    bool finds_server(const Value& join) {
        pin_ = pin_of(join.string_at("token"));
        if (pin_.empty() || pin_ != cluster_.keys.ca) return false;
        const Value* servers = join.find("servers");
        if (servers == nullptr || engine_.suffers(FaultKind::ApiDown, cluster_.setup.name.str()))
            return false;
        return std::ranges::any_of(servers->items(), [&](const Value& server) {
            const std::string* url = server.as_string();
            return url != nullptr && answers(host_of(*url));
        });
    }
    bool answers(const std::string& address) {
        return std::ranges::any_of(cluster_.nodes, [&](const SimNode& node) {
            const SimInstance* machine = engine_.find_instance(node.instance);
            return node.shown.role == model::Role::Master && node.machine && machine != nullptr &&
                   machine->address == address;
        });
    }

    JoinStep join_as_worker() {
        const Value join = read_secret("k3s-token");
        if (!finds_server(join)) return JoinStep::Later;
        // The server knows its tokens, and takes no machine under the name of another.
        const auto token = cluster_.keys.tokens.find(join.string_at("token"));
        if (token == cluster_.keys.tokens.end() || token->second <= engine_.now()) return JoinStep::Later;
        return enter();
    }

    JoinStep join_as_master() {
        const Value tokens = read_secret("server-token");
        const std::string password = tokens.string_at("server");
        const std::string agent = tokens.string_at("agent");
        if (!is_password(password) || !is_password(agent) || password == agent) return JoinStep::Later;
        const bool found = finds_server(read_secret("k3s-token"));
        if (instance_.script.kind == Kind::FirstMaster) {
            if (found) return never("the cluster is there already: it must join it, not begin another");
            begin_cluster(password);
            return JoinStep::Founds;
        }
        if (!found || !engine_.api_up(cluster_)) return JoinStep::Later;
        if (password != cluster_.keys.password) return never("the servers of its cluster have another token");
        return enter();
    }

    void begin_cluster(const std::string& password) {
        ClusterKeys& keys = cluster_.keys;
        keys.ca = digits(engine_.dice("cluster-ca", mix_text(instance_.shown.id.str())), 64);
        keys.password = password;
        keys.tokens.clear();
        keys.node_passwords = {{instance_.shown.id.str(), instance_.number}};
        keys.credential_at = {};
    }

    // The rule of node passwords: a name belongs to the machine that had it first, until its Node is deleted.
    JoinStep enter() {
        const auto [owner, fresh] =
            cluster_.keys.node_passwords.emplace(instance_.shown.id.str(), instance_.number);
        if (!fresh && owner->second != instance_.number)
            return never("another machine has been the node of this name");
        return JoinStep::Joins;
    }

    bool is_fresh(const Value& join) const {
        const auto minted = parse_timestamp(join.string_at("minted_at"));
        const Value* servers = join.find("servers");
        return minted && engine_.now() - *minted < kJoinTokenFresh && servers != nullptr &&
               *servers == list_of(urls(instance_.script.servers, 6443)) &&
               pin_of(join.string_at("token")) == cluster_.keys.ca;
    }
    void mint_join() {
        if (is_fresh(read_secret("k3s-token"))) return;
        ClusterKeys& keys = cluster_.keys;
        const Timestamp now = engine_.now();
        std::erase_if(keys.tokens, [&](const auto& token) { return token.second <= now; });
        const std::string drawn = digits(engine_.dice("join-token", ++keys.made), 22);
        const std::string token = format("K10{}::{}.{}", keys.ca, drawn.substr(0, 6), drawn.substr(6));
        keys.tokens[token] = now + kJoinTokenLasts;
        write_secret("k3s-token", Value::object({{"token", token},
                                                 {"servers", list_of(urls(instance_.script.servers, 6443))},
                                                 {"minted_at", to_rfc3339(now)}}));
    }
    void mint_credential() {
        const std::string drawn = digits(engine_.dice("credential", ++cluster_.keys.made), 48);
        cluster_.keys.credential_at = engine_.now();
        const auto& servers = instance_.script.servers;
        write_secret(
            "autoscaler-kube",
            Value::object({{"ca", cluster_.keys.ca},
                           {"endpoints", list_of(urls(servers, 6443))},
                           {"token", drawn},
                           {"expires_at", to_rfc3339(engine_.now() + kCredentialLasts)},
                           {"prometheus", Value::object({{"endpoints", list_of(urls(servers, 30090))},
                                                         {"ca", cluster_.keys.ca},
                                                         {"username", "k3fleet"},
                                                         {"password", drawn}})}}));
    }

    Engine& engine_;
    SimInstance& instance_;
    SimCluster& cluster_;
    SimApi api_;
    std::string pin_;
};

JoinStep Engine::run_start_script(SimInstance& instance, SimCluster& cluster) {
    return NodeRun(*this, instance, cluster).join();
}

void Engine::mint(SimInstance& instance, SimCluster& cluster) {
    constexpr Duration kEvery = std::chrono::minutes{30};
    constexpr Duration kAgain = std::chrono::minutes{1};
    const bool serves = std::ranges::any_of(
        cluster.nodes, [&](const SimNode& node) { return node.instance == instance.number && node.machine; });
    if (!serves || instance.shown.state != model::InstanceState::Running) return;
    const bool up = api_up(cluster);
    if (up) NodeRun(*this, instance, cluster).mint();
    plan_event(up ? kEvery : kAgain, EventKind::Mint, cluster.number, instance.number);
}

}  // namespace k3fleet::simcloud
