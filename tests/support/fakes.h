// Ports in memory for tests of the tick: as strict as the contracts say,
// and with a crash before or after any call.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/probes.h"
#include "app/tick.h"
#include "base/check.h"
#include "base/text.h"
#include "tests/support/world.h"

namespace k3fleet::testing {

// Thrown where a process would be killed: nothing catches it but the test.
struct Crash {
    std::string where;
};

// Counts every call to the outside, twice: before and after. At the chosen point the "process" ends.
struct CrashPoints {
    int next = 0;
    int crash_at = -1;  // -1: never.
    std::vector<std::string> seen;

    void point(std::string name) {
        seen.push_back(name);
        if (next++ == crash_at) throw Crash{std::move(name)};
    }
    template <typename Call>
    auto around(const std::string& name, Call call) {
        point("before " + name);
        auto result = call();
        point("after " + name);
        return result;
    }
};

// A small cluster that really changes: machines by token, nodes, pods. What a crash cannot undo is kept here.
struct FakeCluster {
    std::map<std::string, model::Instance> instances;  // By id.
    std::map<std::string, std::string> by_token;       // Token -> id, for ever.
    std::vector<model::Node> nodes;
    std::vector<model::Pod> pods;
    std::vector<model::Notify> told;
    model::Signals signals;
    std::string eviction_refusal;  // Not empty: every eviction is blocked with these words.
    int launches = 0;              // Machines really started.
    int answers_to_lose = 0;       // So many launches are applied and answered by an error.
    int lists_to_refuse = 0;       // So many times instances cannot be listed.
    int launches_to_refuse = 0;    // So many launches are throttled before EC2 looks at their token.
    std::map<std::string, int> terminated;

    void load(double cpu, double memory, double pending, Timestamp at) {
        signals.cpu = {cpu, at};
        signals.memory = {memory, at};
        signals.pending = {pending, at};
    }
    // Every machine that runs becomes a Ready node.
    void join_all(Timestamp at) {
        for (auto& [id, instance] : instances) {
            if (!instance.alive() || contains_node(id)) continue;
            instance.state = model::InstanceState::Running;
            nodes.push_back({.name = model::NodeName(id),
                             .uid = model::Uid("uid-" + id),
                             .instance = model::InstanceId(id),
                             .role = instance.role,
                             .ready = true,
                             .created_at = at,
                             .allocatable_cpu = {1900},
                             .allocatable_memory = {3500},
                             .allocatable_pods = 110});
        }
    }
    bool contains_node(const std::string& name) const {
        for (const auto& node : nodes)
            if (node.name.str() == name) return true;
        return false;
    }
    int alive() const {
        int count = 0;
        for (const auto& [id, instance] : instances) count += instance.alive() ? 1 : 0;
        return count;
    }
};

class FakeCloud : public ports::Cloud {
public:
    FakeCloud(FakeCluster& cluster, CrashPoints& points) : cluster_(cluster), points_(points) {}

    Result<std::vector<model::Instance>> instances(const model::ClusterName&) override {
        if (cluster_.lists_to_refuse > 0) {
            --cluster_.lists_to_refuse;
            return fail(ErrorCode::Unavailable, "no answer");
        }
        std::vector<model::Instance> list;
        for (const auto& [id, instance] : cluster_.instances) list.push_back(instance);
        return list;
    }
    Result<std::vector<model::Offering>> offerings(const model::ClusterIntent&) override {
        return some_offerings();
    }

