// The rules that are shown beside the product's own: what one would have without it.
#pragma once

#include <deque>
#include <optional>

#include "base/time.h"
#include "core/backtest/policy.h"

namespace k3fleet::backtest {

// A fixed number of nodes, enough for the highest slot of the history, at least min and at most max.
class StaticPeak final : public CountingPolicy {
public:
    explicit StaticPeak(int nodes) : nodes_(nodes) {}
    std::string_view name() const override { return "static"; }
    std::string_view rule() const override { return "always as many nodes as the peak needs, within max"; }
    int start_count(int) const override { return nodes_; }

protected:
    int change(const Observation&, const Fleet&) override { return 0; }

private:
    int nodes_;
};

// The rule the product grew out of, as its code has it and not as its pages say:
//   - its CPU query averages the seven modes that are not idle, so full load reads 100/7 = 14 %: CPU never
//     asks for more and always looks idle;
//   - pending pods, like the other signals, must be there in 3 readings;
//   - a query that fails counts as 0: no nodes either, so it adds `min` every tick, whatever max says;
//   - one time of the last action serves both directions (300 s before going up, 600 s before going down),
//     and bringing the count up to min ignores it;
//   - at max or above every tick ends in an error, so it never comes down again;
//   - nodes that boot are not counted.
// Left out, in its favour: that its function is killed while it waits for a node to join, and that nothing is
// removed when the drain fails.
class OriginRule final : public CountingPolicy {
public:
    std::string_view name() const override { return "origin"; }
    std::string_view rule() const override {
        return "the origin's rule as its code has it, defects included";
    }

protected:
    int change(const Observation& seen, const Fleet& fleet) override;

private:
    struct Reading {
        double cpu, memory, pending;
    };
    std::deque<Reading> readings_;
    std::optional<Timestamp> last_action_;
};

// Target tracking as the HorizontalPodAutoscaler does it for pods, applied to nodes: desired =
// ceil(current * utilisation / target), nothing within a tolerance of 10 %, members that are not ready yet
// taken as idle when it would grow, the highest wish of the last 5 minutes when it would shrink.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
class TargetTracking final : public CountingPolicy {
public:
    explicit TargetTracking(double target_percent) : target_(target_percent) {}
    std::string_view name() const override { return "hpa-like"; }
    std::string_view rule() const override {
        return "target tracking on CPU, 5 min stabilisation on the way down";
    }

protected:
    int change(const Observation& seen, const Fleet& fleet) override;

private:
    struct Wish {
        Timestamp at;
        int nodes;
    };
    double target_;
    std::deque<Wish> wishes_;
};

// Cluster Autoscaler with its documented defaults: pods without a place bring the nodes they need at once
// (nodes on their way counted); a node whose pods ask for less than half of it for 10 minutes, and fit
// elsewhere, goes, one at a time, not within 10 minutes of an addition. Pods are spread evenly and ask for
// what they use. https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
class ClusterAutoscaler final : public CountingPolicy {
public:
    std::string_view name() const override { return "ca-like"; }
    std::string_view rule() const override {
        return "Cluster Autoscaler: pending pods up, 10 min under 50 % down";
    }

protected:
    int change(const Observation& seen, const Fleet& fleet) override;

private:
    std::optional<Timestamp> unneeded_since_;
    std::optional<Timestamp> last_add_;
};

// Karpenter with its documented defaults: pods without a place bring the nodes they need at once; as soon
// as the pods fit on fewer nodes (WhenEmptyOrUnderutilized, consolidateAfter 0s) the others go, at most 10
// % of all at a time, rounded up. All nodes are of one type here, so its choice among types does not show.
// https://karpenter.sh/docs/concepts/disruption/
class Karpenter final : public CountingPolicy {
public:
    std::string_view name() const override { return "karpenter-like"; }
    std::string_view rule() const override {
        return "Karpenter: pending pods up, consolidation by 10 % a slot";
    }

protected:
    int change(const Observation& seen, const Fleet& fleet) override;
};

}  // namespace k3fleet::backtest
