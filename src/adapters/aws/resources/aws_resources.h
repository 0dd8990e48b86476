// ports::Resources on AWS: every kind below this folder behind one face. What holds for all kinds is done
// here: whose a thing is, nothing is made twice, policies in the words of who asked,
// which refusals only mean "not yet".
#pragma once

#include "adapters/aws/resources/kind.h"
#include "ports/executor.h"

namespace k3fleet::resources {

class AwsResources final : public ports::Resources {
public:
    // References must outlive this. Account and region of the scope are those of the client. What a survey
    // lists is looked at side by side on the executor.
    AwsResources(aws::Api& api, ports::Clock& clock, ports::Executor& executor, model::Scope scope)
        : scope_(std::move(scope)), executor_(executor), context_{api, clock, scope_} {}

    Result<std::optional<Observed>> read(const Resource& resource) override;
    Result<Observed> create(const Resource& resource, const model::Token& token) override;
    Result<Observed> update(const Observed& observed, const Resource& resource) override;
    Result<Removal> remove(const Observed& observed) override;
    Result<std::unique_ptr<ports::Survey>> survey(const model::Scope& scope) override;

private:
    Result<Observed> change(const Implementation& kind, const Observed& observed, const Resource& resource);

    model::Scope scope_;
    ports::Executor& executor_;
    Context context_;
};

}  // namespace k3fleet::resources
