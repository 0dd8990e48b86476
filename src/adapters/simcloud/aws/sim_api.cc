#include "adapters/simcloud/aws/sim_api.h"

#include <algorithm>

#include "adapters/simcloud/aws/function_interfaces.h"
#include "adapters/simcloud/aws/service.h"
#include "aws/wire/format.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

// All that is simulated; made once, since every world has the same AWS.
const Handlers& handlers() {
    static const Handlers all = [] {
        Handlers made;
        add_ec2_machines(made);
        add_ec2_network(made);
        add_ec2_offers(made);
        add_dynamodb_items(made);
        add_dynamodb_query(made);
        add_dynamodb_tables(made);
        add_dynamodb_settings(made);
        add_s3_objects(made);
        add_s3_buckets(made);
        add_secrets(made);
        add_queues(made);
        add_topics(made);
        add_topic_settings(made);
        add_identity(made);
        add_documents(made);
        add_commands(made);
        add_numbers(made);
        add_ec2_routes(made);
        add_ec2_rules(made);
        add_ec2_gateways(made);
        add_ec2_flow_logs(made);
        add_roles(made);
        add_policies(made);
        add_keys(made);
        add_trails(made);
        add_log_groups(made);
        add_functions(made);
        add_event_sources(made);
        add_event_rules(made);
        add_schedules(made);
        add_s3_settings(made);
        add_alarms(made);
        add_tagged(made);
        add_quotas(made);
        return made;
    }();
    return all;
}

// A token keeps a thing from being made twice. To change or delete it twice is the same as once, and the
// client that speaks to AWS draws a token for each such call.
bool needs_token(const aws::Operation& operation) {
    const std::string_view name = operation.name;
    return operation.repeat == aws::Repeat::Token && !name.starts_with("Update") &&
           !name.starts_with("Delete");
}

// What AWS would do with a member that is not simulated, nobody here knows: so it is an error.
Status check_request(const aws::Operation& operation, const Handler& handler, const void* request) {
    if (operation.input == nullptr) return {};
    for (const aws::Member& member : operation.input->fields()) {
        const bool given = member.access->present(member.in(request));
        if (given && !contains(handler.understood, std::string_view(member.name)))
            return refuse("InvalidParameterCombination",
                          format("{} of {} is not simulated", member.name, operation.name));
        if (!given && member.has(aws::trait::kRequired))
            return refuse("MissingParameter",
                          format("The request must contain the parameter {}", member.name));
        if (!given && member.has(aws::trait::kIdempotencyToken) && needs_token(operation))
            return refuse("MissingParameter",
                          format("{} without {} could be done twice: give one", operation.name, member.name));
    }
    return {};
}

}  // namespace

std::unexpected<Error> refuse(std::string_view aws_code, std::string message, int status) {
    Error error{.code = wire::error_code(aws_code, status), .message = std::move(message)};
    error.provider_code = aws_code;
    return std::unexpected(std::move(error));
}

std::string Call::arn(std::string_view service, std::string_view resource) const {
    return format("arn:aws:{}:{}:{}:{}", service, account.region, account.number, resource);
}

Prng Call::dice(std::string_view purpose, std::string_view which) const {
    return engine.dice(purpose, mix_text(which));
}

SimApi::SimApi(Engine& engine, std::string caller_arn, const Rights* rights, std::string region)
    : engine_(engine), caller_(std::move(caller_arn)), rights_(rights), region_(std::move(region)) {}
SimApi SimApi::root(Engine& engine, std::string region) {
    std::string arn = format("arn:aws:iam::{}:root", engine.state().account.number);
    return {engine, std::move(arn), nullptr, std::move(region)};
}
SimApi::~SimApi() = default;

Status SimApi::invoke(const aws::Operation& operation, const void* request, void* response,
                      const aws::CallOptions& options) {
    aws::CallReport report{.applied = aws::CallReport::Applied::No, .tries = 1, .status = 400};
    Status done = carry_out(operation, request, response);
    if (done) {
        report.applied = aws::CallReport::Applied::Yes;
        report.status = 200;
    }
    if (options.report != nullptr) *options.report = report;
    if (!done)
        return std::unexpected(
            std::move(done).error().with(format("calling {} {}", operation.service->id, operation.name)));
    return done;
}

Status SimApi::carry_out(const aws::Operation& operation, const void* request, void* response) {
    const Handler* handler = handlers().find(operation);
    if (handler == nullptr)
        return refuse("InvalidAction",
                      format("{} {} is not simulated", operation.service->id, operation.name));
    K3F_TRY(check_request(operation, *handler, request));
    Call call{.operation = operation,
              .caller = caller_,
              .account = engine_.state().account_in(region_),
              .home = engine_.state().account,
              .engine = engine_,
              .now = engine_.now()};
    drop_left_interfaces(call.account, call.now);  // Which hold what EC2 is asked for.
    if (rights_ != nullptr) {
        Needs needs;
        K3F_TRY(handler->needs(call, request, needs));
        K3F_TRY(rights_->check(needs.list(), operation.service->id));
    }
    return handler->act(call, request, response);
}

}  // namespace k3fleet::simcloud
