// A controller's process on the simulated AWS: the adapters that production uses, over its own way to the
// account, through its own gate and with the rights of its role. Several may work on one world.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/aws/dynamo_loop_state.h"
#include "adapters/aws/ec2_cloud.h"
#include "adapters/aws/kept_secrets.h"
#include "adapters/aws/master_signs.h"
#include "adapters/aws/remembering_objects.h"
#include "adapters/aws/s3_objects.h"
#include "adapters/aws/sns_notifier.h"
#include "adapters/aws/sqs_wakeups.h"
#include "adapters/simcloud/aws/rights.h"
#include "adapters/simcloud/aws/sim_api.h"
#include "adapters/simcloud/engine_ports.h"
#include "adapters/simcloud/gate.h"
#include "aws/retry/retrying_api.h"
#include "base/prng.h"
#include "core/model/resource_names.h"
#include "ports/executor.h"
#include "ports/random.h"

namespace k3fleet::simcloud {

// Whose rights the function that runs this loop has.
iam::Principal principal_of(model::Loop loop);

// Digits of a seed instead of the system's.
class SeededRandom final : public ports::Random {
public:
    explicit SeededRandom(std::uint64_t seed) : prng_(seed) {}
    std::string hex(std::size_t bytes) override;

private:
    Prng prng_;
};

// One job after the other, in an order of the seed's.
class ShuffledExecutor final : public ports::Executor {
public:
    explicit ShuffledExecutor(std::uint64_t seed) : prng_(seed) {}
    void run_all(std::vector<std::function<void()>> jobs) override;

private:
    Prng prng_;
};

class Controller {
public:
    // Whether what is stored is compressed, which takes a simulation's time and changes nothing else.
    enum class Packing { Plain, Deflated };
    // Engine, gate and rights must outlive it. `scope.cluster` is whose API server and metrics it sees.
    // Machines begin with what `start` gives; empty: with a stand-in, and do what their tags say.
    using StartOf = std::function<Result<aws::Start>(const ports::LaunchRequest&)>;
    Controller(Engine& engine, Gate& gate, const Rights& rights, const model::Scope& scope,
               std::uint64_t seed, Packing packing, StartOf start = {});

    ports::Cloud& cloud() { return cloud_; }
    ports::Kubernetes& kubernetes() { return kubernetes_; }
    ports::Metrics& metrics() { return metrics_; }
    ports::LoopState& state() { return state_; }
    ports::Objects& objects() { return remembering_; }
    ports::Notifier& notifier() { return notifier_; }
    ports::Wakeups& wakeups() { return wakeups_; }
    ports::Secrets& secrets() { return secrets_; }
    Result<std::vector<std::string>> master_addresses(int masters) {
        return cloud_.master_addresses(cluster_, masters);
    }
    // What is seen of nodes from outside the cluster's network, instead of by its API server.
    ports::Kubernetes& signs() { return signs_; }
    void note_interruption(const model::InstanceId& instance, Timestamp at) {
        cloud_.note_interruption(instance, at);
    }
    ports::Clock& clock() { return clock_; }
    ports::Random& random() { return random_; }
    ports::Executor& executor() { return executor_; }

private:
    model::ClusterName cluster_;
    SeededRandom random_;
    ShuffledExecutor executor_;
    GatedClock clock_;
    SimApi account_;
    GatedApi gated_;
    retry::RetryingApi api_;
    EngineKubernetes server_;
    EngineMetrics prometheus_;
    GatedKubernetes kubernetes_;
    GatedMetrics metrics_;
    aws::Ec2Cloud cloud_;
    aws::DynamoLoopState state_;
    aws::S3Objects objects_;
    aws::RememberingObjects remembering_;
    aws::SnsNotifier notifier_;
    aws::SqsWakeups wakeups_;
    aws::KeptSecrets secrets_;
    aws::MasterSigns signs_;
};

}  // namespace k3fleet::simcloud