    Result<model::Instance> launch(const ports::LaunchRequest& request) override {
        return points_.around("launch", [&]() -> Result<model::Instance> {
            if (cluster_.launches_to_refuse > 0) {
                --cluster_.launches_to_refuse;
                return fail(ErrorCode::Throttled, "too many calls");
            }
            if (const auto known = cluster_.by_token.find(request.token.str());
                known != cluster_.by_token.end()) {
                const auto& instance = cluster_.instances.at(known->second);
                if (instance.offering != request.offering)
                    return fail(ErrorCode::InvalidArgument, "the token was used with other parameters");
                return instance;
            }
            const std::string id = format("i-{:04}", ++cluster_.launches);
            cluster_.by_token[request.token.str()] = id;
            cluster_.instances[id] = {.id = model::InstanceId(id),
                                      .role = request.role,
                                      .pool = request.pool,
                                      .slot = request.slot,
                                      .offering = request.offering,
                                      .launched_at = now,
                                      .launch_token = request.token};
            if (cluster_.answers_to_lose > 0) {
                --cluster_.answers_to_lose;
                return fail(ErrorCode::DeadlineExceeded, "no answer within 10s");
            }
            return cluster_.instances[id];
        });
    }
    Result<std::vector<model::Instance>> launched_with(const model::ClusterName&,
                                                       const model::Token& token) override {
        std::vector<model::Instance> found;
        if (const auto known = cluster_.by_token.find(token.str()); known != cluster_.by_token.end())
            found.push_back(cluster_.instances.at(known->second));
        return found;
    }
    Status terminate(const model::ClusterName&, const model::Terminate& target) override {
        return points_.around("terminate", [&]() -> Status {
            const auto found = cluster_.instances.find(target.instance.str());
            if (found == cluster_.instances.end()) return {};
            if (found->second.role != target.role || found->second.pool != target.pool)
                return fail(ErrorCode::Refused, "not ours");
            if (found->second.alive()) ++cluster_.terminated[target.instance.str()];
            found->second.state = model::InstanceState::Terminated;
            return {};
        });
    }
    Result<std::optional<model::ClusterName>> owner(const model::InstanceId& instance) override {
        if (!cluster_.instances.contains(instance.str())) return std::nullopt;
        return model::ClusterName("shop");
    }
    Result<std::vector<ports::Resource>> resources(const model::ProjectName&) override {
        return std::vector<ports::Resource>{};
    }

    Timestamp now = kNoon;

private:
    FakeCluster& cluster_;
    CrashPoints& points_;
};

class FakeKubernetes : public ports::Kubernetes {
public:
    FakeKubernetes(FakeCluster& cluster, CrashPoints& points) : cluster_(cluster), points_(points) {}

    Result<std::vector<model::Node>> nodes() override {
        if (away) return fail(ErrorCode::Unavailable, "the API server is away");
        return cluster_.nodes;
    }
    Result<std::vector<model::Pod>> pods() override {
        if (away) return fail(ErrorCode::Unavailable, "the API server is away");
        return cluster_.pods;
    }
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override {
        return std::vector<model::DisruptionBudget>{};
    }
    Status cordon(const model::Cordon& request) override {
        return points_.around("cordon", [&]() -> Status {
            for (auto& node : cluster_.nodes) {
                if (node.name != request.node || node.uid != request.node_uid) continue;
                node.schedulable = request.to == model::Cordon::To::Schedulable;
                return {};
            }
            return fail(ErrorCode::NotFound, "no such node");
        });
    }
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override {
        return points_.around("evict", [&]() -> Result<ports::EvictionAnswer> {
            using Kind = ports::EvictionAnswer::Kind;
            if (!cluster_.eviction_refusal.empty())
                return ports::EvictionAnswer{Kind::Blocked, cluster_.eviction_refusal};
            const auto gone =
                std::erase_if(cluster_.pods, [&](const model::Pod& p) { return p.uid == request.pod_uid; });
            return ports::EvictionAnswer{gone ? Kind::Accepted : Kind::Gone, ""};
        });
    }
    Status delete_node(const model::DeleteNode& request) override {
        return points_.around("delete-node", [&]() -> Status {
            std::erase_if(cluster_.nodes, [&](const model::Node& n) { return n.uid == request.node_uid; });
            return {};
        });
    }

    bool away = false;

private:
    FakeCluster& cluster_;
    CrashPoints& points_;
};

class FakeMetrics : public ports::Metrics {
public:
    explicit FakeMetrics(FakeCluster& cluster) : cluster_(cluster) {}
    model::Signals signals(const std::vector<model::CustomMetric>&, Timestamp) override {
        return cluster_.signals;
    }

private:
    FakeCluster& cluster_;
};

class MemoryLoopState : public ports::LoopState {
public:
    explicit MemoryLoopState(CrashPoints& points) : points_(points) {}

