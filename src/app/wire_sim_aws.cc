#include "app/wire_sim_aws.h"

#include <utility>

#include "adapters/aws/account.h"
#include "adapters/aws/call_by_name.h"
#include "adapters/local/clock.h"
#include "adapters/local/sqlite_store.h"
#include "adapters/simcloud/k3s_release.h"
#include "adapters/simcloud/simcloud.h"
#include "app/wire_sim.h"
#include "app/wire_sim_crew.h"
#include "aws/recording_api.h"
#include "base/text.h"

namespace k3fleet::app {
namespace {

constexpr const char* kFolder = "/sim-aws";

class SimulatedGround final : public AwsGround, public aws::ApiAccount {
public:
    SimulatedGround(const AccountSettings& settings, const model::ProjectName& project) {
        const simcloud::Account account;
        region_ = settings.region.empty() ? account.region : settings.region;
        project_ = {.project = project, .account = account.number, .region = region_};
        observe_ = settings.on_call;
    }

    Status open(const std::string& state_dir) {
        const std::string folder = state_dir + kFolder;
        using World = local::SqliteStore::Options::World;
        store_ = K3F_TRY_WHILE(format("opening the simulated account in {}", folder),
                               local::SqliteStore::open(folder, {.world = World::Simulated}));
        simcloud::Options options;
        options.advance = [this](simcloud::Engine& engine, Timestamp until) { let_pass(engine, until); };
        sim_ = K3F_TRY_WHILE(format("opening the simulated account in {}", folder),
                             simcloud::Sim::open(store_->objects(), real_, std::move(options)));
        api_ = sim_->api(region_, "user/you");
        if (observe_) {
            const auto now = [this] { return real_.now().time_since_epoch(); };
            measured_.emplace(*api_, now, [this](const aws::Measured& call) { observe_(aws::seen(call)); });
        }
        return {};
    }

    // AwsGround.
    aws::ApiAccount& account() override { return *this; }
    bool simulated() const override { return true; }
    ports::Clock& clock() override { return sim_->clock(); }
    Result<std::string> fetch(const std::string& url) override { return simcloud::k3s_release(url); }
    Status inject(const SimulatedFault& fault) override { return sim_->add_fault(K3F_TRY(fault_of(fault))); }

    // ApiAccount.
    aws::Api& api() override { return measured_ ? static_cast<aws::Api&>(*measured_) : *api_; }
    const std::string& region() const override { return region_; }
    Result<ports::AwsCredentials> credentials() override {
        return ports::AwsCredentials{
            .source = "the simulated account", .access_key_id = "of nobody", .expires_at = {}};
    }
    Result<std::string> endpoint(const std::string&) override {
        return fail(ErrorCode::Refused,
                    "the simulated account has no addresses, and its machines run nothing to log in to");
    }
    std::optional<Duration> clock_offset() const override { return Duration::zero(); }
    std::vector<ports::AwsOperation> operations() const override { return aws::all_operations(); }
    Result<Value> call(const std::string& service, const std::string& operation,
                       const Value& request) override {
        return aws::call_by_name(api(), service, operation, request);
    }

private:
    // The engine is the same all the time, whatever world it holds.
    void let_pass(simcloud::Engine& engine, Timestamp until) {
        if (project_.project.empty()) return engine.advance(until);
        if (!crews_) crews_.emplace(engine, project_);
        crews_->advance(until);
    }

    std::string region_;
    model::Scope project_;
    ports::AwsCallObserver observe_;
    local::SystemClock real_;
    std::unique_ptr<local::SqliteStore> store_;
    std::unique_ptr<simcloud::Sim> sim_;
    std::optional<Crews> crews_;
    std::unique_ptr<aws::Api> api_;
    std::optional<aws::MeasuredApi> measured_;
};

Result<std::unique_ptr<SimulatedGround>> make_ground(const AccountSettings& settings,
                                                     const model::ProjectName& project) {
    if (settings.state_dir.empty())
        return fail(ErrorCode::InvalidArgument,
                    "there is no place for the simulated account\ngive --state-dir DIR, or set HOME");
    auto ground = std::make_unique<SimulatedGround>(settings, project);
    K3F_TRY(ground->open(settings.state_dir));
    return ground;
}

}  // namespace

Result<std::unique_ptr<AwsGround>> simulated_ground(const AccountSettings& settings,
                                                    const model::ProjectName& project) {
    return K3F_TRY(make_ground(settings, project));
}

Result<std::unique_ptr<ports::AwsAccount>> simulated_account(const AccountSettings& settings) {
    return K3F_TRY(make_ground(settings, {}));
}

}  // namespace k3fleet::app
