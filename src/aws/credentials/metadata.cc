// Credentials of the machine: the container service and the EC2 instance metadata service.
#include <algorithm>
#include <array>

#include "aws/credentials/answers.h"
#include "aws/credentials/providers.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "net/url.h"

namespace k3fleet::credentials {
namespace {

constexpr std::size_t kMaxAnswerBytes = 256UL << 10;
constexpr const char* kContainerService = "http://169.254.170.2";

bool is_loopback(const net::Url& url) {
    return url.host == "localhost" || url.host == "::1" ||
           (url.host_is_address() && url.host.starts_with("127."));
}

// The hosts that the AWS SDKs allow besides: ECS, and EKS Pod Identity in both families.
bool is_container_host(const net::Url& url) {
    constexpr std::array<std::string_view, 3> kHosts = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    return std::ranges::find(kHosts, url.host) != kHosts.end();
}

class ContainerKeys final : public Provider {
public:
    explicit ContainerKeys(const Outside& outside) : outside_(outside) {}

    std::string describe() const override { return "the container's credentials service"; }

    Result<Credentials> fetch() override {
        const std::string url = K3F_TRY(address());
        net::HttpRequest request{.url = url,
                                 .headers = {{"Accept", "application/json"}},
                                 .body = {},
                                 .timeout = std::chrono::seconds{5},
                                 .max_response_bytes = kMaxAnswerBytes};
        const Secret token = K3F_TRY(authorization());
        if (!token.empty()) request.headers.emplace_back("Authorization", token.reveal());
        const auto response = K3F_TRY_WHILE("asking " + describe(), outside_.direct->send(request));
        if (!response.ok()) return std::unexpected(describe_refusal(response, describe()));
        const Value answer = K3F_TRY(read_json_object(response.body, describe()));
        return read_credentials(answer, {}, describe());
    }

private:
    Result<std::string> address() const {
        const std::string relative = outside_.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
        if (!relative.empty()) {
            if (!relative.starts_with('/'))
                return fail(ErrorCode::InvalidArgument,
                            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with /");
            return kContainerService + relative;
        }
        const std::string full = outside_.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        if (full.empty())
            return fail(ErrorCode::NotFound, "the variable AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
        const auto url = K3F_TRY_WHILE("reading AWS_CONTAINER_CREDENTIALS_FULL_URI", net::parse_url(full));
        if (!url.https() && !is_loopback(url) && !is_container_host(url))
            return fail(ErrorCode::Refused,
                        format("AWS_CONTAINER_CREDENTIALS_FULL_URI would fetch credentials over plain http "
                               "from {}; that is allowed from this machine and AWS's own addresses only",
                               url.host));
        return full;
    }

    Result<Secret> authorization() const {
        const std::string file = outside_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
        std::string token = outside_.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (!file.empty()) {
            auto read = outside_.read_file(file);
            if (!read)
                return fail(ErrorCode::PermissionDenied,
                            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: " + read.error().message);
            token = std::move(read->content);
        }
        Secret trimmed{std::string(trim(token))};
        if (trimmed.reveal().find_first_of("\r\n") != std::string::npos)
            return fail(ErrorCode::InvalidArgument,
                        "the container's authorization token has a line break in it");
        return trimmed;
    }

    const Outside& outside_;
};

class InstanceKeys final : public Provider {
public:
    InstanceKeys(const Outside& outside, Section profile) : outside_(outside), profile_(std::move(profile)) {}

    std::string describe() const override {
        return role_.empty() ? "the EC2 instance's role" : format("the EC2 instance's role '{}'", role_);
    }

    Result<Credentials> fetch() override {
        std::string disabled = outside_.variable("AWS_EC2_METADATA_DISABLED");
        std::ranges::transform(disabled, disabled.begin(),
                               [](char c) { return static_cast<char>(c | 0x20); });
        if (disabled == "true")
            return fail(ErrorCode::NotFound, "the EC2 metadata service is turned off by a variable");
        base_ = K3F_TRY(base());
        auto found = fetch_with(K3F_TRY(session_token()));
        if (!found) return found;
        return extend(std::move(*found));
    }

private:
    using Response = net::HttpResponse;
    static constexpr const char* kRolePath = "/latest/meta-data/iam/security-credentials/";

    Result<std::string> base() const {
        const auto choose = [&](const char* variable, const char* key) {
            auto value = outside_.variable(variable);
            return value.empty() ? profile_.get(key) : value;
        };
        const std::string given =
            choose("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
        if (!given.empty()) {
            K3F_TRY_WHILE("reading AWS_EC2_METADATA_SERVICE_ENDPOINT", net::parse_url(given));
            return given;
        }
        const std::string mode =
            choose("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
        const bool six = mode == "IPv6" || mode == "ipv6";
        return std::string(six ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
    }

    long number(const char* variable, long otherwise, long most) const {
        const std::string text = outside_.variable(variable);
        if (text.empty() || text.size() > 4 ||
            !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
            return otherwise;
        return std::clamp(std::stol(text), 1L, most);
    }

    // The service answers at once or is not there: nothing here waits for long.
    Result<Response> send(net::HttpRequest request) const {
        request.timeout = std::chrono::seconds{number("AWS_METADATA_SERVICE_TIMEOUT", 1, 30)};
        request.max_response_bytes = kMaxAnswerBytes;
        const long tries = number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1, 5);
        auto response = outside_.direct->send(request);
        for (long n = 1; n < tries && (!response || response->status >= 500); ++n)
            response = outside_.direct->send(request);
        return response;
    }

    Result<Secret> session_token() const {
        const auto response = send({.method = "PUT",
                                    .url = net::join_url(base_, "/latest/api/token"),
                                    .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                                    .body = {}});
        if (!response && response.error().code == ErrorCode::Cancelled)
            return std::unexpected(response.error());
        if (!response || response->status == 404 || response->status == 405)
            return fail(ErrorCode::NotFound, "no EC2 metadata service (version 2) answers");
        if (!response->ok()) return std::unexpected(describe_refusal(*response, "the EC2 metadata service"));
        return Secret(std::string(trim(response->body)));
    }

    Result<Response> get(const std::string& path, const Secret& token) const {
        return send({.url = net::join_url(base_, path),
                     .headers = {{"X-aws-ec2-metadata-token", token.reveal()}},
                     .body = {}});
    }

    Result<Credentials> fetch_with(const Secret& token) {
        const auto listed = K3F_TRY(get(kRolePath, token));
        if (listed.status == 404)
            return fail(ErrorCode::NotFound, "the EC2 instance has no role (instance profile)");
        if (!listed.ok()) return std::unexpected(describe_refusal(listed, "the EC2 metadata service"));
        role_ = std::string(trim(std::string_view(listed.body).substr(0, listed.body.find('\n'))));
        if (role_.empty())
            return fail(ErrorCode::NotFound, "the EC2 instance has no role (instance profile)");

        const auto response = K3F_TRY(get(kRolePath + net::percent_encode(role_), token));
        if (!response.ok()) return std::unexpected(describe_refusal(response, "the EC2 metadata service"));
        const Value answer = K3F_TRY(read_json_object(response.body, describe()));
        if (const auto code = answer.string_at("Code", "Success"); code != "Success")
            return fail(ErrorCode::PermissionDenied,
                        format("{} cannot be assumed: the metadata service says {}", describe(), code));
        return read_credentials(answer, {}, describe());
    }

    // While AWS cannot renew them, the service goes on handing out old keys, which AWS goes on accepting:
    // they are used, and asked for again soon.
    Credentials extend(Credentials found) const {
        const Timestamp now = outside_.clock->now();
        if (found.expires && *found.expires <= now) {
            log::warn("the EC2 metadata service hands out expired credentials; they are used all the same",
                      {{"expired", to_rfc3339(*found.expires)}});
            found.expires = now + std::chrono::minutes{10};
        }
        return found;
    }

    const Outside& outside_;
    Section profile_;
    std::string base_;
    std::string role_;
};

}  // namespace

std::unique_ptr<Provider> container_keys(const Outside& outside) {
    return std::make_unique<ContainerKeys>(outside);
}

std::unique_ptr<Provider> instance_keys(const Outside& outside, Section profile) {
    return std::make_unique<InstanceKeys>(outside, std::move(profile));
}

}  // namespace k3fleet::credentials
