#include "lambda/serve.h"

#include <memory>
#include <optional>

#include "app/wire.h"
#include "base/log.h"
#include "base/text.h"
#include "core/model/resource_names.h"
#include "lambda/function.h"
#include "lambda/notifier.h"
#include "lambda/runtime.h"
#include "net/http.h"

namespace k3fleet::lambda {
namespace {

using Variable = std::function<std::string(const std::string&)>;

constexpr const char* kApi = "AWS_LAMBDA_RUNTIME_API";
constexpr int kCannotServe = 1;

Result<Serves> what_is_served(const Variable& variable) {
    const std::string kind = variable("K3FLEET_FUNCTION");
    if (variable("K3FLEET_PROJECT").empty())
        return fail(ErrorCode::InvalidArgument, "the variable K3FLEET_PROJECT is not set");
    if (kind == "controller") return Serves{.loop = model::Loop::Infra, .cluster = {}};
    if (kind != "autoscaler")
        return fail(
            ErrorCode::InvalidArgument,
            format("the variable K3FLEET_FUNCTION is '{}': autoscaler, controller or notifier is served",
                   kind));
    const std::string cluster = variable("K3FLEET_CLUSTER");
    if (cluster.empty()) return fail(ErrorCode::InvalidArgument, "the variable K3FLEET_CLUSTER is not set");
    return Serves{.loop = model::Loop::Workers, .cluster = model::ClusterName(cluster)};
}

// arn:aws:lambda:REGION:ACCOUNT:function:NAME
std::string account_in(const std::string& arn) {
    const auto parts = split(arn, ':');
    return parts.size() > 4 ? parts[4] : "";
}

// Opens the account with the first event, as that is the first moment at which a failure is told to somebody.
class NotifierServer {
public:
    explicit NotifierServer(const Variable& variable) : variable_(variable) {}

    Result<std::string> handle(const Invocation& invocation) {
        if (!notifier_) {
            app::AccountSettings settings;
            settings.variable = variable_;
            site_ = K3F_TRY(app::wire_notifier(settings));
            http_ = net::make_http_client({.clock = &site_->clock()});
            const model::Scope scope{.project = model::ProjectName(variable_("K3FLEET_PROJECT"))};
            notifier_.emplace(site_->secrets(), *http_, site_->clock(), model::names::webhook_secret(scope));
        }
        return notifier_->handle(invocation);
    }

private:
    const Variable& variable_;
    std::unique_ptr<app::NotifierSite> site_;
    std::unique_ptr<net::HttpClient> http_;
    std::optional<Notifier> notifier_;
};

// Opens the site with the first event, which says whose account this is: that saves asking AWS.
class Server {
public:
    Server(const Variable& variable, Serves serves) : variable_(variable), serves_(std::move(serves)) {}

    Result<std::string> handle(const Invocation& invocation) {
        if (!function_) {
            app::WireSettings settings{.cloud = "aws",
                                       .project = variable_("K3FLEET_PROJECT"),
                                       .home_region = variable_("K3FLEET_HOME_REGION"),
                                       .account_id = account_in(invocation.function_arn)};
            settings.account.variable = variable_;
            if (serves_.loop == model::Loop::Infra) settings.reach = app::WireSettings::Reach::Outside;
            site_ = K3F_TRY(app::wire_function(settings));
            function_.emplace(*site_, serves_);
        }
        return function_->handle(invocation);
    }

private:
    const Variable& variable_;
    Serves serves_;
    std::unique_ptr<app::FunctionSite> site_;
    std::optional<Function> function_;
};

// Every event's lines in the log have its id, and whatever fails is there too.
int serve_with(Runtime& runtime, const Handler& handler) {
    const Error end = runtime.serve([&](const Invocation& invocation) {
        log::set_context({{"requestId", invocation.request_id}});
        auto done = handler(invocation);
        if (!done) log::error("the event failed", {{"why", done.error().describe()}});
        return done;
    });
    log::error("no more events can be served", {{"why", end.describe()}});
    return kCannotServe;
}

}  // namespace

bool started_by_lambda(const std::string& program, const Variable& variable) {
    return program.substr(program.rfind('/') + 1) == "bootstrap" || !variable(kApi).empty();
}

int serve(const Variable& variable) {
    log::configure(log::Level::Info, log::Style::JsonLines);
    const std::string api = variable(kApi);
    if (api.empty()) {
        log::error("this program was not started by Lambda", {{"missing", kApi}});
        return kCannotServe;
    }
    const auto http = net::make_http_client();
    Runtime runtime(*http, api);
    if (variable("K3FLEET_FUNCTION") == "notifier" && !variable("K3FLEET_PROJECT").empty()) {
        NotifierServer notifier(variable);
        return serve_with(runtime, [&](const Invocation& invocation) { return notifier.handle(invocation); });
    }
    const auto serves = what_is_served(variable);
    if (!serves) {
        log::error("the function is not set up", {{"why", serves.error().describe()}});
        (void)runtime.report_init_error(serves.error());
        return kCannotServe;
    }
    Server server(variable, *serves);
    return serve_with(runtime, [&](const Invocation& invocation) { return server.handle(invocation); });
}

}  // namespace k3fleet::lambda
