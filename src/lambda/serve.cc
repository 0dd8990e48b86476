#include "lambda/serve.h"

#include <memory>
#include <optional>

#include "app/wire.h"
#include "base/log.h"
#include "base/text.h"
#include "lambda/function.h"
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
            format("the variable K3FLEET_FUNCTION is '{}': autoscaler or controller is served", kind));
    const std::string cluster = variable("K3FLEET_CLUSTER");
    if (cluster.empty()) return fail(ErrorCode::InvalidArgument, "the variable K3FLEET_CLUSTER is not set");
    return Serves{.loop = model::Loop::Workers, .cluster = model::ClusterName(cluster)};
}

// arn:aws:lambda:REGION:ACCOUNT:function:NAME
std::string account_in(const std::string& arn) {
    const auto parts = split(arn, ':');
    return parts.size() > 4 ? parts[4] : "";
}

// Opens the site with the first event, which says whose account this is: that saves asking AWS.
class Server {
public:
    Server(const Variable& variable, Serves serves) : variable_(variable), serves_(std::move(serves)) {}

    Result<std::string> handle(const Invocation& invocation) {
        log::set_context({{"requestId", invocation.request_id}});
        if (!function_) {
            app::WireSettings settings{.cloud = "aws",
                                       .project = variable_("K3FLEET_PROJECT"),
                                       .home_region = variable_("K3FLEET_HOME_REGION"),
                                       .account_id = account_in(invocation.function_arn)};
            settings.account.variable = variable_;
            site_ = K3F_TRY(app::wire_function(settings));
            function_.emplace(*site_, serves_);
        }
        auto done = function_->handle(invocation);
        if (!done) log::error("the event failed", {{"why", done.error().describe()}});
        return done;
    }

private:
    const Variable& variable_;
    Serves serves_;
    std::unique_ptr<app::FunctionSite> site_;
    std::optional<Function> function_;
};

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
    const auto serves = what_is_served(variable);
    if (!serves) {
        log::error("the function is not set up", {{"why", serves.error().describe()}});
        (void)runtime.report_init_error(serves.error());
        return kCannotServe;
    }
    Server server(variable, *serves);
    const Error end = runtime.serve([&](const Invocation& invocation) { return server.handle(invocation); });
    log::error("no more events can be served", {{"why", end.describe()}});
    return kCannotServe;
}

}  // namespace k3fleet::lambda
