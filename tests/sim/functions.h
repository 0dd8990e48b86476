// What starts functions on AWS, and what a function works with: in some of the scenarios processes run the
// shipped src/lambda on events, instead of ticks straight.
//
// Schedules come straight. Wake-ups, written cluster files and what happens to instances come as messages of
// the queues, in batches that Lambda polls; what a function does not finish comes again, and at last goes to
// the queue of failures.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/simcloud/aws/queues.h"
#include "adapters/simcloud/controller.h"
#include "adapters/simcloud/engine.h"
#include "app/wire.h"
#include "core/model/resource_names.h"

namespace k3fleet::sim {

// A process's way to everything, as app/wire_aws.cc gives it to a function.
class FunctionPorts final : public app::FunctionSite {
public:
    // Both must outlive it. `seen` is told of the cluster file that a tick is made by.
    FunctionPorts(simcloud::Controller& controller, app::Services& services,
                  std::function<void(const model::ClusterIntent&)> seen)
        : controller_(controller), services_(services), seen_(std::move(seen)) {}

    ports::Objects& objects() override { return controller_.objects(); }
    ports::LoopState& state() override { return controller_.state(); }
    ports::Cloud& cloud() override { return controller_.cloud(); }
    ports::Clock& clock() override { return controller_.clock(); }
    ports::Wakeups& wakeups() override { return controller_.wakeups(); }
    const model::HolderId& holder() const override { return services_.holder; }
    Status forget(const model::ClusterName& cluster) override;
    Status inject(const app::SimulatedFault& fault) override;
    Result<app::Services*> services(const model::ClusterIntent& intent) override;
    void note_interruption(const model::InstanceId& instance, Timestamp at) override {
        controller_.note_interruption(instance, at);
    }

private:
    simcloud::Controller& controller_;
    app::Services& services_;
    std::function<void(const model::ClusterIntent&)> seen_;
};

// The queues of a cluster's two functions, what is put into them besides wake-ups, and Lambda's polls.
class Mail {
public:
    Mail(simcloud::Engine& engine, model::Scope scope) : engine_(engine), scope_(std::move(scope)) {}

    // EventBridge: what has happened to instances since the last look, ours or not.
    void look_at_instances();
    // A serving master writes the join secret every half hour (core/bootstrap): the sign that it serves.
    void write_signs();
    // S3: the cluster's file was written.
    void file_written();

    // When there may be something for this loop's function; empty: nothing waits.
    std::optional<Timestamp> next(model::Loop loop) const;
    struct Batch {
        std::vector<simcloud::QueueMessage> messages;
        std::string event;
    };
    // Empty: nothing could be received after all.
    std::optional<Batch> receive(model::Loop loop);
    // The function has answered: what it does not name as failed is done.
    void settle(model::Loop loop, const Batch& batch, const std::string& answer);
    // Messages that were given up.
    std::size_t failed() const;
    // By masters, since the beginning.
    std::int64_t signs_written() const { return signs_written_; }

private:
    std::string queue_of(model::Loop loop) const;
    void post(const Value& message);
    simcloud::Account& account() const { return engine_.state().account_in(scope_.region); }

    simcloud::Engine& engine_;
    model::Scope scope_;
    std::uint64_t polls_ = 0;
    std::int64_t signs_written_ = 0;
    std::uint64_t posted_ = 0;
    struct Known {
        model::InstanceState state = model::InstanceState::Pending;
        bool notice = false;
    };
    std::map<std::uint64_t, Known> known_;  // By the instance's number.
};

std::string schedule_event();

}  // namespace k3fleet::sim