    Result<ports::LoopItem> acquire(const ports::LoopKey& key, const model::HolderId& holder, Duration lease,
                                    Timestamp now) override {
        auto& item = items_[name(key)];
        if (!item.holder.empty() && item.holder != holder && now < item.lease_until)
            return fail(ErrorCode::Conflict, format("{} holds the lease", item.holder.str()));
        item.key = key;
        ++item.fence;
        item.holder = holder;
        item.lease_until = now + lease;
        return item;
    }
    Result<ports::LoopItem> commit(const ports::LoopItem& held, std::string memory, After after) override {
        return points_.around("commit", [&]() -> Result<ports::LoopItem> {
            auto& item = items_[name(held.key)];
            if (item.fence != held.fence || item.version != held.version)
                return fail(ErrorCode::Conflict, "the lease was lost");
            item.memory = std::move(memory);
            ++item.version;
            if (after == After::Release) item.holder = {};
            return item;
        });
    }
    Status release(const ports::LoopItem& held) override {
        auto& item = items_[name(held.key)];
        if (item.fence == held.fence) item.holder = {};
        return {};
    }
    Result<std::optional<ports::LoopItem>> read(const ports::LoopKey& key) override {
        const auto found = items_.find(name(key));
        return found == items_.end() ? std::nullopt : std::optional(found->second);
    }
    Status remove(const ports::LoopItem& held) override {
        items_.erase(name(held.key));
        return {};
    }
    Status set_freeze(const model::ClusterName&, std::optional<model::Freeze> freeze) override {
        freeze_ = std::move(freeze);
        return {};
    }
    Result<std::optional<model::Freeze>> freeze(const model::ClusterName&) override { return freeze_; }

private:
    static std::string name(const ports::LoopKey& key) {
        return key.cluster.str() + (key.loop == model::Loop::Infra ? "#infra" : "#workers");
    }
    CrashPoints& points_;
    std::map<std::string, ports::LoopItem> items_;
    std::optional<model::Freeze> freeze_;
};

class MemoryObjects : public ports::Objects {
public:
    explicit MemoryObjects(CrashPoints& points) : points_(points) {}

    Result<std::optional<ports::Object>> get(const std::string& key) override {
        const auto found = objects.find(key);
        return found == objects.end() ? std::nullopt : std::optional(found->second);
    }
    Result<std::string> put(const std::string& key, std::string_view data,
                            const ports::Condition& condition) override {
        return points_.around("put", [&]() -> Result<std::string> {
            const auto found = objects.find(key);
            using Kind = ports::Condition::Kind;
            if (condition.kind == Kind::IfAbsent && found != objects.end())
                return fail(ErrorCode::Conflict, key + " exists");
            if (condition.kind == Kind::IfMatch &&
                (found == objects.end() || found->second.etag != condition.etag))
                return fail(ErrorCode::Conflict, key + " was changed");
            objects[key] = {std::string(data), format("{}", ++writes_)};
            return objects[key].etag;
        });
    }
    Result<std::vector<std::string>> list(const std::string& prefix, const std::string& after,
                                          int limit) override {
        std::vector<std::string> keys;
        for (const auto& [key, object] : objects)
            if (key.starts_with(prefix) && key > after && std::ssize(keys) < limit) keys.push_back(key);
        return keys;
    }
    Status remove(const std::string& key) override {
        objects.erase(key);
        return {};
    }

    std::map<std::string, ports::Object> objects;

private:
    CrashPoints& points_;
    int writes_ = 0;
};

class FakeNotifier : public ports::Notifier {
public:
    explicit FakeNotifier(FakeCluster& cluster) : cluster_(cluster) {}
    Status notify(const model::ClusterName&, const model::Notify& message) override {
        cluster_.told.push_back(message);
        return {};
    }

private:
    FakeCluster& cluster_;
};

class FakeClock : public ports::Clock {
public:
    Timestamp now() override { return at; }
    Status sleep_until(Timestamp until) override {
        at = std::max(at, until);
        return {};
    }
    Timestamp at = kNoon;
};

class CountingRandom : public ports::Random {
public:
    std::string hex(std::size_t bytes) override { return format("{:0{}x}", ++count_, bytes * 2); }

private:
    int count_ = 0;
};

class InlineExecutor : public ports::Executor {
public:
    void run_all(std::vector<std::function<void()>> jobs) override {
        for (auto& job : jobs) job();
    }
};

// A cluster, and one controller process of it. A new process after a crash = another `services("name")`.
struct Bench {
    FakeCluster cluster;
    CrashPoints points;
    FakeCloud cloud{cluster, points};
    FakeKubernetes kubernetes{cluster, points};
    FakeMetrics metrics{cluster};
    MemoryLoopState state{points};
    MemoryObjects objects{points};
    FakeNotifier notifier{cluster};
    FakeClock clock;
    CountingRandom random;
    InlineExecutor executor;

    app::Services services(const std::string& holder) {
        return {.cloud = cloud,
                .kubernetes = kubernetes,
                .metrics = metrics,
                .state = state,
                .objects = objects,
                .notifier = notifier,
                .clock = clock,
                .random = random,
                .executor = executor,
                .holder = model::HolderId(holder),
                .probe = [this](std::string_view point) {
                    K3F_CHECK(app::place_of_probe(point), "every probe stands in app/probes.h");
                    points.point(std::string(point));
                }};
    }
    void advance(Duration by) {
        clock.at += by;
        cloud.now = clock.at;
    }
};

}  // namespace k3fleet::testing
