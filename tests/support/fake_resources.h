// An account in memory behind the port Resources: as strict as the contract, with refusals, slow kinds and a
// crash where a test asks for them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "core/resources/kinds.h"
#include "core/resources/references.h"
#include "ports/clock.h"
#include "ports/executor.h"
#include "ports/resources.h"

namespace k3fleet::testing {

// Goes on only when it is slept on.
class SteppingClock final : public ports::Clock {
public:
    Timestamp now() override { return now_; }
    Status sleep_until(Timestamp until) override {
        if (cancelled) return fail(ErrorCode::Cancelled, "asked to stop");
        now_ = std::max(now_, until);
        return {};
    }
    bool cancelled = false;

private:
    Timestamp now_{std::chrono::hours{24 * 365 * 50}};
};

// One after the other, the last first: who relies on the order of independent jobs is found out.
class BackwardExecutor final : public ports::Executor {
public:
    void run_all(std::vector<std::function<void()>> jobs) override {
        widest = std::max(widest, jobs.size());
        while (!jobs.empty()) {
            jobs.back()();
            jobs.pop_back();
        }
    }
    std::size_t widest = 0;
};

struct Killed {};  // Thrown where the process would be killed.

// As everything was when it began: what has happened since is not in it.
class FakeSurvey final : public ports::Survey {
public:
    using Observed = resources::Observed;
    using Resource = resources::Resource;
    using Reading = std::function<Result<std::optional<Observed>>(const Resource&)>;

    FakeSurvey(std::vector<Observed> tagged, Reading reading)
        : tagged_(std::move(tagged)), reading_(std::move(reading)) {}
    Result<std::optional<Observed>> read(const Resource& resource) override { return reading_(resource); }
    Result<std::vector<Observed>> listing(const model::ClusterName& cluster) override {
        std::vector<Observed> found;
        for (const Observed& thing : tagged_)
            if (cluster_of(thing) == cluster) found.push_back(thing);
        return found;
    }
    Result<std::vector<model::ClusterName>> clusters() override {
        std::set<model::ClusterName> names;
        for (const Observed& thing : tagged_)
            if (!thing.kept_until && !cluster_of(thing).empty()) names.insert(cluster_of(thing));
        return std::vector(names.begin(), names.end());
    }

private:
    static model::ClusterName cluster_of(const Observed& thing) {
        const auto tag = thing.tags.find("Cluster");
        return model::ClusterName(tag != thing.tags.end() ? tag->second : "");
    }

    std::vector<Observed> tagged_;
    Reading reading_;
};

class FakeResources final : public ports::Resources {
public:
    using Observed = resources::Observed;
    using Resource = resources::Resource;

    Result<std::optional<Observed>> read(const Resource& resource) override {
        count("read");
        Observed* there = find(resource);
        if (there == nullptr || !tells_apart(resource)) return std::optional<Observed>{};
        if (there->pending && --slow_[there->physical_id] <= 0) there->pending = false;
        return std::optional(*there);
    }

    Result<Observed> create(const Resource& resource, const model::Token& token) override {
        count("create " + resource.id.str());
        K3F_CHECK(resources::is_resolved(resource.properties), "created with references that are left");
        if (auto refusal = refused(resource.id.str())) return std::unexpected(*refusal);
        if (const auto before = by_token_.find(token.str()); before != by_token_.end())
            if (Observed* there = by_physical(before->second)) return *there;
        if (Observed* there = find(resource))
            return fail(ErrorCode::Internal, format("{} is made twice", there->physical_id));
        Observed made{.id = resource.id,
                      .type = resource.type,
                      .physical_id = format("{}-{}", resource.id.str(), ++serial_),
                      .properties = resource.properties,
                      .tags = resource.tags};
        for (const char* name : {"Arn", "GroupId", "AllocationId"})
            made.attributes.set(name, format("{}.{}", made.physical_id, name));
        if (slow.contains(resource.type)) {
            made.pending = true;
            made.waiting_for = "becomes usable";
            slow_[made.physical_id] = 3;
        }
        by_token_[token.str()] = made.physical_id;
        things.push_back(made);
        count("created " + resource.id.str());
        return made;
    }

    Result<Observed> update(const Observed& observed, const Resource& resource) override {
        count("update " + resource.id.str());
        K3F_CHECK(resources::is_resolved(resource.properties), "updated with references that are left");
        Observed* there = by_physical(observed.physical_id);
        if (there == nullptr) return fail(ErrorCode::NotFound, "it is gone");
        there->properties = resource.properties;
        there->tags = resource.tags;
        return *there;
    }

