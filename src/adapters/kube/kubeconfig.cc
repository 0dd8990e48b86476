// Reads kubeconfig files and the in-pod service account; see kubeconfig.h for what is refused and why.
#include "adapters/kube/kubeconfig.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/crypto.h"
#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::kube {
namespace {

constexpr std::size_t kMaxFileBytes = 1UL << 20;

Result<std::string> read_small_file(const std::string& path, std::string_view what) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const std::string why = std::strerror(errno);
        return fail(errno == EACCES ? ErrorCode::PermissionDenied : ErrorCode::NotFound,
                    format("cannot read {} {}: {}", what, path, why));
    }
    std::string text(kMaxFileBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return fail(ErrorCode::Unavailable, format("reading {} {} failed half-way", what, path));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes)
        return fail(ErrorCode::InvalidArgument,
                    format("{} {} is larger than 1 MiB: it is not what it should be", what, path));
    return text;
}

// A part of the file and how to speak of it.
struct Section {
    const Value* value = nullptr;
    std::string described;

    std::unexpected<Error> error(ErrorCode code, const Value& at, std::string_view what) const {
        if (at.position.line == 0) return fail(code, format("{}: {}", described, what));
        return fail(code, format("{}, line {}, column {}: {}", described, at.position.line,
                                 at.position.column, what));
    }

    // The text of an optional member; empty if it is missing or null.
    Result<std::string> text(std::string_view key) const {
        const Value* member = value->find(key);
        if (member == nullptr || member->is_null()) return std::string();
        const std::string* found = member->as_string();
        if (found == nullptr)
            return error(ErrorCode::InvalidArgument, *member,
                         format("{} must be a text, not {}", key, member->kind_name()));
        return *found;
    }

    Status refuse(std::string_view key, std::string_view advice) const {
        const Value* member = value->find(key);
        if (member == nullptr || member->is_null() || member->as_bool() == false) return {};
        return error(ErrorCode::Refused, *member, format("{} is not supported: {}", key, advice));
    }
};

// The entry called `name` of a list like clusters: [{name: …, cluster: {…}}].
Result<Section> entry(const Section& root, std::string_view list, std::string_view kind,
                      const std::string& name) {
    const Value* entries = root.value->find(list);
    std::vector<std::string> names;
    for (const Value& one : entries == nullptr ? Value::Array{} : entries->items())
        names.push_back(one.string_at("name"));
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != name) continue;
        const Value* content = entries->items()[i].find(kind);
        if (content == nullptr || !content->is_object())
            return root.error(ErrorCode::InvalidArgument, entries->items()[i],
                              format("{} {} has no {} block", kind, name, kind));
        return Section{content, root.described};
    }
    const std::string guess = nearest(name, names);
    return fail(ErrorCode::NotFound, format("{} has no {} called \"{}\"; it has: {}{}", root.described, kind,
                                            name, names.empty() ? "none" : join(names, ", "),
                                            guess.empty() ? "" : format("; did you mean {}?", guess)));
}

// Something given inline in base64 (KEY-data), or as a file (KEY). Inline wins, as in kubectl.
Result<std::string> data_or_file(const Section& section, const std::string& key,
                                 const std::string& directory) {
    const std::string inline_text = K3F_TRY(section.text(key + "-data"));
    if (!inline_text.empty()) {
        auto decoded = crypto::from_base64(inline_text);
        if (!decoded)
            return section.error(ErrorCode::InvalidArgument, *section.value->find(key + "-data"),
                                 format("{}-data is not base64: {}", key, decoded.error().message));
        return std::move(*decoded);
    }
    const std::string path = K3F_TRY(section.text(key));
    if (path.empty()) return std::string();
    return read_small_file(path.front() == '/' ? path : directory + "/" + path, key);
}

Status read_cluster(const Section& cluster, const std::string& directory, Connection& to) {
    K3F_TRY(cluster.refuse("insecure-skip-tls-verify",
                           "anybody in between could read and change everything; put the cluster's CA into "
                           "certificate-authority-data instead"));
    K3F_TRY(cluster.refuse("proxy-url", "name the proxy in HTTPS_PROXY"));
    to.server = K3F_TRY(cluster.text("server"));
    while (to.server.ends_with('/')) to.server.pop_back();
    const bool https = to.server.starts_with("https://");
    if (!https && !to.server.starts_with("http://"))
        return cluster.error(
            ErrorCode::InvalidArgument, *cluster.value,
            format("server must be a URL like https://10.0.0.10:6443, not \"{}\"", to.server));
    to.server_name = K3F_TRY(cluster.text("tls-server-name"));
    to.ca_pem = K3F_TRY(data_or_file(cluster, "certificate-authority", directory));
    return {};
}

