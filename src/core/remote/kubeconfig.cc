#include "core/remote/kubeconfig.h"

#include <charconv>

#include "base/crypto.h"
#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::remote {

namespace {

constexpr std::string_view kServer = "https://127.0.0.1:";
// The API server's certificate has this name whatever the master's address is.
constexpr std::string_view kServerName = "kubernetes";

Value named(const std::string& name, std::string_view what, Value content) {
    return Value::array({Value::object({{"name", name}, {what, std::move(content)}})});
}

// The list with its entries of the same names replaced where they stand, others of ours behind.
Value with_entries(const Value& there, const Value& ours) {
    Value list = Value::array();
    for (const Value& entry : there.items()) {
        const Value* replacement = nullptr;
        for (const Value& own : ours.items())
            if (own.string_at("name") == entry.string_at("name")) replacement = &own;
        list.push(replacement != nullptr ? *replacement : entry);
    }
    for (const Value& own : ours.items()) {
        bool known = false;
        for (const Value& entry : there.items())
            known = known || own.string_at("name") == entry.string_at("name");
        if (!known) list.push(own);
    }
    return list;
}

}  // namespace

std::string context_name(const model::Scope& scope) {
    return format("k3fleet-{}-{}", scope.project.str(), scope.cluster.str());
}

Secret kubeconfig(const model::Scope& scope, const Access& access) {
    const std::string name = context_name(scope);
    const Value cluster = Value::object({{"server", format("{}{}", kServer, access.port)},
                                         {"tls-server-name", kServerName},
                                         {"certificate-authority-data", crypto::to_base64(access.ca)}});
    const Value user = Value::object({{"client-certificate-data", crypto::to_base64(access.certificate)},
                                      {"client-key-data", crypto::to_base64(access.key.reveal())}});
    return Secret(yaml::write(Value::object(
        {{"apiVersion", "v1"},
         {"kind", "Config"},
         {"current-context", name},
         {"clusters", named(name, "cluster", cluster)},
         {"contexts", named(name, "context", Value::object({{"cluster", name}, {"user", name}}))},
         {"users", named(name, "user", user)}})));
}

Result<Secret> merged(const std::string& there, const Secret& ours) {
    if (trim(there).empty()) return ours;
    Value whole = K3F_TRY_WHILE("reading the kubeconfig that is there", yaml::parse(there, {.secret = true}));
    const Value own = K3F_TRY(yaml::parse(ours.reveal(), {.secret = true}));
    const std::string kind = whole.string_at("kind", "Config");
    if (!whole.is_object() || kind != "Config")
        return fail(ErrorCode::Corrupt, "what is there is no kubeconfig");
    for (const char* list : {"clusters", "contexts", "users"}) {
        const Value* former = whole.find(list);
        if (former != nullptr && !former->is_null() && !former->is_array())
            return fail(ErrorCode::Corrupt,
                        format("what is there is no kubeconfig: its {} are {}", list, former->kind_name()));
        whole.set(list, with_entries(former == nullptr ? Value() : *former, *own.find(list)));
    }
    whole.set("apiVersion", "v1").set("kind", "Config");
    whole.set("current-context", own.string_at("current-context"));
    return Secret(yaml::write(whole));
}

int port_of(const std::string& text) {
    const auto config = yaml::parse(text);
    if (!config) return 0;
    const Value* clusters = config->find("clusters");
    if (clusters == nullptr || clusters->items().empty()) return 0;
    const std::string server = clusters->items().front().string_at("cluster.server");
    if (!server.starts_with(kServer)) return 0;
    int port = 0;
    const char* end = server.data() + server.size();
    const auto [read, problem] = std::from_chars(server.data() + kServer.size(), end, port);
    return problem == std::errc{} && read == end && port > 0 && port < 65536 ? port : 0;
}

}  // namespace k3fleet::remote