    // What another thing still names is not let go.
    Result<ports::Removal> remove(const Observed& observed) override {
        count("remove " + observed.physical_id);
        Observed* there = by_physical(observed.physical_id);
        if (there == nullptr) return ports::Removal{};
        for (const Observed& other : things)
            if (other.physical_id != there->physical_id && mentions(other.properties, there->physical_id)) {
                ++held;
                return ports::Removal{.state = ports::Removal::State::Going,
                                      .waiting_for = format("held by {}", other.physical_id)};
            }
        if (slow.contains(there->type) && slow_[there->physical_id + " going"]++ < 3)
            return ports::Removal{.state = ports::Removal::State::Going, .waiting_for = "goes"};
        const bool kept = resources::kind_of(there->type).deletion == resources::Deletion::Delayed;
        std::erase_if(things, [&](const Observed& o) { return o.physical_id == observed.physical_id; });
        count("removed " + observed.physical_id);
        if (!kept) return ports::Removal{};
        return ports::Removal{.state = ports::Removal::State::Kept,
                              .until = Timestamp{std::chrono::hours{1}}};
    }

    Result<std::unique_ptr<ports::Survey>> survey(const model::Scope& scope) override {
        const auto reading = [this,
                              then = things](const Resource& resource) -> Result<std::optional<Observed>> {
            count("read");
            const Observed* there = find(then, resource);
            if (there == nullptr || !tells_apart(resource)) return std::optional<Observed>{};
            return std::optional(*there);
        };
        return std::make_unique<FakeSurvey>(list(scope), reading);
    }

    std::vector<Observed> list(const model::Scope& scope) {
        count("list");
        std::vector<Observed> found;
        for (const Observed& thing : things) {
            if (!thing.tags.contains("Project") || thing.tags.at("Project") != scope.project.str()) continue;
            const auto cluster = thing.tags.find("Cluster");
            if (!scope.cluster.empty() &&
                (cluster == thing.tags.end() || cluster->second != scope.cluster.str()))
                continue;
            found.push_back(thing);
        }
        return found;
    }

    Observed* find(const Resource& resource) { return find(things, resource); }

    std::vector<Observed> things;
    std::set<std::string> slow;                          // Types.
    std::map<std::string, std::vector<Error>> refusals;  // By logical id: given one after the other.
    std::vector<std::string> calls;
    int kill_at = -1;  // At this call; -1: never.
    int held = 0;      // So often something was to be removed that another named.

private:
    template <typename Things>
    static auto find(Things& among, const Resource& resource) -> decltype(&among.front()) {
        for (auto& thing : among)
            if (thing.id == resource.id && thing.type == resource.type &&
                cluster_of(thing.tags) == cluster_of(resource.tags))
                return &thing;
        return nullptr;
    }
    // What is not found by its tags is not found before that is known which tells it apart.
    static bool tells_apart(const Resource& resource) {
        const resources::Kind& kind = resources::kind_of(resource.type);
        if (kind.find == resources::FindBy::Tagged) return true;
        for (const Member& member : resource.properties.members())
            if (resources::needs_replacement(kind, member.key) && !resources::is_resolved(member.value))
                return false;
        return true;
    }
    static std::string cluster_of(const resources::Tags& tags) {
        const auto at = tags.find("Cluster");
        return at != tags.end() ? at->second : "";
    }
    static bool mentions(const Value& value, const std::string& physical) {
        if (const std::string* text = value.as_string())
            return *text == physical || text->starts_with(physical + ".");
        for (const Value& item : value.items())
            if (mentions(item, physical)) return true;
        for (const Member& member : value.members())
            if (mentions(member.value, physical)) return true;
        return false;
    }
    void count(std::string call) {
        calls.push_back(std::move(call));
        if (kill_at == static_cast<int>(calls.size())) throw Killed{};
    }
    std::optional<Error> refused(const std::string& id) {
        auto at = refusals.find(id);
        if (at == refusals.end() || at->second.empty()) return std::nullopt;
        Error error = at->second.front();
        at->second.erase(at->second.begin());
        return error;
    }
    Observed* by_physical(const std::string& physical) {
        for (Observed& thing : things)
            if (thing.physical_id == physical) return &thing;
        return nullptr;
    }

    std::map<std::string, std::string> by_token_;
    std::map<std::string, int> slow_;
    int serial_ = 0;
};

}  // namespace k3fleet::testing
