#include "adapters/aws/ssm_remote.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/aws/resources/documents.h"
#include "aws/gen/ssm.h"
#include "base/json.h"
#include "base/text.h"

namespace k3fleet::aws {
namespace {

// SSM tells a machine of a command for that long; its least.
constexpr int kDeliverySeconds = 30;
constexpr int kSends = 2;
constexpr Duration kFirstLook = std::chrono::milliseconds{400};
constexpr Duration kLooksApart = std::chrono::seconds{2};
constexpr std::size_t kMostAgents = 50;  // In a filter.
constexpr std::size_t kLongestComment = 100;
constexpr std::size_t kLongestReason = 256;

// Whatever the order of members; that of a list's items counts, since some are a script's lines.
bool same(const Value& a, const Value& b) {
    if (a.is_object() && b.is_object()) {
        if (a.members().size() != b.members().size()) return false;
        return std::ranges::all_of(a.members(), [&](const auto& member) {
            const Value* other = b.find(member.key);
            return other != nullptr && same(member.value, *other);
        });
    }
    return a.is_array() && b.is_array() ? std::ranges::equal(a.items(), b.items(), same) : a == b;
}

Map<List<std::string>> as_lists(const ports::RemoteParameters& parameters) {
    Map<List<std::string>> lists;
    for (const auto& [name, value] : parameters) lists[name] = {value};
    return lists;
}

bool maybe_arrived(const Error& error) {
    return error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded;
}

std::unexpected<Error> explain(Error error, const model::InstanceId& instance, std::string_view doing) {
    if (error.provider_code == "InvalidInstanceId" || error.provider_code == "TargetNotConnected") {
        error.code = ErrorCode::Unavailable;
        error.message = format(
            "the agent on {} is not connected to Systems Manager\n"
            "is it running, and has it a way out? AWS says: {}",
            instance.str(), error.message);
    }
    return std::unexpected(std::move(error).with(format("{} {}", doing, instance.str())));
}

// Lines of our own scripts begin with "k3fleet: "; what others printed follows.
std::string said(const ssm::GetCommandInvocationResponse& answer) {
    const std::string text = answer.standard_error_content.value_or("");
    std::string own;
    std::string others;
    constexpr std::string_view kOwn = "k3fleet: ";
    for (const std::string& line : split(trim(text), '\n')) {
        std::string& into = line.starts_with(kOwn) ? own : others;
        if (line.starts_with("failed to run commands: exit status")) continue;  // The agent's own words.
        if (!into.empty()) into += '\n';
        into += line.starts_with(kOwn) ? line.substr(kOwn.size()) : line;
    }
    if (!own.empty() && !others.empty()) own += '\n';
    return own + others;
}

// Empty while it runs.
std::optional<Result<std::string>> judged(const ssm::GetCommandInvocationResponse& answer,
                                          const model::InstanceId& instance) {
    const std::string status = answer.status.value_or("");
    const std::string details = answer.status_details.value_or(status);
    if (status == "Pending" || status == "InProgress" || status == "Delayed" || status == "Cancelling")
        return std::nullopt;
    if (status == "Success") return answer.standard_output_content.value_or("");
    if (details == "AccessDenied")
        return fail(ErrorCode::PermissionDenied,
                    format("Systems Manager may not run this on {}", instance.str()));
    if (status == "TimedOut" || details == "Undeliverable" || details == "Terminated")
        return fail(ErrorCode::Unavailable,
                    format("{} did not do it: {}\nis its agent running?", instance.str(), details));
    const std::string why = said(answer);
    return fail(
        ErrorCode::Refused,
        format("{} said no: {}", instance.str(),
               why.empty() ? format("{}, exit code {}", details, answer.response_code.value_or(-1)) : why));
}

}  // namespace

SsmRemote::SsmRemote(Api& api, ports::Clock& clock, SsmOptions options)
    : api_(api), clock_(clock), options_(std::move(options)) {}

Result<std::vector<ports::RemoteAgent>> SsmRemote::agents(const std::vector<model::InstanceId>& instances) {
    std::vector<ports::RemoteAgent> agents;
    if (instances.empty()) return agents;
    ssm::InstanceInformationStringFilter filter{.key = "InstanceIds", .values = {}};
    for (const auto& id : instances)
        if (filter.values.size() < kMostAgents) filter.values.push_back(id.str());
    const auto answer =
        K3F_TRY_WHILE("asking Systems Manager for agents",
                      api_.call(ssm::DescribeInstanceInformationRequest{.filters = {filter}}, options()));
    for (const auto& id : instances)
        for (const auto& one : answer.instance_information_list)
            if (one.instance_id == id.str())
                agents.push_back({.instance = id,
                                  .online = one.ping_status == "Online",
                                  .last_heard = one.last_ping_date_time.value_or(Timestamp{})});
    return agents;
}

// Whoever may change a document could make masters run anything: what is not ours is not sent.
Result<std::string> SsmRemote::known_version(const resources::SsmDocument& document) {
    const auto answer = api_.call(ssm::GetDocumentRequest{.name = document.name}, options());
    if (!answer &&
        (answer.error().provider_code == "InvalidDocument" || answer.error().code == ErrorCode::NotFound))
        return fail(ErrorCode::NotFound,
                    format("the project has no document {}\nk3fleet init makes it", document.name));
    if (!answer) return std::unexpected(Error(answer.error()).with("reading the document " + document.name));
    if (!same(resources::read_document(answer->content.value_or("")), document.content))
        return fail(ErrorCode::Refused,
                    format("the document {} is not what this version of k3fleet would run\n"
                           "look at it with 'k3fleet plan'; 'k3fleet init' puts it right",
                           document.name));
    return answer->document_version.value_or("$DEFAULT");
}

Result<std::string> SsmRemote::send(const ports::RemoteRun& run, const std::string& version) {
    const ssm::SendCommandRequest request{.instance_ids = {run.instance.str()},
                                          .document_name = run.document.name,
                                          .document_version = version,
                                          .timeout_seconds = kDeliverySeconds,
                                          .comment = run.comment.substr(0, kLongestComment),
                                          .parameters = as_lists(run.parameters)};
    for (int n = 1;; ++n) {
        const auto answer = api_.call(request, options());
        if (answer && answer->command && answer->command->command_id) return *answer->command->command_id;
        if (answer) return fail(ErrorCode::Corrupt, "AWS's answer names no command");
        if (n < kSends && maybe_arrived(answer.error())) continue;  // The same run does nothing twice.
        return explain(answer.error(), run.instance, "sending a command to");
    }
}

Result<std::string> SsmRemote::await(const ports::RemoteRun& run, const std::string& command,
                                     Timestamp deadline) {
    Duration pause = kFirstLook;
    while (true) {
        K3F_TRY(clock_.sleep_until(std::min(clock_.now() + pause, deadline)));
        pause = std::min(pause * 2, kLooksApart);
        const auto answer = api_.call(
            ssm::GetCommandInvocationRequest{.command_id = command, .instance_id = run.instance.str()},
            options());
        if (answer) {
            if (auto end = judged(*answer, run.instance)) return *std::move(end);
        } else if (answer.error().provider_code != "InvocationDoesNotExist" &&
                   answer.error().code != ErrorCode::Throttled && !maybe_arrived(answer.error())) {
            return explain(answer.error(), run.instance, "asking for the result of");
        }
        if (clock_.now() >= deadline)
            return fail(ErrorCode::DeadlineExceeded,
                        format("{} did not end within {}; it may still run (command {})", run.document.name,
                               to_string(run.limit), command));
    }
}

Result<std::string> SsmRemote::run(const ports::RemoteRun& run) {
    const Timestamp deadline = clock_.now() + run.limit;
    const std::string version = K3F_TRY(known_version(run.document));
    const std::string command = K3F_TRY(send(run, version));
    return await(run, command, deadline);
}

Result<ports::RemoteSession> SsmRemote::start_session(const ports::SessionRequest& request) {
    K3F_TRY(known_version(request.document));
    const auto answer = api_.call(ssm::StartSessionRequest{.target = request.instance.str(),
                                                           .document_name = request.document.name,
                                                           .reason = request.reason.substr(0, kLongestReason),
                                                           .parameters = as_lists(request.parameters)},
                                  options());
    if (!answer) return explain(answer.error(), request.instance, "opening a session on");
    if (!answer->session_id || !answer->token_value || !answer->stream_url)
        return fail(ErrorCode::Corrupt, "AWS's answer has no session");
    Value parameters = Value::object();
    for (const auto& [name, value] : request.parameters) parameters.set(name, Value::array({value}));
    return ports::RemoteSession{
        .id = *answer->session_id,
        .answer = Secret(json::write(Value::object({{"SessionId", *answer->session_id},
                                                    {"TokenValue", answer->token_value->reveal()},
                                                    {"StreamUrl", *answer->stream_url}}))),
        .request = json::write(Value::object({{"Target", request.instance.str()},
                                              {"DocumentName", request.document.name},
                                              {"Parameters", std::move(parameters)}})),
        .region = options_.region,
        .endpoint = K3F_TRY(options_.endpoint())};
}

Status SsmRemote::end_session(const ports::RemoteSession& session) {
    const auto answer = api_.call(
        ssm::TerminateSessionRequest{.session_id = session.id},
        {.timeout = options_.timeout, .cancel = net::CancelToken()});  // Also when we were asked to end.
    if (answer || answer.error().provider_code == "DoesNotExistException") return {};
    return std::unexpected(Error(answer.error()).with("ending the session " + session.id));
}

}  // namespace k3fleet::aws
