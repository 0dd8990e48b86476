// SSM on machines: who is there, commands with their results, and AWS's public parameters.
//
// A command takes its time: SSM knows it a moment later, tells the agent, and the agent runs the script. Of a
// machine whose agent is away it says so only when the time for delivery is over.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
#include <algorithm>
#include <charconv>
#include <regex>
#include <utility>

#include "adapters/simcloud/aws/documents.h"
#include "adapters/simcloud/engine.h"
#include "aws/gen/ssm.h"
#include "base/json.h"
#include "base/ranges.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

namespace ssm = aws::ssm;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kKept = 1'000;
constexpr std::size_t kMostInstances = 50;
constexpr std::size_t kMaxOutput = 24'000;
constexpr std::size_t kMaxError = 8'000;
constexpr std::int64_t kDelivery = 3'600;  // Seconds, unless the request says.
constexpr std::int64_t kUnplayed = 127;    // As a shell ends that does not find the command.

// Assumptions: AWS publishes no figures.
Duration within(Prng random, Duration least, Duration most) {
    return least + Duration{static_cast<std::int64_t>(random.uniform() * double((most - least).count()))};
}

// What the engine knows of a machine; null: nothing, or nothing any more.
const SimInstance* machine(const Call& call, const std::string& id) {
    const auto found = call.account.ec2.machines.find(id);
    return found == call.account.ec2.machines.end() ? nullptr
                                                    : call.engine.find_instance(found->second.number);
}

// An agent registers when its machine has run for a while.
std::optional<Timestamp> registered_at(const Call& call, const std::string& id) {
    const SimInstance* instance = machine(call, id);
    if (instance == nullptr || !instance->running_at) return std::nullopt;
    return *instance->running_at + within(call.dice("ssm-register", id), seconds{5}, seconds{25});
}

bool is_online(const Call& call, const std::string& id, Timestamp at) {
    const SimInstance* instance = machine(call, id);
    const auto since = registered_at(call, id);
    if (!since || *since > at || (instance->ended_at && *instance->ended_at <= at)) return false;
    return std::ranges::none_of(call.engine.state().faults, [&](const Fault& fault) {
        return fault.kind == FaultKind::AgentOffline && fault.active(at) &&
               (fault.argument.empty() || fault.argument == id);
    });
}

Status needs_everything(const Call& call, Needs& needs) {
    needs.add(format("ssm:{}", call.operation.name), "*");
    return {};
}
Status needs_list(const Call& call, const ssm::DescribeInstanceInformationRequest&, Needs& needs) {
    return needs_everything(call, needs);
}
Status needs_result(const Call& call, const ssm::GetCommandInvocationRequest&, Needs& needs) {
    return needs_everything(call, needs);
}

Result<ssm::DescribeInstanceInformationResponse> list(
    Call& call, const ssm::DescribeInstanceInformationRequest& request) {
    const aws::List<std::string>* wanted = nullptr;
    for (const auto& filter : request.filters) {
        if (filter.key != "InstanceIds" || filter.values.empty())
            return refuse("InvalidFilterKey",
                          format("The filter {} is not simulated", filter.key.value_or("")));
        wanted = &filter.values;
    }
    const std::int32_t most = request.max_results.value_or(50);
    if (most < 5 || most > 50) return refuse("ValidationException", "MaxResults must be between 5 and 50");
    const std::string after = request.next_token.value_or("");
    ssm::DescribeInstanceInformationResponse answer;
    for (const auto& [id, one] : call.account.ec2.machines) {
        const auto since = registered_at(call, id);
        if (id <= after || !since || *since > call.now) continue;
        if (wanted != nullptr && !contains(*wanted, id)) continue;
        if (std::ssize(answer.instance_information_list) == most) {
            answer.next_token = answer.instance_information_list.back().instance_id;
            break;
        }
        const bool online = is_online(call, id, call.now);
        const SimInstance& instance = *machine(call, id);
        const Timestamp heard = online ? call.now : std::max(*since, instance.ended_at.value_or(*since));
        answer.instance_information_list.push_back({.instance_id = id,
                                                    .ping_status = online ? "Online" : "ConnectionLost",
                                                    .last_ping_date_time = heard,
                                                    .agent_version = "3.3.0.0",
                                                    .platform_type = "Linux",
                                                    .platform_name = "Amazon Linux",
                                                    .resource_type = "EC2Instance"});
    }
    return answer;
}

Status needs_send(const Call& call, const ssm::SendCommandRequest& request, Needs& needs) {
    needs.add("ssm:SendCommand", document_arn(call, request.document_name),
              document_context(call, request.document_name));
    for (const std::string& id : request.instance_ids) {
        iam::Context context;
        if (const auto found = call.account.ec2.machines.find(id); found != call.account.ec2.machines.end())
            for (const auto& [key, value] : found->second.tags) {
                context.set("aws:ResourceTag/" + key, {value});
                context.set("ssm:resourceTag/" + key, {value});
            }
        needs.add("ssm:SendCommand", call.arn("ec2", "instance/" + id), std::move(context));
    }
    return {};
}

