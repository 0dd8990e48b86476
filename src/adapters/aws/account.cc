#include "adapters/aws/account.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <utility>

#include "adapters/aws/call_by_name.h"
#include "adapters/local/aws_outside.h"
#include "adapters/local/web.h"
#include "aws/client.h"
#include "aws/endpoints/endpoint.h"
#include "aws/gen/registry.h"
#include "aws/recording_api.h"
#include "aws/value.h"
#include "aws/wire/text.h"
#include "base/text.h"

namespace k3fleet::aws {

namespace {

const char* describe(Protocol protocol) {
    switch (protocol) {
        case Protocol::Ec2: return "ec2";
        case Protocol::Query: return "query";
        case Protocol::Json10: return "json 1.0";
        case Protocol::Json11: return "json 1.1";
        case Protocol::RestJson: return "rest-json";
        case Protocol::RestXml: return "rest-xml";
    }
    return "";
}

const char* describe(Repeat repeat) {
    switch (repeat) {
        case Repeat::Safe: return "safe";
        case Repeat::Token: return "token";
        case Repeat::UniqueName: return "unique-name";
        case Repeat::Precondition: return "precondition";
        case Repeat::Never: return "never";
    }
    return "";
}

// AWS names what only reads by these verbs.
bool only_reads(std::string_view name) {
    static constexpr std::array<std::string_view, 9> kVerbs = {
        "Describe", "Get", "List", "Head", "Lookup", "Query", "Scan", "BatchGet", "Filter"};
    return std::ranges::any_of(kVerbs, [&](std::string_view verb) { return name.starts_with(verb); });
}

// Notes how far AWS's clock, as each answer's Date header says, is from ours.
class ClockNoting final : public net::HttpClient {
public:
    ClockNoting(std::unique_ptr<net::HttpClient> inner, ports::Clock& clock)
        : inner_(std::move(inner)), clock_(clock) {}

    Result<net::HttpResponse> send(const net::HttpRequest& request, net::HttpTrace& trace) override {
        auto answer = inner_->send(request, trace);
        if (!answer) return answer;
        const std::string* date = answer->header("Date");
        if (date == nullptr) return answer;
        if (const auto theirs = wire::read_timestamp(*date)) offset_ms_ = (*theirs - clock_.now()).count();
        return answer;
    }

    std::optional<Duration> offset() const {
        const std::int64_t known = offset_ms_;
        return known == kNone ? std::nullopt : std::optional<Duration>(known);
    }

private:
    static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
    std::unique_ptr<net::HttpClient> inner_;
    ports::Clock& clock_;
    std::atomic<std::int64_t> offset_ms_ = kNone;
};

class Account final : public ApiAccount {
public:
    Account(const AccountOptions& options, ports::Clock& clock, ports::Random& random) : clock_(clock) {
        net::ClientOptions http = local::web_options(options.variable);
        http.clock = &clock;
        http.tls.ca_setting = "the variable AWS_CA_BUNDLE";
        http_ = std::make_unique<ClockNoting>(net::make_http_client(http), clock);
        http.proxy = {};
        direct_ = net::make_http_client(std::move(http));
        using Terminal = local::AwsOutsideOptions::Terminal;
        outside_ = local::make_aws_outside({.variable = options.variable,
                                            .state_folder = options.state_dir,
                                            .terminal = options.person == AccountOptions::Person::AtTerminal
                                                            ? Terminal::Ask
                                                            : Terminal::Absent});
        outside_.http = http_.get();
        outside_.direct = direct_.get();
        outside_.clock = &clock;
        outside_.random = &random;
    }

    Status open(const AccountOptions& options) {
        client_ = K3F_TRY(Client::make(outside_, {.profile = options.profile, .region = options.region}));
        if (options.observe) {
            const auto now = [this] { return clock_.now().time_since_epoch(); };
            measured_.emplace(client_->api(), now,
                              [tell = options.observe](const Measured& call) { tell(seen(call)); });
        }
        return {};
    }

    Api& api() override { return measured_ ? *measured_ : client_->api(); }
    const std::string& region() const override { return client_->settings().region; }
    std::optional<Duration> clock_offset() const override { return http_->offset(); }

    Result<ports::AwsCredentials> credentials() override {
        auto& source = client_->credentials();
        const auto found = K3F_TRY(source.get());
        return ports::AwsCredentials{
            .source = source.describe(), .access_key_id = found.access_key_id, .expires_at = found.expires};
    }

    Result<std::string> endpoint(const std::string& service) override {
        for (const auto& each : registered_operations()) {
            if (each.service != service) continue;
            const auto& rules = client_->settings().rules;
            return K3F_TRY(endpoints::find_endpoint(*each.operation().service, region(), rules)).url;
        }
        return fail(ErrorCode::InvalidArgument, format("this program calls no service '{}'", service));
    }

    std::vector<ports::AwsOperation> operations() const override { return all_operations(); }

    Result<Value> call(const std::string& service, const std::string& name, const Value& request) override {
        return call_by_name(api(), service, name, request);
    }

private:
    ports::Clock& clock_;
    std::unique_ptr<ClockNoting> http_;
    std::unique_ptr<net::HttpClient> direct_;
    credentials::Outside outside_;
    std::unique_ptr<Client> client_;
    std::optional<MeasuredApi> measured_;
};

}  // namespace

Result<std::unique_ptr<ApiAccount>> open_account(const AccountOptions& options, ports::Clock& clock,
                                                 ports::Random& random) {
    auto account = std::make_unique<Account>(options, clock, random);
    K3F_TRY(account->open(options));
    return account;
}

ports::AwsCallSeen seen(const Measured& call) {
    const CallReport& report = call.report;
    std::string outcome = report.status == 0 ? "no answer" : format("{}", report.status);
    if (call.error != nullptr && !call.error->provider_code.empty()) outcome = call.error->provider_code;
    return {.service = call.operation.service->id,
            .operation = call.operation.name,
            .outcome = std::move(outcome),
            .request_id = report.request_id,
            .tries = report.tries,
            .took = call.took};
}

std::vector<ports::AwsOperation> all_operations() {
    std::vector<ports::AwsOperation> all;
    for (const auto& each : registered_operations()) {
        const Operation& operation = each.operation();
        all.push_back({.service = std::string(each.service),
                       .name = std::string(each.name),
                       .protocol = describe(operation.service->protocol),
                       .repeat = describe(operation.repeat),
                       .reads = only_reads(each.name)});
    }
    return all;
}

}  // namespace k3fleet::aws