Status read_user(const Section& user, const std::string& directory, Connection& to) {
    constexpr std::string_view kNoPrograms =
        "k3fleet runs no programs to get credentials; use a client certificate or a service account's token "
        "(`kubectl create token`)";
    K3F_TRY(user.refuse("exec", kNoPrograms));
    K3F_TRY(user.refuse("auth-provider", kNoPrograms));
    for (const char* key : {"username", "password"})
        K3F_TRY(user.refuse(
            key, "API servers take no passwords since Kubernetes 1.19; use a client certificate or a token"));
    for (const char* key : {"as", "as-uid", "as-groups", "as-user-extra"})
        K3F_TRY(user.refuse(key, "use a user of its own with the rights that are needed"));
    to.client_certificate_pem = K3F_TRY(data_or_file(user, "client-certificate", directory));
    to.client_key_pem = Secret(K3F_TRY(data_or_file(user, "client-key", directory)));
    if (to.client_certificate_pem.empty() != to.client_key_pem.empty())
        return user.error(ErrorCode::InvalidArgument, *user.value,
                          "client-certificate and client-key belong together: one of them is missing");
    to.token = Secret(K3F_TRY(user.text("token")));
    to.token_file = K3F_TRY(user.text("tokenFile"));
    // kubectl prefers the file, and falls back on the text only if there is no file.
    if (!to.token_file.empty()) to.token = Secret();
    if (!to.token_file.empty() && to.token_file.front() != '/')
        to.token_file = directory + "/" + to.token_file;
    if (to.client_key_pem.empty() && to.token.empty() && to.token_file.empty())
        return user.error(ErrorCode::InvalidArgument, *user.value,
                          "the user has neither a client certificate nor a token nor a tokenFile");
    return {};
}

}  // namespace

Result<Connection> read_kubeconfig(std::string_view text, const std::string& directory,
                                   const std::string& context, const std::string& described) {
    const Value root = K3F_TRY_WHILE(format("reading {}", described), yaml::parse(text, {.secret = true}));
    const Section file{&root, described};
    if (!root.is_object() || root.string_at("kind", "Config") != "Config")
        return file.error(ErrorCode::InvalidArgument, root, "this is no kubeconfig: kind must be Config");
    const std::string name = context.empty() ? root.string_at("current-context") : context;
    if (name.empty())
        return fail(ErrorCode::InvalidArgument,
                    format("{} has no current-context: name the context to use", described));
    const Section chosen = K3F_TRY(entry(file, "contexts", "context", name));
    const std::string cluster_name = K3F_TRY(chosen.text("cluster"));
    const std::string user_name = K3F_TRY(chosen.text("user"));
    const Section cluster = K3F_TRY(entry(file, "clusters", "cluster", cluster_name));
    const Section user = K3F_TRY(entry(file, "users", "user", user_name));

    Connection connection;
    connection.described = format("context {} of {}", name, described);
    K3F_TRY(read_cluster(cluster, directory, connection));
    K3F_TRY(read_user(user, directory, connection));
    if (connection.server.starts_with("http://"))
        return cluster.error(
            ErrorCode::Refused, *cluster.value,
            format("server {} is plain http: credentials would cross the network in the open; use https",
                   connection.server));
    return connection;
}

Result<Connection> load_kubeconfig(const std::string& path, const std::string& context) {
    const std::string text = K3F_TRY(read_small_file(path, "kubeconfig"));
    const std::size_t slash = path.rfind('/');
    const std::string directory =
        slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
    return read_kubeconfig(text, directory, context, path);
}

Result<Connection> in_cluster(const std::string& host, const std::string& port,
                              const std::string& directory) {
    if (host.empty() || port.empty())
        return fail(ErrorCode::Refused,
                    "not inside a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; name "
                    "a kubeconfig");
    Connection connection;
    const bool ipv6 = host.find(':') != std::string::npos;
    connection.server = format("https://{}{}{}:{}", ipv6 ? "[" : "", host, ipv6 ? "]" : "", port);
    connection.ca_pem = K3F_TRY(read_small_file(directory + "/ca.crt", "the pod's CA"));
    connection.token_file = directory + "/token";
    K3F_TRY(read_small_file(connection.token_file, "the service account's token"));
    connection.described = "the service account of this pod";
    return connection;
}

}  // namespace k3fleet::kube