std::unexpected<Error> wrong_parameter(std::string_view name, std::string_view why) {
    return refuse("InvalidParameters", format("Parameter {}: {}", name, why));
}

// A text is what the document lets it be.
Status check_value(std::string_view name, const Value& rule, const std::string& text) {
    if (const std::string* pattern =
            rule.find("allowedPattern") ? rule.find("allowedPattern")->as_string() : nullptr) {
        try {
            if (!std::regex_search(text, std::regex(*pattern)))
                return wrong_parameter(name, format("the value does not match {}", *pattern));
        } catch (const std::regex_error&) {
            return refuse("InvalidDocumentContent",
                          format("allowedPattern of {} is no regular expression", name));
        }
    }
    const Value* allowed = rule.find("allowedValues");
    if (allowed != nullptr && !contains(allowed->items(), Value(text)))
        return wrong_parameter(name, "the value is not one of those that are allowed");
    return {};
}

Status check_parameters(const std::string& content, const aws::Map<aws::List<std::string>>& given) {
    const auto document = json::parse(content);
    const Value nothing = Value::object();
    const Value* rules = document ? document->find("parameters") : nullptr;
    if (rules == nullptr) rules = &nothing;
    for (const auto& [name, values] : given) {
        const Value* rule = rules->find(name);
        if (rule == nullptr) return wrong_parameter(name, "the document has none of that name");
        if (rule->string_at("type") == "String" && values.size() != 1)
            return wrong_parameter(name, "one value, not a list");
        for (const std::string& text : values) K3F_TRY(check_value(name, *rule, text));
    }
    for (const auto& [name, position, rule] : rules->members())
        if (rule.find("default") == nullptr && !given.contains(name))
            return wrong_parameter(name, "the document needs it");
    return {};
}

Status check_send(Call& call, const ssm::SendCommandRequest& request) {
    const std::size_t count = request.instance_ids.size();
    if (count == 0 || count > kMostInstances)
        return refuse("ValidationException", "InstanceIds must have length between 1 and 50");
    const std::int64_t delivery = request.timeout_seconds.value_or(kDelivery);
    if (delivery < 30 || delivery > 2'592'000)
        return refuse("ValidationException", "TimeoutSeconds must be between 30 and 2592000");
    if (request.comment.value_or("").size() > 100)
        return refuse("ValidationException", "Comment must have length less than or equal to 100");
    for (const std::string& id : request.instance_ids) {
        const auto since = registered_at(call, id);
        const SimInstance* instance = machine(call, id);
        if (!since || *since > call.now || instance->ended_at)
            return refuse("InvalidInstanceId", format("Instances [[{}]] not in a valid state for account {}",
                                                      id, call.account.number));
    }
    return {};
}

RunOutcome outcome_of(const Call& call, const std::string& document) {
    const auto found = call.account.commands.outcomes.find(document);
    if (found != call.account.commands.outcomes.end()) return found->second;
    return {.exit_code = kUnplayed, .error = format("nobody in this world plays {}", document)};
}

Result<ssm::SendCommandResponse> send(Call& call, const ssm::SendCommandRequest& request) {
    const RunDocument& document = *K3F_TRY(find_document(call, request.document_name));
    if (document.type != "Command")
        return refuse("InvalidDocument", format("{} is a document for sessions", document.name));
    const std::int64_t version = K3F_TRY(read_version(document, request.document_version));
    K3F_TRY(check_send(call, request));
    K3F_TRY(check_parameters(document.versions[static_cast<std::size_t>(version - 1)], request.parameters));
    auto& all = call.account.commands;
    Prng random = call.dice("ssm-command", std::to_string(++all.sent));
    RunCommand command{.document = document.name, .version = version};
    command.id =
        format("{:08x}-{:04x}-4000-8000-{:012x}", random.next() >> 32, random.next() >> 48, all.sent);
    command.comment = request.comment.value_or("");
    for (const auto& [name, values] : request.parameters)
        command.parameters[name] = std::vector<std::string>(values.begin(), values.end());
    command.sent_at = call.now;
    command.given_up_at = call.now + seconds{request.timeout_seconds.value_or(kDelivery)};
    command.outcome = outcome_of(call, document.name);
    for (const std::string& id : request.instance_ids) {
        const Prng own = random.fork(mix_text(id));
        command.instance = id;
        command.shown_at = call.now + within(own.fork(1), milliseconds{0}, milliseconds{800});
        command.starts_at = call.now + within(own.fork(2), milliseconds{200}, seconds{3});
        command.ends_at = command.starts_at + within(own.fork(3), milliseconds{300}, seconds{8});
        all.commands.push_back(command);
    }
    if (all.commands.size() > kKept)
        all.commands.erase(all.commands.begin(), all.commands.begin() + kKept / 2);
    ssm::SendCommandResponse answer;
    auto& shown = answer.command.emplace();
    shown.command_id = command.id;
    shown.document_name = document.name;
    shown.document_version = std::to_string(version);
    shown.comment = command.comment;
    shown.instance_ids = request.instance_ids;
    shown.requested_date_time = call.now;
    shown.status = shown.status_details = "Pending";
    return answer;
}

