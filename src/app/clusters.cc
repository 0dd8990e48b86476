// Names of the objects, and the conditions each write is made under.
#include "app/clusters.h"

#include <algorithm>
#include <map>

#include "app/journal.h"
#include "base/json.h"
#include "base/text.h"
#include "core/intent/intent.h"

namespace k3fleet::app {

namespace {

constexpr std::string_view kFolder = "clusters/";
constexpr std::string_view kFileEnd = ".yaml";
// The first line of the file of a cluster that is being deleted.
constexpr std::string_view kMark = "# k3fleet: this cluster is being deleted\n";
constexpr int kMarkTries = 5;
constexpr int kPage = 1000;
constexpr int kMaxPages = 100;
constexpr Duration kForgetLease = std::chrono::seconds{30};

std::string file_key(const model::ClusterName& name) {
    return format("{}{}{}", kFolder, name.str(), kFileEnd);
}

bool is_marked(std::string_view stored) { return stored.starts_with(kMark); }
std::string_view without_mark(std::string_view stored) {
    return is_marked(stored) ? stored.substr(kMark.size()) : stored;
}

// A document as one line for each value. Items with a name go by it, so that their order does not matter.
void flatten(const Value& value, const std::string& path, std::map<std::string, std::string>& out) {
    if (value.is_object()) {
        for (const Member& member : value.members())
            flatten(member.value, path.empty() ? member.key : path + "." + member.key, out);
    } else if (value.is_array() && !value.items().empty() && value.items().front().is_object()) {
        for (std::size_t i = 0; i < value.items().size(); ++i) {
            const std::string name = value.items()[i].string_at("name");
            flatten(value.items()[i], path + "." + (name.empty() ? std::to_string(i) : name), out);
        }
    } else {
        out[path] = value.as_string() != nullptr ? *value.as_string() : json::write(value);
    }
}

std::map<std::string, std::string> flat(const model::ClusterIntent& intent) {
    std::map<std::string, std::string> out;
    flatten(intent::to_document(intent), "", out);
    return out;
}

Error changed_meanwhile(const model::ClusterName& name) {
    return {.code = ErrorCode::Conflict,
            .message =
                format("the file of cluster {} was changed by somebody else meanwhile; nothing was uploaded\n"
                       "look at their version with 'k3fleet cluster status {}', then try again",
                       name.str(), name.str())};
}

Status journal(ports::Objects& objects, const model::ClusterName& name, const Doer& doer,
               std::string_view what, Value details = Value::object({})) {
    K3F_TRY_WHILE("writing the journal",
                  journal_operation(objects, name, doer.who, doer.at, what, std::move(details)));
    return {};
}

std::unexpected<Error> unknown_cluster(ports::Objects& objects, const model::ClusterName& name) {
    auto listed = list_clusters(objects);
    if (!listed) return std::unexpected(std::move(listed).error());
    std::vector<std::string> names;
    for (const auto& known : *listed) names.push_back(known.str());
    const std::string meant = nearest(name.str(), names);
    const std::string advice = names.empty()    ? "there is none yet; make one with 'k3fleet cluster create'"
                               : !meant.empty() ? format("did you mean {}?", meant)
                                                : "clusters: " + join(names, ", ");
    return fail(ErrorCode::NotFound, format("there is no cluster '{}'\n{}", name.str(), advice));
}

Status remove_item(ports::LoopState& state, const model::ClusterName& name, model::Loop loop,
                   const model::HolderId& holder, Timestamp now) {
    const ports::LoopKey key{.cluster = name, .loop = loop};
    if (!K3F_TRY(state.read(key))) return {};
    const ports::LoopItem held = K3F_TRY(state.acquire(key, holder, kForgetLease, now));
    return state.remove(held);
}

}  // namespace

Result<ClusterFile> check_cluster_file(std::string_view text, std::string_view name,
                                       const model::ProjectIntent* project) {
    if (is_marked(text))
        return fail(
            ErrorCode::InvalidArgument,
            format("the first line of {} marks a cluster that is being deleted\ntake that line away", name));
    auto reading = intent::read_cluster(text, {.project = project});
    if (!reading) return std::unexpected(intent::to_error(reading.error(), name));
    ClusterFile file{.intent = std::move(reading->intent),
                     .text = std::string(text),
                     .warnings = std::move(reading->warnings)};
    if (project == nullptr) return file;
    const auto alone = intent::read_cluster(text);
    if (!alone || alone->intent.digest != file.intent.digest)
        file.text = json::write_pretty(intent::to_document(file.intent));
    return file;
}

Result<ClusterFile> load_cluster(ports::Objects& objects, const model::ClusterName& name) {
    ClusterFiles fresh;
    return fresh.load(objects, name);
}

Result<ClusterFile> ClusterFiles::load(ports::Objects& objects, const model::ClusterName& name) {
    auto object = K3F_TRY(objects.get(file_key(name)));
    if (!object) {
        last_.erase(name);
        return unknown_cluster(objects, name);
    }
    auto known = last_.find(name);
    if (known == last_.end() || known->second.stored != object->data) {
        ClusterFile file = K3F_TRY(check_cluster_file(without_mark(object->data), file_key(name)));
        file.intent.deleting = is_marked(object->data);
        known = last_.insert_or_assign(name, Read{.stored = std::move(object->data), .file = std::move(file)})
                    .first;
    }
    known->second.file.version = std::move(object->etag);
    return known->second.file;
}

Result<std::vector<model::ClusterName>> list_clusters(ports::Objects& objects) {
    std::vector<model::ClusterName> names;
    std::string after;
    for (int page = 0; page < kMaxPages; ++page) {
        const auto keys = K3F_TRY(objects.list(std::string(kFolder), after, kPage));
        for (const std::string& key : keys)
            if (key.ends_with(kFileEnd))
                names.emplace_back(key.substr(kFolder.size(), key.size() - kFolder.size() - kFileEnd.size()));
        if (keys.size() < static_cast<std::size_t>(kPage)) {
            std::ranges::sort(names);
            return names;
        }
        after = keys.back();
    }
    return fail(ErrorCode::Corrupt,
                format("there are more than {} objects below {}", kPage * kMaxPages, kFolder));
}

Result<ClusterFile> create_cluster(ports::Objects& objects, const ClusterFile& file, const Doer& doer) {
    const model::ClusterName& name = file.intent.name;
    ClusterFile stored = file;
    auto version = objects.put(file_key(name), file.text, ports::Condition::if_absent());
    if (!version && version.error().code == ErrorCode::Conflict) {
        const auto there = K3F_TRY(objects.get(file_key(name)));
        const bool going = there && is_marked(there->data);
        const std::string advice = going ? "it is being deleted; finish that with 'k3fleet cluster delete " +
                                               name.str() + " --wait' first"
                                         : "change it with 'k3fleet apply -f', or choose another name";
        return fail(ErrorCode::Conflict, format("there is a cluster '{}' already\n{}", name.str(), advice));
    }
    stored.version = K3F_TRY(std::move(version));
    stored.intent.deleting = false;
    K3F_TRY(journal(objects, name, doer, "create", Value::object({{"digest", stored.intent.digest}})));
    return stored;
}

std::vector<Change> changes(const model::ClusterIntent& from, const model::ClusterIntent& to) {
    const auto before = flat(from);
    const auto after = flat(to);
    std::vector<Change> out;
    for (const auto& [path, text] : before) {
        const auto it = after.find(path);
        if (it == after.end())
            out.push_back({path, text, ""});
        else if (it->second != text)
            out.push_back({path, text, it->second});
    }
    for (const auto& [path, text] : after)
        if (!before.contains(path)) out.push_back({path, "", text});
    std::ranges::sort(out, {}, &Change::path);
    return out;
}

Result<ClusterFile> replace_cluster(ports::Objects& objects, const ClusterFile& stored,
                                    const ClusterFile& file, const Doer& doer) {
    const model::ClusterName& name = file.intent.name;
    if (stored.intent.deleting)
        return fail(ErrorCode::Refused,
                    format("cluster {} is being deleted and cannot be changed", name.str()));
    auto version = objects.put(file_key(name), file.text, ports::Condition::if_match(stored.version));
    if (!version && version.error().code == ErrorCode::Conflict)
        return std::unexpected(changed_meanwhile(name));
    ClusterFile written = file;
    written.version = K3F_TRY(std::move(version));
    Value list = Value::array();
    for (const Change& change : changes(stored.intent, file.intent))
        list.push(Value::object({{"path", change.path}, {"from", change.from}, {"to", change.to}}));
    K3F_TRY(journal(objects, name, doer, "apply",
                    Value::object({{"digest", file.intent.digest}, {"changes", list}})));
    return written;
}

Status mark_deleting(ports::Objects& objects, const model::ClusterName& name, const Doer& doer) {
    for (int tries = 0; tries < kMarkTries; ++tries) {
        const auto there = K3F_TRY(objects.get(file_key(name)));
        if (!there) return fail(ErrorCode::NotFound, format("there is no cluster '{}'", name.str()));
        if (is_marked(there->data)) return {};
        const auto written = objects.put(file_key(name), std::string(kMark) + there->data,
                                         ports::Condition::if_match(there->etag));
        if (written) return journal(objects, name, doer, "delete");
        if (written.error().code != ErrorCode::Conflict) return std::unexpected(written.error());
    }
    return std::unexpected(changed_meanwhile(name));
}

Status forget_cluster(ports::Objects& objects, ports::LoopState& state, const model::ClusterName& name,
                      const model::HolderId& holder, const Doer& doer) {
    K3F_TRY(remove_item(state, name, model::Loop::Workers, holder, doer.at));
    K3F_TRY(remove_item(state, name, model::Loop::Infra, holder, doer.at));
    K3F_TRY(state.set_freeze(name, std::nullopt));
    K3F_TRY(objects.remove(file_key(name)));
    return journal(objects, name, doer, "deleted");
}

}  // namespace k3fleet::app
