// Between a controller and everything outside of it: each call of AWS, of the API server and of the metrics
// passes a gate, which may let it through, refuse it, lose its answer, show something old,
// or never come back.
//
// The simulator and rehearsals put their faults, crashes and interleavings here, so that what stands behind
// (a cloud that works) and what stands before (the production code) know nothing of them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapters/simcloud/engine.h"
#include "aws/api.h"
#include "ports/clock.h"
#include "ports/kubernetes.h"
#include "ports/metrics.h"

namespace k3fleet::simcloud {

// Whether a call of AWS changes something, by the names that AWS keeps to.
bool changes(std::string_view operation);

// One call to the outside.
struct Step {
    std::string_view service;    // "ec2", "s3" …, "kubernetes", "prometheus"
    std::string_view operation;  // "RunInstances", "evict", "signals"
    bool changes = false;        // It changes something outside.
    std::string_view subject{};  // What it is about, where that is one thing with a name.
};

class Gate {
public:
    virtual ~Gate() = default;

    // An error: the call is not made, and this is its answer.
    virtual Status before(const Step& step) = 0;
    // After a call that was made: an error comes instead of its answer.
    virtual Status after(const Step& step) = 0;
    // What the other side said to a call that was made, before any of that is hidden.
    virtual void answered(const Step&, const Status&) {}
    // Whether this answer shows what was true at the last time instead.
    virtual bool stale(const Step&) { return false; }
    // What becomes of samples on their way.
    virtual void distort(const Step&, model::Signals&) {}
    // The time as the controller's machine has it, and waiting until then. An error: it is dead.
    virtual Timestamp now() = 0;
    // How far that is from the world's.
    virtual Duration clock_off() const { return {}; }
    virtual Status wait(Timestamp until) = 0;
};

// Lets everything through at once, at the world's own time; waiting is a jump.
class OpenGate final : public Gate {
public:
    explicit OpenGate(Engine& engine) : engine_(engine) {}
    Status before(const Step&) override { return {}; }
    Status after(const Step&) override { return {}; }
    Timestamp now() override { return engine_.now(); }
    Status wait(Timestamp until) override {
        engine_.advance(until);
        return {};
    }

private:
    Engine& engine_;
};

// Also what signing does on the network: each answer tells the time, a call that was signed at a wrong one is
// refused, and the caller signs with AWS's time from then on.
class GatedApi final : public aws::Api {
public:
    // Both must outlive it.
    GatedApi(aws::Api& inner, Gate& gate) : inner_(inner), gate_(gate) {}
    Status invoke(const aws::Operation& operation, const void* request, void* response,
                  const aws::CallOptions& options) override;

private:
    Status pass(const aws::Operation& operation, const void* request, void* response,
                const aws::CallOptions& options);

    aws::Api& inner_;
    Gate& gate_;
    Duration learnt_{};  // How far off this machine's clock was when a call was refused for it.
};

class GatedKubernetes final : public ports::Kubernetes {
public:
    GatedKubernetes(ports::Kubernetes& inner, Gate& gate) : inner_(inner), gate_(gate) {}
    Result<std::vector<model::Node>> nodes() override;
    Result<std::vector<model::Pod>> pods() override;
    Result<std::vector<model::DisruptionBudget>> disruption_budgets() override;
    Status cordon(const model::Cordon& request) override;
    Result<ports::EvictionAnswer> evict(const model::Evict& request) override;
    Status delete_node(const model::DeleteNode& request) override;

private:
    template <typename Call>
    auto pass(const Step& step, Call call) -> decltype(call());
    // What was answered the last time, and when: for answers that are behind the times.
    template <typename List>
    struct Last {
        List list;
        Timestamp at;
    };
    template <typename List, typename Call>
    Result<List> look(const Step& step, std::optional<Last<List>>& last, Call call);

    ports::Kubernetes& inner_;
    Gate& gate_;
    std::optional<Last<std::vector<model::Node>>> nodes_;
    std::optional<Last<std::vector<model::Pod>>> pods_;
    std::optional<Last<std::vector<model::DisruptionBudget>>> budgets_;
};

class GatedMetrics final : public ports::Metrics {
public:
    GatedMetrics(ports::Metrics& inner, Gate& gate) : inner_(inner), gate_(gate) {}
    model::Signals signals(const std::vector<model::CustomMetric>& custom, Timestamp at) override;

private:
    ports::Metrics& inner_;
    Gate& gate_;
};

class GatedClock final : public ports::Clock {
public:
    explicit GatedClock(Gate& gate) : gate_(gate) {}
    Timestamp now() override { return gate_.now(); }
    Status sleep_until(Timestamp until) override { return gate_.wait(until); }

private:
    Gate& gate_;
};

}  // namespace k3fleet::simcloud