// Status and what SSM says more of it; done: there is an exit code.
struct Progress {
    const char* status;
    const char* details;
    bool done = false;
};

// A machine whose agent was away gets the command as soon as it is back, while the time for delivery lasts.
void deliver_late(const Call& call, RunCommand& command) {
    if (call.now <= command.starts_at || call.now >= command.given_up_at) return;
    if (is_online(call, command.instance, command.starts_at)) return;
    if (!is_online(call, command.instance, call.now)) return;
    command.ends_at += call.now - command.starts_at;
    command.starts_at = call.now;
}

Progress progress_of(const Call& call, const RunCommand& command) {
    const SimInstance* instance = machine(call, command.instance);
    const bool delivered = is_online(call, command.instance, command.starts_at);
    if (!delivered && call.now >= command.given_up_at) return {"TimedOut", "DeliveryTimedOut"};
    if (!delivered || call.now < command.starts_at) return {"Pending", "Pending"};
    if (instance->ended_at && *instance->ended_at < std::min(call.now, command.ends_at))
        return {"Failed", "Undeliverable"};
    if (call.now < command.ends_at) return {"InProgress", "InProgress"};
    return command.outcome.exit_code == 0 ? Progress{"Success", "Success", true}
                                          : Progress{"Failed", "Failed", true};
}

Result<ssm::GetCommandInvocationResponse> result(Call& call,
                                                 const ssm::GetCommandInvocationRequest& request) {
    auto& all = call.account.commands.commands;
    const auto found = std::ranges::find_if(all, [&](const RunCommand& command) {
        return command.id == *request.command_id && command.instance == *request.instance_id;
    });
    if (found == all.end() || call.now < found->shown_at)
        return refuse("InvocationDoesNotExist",
                      "The command ID and managed node ID you specified did not match any invocations.");
    deliver_late(call, *found);
    const Progress progress = progress_of(call, *found);
    ssm::GetCommandInvocationResponse answer{.command_id = found->id, .instance_id = found->instance};
    answer.comment = found->comment;
    answer.document_name = found->document;
    answer.document_version = std::to_string(found->version);
    answer.status = progress.status;
    answer.status_details = progress.details;
    answer.response_code = progress.done ? static_cast<std::int32_t>(found->outcome.exit_code) : -1;
    answer.standard_output_content = progress.done ? found->outcome.output.substr(0, kMaxOutput) : "";
    answer.standard_error_content = progress.done ? found->outcome.error.substr(0, kMaxError) : "";
    return answer;
}

// Public parameters are AWS's own: their ARNs have no account.
Status needs_parameter(const Call& call, const ssm::GetParameterRequest& request, Needs& needs) {
    const std::string name = request.name.value_or("");
    const bool ours = !name.starts_with("/aws/");
    needs.add("ssm:GetParameter",
              format("arn:aws:ssm:{}:{}:parameter{}{}", call.account.region, ours ? call.account.number : "",
                     name.starts_with('/') ? "" : "/", name));
    return {};
}

Result<ssm::GetParameterResponse> parameter(Call& call, const ssm::GetParameterRequest& request) {
    constexpr std::string_view kImages = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-";
    const std::string& name = *request.name;
    for (const auto& [image, architecture] : call.account.ec2.images) {
        if (!name.starts_with(kImages) || name.substr(kImages.size()) != architecture) continue;
        ssm::GetParameterResponse answer;
        auto& shown = answer.parameter.emplace();
        shown.name = name;
        shown.type = "String";
        shown.value = Secret(image);
        shown.version = 1;
        shown.arn = format("arn:aws:ssm:{}::parameter{}", call.account.region, name);
        shown.data_type = "text";
        return answer;
    }
    return refuse("ParameterNotFound", format("Parameter {} not found.", name));
}

}  // namespace

void add_commands(Handlers& handlers) {
    handlers.add<ssm::DescribeInstanceInformationRequest>({"Filters", "MaxResults", "NextToken"}, needs_list,
                                                          list);
    handlers.add<ssm::SendCommandRequest>(
        {"InstanceIds", "DocumentName", "DocumentVersion", "TimeoutSeconds", "Comment", "Parameters"},
        needs_send, send);
    handlers.add<ssm::GetCommandInvocationRequest>({"CommandId", "InstanceId"}, needs_result, result);
    handlers.add<ssm::GetParameterRequest>({"Name"}, needs_parameter, parameter);
}

}  // namespace k3fleet::simcloud
